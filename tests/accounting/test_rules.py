"""How a month stands, and what month a day belongs to."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.accounting.rules import Standing, month_of, standing

money = st.decimals(0, 10_000, places=2)


@pytest.mark.parametrize(
    ("expected", "billed", "open_amount", "bills", "stands"),
    [
        ("100", "100", "0", 1, Standing.MATCHED), ("100", "100.99", "0", 1, Standing.MATCHED), ("100", "99", "0", 1, Standing.MATCHED),
        ("100", "101.01", "0", 1, Standing.OVER), ("100", "98.99", "0", 2, Standing.SHORT), ("100", "0", "0", 0, Standing.NO_BILL),
        ("100", "100", "100", 1, Standing.UNPAID), ("100", "100", "0.50", 1, Standing.MATCHED),
        ("100", "150", "150", 1, Standing.OVER), ("0", "50", "0", 1, Standing.OVER), ("0", "0", "0", 1, Standing.MATCHED),
    ],
)  # fmt: skip
def test_standing(expected: str, billed: str, open_amount: str, bills: int, stands: Standing) -> None:
    assert standing(Decimal(expected), Decimal(billed), Decimal(open_amount), bills, Decimal(1)) is stands


@settings(max_examples=60)
@given(money, money, money, money)
def test_a_wrong_amount_is_never_called_matched(
    expected: Decimal, billed: Decimal, left: Decimal, tolerance: Decimal
) -> None:
    found = standing(expected, billed, left, 1, tolerance)
    assert (found in (Standing.MATCHED, Standing.UNPAID)) == (abs(billed - expected) <= tolerance)
    assert found is not Standing.MATCHED or left <= tolerance


@pytest.mark.parametrize(
    ("day", "later", "month"),
    [
        (date(2026, 11, 25), 0, date(2026, 11, 1)), (date(2026, 12, 31), 1, date(2027, 1, 1)),
        (date(2026, 1, 1), -1, date(2025, 12, 1)), (date(2026, 3, 31), -15, date(2024, 12, 1)),
    ],
)  # fmt: skip
def test_months(day: date, later: int, month: date) -> None:
    assert month_of(day, later) == month
