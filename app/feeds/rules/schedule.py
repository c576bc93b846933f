"""When a carrier expects a file. Times are the carrier's own."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

LEAD = timedelta(hours=1)
"""A file is made this long before the carrier's cut-off, so that a hold or an outage can still be dealt with."""

GRACE = timedelta(hours=20)
"""A run that was missed (everything was down) is caught up within this time, then it waits for the next one."""


def due_day(frequency: str, weekday: int, cut_off: str, zone: ZoneInfo, moment: datetime) -> date | None:
    """The day whose file should be made now, or None. The day names the run, so that it is made once.

    Args:
        frequency: daily, weekly, every two weeks or monthly (first such weekday of the month).
        weekday: 1 Monday … 7 Sunday, for all but daily.
        cut_off: HH:MM in `zone`.
        moment: aware.
    """
    local = moment.astimezone(zone)
    for day in (local.date(), local.date() - timedelta(days=1)):
        hour, minute = cut_off.split(":")
        makes_at = datetime.combine(day, time(int(hour), int(minute)), zone) - LEAD
        if makes_at <= local < makes_at + GRACE and _expected(frequency, weekday, day):
            return day
    return None


def _expected(frequency: str, weekday: int, day: date) -> bool:
    if frequency == "daily":
        return True
    if day.isoweekday() != weekday:
        return False
    if frequency == "weekly":
        return True
    if frequency == "every two weeks":
        return day.isocalendar().week % 2 == 0
    return day.day <= 7


def business_days(start: date, days: int) -> date:
    """The date that many working days (Monday to Friday) after `start`."""
    day = start
    while days > 0:
        day += timedelta(days=1)
        if day.isoweekday() < 6:
            days -= 1
    return day
