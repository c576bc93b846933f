"""What of carrier feeds, and of the integrations below them, waits for a person. One query."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.connections.models import Connection, InboxItem
from app.connections.rules import ConnectionStatus, InboxState
from app.connections.services.access import WARN_DAYS
from app.core.access import Can
from app.core.clock import now
from app.core.counts import capped
from app.core.events import Actor
from app.feeds.models import Discrepancy, FeedFile, ManualTask
from app.feeds.rules.words import FileState
from app.feeds.services.discrepancies import Filters, filtered
from app.feeds.services.listing import FileFilters
from app.feeds.services.listing import filtered as files_filtered
from app.feeds.services.manual import joined
from app.syncing.services import attention as syncing


class Waiting(NamedTuple):
    """Capped counts; 0 for what the actor may not see."""

    late: int
    held: int
    refused: int
    discrepancies: int
    tasks: int
    unread: int
    broken: int
    integrations: syncing.Waiting


def waiting(session: Session, actor: Actor) -> Waiting:
    columns: list[tuple[Can, Callable[[], Any]]] = [
        (Can.FEED_VIEW, lambda: files_filtered(sa.select(FeedFile.id), FileFilters(overdue=True))),
        (Can.FEED_VIEW, lambda: files_filtered(sa.select(FeedFile.id), FileFilters(FileState.HELD.value))),
        (Can.FEED_VIEW, lambda: files_filtered(sa.select(FeedFile.id), FileFilters(FileState.REJECTED.value))),
        (Can.DISCREPANCY_VIEW, lambda: filtered(sa.select(Discrepancy.id), actor, Filters())),
        (Can.FEED_VIEW, lambda: joined(sa.select(ManualTask.id), actor).where(ManualTask.state == "open")),
        (Can.FEED_VIEW, lambda: sa.select(InboxItem.id).where(InboxItem.state == InboxState.UNMAPPED.value)),
        (Can.CONNECTION_VIEW, _broken),
    ]
    shown: list[Any] = [capped(query()) if actor.can(permission) else sa.literal(0) for permission, query in columns]
    counts = session.execute(sa.select(*shown, *syncing.columns(actor))).one()
    return Waiting._make([*counts[: len(shown)], syncing.Waiting._make(counts[len(shown) :])])


def _broken() -> sa.Select[Any]:
    """What is down, and what will be soon because our access ends."""
    soon = Connection.access_ends_at < now() + timedelta(days=WARN_DAYS)
    return sa.select(Connection.id).where(
        Connection.is_active, sa.or_(Connection.status == ConnectionStatus.ERROR.value, soon)
    )
