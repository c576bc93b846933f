"""What the page of files shows: orders that went out, results that came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.connections.models import Connection, InboxItem
from app.core.access import Can
from app.core.errors import NotFound
from app.core.events import Actor, record
from app.screening.models import OrderFile, ScreeningRequest
from app.screening.rules.states import OrderState
from app.screening.services.files import ways

LIMIT = 50


def order_files(session: Session, connection: Connection) -> Sequence[Any]:
    """The newest first, each with how many of its orders were canceled since. One query."""
    canceled = (
        sa.select(sa.func.count())
        .select_from(ScreeningRequest)
        .where(
            ScreeningRequest.company_id == OrderFile.company_id, ScreeningRequest.order_file_id == OrderFile.id,
            ScreeningRequest.canceled_at.is_not(None),
        )
        .scalar_subquery()
    )  # fmt: skip
    query = sa.select(
        OrderFile.id, OrderFile.name, OrderFile.orders, OrderFile.state, OrderFile.began_at, OrderFile.delivered_at,
        OrderFile.problem, OrderFile.created_at, canceled.label("canceled"),
    ).where(OrderFile.connection_id == connection.id)  # fmt: skip
    return session.execute(query.order_by(OrderFile.id.desc()).limit(LIMIT)).all()


def results(session: Session, connection: Connection) -> Sequence[Any]:
    """The newest first. One query."""
    query = sa.select(
        InboxItem.id, InboxItem.received_at, InboxItem.remote_name, InboxItem.source, InboxItem.state, InboxItem.summary,
    ).where(InboxItem.connection_id == connection.id)  # fmt: skip
    return session.execute(query.order_by(InboxItem.id.desc()).limit(LIMIT)).all()


def result(session: Session, connection: Connection, item_id: UUID) -> InboxItem:
    """Raises NotFound for one of another connection."""
    query = sa.select(InboxItem).where(InboxItem.id == item_id, InboxItem.connection_id == connection.id)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound
    return found


def released(session: Session, connection: Connection) -> int:
    """Orders that wait to be written into a file."""
    query = sa.select(sa.func.count()).select_from(ScreeningRequest)
    query = query.where(
        ScreeningRequest.connection_id == connection.id, ScreeningRequest.order_state == OrderState.RELEASED.value
    )
    return int(session.scalar(query) or 0)


def ask_now(session: Session, actor: Actor, connection_id: UUID) -> None:
    """Somebody does not want to wait: orders leave and folders are looked into now."""
    found = ways.connection(session, actor, connection_id, Can.CONNECTION_MANAGE)
    record(session, actor, "screening.files.asked", found)
