"""What a person decides about a record: who it is, that it is not ours, that it shall be tried again."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.connections.models import Connection
from app.connections.services import manifest_of
from app.core.access import Can
from app.core.db import fetch
from app.core.errors import Conflict, Invalid
from app.core.events import Actor, Risk, record
from app.integrations.sync.records import Kind
from app.syncing.models import RemoteRecord
from app.syncing.rules import RecordState
from app.syncing.services.running import changes_by, take_again, work_of
from app.syncing.services.taking import finder_of

OPEN = (RecordState.DOUBTFUL, RecordState.REFUSED, RecordState.WAITING, RecordState.IGNORED)


def decide(session: Session, actor: Actor, record_id: UUID | str, *, local_id: UUID | None) -> RemoteRecord:
    """Say which of our rows a record is; None: it is a new one. A job takes it.

    Raises:
        Conflict: nothing is open about it.
    """
    row = _open(session, actor, record_id)
    row.local_id, row.problems = local_id, {}
    what = {"local_id": str(local_id) if local_id else None}
    record(session, actor, "syncing.record.decided", row, new=what, risk=Risk.MEDIUM)
    return row


def match(session: Session, actor: Actor, record_id: UUID | str, number: str) -> RemoteRecord:
    """Say which of our rows a record is, by the number that rows of its kind are named by. A job takes it.

    Raises:
        Invalid: `number`: none has it, the actor may not see it, or another record of this provider is it already. Conflict: nothing is
            open about it.
    """
    row = _open(session, actor, record_id)
    find, typed = finder_of(Kind(row.kind)), number.strip()
    found = find(session, actor, None, typed) if find and typed else []
    if len(found) != 1:
        raise Invalid({"number": "Nobody has this number. Look it up in the list of people"})
    if _taken_by_another(session, row, found[0].id):
        raise Invalid({"number": "Another record of this provider is this one already. Leave one of the two out"})
    return decide(session, actor, row.id, local_id=found[0].id)


def _taken_by_another(session: Session, row: RemoteRecord, local_id: UUID) -> bool:
    """Two records would overwrite each other's facts, back and forth."""
    other = sa.select(RemoteRecord.id).where(
        RemoteRecord.connection_id == row.connection_id, RemoteRecord.kind == row.kind, RemoteRecord.local_id == local_id,
        RemoteRecord.id != row.id, RemoteRecord.gone_at.is_(None),
    )  # fmt: skip
    return session.scalars(other.limit(1)).one_or_none() is not None


def try_again(session: Session, actor: Actor, record_id: UUID | str) -> RemoteRecord:
    """What was wrong is mended, on either side. Raises Conflict when nothing is open about it."""
    row = _open(session, actor, record_id)
    record(session, actor, "syncing.record.retried", row)
    return row


def ignore(session: Session, actor: Actor, record_id: UUID | str, reason: str) -> RemoteRecord:
    """This is nobody of ours: leave it out from now on.

    Raises:
        Invalid: `reason`: none. Conflict: nothing is open about it.
    """
    if not reason.strip():
        raise Invalid({"reason": "Say why it is left out"})
    row = _open(session, actor, record_id)
    row.state, row.problems, row.due_on = RecordState.IGNORED.value, {}, None
    record(session, actor, "syncing.record.ignored", row, reason=reason, risk=Risk.MEDIUM)
    return row


def _open(session: Session, actor: Actor, record_id: UUID | str) -> RemoteRecord:
    actor.require(Can.SYNC_REVIEW)
    row = fetch(session, RemoteRecord, record_id, lock=True)
    if row.state not in OPEN:
        raise Conflict("nothing is open about this record")
    return row


def take_open(session: Session, actor: Actor, record_id: UUID, *, decided: bool) -> None:
    """Take a record anew. decided: a person said who it is, or that it is a new one; else it is matched as at first."""
    row = fetch(session, RemoteRecord, record_id, lock=True)
    connection = fetch(session, Connection, row.connection_id)
    resource = manifest_of(connection.adapter).kept(row.resource)
    if row.state not in OPEN or resource is None or row.gone_at is not None:
        return
    work = work_of(session, actor, connection.id, None)
    take_again(session, work, row, resource, changes_by(connection, (resource,))[resource.name], decided=decided)
