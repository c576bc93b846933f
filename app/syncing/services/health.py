"""How connections do: latency, failures, what waits, and the days behind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.connections.models import Connection, Exchange, InboxItem, InboxState
from app.core.access import Can
from app.core.counts import capped
from app.core.db import current_tenant
from app.core.events import Actor
from app.syncing.models import IntegrationDay, RemoteRecord, SyncRun
from app.syncing.rules import OPEN, SLA_TARGET, RecordState, RunState

THROTTLED = 429
DAYS = 30
ENDED = (RunState.DONE, RunState.HELD, RunState.FAILED)

_failed = Exchange.failure != ""
_throttled = sa.or_(Exchange.status == THROTTLED, Exchange.failure == "slow-down")
_away = sa.or_(Exchange.status.is_(None), Exchange.status >= 500)  # nobody answered, or nobody who could
_timeout = Exchange.failure.in_(("deadline", "connect-timeout"))


def _count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.count().filter(condition)


def _at(share: float) -> sa.ColumnElement[Any]:
    return sa.cast(sa.func.percentile_cont(share).within_group(Exchange.milliseconds), sa.Integer)


def lately(session: Session, actor: Actor, at: datetime) -> dict[UUID, Any]:
    """By connection, of the last 24 hours (`day_…`) and 7 days (`week_…`): requests, away (no answer, or trouble
    of the provider's own), failed, throttled, p50, p95. One query.
    """
    actor.require(Can.SYNC_VIEW)
    day = Exchange.started_at > at - timedelta(hours=24)
    columns = [
        Exchange.connection_id,
        *(part.label(f"{name}_{what}") for name, within in (("day", day), ("week", sa.true())) for what, part in _parts(within)),
    ]  # fmt: skip
    query = sa.select(*columns).where(Exchange.started_at > at - timedelta(days=7)).group_by(Exchange.connection_id)
    return {row.connection_id: row for row in session.execute(query)}


def _parts(within: sa.ColumnElement[bool]) -> list[tuple[str, sa.ColumnElement[Any]]]:
    return [
        ("requests", _count(within)), ("away", _count(sa.and_(within, _away))), ("failed", _count(sa.and_(within, _failed))),
        ("throttled", _count(sa.and_(within, _throttled))),
        ("p50", _percentile(0.5, within)), ("p95", _percentile(0.95, within)),
    ]  # fmt: skip


def _percentile(share: float, within: sa.ColumnElement[bool]) -> sa.ColumnElement[Any]:
    ordered = sa.func.percentile_cont(share).within_group(Exchange.milliseconds)
    return sa.cast(sa.funcfilter(ordered, within), sa.Integer)  # type: ignore[arg-type] # it takes one, the stubs do not know


def backlog(session: Session, actor: Actor) -> dict[UUID, Any]:
    """By connection: open runs, records that need a person, events that came and are not applied; each capped. One query."""
    actor.require(Can.SYNC_VIEW)
    asking = RemoteRecord.state.in_((RecordState.DOUBTFUL, RecordState.REFUSED))
    query = sa.select(
        Connection.id,
        capped(sa.select(SyncRun.id).where(SyncRun.connection_id == Connection.id, SyncRun.state.in_(OPEN)).correlate(Connection)).label("runs"),
        capped(sa.select(RemoteRecord.id).where(RemoteRecord.connection_id == Connection.id, asking).correlate(Connection)).label("records"),
        capped(
            sa.select(InboxItem.id)
            .where(InboxItem.connection_id == Connection.id, InboxItem.state == InboxState.RECEIVED)
            .correlate(Connection)
        ).label("events"),
    )  # fmt: skip
    return {row.id: row for row in session.execute(query)}


def days(session: Session, actor: Actor, until: date) -> Sequence[Any]:
    """The days behind of all connections together, oldest first, each weighted by its requests. One query."""
    actor.require(Can.SYNC_VIEW)
    columns = (
        IntegrationDay.day_on, sa.func.sum(IntegrationDay.requests).label("requests"), _weighted(IntegrationDay.error_rate).label("error_rate"),
        _weighted(IntegrationDay.availability_percentage).label("availability"),
        sa.cast(_weighted(IntegrationDay.api_response_time_ms), sa.Integer).label("median_ms"),
    )  # fmt: skip
    query = sa.select(*columns).where(
        IntegrationDay.day_on > until - timedelta(days=DAYS), IntegrationDay.day_on <= until
    )
    return session.execute(query.group_by(IntegrationDay.day_on).order_by(IntegrationDay.day_on)).all()


def _weighted(column: Any) -> sa.ColumnElement[Any]:
    asked = sa.func.sum(IntegrationDay.requests).filter(column.is_not(None))
    return sa.func.sum(column * IntegrationDay.requests) / sa.func.nullif(asked, 0)


def close_day(session: Session, day: date) -> int:
    """Write how every connection did on a day (UTC) that is over. Again gives the same. Returns how many rows."""
    first = datetime.combine(day, time(), UTC)
    said = {row.connection_id: row for row in session.execute(_said(first))}
    read = {row.connection_id: row for row in session.execute(_read(first))}
    rows = [_row(one, day, said.get(one), read.get(one)) for one in said.keys() | read.keys()]
    if rows:
        made = insert(IntegrationDay).values(rows)
        kept = {
            name: made.excluded[name] for name in rows[0] if name not in ("company_id", "id", "connection_id", "day_on")
        }
        session.execute(made.on_conflict_do_update(index_elements=["company_id", "connection_id", "day_on"], set_=kept))
    return len(rows)


def _said(first: datetime) -> sa.Select[Any]:
    return (
        sa.select(
            Exchange.connection_id, sa.func.count().label("requests"), _count(_failed).label("failed"), _count(_throttled).label("throttled"),
            _count(_away).label("away"), _count(Exchange.status.is_(None)).label("drops"), _count(_timeout).label("timeouts"),
            _at(0.5).label("p50"), _at(0.95).label("p95"),
        )
        .where(Exchange.started_at >= first, Exchange.started_at < first + timedelta(days=1))
        .group_by(Exchange.connection_id)
    )  # fmt: skip


def _read(first: datetime) -> Any:
    ended = SyncRun.is_dry.is_(False), SyncRun.state.in_(ENDED)
    return (
        sa.select(
            SyncRun.connection_id, sa.func.count().label("runs"), _count(SyncRun.state == RunState.FAILED).label("failed"),
            _count(SyncRun.state == RunState.HELD).label("held"), sa.func.sum(SyncRun.records_processed).label("records"),
            sa.func.sum(SyncRun.records_failed).label("refused"),
        )
        .where(*ended, SyncRun.completed_at >= first, SyncRun.completed_at < first + timedelta(days=1))
        .group_by(SyncRun.connection_id)
    )  # fmt: skip


def _row(connection_id: UUID, day: date, said: Any, read: Any) -> dict[str, Any]:
    available = _share(said.requests - said.away, said.requests) if said else None
    return {
        "company_id": current_tenant(), "id": uuid7(), "connection_id": connection_id, "day_on": day,
        "requests": said.requests if said else 0, "throttled": said.throttled if said else 0,
        "api_response_time_ms": said.p50 if said else None, "slowest_ms": said.p95 if said else None,
        "error_rate": _share(said.failed, said.requests) if said else None, "availability_percentage": available,
        "connection_drops": said.drops if said else 0, "timeout_incidents": said.timeouts if said else 0,
        "sync_success_rate": _share(read.runs - read.failed, read.runs) if read else None,
        "data_accuracy_score": _share(read.records - read.refused, read.records) if read else None,
        "validation_failures": read.refused if read else 0, "critical_incidents": read.failed if read else 0,
        "warning_incidents": read.held if read else 0, "sla_compliance": None if available is None else available >= SLA_TARGET,
    }  # fmt: skip


def _share(part: int, whole: int) -> Decimal | None:
    return (Decimal(part) * 100 / whole).quantize(Decimal("0.01")) if whole else None
