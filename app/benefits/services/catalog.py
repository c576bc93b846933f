"""What a plan year offers, read in one query: plans with their carrier, rates, contributions and eligibility rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.benefits.models import BenefitPlan, ContributionRule, EligibilityRule, PlanRate
from app.benefits.rules.eligibility import Criteria
from app.benefits.rules.pricing import Contribution, Rate
from app.benefits.rules.words import CoverageType
from app.connections.models import Connection

ORDER = tuple(CoverageType)


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """One plan with everything a decision about it needs."""

    plan: BenefitPlan
    carrier: str
    rates: tuple[Rate, ...]
    contributions: tuple[Contribution, ...]
    criteria: tuple[Criteria, ...]

    @property
    def id(self) -> UUID:
        return self.plan.id


def load_catalog(session: Session, plan_year_id: UUID, *, only_active: bool = True) -> list[PlanFacts]:
    """The plans of a year by coverage type, then by the order HR gave them."""
    query = (
        sa.select(BenefitPlan, Connection.name, _rates(), _contributions(), _criteria())
        .join(
            Connection,
            sa.and_(Connection.company_id == BenefitPlan.company_id, Connection.id == BenefitPlan.connection_id),
        )
        .where(BenefitPlan.plan_year_id == plan_year_id)
        .order_by(BenefitPlan.sort_order, BenefitPlan.name)
    )
    if only_active:
        query = query.where(BenefitPlan.is_active)
    facts = [_facts(row) for row in session.execute(query)]
    return sorted(facts, key=lambda found: ORDER.index(CoverageType(found.plan.coverage_type)))


def _facts(row: sa.Row[Any]) -> PlanFacts:
    plan, carrier, rates, contributions, criteria = tuple(row)
    return PlanFacts(
        plan,
        carrier,
        tuple(_rate(values) for values in rates or ()),
        tuple(_contribution(values) for values in contributions or ()),
        tuple(_criterion(values) for values in criteria or ()),
    )


def _of_plan(model: Any, *columns: InstrumentedAttribute[Any]) -> sa.ScalarSelect[Any]:
    # Numbers travel as text: JSON numbers would come back as floats.
    pairs: list[Any] = []
    for column in columns:
        pairs += [column.key, sa.cast(column, sa.Text) if isinstance(column.type, sa.Numeric) else column]
    rows = sa.select(sa.func.jsonb_agg(sa.func.jsonb_build_object(*pairs)))
    owned = sa.and_(model.company_id == BenefitPlan.company_id, model.plan_id == BenefitPlan.id)
    return rows.where(owned).correlate(BenefitPlan).scalar_subquery()


def _rates() -> sa.ScalarSelect[Any]:
    row = PlanRate
    return _of_plan(
        row, row.tier, row.monthly_premium, row.effective_on, row.age_from, row.age_to, row.salary_from, row.salary_to
    )


def _contributions() -> sa.ScalarSelect[Any]:
    row = ContributionRule
    return _of_plan(row, row.effective_on, row.tier, row.employee_class, row.percent, row.flat_amount, row.monthly_cap)


def _criteria() -> sa.ScalarSelect[Any]:
    row = EligibilityRule
    return _of_plan(
        row, row.employee_classes, row.employment_types, row.region_codes, row.min_weekly_hours, row.waiting_days,
        row.starts_first_of_month,
    )  # fmt: skip


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _rate(values: dict[str, Any]) -> Rate:
    return Rate(
        values["tier"],
        Decimal(values["monthly_premium"]),
        date.fromisoformat(values["effective_on"]),
        values["age_from"],
        values["age_to"],
        Decimal(values["salary_from"]),
        _decimal(values["salary_to"]),
    )


def _contribution(values: dict[str, Any]) -> Contribution:
    return Contribution(
        date.fromisoformat(values["effective_on"]),
        values["tier"],
        values["employee_class"],
        _decimal(values["percent"]),
        _decimal(values["flat_amount"]),
        _decimal(values["monthly_cap"]),
    )


def _criterion(values: dict[str, Any]) -> Criteria:
    lists = ("employee_classes", "employment_types", "region_codes")
    classes, types, regions = (frozenset(values[name] or ()) for name in lists)
    hours = Decimal(values["min_weekly_hours"])
    return Criteria(classes, types, regions, hours, values["waiting_days"], values["starts_first_of_month"])


def coverage_types(catalog: Sequence[PlanFacts]) -> list[str]:
    """The coverage types of a catalog, in their usual order, each once."""
    return list(dict.fromkeys(facts.plan.coverage_type for facts in catalog))
