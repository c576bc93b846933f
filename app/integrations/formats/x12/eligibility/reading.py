"""Reads a 271 into facts. Active is only what the carrier calls active; a refusal, silence or an unknown word is never good news."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from app.integrations.failures import Refused
from app.integrations.formats.x12.eligibility import codes
from app.integrations.formats.x12.envelope import Source, TransactionSet, read_x12
from app.integrations.formats.x12.findings import Finding


class Standing(StrEnum):
    ACTIVE = "active"
    INACTIVE = "inactive"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Refusal:
    """An AAA. meaning, what_next: plain words, empty for codes nobody mapped. level: payer, receiver, subscriber or dependent."""

    code: str
    meaning: str
    what_next: str
    level: str


@dataclass(frozen=True, slots=True)
class Benefit:
    """An EB. meaning: plain words of EB01, empty for one nobody mapped. services: EB03. amount: money, percent: a share of 1.

    starts_on, ends_on: of this benefit; where it has none, those of the person. ends_on is the last covered day, as the carrier says it.
    """

    code: str
    meaning: str
    standing: Standing | None
    services: tuple[str, ...] = ()
    level: str = ""
    insurance: str = ""
    plan: str = ""
    amount: Decimal | None = None
    percent: Decimal | None = None
    in_network: str = ""
    starts_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class Eligibility:
    """The answer about one person. trace: our mark of the question. unmapped: words we do not know, as `EB01=ZZ`."""

    trace: str = ""
    dependent: bool = False
    number: str = field(default="", repr=False)
    last_name: str = field(default="", repr=False)
    first_name: str = field(default="", repr=False)
    birth_on: date | None = field(default=None, repr=False)
    starts_on: date | None = None
    ends_on: date | None = None
    benefits: tuple[Benefit, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    unmapped: tuple[str, ...] = ()

    @property
    def standing(self) -> Standing:
        """Of the plan as a whole (service 30); where the carrier says nothing of that, of all it says."""
        told = [one for one in self.benefits if one.standing is not None]
        whole = [one for one in told if not one.services or "30" in one.services] or told
        found = {one.standing for one in whole}
        if self.refusals or not found or Standing.UNKNOWN in found:
            return Standing.UNKNOWN
        return Standing.ACTIVE if Standing.ACTIVE in found else Standing.INACTIVE

    @property
    def plan(self) -> str:
        """The plan's name; empty when the carrier names none, or several."""
        named = {one.plan for one in self.benefits if one.plan and one.standing is Standing.ACTIVE}
        return named.pop() if len(named) == 1 else ""


@dataclass(frozen=True, slots=True)
class Answered:
    """A whole file. refusals, unmapped: what the payer or receiver level refused for everybody in it, and its unknown words."""

    people: tuple[Eligibility, ...]
    refusals: tuple[Refusal, ...] = ()
    unmapped: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def read_271(source: Source) -> Answered:
    """Everybody a file answers about. Raises `Refused`: no X12, or no 271 in it."""
    file = read_x12(source)
    answers = [one for one in file.transactions if one.code == "271"]
    if not answers:
        raise Refused("not-a-271", "The file holds no answer about eligibility (271).")
    readers = [_Reader(one) for one in answers]
    people = tuple(person for reader in readers for person in reader.people())  # reading fills the rest, too
    refusals = tuple(refusal for reader in readers for refusal in reader.general)
    unmapped = tuple(word for reader in readers for word in reader.unmapped)
    return Answered(people, refusals, unmapped, file.findings)


_LEVELS = {"20": "payer", "21": "receiver", "22": "subscriber", "23": "dependent"}


class _Reader:
    """One transaction, segment after segment. general: refusals above any person."""

    def __init__(self, transaction: TransactionSet) -> None:
        self.general: list[Refusal] = []
        self.unmapped: list[str] = []
        self._segments = transaction.segments
        self._repeats = transaction.interchange.delimiters.repetition
        self._level = ""
        self._person: Eligibility | None = None
        self._answered = False  # the person stands for somebody the question was about
        self._inside = False  # of LS…LE: somebody else is named there
        self._found: list[Eligibility] = []

    def people(self) -> list[Eligibility]:
        for elements in self._segments:
            self._take(elements[0], [*(part.strip() for part in elements), *[""] * 14])
        self._end()
        return [_dated(one) for one in self._found]

    def _end(self) -> None:
        """A subscriber who is only named, because the answer is about a dependent, was not asked about."""
        if self._person is not None and self._answered:
            self._found.append(self._person)
        self._person, self._answered, self._inside = None, False, False

    def _take(self, kind: str, e: Sequence[str]) -> None:
        if kind == "HL":
            self._end()
            self._level = _LEVELS.get(e[3], "")
            if self._level in ("subscriber", "dependent"):
                self._person = Eligibility(dependent=self._level == "dependent")
        elif kind == "AAA":
            self._refuse(e)
        elif kind in ("LS", "LE"):
            self._inside = kind == "LS"
        elif self._person is not None and not self._inside:
            self._about(self._person, kind, e)

    def _refuse(self, e: Sequence[str]) -> None:
        refusal = Refusal(e[3], codes.REFUSALS.get(e[3], ""), codes.NEXT.get(e[4], ""), self._level)
        words = ((3, codes.REFUSALS), (4, codes.NEXT))
        unknown = tuple(f"AAA{at:02d}={e[at]}" for at, known in words if e[at] and e[at] not in known)
        if self._person is None:
            self.general.append(refusal)
            self.unmapped += unknown
            return
        refusals, unmapped = (*self._person.refusals, refusal), (*self._person.unmapped, *unknown)
        self._person, self._answered = replace(self._person, refusals=refusals, unmapped=unmapped), True

    def _about(self, person: Eligibility, kind: str, e: Sequence[str]) -> None:
        if kind == "TRN" and e[1] == "2" and not person.trace:
            self._person, self._answered = replace(person, trace=e[2]), True
        elif kind == "NM1" and e[1] in ("IL", "03"):
            self._person = replace(person, last_name=e[3], first_name=e[4], number=e[9])
        elif kind == "DMG":
            self._person = replace(person, birth_on=_day(e[2]))
        elif kind == "EB":
            self._person, self._answered = self._benefit(person, e), True
        elif kind == "DTP":
            self._person = self._date(person, e)

    def _benefit(self, person: Eligibility, e: Sequence[str]) -> Eligibility:
        code = e[1]
        standing = (
            Standing.ACTIVE if code in codes.ACTIVE
            else Standing.INACTIVE if code in codes.INACTIVE
            else Standing.UNKNOWN if code in codes.PENDING or code not in codes.BENEFITS
            else None
        )  # fmt: skip
        unknown = () if code in codes.BENEFITS else (f"EB01={code}",)
        services = tuple(part for part in (e[3].split(self._repeats) if self._repeats else [e[3]]) if part)
        benefit = Benefit(
            code,
            codes.BENEFITS.get(code, ""),
            standing,
            services,
            e[2],
            e[4],
            e[5],
            _number(e[7]),
            _number(e[8]),
            e[12],
        )
        return replace(person, benefits=(*person.benefits, benefit), unmapped=(*person.unmapped, *unknown))

    def _date(self, person: Eligibility, e: Sequence[str]) -> Eligibility:
        kind, (first, last) = e[1], _days(e[2], e[3])
        if kind in codes.OTHER_DATES:
            return person
        if kind not in codes.BEGINS | codes.ENDS | codes.SPANS:
            return replace(person, unmapped=(*person.unmapped, f"DTP01={kind}"))
        starts_on = None if kind in codes.ENDS else first
        ends_on = (last or first) if kind in codes.ENDS else last if kind in codes.SPANS else None
        if starts_on is None and ends_on is None:
            return replace(person, unmapped=(*person.unmapped, f"DTP02={e[2]}"))
        if not person.benefits:
            return replace(person, starts_on=starts_on or person.starts_on, ends_on=ends_on or person.ends_on)
        before = person.benefits[-1]  # a date after an EB is that benefit's own
        dated = replace(before, starts_on=starts_on or before.starts_on, ends_on=ends_on or before.ends_on)
        return replace(person, benefits=(*person.benefits[:-1], dated))


def _dated(person: Eligibility) -> Eligibility:
    """Benefits without dates of their own have those of the person."""
    benefits = tuple(
        replace(one, starts_on=person.starts_on, ends_on=person.ends_on)
        if one.starts_on is None and one.ends_on is None
        else one
        for one in person.benefits
    )
    return replace(person, benefits=benefits)


def _days(kind: str, text: str) -> tuple[date | None, date | None]:
    """D8 is one day, RD8 two with a dash between."""
    first, _, last = text.partition("-")
    return (_day(first), _day(last) if kind == "RD8" else None)


def _day(text: str) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8])) if len(text) == 8 and text.isdecimal() else None
    except ValueError:
        return None


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
