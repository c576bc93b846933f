"""The carrier's own data against ours. Agreement must be seen in a row; silence is never good news."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from app.feeds.rules.words import Code, Owner, Severity


@dataclass(frozen=True, slots=True)
class Row:
    """One coverage of one person as the carrier has it. `person`: our member key, "" when we know nobody like that."""

    person: str
    plan: str
    tier: str = ""
    start: date | None = None
    end: date | None = None
    last_name: str = ""
    first_name: str = ""
    birth: date | None = None
    ssn: str = ""
    stranger: str = ""  # keyed digest of who it is, when `person` is empty

    @property
    def canceled(self) -> bool:
        """Never in force over there: as good as no row."""
        return bool(self.start and self.end and self.end < self.start)

    def active(self, today: date) -> bool:
        return not self.canceled and (self.end is None or self.end >= today)


@dataclass(frozen=True, slots=True)
class Ours:
    """One coverage of one person as we have it.

    told: the carrier was told of this version before it wrote its list. due: the list should show it (the carrier had taken the
    syntax, or its time was up).
    """

    person: str
    enrollment: str
    plan: str
    tier: str
    start: date
    end: date | None
    terminated: bool
    told: bool
    due: bool
    subscriber: bool
    last_name: str
    first_name: str
    birth: date | None
    ssn: str


class Finding(NamedTuple):
    """One disagreement. `fingerprint` is the same as long as it is the same disagreement."""

    code: Code
    person: str
    enrollment: str
    plan: str
    ours: str
    theirs: str
    stranger: str = ""

    @property
    def fingerprint(self) -> str:
        return f"{self.code}:{self.person or self.stranger}:{self.plan}"


class Rule(NamedTuple):
    severity: Severity
    owner: Owner
    days: int  # working days until it is due


RULES: Mapping[Code, Rule] = {
    Code.MISSING: Rule(Severity.FAILURE, Owner.CARRIER, 2),
    Code.UNKNOWN: Rule(Severity.WARNING, Owner.HR, 5),
    Code.STILL_ACTIVE: Rule(Severity.FAILURE, Owner.CARRIER, 3),
    Code.ENDED_THERE: Rule(Severity.FAILURE, Owner.CARRIER, 2),
    Code.PLAN: Rule(Severity.FAILURE, Owner.CARRIER, 3),
    Code.TIER: Rule(Severity.FAILURE, Owner.CARRIER, 3),
    Code.START: Rule(Severity.WARNING, Owner.CARRIER, 5),
    Code.END: Rule(Severity.WARNING, Owner.CARRIER, 5),
    Code.NAME: Rule(Severity.INFO, Owner.HR, 10),
    Code.BIRTH: Rule(Severity.WARNING, Owner.EMPLOYEE, 5),
    Code.SSN: Rule(Severity.WARNING, Owner.EMPLOYEE, 5),
}


@dataclass(slots=True)
class Compared:
    """findings: every disagreement. agreed: enrollments seen in the carrier's rows exactly as we have them."""

    findings: list[Finding] = field(default_factory=list)
    agreed: set[str] = field(default_factory=set)
    disputed: set[str] = field(default_factory=set)


def compare(ours: Sequence[Ours], rows: Sequence[Row], today: date) -> Compared:
    """Everything the two sides disagree about, person by person.

    A coverage whose change has not been told, or may still be on its way, is neither missed nor confirmed.
    """
    done = Compared()
    seen: set[str] = set()
    theirs: dict[str, list[Row]] = {}
    for row in rows:
        if row.person:
            theirs.setdefault(row.person, []).append(row)
    mine: dict[str, list[Ours]] = {}
    for item in ours:
        mine.setdefault(item.person, []).append(item)
    for person, items in mine.items():
        _compare_person(done, seen, items, theirs.get(person, []), today)
    known_plans = {(item.person, item.plan) for item in ours}
    for row in rows:
        if row.active(today) and (not row.person or row.person not in mine):
            done.findings.append(Finding(Code.UNKNOWN, row.person, "", row.plan, "", _words(row), row.stranger))
        elif row.active(today) and (row.person, row.plan) not in known_plans and not _explained(mine[row.person]):
            done.findings.append(Finding(Code.UNKNOWN, row.person, "", row.plan, "", _words(row)))
    done.disputed = {finding.enrollment for finding in done.findings if finding.enrollment}
    done.agreed = _agreed(ours, seen) - done.disputed
    return done


def _explained(items: Iterable[Ours]) -> bool:
    """A row in another plan than ours was reported already as a wrong plan."""
    return any(not item.terminated and item.due for item in items)


def _agreed(ours: Sequence[Ours], seen: set[str]) -> set[str]:
    """Enrollments of which every covered person was seen, and whose change was really told."""
    wanted: dict[str, set[str]] = {}
    for item in ours:
        wanted.setdefault(item.enrollment, set()).add(item.person)
    told = {item.enrollment for item in ours if not item.told}
    return {key for key, people in wanted.items() if key not in told and all(f"{key}:{one}" in seen for one in people)}


def _compare_person(done: Compared, seen: set[str], items: list[Ours], rows: list[Row], today: date) -> None:
    for item in items:
        same = [row for row in rows if row.plan == item.plan and not row.canceled]
        row = _best(same, item)
        if item.terminated:
            _compare_ended(done, seen, item, row, items, today)
        elif row is None:
            _complain_missing(done, item, rows, items, today)
        elif item.told:
            found = [*_differences(item, row, today)]
            if not found:
                seen.add(f"{item.enrollment}:{item.person}")
            elif item.due:
                done.findings += found
    if rows and items:
        done.findings += _person_differences(items[0], rows[0])


def _best(rows: list[Row], item: Ours) -> Row | None:
    """Of several rows of one plan, the one that starts when ours does, else the newest."""
    exact = next((row for row in rows if row.start == item.start), None)
    return exact or max(rows, key=lambda row: row.start or date.min, default=None)


def _compare_ended(done: Compared, seen: set[str], item: Ours, row: Row | None, items: list[Ours], today: date) -> None:
    if row is None or not item.told:
        return  # a list of active members leaves ended ones out: no proof either way
    again = any(not other.terminated and other.plan == item.plan for other in items)
    if again and row.start != item.start:
        return  # the row is about the coverage that followed in the same plan
    if row.end == item.end:
        seen.add(f"{item.enrollment}:{item.person}")
    elif item.due and row.end is None and row.active(today):
        done.findings.append(_finding(Code.STILL_ACTIVE, item, _day(item.end), _words(row)))
    elif item.due:
        done.findings.append(_finding(Code.END, item, _day(item.end), _day(row.end)))


def _complain_missing(done: Compared, item: Ours, rows: list[Row], items: list[Ours], today: date) -> None:
    if not item.due:
        return
    plans = {other.plan for other in items}
    stray = next((row for row in rows if row.active(today) and row.plan not in plans), None)
    if stray is not None:
        done.findings.append(_finding(Code.PLAN, item, item.plan, stray.plan))
    else:
        done.findings.append(_finding(Code.MISSING, item, item.plan, ""))


def _differences(item: Ours, row: Row, today: date) -> Iterable[Finding]:
    if not row.active(today) and (item.end is None or item.end >= today):
        yield _finding(Code.ENDED_THERE, item, _day(item.end), _day(row.end))
    elif row.end != item.end and (row.end or item.end):
        yield _finding(Code.END, item, _day(item.end), _day(row.end))
    if item.subscriber and row.tier and item.tier and row.tier != item.tier:
        yield _finding(Code.TIER, item, item.tier, row.tier)
    if row.start is not None and row.start != item.start:
        yield _finding(Code.START, item, _day(item.start), _day(row.start))


def _person_differences(item: Ours, row: Row) -> Iterable[Finding]:
    """Name, birth date and SSN, once per person; a placeholder SSN of the carrier is no SSN."""
    if row.last_name and (_flat(row.last_name), _flat(row.first_name)) != (
        _flat(item.last_name),
        _flat(item.first_name),
    ):
        ours, theirs = f"{item.first_name} {item.last_name}", f"{row.first_name} {row.last_name}"
        yield _personal(Code.NAME, item, ours, theirs)
    if row.birth and item.birth and row.birth != item.birth:
        yield _personal(Code.BIRTH, item, _day(item.birth), _day(row.birth))
    if row.ssn and item.ssn and not placeholder(row.ssn) and row.ssn != item.ssn:
        yield _personal(Code.SSN, item, _last4(item.ssn), _last4(row.ssn))


def placeholder(ssn: str) -> bool:
    """Not a number somebody has: too short, all digits alike, or a counting row. Carriers invent them for newborns."""
    digits = "".join(character for character in ssn if character.isdigit())
    return len(digits) != 9 or len(set(digits)) == 1 or digits == "123456789" or digits.startswith("000")


def _finding(code: Code, item: Ours, ours: str, theirs: str) -> Finding:
    return Finding(code, item.person, item.enrollment, item.plan, ours, theirs)


def _personal(code: Code, item: Ours, ours: str, theirs: str) -> Finding:
    return Finding(code, item.person, "", "", ours, theirs)


def _flat(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum() and character.isascii())


def _last4(ssn: str) -> str:
    return f"•••-••-{ssn[-4:]}"


def _day(value: date | None) -> str:
    return value.isoformat() if value else ""


def _words(row: Row) -> str:
    name = f"{row.first_name} {row.last_name}".strip()
    period = " to ".join(part for part in (_day(row.start), _day(row.end)) if part)
    return " · ".join(part for part in (name, row.plan, row.tier, period) if part)
