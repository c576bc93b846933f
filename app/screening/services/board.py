"""The recruiter's board: requests as Core rows, newest or oldest first, keyset paging. No result of a report is read here."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from app.accounts.models import Role, RoleAssignment, User
from app.connections.models import Connection
from app.core.access import Can
from app.core.clock import now, today
from app.core.db import own_company
from app.core.errors import NotFound
from app.core.events import Actor
from app.integrations.api import Environment
from app.people.services import full_name
from app.screening.models import (
    Candidate,
    CandidateLink,
    CheckResult,
    JobApplication,
    SavedView,
    ScreeningPackage,
    ScreeningRequest,
)
from app.screening.rules.states import Blocker, Bucket, OrderState
from app.screening.services.scope import visible
from app.screening.services.sifting import Filters, narrowed, stale_days

PAGE = 25
SAVED = "board"
"""`SavedView.page` of this list."""

_R = ScreeningRequest


class Chip(NamedTuple):
    """One search: its kind, how far it is, and why it takes long. Never what it found."""

    check_type: str
    status: str
    delay: str


class BoardRow(NamedTuple):
    id: UUID
    number: str
    name: str
    position: str
    hiring_stage: str
    package: str
    provider: str
    sandbox: bool
    recruiter: str
    priority: str
    bucket: str
    status: str
    blocker: str
    consent: str
    consent_expires_at: datetime | None
    order_state: str
    provider_status: str
    hold_reason: str
    stopped: bool
    decision: str
    canceled: bool
    initiated_at: datetime
    expected_on: date | None
    due_on: date
    completed_at: datetime | None
    last_event_at: datetime | None
    link_sent_at: datetime | None
    link_opened_at: datetime | None
    link_expires_at: datetime | None
    bounced: bool
    stale: bool
    late: bool
    chips: list[Chip]


def board(
    session: Session, actor: Actor, filters: Filters, after: str = "", limit: int = PAGE
) -> tuple[list[BoardRow], str]:
    """A page of the board and the `after` of the next one (empty on the last). One query."""
    query = filtered(sa.select(*_columns()), actor, filters)
    position = key_of(after)
    if position is not None:
        query = query.where(_R.id > position if filters.oldest else _R.id < position)
    query = query.order_by(_R.id if filters.oldest else _R.id.desc()).limit(limit + 1)
    rows = session.connection().execute(query).all()
    shown = [_row(row) for row in rows[:limit]]
    return shown, str(shown[-1].id) if len(rows) > limit else ""


def line(session: Session, actor: Actor, request_id: UUID) -> BoardRow:
    """One row, whatever its bucket. Raises NotFound outside the actor's scope."""
    query = joined(sa.select(*_columns()).select_from(_R).options(own_company))
    query = query.where(visible(actor, Can.CHECK_VIEW), _R.id == request_id)
    row = session.connection().execute(query).one_or_none()
    if row is None:
        raise NotFound
    return _row(row)


def filtered(query: Any, actor: Actor, filters: Filters) -> Any:
    """A query of board rows, held to these filters and to what the actor may see."""
    return joined(narrowed(query, actor, filters))


def joined(query: Any) -> Any:
    return (
        query.join(Candidate, Candidate.id == _R.candidate_id)
        .join(JobApplication, JobApplication.id == _R.application_id)
        .join(ScreeningPackage, ScreeningPackage.id == _R.package_id)
        .join(Connection, Connection.id == _R.connection_id)
        .outerjoin(User, User.id == _R.recruiter_user_id)
    )


def _columns() -> tuple[Any, ...]:
    return (
        _R.id, _R.company_id, _R.number, Candidate.id.label("person_id"), Candidate.first_name_enc, Candidate.last_name_enc,  # type: ignore[attr-defined]
        JobApplication.position, JobApplication.stage.label("hiring_stage"), ScreeningPackage.name.label("package"),
        Connection.name.label("provider"), Connection.environment, User.display_name.label("recruiter"), _R.priority, _R.bucket,
        _R.status, _R.blocker, _R.consent, _R.consent_expires_at, _R.order_state, _R.provider_status, _R.hold_reason,
        (_R.stops != sa.text("'[]'::jsonb")).label("stopped"), _R.decision, _R.canceled_at, _R.initiated_at, _R.estimated_completion_on,
        _R.due_on, _R.completed_at, _R.last_event_at, stale_days().label("stale_days"), _link().label("link"), _chips().label("chips"),
    )  # fmt: skip


def _link() -> sa.ScalarSelect[Any]:
    pairs = (
        "sent", CandidateLink.sent_at, "opened", CandidateLink.opened_at, "expires", CandidateLink.expires_at,
        "bounced", CandidateLink.undeliverable_at,
    )  # fmt: skip
    return (
        sa.select(sa.func.jsonb_build_object(*pairs))
        .where(CandidateLink.request_id == _R.id, CandidateLink.revoked_at.is_(None))
        .order_by(CandidateLink.id.desc())
        .limit(1)
        .correlate(_R)
        .scalar_subquery()
    )


def _chips() -> sa.ScalarSelect[Any]:
    chip = sa.func.jsonb_build_array(CheckResult.check_type, CheckResult.check_status, CheckResult.delay_reason)
    return (
        sa.select(sa.func.jsonb_agg(aggregate_order_by(chip, CheckResult.id)))
        .where(CheckResult.request_id == _R.id)
        .correlate(_R)
        .scalar_subquery()
    )


def _row(row: Any) -> BoardRow:
    link = {name: _instant(value) for name, value in (row.link or {}).items()}
    running, placed = row.bucket == Bucket.ACTIVE, row.order_state == OrderState.PLACED
    silent = row.last_event_at is not None and row.last_event_at < now() - timedelta(days=row.stale_days)
    bounced = running and link.get("bounced") is not None
    return BoardRow(
        row.id, row.number, opened_name(row), row.position, row.hiring_stage, row.package, row.provider,
        row.environment != Environment.PRODUCTION, row.recruiter or "", row.priority, row.bucket, row.status, blocker_shown(row, bounced),
        row.consent, row.consent_expires_at, row.order_state, row.provider_status, row.hold_reason, row.stopped, row.decision,
        row.canceled_at is not None, row.initiated_at, row.estimated_completion_on, row.due_on, row.completed_at, row.last_event_at,
        link.get("sent"), link.get("opened"), link.get("expires"), bounced,
        running and placed and silent, running and (row.estimated_completion_on or row.due_on) < today(),
        [Chip(*chip) for chip in row.chips or []],
    )  # fmt: skip


def blocker_shown(row: Any, bounced: bool) -> str:
    """Who moves next, as far as it tells nothing about the report. A link that came back is ours to send again."""
    return Blocker.US.value if bounced or row.bucket == Bucket.REVIEW else str(row.blocker)


def opened_name(row: Any) -> str:
    """The name in a Core row that has company_id, person_id, first_name_enc and last_name_enc of a candidate."""
    first = Candidate.first_name.open(row.company_id, row.person_id, row.first_name_enc)
    return full_name(first, Candidate.last_name.open(row.company_id, row.person_id, row.last_name_enc))


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def key_of(after: str) -> UUID | None:
    """The id a page of a list goes on after; None for the first page, and for what is no id."""
    try:
        return UUID(after)
    except ValueError:
        return None


class Choices(NamedTuple):
    """(id, name) of what a filter offers, and the actor's saved views as (id, name, query)."""

    packages: list[tuple[str, str]]
    providers: list[tuple[str, str]]
    recruiters: list[tuple[str, str]]
    views: list[tuple[str, str, str]]


def choices(session: Session, actor: Actor) -> Choices:
    """One query for everything the page offers to choose from."""
    orders = (
        sa.select(RoleAssignment.user_id).join(Role, Role.id == RoleAssignment.role_id).where(Role.can_initiate_checks)
    )
    none = sa.literal("")
    sells = sa.select(ScreeningPackage.connection_id)
    query = sa.union_all(
        sa.select(
            sa.literal("package").label("kind"),
            ScreeningPackage.id,
            ScreeningPackage.name.label("name"),
            none.label("query"),
        ),
        sa.select(sa.literal("provider"), Connection.id, Connection.name, none).where(Connection.id.in_(sells)),
        sa.select(sa.literal("recruiter"), User.id, User.display_name, none).where(
            User.id.in_(orders), User.deleted_at.is_(None)
        ),
        sa.select(sa.literal("view"), SavedView.id, SavedView.name, SavedView.query).where(
            SavedView.user_id == actor.user_id, SavedView.page == SAVED
        ),
    ).order_by(sa.text("name"))
    found: dict[str, list[Any]] = {"package": [], "provider": [], "recruiter": [], "view": []}
    for row in session.execute(query.options(own_company)):
        found[row.kind].append((str(row.id), row.name, row.query) if row.kind == "view" else (str(row.id), row.name))
    return Choices(found["package"], found["provider"], found["recruiter"], found["view"])
