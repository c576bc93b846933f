"""What a provider sent about a request and what we sent, as it went over the wire. Bodies only for those who may read records."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.connections.models import Exchange, InboxItem
from app.core.access import Can
from app.core.events import Actor, Regulation, record_read
from app.screening.models import ScreeningRequest
from app.screening.services import scope
from app.screening.services.basis import report_closed
from app.screening.services.cases import load

LIMIT = 100


class Raw(NamedTuple):
    """One event or one call. body: as it was kept, redacted; None where the actor may not read records, or nothing was kept."""

    at: datetime
    what: str
    arrived: bool
    outcome: str
    ref: str
    body: str | None


def raw_events(session: Session, actor: Actor, request_id: UUID) -> tuple[ScreeningRequest, list[Raw]]:
    """Newest first, at most 100 of each kind. Reading bodies is a look at the report and recorded as one."""
    actor.require(Can.CONNECTION_VIEW)
    request = scope.request(session, actor, request_id, Can.CHECK_VIEW)
    reads = actor.can(Can.RECORD_VIEW) and not report_closed(session, load(session, request))
    found = [*_arrived(session, request), *_sent(session, request, reads=reads)]
    if reads and any(one.body for one in found):
        record_read(
            session, actor, "screening.record.viewed", request, person_id=request.candidate_id, regulation=Regulation.FCRA
        )  # fmt: skip
    return request, sorted(found, key=lambda one: one.at, reverse=True)


def _arrived(session: Session, request: ScreeningRequest) -> list[Raw]:
    """Events name an object; what it says is fetched by us, and stands among the calls."""
    refs = [
        ref
        for ref in (request.provider_report_id, request.provider_invitation_id, request.provider_candidate_id)
        if ref
    ]
    if not refs:
        return []
    query = (
        sa.select(
            InboxItem.received_at, InboxItem.event_kind, InboxItem.state, InboxItem.resource, InboxItem.resource_ref
        )
        .where(InboxItem.connection_id == request.connection_id, InboxItem.resource_ref.in_(refs))
        .order_by(InboxItem.received_at.desc())
        .limit(LIMIT)
    )
    return [
        Raw(row.received_at, row.event_kind, True, row.state, f"{row.resource} {row.resource_ref}", None)
        for row in session.execute(query)
    ]


def _sent(session: Session, request: ScreeningRequest, *, reads: bool) -> list[Raw]:
    query = (
        sa.select(Exchange).where(Exchange.subject_id == request.id).order_by(Exchange.started_at.desc()).limit(LIMIT)
    )
    return [
        Raw(
            one.started_at, one.operation, False, one.failure or str(one.status or ""), f"{one.method} {one.path}",
            one.answer_body if reads else None,
        )
        for one in session.scalars(query)
    ]  # fmt: skip
