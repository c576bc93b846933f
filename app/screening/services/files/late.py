"""A result file that was agreed and did not come."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.connections.models import Connection, InboxItem
from app.core.clock import now
from app.core.errors import Invalid
from app.integrations.adapters.custom_screening.pick_up import overdue_since
from app.screening.models import ScreeningRequest
from app.screening.rules.states import Bucket, OrderState
from app.screening.services.files import ways


def overdue(session: Session) -> list[tuple[Connection, datetime]]:
    """Connections whose provider has orders of ours and let its hour pass, with that hour (UTC)."""
    found = []
    for connection in ways.active(session):
        since = overdue_of(session, connection)
        if since is not None:
            found.append((connection, since))
    return found


def overdue_of(session: Session, connection: Connection) -> datetime | None:
    """The agreed hour that passed; None when all is well, nothing is agreed, or the provider has nothing to tell of."""
    try:
        settings = ways.config_of(connection).pick_up
    except Invalid:
        return None  # its page says what is missing
    last_at = session.scalar(
        sa.select(sa.func.max(InboxItem.received_at)).where(InboxItem.connection_id == connection.id)
    )
    since = overdue_since(settings, last_at, now())
    return since if since is not None and _expects(session, connection, since) else None


def _expects(session: Session, connection: Connection, since: datetime) -> bool:
    query = sa.select(ScreeningRequest.id).where(
        ScreeningRequest.connection_id == connection.id, ScreeningRequest.order_state == OrderState.PLACED.value,
        ScreeningRequest.bucket == Bucket.ACTIVE.value, ScreeningRequest.submitted_at < since,
    )  # fmt: skip
    return session.scalars(query.limit(1)).first() is not None
