"""What pages show of syncing: connections, runs, records. Each function is one query, said in its name's plural."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.connections.models import Connection
from app.connections.services import manifest_of
from app.core.access import Can
from app.core.counts import capped
from app.core.db import fetch
from app.core.errors import NotFound
from app.core.events import Actor, record_read
from app.integrations.sync.mapping import Mapped, to_record
from app.integrations.sync.records import Kind
from app.syncing.models import RemoteRecord, SyncPlan, SyncRun
from app.syncing.rules import RecordState
from app.syncing.services.mapping import resource_of
from app.syncing.services.running import changes_by, usual_plan
from app.syncing.services.settling import label_of

PAGE = 50
MOST_CONNECTIONS = 500
ASKING = (RecordState.DOUBTFUL, RecordState.REFUSED, RecordState.WAITING, RecordState.IGNORED)
"""What the list of records can be asked for: what a person may do something about."""

ROW = (
    Connection.id, Connection.name, Connection.adapter, Connection.status, Connection.is_active, Connection.environment,
    Connection.api_endpoint_url, Connection.phase, Connection.last_successful_sync_at,
)  # fmt: skip


def linked(session: Session, actor: Actor) -> list[Any]:
    """Every connection as a row, by name."""
    actor.require(Can.SYNC_VIEW)
    return list(session.execute(sa.select(*ROW).order_by(Connection.name).limit(MOST_CONNECTIONS)))


def link(session: Session, actor: Actor, connection_id: UUID | str) -> Connection:
    """A connection that reads records. Raises NotFound for any other."""
    actor.require(Can.SYNC_VIEW)
    row = fetch(session, Connection, connection_id)
    if not manifest_of(row.adapter).synced:
        raise NotFound
    return row


def plan_shown(session: Session, connection_id: UUID) -> SyncPlan:
    """How it is kept in step; what is usual, not stored, when nobody has said anything."""
    found = session.scalars(sa.select(SyncPlan).where(SyncPlan.connection_id == connection_id)).one_or_none()
    return found or usual_plan(connection_id)


RUN = (
    SyncRun.id, SyncRun.mode, SyncRun.is_dry, SyncRun.state, SyncRun.failure, SyncRun.records_processed, SyncRun.records_failed,
    SyncRun.asked_by_user_id, SyncRun.created_at, SyncRun.started_at, SyncRun.completed_at, SyncRun.parts,
)  # fmt: skip


def runs(
    session: Session, actor: Actor, connection_id: UUID, after: str = "", limit: int = PAGE
) -> tuple[list[Any], str]:
    """One page of its runs, the newest first, and the key of the next."""
    actor.require(Can.SYNC_VIEW)
    query = sa.select(*RUN).where(SyncRun.connection_id == connection_id)
    if after:
        query = query.where(SyncRun.id < _id(after))
    rows = list(session.execute(query.order_by(SyncRun.id.desc()).limit(limit + 1)))
    return rows[:limit], str(rows[limit - 1].id) if len(rows) > limit else ""


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


def run(session: Session, actor: Actor, run_id: UUID | str) -> SyncRun:
    """One run. Who may read records is shown what a rehearsal would do to them, and that is recorded. Raises NotFound."""
    actor.require(Can.SYNC_VIEW)
    found = fetch(session, SyncRun, run_id)
    if found.is_dry and found.diff and actor.can(Can.SYNC_REVIEW):
        record_read(session, actor, "syncing.run.viewed", found)
    return found


def asking(session: Session, connection_id: UUID) -> dict[str, int]:
    """How many records of each state a person may do something about, each at most `core.counts.CAP`."""
    columns = [
        capped(sa.select(RemoteRecord.id).where(RemoteRecord.connection_id == connection_id, RemoteRecord.state == state)).label(state)
        for state in ASKING
    ]  # fmt: skip
    return dict(session.execute(sa.select(*columns)).one()._mapping)


def records(
    session: Session, actor: Actor, connection: Connection, state: RecordState, after: str = ""
) -> tuple[list[tuple[RemoteRecord, str]], str]:
    """One page of records in this state with what they are called, the oldest first, and the key of the next."""
    actor.require(Can.SYNC_REVIEW)
    query = sa.select(RemoteRecord).where(RemoteRecord.connection_id == connection.id, RemoteRecord.state == state)
    if after:
        query = query.where(RemoteRecord.id > _id(after))
    rows = list(session.scalars(query.order_by(RemoteRecord.id).limit(PAGE + 1)))
    named = [(row, label_of(mapped(connection, row).values)) for row in rows[:PAGE]]
    return named, str(rows[PAGE - 1].id) if len(rows) > PAGE else ""


def remote_record(session: Session, actor: Actor, record_id: UUID | str) -> RemoteRecord:
    """One record with what the provider says, which may be about a person: the look is recorded. Raises NotFound."""
    actor.require(Can.SYNC_REVIEW)
    row = fetch(session, RemoteRecord, record_id)
    record_read(session, actor, "syncing.record.viewed", row)
    return row


def mapped(connection: Connection, row: RemoteRecord) -> Mapped:
    """A record in our fields as it was last read; empty when its adapter reads this resource no more."""
    try:
        resource = resource_of(connection, row.resource)
    except NotFound:
        return Mapped(None, {}, {})
    changes = changes_by(connection, (resource,))[resource.name]
    return to_record(Kind(row.kind), resource.fields, row.remote_id, row.raw or {}, changes)
