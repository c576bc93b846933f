"""Coverage over time: what carriers report, what starts and ends, what was in force on a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.benefits.models import BenefitPlan, CoveredDependent, Enrollment, EnrollmentWindow, Submission
from app.benefits.rules import calendar, carrier, history, lifecycle
from app.benefits.rules.lifecycle import IN_FORCE, WAITING, Action
from app.benefits.rules.words import CarrierStatus, EndsAt, EnrollmentStatus
from app.benefits.services.submissions import cancel_submission
from app.core.access import Can
from app.core.clock import now
from app.core.db import fetch
from app.core.errors import Conflict
from app.core.events import Actor, Risk, record, record_read
from app.people import services as people
from app.people.models import Employee

ENDED_WORK = "employment ended"
BATCH = 200


def set_carrier_status(
    session: Session, actor: Actor, enrollment_id: UUID, status: CarrierStatus, reason: str = ""
) -> Enrollment:
    """Where a change stands at the carrier; only feeds calls this. The same or an older report changes nothing.

    Records `benefits.coverage.moved`, `.confirmed` or `.disputed` (subject: Enrollment).

    Raises:
        NotFound: no such enrollment.
        Conflict: the step makes no sense, or the enrollment was never approved.
    """
    row = fetch(session, Enrollment, enrollment_id, lock=True)
    if not carrier.moves(row.carrier_status, CarrierStatus(status)):
        return row
    if row.status not in IN_FORCE | {EnrollmentStatus.TERMINATED, EnrollmentStatus.CANCELED}:
        raise Conflict("HR has not approved this enrollment")
    old, row.carrier_status, row.carrier_status_at = row.carrier_status, CarrierStatus(status).value, now()
    word = {CarrierStatus.CONFIRMED: "confirmed", CarrierStatus.DISCREPANCY: "disputed"}.get(status, "moved")
    record(
        session, actor, f"benefits.coverage.{word}", row,
        old={"carrier_status": old}, new={"carrier_status": row.carrier_status}, reason=reason,
        person_id=row.employee_id, args={"employee_id": str(row.employee_id)},
    )  # fmt: skip
    return row


def cut_short(session: Session, actor: Actor, row: Enrollment, last_day: date, *, reason: str) -> None:
    """End coverage after a day; coverage that would start later never does. Records `benefits.enrollment.changed`."""
    old: dict[str, Any] = {"status": row.status, "coverage_ends_on": row.coverage_ends_on}
    if last_day < row.coverage_starts_on:
        row.status = lifecycle.after(row.status, Action.CANCEL)
    else:
        row.coverage_ends_on = min(last_day, calendar.latest_end(row.coverage_starts_on))
        row.terminated_on = row.coverage_ends_on
    row.termination_reason = reason[:200]
    new = {"status": row.status, "coverage_ends_on": row.coverage_ends_on}
    if new == old:
        return
    if row.plan_id is not None:
        row.carrier_status, row.carrier_status_at = CarrierStatus.READY.value, now()
    for person in session.scalars(sa.select(CoveredDependent).where(CoveredDependent.enrollment_id == row.id)):
        if person.ends_on in (None, old["coverage_ends_on"]) or person.ends_on > last_day:
            person.ends_on = max(person.starts_on, last_day)  # who left earlier keeps the earlier day
    record_changed(session, actor, row, old, new, reason)


def record_changed(
    session: Session, actor: Actor, row: Enrollment, old: dict[str, Any], new: dict[str, Any], reason: str
) -> None:
    """Record `benefits.enrollment.changed` (subject: Enrollment), which carriers follow."""
    record(
        session, actor, "benefits.enrollment.changed", row, old=old, new=new, reason=reason,
        person_id=row.employee_id, risk=Risk.MEDIUM, args={"employee_id": str(row.employee_id)},
    )  # fmt: skip


def terminate(session: Session, actor: Actor, employee_id: UUID) -> list[Enrollment]:
    """End everything of an employee whose employment ended: with the month, or with the last day, as each plan says.

    Running again changes nothing; a moved last day moves the ends this set.

    Raises:
        NotFound: no such employee.
        Conflict: the employment has not ended.
    """
    employee = fetch(session, Employee, employee_id)
    if employee.terminated_on is None:
        raise Conflict("The employment has not ended")
    waiting = sa.select(Submission).where(
        Submission.employee_id == employee_id, Submission.status.in_([status.value for status in WAITING])
    )
    for submission in session.scalars(waiting.with_for_update()):
        cancel_submission(session, actor, submission, reason=ENDED_WORK)
    touched = []
    for row, ends_at in _in_force(session, employee_id):
        last_day = (
            calendar.end_of_month(employee.terminated_on) if ends_at != EndsAt.LAST_DAY else employee.terminated_on
        )
        if row.coverage_ends_on is None or last_day < row.coverage_ends_on or row.termination_reason == ENDED_WORK:
            cut_short(session, actor, row, last_day, reason=ENDED_WORK)
            touched.append(row)
    _close_window(session, employee_id, employee.terminated_on)
    return touched


def _in_force(session: Session, employee_id: UUID) -> list[tuple[Enrollment, str | None]]:
    query = (
        sa.select(Enrollment, BenefitPlan.ends_at)
        .outerjoin(BenefitPlan, BenefitPlan.id == Enrollment.plan_id)
        .where(Enrollment.employee_id == employee_id, Enrollment.status.in_([status.value for status in IN_FORCE]))
        .with_for_update(of=Enrollment)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def _close_window(session: Session, employee_id: UUID, last_day: date) -> None:
    """The person's own windows end with the employment."""
    session.execute(
        sa.update(EnrollmentWindow)
        .where(
            EnrollmentWindow.employee_id == employee_id,
            EnrollmentWindow.closes_on > last_day,
            EnrollmentWindow.opens_on <= last_day,
        )
        .values(closes_on=last_day)
        .execution_options(synchronize_session=False)
    )


def activate_due(session: Session, actor: Actor, on: date, limit: int = BATCH) -> int:
    """Start what starts by this day and close what has ended. Returns how many rows moved; run again until it is 0."""
    starting = sa.and_(Enrollment.status == EnrollmentStatus.APPROVED.value, Enrollment.coverage_starts_on <= on)
    ending = sa.and_(Enrollment.status.in_([status.value for status in IN_FORCE]), Enrollment.coverage_ends_on < on)
    due = sa.select(Enrollment).where(sa.or_(starting, ending)).order_by(Enrollment.id).limit(limit)
    rows = session.scalars(due.with_for_update(skip_locked=True)).all()
    for row in rows:
        over = row.coverage_ends_on is not None and row.coverage_ends_on < on
        old = row.status
        row.status = lifecycle.after(old, Action.TERMINATE if over else Action.ACTIVATE)
        name = "ended" if over else "activated"
        record(
            session, actor, f"benefits.enrollment.{name}", row,
            old={"status": old}, new={"status": row.status}, person_id=row.employee_id,
        )  # fmt: skip
    return len(rows)


def enrollments(
    session: Session, actor: Actor, employee_id: UUID | str, permission: Can = Can.ENROLL_OWN
) -> Sequence[Enrollment]:
    """Everything an employee ever chose, newest first. The read is recorded.

    Raises:
        NotFound: outside the actor's scope.
    """
    employee = people.employee(session, actor, employee_id, permission)
    if actor.employee_id != employee.id:
        record_read(session, actor, "benefits.coverage.viewed", employee, person_id=employee.id)
    query = sa.select(Enrollment).where(Enrollment.employee_id == employee.id)
    return session.scalars(query.order_by(Enrollment.coverage_starts_on.desc(), Enrollment.number.desc())).all()


def coverage_on(
    session: Session, actor: Actor, employee_id: UUID | str, on: date, permission: Can = Can.ENROLL_OWN
) -> dict[str, Enrollment]:
    """Coverage type → what was, is or will be in force on a day.

    Raises:
        NotFound: outside the actor's scope.
    """
    return history.as_of(enrollments(session, actor, employee_id, permission), on)
