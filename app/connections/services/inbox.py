"""Everything that arrives: stored raw first, under a key that makes the same thing one thing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.connections.models import Connection, InboxItem, InboxState
from app.core import storage
from app.core.clock import now
from app.core.db import current_tenant, fetch
from app.core.events import Actor, Sensitivity, record


def receive(
    session: Session,
    actor: Actor,
    connection: Connection,
    name: str,
    data: bytes,
    source: str,
    *,
    remote_mark: str = "",
    written_at: datetime | None = None,
) -> UUID | None:
    """Keep what arrived and record `connections.inbox.received`; a job applies it.

    Args:
        name: as the provider calls it. source: sftp, webhook, poll or upload.
        remote_mark: name, size and time over there, so that it is not fetched again.
        written_at: the provider's own time stamp (UTC, aware), when it has one.

    Returns:
        The item's id, or None when the very same thing (content and name) arrived before.
    """
    item_id, file_id = uuid7(), uuid7()
    key = _key(name, data)
    values: dict[str, Any] = {
        "company_id": current_tenant(), "id": item_id, "connection_id": connection.id, "dedupe_key": key,
        "source": source, "file_id": file_id, "remote_name": name, "remote_mark": remote_mark, "kind": "", "summary": {},
        "state": InboxState.RECEIVED.value, "problem": "", "written_at": written_at,
    }  # fmt: skip
    statement = insert(InboxItem).values(**values)
    statement = statement.on_conflict_do_nothing(index_elements=["company_id", "connection_id", "dedupe_key"])
    if session.scalar(statement.returning(InboxItem.id)) is None:
        _note_again(session, connection, key, remote_mark)
        return None
    storage.keep(session, data, name=name, content_type="application/octet-stream", purpose="inbox", file_id=file_id)
    facts = {"source": source, "bytes": len(data)}
    record(
        session, actor, "connections.inbox.received", ("inbox_item", item_id), new=facts,
        sensitivity=Sensitivity.CONFIDENTIAL,
    )  # fmt: skip
    return item_id


def _key(name: str, data: bytes) -> str:
    return f"{hashlib.sha256(data).hexdigest()}:{name}"


def again(session: Session, connection: Connection, name: str, data: bytes) -> InboxItem | None:
    """The item that this very thing (content and name) is, if it arrived before."""
    query = sa.select(InboxItem).where(
        InboxItem.connection_id == connection.id, InboxItem.dedupe_key == _key(name, data)
    )
    return session.scalars(query).one_or_none()


def _note_again(session: Session, connection: Connection, key: str, remote_mark: str) -> None:
    """The same thing under a new time stamp: remember the stamp, so that it is not fetched every minute."""
    if remote_mark:
        session.execute(
            sa.update(InboxItem)
            .where(InboxItem.connection_id == connection.id, InboxItem.dedupe_key == key)
            .values(remote_mark=remote_mark)
            .execution_options(synchronize_session=False)
        )


def seen(session: Session, connection_id: UUID, marks: Iterable[str]) -> set[str]:
    """Which of these remote files were fetched already."""
    query = sa.select(InboxItem.remote_mark).where(
        InboxItem.connection_id == connection_id, InboxItem.remote_mark.in_(list(marks))
    )
    return set(session.scalars(query))


def content(session: Session, item: InboxItem) -> bytes:
    return storage.read(session, item.file_id)


def mark(
    session: Session,
    actor: Actor,
    item_id: UUID,
    state: InboxState,
    *,
    kind: str,
    problem: str = "",
    summary: dict[str, Any] | None = None,
) -> InboxItem:
    """What became of an item: applied, refused or unmapped, with the reason in plain words."""
    item = fetch(session, InboxItem, item_id)
    item.state, item.kind, item.problem, item.summary = state.value, kind, problem, summary or {}
    item.applied_at = now()
    good = state is InboxState.APPLIED
    record(
        session, actor, f"connections.inbox.{state.value}", item, new={"kind": kind, "problem": problem, **item.summary},
        success=good,
    )  # fmt: skip
    return item
