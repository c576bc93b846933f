"""Delivery. Look first, then put; every step that matters is a committed fact before the next begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.connections import services as connections
from app.connections.models import Connection, ConnectionStatus
from app.core import storage
from app.core.clock import now
from app.core.db import fetch
from app.core.events import system
from app.core.jobs import GiveUp, Repeat, Retry, Run, enqueue, job
from app.feeds.models import FeedFile, FileState
from app.feeds.services.sending import mark_not_sent, mark_sent, note_upload_began
from app.integrations.contracts import FileTransport, Placed
from app.integrations.failures import AuthFailed, Failure, OutcomeUnknown, RateLimited, Transient

TRIES = 100
"""With at most half an hour between them, two days: as long as a carrier may be away."""

LOOK_MINUTES = 2
"""After an interrupted upload: how long to look for the file or its acknowledgement before the same bytes go again."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """Everything the delivery needs once the transaction is closed. began_at: an earlier attempt that may have arrived."""

    file_id: UUID
    name: str
    data: bytes
    adapter: str
    config: BaseModel
    secrets: BaseModel
    folder: str
    began_at: datetime | None


@job(
    "feeds.upload", on=["feeds.file.made", "feeds.file.released"], repeat=Repeat.CHECK, max_attempts=TRIES, timeout=600
)
def upload(run: Run) -> None:
    """Deliver one ready file. A file in another state needs nothing."""
    with run.step() as session:
        parcel = _pack(session, run.subject_id)
    if parcel is None:
        return
    try:
        with connections.files_of(parcel.config, parcel.secrets, parcel.adapter) as files:
            evidence = _deliver(run, parcel, files)
    except Failure as failure:
        _failed(run, parcel, failure)
        raise AssertionError("a failed delivery always ends the attempt") from None
    with run.finish() as session:
        mark_sent(session, system(run.kind), parcel.file_id, evidence=evidence)


def _pack(session: Session, file_id: UUID) -> Parcel | None:
    file = fetch(session, FeedFile, file_id)
    if file.state != FileState.READY or file.file_id is None:
        return None
    connection = fetch(session, Connection, file.connection_id)
    if not connection.is_active or connection.status == ConnectionStatus.MAINTENANCE:
        raise Retry("connection-stopped", 300)
    if connection.status == ConnectionStatus.ERROR:
        raise GiveUp("connection-broken")  # feeds.resume starts it again once a check has succeeded
    config: Any = connections.config_of(connection)
    if config.sftp is None:
        raise GiveUp("server-missing")
    data = storage.read(session, file.file_id)
    secrets = connections.secrets_of(connection)
    return Parcel(
        file.id, file.name, data, connection.adapter, config, secrets, config.sftp.outbound, file.upload_began_at
    )


def _deliver(run: Run, parcel: Parcel, files: FileTransport) -> str:
    """Returns how we know that it arrived."""
    if parcel.began_at is not None:
        there = any(found.name == parcel.name for found in files.list(parcel.folder))
        if there and files.put(f"{parcel.folder}/{parcel.name}", parcel.data) is Placed.ALREADY:
            return "found there"
        if now() - parcel.began_at < timedelta(minutes=LOOK_MINUTES):
            # Taken away already, or never arrived: its acknowledgement will tell (the inbox marks the file as sent).
            raise Retry("looking-for-it", 30)
    with run.step() as session:
        mine = note_upload_began(session, parcel.file_id, parcel.began_at)
    if not mine:
        raise Retry("another-attempt-runs", 30)
    placed = files.put(f"{parcel.folder}/{parcel.name}", parcel.data)
    return "delivered" if placed is Placed.NEW else "found there"


def _failed(run: Run, parcel: Parcel, failure: Failure) -> None:
    """Write the reason down, then leave the attempt the way the failure asks for."""
    if isinstance(failure, OutcomeUnknown):
        raise Retry(failure.code, 30)  # the upload stays begun: the next attempt looks first
    temporary = isinstance(failure, Transient | RateLimited)
    with run.step() as session:
        fresh = parcel.began_at is None
        mark_not_sent(
            session, system(run.kind), parcel.file_id, failure.code, person_needed=isinstance(failure, AuthFailed),
            nothing_there=fresh,
        )  # fmt: skip
    if temporary:
        raise failure
    raise GiveUp(failure.code)


@job("feeds.resume", on=["connections.connection.checked", "connections.connection.resumed"])
def resume(run: Run) -> None:
    """A connection works (again): what was ready goes out."""
    with run.finish() as session:
        if fetch(session, Connection, run.subject_id).status != ConnectionStatus.CONNECTED:
            return
        query = sa.select(FeedFile.id).where(
            FeedFile.connection_id == run.subject_id, FeedFile.state == FileState.READY
        )
        for file_id in session.scalars(query.order_by(FeedFile.gs06)):
            enqueue(session, "feeds.upload", file_id, key=f"resume:{file_id}:{run.intent_id}")
