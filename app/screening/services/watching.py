"""What has waited until its day: lists for the jobs that tell people. Nothing here moves a case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts import services as accounts
from app.core.access import Can
from app.core.clock import today
from app.screening.models import Happening, ScreeningRequest
from app.screening.rules.adverse import Stage
from app.screening.rules.clocks import Kind
from app.screening.rules.states import Bucket, OrderState, RequestStatus
from app.screening.services.cases import load

DISPUTE_DAYS = (30, 45)
"""15 USC 1681i: the agency has 30 days, 15 more when new information came."""


class Overdue(NamedTuple):
    """`mark` keeps a person from being told of the same thing twice."""

    request: ScreeningRequest
    mark: str
    days: int = 0


def answered_out(session: Session, limit: int = 500) -> list[Overdue]:
    """Cases in which the candidate's last day is over at the candidate's place."""
    query = sa.select(ScreeningRequest).where(
        ScreeningRequest.stage == Stage.WAITING.value, ScreeningRequest.answer_due_on < today("Etc/GMT-14")
    )
    found = session.scalars(query.order_by(ScreeningRequest.answer_due_on).limit(limit)).all()
    return [
        Overdue(request, f"due:{request.answer_due_on}")
        for request in found
        if request.answer_due_on is not None and load(session, request).today() > request.answer_due_on
    ]


def disputed_long(session: Session, on: date) -> list[Overdue]:
    """Disputes that have been open for 30 or 45 days."""
    opened = (
        sa.select(Happening.request_id, sa.func.max(Happening.on).label("on"))
        .where(Happening.kind == Kind.DISPUTE_OPENED.value, Happening.on <= on - timedelta(days=DISPUTE_DAYS[0]))
        .group_by(Happening.request_id, Happening.company_id)
        .subquery()
    )
    query = (
        sa.select(ScreeningRequest, opened.c.on)
        .join(opened, opened.c.request_id == ScreeningRequest.id)
        .where(ScreeningRequest.dispute_open)
    )
    found = []
    for request, since in session.execute(query):
        passed = max(days for days in DISPUTE_DAYS if since + timedelta(days=days) <= on)
        found.append(Overdue(request, f"dispute:{since}:{passed}", passed))
    return found


def not_complete(session: Session, on: date, limit: int = 500) -> list[Overdue]:
    """Orders that ran past their last day (`limits.latest_completion`, kept in `due_on`): an event may have been lost."""
    query = (
        sa.select(ScreeningRequest)
        .where(
            ScreeningRequest.bucket == Bucket.ACTIVE.value,
            ScreeningRequest.order_state == OrderState.PLACED.value,
            ScreeningRequest.status != RequestStatus.COMPLETED.value,
            ScreeningRequest.due_on < on,
        )
        .order_by(ScreeningRequest.due_on)
        .limit(limit)
    )
    return [Overdue(request, f"late:{request.due_on}") for request in session.scalars(query)]


def judges(session: Session, request: ScreeningRequest) -> Sequence[UUID]:
    """Who may judge this request: adjudicators, without those who ordered it."""
    own = {request.initiated_by_user_id, request.recruiter_user_id}
    return [user_id for user_id in accounts.holders(session, Can.ADVERSE_ACT) if user_id not in own]


def orderers(session: Session, request: ScreeningRequest) -> Sequence[UUID]:
    """Who asked for the check; whoever approves checks where nobody did."""
    mine = [one for one in (request.recruiter_user_id or request.initiated_by_user_id,) if one is not None]
    return mine or accounts.holders(session, Can.CHECK_APPROVE)
