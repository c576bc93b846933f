"""From an item of the inbox to what it says: read, tried out, marked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.connections import services as connections
from app.connections.models import Connection, InboxItem, InboxState
from app.core import storage
from app.core.access import Can
from app.core.clock import now
from app.core.db import fetch
from app.core.errors import Invalid, NotFound
from app.core.events import Actor, record
from app.core.models import StoredFile
from app.integrations.adapters.custom_screening.adapter import Connector
from app.integrations.adapters.custom_screening.reading import Facts
from app.integrations.adapters.custom_screening.settings import ConnectorConfig
from app.integrations.failures import Refused, Rejected
from app.integrations.formats.records import Problem
from app.screening.models import OrderFile
from app.screening.rules.states import OrderFileState
from app.screening.services.files import reading, ways
from app.screening.services.files.reading import Sorted

KIND = "results"
DRAFT = "screening_results_draft"
"""Purpose of a stored file that a person has uploaded and not confirmed."""

DRAFT_HOURS = 24
FILE_DAYS = 90
"""How long order files and result files are kept as they were, to settle with a provider who said what."""

SHOWN = 200
"""Problems kept with an item; the provider repairs the first ones first."""

UPLOADS = frozenset({"csv", "txt", "xlsx"})


@dataclass(frozen=True, slots=True)
class Arrived:
    """An item, and everything to read it and to put its file away with the transaction closed."""

    item_id: UUID
    connection_id: UUID
    name: str
    data: bytes = field(repr=False)
    received_at: datetime
    by_server: bool
    adapter: str
    config: ConnectorConfig
    secrets: BaseModel = field(repr=False)

    def read(self) -> Facts:
        """Raises Refused: the file as a whole. Rejected: the settings do not say how to read it."""
        return Connector(self.config).read_results(self.data, self.received_at)


def arrived(session: Session, item_id: UUID) -> Arrived | None:
    """None for what is no result file. Raises Invalid while the settings are incomplete."""
    item = fetch(session, InboxItem, item_id)
    connection = fetch(session, Connection, item.connection_id)
    if not ways.by_files(connection):
        return None
    try:
        data = connections.content(session, item)
    except NotFound:  # destroyed: it was read long ago
        return None
    return Arrived(
        item.id, connection.id, item.remote_name, data, item.received_at,
        item.source == "sftp" and ways.by_server(connection), connection.adapter, ways.config_of(connection),
        connections.secrets_of(connection),
    )  # fmt: skip


def mark_refused(session: Session, actor: Actor, item_id: UUID, refused: Refused) -> None:
    """Nothing of the file counts."""
    summary = {"code": refused.code}
    connections.mark(session, actor, item_id, InboxState.REFUSED, kind=KIND, problem=refused.reason, summary=summary)


def mark_unreadable(session: Session, actor: Actor, item_id: UUID) -> None:
    """The settings do not say yet how to read it."""
    problem = "Say in the settings of the connection how results are read; then this file is read again."
    connections.mark(session, actor, item_id, InboxState.UNMAPPED, kind=KIND, problem=problem)


def mark_read(session: Session, actor: Actor, item_id: UUID, read: Facts, found: Sorted) -> bool:
    """What counted and what was left out; returns whether all of it counted. A file with any row left out is one to look at."""
    problems = _listed(read, found)
    summary = counts(read, found) | {"problems": [as_json(one) for one in problems[:SHOWN]]}
    words = "Some rows were left out. Send them to the provider; the other rows count." if problems else ""
    state = InboxState.REFUSED if problems else InboxState.APPLIED
    connections.mark(session, actor, item_id, state, kind=KIND, problem=words, summary=summary)
    return not problems


def counts(read: Facts, found: Sorted) -> dict[str, Any]:
    """Numbers only."""
    return {
        "rows": read.rows, "new": len(found.new), "known": found.known + read.repeated, "requests": len(found.facts),
        "left_out": len({one.row for one in _listed(read, found)}), "unmapped": reading.unmapped(found.new),
    }  # fmt: skip


def _listed(read: Facts, found: Sorted) -> list[Problem]:
    return sorted((*read.problems, *found.problems), key=lambda one: (one.row, one.code))


def as_json(problem: Problem) -> dict[str, Any]:
    """No value of the file is in it."""
    return {"row": problem.row, "code": problem.code, "place": problem.place, "reason": problem.reason}


# --- by hand ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tried:
    """What an upload would do."""

    name: str
    counts: dict[str, Any]
    problems: list[dict[str, Any]]


def upload(session: Session, actor: Actor, connection: Connection, name: str, data: bytes) -> UUID:
    """Keep a file until somebody confirms it. Returns the draft's id; nothing else changes.

    Raises:
        Invalid: field `upload` → what to do.
    """
    actor.require(Can.CONNECTION_MANAGE)
    try:
        if name.rsplit(".", 1)[-1].lower() in UPLOADS:  # the other formats have no kind of their own to compare with
            storage.check_upload(data, name, UPLOADS)
        ways.connector_of(connection).read_results(data, now())
    except Refused as refused:
        raise Invalid({"upload": refused.reason}) from None
    except Rejected:
        raise Invalid({"upload": "Say in the settings of the connection how results are read first."}) from None
    except Invalid as problem:
        raise Invalid({"upload": next(iter(problem.errors.values()), str(problem))}) from None
    kept = storage.keep(session, data, name=name[-120:], content_type="application/octet-stream", purpose=DRAFT)
    session.flush()
    return kept.id


def tried(session: Session, actor: Actor, connection: Connection, draft_id: UUID) -> Tried:
    """Read a draft without changing anything. Raises NotFound: confirmed before, or too long ago."""
    actor.require(Can.CONNECTION_MANAGE)
    draft = _draft(session, draft_id)
    try:
        read = ways.connector_of(connection).read_results(storage.read(session, draft.id), now())
    except (Refused, Rejected):
        raise NotFound from None  # the settings were changed since
    found = reading.sort(session, connection, read.facts)
    return Tried(draft.name, counts(read, found), [as_json(one) for one in _listed(read, found)[:SHOWN]])


def _draft(session: Session, draft_id: UUID, *, lock: bool = False) -> StoredFile:
    draft = fetch(session, StoredFile, draft_id, lock=lock)
    if draft.purpose != DRAFT or draft.deleted_at is not None:
        raise NotFound
    return draft


def confirm(session: Session, actor: Actor, connection: Connection, draft_id: UUID) -> UUID:
    """What was tried out arrives. Returns the item. Raises NotFound: confirmed before, or too long ago."""
    actor.require(Can.CONNECTION_MANAGE)
    draft = _draft(session, draft_id, lock=True)
    data = storage.read(session, draft.id)
    item_id = take(session, actor, connection, draft.name, data)
    storage.destroy(session, draft.id)
    return item_id


def take(session: Session, actor: Actor, connection: Connection, name: str, data: bytes) -> UUID:
    """A file by hand. The very same one again is read again: what it names may be here by now."""
    item_id = connections.receive(session, actor, connection, name, data, "upload")
    if item_id is None:
        known = connections.again(session, connection, name, data)
        assert known is not None
        item_id = known.id
        record(session, actor, "screening.results.wanted", known)
    return item_id


def old_drafts(session: Session) -> Iterable[UUID]:
    """Uploads that nobody confirmed."""
    query = sa.select(StoredFile.id).where(
        StoredFile.purpose == DRAFT, StoredFile.deleted_at.is_(None),
        StoredFile.created_at < now() - timedelta(hours=DRAFT_HOURS),
    )  # fmt: skip
    return session.scalars(query).all()


def outlived(session: Session, limit: int = 500) -> Sequence[UUID]:
    """Files that several people stand in, so that they cannot go with one of their cases: what they say is in the rows of each."""
    old = sa.and_(StoredFile.deleted_at.is_(None), StoredFile.created_at < now() - timedelta(days=FILE_DAYS))
    orders = sa.select(StoredFile.id).join(OrderFile, OrderFile.file_id == StoredFile.id)
    results = sa.select(StoredFile.id).join(InboxItem, InboxItem.file_id == StoredFile.id)
    found = [
        orders.where(old, OrderFile.state != OrderFileState.READY.value),
        results.where(old, InboxItem.kind == KIND, InboxItem.state != InboxState.UNMAPPED.value),
    ]
    return [file_id for query in found for file_id in session.scalars(query.limit(limit))]
