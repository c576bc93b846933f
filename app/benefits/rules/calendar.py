"""Dates: birthdays, months, the length of coverage."""

from __future__ import annotations

from datetime import date, timedelta

MAX_YEARS = 5  # benefits specification §6.3: maximum enrollment duration


def birthday(birth: date, years: int) -> date:
    """The day somebody completes this many years. Born on February 29: March 1 in common years, the day the year is complete."""
    try:
        return birth.replace(year=birth.year + years)
    except ValueError:
        return date(birth.year + years, 3, 1)


def age_on(birth: date, on: date) -> int:
    """Completed years."""
    years = on.year - birth.year
    return years - (on < birthday(birth, years))


def first_of_month_from(day: date) -> date:
    """The day itself when it is a first, else the first of the next month."""
    return day if day.day == 1 else first_of_next_month(day)


def first_of_next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def end_of_month(day: date) -> date:
    return first_of_next_month(day) - timedelta(days=1)


def latest_end(starts_on: date) -> date:
    """The last day an enrollment that starts then may cover (§6.3: five years)."""
    return birthday(starts_on, MAX_YEARS) - timedelta(days=1)


def lasts_too_long(starts_on: date, ends_on: date | None) -> bool:
    return ends_on is not None and ends_on > latest_end(starts_on)
