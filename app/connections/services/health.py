"""How a connection is doing."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.connections.models import Connection, ConnectionStatus
from app.core.clock import now
from app.core.events import Actor, Risk, record

ANSWERED_EVERY = timedelta(minutes=1)
"""How exact the time of the last success is where there are many: a busy connection's row is not written at each answer."""


def note_exchange(session: Session, connection: Connection) -> None:
    """Something was delivered or fetched without trouble."""
    connection.last_sync_at = connection.last_successful_sync_at = now()
    connection.error_count = 0
    session.flush()


def note_answer(session: Session, connection_id: UUID) -> None:
    """A provider with an API answered. One statement, which mostly finds nothing to write."""
    moment = now()
    stale = sa.or_(
        Connection.error_count > 0,
        Connection.last_successful_sync_at.is_(None),
        Connection.last_successful_sync_at < moment - ANSWERED_EVERY,
    )
    session.execute(
        sa.update(Connection)
        .where(Connection.id == connection_id, stale)
        .values(last_sync_at=moment, last_successful_sync_at=moment, error_count=0),
        execution_options={"synchronize_session": False},
    )


def note_failure(session: Session, connection: Connection, code: str) -> None:
    """A failure that the next try may overcome."""
    connection.last_sync_at = now()
    connection.error_count += 1
    connection.last_check = connection.last_check | {"last_failure": code}
    session.flush()


def mark_broken(session: Session, actor: Actor, connection: Connection, code: str) -> None:
    """Only a person can repair this (credentials, host key): nothing is tried until a check succeeds."""
    note_failure(session, connection, code)
    connection.last_check = {"state": "failed", "code": code}
    if connection.status == ConnectionStatus.ERROR:
        return
    connection.status = ConnectionStatus.ERROR.value
    record(
        session, actor, "connections.connection.broke", connection, new={"code": code}, risk=Risk.HIGH, success=False
    )


def mark_healthy(session: Session, actor: Actor, connection: Connection) -> None:
    """A check succeeded. What waited for it goes on (jobs subscribe to `connections.connection.recovered`)."""
    broken = connection.status != ConnectionStatus.CONNECTED
    connection.status, connection.error_count = ConnectionStatus.CONNECTED.value, 0
    if broken:
        record(session, actor, "connections.connection.recovered", connection)
