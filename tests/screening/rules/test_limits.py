"""Bounds of the specification, with their sources."""

from __future__ import annotations

from datetime import date

import pytest

from app.screening.rules import limits
from app.screening.rules.limits import Name

ON = date(2026, 12, 1)


@pytest.mark.parametrize(
    ("name", "amount"),
    [
        (Name.CONSENT_DAYS_MIN, 30),
        (Name.SCREENING_DAYS_MAX, 30),
        (Name.RETRIES_MAX, 5),
        (Name.ADVERSE_DAYS_MAX, 14),
        (Name.ADVERSE_DAYS_DEFAULT, 7),
    ],
)
def test_the_limits(name: Name, amount: int) -> None:
    for on in (date(2020, 1, 1), ON):
        assert limits.limit_on(name, on).amount == amount
        assert limits.limit_on(name, on).source


def test_a_consent_holds_for_at_least_thirty_days() -> None:
    assert limits.consent_problem(ON, date(2026, 12, 30))
    assert limits.consent_problem(ON, date(2026, 12, 31)) == ""


def test_a_screening_lasts_at_most_thirty_days() -> None:
    assert limits.latest_completion(ON) == date(2026, 12, 31)


def test_five_retries() -> None:
    assert [limits.may_retry(failed, ON) for failed in (0, 4, 5, 6)] == [True, True, False, False]


def test_a_company_may_wait_up_to_fourteen_days_and_the_law_longer() -> None:
    assert [bool(limits.policy_problem(days, ON)) for days in (0, 1, 14, 15)] == [True, False, False, True]
    assert not limits.longer_than_planned(date(2026, 12, 1), date(2026, 12, 15))
    assert limits.longer_than_planned(date(2026, 12, 1), date(2026, 12, 16))
