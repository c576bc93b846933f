"""Gathers the segments of one member (loops 2000 to 2750) into a `Member`."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from app.integrations.formats.x12.eight34 import Address, Coverage, Identity, Member, Provider
from app.integrations.formats.x12.findings import Severity
from app.integrations.formats.x12.profile import CarrierProfile, EndMeaning

Find = Callable[[Severity, str, str, str, str], None]

_MEMBER_DATES = {
    "301": "cobra_event_on", "303": "maintained_on", "336": "employed_on", "337": "employment_ended_on",
    "340": "cobra_on", "341": "cobra_ends_on", "356": "eligible_on", "357": "ineligible_on",
}  # fmt: skip
_COVERAGE_DATES = {"303": "maintained_on", "348": "start_on", "349": "end_on"}
_CONTACTS = {"HP": "home_phone", "TE": "home_phone", "WP": "work_phone", "CP": "cell_phone", "EM": "email"}
_IGNORED = frozenset({"EC", "ICM", "HLH", "LUI", "IDC", "PLA", "ACT"})
_AMOUNT_PLACES = 18


def _thawed(frozen: type) -> Any:
    """A twin of a frozen class that is four times cheaper to fill: give the object its frozen class afterwards."""
    parts = [(f.name, f.type, dataclasses.field(default=f.default)) for f in dataclasses.fields(frozen)]
    return dataclasses.make_dataclass(f"Thawed{frozen.__name__}", parts, slots=True, eq=False)


_thaw_member = _thawed(Member)
_thaw_coverage = _thawed(Coverage)


class MemberReader:
    """`begin` with INS, give what follows to `handlers` by segment id, `finish`. `find` reports a finding.

    Elements are padded, so every index a handler asks for exists.
    """

    def __init__(self, profile: CarrierProfile | None, find: Find) -> None:
        self._find = find
        self.handlers = {kind: handler.__get__(self) for kind, handler in _HANDLERS.items()}
        self._dates: dict[str, date] = {}
        self._shift = timedelta(days=int(bool(profile and profile.end_means is EndMeaning.FIRST_UNCOVERED_DAY)))
        self._volume = profile.volume_qualifier if profile else ""
        self._plans = {(p.line, p.code): name for name, p in profile.plan_codes.items()} if profile else {}
        self._own_references = _own_references(profile)
        self._values: dict[str, Any] = {}
        self._coverage: dict[str, Any] | None = None
        self._where = ""
        self.open = False

    def begin(self, e: list[str], position: int, ref: str) -> None:
        """INS, segment number `position` of its transaction."""
        self.open = True
        self._where = "member"
        self._coverage = None
        self._values = values = {
            "ref": ref, "position": position, "subscriber": e[1] == "Y", "relationship": e[2], "maintenance": e[3],
            "reason": e[4].strip(), "benefit_status": e[5], "medicare": e[6].strip(), "cobra_event": e[7],
            "employment_status": e[8], "student": e[9], "subscriber_number": "", "last_name": "", "coverages": [],
        }  # fmt: skip
        if e[1] not in ("Y", "N"):
            self._complain(Severity.ERROR, "subscriber-flag", "INS01 says neither Y nor N.", "INS")
        if e[10]:
            values["disabled"] = e[10] == "Y"
        if e[12]:
            values["died_on"] = self.read_date(e[12], "INS")
        if e[17].isdecimal() and len(e[17]) < 10:
            values["birth_sequence"] = int(e[17])

    def skip(self, kind: str) -> None:
        """A segment without handler."""
        if kind not in _IGNORED:
            self._complain(Severity.WARNING, "segment-unknown", "A segment the 834 does not know was skipped.", "")

    def finish(self) -> Member | None:
        """The member gathered so far, None when there is none."""
        if not self.open:
            return None
        self.open = False
        self._close_coverage()
        values = self._values
        values["coverages"] = tuple(values["coverages"])
        for many in ("dates", "references"):
            if many in values:
                values[many] = tuple(values[many])
        for nested, kind in (("address", Address), ("mailing", Address), ("previous", Identity)):
            if nested in values:
                values[nested] = kind(**values[nested])
        member: Member = _thaw_member(**values)
        member.__class__ = Member
        return member

    def read_date(self, text: str, segment: str) -> date | None:
        """CCYYMMDD, or the first day of a CCYYMMDD-CCYYMMDD range; None and a finding when it is no date."""
        known = self._dates.get(text)
        if known is not None:
            return known
        plain = text.strip()
        digits = plain[:8] if len(plain) == 17 and plain[8] == "-" else plain
        try:
            if len(digits) != 8 or not (digits.isascii() and digits.isdecimal()):
                raise ValueError
            on = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        except ValueError:
            self._complain(Severity.ERROR, "date-unreadable", "A date is not a real calendar date.", segment)
            return None
        if len(self._dates) < 100_000:
            self._dates[text] = on
        return on

    def _ref(self, e: list[str]) -> None:
        qualifier, value = e[1], e[2]
        if self._coverage is not None:
            if self._where == "coverage":
                self._coverage.setdefault("references", []).append((qualifier, value))
        elif self._where == "fact":
            self._values["extra_reason"] = value
        elif self._where != "member":
            return
        elif qualifier == "0F":
            self._values["subscriber_number"] = value
        elif qualifier == "1L":
            self._values["group"] = value
        elif qualifier in self._own_references:
            self._values[self._own_references[qualifier]] = value
        else:
            self._values.setdefault("references", []).append((qualifier, value))

    def _dtp(self, e: list[str]) -> None:
        where = self._where
        if where not in ("member", "coverage") or (on := self.read_date(e[3], "DTP")) is None:
            return
        target = self._values if self._coverage is None else self._coverage
        if where == "coverage" and e[1] == "348" and e[2] == "RD8" and len(e[3]) == 17:
            target["end_on"] = self._last_day(self.read_date(e[3][9:], "DTP"))
        name = (_MEMBER_DATES if where == "member" else _COVERAGE_DATES).get(e[1])
        if name is None:
            target.setdefault("dates", []).append((e[1], on))
        else:
            target[name] = self._last_day(on) if name in ("end_on", "ineligible_on") else on

    def _last_day(self, on: date | None) -> date | None:
        return on - self._shift if on and on > date.min else on

    def _nm1(self, e: list[str]) -> None:
        role = e[1]
        if self._coverage is not None:
            self._provider(e)
        elif role in ("IL", "74"):
            self._where = "person"
            self._values |= {"last_name": e[3], "first_name": e[4], "middle_name": e[5], "prefix": e[6], "suffix": e[7]}
            if e[8] == "34":
                self._values["ssn"] = e[9] or None
            elif e[8]:
                self._values["member_number"] = e[9]
        elif role == "70":
            self._where = "previous"
            self._values["previous"] = {"last_name": e[3], "first_name": e[4], "middle_name": e[5]}
            if e[8] == "34":
                self._values["previous"]["ssn"] = e[9] or None
        else:
            self._where = "mailing" if role == "31" else "other"

    def _provider(self, e: list[str]) -> None:
        if self._where != "provider" or self._coverage is None:
            return
        self._coverage["provider"] = Provider(e[9], e[1], e[3], e[4], e[10] == "25")
        self._where = "provider-done"

    def _per(self, e: list[str]) -> None:
        if self._where == "person":
            for at in (3, 5, 7):
                if name := _CONTACTS.get(e[at]):
                    self._values[name] = e[at + 1]

    def _n3(self, e: list[str]) -> None:
        if self._where in ("person", "mailing"):
            name = "address" if self._where == "person" else "mailing"
            self._values.setdefault(name, {}).update(line1=e[1], line2=e[2])

    def _n4(self, e: list[str]) -> None:
        if self._where in ("person", "mailing"):
            name = "address" if self._where == "person" else "mailing"
            parts = {"city": e[1], "state": e[2], "postal": e[3], "country": e[4]}
            self._values.setdefault(name, {"line1": ""}).update(parts)

    def _dmg(self, e: list[str]) -> None:
        target = self._values if self._where == "person" else self._values.get("previous")
        if target is None or self._where not in ("person", "previous"):
            return
        target["birth_on"] = self.read_date(e[2], "DMG") if e[2] else None
        target["gender"] = e[3]
        if self._where == "person":
            target["marital"] = e[4]

    def begin_coverage(self, e: list[str], position: int) -> None:
        """HD, segment number `position` of its transaction."""
        if self._coverage is not None:
            self._close_coverage()
        self._where = "coverage"
        plan = self._plans.get((e[3], e[4]), e[4]) if self._plans else e[4]
        self._coverage = {"maintenance": e[1], "line": e[3], "plan_code": plan, "tier": e[5], "position": position}
        if e[9] == "Y":
            self._coverage["late_enrollment"] = True

    def _amt(self, e: list[str]) -> None:
        if self._coverage is None or self._where != "coverage":
            return
        try:
            amount = Decimal(e[2])
            if not amount.is_finite() or len(e[2]) > _AMOUNT_PLACES:
                raise InvalidOperation
        except InvalidOperation:
            self._complain(Severity.ERROR, "amount-unreadable", "An amount is not a number.", "AMT")
            return
        if e[1] == "P3":
            self._coverage["premium"] = amount
        elif e[1] == self._volume:
            self._coverage["volume"] = amount
        else:
            self._coverage.setdefault("amounts", []).append((e[1], amount))

    def _lx(self, _: list[str]) -> None:
        if self._coverage is not None:
            self._where = "provider"

    def _aside(self, _: list[str]) -> None:
        """A loop Corridor does not use (disability, other insurance): skip its dates and references."""
        self._where = "other"

    def _ls(self, _: list[str]) -> None:
        self._close_coverage()
        self._where = "other"

    def _n1(self, e: list[str]) -> None:
        self._where = "fact" if e[1] == "75" and e[2].upper() == "ADDL MAINT REASON" else "other"

    def _close_coverage(self) -> None:
        values, self._coverage = self._coverage, None
        if values is not None:
            for many in ("dates", "references", "amounts"):
                if many in values:
                    values[many] = tuple(values[many])
            coverage: Coverage = _thaw_coverage(**values)
            coverage.__class__ = Coverage
            self._values["coverages"].append(coverage)

    def _complain(self, severity: Severity, code: str, message: str, segment: str) -> None:
        self._find(severity, code, message, segment, self._values.get("ref", ""))


_HANDLERS: dict[str, Callable[[MemberReader, list[str]], None]] = {
    "REF": MemberReader._ref, "DTP": MemberReader._dtp, "NM1": MemberReader._nm1, "PER": MemberReader._per,
    "N3": MemberReader._n3, "N4": MemberReader._n4, "DMG": MemberReader._dmg, "AMT": MemberReader._amt, "LX": MemberReader._lx, "DSB": MemberReader._aside, "COB": MemberReader._aside,
    "LS": MemberReader._ls, "LE": MemberReader._aside, "N1": MemberReader._n1,
}  # fmt: skip


def _own_references(profile: CarrierProfile | None) -> dict[str, str]:
    """REF qualifier → field, by the profile's dialect."""
    if profile is None:
        return {}
    asked = {
        profile.class_qualifier: "class_code",
        profile.division_qualifier: "division",
        profile.location_qualifier: "location",
    }
    return {qualifier: name for qualifier, name in asked.items() if qualifier}
