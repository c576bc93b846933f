"""When people may choose: a new hire's own window, open enrollment for everybody, announcements and reminders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.benefits.models import BenefitPlan, EligibilityRule, EnrollmentWindow, PlanYear, Submission
from app.benefits.rules import windows
from app.benefits.rules.eligibility import first_covered_day
from app.benefits.rules.lifecycle import OVER
from app.benefits.rules.words import EnrollmentType
from app.core.access import Can
from app.core.clock import now
from app.core.db import current_tenant, fetch
from app.core.errors import Conflict, Invalid
from app.core.events import Actor, Risk, record
from app.people.models import Company, Employee, EmployeeStatus


def open_new_hire(session: Session, actor: Actor, employee_id: UUID, on: date) -> EnrollmentWindow | None:
    """The window of somebody just hired, made once. None when they were hired long ago, have left, or no year is published.

    Raises:
        NotFound: no such employee.
    """
    employee = fetch(session, Employee, employee_id, lock=True)
    days = fetch(session, Company, current_tenant()).new_hire_days
    span = windows.new_hire_window(employee.hired_on, on, days)
    year = year_for_hire(session, employee, max(employee.hired_on, on))
    gone = employee.status == EmployeeStatus.TERMINATED or employee.terminated_on is not None
    if span is None or year is None or gone:
        return None
    known = session.scalars(
        sa.select(EnrollmentWindow).where(
            EnrollmentWindow.employee_id == employee_id, EnrollmentWindow.kind == EnrollmentType.NEW_HIRE.value
        )
    ).first()
    if known is not None:
        return known
    window = EnrollmentWindow(
        plan_year_id=year.id, kind=EnrollmentType.NEW_HIRE.value, employee_id=employee_id,
        opens_on=span[0], closes_on=span[1],
    )  # fmt: skip
    session.add(window)
    session.flush()
    _announce(session, actor, window)
    return window


def year_on(session: Session, day: date) -> PlanYear | None:
    """The published plan year of a day, or the next one to come."""
    query = sa.select(PlanYear).where(PlanYear.is_published, PlanYear.ends_on >= day)
    return session.scalars(query.order_by(PlanYear.starts_on).limit(1)).first()


def year_for_hire(session: Session, employee: Employee, day: date) -> PlanYear | None:
    """The plan year a new hire chooses in: the next one when this year ends before any of its plans could start."""
    year = year_on(session, day)
    if year is None:
        return None
    rules = sa.select(EligibilityRule.waiting_days, EligibilityRule.starts_first_of_month)
    rules = rules.join(BenefitPlan, BenefitPlan.id == EligibilityRule.plan_id)
    found = session.execute(rules.where(BenefitPlan.plan_year_id == year.id, BenefitPlan.is_active)).all()
    first = min((first_covered_day(employee.hired_on, *rule) for rule in found), default=day)
    return year if first <= year.ends_on else year_on(session, year.ends_on + timedelta(days=1)) or year


def open_enrollment(
    session: Session, actor: Actor, plan_year_id: UUID | str, *, opens_on: date, closes_on: date, on: date
) -> EnrollmentWindow:
    """Open enrollment for everybody; coverage starts with the plan year. Announced on its first day.

    Raises:
        Forbidden: the actor may not configure plans.
        NotFound: no such plan year.
        Invalid: the dates do not fit; by field.
        Conflict: the year has an open enrollment that day already.
    """
    actor.require(Can.PLAN_CONFIGURE)
    year = fetch(session, PlanYear, plan_year_id, lock=True)
    _refuse_dates(year, opens_on, closes_on, on)
    overlap = sa.select(EnrollmentWindow.id).where(
        EnrollmentWindow.plan_year_id == year.id,
        EnrollmentWindow.kind == EnrollmentType.OPEN_ENROLLMENT.value,
        EnrollmentWindow.opens_on <= closes_on,
        EnrollmentWindow.closes_on >= opens_on,
    )
    if session.execute(overlap).first() is not None:
        raise Conflict("This plan year has an open enrollment at that time already")
    window = EnrollmentWindow(
        plan_year_id=year.id, kind=EnrollmentType.OPEN_ENROLLMENT.value, opens_on=opens_on, closes_on=closes_on,
        coverage_starts_on=year.starts_on,
    )  # fmt: skip
    session.add(window)
    session.flush()
    if opens_on <= on:
        _announce(session, actor, window)
    else:
        _record(session, actor, "planned", window)
    return window


def _refuse_dates(year: PlanYear, opens_on: date, closes_on: date, on: date) -> None:
    problems = {}
    if not year.is_published:
        problems["plan_year_id"] = "Publish the plan year first, so that people can see its plans"
    if opens_on < on:
        problems["opens_on"] = "Enter today or a later day"
    if closes_on < opens_on:
        problems["closes_on"] = "Enter a last day that is after the first day"
    elif closes_on > year.ends_on:
        problems["closes_on"] = "Enter a last day inside the plan year or before it"
    if problems:
        raise Invalid(problems)


def announce_due(session: Session, actor: Actor, on: date) -> list[EnrollmentWindow]:
    """Windows planned ahead whose first day has come: recorded as opened, so that people are told."""
    query = sa.select(EnrollmentWindow).where(
        EnrollmentWindow.announced_at.is_(None), EnrollmentWindow.opens_on <= on, EnrollmentWindow.closes_on >= on
    )
    rows = list(session.scalars(query.with_for_update(skip_locked=True)))
    for row in rows:
        _announce(session, actor, row)
    return rows


def _announce(session: Session, actor: Actor, window: EnrollmentWindow) -> None:
    window.announced_at = now()
    _record(session, actor, "opened", window)


def _record(session: Session, actor: Actor, word: str, window: EnrollmentWindow) -> None:
    new = {"kind": window.kind, "opens_on": window.opens_on, "closes_on": window.closes_on}
    args = {"employee_id": str(window.employee_id)} if window.employee_id else None
    record(
        session, actor, f"benefits.window.{word}", window, new=new, person_id=window.employee_id, args=args,
        risk=Risk.LOW if window.employee_id else Risk.MEDIUM,
    )  # fmt: skip


class Invitee(NamedTuple):
    """Somebody a window is for."""

    employee_id: UUID
    user_id: UUID | None


def invitees(
    session: Session, window: EnrollmentWindow, *, after: UUID | None = None, limit: int = 50
) -> Sequence[Invitee]:
    """Employees a window is for, in batches by id."""
    query = (
        sa.select(Employee.id, User.id)
        .outerjoin(User, sa.and_(User.employee_id == Employee.id, User.deleted_at.is_(None)))
        .where(
            Employee.deleted_at.is_(None),
            Employee.status != EmployeeStatus.TERMINATED.value,
            Employee.terminated_on.is_(None),
        )
        .order_by(Employee.id)
        .limit(limit)
    )
    if window.employee_id is not None:
        query = query.where(Employee.id == window.employee_id)
    if after is not None:
        query = query.where(Employee.id > after)
    return [Invitee(*row) for row in session.execute(query)]


def open_windows(session: Session, on: date) -> Sequence[EnrollmentWindow]:
    """Announced windows that are open on a day."""
    query = sa.select(EnrollmentWindow).where(
        EnrollmentWindow.announced_at.is_not(None), EnrollmentWindow.opens_on <= on, EnrollmentWindow.closes_on >= on
    )
    return session.scalars(query.order_by(EnrollmentWindow.closes_on, EnrollmentWindow.id)).all()


def answered(session: Session, window_id: UUID, employee_ids: Sequence[UUID]) -> set[UUID]:
    """Who of these needs no reminder: something of theirs was signed in this window and stands."""
    query = sa.select(Submission.employee_id).where(
        Submission.window_id == window_id,
        Submission.employee_id.in_(employee_ids),
        Submission.status.not_in([status.value for status in OVER]),
    )
    return set(session.scalars(query))
