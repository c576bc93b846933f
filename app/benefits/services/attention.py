"""What of benefits waits for a person: the queue by the actor's scope, and their own open window. One query."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.benefits.models import EnrollmentWindow, Submission
from app.benefits.rules.words import EnrollmentStatus
from app.benefits.services.queue import Filters, filtered
from app.core.access import Can
from app.core.clock import today
from app.core.counts import capped
from app.core.events import Actor


class Waiting(NamedTuple):
    """Counts are capped; `own_closes_on` is the last day of a window in which the actor has signed nothing."""

    queue: int
    overdue: int
    on_hold: int
    own_closes_on: date | None


def waiting(session: Session, actor: Actor) -> Waiting:
    held = EnrollmentStatus.ON_HOLD.value
    query = sa.select(
        _queued(actor, Filters()),
        _queued(actor, Filters(overdue=True)),
        _queued(actor, Filters(status=held)),
        _own(actor),
    )
    return Waiting(*session.execute(query).one())


def _queued(actor: Actor, filters: Filters) -> Any:
    if not actor.can(Can.ENROLLMENT_VIEW):
        return sa.literal(0)
    return capped(filtered(sa.select(sa.literal(1).label("one")), actor, filters))


def _own(actor: Actor) -> Any:
    if actor.employee_id is None or not actor.can(Can.ENROLL_OWN):
        return sa.literal(None, sa.Date)
    window, day = EnrollmentWindow, today()
    signed = sa.select(Submission.id).where(
        Submission.company_id == window.company_id, Submission.window_id == window.id,
        Submission.employee_id == actor.employee_id, Submission.status.not_in(["rejected", "canceled"]),
    )  # fmt: skip
    return (
        sa.select(sa.func.min(window.closes_on))
        .where(
            sa.or_(window.employee_id == actor.employee_id, window.employee_id.is_(None)),
            window.opens_on <= day, window.closes_on >= day, ~signed.exists(),
        )
        .scalar_subquery()
    )  # fmt: skip
