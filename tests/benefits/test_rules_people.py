"""Who may choose, who can be covered, when it starts, and what was in force."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.benefits.rules import calendar, elections, family, history, numbers, windows
from app.benefits.rules.eligibility import Criteria, Reason, Worker, first_covered_day, judge, missing
from app.benefits.rules.family import Dependent, Refusal, tier_of
from app.benefits.rules.numbers import Series
from app.benefits.rules.windows import WindowState
from app.benefits.rules.words import Election, EnrollmentType, Relation, Tier

ANA = Worker("standard", "full_time", "NW", Decimal(40), date(2026, 11, 9))
YEAR_END = date(2027, 12, 31)
TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("rule", "reasons"),
    [
        (Criteria(), ()),
        (Criteria(frozenset({"standard"}), frozenset({"full_time"}), frozenset({"NW"}), Decimal(30)), ()),
        (Criteria(employee_classes=frozenset({"executive"})), (Reason.CLASS,)),
        (Criteria(employment_types=frozenset({"part_time"})), (Reason.TYPE,)),
        (Criteria(region_codes=frozenset({"SE"})), (Reason.REGION,)),
        (Criteria(min_weekly_hours=Decimal("40.25")), (Reason.HOURS,)),
        (Criteria(region_codes=frozenset({"SE"}), min_weekly_hours=Decimal(41)), (Reason.REGION, Reason.HOURS)),
    ],
)
def test_eligibility_names_what_is_missing(rule: Criteria, reasons: tuple[Reason, ...]) -> None:
    assert missing(rule, ANA) == reasons
    verdict = judge([rule], ANA, not_before=TODAY, year_ends_on=YEAR_END)
    assert (verdict.reasons, verdict.eligible) == (reasons, not reasons)


def test_one_of_several_rules_is_enough_and_the_earliest_start_counts() -> None:
    never = Criteria(employee_classes=frozenset({"executive"}))
    late = Criteria(waiting_days=60)
    soon = Criteria(waiting_days=30)
    verdict = judge([never, late, soon], ANA, not_before=TODAY, year_ends_on=YEAR_END)
    assert verdict.eligible
    assert verdict.starts_on == date(2027, 1, 1)


def test_no_rule_means_everybody() -> None:
    verdict = judge([], replace(ANA, hired_on=date(2020, 5, 5)), not_before=TODAY, year_ends_on=YEAR_END)
    assert (verdict.eligible, verdict.starts_on) == (True, TODAY)


def test_a_waiting_period_beyond_the_plan_year_is_explained_with_its_end() -> None:
    late = replace(ANA, hired_on=date(2027, 12, 1))
    verdict = judge([Criteria(waiting_days=60)], late, not_before=TODAY, year_ends_on=YEAR_END)
    assert verdict.reasons == (Reason.WAITING,)
    assert verdict.starts_on == date(2028, 2, 1)


@pytest.mark.parametrize(
    ("hired", "days", "first_of_month", "start"),
    [
        (date(2026, 11, 9), 0, False, date(2026, 11, 9)),
        (date(2026, 11, 9), 0, True, date(2026, 12, 1)),
        (date(2026, 11, 1), 0, True, date(2026, 11, 1)),
        (date(2026, 11, 9), 30, True, date(2027, 1, 1)),
        (date(2026, 11, 9), 60, False, date(2027, 1, 8)),
        (date(2026, 11, 9), 90, True, date(2027, 2, 7)),  # the first of March would be day 113: capped at the 91st
        (date(2024, 1, 30), 30, True, date(2024, 3, 1)),  # leap year: the wait ends on February 29
    ],
)
def test_first_covered_day(hired: date, days: int, first_of_month: bool, start: date) -> None:
    assert first_covered_day(hired, days, first_of_month) == start


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 90), st.booleans())
def test_nobody_waits_longer_than_the_law_allows(hired: date, days: int, first: bool) -> None:
    start = first_covered_day(hired, days, first)
    assert timedelta(0) <= start - hired <= timedelta(days=90)
    assert start - hired >= timedelta(days=days)


# --- dependents ---------------------------------------------------------------------------------------------------

CHILD = Dependent(Relation.CHILD, date(2001, 3, 15))


def test_a_child_is_covered_until_the_26th_birthday() -> None:
    assert family.refusal(CHILD, 26, date(2027, 3, 14)) is None
    assert family.refusal(CHILD, 26, date(2027, 3, 15)) is Refusal.TOO_OLD


def test_a_leap_day_child_has_its_birthday_on_march_first() -> None:
    leap = Dependent(Relation.CHILD, date(2004, 2, 29))
    assert family.refusal(leap, 26, date(2030, 2, 28)) is None
    assert family.refusal(leap, 26, date(2030, 3, 1)) is Refusal.TOO_OLD


def test_a_disabled_child_and_a_partner_have_no_age_limit() -> None:
    assert family.refusal(replace(CHILD, disabled=True), 26, date(2060, 1, 1)) is None
    assert family.refusal(Dependent(Relation.SPOUSE, date(1950, 1, 1)), 26, TODAY) is None


def test_a_newborn_is_covered_though_coverage_started_before_the_birth() -> None:
    assert family.refusal(Dependent(Relation.CHILD, date(2026, 11, 20)), 26, date(2026, 11, 1)) is None


def test_missing_birth_dates_and_removed_people_are_refused() -> None:
    assert family.refusal(Dependent(Relation.CHILD, None), 26, TODAY) is Refusal.BIRTH_DATE
    assert family.refusal(replace(CHILD, active=False), 26, TODAY) is Refusal.NOT_ACTIVE


@pytest.mark.parametrize(
    ("relations", "tier"),
    [
        ([], Tier.EMPLOYEE),
        (["spouse"], Tier.EMPLOYEE_SPOUSE),
        (["domestic_partner"], Tier.EMPLOYEE_SPOUSE),
        (["child"], Tier.EMPLOYEE_CHILDREN),
        (["child", "child"], Tier.EMPLOYEE_CHILDREN),
        (["other"], Tier.EMPLOYEE_CHILDREN),
        (["spouse", "child"], Tier.FAMILY),
        (["domestic_partner", "child", "other"], Tier.FAMILY),
    ],
)
def test_the_tier_follows_from_who_is_covered(relations: list[str], tier: Tier) -> None:
    assert tier_of(relations) is tier


@given(st.lists(st.sampled_from(list(Relation)), max_size=6))
def test_the_order_of_people_does_not_matter(relations: list[Relation]) -> None:
    assert tier_of(relations) is tier_of(reversed(relations))


# --- calendar -----------------------------------------------------------------------------------------------------


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.dates(date(1900, 1, 1), date(2150, 1, 1)))
def test_age_grows_on_the_birthday(birth: date, on: date) -> None:
    age = calendar.age_on(birth, on)
    assert calendar.birthday(birth, age) <= on < calendar.birthday(birth, age + 1)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_months(day: date) -> None:
    assert calendar.end_of_month(day) + timedelta(days=1) == calendar.first_of_next_month(day)
    assert calendar.first_of_month_from(day).day == 1
    assert calendar.first_of_month_from(day) >= day


def test_an_enrollment_lasts_at_most_five_years() -> None:
    start = date(2024, 2, 29)
    assert calendar.latest_end(start) == date(2029, 2, 28)
    assert not calendar.lasts_too_long(start, None)
    assert not calendar.lasts_too_long(start, date(2029, 2, 28))
    assert calendar.lasts_too_long(start, date(2029, 3, 1))


# --- windows ------------------------------------------------------------------------------------------------------

OPENS, CLOSES = date(2026, 11, 9), date(2026, 12, 5)


@pytest.mark.parametrize(
    ("today", "state", "left"),
    [
        (date(2026, 11, 8), WindowState.UPCOMING, 27),
        (OPENS, WindowState.OPEN, 26),
        (CLOSES, WindowState.OPEN, 0),
        (date(2026, 12, 6), WindowState.CLOSED, -1),
    ],
)
def test_both_ends_of_a_window_are_open(today: date, state: WindowState, left: int) -> None:
    assert windows.state_on(OPENS, CLOSES, today) is state
    assert windows.days_left(CLOSES, today) == left


def test_who_is_sent_back_has_a_week_even_after_the_end() -> None:
    assert windows.deadline(CLOSES, None) == CLOSES
    assert windows.deadline(CLOSES, date(2026, 11, 10)) == CLOSES
    assert windows.deadline(CLOSES, CLOSES) == date(2026, 12, 12)
    assert windows.may_choose(OPENS, CLOSES, CLOSES, date(2026, 12, 12))
    assert not windows.may_choose(OPENS, CLOSES, CLOSES, date(2026, 12, 13))
    assert not windows.may_choose(OPENS, CLOSES, None, date(2026, 12, 6))


@pytest.mark.parametrize(
    ("hired", "window"),
    [
        (TODAY, (TODAY, date(2026, 12, 22))),
        (date(2026, 12, 1), (TODAY, date(2026, 12, 31))),  # may choose before the first day of work
        (date(2026, 11, 1), (TODAY, date(2026, 12, 22))),  # seen late: the full time remains
        (date(2026, 8, 24), (TODAY, date(2026, 12, 22))),
        (date(2026, 8, 23), None),
        (date(2015, 1, 1), None),
    ],
)
def test_a_new_hires_window(hired: date, window: tuple[date, date] | None) -> None:
    assert windows.new_hire_window(hired, TODAY, 30) == window


@pytest.mark.parametrize(
    ("today", "stage"),
    [
        (date(2026, 11, 8), None),
        (date(2026, 11, 20), None),
        (date(2026, 11, 21), 14),
        (date(2026, 11, 25), 14),  # missed by a stopped worker: caught up, the key of the notice removes doubles
        (date(2026, 12, 2), 3),
        (date(2026, 12, 4), 1),
        (CLOSES, None),
        (date(2026, 12, 6), None),
    ],
)
def test_reminders_14_3_and_1_days_before_the_end(today: date, stage: int | None) -> None:
    assert windows.reminder_stage(OPENS, CLOSES, today) == stage


def test_a_short_window_skips_the_reminder_that_would_come_with_the_invitation() -> None:
    assert windows.reminder_stage(TODAY, TODAY + timedelta(days=10), TODAY + timedelta(days=1)) is None
    assert windows.reminder_stage(TODAY, TODAY + timedelta(days=10), TODAY + timedelta(days=7)) == 3


# --- elections, history, numbers ----------------------------------------------------------------------------------


def test_keep_needs_something_to_keep() -> None:
    for kind in (EnrollmentType.NEW_HIRE, EnrollmentType.OPEN_ENROLLMENT):
        open_to = elections.allowed(kind, has_coverage=False, kept_plan_offered=True)
        assert open_to == {Election.ELECT, Election.WAIVE}
        assert elections.allowed(kind, has_coverage=True, kept_plan_offered=False) == open_to
        assert Election.KEEP in elections.allowed(kind, has_coverage=True, kept_plan_offered=True)
    assert elections.allowed(EnrollmentType.TERMINATION, has_coverage=True, kept_plan_offered=True) == frozenset()


@dataclass
class Stretch:
    coverage_type: str
    status: str
    coverage_starts_on: date
    coverage_ends_on: date | None
    created_at: datetime = datetime(2026, 1, 1, tzinfo=UTC)


def test_history_as_of_a_day() -> None:
    old = Stretch("health", "terminated", date(2025, 1, 1), date(2025, 12, 31))
    new = Stretch("health", "active", date(2026, 1, 1), None)
    corrected = Stretch("health", "active", date(2026, 1, 1), None, datetime(2026, 2, 1, tzinfo=UTC))
    refused = Stretch("dental", "rejected", date(2025, 1, 1), None)
    everything = [corrected, new, old, refused]
    assert history.as_of(everything, date(2024, 12, 31)) == {}
    assert history.as_of(everything, date(2025, 12, 31)) == {"health": old}
    assert history.as_of(everything, date(2026, 1, 1)) == {"health": corrected}


@given(
    st.lists(st.tuples(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 900)), max_size=8),
    st.dates(date(2020, 1, 1), date(2032, 1, 1)),
)
def test_whatever_is_found_was_in_force(stretches: list[tuple[date, int]], on: date) -> None:
    items = [Stretch("health", "active", start, start + timedelta(days=length)) for start, length in stretches]
    found = history.as_of(items, on).get("health")
    covering = [item for item in items if item.coverage_starts_on <= on <= item.coverage_ends_on]
    assert (found in covering) if covering else found is None


def test_numbers_read_back() -> None:
    assert numbers.number(Series.ENROLLMENT, 2026, 123) == "E-2026-000123"
    assert numbers.number(Series.SUBMISSION, 2026, 1_000_000) == "S-2026-1000000"
    assert numbers.parse(" s-2026-000123 ") == (Series.SUBMISSION, 2026, 123)
    assert numbers.parse("X-2026-000123") is None
    with pytest.raises(ValueError, match="counts from 1"):
        numbers.number(Series.ENROLLMENT, 2026, 0)


@given(st.sampled_from(list(Series)), st.integers(1, 9999), st.integers(1, 10**9))
def test_numbers_are_unique_per_series_year_and_count(series: Series, year: int, count: int) -> None:
    assert numbers.parse(numbers.number(series, year, count)) == (series, year, count)
