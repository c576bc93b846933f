"""Traps between people: order, tiers, the same person twice."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date

from app.integrations.formats.x12.codes import SPOUSES
from app.integrations.formats.x12.eight34 import Member
from app.integrations.formats.x12.findings import Finding
from app.integrations.formats.x12.member_writer import usable_ssn
from app.integrations.formats.x12.rules.case import Case, Findings, ends

_ALONE = frozenset({"EMP", "IND"})
_WITH_SPOUSE = frozenset({"ESP", "FAM", "TWO", "SPO", "SPC"})
_WITH_ANYONE = _WITH_SPOUSE | {"ECH", "CHD", "DEP", "E1D", "E2D", "E3D", "E5D", "E6D", "E7D", "E8D", "E9D"}


def subscriber_comes_first(case: Case) -> Findings:
    """The subscriber precedes the dependents and all share REF*0F; a change file may name a dependent alone."""
    subscribers = {m.subscriber_number for m in case.transaction.members if m.subscriber}
    seen: set[str] = set()
    leader: Member | None = None
    for member in case.transaction.members:
        if member.subscriber:
            leader = member
            seen.add(member.subscriber_number)
        elif member.subscriber_number in seen:
            continue
        elif member.subscriber_number in subscribers:
            yield case.error("dependent-first", "A dependent stands before the subscriber.", "INS", member)
        elif case.transaction.full or (leader and leader.last_name == member.last_name):
            message = "This dependent's number (REF*0F) is not the subscriber's: the carrier will not find the family."
            yield case.error("family-number-differs", message, "REF", member)


def subscriber_stands_once(case: Case) -> Findings:
    """One INS of a subscriber in a transaction; a second one overwrites the first."""
    counted = Counter(m.subscriber_number for m in case.transaction.members if m.subscriber)
    for member in case.transaction.members:
        if member.subscriber and member.subscriber_number and counted[member.subscriber_number] > 1:
            yield case.warning("subscriber-twice", "This subscriber stands in the file more than once.", "INS", member)


def tier_fits_family(case: Case) -> Findings:
    """Employee-only with dependents listed, or a family tier with none: one of the two is wrong."""
    whole = case.transaction.full or (case.profile is not None and case.profile.dependents_carry_coverage)
    for family in case.transaction.families:
        head = family[0]
        if not head.subscriber or head.maintenance == "024":
            continue
        for coverage in head.coverages:
            if ends(coverage) or not coverage.tier:
                continue
            covered = [m for m in family[1:] if _covered(m, coverage.line, case)]
            adding = case.transaction.full or coverage.maintenance == "021"
            if coverage.tier in _ALONE and covered:
                message = "The tier says employee only, but dependents are covered too."
                yield case.error("tier-too-small", message, "HD", head, coverage.position)
            elif coverage.tier in _WITH_ANYONE and not covered and adding:
                message = "The tier says there are dependents, but none is covered in this file."
                severity = case.error if whole else case.warning
                yield severity("tier-without-dependents", message, "HD", head, coverage.position)


def _covered(member: Member, line: str, case: Case) -> bool:
    if member.subscriber or member.maintenance == "024":
        return False
    if case.profile is not None and not case.profile.dependents_carry_coverage:
        return True
    return any(c.line == line and not ends(c) for c in member.coverages)


def person_is_covered_once(case: Case) -> Findings:
    """Two employees married to each other, an employee who is also someone's child, a child of two employees."""
    people: dict[str, list[Member]] = defaultdict(list)
    for member in case.transaction.members:
        if ssn := usable_ssn(member.ssn):
            people[ssn].append(member)
    for same in people.values():
        numbers = {m.subscriber_number for m in same}
        if len(numbers) < 2:
            continue
        for member in same:
            if not member.subscriber and _doubly(member, same):
                yield _twice(member, same, case)


def _doubly(member: Member, same: list[Member]) -> bool:
    """One line of the member is also covered in another family."""
    mine = {c.line for c in member.coverages if not ends(c)}
    others = {c.line for m in same if m is not member for c in m.coverages if not ends(c)}
    return bool(mine & others)


def _twice(member: Member, same: list[Member], case: Case) -> Finding:
    if not any(m.subscriber for m in same):
        return case.warning(
            "dependent-twice", "This dependent is covered by two employees for the same line.", "INS", member
        )
    if member.relationship in SPOUSES:
        message = "Both spouses are employees, and one is covered twice: as employee and as spouse."
        return case.warning("spouse-also-employee", message, "INS", member)
    message = "This dependent is also an employee with coverage of their own for the same line."
    return case.warning("dependent-also-employee", message, "INS", member)


def changes_cancel_out(case: Case) -> Findings:
    """An add and an end of one plan of one person in one file: send the net result only.

    Unless one follows the other, as when a plan goes on in a new year or with another tier.
    """
    for members in _by_person(case).values():
        added = {
            (c.line, c.plan_code): c.start_on
            for m in members
            for c in m.coverages
            if c.maintenance == "021" and m.maintenance != "024"
        }
        for member in members:
            for coverage in member.coverages:
                key, end = (coverage.line, coverage.plan_code), coverage.end_on or member.ineligible_on
                if ends(coverage) and key in added and not _follows(added[key], end):
                    message = "This plan is added and ended in the same file. Send only what is left of it."
                    yield case.warning("added-and-ended", message, "HD", member, coverage.position)


def _follows(start: date | None, end: date | None) -> bool:
    return start is not None and end is not None and end < start


def _by_person(case: Case) -> dict[tuple[object, ...], list[Member]]:
    people: dict[tuple[object, ...], list[Member]] = defaultdict(list)
    for member in case.transaction.members:
        key = (member.subscriber_number, member.relationship, member.first_name, member.birth_on)
        people[key].append(member)
    return people


FAMILY_RULES: tuple[Callable[[Case], Findings], ...] = (
    subscriber_comes_first, subscriber_stands_once, tier_fits_family, person_is_covered_once, changes_cancel_out,
)  # fmt: skip
