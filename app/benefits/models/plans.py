"""What is offered: plan years, windows, plans, rates, contributions, eligibility."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.benefits.rules.words import ContributionType, CoverageType, EndsAt, EnrollmentType, NetworkType, PlanTier, Tier
from app.core.db import Base, Tenant, choices, refs


class PlanYear(Tenant, Base):
    __tablename__ = "plan_year"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "name"),
        sa.CheckConstraint("ends_on > starts_on", name="date_order"),
    )

    name: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    is_published: Mapped[bool] = mapped_column(default=False)


class EnrollmentWindow(Tenant, Base):
    """When an employee (or, with no employee, everybody) may choose. A new hire's window is made when the hire is seen."""

    __tablename__ = "enrollment_window"
    __table_args__ = (
        sa.UniqueConstraint(
            "company_id", "plan_year_id", "kind", "employee_id", "opens_on", postgresql_nulls_not_distinct=True
        ),
        sa.CheckConstraint("closes_on >= opens_on", name="date_order"),
        choices("kind", EnrollmentType),
        *refs(plan_year_id="plan_year", employee_id="employee"),
    )

    plan_year_id: Mapped[UUID]
    kind: Mapped[str]
    employee_id: Mapped[UUID | None]
    opens_on: Mapped[date]
    closes_on: Mapped[date]  # last day, inclusive
    coverage_starts_on: Mapped[date | None]  # None: by the plan's waiting period
    announced_at: Mapped[datetime | None]  # when people were told; a window planned ahead waits for its first day


class BenefitPlan(Tenant, Base):
    __tablename__ = "benefit_plan"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "plan_year_id", "plan_code"),
        sa.CheckConstraint("deductible_amount >= 0 AND copay_amount >= 0", name="positive_amounts"),
        sa.CheckConstraint("coinsurance_percentage BETWEEN 0 AND 100", name="percentage_range"),
        sa.CheckConstraint("waiting_period_days >= 0", name="waiting_period"),
        choices("coverage_type", CoverageType),
        choices("network_type", NetworkType),
        choices("plan_tier", PlanTier),
        choices("contribution_type", ContributionType),
        choices("ends_at", EndsAt),
        *refs(plan_year_id="plan_year", connection_id="connection"),
    )

    plan_year_id: Mapped[UUID]
    connection_id: Mapped[UUID]  # the carrier
    coverage_type: Mapped[str]
    name: Mapped[str]
    plan_code: Mapped[str]
    carrier_plan_code: Mapped[str]  # X12 HD04
    insurance_line: Mapped[str]  # X12 HD03: HLT, PPO, HMO, DEN, VIS …
    group_number: Mapped[str] = mapped_column(default="")  # REF*1L, when it differs from the company's
    network_type: Mapped[str] = mapped_column(default=NetworkType.PPO.value)
    provider_network: Mapped[str] = mapped_column(default="")
    plan_tier: Mapped[str] = mapped_column(default=PlanTier.STANDARD.value)
    summary: Mapped[str] = mapped_column(default="")
    coverage_amount: Mapped[Decimal | None] = mapped_column(sa.Numeric(12, 2))
    deductible_amount: Mapped[Decimal] = mapped_column(default=Decimal(0))
    deductible_family: Mapped[Decimal] = mapped_column(default=Decimal(0))
    copay_amount: Mapped[Decimal] = mapped_column(sa.Numeric(8, 2), default=Decimal(0))
    specialist_copay: Mapped[Decimal] = mapped_column(sa.Numeric(8, 2), default=Decimal(0))
    emergency_copay: Mapped[Decimal] = mapped_column(sa.Numeric(8, 2), default=Decimal(0))
    rx_generic_copay: Mapped[Decimal] = mapped_column(sa.Numeric(8, 2), default=Decimal(0))
    coinsurance_percentage: Mapped[Decimal] = mapped_column(sa.Numeric(5, 2), default=Decimal(0))
    out_of_pocket_max: Mapped[Decimal] = mapped_column(default=Decimal(0))
    out_of_pocket_max_family: Mapped[Decimal] = mapped_column(default=Decimal(0))
    hsa_eligible: Mapped[bool] = mapped_column(default=False)
    waiting_period_days: Mapped[int] = mapped_column(default=0)
    limitations: Mapped[list[str]] = mapped_column(default=list)
    additional_benefits: Mapped[list[str]] = mapped_column(default=list)
    contribution_type: Mapped[str] = mapped_column(default=ContributionType.PRE_TAX.value)
    child_age_limit: Mapped[int] = mapped_column(default=26)
    requires_beneficiary: Mapped[bool] = mapped_column(default=False)
    ends_at: Mapped[str] = mapped_column(default=EndsAt.END_OF_MONTH.value)
    auto_renewal: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=0)  # counts edits: two editors at once get a Conflict
    sort_order: Mapped[int] = mapped_column(default=0)
    is_active: Mapped[bool] = mapped_column(default=True)


class PlanRate(Tenant, Base):
    """Monthly premium of a tier, optionally by age and salary band, from a date on."""

    __tablename__ = "plan_rate"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "plan_id", "tier", "age_from", "salary_from", "effective_on"),
        sa.CheckConstraint("monthly_premium >= 0", name="premium_positive"),
        choices("tier", Tier),
        *refs(plan_id="benefit_plan"),
    )

    plan_id: Mapped[UUID]
    tier: Mapped[str]
    monthly_premium: Mapped[Decimal]
    effective_on: Mapped[date]
    age_from: Mapped[int] = mapped_column(default=0)
    age_to: Mapped[int] = mapped_column(default=150)  # inclusive
    salary_from: Mapped[Decimal] = mapped_column(sa.Numeric(12, 2), default=Decimal(0))
    salary_to: Mapped[Decimal | None] = mapped_column(sa.Numeric(12, 2))  # exclusive; None = no limit


class ContributionRule(Tenant, Base):
    """What the employer pays of a tier: a share in percent, or a flat monthly amount, up to a cap. The most specific rule wins."""

    __tablename__ = "contribution_rule"
    __table_args__ = (
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name="percent_range"),
        sa.CheckConstraint("flat_amount >= 0", name="flat_positive"),
        *refs(plan_id="benefit_plan"),
    )

    plan_id: Mapped[UUID]
    tier: Mapped[str | None]  # None: every tier
    employee_class: Mapped[str | None]  # None: every class
    percent: Mapped[Decimal | None] = mapped_column(sa.Numeric(5, 2))
    flat_amount: Mapped[Decimal | None]
    monthly_cap: Mapped[Decimal | None]
    effective_on: Mapped[date]


class EligibilityRule(Tenant, Base):
    """Who may choose a plan. Empty lists mean everybody."""

    __tablename__ = "eligibility_rule"
    __table_args__ = (
        sa.CheckConstraint(
            "waiting_days BETWEEN 0 AND 90", name="waiting_days_range"
        ),  # 45 CFR 147.116: at most 90 days
        *refs(plan_id="benefit_plan"),
    )

    plan_id: Mapped[UUID]
    employee_classes: Mapped[list[str]] = mapped_column(default=list)
    employment_types: Mapped[list[str]] = mapped_column(default=list)
    region_codes: Mapped[list[str]] = mapped_column(default=list)
    min_weekly_hours: Mapped[Decimal] = mapped_column(sa.Numeric(5, 2), default=Decimal(0))
    waiting_days: Mapped[int] = mapped_column(default=0)
    starts_first_of_month: Mapped[bool] = mapped_column(default=True)
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
