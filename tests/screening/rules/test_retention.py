"""How long things are kept: the longest period that binds, from the end of the case."""

from __future__ import annotations

from datetime import date

import pytest

from app.screening.rules.places import Place
from app.screening.rules.retention import PERIODS, Kept, due_on, period

ON = date(2026, 11, 25)
AUSTIN = Place("US", "TX", "Travis", "Austin", False)
EAST_LA = Place("US", "CA", "Los Angeles", "East Los Angeles", True)
FRESNO = Place("US", "CA", "Fresno", "Fresno", False)


@pytest.mark.parametrize(
    ("kept", "work", "notified", "years"),
    [
        (Kept.REPORT, AUSTIN, False, 1),
        (Kept.REPORT, FRESNO, False, 1),
        (Kept.REPORT, EAST_LA, False, 4),
        (Kept.REPORT, Place("US", "CA"), False, 4),  # may be there
        (Kept.REPORT, AUSTIN, True, 5),
        (Kept.REPORT, EAST_LA, True, 5),
        (Kept.NOTICE, AUSTIN, True, 5),
        (Kept.DECISION, EAST_LA, True, 5),
        (Kept.CONSENT, AUSTIN, False, 5),
    ],
)
def test_the_longest_period_binds(kept: Kept, work: Place, notified: bool, years: int) -> None:
    assert period(kept, work, ON, notified=notified).years == years


def test_every_class_has_a_period_everywhere_and_every_period_a_source() -> None:
    assert {one.kept for one in PERIODS if one.where is None} == set(Kept)
    assert all(one.source for one in PERIODS)


def test_a_year_is_a_year_even_from_a_leap_day() -> None:
    assert due_on(date(2025, 11, 25), 1) == ON
    assert due_on(date(2024, 2, 29), 1) == date(2025, 3, 1)
    assert due_on(date(2024, 2, 29), 4) == date(2028, 2, 29)
