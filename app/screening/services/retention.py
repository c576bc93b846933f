"""What is due to be destroyed, what is held, and the certificates of what was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.access import Can
from app.core.clock import now, today
from app.core.db import fetch
from app.core.events import Actor, Regulation, Risk, record
from app.screening.models import Candidate, Disposal, JobApplication, ScreeningRequest
from app.screening.rules.retention import Kept, Period, due_on, period, periods
from app.screening.rules.words import Level
from app.screening.services.candidates import work_place
from app.screening.services.disposal import destroy, erase

AHEAD = timedelta(days=31)
BATCH = 20
SHOWN = 100


@dataclass(frozen=True, slots=True)
class Due:
    """A class of a case whose time is over on a day."""

    request_id: UUID
    number: str
    kept: Kept
    on: date


def due(session: Session, kept: Kept, by: date, limit: int) -> list[Due]:
    """Cases whose class may be destroyed by a day, the longest due first. Held, disputed and open ones never are. One query."""
    return [Due(row.id, row.number, kept, row.due_on) for row in session.execute(_due(kept, by, limit))]


def _due(kept: Kept, by: date, limit: int) -> sa.Select[str, UUID, str, date]:
    day = sa.cast(_ended() + sa.func.make_interval(_years(kept)), sa.Date).label("due_on")
    return (
        sa.select(sa.literal(kept.value).label("kept"), ScreeningRequest.id, ScreeningRequest.number, day)
        .join(
            JobApplication,
            sa.and_(
                JobApplication.company_id == ScreeningRequest.company_id, JobApplication.id == ScreeningRequest.application_id
            ),
        )
        .where(
            ScreeningRequest.disposed_at.is_(None), ScreeningRequest.legal_hold.is_(False), ScreeningRequest.dispute_open.is_(False),
            day <= by, sa.not_(_certified(kept)),
        )
        .order_by(day, ScreeningRequest.id)
        .limit(limit)
    )  # fmt: skip


def _ended() -> sa.ColumnElement[Any]:
    """When the case was over; NULL while it is open."""
    return sa.func.coalesce(ScreeningRequest.canceled_at, ScreeningRequest.decided_at)


def _years(kept: Kept) -> sa.ColumnElement[Any]:
    """`rules.retention.period` over columns: the longest that binds."""
    found: list[Any] = [sa.case((_inside(one), one.years), else_=0) for one in periods(kept, today())]
    if kept is Kept.REPORT:
        notice = max(one.years for one in periods(Kept.NOTICE, today()))
        found.append(sa.case((ScreeningRequest.notified_at.is_not(None), notice), else_=0))
    return sa.cast(sa.func.greatest(*found), sa.Integer)


def _inside(one: Period) -> sa.ColumnElement[bool]:
    """Whether the job may be in the period's place; what is not known counts as inside."""
    if one.where is None:
        return sa.true()
    here = sa.and_(
        JobApplication.work_country == one.where.country, JobApplication.work_state.in_(("", one.where.state))
    )
    if one.where.level is Level.COUNTY:
        return sa.and_(here, JobApplication.work_county.in_(("", *one.where.counties)))
    return here


def _certified(kept: Kept) -> sa.ColumnElement[bool]:
    made = sa.select(Disposal.id).where(
        Disposal.company_id == ScreeningRequest.company_id, Disposal.subject_id == ScreeningRequest.id,
        Disposal.policy.startswith(f"{kept.value};"),
    )  # fmt: skip
    return made.exists()


def dispose_due(session: Session, actor: Actor) -> int:
    """Destroy what is due today, some cases at a time. Returns how many certificates were made; run until 0."""
    made = 0
    for kept in Kept:
        for found in due(session, kept, today(), BATCH):
            made += dispose(session, actor, found.request_id, kept)
    return made


def dispose(session: Session, actor: Actor, request_id: UUID, kept: Kept) -> bool:
    """Destroy one class of a case and write its certificate. False when the case is held, open, not due or done: looked at under its lock."""
    request = fetch(session, ScreeningRequest, request_id, lock=True)
    ended = request.canceled_at or request.decided_at
    if request.legal_hold or request.dispute_open or ended is None or kept in _gone(session, request.id):
        return False
    work = work_place(fetch(session, JobApplication, request.application_id))
    bound = period(kept, work, today(), notified=request.notified_at is not None)
    if due_on(ended.date(), bound.years) > today():
        return False
    items = destroy(session, request, kept)
    certificate = Disposal(
        subject_type="screening_request", subject_id=request.id, policy=f"{kept.value}; {bound.years} {'year' if bound.years == 1 else 'years'}; {bound.source}",
        items=items, disposed_at=now(), disposed_by_user_id=actor.user_id,
    )  # fmt: skip
    session.add(certificate)
    session.flush()
    record(
        session, actor, "screening.request.disposed", request, new={"class": kept.value, "items": items, "years": bound.years},
        risk=Risk.HIGH, regulation=Regulation.FCRA,
    )  # fmt: skip
    _close(session, actor, request)
    return True


def _close(session: Session, actor: Actor, request: ScreeningRequest) -> None:
    """When every class of the case is gone, it is disposed of; when every case of the candidate is, the candidate is erased."""
    if _gone(session, request.id) < set(Kept):
        return
    request.disposed_at = now()
    session.flush()
    left = sa.select(ScreeningRequest.id).where(
        ScreeningRequest.candidate_id == request.candidate_id, ScreeningRequest.disposed_at.is_(None)
    )
    if session.scalars(left.limit(1)).first() is None:
        erase(session, actor, fetch(session, Candidate, request.candidate_id, lock=True))


def preview(session: Session, actor: Actor) -> list[Due]:
    """What goes within a month, the first hundred of each class. One query."""
    actor.require(Can.COMPLIANCE_MANAGE)
    by = today() + AHEAD
    rows = session.execute(sa.union_all(*(sa.select(_due(kept, by, SHOWN).subquery()) for kept in Kept)))
    found = [Due(row.id, row.number, Kept(row.kept), row.due_on) for row in rows]
    return sorted(found, key=lambda one: (one.on, one.number))


def held(session: Session, actor: Actor) -> Sequence[Any]:
    """Requests under a legal hold. One query."""
    actor.require(Can.COMPLIANCE_MANAGE)
    query = sa.select(
        ScreeningRequest.id, ScreeningRequest.number, ScreeningRequest.initiated_at, ScreeningRequest.status
    )
    return session.execute(query.where(ScreeningRequest.legal_hold).order_by(ScreeningRequest.id).limit(SHOWN)).all()


def certificates(session: Session, actor: Actor) -> Sequence[Any]:
    """The newest hundred. One query."""
    actor.require(Can.COMPLIANCE_MANAGE)
    query = (
        sa.select(Disposal.disposed_at, Disposal.policy, Disposal.items, Disposal.subject_type, ScreeningRequest.number)
        .outerjoin(
            ScreeningRequest,
            sa.and_(ScreeningRequest.company_id == Disposal.company_id, ScreeningRequest.id == Disposal.subject_id),
        )
        .order_by(Disposal.id.desc())
        .limit(SHOWN)
    )
    return session.execute(query).all()


def _gone(session: Session, request_id: UUID) -> set[Kept]:
    return {kept for _request, kept in disposed(session, request_id)}


def disposed(session: Session, request_id: UUID | None = None) -> frozenset[tuple[UUID, Kept]]:
    """Which classes of which cases were destroyed with a certificate: what the proof of evidence does not look for any more."""
    query = sa.select(Disposal.subject_id, Disposal.policy).where(Disposal.subject_type == "screening_request")
    if request_id is not None:
        query = query.where(Disposal.subject_id == request_id)
    return frozenset((row.subject_id, Kept(row.policy.partition(";")[0])) for row in session.execute(query))
