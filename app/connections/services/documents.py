"""Documents a company wants in a drive of its own: which kinds go where, and what became of each copy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.connections.models import Connection, DocumentDrive, KeptDocument
from app.connections.rules import DOCUMENT_FOLDERS, CopyState
from app.connections.services.calling import Link, link_of
from app.core import storage
from app.core.access import Can
from app.core.clock import now
from app.core.db import fetch
from app.core.errors import Conflict, Invalid, NotFound
from app.core.events import Actor, Risk, Sensitivity, record
from app.core.models import StoredFile
from app.integrations import registry
from app.integrations.contracts import Capability
from app.integrations.ports import Document, Kept


class Offered(NamedTuple):
    """A connection with a drive, and which kinds of documents the company wants there."""

    connection: Connection
    kinds: Sequence[str]


def offered(session: Session) -> list[Offered]:
    """Every connection with a drive, by name. One query."""
    slugs = [slug for slug, one in registry.adapters().items() if Capability.KEEP_DOCUMENT in one.capabilities]
    return _offered(session, Connection.adapter.in_(slugs))


def one(session: Session, connection_id: UUID) -> Offered:
    """One of them. Raises NotFound for another company's, or a connection without a drive."""
    connection = fetch(session, Connection, connection_id)
    if Capability.KEEP_DOCUMENT not in registry.adapter(connection.adapter).capabilities:
        raise NotFound
    return _offered(session, Connection.id == connection.id)[0]


def _offered(session: Session, which: sa.ColumnElement[bool]) -> list[Offered]:
    query = sa.select(Connection, DocumentDrive).outerjoin(DocumentDrive, DocumentDrive.connection_id == Connection.id)
    rows = session.execute(query.where(which).order_by(Connection.name)).all()
    return [Offered(connection, drive.kinds if drive else []) for connection, drive in rows]


def choose(session: Session, actor: Actor, connection_id: UUID, kinds: Sequence[str]) -> DocumentDrive:
    """Which documents go into this drive from now on; records `connections.drive.changed`.

    Raises:
        NotFound: see `one`. Invalid: a kind that does not exist.
    """
    actor.require(Can.CONNECTION_MANAGE)
    known = one(session, connection_id)
    if not set(kinds) <= set(DOCUMENT_FOLDERS):
        raise Invalid({"kinds": "Choose from the list"})
    query = sa.select(DocumentDrive).where(DocumentDrive.connection_id == known.connection.id)
    row = session.scalars(query).one_or_none()
    if row is None:
        row = DocumentDrive(connection_id=known.connection.id)
        session.add(row)
    row.kinds = list(kinds)
    session.flush()
    if list(known.kinds) != row.kinds:
        old, new = {"kinds": list(known.kinds)}, {"kinds": row.kinds}
        record(session, actor, "connections.drive.changed", row, old=old, new=new, risk=Risk.HIGH)
    return row


def want(session: Session, actor: Actor, kind: str, file_id: UUID) -> None:
    """A document exists: it is kept in every drive that wants its kind. Saying it twice changes nothing."""
    copied = sa.select(KeptDocument.connection_id).where(KeptDocument.file_id == file_id)
    drives = (
        sa.select(DocumentDrive.connection_id)
        .join(Connection, Connection.id == DocumentDrive.connection_id)
        .where(DocumentDrive.kinds.contains([kind]), Connection.is_active, Connection.id.not_in(copied))
    )
    for connection_id in session.scalars(drives).all():
        copy = KeptDocument(connection_id=connection_id, file_id=file_id, kind=kind)
        session.add(copy)
        session.flush()
        record(session, actor, "connections.document.wanted", copy, new={"kind": kind})


@dataclass(frozen=True, slots=True)
class Task:
    """What a job needs to put one copy in its place."""

    link: Link
    document: Document


def begin(session: Session, copy_id: UUID) -> Task | None:
    """The document of a copy that still waits; None when there is nothing to do.

    Raises:
        NotFound: the document was destroyed meanwhile.
    """
    copy = fetch(session, KeptDocument, copy_id)
    if copy.state != CopyState.WAITING:
        return None
    file, data = fetch(session, StoredFile, copy.file_id), storage.read(session, copy.file_id)
    folder = (DOCUMENT_FOLDERS[copy.kind], str(file.created_at.year))
    return Task(
        link_of(session, copy.connection_id), Document(file.name or str(file.id), file.content_type, data, folder)
    )


def finish(session: Session, actor: Actor, copy_id: UUID, kept: Kept) -> None:
    """It is there. That a document left the house is on record."""
    copy = fetch(session, KeptDocument, copy_id, lock=True)
    copy.state, copy.remote_id, copy.url, copy.failure = CopyState.KEPT.value, kept.remote_id, _safe(kept.url), ""
    copy.kept_at = now()
    record(
        session, actor, "connections.document.kept", copy, new={"kind": copy.kind}, sensitivity=Sensitivity.CONFIDENTIAL
    )


def _safe(url: str) -> str:
    """It becomes a link on a page, and a provider wrote it."""
    return url if url.startswith("https://") else ""


def fail(session: Session, actor: Actor, copy_id: UUID, code: str) -> None:
    """It will not be tried again by itself."""
    copy = fetch(session, KeptDocument, copy_id, lock=True)
    copy.state, copy.failure = CopyState.FAILED.value, code
    record(session, actor, "connections.document.failed", copy, new={"code": code}, risk=Risk.MEDIUM, success=False)


def again(session: Session, actor: Actor, copy_id: UUID) -> KeptDocument:
    """Try a failed copy once more. Raises Conflict when it has not failed."""
    actor.require(Can.CONNECTION_MANAGE)
    copy = fetch(session, KeptDocument, copy_id, lock=True)
    if copy.state != CopyState.FAILED:
        raise Conflict("only a failed copy can be tried again")
    copy.state, copy.failure = CopyState.WAITING.value, ""
    record(session, actor, "connections.document.wanted", copy, new={"again": True})
    return copy


def again_all(session: Session, actor: Actor, connection_id: UUID) -> None:
    """The connection works again: every copy that failed while it did not is wanted once more."""
    failed = sa.select(KeptDocument).where(
        KeptDocument.connection_id == connection_id, KeptDocument.state == CopyState.FAILED.value
    )
    for copy in session.scalars(failed.with_for_update()).all():
        again(session, actor, copy.id)


class Copy(NamedTuple):
    """A line of the list of copies."""

    id: UUID
    name: str
    kind: str
    drive: str
    state: str
    failure: str
    url: str
    created_at: datetime
    kept_at: datetime | None


def copies(session: Session, limit: int = 50) -> list[Copy]:
    """The newest copies, those that failed first. One query."""
    query = (
        sa.select(KeptDocument, StoredFile, Connection.name)
        .join(Connection, Connection.id == KeptDocument.connection_id)
        .join(StoredFile, StoredFile.id == KeptDocument.file_id)
        .order_by((KeptDocument.state == CopyState.FAILED.value).desc(), KeptDocument.id.desc())
        .limit(limit)
    )
    return [
        Copy(one.id, file.name or "", one.kind, drive, one.state, one.failure, one.url, one.created_at, one.kept_at)
        for one, file, drive in session.execute(query).all()
    ]
