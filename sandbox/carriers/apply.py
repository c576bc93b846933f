"""What a maintenance code does to the member table. One Effect for each INS applied, one Refused otherwise."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from sandbox.carriers.members import Coverage, Member, MemberTable, find
from sandbox.carriers.read834 import Enrollment, Line, MemberRecord

ADD, CHANGE, TERMINATE, REINSTATE, AUDIT, DELETE = "021", "001", "024", "025", "030", "002"
ENDING = {TERMINATE, DELETE}


class Refused(Exception):
    """The file is well-formed but this carrier cannot act on the record. The text is the carrier's reason."""


@dataclass
class Effect:
    member: str
    member_id: str
    subscriber_id: str
    code: str
    reason: str = ""
    lines: list[dict[str, str]] = field(default_factory=list)


def apply_record(table: MemberTable, enrollment: Enrollment, record: MemberRecord, today: date) -> Effect:
    """Applies one INS loop and saves the members it touches. Raises Refused without changing anything."""
    if not record.subscriber_id:
        raise Refused("No subscriber number (REF*0F).")
    family = table.family(enrollment.sponsor, record.subscriber_id)
    member = find(family, record)
    if record.code in ENDING and not record.lines:
        touched = end_person(known(member), family, record.end)
    else:
        touched = [maintain(member, family, enrollment, record)]
        if record.code == AUDIT:
            end_unlisted(touched[0], record.lines, today)
    for item in touched:
        table.save(item)
    first = touched[0]
    lines = [line_effect(line) for line in record.lines]
    return Effect(first.key, first.member_id, first.subscriber_id, record.code, record.reason, lines)


def known(member: Member | None) -> Member:
    if member is None:
        raise Refused("This person is not in our member table.")
    return member


def end_person(member: Member, family: list[Member], end: date | None) -> list[Member]:
    """024 without HD: everything of this person ends; with a subscriber the whole family ends."""
    if end is None:
        raise Refused("A termination needs an end date (DTP*357).")
    touched = [member]
    if member.relation == "18":
        touched += [item for item in family if item.row != member.row]
    for item in touched:
        for line in item.lines:
            shorten(line, end)
    return touched


def shorten(line: Coverage, end: date) -> None:
    if not line.end or line.end > end.isoformat():
        line.end = end.isoformat()


def maintain(member: Member | None, family: list[Member], enrollment: Enrollment, record: MemberRecord) -> Member:
    adds = record.code in {ADD, AUDIT} or any(line.code in {ADD, AUDIT} for line in record.lines)
    if member is None and not adds:
        raise Refused("This person is not in our member table.")
    if member is None and not record.subscriber and not any(item.relation == "18" for item in family):
        raise Refused("The subscriber of this dependent is not in our member table.")
    member = member or Member(enrollment.sponsor, record.subscriber_id, record.relation)
    take_details(member, record)
    if record.code == REINSTATE and not record.lines:
        for held in member.lines:
            held.end = ""
    # Endings first: an old plan ends before the new one of the same kind begins.
    for line in sorted(record.lines, key=lambda line: line.code not in ENDING):
        apply_line(member, line, record.end)
    return member


def take_details(member: Member, record: MemberRecord) -> None:
    """Names, dates and contact details as last sent; what is not sent stays."""
    for name in ("last", "first", "birth", "gender", "identifier", "benefit_status"):
        if value := getattr(record, name):
            setattr(member, name, value)
    member.relation = record.relation or member.relation
    member.contact |= record.contact


def apply_line(member: Member, line: Line, member_end: date | None) -> None:
    if line.code in ENDING:
        end_line(member, line, line.end or member_end)
        return
    held = find_line(member, line)
    if held is None or follows(held, line):
        held = Coverage(line.coverage, line.plan, line.tier)
        end_replaced(member, line)
        member.lines.append(held)
    if line.code == REINSTATE:
        reinstate(held, line.start)
    elif line.start:
        held.start = line.start.isoformat()
    held.tier = line.tier or held.tier
    held.end = line.end.isoformat() if line.end else ""


def find_line(member: Member, line: Line) -> Coverage | None:
    same = [item for item in member.lines if item.coverage == line.coverage]
    if line.plan:
        same = [item for item in same if item.plan == line.plan]
    return next((item for item in same if not item.ended), same[-1] if same else None)


def follows(held: Coverage, line: Line) -> bool:
    """The plan goes on after an end, in a new year or with another tier: a stretch of its own, the old one stays."""
    return bool(line.code != REINSTATE and line.start and held.end and line.start.isoformat() > held.end)


def end_line(member: Member, line: Line, end: date | None) -> None:
    if end is None:
        raise Refused("The end of a coverage line needs a date (DTP*349).")
    same = [item for item in member.lines if item.coverage == line.coverage]
    same = [item for item in same if not line.plan or item.plan == line.plan]
    if not same:
        raise Refused(f"This person has no {line.coverage} {line.plan} coverage to end.")
    for item in same:
        shorten(item, end)


def end_replaced(member: Member, line: Line) -> None:
    """A new plan of the same kind of coverage ends the old one the day before."""
    if line.start is None:
        return
    for item in member.lines:
        if item.coverage == line.coverage:
            shorten(item, line.start - timedelta(days=1))


def reinstate(held: Coverage, start: date | None) -> None:
    """Without a gap the old start date stays."""
    gap = start and held.end and start > date.fromisoformat(held.end) + timedelta(days=1)
    if start and (gap or not held.start):
        held.start = start.isoformat()


def end_unlisted(member: Member, lines: list[Line], today: date) -> None:
    """In a full file, a coverage line that is not listed has ended."""
    listed = {(line.coverage, line.plan) for line in lines}
    for held in member.lines:
        if (held.coverage, held.plan) not in listed and held.status(today) in {"active", "pending"}:
            shorten(held, today)


def end_absent(table: MemberTable, sponsor: str, present: set[int], today: date) -> list[Effect]:
    """Ends every member of the sponsor who is not in the full file."""
    effects = []
    for member in table.of_sponsor(sponsor):
        open_lines = [line for line in member.lines if line.status(today) in {"active", "pending"}]
        if member.row in present or not open_lines:
            continue
        for line in open_lines:
            shorten(line, today)
        table.save(member)
        effects.append(Effect(member.key, member.member_id, member.subscriber_id, "absent"))
    return effects


def line_effect(line: Line) -> dict[str, str]:
    return {
        "code": line.code,
        "coverage": line.coverage,
        "plan": line.plan,
        "tier": line.tier,
        "start": line.start.isoformat() if line.start else "",
        "end": line.end.isoformat() if line.end else "",
    }
