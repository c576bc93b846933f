"""What was chosen: drafts, signed submissions, enrollments with their coverage, dependents and beneficiaries."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.benefits.rules.words import (
    CarrierStatus,
    ContributionFrequency,
    ContributionType,
    CoverageType,
    Election,
    EnrollmentStatus,
    EnrollmentType,
    Tier,
)
from app.core.crypto import EncryptedField
from app.core.db import Base, Tenant, choices, refs


class ElectionDraft(Tenant, Base):
    """Answers so far, saved per step, one per employee and window; any device goes on from here."""

    __tablename__ = "election_draft"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "employee_id", "window_id"),
        *refs(employee_id="employee", window_id="enrollment_window"),
    )

    employee_id: Mapped[UUID]
    window_id: Mapped[UUID]
    answers: EncryptedField[dict[str, Any]] = EncryptedField(dict)
    step: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=0)


class ReminderSnooze(Tenant, Base):
    """Somebody put the reminders of a window off."""

    __tablename__ = "reminder_snooze"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "employee_id", "window_id"),
        *refs(employee_id="employee", window_id="enrollment_window"),
    )

    employee_id: Mapped[UUID]
    window_id: Mapped[UUID]
    remind_on: Mapped[date | None]  # None: not again


class Submission(Tenant, Base):
    """One signature over the choices of all coverage types."""

    __tablename__ = "submission"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "number"),
        sa.UniqueConstraint("company_id", "form_key"),
        choices("status", EnrollmentStatus),
        sa.Index(None, "company_id", "status", "submitted_at"),
        *refs(employee_id="employee", window_id="enrollment_window", confirmation_file_id="stored_file"),
    )

    number: Mapped[str]  # S-2026-000123
    employee_id: Mapped[UUID]
    window_id: Mapped[UUID]
    form_key: Mapped[str]  # one-time key of the signing form: a double tap makes one submission
    status: Mapped[str] = mapped_column(default=EnrollmentStatus.SUBMITTED.value)
    signature: EncryptedField[str] = EncryptedField(required=True)
    signed_text: EncryptedField[str] = EncryptedField()  # exactly what was signed, in the language it was read
    signed_text_sha256: Mapped[bytes]
    answers: EncryptedField[dict[str, Any]] = EncryptedField(dict)  # to go on from when HR sends it back
    language: Mapped[str] = mapped_column(default="en")
    submitted_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_user_id: Mapped[UUID | None]
    rejection_reason: EncryptedField[str] = EncryptedField()
    employee_cost_per_pay: Mapped[Decimal] = mapped_column(default=Decimal(0))
    confirmation_file_id: Mapped[UUID | None]


class Enrollment(Tenant, Base):
    """benefits_enrollment: one coverage type of one employee, for a stretch of time."""

    __tablename__ = "enrollment"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "number"),
        sa.CheckConstraint(
            "employee_contribution_amount >= 0 AND employer_contribution_amount >= 0 AND total_contribution_amount >= 0",
            name="positive_contributions",
        ),
        sa.CheckConstraint(
            "abs(employee_contribution_amount + employer_contribution_amount - total_contribution_amount) <= 0.01",
            name="contributions_add_up",
        ),
        sa.CheckConstraint("coverage_ends_on IS NULL OR coverage_ends_on >= coverage_starts_on", name="date_order"),
        sa.CheckConstraint(
            "coverage_ends_on IS NULL OR coverage_ends_on <= coverage_starts_on + interval '5 years'",
            name="at_most_five_years",
        ),
        sa.CheckConstraint("(election = 'waive') = (plan_id IS NULL)", name="waived_without_plan"),
        choices("enrollment_type", EnrollmentType),
        choices("status", EnrollmentStatus),
        choices("election", Election),
        choices("coverage_type", CoverageType),
        choices("contribution_type", ContributionType),
        choices("contribution_frequency", ContributionFrequency),
        choices("carrier_status", CarrierStatus),
        choices("tier", Tier),
        sa.Index(None, "company_id", "employee_id", "coverage_type", "coverage_starts_on"),
        sa.Index(None, "company_id", "connection_id", "status"),
        *refs(
            employee_id="employee",
            submission_id="submission",
            plan_id="benefit_plan",
            connection_id="connection",
            replaces_id="enrollment",
        ),
    )

    number: Mapped[str]  # E-2026-000123
    employee_id: Mapped[UUID]
    submission_id: Mapped[UUID | None]
    plan_id: Mapped[UUID | None]
    connection_id: Mapped[UUID | None]
    coverage_type: Mapped[str]
    election: Mapped[str]
    enrollment_type: Mapped[str]
    status: Mapped[str] = mapped_column(default=EnrollmentStatus.PENDING.value)
    carrier_status: Mapped[str] = mapped_column(default=CarrierStatus.NONE.value)
    carrier_status_at: Mapped[datetime | None]
    tier: Mapped[str | None]
    coverage_starts_on: Mapped[date]
    coverage_ends_on: Mapped[date | None]  # last covered day
    effective_on: Mapped[date]  # of the cost; coverage may start on another day
    terminated_on: Mapped[date | None]
    termination_reason: Mapped[str] = mapped_column(default="")
    contribution_type: Mapped[str] = mapped_column(default=ContributionType.PRE_TAX.value)
    contribution_frequency: Mapped[str] = mapped_column(default=ContributionFrequency.PAY_PERIOD.value)
    employee_contribution_amount: Mapped[Decimal] = mapped_column(default=Decimal(0))  # per pay period
    employer_contribution_amount: Mapped[Decimal] = mapped_column(default=Decimal(0))
    total_contribution_amount: Mapped[Decimal] = mapped_column(default=Decimal(0))
    monthly_premium: Mapped[Decimal] = mapped_column(default=Decimal(0))
    waiver_reason: EncryptedField[str] = EncryptedField()
    auto_renewal: Mapped[bool] = mapped_column(default=True)
    replaces_id: Mapped[UUID | None]
    created_by_user_id: Mapped[UUID | None]
    approved_by_user_id: Mapped[UUID | None]
    approved_at: Mapped[datetime | None]


class CoverageDetails(Tenant, Base):
    """benefits_coverage_details: the plan as it stood when it was chosen; a later edit of the plan does not reach here."""

    __tablename__ = "coverage_details"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "enrollment_id"),
        sa.CheckConstraint("deductible_amount >= 0 AND copay_amount >= 0", name="positive_amounts"),
        sa.CheckConstraint("coinsurance_percentage BETWEEN 0 AND 100", name="percentage_range"),
        *refs(enrollment_id="enrollment"),
    )

    enrollment_id: Mapped[UUID]
    coverage_type: Mapped[str]
    plan_name: Mapped[str]
    plan_code: Mapped[str]
    coverage_amount: Mapped[Decimal | None] = mapped_column(sa.Numeric(12, 2))
    deductible_amount: Mapped[Decimal] = mapped_column(default=Decimal(0))
    copay_amount: Mapped[Decimal] = mapped_column(sa.Numeric(8, 2), default=Decimal(0))
    coinsurance_percentage: Mapped[Decimal] = mapped_column(sa.Numeric(5, 2), default=Decimal(0))
    out_of_pocket_max: Mapped[Decimal] = mapped_column(default=Decimal(0))
    network_type: Mapped[str]
    provider_network: Mapped[str] = mapped_column(default="")
    plan_tier: Mapped[str]
    waiting_period_days: Mapped[int] = mapped_column(default=0)
    pre_existing_conditions: EncryptedField[list[str]] = EncryptedField(list)
    limitations: Mapped[list[str]] = mapped_column(default=list)
    additional_benefits: Mapped[list[str]] = mapped_column(default=list)
    premium_amount: Mapped[Decimal] = mapped_column(default=Decimal(0))
    is_active: Mapped[bool] = mapped_column(default=True)


class CoveredDependent(Tenant, Base):
    __tablename__ = "covered_dependent"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "enrollment_id", "dependent_id"),
        *refs(enrollment_id="enrollment", dependent_id="dependent"),
    )

    enrollment_id: Mapped[UUID]
    dependent_id: Mapped[UUID]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]


class NumberSeries(Tenant, Base):
    """The last number given out per series and year; its row lock makes numbers unique and without gaps."""

    __tablename__ = "benefit_number"
    __table_args__ = (sa.UniqueConstraint("company_id", "series", "year"),)

    series: Mapped[str]
    year: Mapped[int]
    last: Mapped[int] = mapped_column(default=0)


class Beneficiary(Tenant, Base):
    """Shares of one class (primary, contingent) add up to 100 %."""

    __tablename__ = "beneficiary"
    __table_args__ = (
        sa.CheckConstraint("share > 0 AND share <= 100", name="share_range"),
        sa.CheckConstraint("kind IN ('primary', 'contingent')", name="kind_known"),
        *refs(enrollment_id="enrollment"),
    )

    enrollment_id: Mapped[UUID]
    kind: Mapped[str]
    name: EncryptedField[str] = EncryptedField(required=True)
    relation: EncryptedField[str] = EncryptedField()
    share: Mapped[Decimal] = mapped_column(sa.Numeric(5, 2))
