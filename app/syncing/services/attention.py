"""What of integrations waits for a person, as columns of a query of a domain above: the home page asks as few times as it can."""

from __future__ import annotations

from typing import Any, NamedTuple

import sqlalchemy as sa

from app.connections.models import Connection
from app.core.access import Can
from app.core.counts import capped
from app.core.events import Actor
from app.syncing.models import RemoteRecord, SyncRun
from app.syncing.rules import RecordState, RunState


class Waiting(NamedTuple):
    """Capped counts; 0 for what the actor may not see."""

    failed: int
    held: int
    records: int


def columns(actor: Actor) -> list[Any]:
    """The counts of `Waiting`, in its order."""
    runs, reviews = actor.can(Can.SYNC_VIEW), actor.can(Can.SYNC_REVIEW)
    asking = sa.select(RemoteRecord.id).where(
        RemoteRecord.connection_id.in_(sa.select(Connection.id)),  # the way its index begins
        RemoteRecord.state.in_((RecordState.DOUBTFUL, RecordState.REFUSED)),
    )
    nothing = sa.literal(0)
    return [
        capped(_latest(RunState.FAILED)) if runs else nothing, capped(_latest(RunState.HELD)) if runs else nothing,
        capped(asking) if reviews else nothing,
    ]  # fmt: skip


def _latest(state: RunState) -> sa.Select[Any]:
    """Connections whose latest real run ended like this: one that went well since makes it good again."""
    newest = (
        sa.select(SyncRun.state)
        .where(SyncRun.connection_id == Connection.id, SyncRun.is_dry.is_(False))
        .order_by(SyncRun.id.desc())
        .limit(1)
        .correlate(Connection)
        .scalar_subquery()
    )
    return sa.select(Connection.id).where(Connection.is_active, newest == state)
