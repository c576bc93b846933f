"""Every step of a choice, from the audit trail: what, when, who, from where."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.db import own_company
from app.core.events import AuditEvent

NAMES = (
    "benefits.enrollment.submitted", "benefits.enrollment.canceled", "benefits.enrollment.held",
    "benefits.enrollment.resumed", "benefits.enrollment.approved", "benefits.enrollment.rejected",
    "benefits.enrollment.changed", "benefits.enrollment.activated", "benefits.enrollment.ended",
    "benefits.enrollment.renewed",
    "benefits.coverage.moved", "benefits.coverage.confirmed", "benefits.coverage.disputed",
)  # fmt: skip
LIMIT = 200


class Step(NamedTuple):
    """`who` is a user's name, empty for a job or a carrier; `source` is the kind of actor."""

    name: str
    at: datetime
    who: str
    source: str
    label: str
    entity_id: UUID
    new: dict[str, Any]
    reason: str


def steps(session: Session, entity_ids: Sequence[UUID]) -> list[Step]:
    """What happened to a submission and its enrollments, oldest first. The caller has checked that the actor may see them."""
    if not entity_ids:
        return []
    query = (
        sa.select(
            AuditEvent.name, AuditEvent.occurred_at, User.display_name, AuditEvent.actor_kind, AuditEvent.actor_label,
            AuditEvent.entity_id, AuditEvent.new_values, AuditEvent.reason,
        )
        .options(own_company)
        .outerjoin(User, User.id == AuditEvent.actor_user_id)
        .where(
            AuditEvent.entity_type.in_(["submission", "enrollment"]),
            AuditEvent.entity_id.in_(entity_ids),
            AuditEvent.name.in_(NAMES),
        )
        .order_by(AuditEvent.occurred_at, AuditEvent.id)
        .limit(LIMIT)
    )  # fmt: skip
    return [
        Step(r[0], r[1], r[2] or "", r[3], r[4], r[5], r[6] or {}, r[7]) for r in session.connection().execute(query)
    ]
