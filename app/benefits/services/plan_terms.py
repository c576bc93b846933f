"""The terms of a plan: premiums per tier and band, the employer's share, who is eligible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.benefits.models import BenefitPlan, ContributionRule, EligibilityRule, PlanRate
from app.benefits.rules import limits
from app.benefits.rules.pricing import Rate
from app.benefits.rules.words import Tier
from app.benefits.services.plans import flush
from app.core.access import Can
from app.core.db import fetch
from app.core.errors import Invalid
from app.core.events import Actor, Risk, record


@dataclass(frozen=True, slots=True)
class RateRow:
    """One line of the rates table. `premium` None removes the tier from this band and date."""

    tier: Tier
    premium: Decimal | None
    age_from: int = 0
    age_to: int = 150
    salary_from: Decimal = Decimal(0)
    salary_to: Decimal | None = None


def set_rates(
    session: Session, actor: Actor, plan_id: UUID | str, effective_on: date, rows: Sequence[RateRow]
) -> BenefitPlan:
    """Replace the premiums of a plan that count from a day on. Enrollments already made keep their price.

    Raises:
        Forbidden: the actor may not configure plans.
        Invalid: bands overlap, end before they start, or no tier has a premium.
    """
    actor.require(Can.PLAN_CONFIGURE)
    plan = fetch(session, BenefitPlan, plan_id, lock=True)
    kept = [row for row in rows if row.premium is not None]
    problem = _rates_problem(kept)
    if problem:
        raise Invalid({"rates": problem})
    same_day = sa.and_(PlanRate.plan_id == plan.id, PlanRate.effective_on == effective_on)
    old = [_rate_word(rate) for rate in session.scalars(sa.select(PlanRate).where(same_day))]
    session.execute(sa.delete(PlanRate).where(same_day))
    made = [_rate(plan, effective_on, row) for row in kept]
    session.add_all(made)
    plan.version += 1
    flush(session)
    new = {"effective_on": effective_on, "rates": [_rate_word(rate) for rate in made]}
    record(session, actor, "benefits.rates.changed", plan, old={"rates": old}, new=new, risk=Risk.HIGH)
    return plan


def _rate(plan: BenefitPlan, effective_on: date, row: RateRow) -> PlanRate:
    return PlanRate(
        plan_id=plan.id, tier=row.tier.value, monthly_premium=row.premium, effective_on=effective_on,
        age_from=row.age_from, age_to=row.age_to, salary_from=row.salary_from, salary_to=row.salary_to,
    )  # fmt: skip


def _rate_word(rate: PlanRate) -> str:
    return f"{rate.tier} {rate.age_from}-{rate.age_to} {rate.salary_from}: {rate.monthly_premium}"


def _rates_problem(rows: Sequence[RateRow]) -> str:
    if not rows:
        return "Enter a monthly premium for at least one tier"
    if any(row.age_to < row.age_from for row in rows):
        return "Enter an age band that ends after it starts"
    if any(row.salary_to is not None and row.salary_to <= row.salary_from for row in rows):
        return "Enter a salary band that ends after it starts"
    pairs = ((a, b) for place, a in enumerate(rows) for b in rows[place + 1 :])
    if any(_overlap(a, b) for a, b in pairs):
        return "Two bands of one tier overlap. Change their ages or salaries so that each person fits one"
    return ""


def _overlap(a: RateRow, b: RateRow) -> bool:
    ages = a.age_from <= b.age_to and b.age_from <= a.age_to
    lower = a.salary_to is None or b.salary_from < a.salary_to
    upper = b.salary_to is None or a.salary_from < b.salary_to
    return a.tier is b.tier and ages and lower and upper


def set_contribution(
    session: Session,
    actor: Actor,
    plan_id: UUID | str,
    *,
    effective_on: date,
    tier: str | None = None,
    employee_class: str | None = None,
    percent: Decimal | None = None,
    flat_amount: Decimal | None = None,
    monthly_cap: Decimal | None = None,
) -> ContributionRule:
    """What the employer pays from a day on; the rule for the same tier, class and day is replaced.

    Raises:
        Forbidden: the actor may not manage contributions.
        Invalid: neither or both of percentage and amount, or out of range.
    """
    actor.require(Can.CONTRIBUTION_MANAGE)
    plan = fetch(session, BenefitPlan, plan_id, lock=True)
    problem = limits.contribution_problem(percent, flat_amount)
    if problem:
        raise Invalid({"percent": problem})
    key = {
        "plan_id": plan.id,
        "effective_on": effective_on,
        "tier": tier or None,
        "employee_class": employee_class or None,
    }
    known = session.scalars(sa.select(ContributionRule).filter_by(**key)).first()
    rule = known or ContributionRule(**key)
    new = {"percent": percent, "flat_amount": flat_amount, "monthly_cap": monthly_cap}
    old = {name: getattr(rule, name) for name in new} if known else {}
    for name, value in new.items():
        setattr(rule, name, value)
    session.add(rule)
    plan.version += 1
    session.flush()
    record(
        session,
        actor,
        "benefits.contribution.changed",
        rule,
        old=old,
        new=new | {"plan": plan.plan_code},
        risk=Risk.HIGH,
    )
    return rule


def set_eligibility(session: Session, actor: Actor, plan_id: UUID | str, **values: Any) -> EligibilityRule:
    """Who may choose the plan: one rule, replaced as a whole (`EligibilityRule` columns).

    Raises:
        Forbidden: the actor may not configure plans.
        Invalid: a waiting period over 90 days.
    """
    actor.require(Can.PLAN_CONFIGURE)
    plan = fetch(session, BenefitPlan, plan_id, lock=True)
    if not 0 <= values.get("waiting_days", 0) <= 90:
        raise Invalid({"waiting_days": "Enter a waiting period from 0 to 90 days"})
    known = session.scalars(sa.select(EligibilityRule).where(EligibilityRule.plan_id == plan.id)).all()
    for extra in known[1:]:
        session.delete(extra)
    rule = known[0] if known else EligibilityRule(plan_id=plan.id)
    old = {name: getattr(rule, name) for name in values} if known else {}
    for name, value in values.items():
        setattr(rule, name, value)
    session.add(rule)
    plan.version += 1
    session.flush()
    record(session, actor, "benefits.eligibility.changed", rule, old=old, new=values, risk=Risk.MEDIUM)
    return rule


def other_bands(
    rates: Sequence[Rate], effective_on: date, band: tuple[int, int, Decimal, Decimal | None]
) -> list[RateRow]:
    """The rates of a day outside one age and salary band, so that editing one band keeps the others."""
    return [
        RateRow(Tier(rate.tier), rate.monthly_premium, rate.age_from, rate.age_to, rate.salary_from, rate.salary_to)
        for rate in rates
        if rate.effective_on == effective_on and (rate.age_from, rate.age_to, rate.salary_from, rate.salary_to) != band
    ]
