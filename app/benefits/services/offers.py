"""What one employee is offered: each plan with its price per paycheck for the people covered, or why it is not open to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from app.benefits.models import BenefitPlan
from app.benefits.rules import family
from app.benefits.rules.calendar import age_on
from app.benefits.rules.eligibility import Reason, Verdict, Worker, judge
from app.benefits.rules.family import Refusal
from app.benefits.rules.pricing import Cost, contribution_on, cost, rate_on
from app.benefits.rules.words import Tier
from app.benefits.services.catalog import PlanFacts
from app.people.models import Dependent, DependentStatus, Employee


@dataclass(frozen=True, slots=True)
class Household:
    """An employee as offers see them. Opened once per request: each field is a decryption."""

    worker: Worker
    born_on: date | None
    salary: Decimal | None
    pay_frequency: str
    dependents: tuple[Dependent, ...]

    @classmethod
    def of(cls, employee: Employee, region_code: str, dependents: Sequence[Dependent]) -> Household:
        worker = Worker(
            employee.employee_class,
            employee.employment_type,
            region_code,
            employee.weekly_hours,
            employee.hired_on,
        )
        born_on, salary = employee.date_of_birth, employee.annual_salary
        return cls(worker, born_on, salary, employee.pay_frequency, tuple(dependents))


@dataclass(frozen=True, slots=True)
class Offer:
    """One plan for one employee and the people they want covered. `cost` is None when the plan cannot be chosen."""

    facts: PlanFacts
    verdict: Verdict
    tier: Tier
    cost: Cost | None
    covered: tuple[Dependent, ...]
    left_out: tuple[tuple[Dependent, Refusal], ...]

    @property
    def plan(self) -> BenefitPlan:
        return self.facts.plan

    @property
    def id(self) -> UUID:
        return self.facts.plan.id

    @property
    def carrier(self) -> str:
        return self.facts.carrier

    @property
    def open(self) -> bool:
        return self.cost is not None


def offer(
    facts: PlanFacts,
    household: Household,
    wanted: Sequence[Dependent],
    *,
    not_before: date,
    year_ends_on: date,
    waited: bool = False,
) -> Offer:
    """One plan, priced. People the plan cannot cover are left out and named. `waited`: no waiting period begins again."""
    verdict = judge(facts.criteria, household.worker, not_before=not_before, year_ends_on=year_ends_on, waited=waited)
    refused = {person.id: _refusal(person, facts.plan.child_age_limit, verdict.starts_on) for person in wanted}
    covered = tuple(person for person in wanted if refused[person.id] is None)
    left_out = tuple((person, reason) for person in wanted if (reason := refused[person.id]) is not None)
    tier = family.tier_of(person.relationship for person in covered)
    priced = price(facts, household, tier, verdict.starts_on) if verdict.eligible else None
    if verdict.eligible and priced is None:
        verdict = Verdict((Reason.NO_RATE,), verdict.starts_on)
    return Offer(facts, verdict, tier, priced, covered, left_out)


def _refusal(person: Dependent, child_age_limit: int, on: date) -> Refusal | None:
    active = person.status == DependentStatus.ACTIVE and person.removed_on is None
    facts = family.Dependent(person.relationship, person.date_of_birth, person.disabled, active)
    return family.refusal(facts, child_age_limit, on)


def price(facts: PlanFacts, household: Household, tier: Tier, on: date) -> Cost | None:
    """What a tier costs on a day; None when the plan has no rate for it."""
    age = age_on(household.born_on, on) if household.born_on else None
    rate = rate_on(facts.rates, tier, age, household.salary, on)
    if rate is None:
        return None
    rule = contribution_on(facts.contributions, tier, household.worker.employee_class, on)
    return cost(rate.monthly_premium, rule, household.pay_frequency, facts.plan.contribution_type)


def tier_prices(facts: PlanFacts, household: Household, on: date) -> dict[Tier, Cost | None]:
    """The price of every tier, for comparing plans."""
    return {tier: price(facts, household, tier, on) for tier in Tier}


def lowest(offers: Sequence[Offer]) -> Offer | None:
    """The open plan that takes least from a paycheck, when there is more than one to choose from."""
    costs = [found for found in offers if found.cost is not None]
    if len(costs) < 2:
        return None
    return min(costs, key=lambda found: found.cost.employee if found.cost else Decimal(0))
