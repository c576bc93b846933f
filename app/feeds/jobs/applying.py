"""What arrived is recognized and applied, once; what nobody recognizes waits for a person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.connections import services as connections
from app.connections.models import Connection, InboxItem, InboxState
from app.core.db import fetch
from app.core.errors import Conflict, Invalid
from app.core.events import Actor, system
from app.core.jobs import Run, job
from app.feeds.services.answering import apply_acknowledgement
from app.feeds.services.carriers import EDI, MANUAL, carrier_profile
from app.feeds.services.censuses import rows_of
from app.feeds.services.comparing import apply_census
from app.integrations.contracts import CarrierFeed
from app.integrations.failures import Refused
from app.integrations.formats.census import CensusRow, read_census_csv
from app.integrations.formats.x12.envelope import read_x12

ACKS = frozenset({"999", "997"})


@job("feeds.apply_inbox", on=["connections.inbox.received"], timeout=600)
def apply_inbox(run: Run) -> None:
    """Apply one item. Run twice, the second finds it applied."""
    with run.finish() as session:
        item = fetch(session, InboxItem, run.subject_id, lock=True)
        connection = fetch(session, Connection, item.connection_id)
        if item.state == InboxState.RECEIVED and connection.adapter in (EDI, MANUAL):
            _apply(session, system(run.kind), connection, item)


def _apply(session: Session, actor: Actor, connection: Connection, item: InboxItem) -> None:
    data = connections.content(session, item)
    kind = recognize(data)
    try:
        if kind == "acknowledgement":
            _apply_answer(session, actor, connection, item, data)
        elif kind in ("verify", "census"):
            _apply_census(session, actor, connection, item, data, kind)
        else:
            _leave(
                session, actor, item.id, "unknown", "Nobody knows what this file is. Look at it, or ask the carrier."
            )
    except Refused as refused:
        state = InboxState.UNMAPPED if kind == "census" else InboxState.REFUSED
        connections.mark(session, actor, item.id, state, kind=kind, problem=refused.reason)
    except (Invalid, Conflict) as problem:
        connections.mark(session, actor, item.id, InboxState.REFUSED, kind=kind, problem=str(problem))


def recognize(data: bytes) -> str:
    """acknowledgement, verify (an 834 of the carrier), census (text that is no X12), or unknown."""
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start.startswith(b"ISA"):
        return "census" if start and b"\x00" not in data else "unknown"
    try:
        file = read_x12(data)
    except Refused:
        return "unknown"
    codes = {transaction.code for transaction in file.transactions}
    if codes & ACKS or (file.ta1s and not codes):
        return "acknowledgement"
    return "verify" if codes == {"834"} else "unknown"


def _leave(session: Session, actor: Actor, item_id: UUID, kind: str, words: str) -> None:
    connections.mark(session, actor, item_id, InboxState.UNMAPPED, kind=kind, problem=words)


def _apply_answer(session: Session, actor: Actor, connection: Connection, item: InboxItem, data: bytes) -> None:
    usage = next((one.usage for one in read_x12(data).interchanges), "")
    answer = connections.feed_of(connection).read_acknowledgement(data)
    done = apply_acknowledgement(session, actor, connection.id, usage, answer, item.as_of)
    summary: dict[str, Any] = {"known": done.known, "unknown": done.unknown, "changed": done.changed}
    if done.unknown and not done.known:
        words = "This answers a file we never sent: its control number is not one of ours."
        connections.mark(
            session, actor, item.id, InboxState.UNMAPPED, kind="acknowledgement", problem=words, summary=summary
        )
        return
    connections.mark(session, actor, item.id, InboxState.APPLIED, kind="acknowledgement", summary=summary)


def _apply_census(
    session: Session, actor: Actor, connection: Connection, item: InboxItem, data: bytes, kind: str
) -> None:
    profile = carrier_profile(connection)
    lines = _read(connection, data)
    result = apply_census(session, actor, connection, rows_of(session, lines, profile), item)
    summary = {
        "rows": result.rows,
        "opened": result.opened,
        "closed": result.closed,
        "confirmed": result.confirmed,
        "unreadable": sum(1 for line in lines if line.problems),
    }
    connections.mark(session, actor, item.id, InboxState.APPLIED, kind=kind, summary=summary)


def _read(connection: Connection, data: bytes) -> list[CensusRow]:
    if connection.adapter == MANUAL:
        return read_census_csv(data, carrier_profile(connection).census_columns)
    feed: CarrierFeed = connections.feed_of(connection)
    return feed.read_census(data)
