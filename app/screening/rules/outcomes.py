"""What a provider says and what we decide, on four separate axes (reference/screening.md §2.3). A provider never writes our decision.

The fourth axis, the stage of adverse action, is `adverse.Stage`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

from app.integrations.screening import Result as ProviderResult
from app.integrations.screening import Status as ProviderStatus


class Decision(StrEnum):
    """Ours alone, made by a person."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not_accepted"


_Word = TypeVar("_Word", ProviderStatus, ProviderResult)


def mapped(codes: Mapping[str, _Word], code: str | None, unmapped: _Word) -> _Word:
    """Our word for a provider's code. One that is missing from the adapter's table is `unmapped`, never a guess.

    Args:
        codes: the adapter's table, its keys in lower case.
    """
    return codes.get((code or "").strip().casefold(), unmapped)


@dataclass(frozen=True, slots=True)
class Check:
    """One search of a report. `ref` names it among what was ordered (two counties are two searches)."""

    ref: str
    status: ProviderStatus
    result: ProviderResult


@dataclass(frozen=True, slots=True)
class Report:
    """`includes_canceled`: the provider says that not everything ran. `ordered`: the refs of every search we paid for."""

    status: ProviderStatus
    result: ProviderResult
    ordered: frozenset[str]
    checks: tuple[Check, ...]
    includes_canceled: bool = False


class Doubt(StrEnum):
    """Why a report is not clear."""

    NOT_COMPLETE = "not_complete"
    RESULT_NOT_CLEAR = "result_not_clear"
    SOMETHING_CANCELED = "something_canceled"
    NOTHING_ORDERED = "nothing_ordered"
    CHECK_MISSING = "check_missing"
    CHECK_NOT_CLEAR = "check_not_clear"


def doubts(report: Report) -> tuple[Doubt, ...]:
    """Everything that keeps a report from being clear. "Clear" is never inferred from absence (reference/screening.md §5, 7)."""
    done = [check.status is ProviderStatus.COMPLETE and check.result is ProviderResult.CLEAR for check in report.checks]
    canceled = any(check.status is ProviderStatus.CANCELED for check in report.checks)
    facts = {
        Doubt.NOT_COMPLETE: report.status is not ProviderStatus.COMPLETE,
        Doubt.RESULT_NOT_CLEAR: report.result is not ProviderResult.CLEAR,
        Doubt.SOMETHING_CANCELED: report.includes_canceled or canceled,
        Doubt.NOTHING_ORDERED: not report.ordered,
        Doubt.CHECK_MISSING: bool(report.ordered - {check.ref for check in report.checks}),
        Doubt.CHECK_NOT_CLEAR: not all(done),
    }
    return tuple(doubt for doubt, true in facts.items() if true)


def is_clear(report: Report) -> bool:
    return not doubts(report)


@dataclass(frozen=True, slots=True)
class Seen:
    """A report as one event, or one look at the provider, showed it.

    Attributes:
        revision: counts up when the provider revises a report; 0 where it has no such number.
        occurred_at: the provider's own time, aware; None where it gives none.
        event_id: the provider's; settles nothing but ties.
    """

    status: ProviderStatus
    result: ProviderResult
    revision: int = 0
    occurred_at: datetime | None = None
    event_id: str = ""


_START = datetime.min.replace(tzinfo=UTC)


def rank(seen: Seen) -> tuple[int, datetime, int, int, str]:
    """Later is greater: revision, then the provider's time, then how far along, then the graver result. Total, so order never matters."""
    statuses, results = list(ProviderStatus), list(ProviderResult)
    occurred_at = seen.occurred_at or _START
    return seen.revision, occurred_at, statuses.index(seen.status), results.index(seen.result), seen.event_id


def newest(known: Seen, more: Iterable[Seen]) -> Seen:
    """The state after any number of events, in any order, any of them repeated: an older one never overwrites a newer one."""
    return max((known, *more), key=rank)
