"""Business days of a place; days and moments over a change of the clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.screening.rules import calendars
from app.screening.rules.calendars import Calendar, day_over, day_there, days_between
from app.screening.rules.words import Unit
from tests.screening.rules.cases import BOOK

LOS_ANGELES = ["America/Los_Angeles"]


@pytest.mark.parametrize(
    ("state", "day", "open_"),
    [
        ("", "2026-11-27", True),  # the day after Thanksgiving is no federal holiday
        ("CA", "2026-11-27", False),
        ("NY", "2026-11-27", True),
        ("CA", "2026-10-12", False),  # Columbus Day: federal, though California does not keep it
        ("NY", "2026-11-03", False),  # Election Day
        ("CA", "2026-11-03", True),
        ("", "2026-07-03", False),  # Independence Day falls on a Saturday and is kept on Friday
        ("", "2027-07-05", False),  # … on a Sunday, and kept on Monday
        ("", "2027-12-31", False),  # New Year 2028 is a Saturday, kept in the year before
        ("", "2028-01-03", True),
        ("", "2026-12-05", False),
        ("", "2026-12-06", False),
        ("", "2026-12-07", True),
    ],
)
def test_business_days(state: str, day: str, open_: bool) -> None:
    assert Calendar(state).is_business_day(date.fromisoformat(day)) is open_


def test_a_state_nobody_knows_is_no_calendar() -> None:
    with pytest.raises(NotImplementedError):
        Calendar("ZZ").is_business_day(date(2026, 12, 7))


def test_every_state_with_a_zone_has_a_calendar_and_every_zone_exists() -> None:
    assert len(BOOK.zones) == 51
    for state, zones in BOOK.zones.items():
        Calendar(state).is_business_day(date(2026, 12, 7))
        assert [ZoneInfo(zone).key for zone in zones] == list(zones)


def test_the_version_of_the_holidays_is_known() -> None:
    assert calendars.VERSION.startswith("holidays 0.")


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)), st.integers(1, 30), st.sampled_from(["", "CA", "NY", "TX"]))
def test_exactly_so_many_business_days_lie_behind(start: date, days: int, state: str) -> None:
    calendar = Calendar(state)
    end = calendar.after(start, days, Unit.BUSINESS)
    assert calendar.is_business_day(end)
    between = [start + timedelta(days=n + 1) for n in range((end - start).days)]
    assert sum(map(calendar.is_business_day, between)) == days


def test_frozen_days_do_not_count() -> None:
    frozen = days_between(date(2026, 12, 8), date(2026, 12, 10))
    assert len(frozen) == 3
    assert Calendar().after(date(2026, 12, 7), 1, Unit.BUSINESS, frozen) == date(2026, 12, 11)
    assert Calendar().after(date(2026, 12, 7), 2, Unit.CALENDAR, frozen) == date(2026, 12, 12)
    assert Calendar().after(date(2026, 12, 7), 0, Unit.CALENDAR, frozen) == date(2026, 12, 7)
    assert days_between(date(2026, 12, 8), date(2026, 12, 7)) == frozenset()


@pytest.mark.parametrize(
    ("moment", "zones", "day"),
    [
        (datetime(2026, 12, 5, 7, 59, tzinfo=UTC), LOS_ANGELES, date(2026, 12, 4)),
        (datetime(2026, 12, 5, 8, 0, tzinfo=UTC), LOS_ANGELES, date(2026, 12, 5)),
        (datetime(2027, 6, 5, 6, 59, tzinfo=UTC), LOS_ANGELES, date(2027, 6, 4)),  # summer time
        (datetime(2027, 6, 5, 7, 0, tzinfo=UTC), LOS_ANGELES, date(2027, 6, 5)),
        # 23:30 in El Paso, 00:30 in Houston: it counts as the later day
        (datetime(2026, 12, 5, 6, 30, tzinfo=UTC), BOOK.zones["TX"], date(2026, 12, 5)),
    ],
)
def test_the_day_it_is_there(moment: datetime, zones: list[str], day: date) -> None:
    assert day_there(moment, zones) == day


@pytest.mark.parametrize(
    ("day", "zones", "moment"),
    [
        (date(2026, 12, 15), LOS_ANGELES, datetime(2026, 12, 16, 8, 0, tzinfo=UTC)),
        # the night of the change: the Saturday ends by winter time, the Sunday, an hour shorter, by summer time
        (date(2027, 3, 13), LOS_ANGELES, datetime(2027, 3, 14, 8, 0, tzinfo=UTC)),
        (date(2027, 3, 14), LOS_ANGELES, datetime(2027, 3, 15, 7, 0, tzinfo=UTC)),
        (date(2026, 11, 1), LOS_ANGELES, datetime(2026, 11, 2, 8, 0, tzinfo=UTC)),
        (date(2026, 12, 31), ["Pacific/Honolulu"], datetime(2027, 1, 1, 10, 0, tzinfo=UTC)),
        # over in Houston at 06:00, in El Paso at 07:00
        (date(2026, 12, 15), BOOK.zones["TX"], datetime(2026, 12, 16, 7, 0, tzinfo=UTC)),
    ],
)
def test_the_moment_a_day_is_over_everywhere_in_the_place(day: date, zones: list[str], moment: datetime) -> None:
    assert day_over(day, zones) == moment
    assert day_over(day, zones).tzinfo is UTC
