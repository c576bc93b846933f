"""The turn of a plan year: who did nothing goes on in the same plan at the new year's price; what cannot go on ends, and is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.benefits.models import BenefitPlan, Enrollment, EnrollmentWindow, PlanYear, Submission
from app.benefits.rules import windows
from app.benefits.rules.lifecycle import IN_FORCE, WAITING
from app.benefits.rules.renewal import Fate, fate, settles
from app.benefits.rules.words import EnrollmentStatus, EnrollmentType
from app.benefits.services.catalog import PlanFacts, load_catalog
from app.benefits.services.continuing import go_on, staying
from app.benefits.services.coverage import cut_short
from app.benefits.services.household import household_of
from app.benefits.services.offers import Household, Offer, offer
from app.core.access import Can
from app.core.clock import now
from app.core.events import Actor, Risk, record
from app.people import services as people
from app.people.models import Employee, EmployeeStatus


@dataclass(slots=True)
class Outcome:
    """What the turn of the year did for one employee."""

    renewed: list[Enrollment] = field(default_factory=list)
    ended: list[Enrollment] = field(default_factory=list)


def due_years(session: Session, on: date) -> list[PlanYear]:
    """Published plan years whose coverage is settled by a day: open enrollment is over, or the year has begun."""
    closes_on = sa.func.max(EnrollmentWindow.closes_on).filter(
        EnrollmentWindow.kind == EnrollmentType.OPEN_ENROLLMENT.value, EnrollmentWindow.employee_id.is_(None)
    )
    query = (
        sa.select(PlanYear, closes_on)
        .outerjoin(EnrollmentWindow, EnrollmentWindow.plan_year_id == PlanYear.id)
        .where(PlanYear.is_published, PlanYear.ends_on >= on)
        .group_by(PlanYear.company_id, PlanYear.id)
        .order_by(PlanYear.starts_on)
    )
    return [year for year, closed in session.execute(query) if settles(year.starts_on, year.ends_on, closed, on)]


def to_renew(
    session: Session, year: PlanYear, on: date, *, after: UUID | None = None, limit: int = 50
) -> Sequence[UUID]:
    """Employees covered in a plan of the year before beyond its end, in batches by id."""
    query = (
        sa.select(Enrollment.employee_id)
        .join(BenefitPlan, BenefitPlan.id == Enrollment.plan_id)
        .join(Employee, Employee.id == Enrollment.employee_id)
        .where(*_goes_beyond(year), Employee.deleted_at.is_(None))
        .where(Employee.status != EmployeeStatus.TERMINATED.value, Employee.terminated_on.is_(None))
        .distinct()
        .order_by(Enrollment.employee_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(Enrollment.employee_id > after)
    if on < year.starts_on:
        query = query.where(~_still_choosing(year, on))
    return session.scalars(query).all()


def _goes_beyond(year: PlanYear) -> list[sa.ColumnElement[bool]]:
    before = (
        sa.select(PlanYear.id)
        .where(PlanYear.is_published, PlanYear.ends_on < year.starts_on)
        .order_by(PlanYear.ends_on.desc())
        .limit(1)
        .scalar_subquery()
    )
    return [
        BenefitPlan.plan_year_id == before,
        Enrollment.status.in_([status.value for status in IN_FORCE]),
        sa.or_(Enrollment.coverage_ends_on.is_(None), Enrollment.coverage_ends_on >= year.starts_on),
    ]


def _still_choosing(year: PlanYear, on: date) -> sa.ColumnElement[bool]:
    """Something signed waits at HR or was just sent back, or the person's own window is open: not yet somebody who did nothing."""
    sent_back_after = now() - timedelta(days=windows.RESUBMIT_DAYS + 1)
    signed = (
        sa.select(sa.literal(1))
        .select_from(Submission)
        .join(EnrollmentWindow, EnrollmentWindow.id == Submission.window_id)
        .where(EnrollmentWindow.plan_year_id == year.id, Submission.employee_id == Enrollment.employee_id)
        .where(
            sa.or_(
                Submission.status.in_([status.value for status in WAITING]),
                sa.and_(Submission.status == EnrollmentStatus.REJECTED.value, Submission.decided_at > sent_back_after),
            )
        )
    )
    own = sa.select(sa.literal(1)).where(
        EnrollmentWindow.plan_year_id == year.id,
        EnrollmentWindow.employee_id == Enrollment.employee_id,
        EnrollmentWindow.closes_on >= on,
    )
    return sa.or_(signed.exists(), own.exists())


def renew(
    session: Session, actor: Actor, year: PlanYear, employee_id: UUID, catalog: Sequence[PlanFacts] | None = None
) -> Outcome:
    """Take one employee's coverage into a plan year. Running again changes nothing.

    Records `benefits.enrollment.renewed` (subject: the new Enrollment) and `.changed` for what ends the day before.

    Raises:
        NotFound: no such employee.
    """
    employee = people.employee(session, actor, employee_id, Can.ENROLL_OWN, lock=True)
    household = household_of(session, actor, employee)
    offered = {facts.plan.plan_code: facts for facts in catalog or load_catalog(session, year.id)}
    done = Outcome()
    for old, code in _present(session, year, employee_id):
        facts = offered.get(code)
        found = _offer(session, facts, household, old, year) if facts else None
        verdict = fate(
            auto_renewal=old.auto_renewal, offered=facts is not None, eligible=found is not None and found.open
        )
        if verdict is Fate.RENEWED and found is not None:
            done.renewed.append(_go_on(session, actor, year, old, found))
        else:
            cut_short(session, actor, old, year.starts_on - timedelta(days=1), reason=verdict.value)
            done.ended.append(old)
    return done


def _present(session: Session, year: PlanYear, employee_id: UUID) -> list[tuple[Enrollment, str]]:
    query = (
        sa.select(Enrollment, BenefitPlan.plan_code)
        .join(BenefitPlan, BenefitPlan.id == Enrollment.plan_id)
        .where(Enrollment.employee_id == employee_id, *_goes_beyond(year))
        .order_by(Enrollment.number)
        .with_for_update(of=Enrollment)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def _offer(session: Session, facts: PlanFacts, household: Household, old: Enrollment, year: PlanYear) -> Offer:
    """The same plan, for the people who are covered when the old year ends."""
    wanted = staying(session, household, old.id, year.starts_on)
    return offer(facts, household, wanted, not_before=year.starts_on, year_ends_on=year.ends_on, waited=True)


def _go_on(session: Session, actor: Actor, year: PlanYear, old: Enrollment, found: Offer) -> Enrollment:
    row = go_on(session, actor, old, found, EnrollmentType.OPEN_ENROLLMENT, year.starts_on)
    record(
        session, actor, "benefits.enrollment.renewed", row,
        old={"number": old.number, "tier": old.tier, "employee_contribution_amount": old.employee_contribution_amount},
        new={"number": row.number, "tier": row.tier, "employee_contribution_amount": row.employee_contribution_amount},
        person_id=row.employee_id, risk=Risk.MEDIUM, args={"employee_id": str(row.employee_id)},
    )  # fmt: skip
    return row
