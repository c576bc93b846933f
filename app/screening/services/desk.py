"""What waits for an adjudicator, and the cases and deadlines a compliance officer watches. Lists only; nothing here says what a report holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.core.access import Can
from app.core.clock import today
from app.core.counts import capped
from app.core.errors import NotFound
from app.core.events import Actor
from app.integrations.screening import Status
from app.screening.models import (
    Assessment,
    Candidate,
    CaseNotice,
    Happening,
    JobApplication,
    ScreeningPolicy,
    ScreeningRequest,
)
from app.screening.rules.adverse import NOTIFIED, Stage
from app.screening.rules.states import Bucket, DeliveryState
from app.screening.rules.words import Channel
from app.screening.services.mailing import ON_PAPER
from app.screening.services.scope import visible

PAGE = 50
_LAST = date(9999, 12, 31)
_NOTIFIED = [stage.value for stage in NOTIFIED]


class Waits(StrEnum):
    """Why a case is on the desk."""

    REVIEW = "review"
    ANSWERED = "answered"
    BOUNCED = "bounced"
    DUE = "due"
    AGREE = "agree"
    CLEAR = "clear"


@dataclass(frozen=True, slots=True)
class Listed:
    """rows: one page. after: key of the next page, "" at the end. total: capped."""

    rows: list[Any]
    after: str
    total: int


def waiting(why: Waits, actor: Actor) -> sa.ColumnElement[bool]:
    """The condition behind a tab of the desk."""
    in_review = ScreeningRequest.bucket == Bucket.REVIEW.value  # complete and undecided, or a notice is out
    complete = sa.and_(
        in_review,
        ScreeningRequest.stage == Stage.REVIEW.value,
        ScreeningRequest.provider_status == Status.COMPLETE.value,
    )
    open_ = ScreeningRequest.bucket.in_((Bucket.ACTIVE.value, Bucket.REVIEW.value))
    conditions = {
        Waits.REVIEW: sa.and_(complete, ScreeningRequest.clear.is_(False)),
        Waits.CLEAR: sa.and_(complete, ScreeningRequest.clear.is_(True)),
        Waits.ANSWERED: sa.and_(
            open_, sa.or_(ScreeningRequest.stage == Stage.PAUSED.value, _has(Happening, Happening.read_at.is_(None)))
        ),
        Waits.BOUNCED: sa.and_(
            ScreeningRequest.stage == Stage.PRE_ADVERSE.value,
            _has(CaseNotice, CaseNotice.delivery == DeliveryState.BOUNCED.value, CaseNotice.void_at.is_(None)),
        ),
        Waits.DUE: sa.or_(
            ScreeningRequest.stage == Stage.REASSESS.value,
            sa.and_(ScreeningRequest.stage == Stage.WAITING.value, ScreeningRequest.answer_due_on < today()),
        ),
        Waits.AGREE: sa.and_(in_review, _two_people(), _unagreed(actor)),
    }
    return conditions[why]


def _two_people() -> sa.ColumnElement[bool]:
    """Whether the company's policy asks for a second person at all."""
    query = sa.select(ScreeningPolicy.id).where(
        ScreeningPolicy.company_id == ScreeningRequest.company_id, ScreeningPolicy.second_person.is_(True)
    )
    return query.exists()


def _unagreed(actor: Actor) -> sa.ColumnElement[bool]:
    """The newest assessment, of this report, was written by somebody else, and nobody has agreed."""
    newer = aliased(Assessment)
    replaced = sa.select(newer.id).where(
        newer.company_id == Assessment.company_id, newer.request_id == Assessment.request_id, newer.id > Assessment.id
    )
    return _has(
        Assessment, Assessment.agreed_by_user_id.is_(None), Assessment.adverse.is_(True),
        Assessment.written_by_user_id != actor.user_id, sa.not_(replaced.exists()),
        Assessment.report_revised_at.is_not_distinct_from(ScreeningRequest.revised_at),
    )  # fmt: skip


def _has(table: Any, *conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    query = sa.select(table.id).where(
        table.company_id == ScreeningRequest.company_id, table.request_id == ScreeningRequest.id, *conditions
    )
    return query.exists()


def others(actor: Actor) -> sa.ColumnElement[bool]:
    """Requests the actor did not order: only those may be judged."""
    mine = sa.or_(
        ScreeningRequest.initiated_by_user_id == actor.user_id, ScreeningRequest.recruiter_user_id == actor.user_id
    )
    return sa.not_(sa.func.coalesce(mine, sa.false()))


def desk(session: Session, actor: Actor, why: Waits | None, after: str = "") -> Listed:
    """What waits for this adjudicator, the nearest day first. Two queries."""
    actor.require(Can.RECORD_VIEW)
    reasons = list(Waits) if why is None else [why]
    wanted = sa.and_(
        visible(actor, Can.RECORD_VIEW), others(actor), sa.or_(*(waiting(reason, actor) for reason in reasons))
    )
    flags = [waiting(reason, actor).label(reason.value) for reason in Waits]
    return _page(session, wanted, flags, after)


def counts(session: Session, actor: Actor) -> dict[Waits, int]:
    """How much waits, by reason; one query, capped."""
    return dict(zip(Waits, session.execute(sa.select(*counted(actor))).one(), strict=True))


def counted(actor: Actor) -> list[sa.Label[int]]:
    """A column for each reason, capped; in the order of `Waits`."""
    own = sa.and_(visible(actor, Can.RECORD_VIEW), others(actor))
    return [capped(sa.select(ScreeningRequest.id).where(own, waiting(why, actor))).label(why.value) for why in Waits]


@dataclass(frozen=True, slots=True)
class CaseFilters:
    """stage: one of `Stage`. state: late, standing or disputed."""

    stage: str = ""
    state: str = ""


def cases(session: Session, actor: Actor, filters: CaseFilters, after: str = "") -> Listed:
    """Every open case, the nearest deadline first; no record of any. Two queries."""
    actor.require(Can.COMPLIANCE_MANAGE)
    wanted: list[sa.ColumnElement[bool]] = [
        ScreeningRequest.company_id == actor.company_id,
        ScreeningRequest.bucket == Bucket.REVIEW.value,
    ]
    if filters.stage:
        wanted.append(ScreeningRequest.stage == filters.stage)
    if filters.state:
        wanted.append(_state(filters.state))
    return _page(session, sa.and_(*wanted), [], after)


def _state(state: str) -> sa.ColumnElement[bool]:
    states = {
        "late": sa.and_(ScreeningRequest.stage.in_(_NOTIFIED), ScreeningRequest.answer_due_on < today()),
        "standing": sa.and_(ScreeningRequest.stage.in_(_NOTIFIED), ScreeningRequest.answer_due_on.is_(None)),
        "disputed": ScreeningRequest.dispute_open.is_(True),
    }
    return states[state]


def _page(session: Session, wanted: sa.ColumnElement[bool], flags: list[Any], after: str) -> Listed:
    order = (sa.func.coalesce(ScreeningRequest.answer_due_on, _LAST), ScreeningRequest.id)
    query = (
        sa.select(ScreeningRequest, Candidate, JobApplication, *flags)
        .join(
            Candidate,
            sa.and_(Candidate.company_id == ScreeningRequest.company_id, Candidate.id == ScreeningRequest.candidate_id),
        )
        .join(
            JobApplication,
            sa.and_(
                JobApplication.company_id == ScreeningRequest.company_id,
                JobApplication.id == ScreeningRequest.application_id,
            ),
        )
        .where(wanted)
    )
    if after:
        query = query.where(sa.tuple_(*order) > _key(after))
    rows = list(session.execute(query.order_by(*order).limit(PAGE + 1)))
    more, rows = len(rows) > PAGE, rows[:PAGE]
    total = session.scalar(sa.select(capped(sa.select(ScreeningRequest.id).where(wanted)))) or 0
    last = rows[-1][0] if more else None
    return Listed(rows, f"{last.answer_due_on or _LAST}_{last.id}" if last else "", total)


def _key(after: str) -> sa.Tuple:
    day, _, row_id = after.partition("_")
    try:
        return sa.tuple_(sa.literal(date.fromisoformat(day)), sa.literal(UUID(row_id)))
    except ValueError:
        raise NotFound from None


def to_mail(session: Session, actor: Actor, after: str = "") -> Listed:
    """Letters on paper that have not left, and tracked ones whose receipt is owed; oldest first. Two queries."""
    actor.require(Can.RECORD_VIEW)
    paper = [channel.value for channel in ON_PAPER]
    wanted = sa.and_(
        visible(actor, Can.RECORD_VIEW), CaseNotice.company_id == actor.company_id, CaseNotice.channel.in_(paper),
        CaseNotice.void_at.is_(None), CaseNotice.bounced_at.is_(None),
        sa.or_(
            CaseNotice.sent_at.is_(None),
            sa.and_(CaseNotice.channel == Channel.TRACKED_MAIL.value, CaseNotice.received_on.is_(None)),
        ),
    )  # fmt: skip
    joined = sa.and_(ScreeningRequest.company_id == CaseNotice.company_id, ScreeningRequest.id == CaseNotice.request_id)
    query = sa.select(CaseNotice, ScreeningRequest).join(ScreeningRequest, joined).where(wanted)
    if after:
        query = query.where(CaseNotice.id > _uuid(after))
    rows = list(session.execute(query.order_by(CaseNotice.id).limit(PAGE + 1)))
    more, rows = len(rows) > PAGE, rows[:PAGE]
    total = (
        session.scalar(sa.select(capped(sa.select(CaseNotice.id).join(ScreeningRequest, joined).where(wanted)))) or 0
    )
    return Listed(rows, str(rows[-1][0].id) if more else "", total)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None
