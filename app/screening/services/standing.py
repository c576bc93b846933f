"""How things are, as the candidate may know it: in plain steps, without what the report says and without how grave anything is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.integrations.screening import Status
from app.screening.models import CaseNotice, CheckResult, ScreeningRequest
from app.screening.rules.adverse import NOTIFIED
from app.screening.rules.outcomes import Decision
from app.screening.rules.states import CheckStatus, ConsentState, OrderState
from app.screening.services.cases import Case
from app.screening.services.papers import company_today

SPREAD = timedelta(days=3)
"""A provider's day is a guess: nine of ten are done a day later (reference/screening.md §2.1); said as a span, it is kept more often."""


class Where(StrEnum):
    """One of these is true at any time; the page has words for each."""

    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"
    PREPARING = "preparing"
    WAITS_FOR_EMPLOYER = "waits_for_employer"
    DETAILS = "details"
    RUNNING = "running"
    NEEDS_YOU = "needs_you"
    DISPUTE = "dispute"
    REPORTED = "reported"
    NOTICE = "notice"
    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not_accepted"


@dataclass(frozen=True, slots=True)
class Expected:
    """Between these days. late: they are over, and only `at_latest` stands."""

    first: date
    last: date
    late: bool
    at_latest: date


def where(request: ScreeningRequest) -> Where:
    """The first that holds, the most final first."""
    if request.consent == ConsentState.DECLINED:
        return Where.DECLINED
    if request.consent == ConsentState.WITHDRAWN:
        return Where.WITHDRAWN
    if request.decision != Decision.PENDING:
        return Where.ACCEPTED if request.decision == Decision.ACCEPTED else Where.NOT_ACCEPTED
    if request.canceled_at is not None:
        return Where.ENDED
    if request.stage in NOTIFIED and request.notified_at is not None:
        return Where.NOTICE
    if request.order_state != OrderState.PLACED:
        return Where.WAITS_FOR_EMPLOYER if request.hold_reason else Where.PREPARING
    return _BY_PROVIDER.get(Status(request.provider_status), Where.WAITS_FOR_EMPLOYER)


_BY_PROVIDER = {
    Status.ORDERED: Where.DETAILS,
    Status.WAITING_CANDIDATE: Where.DETAILS,
    Status.IN_PROGRESS: Where.RUNNING,
    Status.CANDIDATE_ACTION: Where.NEEDS_YOU,
    Status.DISPUTE: Where.DISPUTE,
    Status.COMPLETE: Where.REPORTED,
    Status.CANCELED: Where.ENDED,
}

MOVING = frozenset(Where) - {Where.DECLINED, Where.WITHDRAWN, Where.ENDED, Where.ACCEPTED, Where.NOT_ACCEPTED}
"""Where something may still happen: the page looks again by itself."""


def expected(case: Case) -> Expected | None:
    """When the report may be there; None while it is not being made."""
    request = case.request
    if where(request) not in (Where.RUNNING, Where.NEEDS_YOU, Where.DETAILS) or request.estimated_completion_on is None:
        return None
    first = request.estimated_completion_on
    last = min(first + SPREAD, max(first, request.due_on))
    return Expected(first, last, late=company_today(case) > last, at_latest=max(request.due_on, last))


_UNDER_WAY = frozenset({Where.DETAILS, Where.RUNNING, Where.NEEDS_YOU, Where.DISPUTE, Where.WAITS_FOR_EMPLOYER})


def steps(session: Session, request: ScreeningRequest) -> Sequence[Any]:
    """Each search by kind, and whether it is finished: never with which result. Nothing once the report is there. One query."""
    if where(request) not in _UNDER_WAY:
        return ()
    query = (
        sa.select(CheckResult.check_type, CheckResult.check_status)
        .where(CheckResult.request_id == request.id, CheckResult.reportable)
        .order_by(CheckResult.check_type, CheckResult.id)
    )
    return [(row.check_type, row.check_status in _FINISHED) for row in session.execute(query)]


_FINISHED = (CheckStatus.COMPLETED.value, CheckStatus.CANCELED.value, CheckStatus.NOT_APPLICABLE.value)


def letters(session: Session, request: ScreeningRequest) -> Sequence[CaseNotice]:
    """What was sent to the candidate in this case, each letter once, the newest first. One query."""
    query = (
        sa.select(CaseNotice)
        .where(CaseNotice.request_id == request.id, CaseNotice.sent_at.is_not(None), CaseNotice.void_at.is_(None))
        .order_by(CaseNotice.id.desc())
    )
    once: dict[tuple[str, str], CaseNotice] = {}
    for notice in session.scalars(query):
        once.setdefault((notice.kind, notice.content_sha256), notice)
    return tuple(once.values())


def may_have_report(request: ScreeningRequest, *, copy_requested: bool) -> bool:
    """Whether the candidate may take the report from here: asked for by box (California), sent with a notice, or after the decision.

    Before that it is the agency's to give, and the page says how to ask.
    """
    told = request.notified_at is not None or request.decision != Decision.PENDING
    return request.report_file_id is not None and (copy_requested or told)


def answerable(request: ScreeningRequest) -> bool:
    """Whether a letter waits for the candidate's answer."""
    return request.stage in NOTIFIED and request.notified_at is not None
