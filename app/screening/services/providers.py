"""The company's screening providers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.connections.models import Connection
from app.core.access import Can
from app.core.events import Actor
from app.integrations.registry import adapters


def listed(
    session: Session, actor: Actor, *, active: bool | None = None, provider_type: str = "",
    after: tuple[Any, ...] | None = None, limit: int = 51,
) -> Sequence[Connection]:  # fmt: skip
    """By age. One query.

    Args:
        after: id of the last one seen.
    """
    actor.require(Can.CONNECTION_VIEW)
    screening = [manifest.slug for manifest in adapters().values() if manifest.screening is not None]
    query = sa.select(Connection).where(Connection.adapter.in_(screening)).order_by(Connection.id).limit(limit)
    if active is not None:
        query = query.where(Connection.is_active.is_(active))
    if provider_type:
        query = query.where(sa.func.lower(Connection.provider_type) == provider_type.lower())
    if after is not None:
        query = query.where(Connection.id > UUID(str(after[0])))
    return session.scalars(query).all()
