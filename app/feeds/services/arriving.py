"""What arrived from carriers: the list, a look on request, a file handed over by a person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.connections import services as connections
from app.connections.models import Connection, InboxItem
from app.core import storage
from app.core.access import Can
from app.core.clock import now
from app.core.errors import Conflict, Invalid, NotFound
from app.core.events import Actor, record
from app.feeds.services.carriers import connection_or_404, takes_files
from app.feeds.services.discrepancies import PAGE, Listed


def listed(session: Session, actor: Actor, state: str, connection_id: UUID | None, after: str = "") -> Listed:
    """One page, newest first. One query."""
    actor.require(Can.FEED_VIEW)
    query: Any = sa.select(
        InboxItem.id, InboxItem.received_at, InboxItem.kind, InboxItem.state, InboxItem.problem, InboxItem.summary,
        Connection.name.label("carrier"),
    ).join(Connection, sa.and_(Connection.company_id == InboxItem.company_id, Connection.id == InboxItem.connection_id))  # fmt: skip
    if state:
        query = query.where(InboxItem.state == state)
    if connection_id:
        query = query.where(InboxItem.connection_id == connection_id)
    if after:
        try:
            query = query.where(InboxItem.id < UUID(after))
        except ValueError:
            raise NotFound from None
    rows = list(session.execute(query.order_by(InboxItem.id.desc()).limit(PAGE + 1)))
    return Listed(rows[:PAGE], str(rows[PAGE - 1].id) if len(rows) > PAGE else "", len(rows[:PAGE]))


def ask_for_poll(session: Session, actor: Actor, connection_id: UUID) -> None:
    """Look into the carrier's folder now. Raises Conflict for a connection without files, NotFound."""
    actor.require(Can.FEED_MANAGE)
    connection = connection_or_404(session, connection_id)
    if not takes_files(connection):
        raise Conflict("this connection has no files")
    connection.next_poll_at = now()
    record(session, actor, "feeds.poll.asked", connection)


def take_upload(session: Session, actor: Actor, connection_id: UUID, name: str, data: bytes) -> bool:
    """A census somebody got by mail or from a portal. False when the very same file is here already.

    Raises:
        Invalid: field `upload` → what to do.
    """
    actor.require(Can.FEED_MANAGE)
    connection = connection_or_404(session, connection_id)
    try:
        if not data.lstrip().startswith(b"ISA"):
            storage.check_upload(data, name, {"csv", "txt"})
    except Invalid as problem:
        raise Invalid({"upload": next(iter(problem.errors.values()))}) from None
    return connections.receive(session, actor, connection, name[-120:], data, "upload") is not None
