"""The log of what was said to providers. Each line is kept in a transaction of its own, so it stays whatever the job does next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.connections.models import Exchange
from app.connections.services.calling.link import Link
from app.core.access import Can
from app.core.clock import now
from app.core.config import get_settings
from app.core.db import transaction
from app.core.events import Actor
from app.integrations.transports.http.calls import Exchanged

MOST_CHARACTERS = 256 * 1024
"""Of one body; documents are kept as documents, here only their beginning."""

AT_ONCE = 5_000

About = tuple[str, UUID]
"""The row a call is about: its table and its id."""


def keep_exchange(link: Link, exchanged: Exchanged, attempt: int, about: About | None) -> None:
    """Write down one request and its end: the record as it is, the bodies encrypted."""
    said = exchanged.record
    kind, subject_id = about or ("", None)
    with transaction(link.company_id) as session:
        if said.method in ("GET", "HEAD"):
            # Reading changed nothing over there: nobody waits for the disk, though a crash of the server may lose the last lines.
            session.execute(sa.text("SET LOCAL synchronous_commit TO off"))
        session.add(
            Exchange(
                connection_id=link.connection_id, operation=said.operation, method=said.method, path=said.path, status=said.status,
                failure="" if said.outcome == "ok" else said.outcome, started_at=said.began_at,
                milliseconds=round(said.seconds * 1000), attempt=attempt, request_bytes=said.request_bytes,
                answer_bytes=said.answer_bytes, request_headers=_listed(said.request_headers),
                answer_headers=_listed(said.answer_headers), request_body=_text(exchanged.request_body),
                answer_body=_text(exchanged.answer_body), subject_kind=kind, subject_id=subject_id,
            )
        )  # fmt: skip


def _listed(headers: Sequence[tuple[str, str]]) -> list[list[str]]:
    return [[name, value] for name, value in headers]


def _text(body: bytes) -> str:
    return body[:MOST_CHARACTERS].decode("utf-8", "backslashreplace")


def about(session: Session, actor: Actor, subject_id: UUID, limit: int = 50) -> Sequence[Any]:
    """What was said about one row, the newest first, without bodies. One query.

    Raises:
        Forbidden: the actor may not see connections.
    """
    actor.require(Can.CONNECTION_VIEW)
    columns = (
        Exchange.id, Exchange.operation, Exchange.method, Exchange.path, Exchange.status, Exchange.failure,
        Exchange.started_at, Exchange.milliseconds, Exchange.attempt,
    )  # fmt: skip
    query = sa.select(*columns).where(Exchange.subject_id == subject_id).order_by(Exchange.id.desc()).limit(limit)
    return session.execute(query).all()


def forget_exchanges(session: Session) -> int:
    """Remove what is older than `EXCHANGE_DAYS`, the oldest first, up to a few thousand. Returns how many."""
    ends = now() - timedelta(days=get_settings().exchange_days)
    oldest = sa.select(Exchange.id).where(Exchange.started_at < ends).order_by(Exchange.started_at).limit(AT_ONCE)
    gone: Any = session.execute(
        sa.delete(Exchange).where(Exchange.id.in_(oldest)), execution_options={"synchronize_session": False}
    )
    return int(gone.rowcount)
