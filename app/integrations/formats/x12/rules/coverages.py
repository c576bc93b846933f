"""Traps of a single coverage (loop 2300)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

from app.integrations.formats.x12.codes import LIFE_LINES, LINES
from app.integrations.formats.x12.eight34 import Coverage, Member
from app.integrations.formats.x12.profile import FullFileCodes
from app.integrations.formats.x12.rules.case import Case, Findings, ends

_USUAL_LINES = LINES.keys() - LIFE_LINES


def coverage_has_date(coverage: Coverage, member: Member, case: Case) -> Findings:
    """Every HD has its own DTP: pyx12 does not see one missing directly before another HD."""
    if not (coverage.start_on or coverage.end_on or coverage.maintained_on or coverage.dates):
        message = "This coverage has no date of its own (DTP after HD)."
        yield case.error("coverage-without-date", message, "HD", member, coverage.position)


def coverage_ends_after_start(coverage: Coverage, member: Member, case: Case) -> Findings:
    """349 is not before 348."""
    if coverage.start_on and coverage.end_on and coverage.end_on < coverage.start_on:
        message = "Coverage ends (349) before it starts (348)."
        yield case.error("ends-before-start", message, "DTP", member, coverage.position)


def ended_coverage_has_end(coverage: Coverage, member: Member, case: Case) -> Findings:
    """HD01 = 024 needs 349."""
    if coverage.maintenance == "024" and coverage.end_on is None and member.ineligible_on is None:
        message = "This coverage ends (HD01 024), but no date (349) says when."
        yield case.error("end-without-date", message, "HD", member, coverage.position)


def started_coverage_has_start(coverage: Coverage, member: Member, case: Case) -> Findings:
    """HD01 = 021 or 025 needs 348."""
    if coverage.maintenance in ("021", "025") and coverage.start_on is None:
        message = "This coverage begins, but no date (348) says when."
        yield case.error("start-without-date", message, "HD", member, coverage.position)


def no_add_in_full_file(coverage: Coverage, member: Member, case: Case) -> Findings:
    """021 inside a full file: the carrier may enroll the person twice. Some carriers ask for real codes, though."""
    if not case.transaction.full or "021" not in (member.maintenance, coverage.maintenance):
        return
    message = "An add (021) stands in a full file, where everyone enrolled is 030."
    if case.profile is None:
        yield case.warning("add-in-full-file", message, "HD", member, coverage.position)
    elif case.profile.full_codes is FullFileCodes.AUDIT:
        yield case.error("add-in-full-file", message, "HD", member, coverage.position)


def line_is_known(coverage: Coverage, member: Member, case: Case) -> Findings:
    """HD03 is in the guide, or the profile allows life lines."""
    if coverage.line in _USUAL_LINES or (case.profile and coverage.line in case.profile.extra_lines):
        return
    message = "The kind of coverage (HD03) is not in the guide; switch on life lines if the carrier takes them."
    yield case.error("line-unknown", message, "HD", member, coverage.position)


def not_too_late(coverage: Coverage, member: Member, case: Case) -> Findings:
    """Starts and ends reach back no further than the carrier allows."""
    if case.profile is None or case.today is None:
        return
    day = coverage.end_on if ends(coverage) else coverage.start_on
    telling = ends(coverage) or coverage.maintenance in ("021", "025")
    if telling and day and (case.today - day).days > case.profile.retro_limit_days:
        message = f"This reaches back more than the {case.profile.retro_limit_days} days the carrier allows: call them."
        yield case.error("too-far-back", message, "DTP", member, coverage.position)


def ends_with_the_month(coverage: Coverage, member: Member, case: Case) -> Findings:
    """Some carriers end coverage only at the end of a month. A coverage that never was in force is exempt."""
    end = coverage.end_on
    if case.profile is None or not case.profile.ends_on_month_end or end is None or end == coverage.start_on:
        return
    if end.day != monthrange(end.year, end.month)[1]:
        message = "This carrier ends coverage only on the last day of a month."
        yield case.warning("ends-mid-month", message, "DTP", member, coverage.position)


COVERAGE_RULES: tuple[Callable[[Coverage, Member, Case], Findings], ...] = (
    coverage_has_date, coverage_ends_after_start, ended_coverage_has_end, started_coverage_has_start,
    no_add_in_full_file, line_is_known, not_too_late, ends_with_the_month,
)  # fmt: skip


def net(coverages: Iterable[Coverage]) -> tuple[Coverage, ...]:
    """The coverages without pairs that cancel out: an add and an end of the same plan with not one day between.

    For the caller who gathers changes before a file is written: a choice made and taken back the same day is never
    sent. An end on a later day is joined with its add into one coverage that starts and ends.
    """
    netted: list[Coverage] = []
    for coverage in coverages:
        added = next((c for c in netted if _same_plan(c, coverage) and c.maintenance == "021"), None)
        if not ends(coverage) or added is None:
            netted.append(coverage)
        elif coverage.end_on is None or not added.start_on or coverage.end_on <= added.start_on:
            netted.remove(added)
        else:
            netted[netted.index(added)] = _ending(added, coverage.end_on)
    return tuple(netted)


def _same_plan(one: Coverage, other: Coverage) -> bool:
    return (one.line, one.plan_code) == (other.line, other.plan_code)


def _ending(coverage: Coverage, end_on: date) -> Coverage:
    return replace(coverage, end_on=end_on)
