"""What a carrier was told so far, member by member: the newest row of every member over the files that left."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.db import current_tenant
from app.feeds.models import FeedFile, FeedMember, FileState
from app.feeds.rules.difference import merge
from app.feeds.rules.states import ON_THE_WAY


@dataclass(frozen=True, slots=True)
class Known:
    """lines: every plan the member was ever told in, newest word last. identity: as told last."""

    lines: dict[str, Any]
    identity: dict[str, Any]
    mark: str


def picture_of(
    session: Session,
    connection_id: UUID,
    usage: str,
    *,
    keys: Collection[str] | None = None,
    with_identity: bool = False,
) -> dict[str, Known]:
    """Member key → what the carrier knows. Transactions it rejected do not count: it threw them away."""
    query = (
        sa.select(
            FeedMember.id, FeedMember.member_key, FeedMember.coverages, FeedMember.identity_enc,  # type: ignore[attr-defined]
            FeedMember.mark, FeedMember.maintenance, FeedFile.kind,
        )
        .join(FeedFile, sa.and_(FeedFile.company_id == FeedMember.company_id, FeedFile.id == FeedMember.feed_file_id))
        .where(
            FeedMember.connection_id == connection_id,
            FeedMember.usage == usage,
            FeedMember.outcome != "rejected",
            FeedFile.state.in_(ON_THE_WAY),
        )
        .where(FeedMember.gs06 >= _since(session, connection_id, usage))
        .order_by(FeedMember.gs06)
    )  # fmt: skip
    if keys is not None:
        query = query.where(FeedMember.member_key.in_(keys))
    found: dict[str, Known] = {}
    sealed: dict[str, tuple[UUID, bytes | None]] = {}
    for row in session.execute(query):
        before = found[row.member_key].lines if row.member_key in found and row.kind == "change" else {}
        found[row.member_key] = Known(merge(before, row.coverages), {}, row.mark)
        sealed[row.member_key] = (row.id, row.identity_enc)
    if with_identity:
        return {key: Known(known.lines, _opened(*sealed[key]), known.mark) for key, known in found.items()}
    return found


def _since(session: Session, connection_id: UUID, usage: str) -> int:
    """The last full file that was wholly accepted says everything that earlier ones said."""
    query = sa.select(sa.func.max(FeedFile.gs06)).where(
        FeedFile.connection_id == connection_id,
        FeedFile.usage == usage,
        FeedFile.kind == "full",
        FeedFile.state == FileState.ACCEPTED,
    )
    return session.scalar(query) or 0


def _opened(row_id: UUID, sealed: bytes | None) -> dict[str, Any]:
    return FeedMember.identity.open(current_tenant(), row_id, sealed) or {}
