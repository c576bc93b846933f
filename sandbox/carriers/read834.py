"""The carrier's own reading of an 834 (005010X220A1): transaction set to members and coverage lines.

Written apart from Corridor's writer on purpose: a misunderstanding there must show here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from sandbox.carriers.x12 import Segment, Set, element

START_DATES = ("348", "303")
END_DATES = ("349",)
MEMBER_END_DATES = ("357", "349", "303")


@dataclass
class Line:
    """One HD loop: maintenance code, line of coverage (HD03), plan (HD04), tier (HD05) and its dates."""

    code: str
    coverage: str
    plan: str
    tier: str
    dates: dict[str, tuple[date, date | None]] = field(default_factory=dict)

    @property
    def start(self) -> date | None:
        return first_date(self.dates, START_DATES)

    @property
    def end(self) -> date | None:
        spans = (self.dates[name][1] for name in START_DATES if name in self.dates)
        return first_date(self.dates, END_DATES) or next((end for end in spans if end), None)


@dataclass
class MemberRecord:
    """One INS loop (2000)."""

    subscriber: bool
    relation: str
    code: str
    reason: str
    benefit_status: str = ""
    subscriber_id: str = ""
    group: str = ""
    last: str = ""
    first: str = ""
    birth: str = ""
    gender: str = ""
    identifier: str = ""
    old_last: str = ""
    old_first: str = ""
    old_birth: str = ""
    contact: dict[str, str] = field(default_factory=dict)
    dates: dict[str, tuple[date, date | None]] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)

    @property
    def end(self) -> date | None:
        return first_date(self.dates, MEMBER_END_DATES)


@dataclass
class Enrollment:
    """One 834 transaction set. `action` is BGN08: 2 changes, 4 verify (full file), RX replace."""

    control: str
    action: str
    reference: str
    policy: str = ""
    sponsor: str = ""
    members: list[MemberRecord] = field(default_factory=list)

    @property
    def full_file(self) -> bool:
        return self.action in {"4", "RX"}


def first_date(dates: dict[str, tuple[date, date | None]], names: tuple[str, ...]) -> date | None:
    return next((dates[name][0] for name in names if name in dates), None)


def read_enrollment(item: Set) -> Enrollment:
    """Reads a set that passed the syntax check. What it does not know, it leaves alone."""
    bgn = next((segment for segment in item.segments if segment[0] == "BGN"), [])
    enrollment = Enrollment(item.control, element(bgn, 8), element(bgn, 2))
    loop = "header"
    for segment in item.segments:
        if segment[0] == "INS":
            enrollment.members.append(start_member(segment))
            loop = "2000"
        elif loop == "header":
            read_header(enrollment, segment)
        else:
            loop = read_member_segment(enrollment.members[-1], segment, loop)
    return enrollment


def start_member(ins: Segment) -> MemberRecord:
    return MemberRecord(element(ins, 1) == "Y", element(ins, 2), element(ins, 3), element(ins, 4), element(ins, 5))


def read_header(enrollment: Enrollment, segment: Segment) -> None:
    if segment[0] == "REF" and element(segment, 1) == "38":
        enrollment.policy = element(segment, 2)
    elif segment[0] == "N1" and element(segment, 1) == "P5":
        enrollment.sponsor = element(segment, 4) or element(segment, 2)


def read_member_segment(member: MemberRecord, segment: Segment, loop: str) -> str:
    """Takes one segment into the member; returns the loop the reader is in now."""
    name = segment[0]
    if name in {"HD", "NM1", "LX", "LS", "DSB", "COB"}:
        loop = open_loop(member, segment)
    elif name == "DTP":
        read_date(member, segment, loop)
    elif name == "REF" and loop == "2000":
        read_reference(member, segment)
    elif name == "DMG":
        read_demographics(member, segment, loop)
    elif name in {"N3", "N4", "PER"} and loop == "2100A":
        read_contact(member, segment)
    return loop


def open_loop(member: MemberRecord, segment: Segment) -> str:
    name, code = segment[0], element(segment, 1)
    if name == "HD":
        member.lines.append(Line(code, element(segment, 3), element(segment, 4), element(segment, 5)))
        return "2300"
    if name == "NM1" and code in {"IL", "74"}:
        member.last, member.first = element(segment, 3), element(segment, 4)
        member.identifier = element(segment, 9)
        return "2100A"
    if name == "NM1" and code == "70":
        member.old_last, member.old_first = element(segment, 3), element(segment, 4)
        return "2100B"
    return "other"


def read_date(member: MemberRecord, segment: Segment, loop: str) -> None:
    if loop == "2000":
        target = member.dates
    elif loop == "2300":
        target = member.lines[-1].dates
    else:
        return
    first, _, last = element(segment, 3).partition("-")
    start = to_date(first)
    if start:
        target[element(segment, 1)] = (start, to_date(last))


def to_date(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007 - a date, no time of day
    except ValueError:
        return None


def read_reference(member: MemberRecord, segment: Segment) -> None:
    if element(segment, 1) == "0F":
        member.subscriber_id = element(segment, 2)
    elif element(segment, 1) == "1L":
        member.group = element(segment, 2)


def read_demographics(member: MemberRecord, segment: Segment, loop: str) -> None:
    birth = to_date(element(segment, 2))
    if loop == "2100A":
        member.birth = birth.isoformat() if birth else ""
        member.gender = element(segment, 3)
    elif loop == "2100B":
        member.old_birth = birth.isoformat() if birth else ""


def read_contact(member: MemberRecord, segment: Segment) -> None:
    if segment[0] == "N3":
        member.contact |= {"street": " ".join(part for part in segment[1:3] if part)}
    elif segment[0] == "N4":
        member.contact |= {
            "city": element(segment, 1), "state": element(segment, 2), "zip": element(segment, 3)
        }  # fmt: skip
    else:
        numbers = zip(segment[3::2], segment[4::2], strict=False)
        member.contact |= {kind: value for kind, value in numbers if kind}
