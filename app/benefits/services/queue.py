"""HR's queue: submissions as Core rows, oldest first, keyset paging, a capped count. Three queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from app.benefits.models import CoverageDetails, Enrollment, EnrollmentWindow, Submission
from app.benefits.rules.lifecycle import WAITING
from app.benefits.rules.words import EnrollmentStatus, EnrollmentType
from app.connections.models import Connection
from app.core.access import Can
from app.core.clock import now
from app.core.db import own_company
from app.core.events import Actor
from app.people import services as people
from app.people.models import Employee
from app.people.services import opened_name

PAGE = 25
CAP = 1_001
OVERDUE_DAYS = 3


@dataclass(frozen=True, slots=True)
class Filters:
    """What the URL says; unknown words were dropped by the form."""

    status: str = EnrollmentStatus.SUBMITTED.value
    carrier_id: UUID | None = None
    kind: str = ""
    overdue: bool = False


class QueueRow(NamedTuple):
    id: UUID
    number: str
    employee_id: UUID
    name: str
    employee_number: str
    kind: str
    status: str
    submitted_at: datetime
    cost: Decimal
    choices: list[dict[str, Any]]  # coverage_type, election, plan, carrier, carrier_status
    overdue: bool


def overdue_since() -> datetime:
    """Submissions signed before this moment have waited too long."""
    return now() - timedelta(days=OVERDUE_DAYS)


def queue(
    session: Session, actor: Actor, filters: Filters, after: str = "", limit: int = PAGE
) -> tuple[list[QueueRow], str]:
    """A page of the queue and the `after` of the next one (empty on the last)."""
    columns = (
        Submission.id, Submission.number, Submission.employee_id, Employee.company_id, Employee.first_name_enc,  # type: ignore[attr-defined]
        Employee.last_name_enc, Employee.employee_number, EnrollmentWindow.kind, Submission.status,  # type: ignore[attr-defined]
        Submission.submitted_at, Submission.employee_cost_per_pay, _choices(),
    )  # fmt: skip
    query = filtered(sa.select(*columns), actor, filters)
    position = _position(after)
    if position is not None:
        query = query.where(sa.tuple_(Submission.submitted_at, Submission.id) > position)
    query = query.order_by(Submission.submitted_at, Submission.id).limit(limit + 1)
    rows = session.connection().execute(query).all()
    shown = [_row(row) for row in rows[:limit]]
    following = f"{shown[-1].submitted_at.isoformat()}~{shown[-1].id}" if len(rows) > limit else ""
    return shown, following


def queue_count(session: Session, actor: Actor, filters: Filters) -> int:
    """How many there are, at most 1,001."""
    inner = filtered(sa.select(sa.literal(1).label("one")), actor, filters).limit(CAP).subquery()
    return session.connection().execute(sa.select(sa.func.count()).select_from(inner).options(own_company)).scalar_one()


def filtered(query: Any, actor: Actor, filters: Filters) -> Any:
    """A query of submissions, held to these filters and to whom the actor may see."""
    query = (
        query.select_from(Submission)
        .options(own_company)
        .join(Employee, Employee.id == Submission.employee_id)
        .join(EnrollmentWindow, EnrollmentWindow.id == Submission.window_id)
        .where(people.visible(actor, Can.ENROLLMENT_VIEW))
    )
    if filters.status:
        query = query.where(Submission.status == filters.status)
    if filters.kind:
        query = query.where(EnrollmentWindow.kind == filters.kind)
    if filters.overdue:
        waiting = Submission.status.in_([status.value for status in WAITING])
        query = query.where(waiting, Submission.submitted_at < overdue_since())
    if filters.carrier_id is not None:
        with_carrier = sa.select(sa.literal(1)).where(
            Enrollment.submission_id == Submission.id, Enrollment.connection_id == filters.carrier_id
        )
        query = query.where(with_carrier.exists())
    return query


def _choices() -> sa.ScalarSelect[Any]:
    pairs = (
        "coverage_type", Enrollment.coverage_type, "election", Enrollment.election, "plan", CoverageDetails.plan_name,
        "carrier", Connection.name, "carrier_status", Enrollment.carrier_status, "tier", Enrollment.tier,
    )  # fmt: skip
    return (
        sa.select(sa.func.jsonb_agg(aggregate_order_by(sa.func.jsonb_build_object(*pairs), Enrollment.number)))
        .select_from(Enrollment)
        .outerjoin(CoverageDetails, CoverageDetails.enrollment_id == Enrollment.id)
        .outerjoin(Connection, Connection.id == Enrollment.connection_id)
        .where(Enrollment.submission_id == Submission.id)
        .correlate(Submission)
        .scalar_subquery()
        .label("choices")  # type: ignore[return-value]
    )


def _row(row: Any) -> QueueRow:
    waiting = row.status in WAITING and row.submitted_at < overdue_since()
    named = _Named(row.company_id, row.employee_id, row.first_name_enc, row.last_name_enc)
    return QueueRow(
        row.id, row.number, row.employee_id, opened_name(named), row.employee_number, row.kind, row.status,
        row.submitted_at, row.employee_cost_per_pay, row.choices or [], waiting,
    )  # fmt: skip


class _Named(NamedTuple):
    """What `opened_name` reads."""

    company_id: UUID
    id: UUID
    first_name_enc: bytes
    last_name_enc: bytes


def _position(after: str) -> tuple[datetime, UUID] | None:
    at, _, key = after.partition("~")
    try:
        return datetime.fromisoformat(at), UUID(key)
    except ValueError:
        return None


def kinds() -> Sequence[EnrollmentType]:
    """Window kinds HR may filter by."""
    return (EnrollmentType.NEW_HIRE, EnrollmentType.OPEN_ENROLLMENT, EnrollmentType.QUALIFYING_LIFE_EVENT)
