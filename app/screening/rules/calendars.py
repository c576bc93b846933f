"""Business days of a place, and the day it is there. Dates are counted, never hours, so a change of the clocks moves nothing.

A business day is a weekday that is no holiday of the United States and none of the state (reference/screening.md §3.1: "federal + state
holidays"). Holidays come from the `holidays` library; where a state does not keep a federal holiday the day still does not count, because
mail and courts rest. Too many holidays only give a candidate more time.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import holidays
from holidays.version import __version__

from app.screening.rules.words import Unit

VERSION = f"holidays {__version__}"
"""Kept with a due date: a newer library may know a newer holiday."""

_ONE_DAY = timedelta(days=1)


class Calendar(NamedTuple):
    """The business days of a state (two letters), or with "" those of the United States."""

    state: str = ""

    def is_business_day(self, day: date) -> bool:
        return day.isoweekday() < 6 and day not in _holidays(self.state, day.year)

    def after(self, start: date, days: int, unit: Unit, frozen: frozenset[date] = frozenset()) -> date:
        """The day that is `days` countable days after `start`; `start` itself does not count, nor does a frozen day."""
        day = start
        while days > 0:
            day += _ONE_DAY
            if day not in frozen and (unit is Unit.CALENDAR or self.is_business_day(day)):
                days -= 1
        return day


@cache
def _holidays(state: str, year: int) -> frozenset[date]:
    """Federal and state holidays, with the days on which they are observed.

    Raises:
        NotImplementedError: the library does not know the state.
    """
    known = set(holidays.country_holidays("US", years=year))
    if state:
        known |= set(holidays.country_holidays("US", subdiv=state, years=year))
    # New Year's Day on a Saturday is observed in the year before; the library lists it there.
    return frozenset(known)


def days_between(first: date, last: date) -> frozenset[date]:
    """Both included; empty when the last comes before the first."""
    return frozenset(first + _ONE_DAY * number for number in range((last - first).days + 1))


def day_there(moment: datetime, zones: Iterable[str]) -> date:
    """The calendar day on which something happened. In a state of several zones: the later one, from which a wait ends later.

    Args:
        moment: aware.
        zones: IANA names, at least one.
    """
    return max(moment.astimezone(ZoneInfo(zone)).date() for zone in zones)


def day_over(day: date, zones: Iterable[str]) -> datetime:
    """The first moment (UTC) at which the day is over in every zone of the place."""
    return max(datetime.combine(day + _ONE_DAY, time(), ZoneInfo(zone)).astimezone(UTC) for zone in zones)
