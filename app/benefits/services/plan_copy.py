"""The plans of one year as the beginning of the next: same codes, so that coverage goes on in them; premiums to be checked."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.benefits.models import BenefitPlan, ContributionRule, EligibilityRule, PlanRate, PlanYear
from app.benefits.rules.pricing import cents
from app.core.access import Can
from app.core.db import fetch
from app.core.errors import Invalid
from app.core.events import Actor, Risk, record

OWN = frozenset({"id", "company_id", "plan_year_id", "version", "created_at", "updated_at"})
LARGEST_CHANGE = 50


def copy_plans(
    session: Session, actor: Actor, year_id: UUID | str, from_year_id: UUID | str, percent: Decimal = Decimal(0)
) -> int:
    """Copy every plan of another year that this year does not have yet, with its terms. Returns how many; again adds none.

    Args:
        percent: by how much every premium changes, from -50 to 50.

    Raises:
        Forbidden: the actor may not configure plans or contributions.
        NotFound: no such year.
        Invalid: the same year, or a change out of range.
    """
    actor.require(Can.PLAN_CONFIGURE)
    actor.require(Can.CONTRIBUTION_MANAGE)
    year, before = fetch(session, PlanYear, year_id, lock=True), fetch(session, PlanYear, from_year_id)
    if year.id == before.id:
        raise Invalid({"from_year": "Choose another plan year to copy from"})
    if abs(percent) > LARGEST_CHANGE:
        raise Invalid({"percent": "Enter a change from -50 to 50 percent"})
    known = set(session.scalars(sa.select(BenefitPlan.plan_code).where(BenefitPlan.plan_year_id == year.id)))
    plans = sa.select(BenefitPlan).where(BenefitPlan.plan_year_id == before.id, BenefitPlan.is_active)
    wanted = [plan for plan in session.scalars(plans.order_by(BenefitPlan.sort_order)) if plan.plan_code not in known]
    for plan in wanted:
        _copy(session, actor, plan, year, before.ends_on, 1 + percent / 100)
    session.flush()
    return len(wanted)


def _copy(session: Session, actor: Actor, plan: BenefitPlan, year: PlanYear, last_day: date, factor: Decimal) -> None:
    values = {c.key: getattr(plan, c.key) for c in sa.inspect(BenefitPlan).column_attrs if c.key not in OWN}
    made = BenefitPlan(id=uuid7(), plan_year_id=year.id, **values)
    session.add(made)
    session.flush()
    _copy_rates(session, plan, made, year.starts_on, last_day, factor)
    _copy_contributions(session, plan, made, year.starts_on, last_day)
    for rule in session.scalars(sa.select(EligibilityRule).where(EligibilityRule.plan_id == plan.id)):
        session.add(
            EligibilityRule(
                plan_id=made.id, employee_classes=rule.employee_classes, employment_types=rule.employment_types,
                region_codes=rule.region_codes, min_weekly_hours=rule.min_weekly_hours, waiting_days=rule.waiting_days,
                starts_first_of_month=rule.starts_first_of_month, settings=rule.settings,
            )
        )  # fmt: skip
    told = {"plan_code": plan.plan_code, "copied_from": str(plan.id), "premium_factor": str(factor)}
    record(session, actor, "benefits.plan.made", made, new=told, risk=Risk.MEDIUM)


def _copy_rates(
    session: Session, plan: BenefitPlan, made: BenefitPlan, day: date, last_day: date, factor: Decimal
) -> None:
    """Of each tier and band the premium that counted when the old year ended."""
    rates = sa.select(PlanRate).where(PlanRate.plan_id == plan.id, PlanRate.effective_on <= last_day)
    newest = {
        (rate.tier, rate.age_from, rate.salary_from): rate
        for rate in session.scalars(rates.order_by(PlanRate.effective_on))
    }
    session.add_all(
        PlanRate(
            plan_id=made.id, tier=rate.tier, monthly_premium=cents(rate.monthly_premium * factor), effective_on=day,
            age_from=rate.age_from, age_to=rate.age_to, salary_from=rate.salary_from, salary_to=rate.salary_to,
        )
        for rate in newest.values()
    )  # fmt: skip


def _copy_contributions(session: Session, plan: BenefitPlan, made: BenefitPlan, day: date, last_day: date) -> None:
    rules = sa.select(ContributionRule).where(
        ContributionRule.plan_id == plan.id, ContributionRule.effective_on <= last_day
    )
    newest = {
        (rule.tier, rule.employee_class): rule
        for rule in session.scalars(rules.order_by(ContributionRule.effective_on))
    }
    session.add_all(
        ContributionRule(
            plan_id=made.id, tier=rule.tier, employee_class=rule.employee_class, percent=rule.percent,
            flat_amount=rule.flat_amount, monthly_cap=rule.monthly_cap, effective_on=day,
        )
        for rule in newest.values()
    )  # fmt: skip


def without_successor(session: Session, on: date, days: int = 60) -> PlanYear | None:
    """A published year that ends within so many days while no published year follows: coverage would go on at old prices."""
    following = sa.select(PlanYear.id).where(PlanYear.is_published, PlanYear.ends_on > on + timedelta(days=days))
    query = sa.select(PlanYear).where(PlanYear.is_published, PlanYear.ends_on >= on, ~following.exists())
    return session.scalars(query.order_by(PlanYear.ends_on.desc()).limit(1)).first()
