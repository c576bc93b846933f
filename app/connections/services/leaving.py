"""Disconnecting: what opened the provider is gone at once; that we are gone is told to the provider by a job."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.connections.models import Connection, ConnectionStatus, ProviderToken
from app.connections.services import calling
from app.connections.services.access import has_token
from app.connections.services.providers import in_use, manifest_of, sign_in_of
from app.connections.services.settings import record_change, to_manage
from app.core.db import fetch
from app.core.errors import Conflict
from app.core.events import Actor, Risk, record
from app.integrations.auth.tokens import Token

LEFT = "disconnected"
"""State of the last check of a connection that was taken apart by a person."""


def may_leave(session: Session, connection: Connection) -> bool:
    """Whether there is anything to take away."""
    return connection.credentials_enc is not None or has_token(session, connection.id)  # type: ignore[attr-defined]


def disconnect(session: Session, actor: Actor, connection_id: UUID | str) -> Connection:
    """Take token and credentials away: from here on nothing can be sent or fetched. Files, results and the log stay.

    Raises:
        Conflict: there is nothing to take away.
    """
    connection = to_manage(session, actor, connection_id)
    if not may_leave(session, connection):
        raise Conflict("the connection is not connected")
    if not _bid_farewell(session, connection):
        calling.forget_token(session, connection.id)
    connection.credentials = None
    connection.status, connection.last_check = ConnectionStatus.DISCONNECTED.value, {"state": LEFT}
    connection.access_ends_at, connection.error_count = None, 0
    record_change(session, actor, "disconnected", connection, risk=Risk.HIGH)
    return connection


def _bid_farewell(session: Session, connection: Connection) -> bool:
    """Keep what revoking the token takes, for the job alone; False where nothing has to be revoked, or nothing can."""
    auth, row = sign_in_of(connection), session.scalars(_token(connection.id)).one_or_none()
    if auth is None or not auth.revoke_url or row is None or row.issued_at is None or row.farewell is not None:
        return row is not None and row.farewell is not None
    row.farewell = in_use(connection.credentials)
    return True


def _token(connection_id: UUID) -> sa.Select[ProviderToken]:
    return sa.select(ProviderToken).where(ProviderToken.connection_id == connection_id).with_for_update()


class Farewell(NamedTuple):
    """What revoking takes; shows no secret when printed."""

    link: calling.Link
    token: Token


def farewell_of(session: Session, connection_id: UUID) -> Farewell | None:
    """None when nothing has to be revoked, or somebody signed in again meanwhile."""
    row = session.scalars(_token(connection_id)).one_or_none()
    if row is None or row.farewell is None or row.issued_at is None:
        return None
    link = calling.link_of(session, connection_id, trying=True)
    secrets = manifest_of(link.adapter).secrets.model_validate(row.farewell)
    token = Token(row.access, row.issued_at, row.expires_at, row.refresh or "", tuple(row.scopes), row.extra or {})
    return Farewell(replace(link, secrets=secrets, closed=None), token)


def finish(session: Session, actor: Actor, connection_id: UUID, problem: str) -> None:
    """The token is gone here, whatever the provider said. problem: why it was not told, a code."""
    connection = fetch(session, Connection, connection_id, lock=True)
    row = session.scalars(_token(connection_id)).one_or_none()
    if row is None or row.farewell is None:
        return
    session.delete(row)
    if connection.last_check.get("state") == LEFT:
        connection.last_check = {"state": LEFT, "code": problem}
    facts, told = {"code": problem}, not problem
    record(session, actor, "connections.connection.revoked", connection, new=facts, risk=Risk.HIGH, success=told)
