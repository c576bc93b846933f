"""What a bill is for, and how it stands against the premiums. No database, no clock."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

from app.integrations.sync.records import Bill


class BilledFor(StrEnum):
    """Which month a bill is for when the books do not say so."""

    DUE = "due"  # the month it is due in: how carriers bill ahead
    ISSUED = "issued"
    NEXT = "next"  # the month after the one it was issued in


class CountedBy(StrEnum):
    """Whose premium a month has."""

    FIRST_DAY = "first_day"  # everybody covered on the first, for the whole month
    EACH_DAY = "each_day"  # each for the days they are covered


class Standing(StrEnum):
    """How a carrier's bills of a month stand against the premiums of its enrollments."""

    MATCHED = "matched"
    UNPAID = "unpaid"  # the amount is right; it is not paid
    SHORT = "short"  # billed less than the premiums
    OVER = "over"  # billed more
    NO_BILL = "no_bill"


COUNTS = (Bill.OPEN, Bill.PAID, Bill.UNKNOWN)
"""Bills that are owed or paid; drafts and void ones are neither."""


def standing(expected: Decimal, billed: Decimal, open_amount: Decimal, bills: int, tolerance: Decimal) -> Standing:
    """The amounts are of one currency. tolerance: how far apart still counts as equal.

    A wrong amount is told before an unpaid one: nobody should pay it meanwhile.
    """
    if bills == 0:
        return Standing.NO_BILL
    if abs(billed - expected) > tolerance:
        return Standing.OVER if billed > expected else Standing.SHORT
    return Standing.UNPAID if open_amount > tolerance else Standing.MATCHED


def month_of(day: date, later: int = 0) -> date:
    """The first day of its month, or of one so many months later (or, below zero, earlier)."""
    months = day.year * 12 + day.month - 1 + later
    return date(months // 12, months % 12 + 1, 1)
