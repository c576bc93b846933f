"""How a connection is doing."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.connections.models import Connection, ConnectionStatus
from app.core.clock import now
from app.core.events import Actor, Risk, record


def note_exchange(session: Session, connection: Connection) -> None:
    """Something was delivered or fetched without trouble."""
    connection.last_sync_at = connection.last_successful_sync_at = now()
    connection.error_count = 0
    session.flush()


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
