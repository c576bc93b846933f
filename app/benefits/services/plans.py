"""What HR configures: plan years, plans, rates, contributions and who is eligible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.benefits.models import (
    BenefitPlan,
    Enrollment,
    EnrollmentWindow,
    PlanRate,
    PlanYear,
)
from app.benefits.rules import limits
from app.benefits.rules.lifecycle import IN_FORCE
from app.connections.models import Connection
from app.core.access import Can
from app.core.db import fetch, own_company
from app.core.errors import Conflict, Invalid
from app.core.events import Actor, Risk, record

FIELDS = frozenset(
    {
        "connection_id", "coverage_type", "name", "plan_code", "carrier_plan_code", "insurance_line", "group_number",
        "network_type", "provider_network", "plan_tier", "summary", "coverage_amount", "deductible_amount",
        "deductible_family", "copay_amount", "specialist_copay", "emergency_copay", "rx_generic_copay",
        "coinsurance_percentage", "out_of_pocket_max", "out_of_pocket_max_family", "hsa_eligible",
        "waiting_period_days", "limitations", "additional_benefits", "contribution_type", "child_age_limit",
        "requires_beneficiary", "ends_at", "auto_renewal", "sort_order", "is_active",
    }
)  # fmt: skip


def make_year(
    session: Session, actor: Actor, *, name: str, starts_on: date, ends_on: date, is_published: bool = False
) -> PlanYear:
    """A plan year; nobody sees its plans before it is published.

    Raises:
        Forbidden: the actor may not configure plans.
        Invalid: by field.
        Conflict: another year has this name.
    """
    actor.require(Can.PLAN_CONFIGURE)
    problems = {} if name.strip() else {"name": "Enter a name, like 2027"}
    if ends_on <= starts_on:
        problems["ends_on"] = "Enter a last day that is after the first day"
    if problems:
        raise Invalid(problems)
    year = PlanYear(name=name.strip(), starts_on=starts_on, ends_on=ends_on, is_published=is_published)
    session.add(year)
    flush(session)
    record(session, actor, "benefits.plan_year.made", year, new={"name": year.name, "starts_on": starts_on})
    return year


def publish_year(session: Session, actor: Actor, plan_year_id: UUID | str) -> PlanYear:
    """Employees may see the year's plans from now on. Publishing twice changes nothing."""
    actor.require(Can.PLAN_CONFIGURE)
    year = fetch(session, PlanYear, plan_year_id, lock=True)
    if not year.is_published:
        year.is_published = True
        record(
            session, actor, "benefits.plan_year.published", year,
            old={"is_published": False}, new={"is_published": True}, risk=Risk.MEDIUM,
        )  # fmt: skip
    return year


def make_plan(session: Session, actor: Actor, plan_year_id: UUID | str, **values: Any) -> BenefitPlan:
    """A plan of a year.

    Raises:
        Forbidden: the actor may not configure plans.
        NotFound: no such year or carrier.
        Invalid: by field, each saying what to do.
        Conflict: another plan of the year has this code.
    """
    actor.require(Can.PLAN_CONFIGURE)
    year = fetch(session, PlanYear, plan_year_id)
    fetch(session, Connection, values["connection_id"])
    plan = BenefitPlan(plan_year_id=year.id, **_known(values))
    _refuse_problems(plan, year)
    session.add(plan)
    flush(session)
    record(session, actor, "benefits.plan.made", plan, new=values, risk=Risk.MEDIUM)
    return plan


def change_plan(session: Session, actor: Actor, plan_id: UUID | str, *, version: int, **values: Any) -> BenefitPlan:
    """Change a plan. What was chosen before keeps its own copy (coverage details).

    Raises:
        Forbidden, NotFound, Invalid: as `make_plan`.
        Conflict: somebody else changed the plan after `version` was shown.
    """
    actor.require(Can.PLAN_CONFIGURE)
    plan = fetch(session, BenefitPlan, plan_id, lock=True)
    if plan.version != version:
        raise Conflict("Somebody else changed this plan. Load it again and repeat your change")
    known = _known(values)
    old = {name: getattr(plan, name) for name, value in known.items() if getattr(plan, name) != value}
    if not old:
        return plan
    for name, value in known.items():
        setattr(plan, name, value)
    _refuse_problems(plan, fetch(session, PlanYear, plan.plan_year_id))
    plan.version += 1
    flush(session)
    new = {name: known[name] for name in old}
    record(session, actor, "benefits.plan.changed", plan, old=old, new=new, risk=Risk.MEDIUM)
    return plan


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    unknown = set(values) - FIELDS
    if unknown:
        raise TypeError(f"a plan has no {', '.join(sorted(unknown))}")
    return dict(values)


def _refuse_problems(plan: BenefitPlan, year: PlanYear) -> None:
    names = ("out_of_pocket_max", "out_of_pocket_max_family", "deductible_amount", "deductible_family")
    values = {name: getattr(plan, name) or Decimal(0) for name in names}
    problems = limits.plan_problems(values, year.starts_on)
    if not (plan.name or "").strip():
        problems["name"] = "Enter the name people will see"
    if not 0 <= (plan.waiting_period_days or 0) <= limits.limit_on(limits.WAITING_DAYS, year.starts_on).amount:
        problems["waiting_period_days"] = "Enter a waiting period from 0 to 90 days"
    if problems:
        raise Invalid(problems)


def flush(session: Session) -> None:
    try:
        session.flush()
    except IntegrityError:
        raise Conflict("Another one has this name or code already. Choose another") from None


class PlanRow(NamedTuple):
    """A line of HR's list of plans."""

    id: UUID
    name: str
    plan_code: str
    coverage_type: str
    carrier: str
    is_active: bool
    rates: int
    enrolled: int


def plan_rows(session: Session, plan_year_id: UUID) -> Sequence[PlanRow]:
    """The plans of a year with how many rates they have and how many people are enrolled."""
    rates = sa.select(sa.func.count()).where(PlanRate.plan_id == BenefitPlan.id).scalar_subquery()
    status = Enrollment.status.in_([status.value for status in IN_FORCE])
    enrolled = sa.select(sa.func.count()).where(Enrollment.plan_id == BenefitPlan.id, status).scalar_subquery()
    columns = (BenefitPlan.id, BenefitPlan.name, BenefitPlan.plan_code, BenefitPlan.coverage_type, Connection.name,
               BenefitPlan.is_active, rates, enrolled)  # fmt: skip
    query = (
        sa.select(*columns)
        .options(own_company)
        .join(Connection, Connection.id == BenefitPlan.connection_id)
        .where(BenefitPlan.plan_year_id == plan_year_id)
        .order_by(BenefitPlan.coverage_type, BenefitPlan.sort_order, BenefitPlan.name)
    )
    return [PlanRow(*row) for row in session.connection().execute(query)]


def years(session: Session) -> Sequence[PlanYear]:
    """Every plan year, the newest first."""
    return session.scalars(sa.select(PlanYear).order_by(PlanYear.starts_on.desc())).all()


def shared_windows(session: Session) -> Sequence[EnrollmentWindow]:
    """Open enrollments of everybody, the newest first."""
    query = sa.select(EnrollmentWindow).where(EnrollmentWindow.employee_id.is_(None))
    return session.scalars(query.order_by(EnrollmentWindow.opens_on.desc())).all()


def carriers(session: Session) -> list[tuple[UUID, str]]:
    """Active connections a plan may belong to."""
    query = sa.select(Connection.id, Connection.name).where(Connection.is_active).order_by(Connection.name)
    return [(row[0], row[1]) for row in session.execute(query)]
