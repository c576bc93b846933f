"""Requests as a program reads them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.access import Can
from app.core.events import Actor
from app.screening.models import CheckResult, ScreeningRequest
from app.screening.services.basis import behind_wall
from app.screening.services.cases import load
from app.screening.services.reports import viewed
from app.screening.services.scope import visible


def listed(
    session: Session, actor: Actor, *, candidate_id: UUID | None = None, status: str | None = None, since: date | None = None,
    after: tuple[Any, ...] | None = None, limit: int = 51,
) -> Sequence[ScreeningRequest]:  # fmt: skip
    """The newest first. One query.

    Args:
        since: begun on this day (UTC) or later. after: id of the last one seen.
    """
    query = sa.select(ScreeningRequest).where(visible(actor, Can.CHECK_VIEW))
    if candidate_id is not None:
        query = query.where(ScreeningRequest.candidate_id == candidate_id)
    if status is not None:
        query = query.where(ScreeningRequest.status == status)
    if since is not None:
        query = query.where(ScreeningRequest.initiated_at >= datetime.combine(since, time(), UTC))
    if after is not None:
        query = query.where(ScreeningRequest.id < after[0])
    return session.scalars(query.order_by(ScreeningRequest.id.desc()).limit(limit)).all()


def results(session: Session, actor: Actor, request: ScreeningRequest) -> list[dict[str, Any]]:
    """The searches of a request. What they found is told to who may read records, outside of New York City's wall, and is recorded."""
    query = sa.select(CheckResult).where(CheckResult.request_id == request.id, CheckResult.reportable)
    rows = session.scalars(query.order_by(CheckResult.check_type, CheckResult.id)).all()
    reads = bool(rows) and actor.can(Can.RECORD_VIEW)
    walled = reads and behind_wall(load(session, request))
    if reads:
        viewed(session, actor, request)
    return [_told(row, reads=reads and not (walled and row.criminal)) for row in rows]


def _told(row: CheckResult, *, reads: bool) -> dict[str, Any]:
    told: dict[str, Any] = {
        "check_type": row.check_type, "check_status": row.check_status, "check_date": row.checked_on,
        "completion_date": row.completed_at,
    }  # fmt: skip
    if not reads:
        return told
    return told | {
        "result_status": row.result_status, "severity_level": row.severity, "recommendation": row.recommendation,
        "review_required": row.review_required,
    }  # fmt: skip
