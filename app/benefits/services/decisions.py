"""HR's verbs: approve, send back, hold. Nobody decides about themselves, and a decision counts once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.benefits.models import Enrollment, Submission
from app.benefits.rules import lifecycle
from app.benefits.rules.lifecycle import IN_FORCE, Action
from app.benefits.rules.words import CarrierStatus, EnrollmentStatus
from app.benefits.services import drafts
from app.benefits.services.coverage import cut_short
from app.benefits.services.submissions import enrollments_of
from app.core.access import Can
from app.core.clock import now
from app.core.errors import CorridorError, Forbidden, Invalid, NotFound
from app.core.events import Actor, Risk, record
from app.people import services as people
from app.people.models import Employee

MAX_REASON = 1000
MAX_BULK = 100


def submission(
    session: Session, actor: Actor, submission_id: UUID | str, permission: Can, *, lock: bool = False
) -> Submission:
    """One submission in the actor's scope.

    Raises:
        NotFound: no such submission, or of an employee outside the scope.
    """
    query = _in_scope(sa.select(Submission), actor, submission_id, permission)
    if lock:
        query = query.with_for_update(of=Submission).execution_options(populate_existing=True)
    found: Submission | None = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound
    return found


def submission_and_name(
    session: Session, actor: Actor, submission_id: UUID | str, permission: Can
) -> tuple[Submission, str]:
    """The same with the employee's name, in one query, for the page. Raises NotFound."""
    named = (Employee.company_id, Employee.id, Employee.first_name_enc, Employee.last_name_enc)  # type: ignore[attr-defined]
    row = session.execute(_in_scope(sa.select(Submission, *named), actor, submission_id, permission)).one_or_none()
    if row is None:
        raise NotFound
    return row.Submission, people.opened_name(row)


def _in_scope(query: Any, actor: Actor, submission_id: UUID | str, permission: Can) -> Any:
    try:
        key = submission_id if isinstance(submission_id, UUID) else UUID(str(submission_id))
    except ValueError:
        raise NotFound from None
    joined = query.join(Employee, Employee.id == Submission.employee_id)
    return joined.where(Submission.id == key, people.visible(actor, permission))


def approve(session: Session, actor: Actor, submission_id: UUID | str) -> Submission:
    """Approve a submission: its enrollments are ready for the carriers, and what they replace ends the day before.

    Raises:
        NotFound: outside the actor's scope.
        Forbidden: the actor's own submission.
        Conflict: somebody decided it meanwhile, or it was replaced.
    """
    row = _to_decide(session, actor, submission_id)
    _decide(actor, row, Action.APPROVE)
    for enrollment in enrollments_of(session, row.id, lock=True):
        enrollment.status = lifecycle.after(enrollment.status, Action.APPROVE)
        enrollment.approved_by_user_id, enrollment.approved_at = actor.user_id, row.decided_at
        if enrollment.plan_id is not None:
            enrollment.carrier_status, enrollment.carrier_status_at = CarrierStatus.READY.value, row.decided_at
        _end_replaced(session, actor, enrollment)
    _record_decision(session, actor, "approved", row)
    return row


def reject(session: Session, actor: Actor, submission_id: UUID | str, reason: str) -> Submission:
    """Send a submission back with a reason the employee reads; their answers are a draft again.

    Raises:
        Invalid: no reason.
        NotFound, Forbidden, Conflict: as `approve`.
    """
    reason = reason.strip()
    if not reason:
        raise Invalid({"reason": "Enter a reason. The employee reads it and knows what to change"})
    if len(reason) > MAX_REASON:
        raise Invalid({"reason": "Shorten the reason to 1,000 characters"})
    row = _to_decide(session, actor, submission_id)
    _decide(actor, row, Action.REJECT)
    row.rejection_reason = reason
    for enrollment in enrollments_of(session, row.id, lock=True):
        enrollment.status = lifecycle.after(enrollment.status, Action.REJECT)
    drafts.put_back(session, row.employee_id, row.window_id, row.answers or {})
    _record_decision(session, actor, "rejected", row, phi={"reason": reason})
    return row


def hold(session: Session, actor: Actor, submission_id: UUID | str) -> Submission:
    """Set aside until something is cleared up. Raises as `approve`."""
    return _set_aside(session, actor, submission_id, Action.HOLD, "held")


def resume(session: Session, actor: Actor, submission_id: UUID | str) -> Submission:
    """Back into the queue. Raises as `approve`."""
    return _set_aside(session, actor, submission_id, Action.RESUME, "resumed")


class Result(NamedTuple):
    """Of approving several: how many, and which were left with what code."""

    approved: int
    left: list[tuple[str, str]]


def approve_all(session: Session, actor: Actor, submission_ids: Sequence[str]) -> Result:
    """Approve each of up to 100; one that cannot be approved is left as it is and named, the others go through.

    Raises:
        Invalid: none, or more than 100.
    """
    wanted = list(dict.fromkeys(submission_ids))
    if not wanted:
        raise Invalid("Select at least one enrollment to approve")
    if len(wanted) > MAX_BULK:
        raise Invalid("Select at most 100 enrollments at a time")
    left: list[tuple[str, str]] = []
    for submission_id in sorted(wanted):
        try:
            with session.begin_nested():
                approve(session, actor, submission_id)
        except CorridorError as refusal:
            left.append((submission_id, refusal.code))
    return Result(len(wanted) - len(left), left)


def _to_decide(session: Session, actor: Actor, submission_id: UUID | str) -> Submission:
    actor.require(Can.ENROLLMENT_APPROVE)
    row = submission(session, actor, submission_id, Can.ENROLLMENT_APPROVE, lock=True)
    if actor.employee_id is not None and row.employee_id == actor.employee_id:
        raise Forbidden("Ask a colleague: nobody decides about their own benefits")
    return row


def _decide(actor: Actor, row: Submission, action: Action) -> None:
    row.status = lifecycle.after(row.status, action)
    row.decided_at, row.decided_by_user_id = now(), actor.user_id


def _set_aside(session: Session, actor: Actor, submission_id: UUID | str, action: Action, word: str) -> Submission:
    row = _to_decide(session, actor, submission_id)
    old, row.status = row.status, lifecycle.after(row.status, action)
    for enrollment in enrollments_of(session, row.id, lock=True):
        enrollment.status = lifecycle.after(enrollment.status, action)
    record(
        session, actor, f"benefits.enrollment.{word}", row,
        old={"status": old}, new={"status": row.status}, person_id=row.employee_id,
    )  # fmt: skip
    return row


def _record_decision(
    session: Session, actor: Actor, word: str, row: Submission, phi: dict[str, str] | None = None
) -> None:
    record(
        session, actor, f"benefits.enrollment.{word}", row,
        old={"status": EnrollmentStatus.SUBMITTED.value}, new={"status": row.status, "number": row.number}, phi=phi,
        person_id=row.employee_id, risk=Risk.MEDIUM, args={"employee_id": str(row.employee_id)},
    )  # fmt: skip


def _end_replaced(session: Session, actor: Actor, new: Enrollment) -> None:
    """What was in force of the same coverage type ends the day before the new choice starts (or never starts)."""
    query = (
        sa.select(Enrollment)
        .where(
            Enrollment.employee_id == new.employee_id,
            Enrollment.coverage_type == new.coverage_type,
            Enrollment.id != new.id,
            Enrollment.status.in_([status.value for status in IN_FORCE]),
            sa.or_(Enrollment.coverage_ends_on.is_(None), Enrollment.coverage_ends_on >= new.coverage_starts_on),
        )
        .with_for_update()
    )
    for old in session.scalars(query):
        new.replaces_id = old.id
        last_day: date = new.coverage_starts_on - timedelta(days=1)
        cut_short(session, actor, old, last_day, reason=f"replaced by {new.number}")


__all__ = ["Result", "approve", "approve_all", "hold", "reject", "resume", "submission"]
