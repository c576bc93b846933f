"""Whether a record may still be looked at. An objection warns the adjudicator; it never hides a record (reference/screening.md §3.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.screening.rules.jurisdictions import Ruling
from app.screening.rules.schema import Lookback
from app.screening.rules.words import RecordKind


@dataclass(frozen=True, slots=True)
class Objection:
    """A rule that forbids a record. `since` is the day from which it did; None: it always does."""

    rule: str
    since: date | None


def objections(
    ruling: Ruling, record: RecordKind, happened_on: date | None, on: date, salary: Decimal | None
) -> tuple[Objection, ...]:
    """Every rule against using a record, from the very day the years are over (the statutes say "more than").

    Args:
        happened_on: the day the years count from; None (not known) counts as too old.
        salary: a year; None (not known) counts as below every limit.
    """
    found = []
    for row, lookback in ruling.lookbacks:
        if lookback.record is record and _pays_less(lookback, salary):
            since = _too_old_from(lookback, happened_on)
            if since is None or since <= on:
                found.append(Objection(row.name, since))
    return tuple(found)


def _pays_less(lookback: Lookback, salary: Decimal | None) -> bool:
    return lookback.salary_below is None or salary is None or salary < lookback.salary_below


def _too_old_from(lookback: Lookback, happened_on: date | None) -> date | None:
    if lookback.years == 0 or happened_on is None:
        return None
    try:
        return happened_on.replace(year=happened_on.year + lookback.years)
    except ValueError:  # February 29
        return date(happened_on.year + lookback.years, 2, 28)
