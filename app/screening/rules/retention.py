"""How long what belongs to a case is kept after the case ended, by class, place and source; afterwards it is destroyed (16 CFR 682).

A longer period wins. Sources: reference/screening.md §3.1; counsel should read them like any rule.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.screening.rules.places import Pattern, Place
from app.screening.rules.states import EvidenceOf


class Kept(StrEnum):
    """Classes of what is kept, in the order in which they go."""

    REPORT = "report"  # the report, its records and answers as the provider sent them
    NOTICE = "notice"  # letters, and what the candidate answered
    DECISION = "decision"  # assessments
    CONSENT = "consent"  # what was shown and signed


CLASS_OF = {
    EvidenceOf.SIGNATURE: Kept.CONSENT,
    EvidenceOf.RECEIPT: Kept.CONSENT,
    EvidenceOf.NOTICE: Kept.NOTICE,
    EvidenceOf.ASSESSMENT: Kept.DECISION,
}


@dataclass(frozen=True, slots=True)
class Period:
    """Attributes:
    years: after the case ended.
    where: jobs there; None: everywhere.
    """

    kept: Kept
    years: int
    effective_on: date
    source: str
    where: Pattern | None = None


_CLAIMS = "15 USC 1681p: claims until five years after a violation"
_BEGUN = date(2025, 1, 1)
_LOS_ANGELES = Pattern(country="US", state="CA", counties=("Los Angeles",))

PERIODS: tuple[Period, ...] = (
    Period(Kept.REPORT, 1, _BEGUN, "29 CFR 1602.14: personnel records one year (two for schools, governments and large contractors)"),
    Period(Kept.NOTICE, 5, _BEGUN, _CLAIMS),
    Period(Kept.DECISION, 5, _BEGUN, _CLAIMS),
    Period(Kept.CONSENT, 5, _BEGUN, _CLAIMS),
    Period(Kept.REPORT, 4, _BEGUN, "Los Angeles County Fair Chance Ordinance: four years (K); the City's three end within them", _LOS_ANGELES),
)  # fmt: skip


def periods(kept: Kept, on: date) -> tuple[Period, ...]:
    """Those of a class in force on a day: for everywhere and for each place, the newest of each."""
    newest: dict[Pattern | None, Period] = {}
    for period in sorted(PERIODS, key=lambda one: one.effective_on):
        if period.kept is kept and period.effective_on <= on:
            newest[period.where] = period
    return tuple(newest.values())


def period(kept: Kept, work: Place, on: date, *, notified: bool) -> Period:
    """What binds a case. A report that went out with a notice is part of it, and is kept as long.

    A place that cannot be told counts as inside: the longer period then holds.
    """
    found: Iterable[Period] = [
        one for one in periods(kept, on) if one.where is None or one.where.contains(work) is not False
    ]
    if kept is Kept.REPORT and notified:
        found = [*found, *periods(Kept.NOTICE, on)]
    return max(found, key=lambda one: one.years)


def due_on(ended_on: date, years: int) -> date:
    """The first day on which it may be destroyed."""
    try:
        return ended_on.replace(year=ended_on.year + years)
    except ValueError:  # February 29
        return date(ended_on.year + years, 3, 1)
