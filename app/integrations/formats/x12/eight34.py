"""The facts an 834 carries, independent of any carrier's dialect. Code values: 005010X220A1.

All codes are plain strings (the enums in `codes` are strings too), so a file with a code nobody knows still reads.
Dates are calendar dates, money is `Decimal` US dollars. An end date is always the LAST COVERED DAY.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from app.integrations.formats.x12.findings import Finding


@dataclass(frozen=True, slots=True)
class Address:
    line1: str
    city: str = ""
    state: str = ""
    postal: str = ""
    line2: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the carrier wrongly believes the member is (loop 2100B); send it with reason 25."""

    last_name: str
    first_name: str = ""
    middle_name: str = ""
    ssn: str | None = None
    birth_on: date | None = None
    gender: str = ""


@dataclass(frozen=True, slots=True)
class Provider:
    """A chosen doctor or dentist (loop 2310). `role`: P3 primary care, 3D dentist, … `npi`: 10 digits or ""."""

    npi: str = ""
    role: str = "P3"
    last_name: str = ""
    first_name: str = ""
    existing_patient: bool = False


@dataclass(frozen=True, slots=True)
class Coverage:
    """One plan of one member (loop 2300).

    line: HD03 (HLT, DEN, VIS, …). plan_code: HD04, or a key of the profile's plan table. tier: HD05.
    maintenance: HD01. start_on: 348. end_on: 349, the last covered day. maintained_on: 303. premium: AMT*P3.
    volume: insured amount of a life benefit. amounts and references: further (qualifier, value) pairs.
    """

    line: str
    plan_code: str = ""
    tier: str = ""
    maintenance: str = "021"
    start_on: date | None = None
    end_on: date | None = None
    maintained_on: date | None = None
    premium: Decimal | None = None
    volume: Decimal | None = None
    amounts: tuple[tuple[str, Decimal], ...] = ()
    references: tuple[tuple[str, str], ...] = ()
    dates: tuple[tuple[str, date], ...] = ()
    late_enrollment: bool = False
    provider: Provider | None = None
    position: int = 0


@dataclass(frozen=True, slots=True)
class Member:
    """One person (loop 2000).

    ref: the caller's own id, never written to the file; a reader sets "ST02/position of INS".
    subscriber: INS01. relationship: INS02. maintenance: INS03. reason: INS04. benefit_status: INS05. medicare: INS06.
    cobra_event: INS07. employment_status: INS08. student: INS09. disabled: INS10. died_on: INS12.
    birth_sequence: INS17. subscriber_number: REF*0F, shared by the family. group: REF*1L.
    member_number: NM109 with ZZ. ssn: nine digits or None (a newborn). gender: F, M, U. marital: DMG04.
    employed_on/employment_ended_on: 336/337. eligible_on/ineligible_on: 356/357, ineligible_on being the last
    covered day. cobra_event_on/cobra_on/cobra_ends_on: 301/340/341. dates, references: further (qualifier, value).
    extra_reason: loop 2750 "ADDL MAINT REASON" (CANCEL or TERM). position: segment number of INS, 0 when not read.
    """

    ref: str
    subscriber: bool
    relationship: str
    maintenance: str
    subscriber_number: str
    last_name: str
    first_name: str = ""
    middle_name: str = ""
    prefix: str = ""
    suffix: str = ""
    reason: str = ""
    benefit_status: str = "A"
    medicare: str = ""
    cobra_event: str = ""
    employment_status: str = ""
    student: str = ""
    disabled: bool | None = None
    died_on: date | None = None
    birth_sequence: int | None = None
    group: str = ""
    class_code: str = ""
    division: str = ""
    location: str = ""
    member_number: str = ""
    ssn: str | None = None
    birth_on: date | None = None
    gender: str = "U"
    marital: str = ""
    address: Address | None = None
    mailing: Address | None = None
    home_phone: str = ""
    work_phone: str = ""
    cell_phone: str = ""
    email: str = ""
    employed_on: date | None = None
    employment_ended_on: date | None = None
    eligible_on: date | None = None
    ineligible_on: date | None = None
    cobra_event_on: date | None = None
    cobra_on: date | None = None
    cobra_ends_on: date | None = None
    maintained_on: date | None = None
    dates: tuple[tuple[str, date], ...] = ()
    references: tuple[tuple[str, str], ...] = ()
    previous: Identity | None = None
    extra_reason: str = ""
    coverages: tuple[Coverage, ...] = ()
    position: int = 0


@dataclass(frozen=True, slots=True)
class Family:
    """A subscriber and the dependents sent with them. The subscriber always comes first."""

    subscriber: Member
    dependents: tuple[Member, ...] = ()

    @property
    def members(self) -> tuple[Member, ...]:
        return (self.subscriber, *self.dependents)


@dataclass(frozen=True, slots=True)
class Batch:
    """What one file is to say.

    action: BGN08, "2" changes, "4" full file, "RX" full replacement. reference: BGN02, unique for ever (at most 40
    characters). created_at: aware. kind: BGN01, "00" original, "15" re-submission, "22" information copy.
    original_reference: BGN06, the BGN02 this one repeats. effective_on: DTP*007.
    """

    families: Sequence[Family]
    action: str
    reference: str
    created_at: datetime
    kind: str = "00"
    original_reference: str = ""
    effective_on: date | None = None

    @property
    def full(self) -> bool:
        return self.action in ("4", "RX")


@dataclass(frozen=True, slots=True)
class Transaction834:
    """One ST of a file that was read. Counts are the QTY totals by qualifier (TO, DT, ET)."""

    st02: str
    members: tuple[Member, ...]
    isa13: str = ""
    gs06: str = ""
    version: str = ""
    usage: str = ""
    kind: str = ""
    reference: str = ""
    action: str = ""
    original_reference: str = ""
    master_policy: str = ""
    sponsor_name: str = ""
    sponsor_id: str = ""
    payer_name: str = ""
    payer_id: str = ""
    counts: tuple[tuple[str, int], ...] = ()
    dates: tuple[tuple[str, date], ...] = ()

    @property
    def full(self) -> bool:
        return self.action in ("4", "RX")

    @property
    def families(self) -> Iterator[tuple[Member, ...]]:
        """Members grouped by subscriber number, in file order."""
        grouped: dict[str, list[Member]] = {}
        for member in self.members:
            grouped.setdefault(member.subscriber_number, []).append(member)
        return (tuple(members) for members in grouped.values())


@dataclass(frozen=True, slots=True)
class File834:
    """A whole file that was read: its 834 transactions in order, and what the envelope audit found."""

    transactions: tuple[Transaction834, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def members(self) -> tuple[Member, ...]:
        return tuple(member for transaction in self.transactions for member in transaction.members)
