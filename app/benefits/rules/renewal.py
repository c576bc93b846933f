"""The turn of a plan year for people who do nothing: what goes on, what ends, and from which day on that is settled."""

from __future__ import annotations

from datetime import date
from enum import StrEnum


class Fate(StrEnum):
    """What becomes of one coverage. The words are kept as the reason it ended."""

    RENEWED = "renewed"
    NOT_OFFERED = "plan not offered again"
    NOT_ELIGIBLE = "no longer eligible"
    CHOOSE_ANEW = "must be chosen every year"


def fate(*, auto_renewal: bool, offered: bool, eligible: bool) -> Fate:
    """Whether a coverage goes on into the next year.

    Args:
        auto_renewal: of the coverage; a flexible spending account, for example, is chosen anew each year.
        offered: the next year has this plan.
        eligible: the employee may choose it, and it has a price for the people covered.
    """
    if not auto_renewal:
        return Fate.CHOOSE_ANEW
    if not offered:
        return Fate.NOT_OFFERED
    return Fate.RENEWED if eligible else Fate.NOT_ELIGIBLE


def settles(starts_on: date, ends_on: date, last_window_closes_on: date | None, today: date) -> bool:
    """Whether the year's coverage is settled by now: open enrollment is over, or the year has begun (then nobody waits longer)."""
    over = last_window_closes_on is not None and last_window_closes_on < today
    return today <= ends_on and (over or starts_on <= today)
