"""The manual-fulfillment queue: changes for carriers without a feed, typed into their portal by a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.benefits.models import BenefitPlan, CoveredDependent, Enrollment
from app.connections.models import Connection
from app.core.access import Can
from app.core.clock import now
from app.core.errors import Conflict, Invalid, NotFound
from app.core.events import Actor, record, record_read
from app.feeds.models import CarrierChange, ChangeStatus, ManualTask
from app.feeds.rules.telling import Told, told_of
from app.feeds.services.discrepancies import COUNT_CAP, PAGE, Listed
from app.feeds.services.sending import move_change, tell_enrollment
from app.people import services as people
from app.people.models import Dependent, Employee

MOST_REFERENCE = 80


def joined(query: Any, actor: Actor) -> Any:
    """A query of tasks, joined to the change and the employee, held to whom the actor may see."""
    return (
        query.join(
            CarrierChange,
            sa.and_(CarrierChange.company_id == ManualTask.company_id, CarrierChange.id == ManualTask.change_id),
        )
        .join(Employee, sa.and_(Employee.company_id == ManualTask.company_id, Employee.id == CarrierChange.employee_id))
        .where(people.visible(actor, Can.FEED_VIEW))
    )


def _with_plan(query: Any) -> Any:
    """The same with the carrier, and the plan where the change is about a coverage."""
    return (
        query.join(
            Connection,
            sa.and_(Connection.company_id == ManualTask.company_id, Connection.id == ManualTask.connection_id),
        )
        .outerjoin(
            Enrollment,
            sa.and_(Enrollment.company_id == ManualTask.company_id, Enrollment.id == CarrierChange.enrollment_id),
        )
        .outerjoin(
            BenefitPlan, sa.and_(BenefitPlan.company_id == ManualTask.company_id, BenefitPlan.id == Enrollment.plan_id)
        )
    )


def listed(session: Session, actor: Actor, state: str = "open", after: str = "") -> Listed:
    """One page of tasks, the most urgent first. Two queries."""
    base = joined(
        sa.select(
            ManualTask.id, ManualTask.due_on, ManualTask.state, ManualTask.done_at, CarrierChange.kind,
            CarrierChange.effective_on, Employee.employee_number, Connection.name.label("carrier"),
            BenefitPlan.name.label("plan"),
        ),
        actor,
    )  # fmt: skip
    query = _with_plan(base).where(ManualTask.state == state)
    if after:
        query = query.where(sa.tuple_(ManualTask.due_on, ManualTask.id) > _key(after))
    rows = list(session.execute(query.order_by(ManualTask.due_on, ManualTask.id).limit(PAGE + 1)))
    more, rows = len(rows) > PAGE, rows[:PAGE]
    counted = joined(sa.select(ManualTask.id), actor).where(ManualTask.state == state).limit(COUNT_CAP).subquery()
    total = session.scalar(sa.select(sa.func.count()).select_from(counted)) or 0
    return Listed(rows, f"{rows[-1].due_on}_{rows[-1].id}" if more else "", total)


def _key(after: str) -> sa.Tuple:
    due_on, _, row_id = after.partition("_")
    try:
        return sa.tuple_(sa.literal(date.fromisoformat(due_on)), sa.literal(UUID(row_id)))
    except ValueError:
        raise NotFound from None


@dataclass(frozen=True, slots=True)
class Task:
    """A task with what to type. told and plan: None when only a person's details changed."""

    task: ManualTask
    change: CarrierChange
    connection: Connection
    employee: Employee
    plan: BenefitPlan | None
    told: Told | None
    dependents: Sequence[Dependent]


def task(session: Session, actor: Actor, task_id: UUID, *, lock: bool = False) -> Task:
    """One task in the actor's scope, in two queries. The read is recorded: it shows who is covered by what.

    Raises:
        NotFound: no such task, or of an employee outside the scope.
    """
    query = _with_plan(joined(sa.select(ManualTask, CarrierChange, Connection, Employee, BenefitPlan), actor))
    query = query.where(ManualTask.id == task_id)
    if lock:
        query = query.with_for_update(of=(ManualTask, CarrierChange)).execution_options(populate_existing=True)
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFound
    row, change, connection, employee, plan = found
    family = _covered_by(session, change.enrollment_id) if change.enrollment_id else []
    record_read(session, actor, "feeds.task.viewed", row, person_id=employee.id)
    return Task(row, change, connection, employee, plan, told_of(change.told), family)


def _covered_by(session: Session, enrollment_id: UUID) -> Sequence[Dependent]:
    query = (
        sa.select(Dependent)
        .join(
            CoveredDependent,
            sa.and_(CoveredDependent.company_id == Dependent.company_id, CoveredDependent.dependent_id == Dependent.id),
        )
        .where(CoveredDependent.enrollment_id == enrollment_id)
        .order_by(Dependent.added_on, Dependent.id)
    )
    return session.scalars(query).all()


def complete(session: Session, actor: Actor, task_id: UUID, reference: str) -> ManualTask:
    """A person entered the change in the carrier's portal. The carrier was told, which is not yet a confirmation.

    Raises:
        Invalid: no reference. Conflict: done or overtaken meanwhile. NotFound: outside the scope.
    """
    actor.require(Can.FEED_MANAGE)
    reference = reference.strip()
    if not reference or len(reference) > MOST_REFERENCE:
        raise Invalid({"reference": "Enter the confirmation number the portal showed, or the date and your initials"})
    found = task(session, actor, task_id, lock=True)
    row, change = found.task, found.change
    if row.state != "open" or not move_change(change, ChangeStatus.SENT):
        raise Conflict("this task is not open any more")
    row.state, row.carrier_reference = "done", reference
    row.done_at, row.done_by_user_id = now(), actor.user_id
    change.sent_at = change.acknowledged_at = row.done_at
    tell_enrollment(session, actor, "P", change, ChangeStatus.SENT)
    record(session, actor, "feeds.task.done", row, person_id=change.employee_id, new={"kind": change.kind})
    return row
