"""Bounds of the screening specification and of the company's policy, each with its source and the day it holds from.

The law is not here: it stands in `app/screening/jurisdictions`. Where both speak of the same thing the longer wait wins.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Name(StrEnum):
    CONSENT_DAYS_MIN = "consent_days_min"
    SCREENING_DAYS_MAX = "screening_days_max"
    RETRIES_MAX = "retries_max"
    ADVERSE_DAYS_MAX = "adverse_days_max"
    ADVERSE_DAYS_DEFAULT = "adverse_days_default"


@dataclass(frozen=True, slots=True)
class Limit:
    name: Name
    effective_on: date
    amount: int
    source: str


_SPEC = "screening specification §6.3"

LIMITS: tuple[Limit, ...] = (
    Limit(Name.CONSENT_DAYS_MIN, date(2025, 12, 29), 30, _SPEC),
    Limit(Name.SCREENING_DAYS_MAX, date(2025, 12, 29), 30, _SPEC),
    Limit(Name.RETRIES_MAX, date(2025, 12, 29), 5, _SPEC),
    Limit(Name.ADVERSE_DAYS_MAX, date(2025, 12, 29), 14, _SPEC),
    Limit(Name.ADVERSE_DAYS_DEFAULT, date(2025, 12, 29), 7, "reference/screening.md §3.1: default 7 calendar days"),
)


def limit_on(name: Name, on: date) -> Limit:
    """The limit in force on a day; the first one for any day before it."""
    known = [limit for limit in LIMITS if limit.name is name]
    return max((limit for limit in known if limit.effective_on <= on), key=lambda x: x.effective_on, default=known[0])


def consent_problem(given_on: date, expires_on: date) -> str:
    """What to do about a consent's term, or an empty text."""
    days = limit_on(Name.CONSENT_DAYS_MIN, given_on).amount
    if expires_on < given_on + timedelta(days=days):
        return "Let the consent hold for at least 30 days"
    return ""


def latest_completion(ordered_on: date) -> date:
    """The last day of a screening; past it, a person must end it or let it go on."""
    return ordered_on + timedelta(days=limit_on(Name.SCREENING_DAYS_MAX, ordered_on).amount)


def may_retry(failed: int, on: date) -> bool:
    """Whether one more attempt is allowed after this many repeated ones."""
    return failed < limit_on(Name.RETRIES_MAX, on).amount


def policy_problem(days: int, on: date) -> str:
    """What to do about the wait a company wants to give by its own choice, in calendar days, or an empty text."""
    if not 1 <= days <= limit_on(Name.ADVERSE_DAYS_MAX, on).amount:
        return "Enter a waiting time from 1 to 14 days; the law of the place may lengthen it"
    return ""


def longer_than_planned(sent_on: date, due_on: date) -> bool:
    """Whether the law makes a candidate's time longer than the specification's maximum. The law wins; the page says so."""
    return (due_on - sent_on).days > limit_on(Name.ADVERSE_DAYS_MAX, sent_on).amount
