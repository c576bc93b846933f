"""One person leaves a coverage that goes on for the others: a dependent who was removed, or a child who grew up.

When the tier changes with that, the coverage ends for everybody and goes on, in the same plan at the other tier's price,
from the next day: what was paid until then stays what it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.benefits.models import BenefitPlan, CoveredDependent, Enrollment, PlanYear
from app.benefits.rules import calendar, family
from app.benefits.rules.lifecycle import IN_FORCE
from app.benefits.rules.words import CarrierStatus, EnrollmentType
from app.benefits.services.catalog import load_catalog
from app.benefits.services.continuing import go_on, staying
from app.benefits.services.coverage import record_changed
from app.benefits.services.household import household_of
from app.benefits.services.offers import Offer, offer
from app.core.clock import now
from app.core.db import current_tenant, fetch
from app.core.events import Actor
from app.people.models import Dependent, Employee

LOOK_BACK_DAYS = 730  # a birthday nobody saw, because the date was corrected or the clock stood still


# --- removed ------------------------------------------------------------------------------------------------------


def end_dependent(session: Session, actor: Actor, dependent_id: UUID) -> int:
    """Somebody is no dependent any more: end their coverage with the month of the removal. Returns how many coverages ended."""
    person = fetch(session, Dependent, dependent_id)
    if person.removed_on is None:
        return 0
    last_day = calendar.end_of_month(person.removed_on)
    query = (
        sa.select(CoveredDependent, Enrollment)
        .join(Enrollment, Enrollment.id == CoveredDependent.enrollment_id)
        .where(
            CoveredDependent.dependent_id == dependent_id,
            sa.or_(CoveredDependent.ends_on.is_(None), CoveredDependent.ends_on > last_day),
            Enrollment.status.in_([status.value for status in IN_FORCE]),
        )
        .with_for_update()
    )
    rows = [(row[0], row[1]) for row in session.execute(query)]
    for covered, enrollment in rows:
        leave(session, actor, enrollment, covered, last_day, reason="dependent removed")
    return len(rows)


# --- grown up -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Grown:
    """A covered child whose last day under a plan is near (or past): who is warned, and what ends when."""

    covered: CoveredDependent
    enrollment: Enrollment
    dependent: Dependent
    last_day: date


def growing_up(session: Session, on: date, *, after: UUID | None = None, limit: int = 50) -> list[Grown]:
    """Children who reach a plan's age limit within sixty days, in batches by id of their coverage.

    Birth dates are encrypted: the days in question are looked up through the blind index, nobody else's is opened.
    """
    query = (
        sa.select(CoveredDependent, Enrollment, Dependent, BenefitPlan.child_age_limit, BenefitPlan.ends_at)
        .join(Enrollment, Enrollment.id == CoveredDependent.enrollment_id)
        .join(BenefitPlan, BenefitPlan.id == Enrollment.plan_id)
        .join(Dependent, Dependent.id == CoveredDependent.dependent_id)
        .where(
            Enrollment.status.in_([status.value for status in IN_FORCE]),
            sa.or_(CoveredDependent.ends_on.is_(None), CoveredDependent.ends_on >= on),
            sa.or_(Enrollment.coverage_ends_on.is_(None), Enrollment.coverage_ends_on >= on),
            Dependent.relationship.not_in([relation.value for relation in family.PARTNERS]),
            Dependent.disabled.is_(False),
            _born_in_time(session, on),
        )
        .order_by(CoveredDependent.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(CoveredDependent.id > after)
    return [
        Grown(row[0], row[1], row[2], family.last_covered_day(row[2].date_of_birth, row[3], row[4]))
        for row in session.execute(query)
    ]


def _born_in_time(session: Session, on: date) -> sa.ColumnElement[bool]:
    """Born on one of the days that make somebody as old as a plan's limit around now; each limit has its own days."""
    limits = session.scalars(sa.select(BenefitPlan.child_age_limit).distinct()).all()
    ahead = family.WARN_DAYS[0]
    choices: list[sa.ColumnElement[bool]] = [sa.false()]
    for limit in limits:
        days = (on + timedelta(days=n) for n in range(-LOOK_BACK_DAYS, ahead + 1))
        born = {day.replace(year=day.year - limit) for day in days if (day.month, day.day) != (2, 29)}
        born |= {date(year, 2, 29) for year in {day.year for day in born} if _is_leap(year)}
        blinds = [Dependent.date_of_birth.blind(current_tenant(), day) for day in born]
        column: sa.ColumnElement[bytes] = Dependent.date_of_birth_bidx  # type: ignore[attr-defined]
        choices.append(sa.and_(BenefitPlan.child_age_limit == limit, column.in_(blinds)))
    return sa.or_(*choices)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def age_out(session: Session, actor: Actor, grown: Grown, on: date) -> bool:
    """End a grown child's coverage once the last day is near enough for the carrier to be told. Running again changes nothing."""
    covered, last_day = grown.covered, grown.last_day
    settled = covered.ends_on is not None and covered.ends_on <= last_day
    if settled or (last_day - on).days > family.TELL_DAYS:
        return False
    leave(session, actor, grown.enrollment, covered, last_day, reason="child reached the age limit")
    return True


# --- both ---------------------------------------------------------------------------------------------------------


def leave(
    session: Session, actor: Actor, enrollment: Enrollment, covered: CoveredDependent, last_day: date, *, reason: str
) -> None:
    """End one person's coverage after a day; the others go on, at the price of the tier they now have.

    Records `benefits.enrollment.changed` for every enrollment that changed, so that the carrier is told.
    """
    old = {"dependent_ends_on": covered.ends_on}
    covered.ends_on = max(covered.starts_on, last_day)
    enrollment.carrier_status, enrollment.carrier_status_at = CarrierStatus.READY.value, now()
    session.flush()
    new = {"dependent_ends_on": covered.ends_on, "dependent_id": str(covered.dependent_id)}
    record_changed(session, actor, enrollment, old, new, reason)
    found = _others(session, actor, enrollment, max(last_day + timedelta(days=1), enrollment.coverage_starts_on))
    if found is not None:
        _go_on(session, actor, enrollment, found, reason)


def _others(session: Session, actor: Actor, row: Enrollment, starts_on: date) -> Offer | None:
    """The same plan for those who stay, from a day on; None when that changes no price (or there is none for the tier)."""
    if row.plan_id is None or (row.coverage_ends_on is not None and row.coverage_ends_on < starts_on):
        return None
    plan = fetch(session, BenefitPlan, row.plan_id)
    year = fetch(session, PlanYear, plan.plan_year_id)
    household = household_of(session, actor, fetch(session, Employee, row.employee_id))
    wanted = staying(session, household, row.id, starts_on)
    facts = next(found for found in load_catalog(session, year.id, only_active=False) if found.id == plan.id)
    made = offer(facts, household, wanted, not_before=starts_on, year_ends_on=max(year.ends_on, starts_on), waited=True)
    return made if made.open and made.tier.value != row.tier else None


def _go_on(session: Session, actor: Actor, old: Enrollment, found: Offer, reason: str) -> None:
    row = go_on(
        session, actor, old, found, EnrollmentType.COVERAGE_CHANGE, found.verdict.starts_on,
        coverage_ends_on=old.coverage_ends_on, terminated_on=old.terminated_on, termination_reason=old.termination_reason,
    )  # fmt: skip
    record_changed(
        session, actor, row, {"tier": old.tier, "employee_contribution_amount": old.employee_contribution_amount},
        {"tier": row.tier, "employee_contribution_amount": row.employee_contribution_amount}, reason,
    )  # fmt: skip
