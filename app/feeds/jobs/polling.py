"""Fetching what carriers left for us: list, fetch what is new, store it raw. Understanding it is another job's work."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from pydantic import BaseModel
from sqlalchemy.orm import Session

from app.connections import services as connections
from app.connections.models import Connection, ConnectionStatus
from app.core.clock import now
from app.core.db import fetch
from app.core.errors import Invalid
from app.core.events import system
from app.core.jobs import GiveUp, Repeat, Run, enqueue, job
from app.feeds.models import FeedFile, FileState
from app.feeds.services.carriers import EDI
from app.integrations.contracts import RemoteFile
from app.integrations.failures import AuthFailed, Failure, Rejected

BUSY = timedelta(minutes=1)
QUIET = timedelta(minutes=10)
"""How often to look: every minute while an answer is expected, else every ten."""

AT_ONCE = 50
"""Files fetched in one attempt; the rest follow with the next."""


TRIES = 3
"""Times one look tries a server that is away; it may be for a day."""


@job("feeds.poll_due", every="minute")
def poll_due(run: Run) -> None:
    """Look at every connection whose time has come."""
    with run.finish() as session:
        query = sa.select(Connection).where(
            Connection.adapter == EDI,
            Connection.is_active,
            Connection.status == ConnectionStatus.CONNECTED,
            sa.or_(Connection.next_poll_at.is_(None), Connection.next_poll_at <= now()),
        )
        for connection in session.scalars(query.order_by(Connection.id).with_for_update(skip_locked=True)):
            connection.next_poll_at = now() + (BUSY if _expects_answer(session, connection) else QUIET)
            enqueue(session, "feeds.poll", connection.id, key=f"{connection.id}:{now():%Y%m%d%H%M}")


def _expects_answer(session: Session, connection: Connection) -> bool:
    query = sa.select(FeedFile.id).where(
        FeedFile.connection_id == connection.id, FeedFile.state.in_((FileState.SENT, FileState.READY))
    )
    return session.scalar(query.limit(1)) is not None


class Where(NamedTuple):
    adapter: str
    config: BaseModel
    secrets: BaseModel
    folder: str


@job("feeds.poll", on=["feeds.poll.asked"], repeat=Repeat.SAFE, timeout=600)
def poll(run: Run) -> None:
    """Fetch what one carrier left. Nothing is removed over there: what was fetched is remembered by its mark.

    A server that stays away ends this look, not the looking: `feeds.poll_due` starts the next one.
    """
    with run.step() as session:
        where = _where(session, run)
    if where is None:
        return
    try:
        _fetch_new(run, where)
    except Failure as failure:
        _failed(run, failure)
        return
    with run.finish() as session:
        connections.note_exchange(session, fetch(session, Connection, run.subject_id))


def _where(session: Session, run: Run) -> Where | None:
    connection = fetch(session, Connection, run.subject_id)
    if not connection.is_active or connection.status in (ConnectionStatus.ERROR, ConnectionStatus.MAINTENANCE):
        return None
    try:
        config: Any = connections.config_of(connection)
    except Invalid:
        raise GiveUp("settings-incomplete") from None
    if config.sftp is None:
        return None
    return Where(connection.adapter, config, connections.secrets_of(connection), config.sftp.inbound)


def mark_of(file: RemoteFile) -> str:
    return f"{file.name}|{file.size}|{file.modified_at.isoformat()}"


def _fetch_new(run: Run, where: Where) -> None:
    with connections.files_of(where.config, where.secrets, where.adapter) as files:
        listed = files.list(where.folder)
        with run.step() as session:
            known = connections.seen(session, run.subject_id, [mark_of(file) for file in listed])
        for file in [file for file in listed if mark_of(file) not in known][:AT_ONCE]:
            try:
                data = files.read(f"{where.folder}/{file.name}")
            except Rejected:
                continue  # taken away between listing and reading, or too large; the page of the connection shows none of it
            with run.step() as session:
                connection = fetch(session, Connection, run.subject_id)
                actor = system(run.kind)
                connections.receive(
                    session,
                    actor,
                    connection,
                    file.name,
                    data,
                    "sftp",
                    remote_mark=mark_of(file),
                    written_at=_written(file),
                )


def _written(file: RemoteFile) -> datetime | None:
    return file.modified_at if file.modified_at.year > 1970 else None  # a server without time stamps says 1970


def _failed(run: Run, failure: Failure) -> None:
    with run.step() as session:
        connection = fetch(session, Connection, run.subject_id)
        if isinstance(failure, AuthFailed):
            connections.mark_broken(session, system(run.kind), connection, failure.code)
        else:
            connections.note_failure(session, connection, failure.code)
    if isinstance(failure, AuthFailed | Rejected):
        raise GiveUp(failure.code)
    if run.attempt < TRIES:
        raise failure
