"""An order for a check and what came of it (hr_bg_check_request, hr_bg_check_result). One request is one case."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.crypto import EncryptedField
from app.core.db import Base, Tenant, choices, refs
from app.integrations.screening import Result, Status
from app.screening.rules.adverse import Stage
from app.screening.rules.outcomes import Decision
from app.screening.rules.states import (
    BillingMethod,
    Blocker,
    Bucket,
    CheckStatus,
    CheckType,
    Choice,
    ConsentState,
    Hint,
    OrderState,
    Part,
    Priority,
    Recommendation,
    RequestStatus,
    RequestType,
    ResultStatus,
    Severity,
)
from app.screening.rules.words import RecordKind


class ScreeningPackage(Tenant, Base):
    """What a provider sells to this company, as it last said so."""

    __tablename__ = "screening_package"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "connection_id", "slug"),
        *refs(connection_id="connection"),
    )

    connection_id: Mapped[UUID]
    slug: Mapped[str]
    name: Mapped[str]
    price: Mapped[Decimal | None]
    currency_code: Mapped[str] = mapped_column(sa.String(3), default="USD")
    checks: Mapped[list[str]] = mapped_column(default=list)  # the provider's words
    check_types: Mapped[list[str]] = mapped_column(default=list)  # ours (CheckType)
    criminal: Mapped[bool] = mapped_column(default=True)  # holds criminal or driving records
    investigative: Mapped[bool] = mapped_column(default=False)  # interviews (15 USC 1681d)
    orderable: Mapped[bool] = mapped_column(default=True)
    synced_at: Mapped[datetime]
    gone_at: Mapped[datetime | None]  # the provider no longer lists it


class FrozenRuling(Tenant, Base):
    """The rules a case froze (`jurisdictions.Ruling.freeze`). Many cases share one; it is never changed."""

    __tablename__ = "frozen_ruling"
    __table_args__ = (sa.UniqueConstraint("company_id", "version"),)

    version: Mapped[str] = mapped_column(sa.String(64))
    rows: Mapped[list[Any]] = mapped_column(default=list)


class AcceptedRule(Tenant, Base):
    """A rule no counsel of ours has reviewed, read and accepted by the company. It lapses when a word of the rule changes."""

    __tablename__ = "accepted_rule"
    __table_args__ = (sa.UniqueConstraint("company_id", "digest"),)

    digest: Mapped[str] = mapped_column(sa.String(64))
    rule_key: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    accepted_by_user_id: Mapped[UUID | None]
    accepted_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class ScreeningPolicy(Tenant, Base):
    """How this company screens. At most one row; its id is the company's."""

    __tablename__ = "screening_policy"
    __table_args__ = (
        sa.CheckConstraint("company_id = id", name="one_per_company"),
        sa.CheckConstraint("consent_days >= 30", name="consent_holds"),
        sa.CheckConstraint("adverse_days BETWEEN 1 AND 14", name="adverse_days_known"),
    )

    staff: Mapped[int | None]  # employees in all; None: not known, every rule binds
    second_person: Mapped[bool] = mapped_column(default=False)
    adverse_days: Mapped[int] = mapped_column(default=7)
    consent_days: Mapped[int] = mapped_column(default=90)
    stale_days: Mapped[int] = mapped_column(default=3)  # without a word from the provider
    sends_letters: Mapped[bool] = mapped_column(default=False)  # somebody prints and mails what a place wants on paper
    contact_name: Mapped[str] = mapped_column(default="")
    contact_phone: Mapped[str] = mapped_column(default="")
    contact_email: Mapped[str] = mapped_column(default="")
    reconsideration: Mapped[str] = mapped_column(
        default=""
    )  # how to ask us to look again, or that there is no such way
    cori_policy: Mapped[str] = mapped_column(default="")  # Massachusetts, 803 CMR 2.20


class MatrixRule(Tenant, Base):
    """The company's matrix: a hint for records of a kind; never a decision."""

    __tablename__ = "matrix_rule"
    __table_args__ = (choices("record_kind", RecordKind), choices("hint", Hint))

    job_family: Mapped[str] = mapped_column(default="")  # empty: every job
    record_kind: Mapped[str]
    within_years: Mapped[int | None]
    hint: Mapped[str]
    note: Mapped[str] = mapped_column(default="")


class ScreeningRequest(Tenant, Base):
    """hr_bg_check_request. Four axes apart: provider_status, provider_result, decision (ours), stage (of adverse action)."""

    __tablename__ = "screening_request"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "number"),
        sa.Index("ix_screening_request_board", "company_id", "bucket", "id"),
        sa.Index("ix_screening_request_recruiter", "company_id", "recruiter_user_id", "bucket", "id"),
        sa.Index("ix_screening_request_blocker", "company_id", "bucket", "blocker", "id"),
        sa.Index("ix_screening_request_initiated", "company_id", "initiated_at"),
        sa.Index("ix_screening_request_status", "company_id", "status"),
        sa.Index("ix_screening_request_stage", "company_id", "stage", "answer_due_on"),
        sa.Index("ix_screening_request_report", "company_id", "connection_id", "provider_report_id"),
        sa.Index("ix_screening_request_invitation", "company_id", "connection_id", "provider_invitation_id"),
        sa.Index("ix_screening_request_provider_candidate", "company_id", "connection_id", "provider_candidate_id"),
        sa.Index("ix_screening_request_poll", "company_id", "next_poll_at"),
        sa.CheckConstraint("consent_expires_at > consent_obtained_at", name="consent_dates"),
        sa.CheckConstraint("completed_at >= initiated_at", name="completion_dates"),
        sa.CheckConstraint("retries BETWEEN 0 AND 5", name="retries_known"),
        choices("request_type", RequestType),
        choices("priority", Priority),
        choices("status", RequestStatus),
        choices("consent", ConsentState),
        choices("billing_method", BillingMethod),
        choices("order_state", OrderState),
        choices("part", Part),
        choices("provider_status", Status),
        choices("provider_result", Result),
        choices("decision", Decision),
        choices("stage", Stage),
        choices("blocker", Blocker),
        choices("bucket", Bucket),
        *refs(
            candidate_id="candidate", application_id="job_application", package_id="screening_package",
            ruling_id="frozen_ruling", first_part_id="screening_request", report_file_id="stored_file",
            order_file_id="screening_order_file",
            department_id="department", region_id="region",
        ),
        *(item for item in refs(connection_id="connection") if not isinstance(item, sa.Index)),
    )  # fmt: skip

    number: Mapped[str]  # S261125-7QKXM: the day, and five letters that say nothing
    connection_id: Mapped[UUID]
    candidate_id: Mapped[UUID]
    application_id: Mapped[UUID]
    package_id: Mapped[UUID]
    # what was asked for
    request_type: Mapped[str] = mapped_column(default=RequestType.PRE_EMPLOYMENT.value)
    screening_package: Mapped[str]  # the provider's slug on the day of the order
    check_types: Mapped[list[str]] = mapped_column(default=list)
    criminal: Mapped[bool] = mapped_column(default=True)
    part: Mapped[str] = mapped_column(default=Part.WHOLE.value)
    first_part_id: Mapped[UUID | None]
    priority: Mapped[str] = mapped_column(default=Priority.NORMAL.value)
    cost_center: Mapped[str] = mapped_column(default="")
    billing_method: Mapped[str] = mapped_column(default=BillingMethod.COMPANY_PAID.value)
    total_cost: Mapped[Decimal] = mapped_column(default=Decimal(0))
    currency_code: Mapped[str] = mapped_column(sa.String(3), default="USD")
    initiated_by_user_id: Mapped[UUID | None]
    approved_by_user_id: Mapped[UUID | None]
    recruiter_user_id: Mapped[UUID | None]
    hiring_manager_user_id: Mapped[UUID | None]
    department_id: Mapped[UUID | None]
    region_id: Mapped[UUID | None]
    initiated_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    due_on: Mapped[date]
    estimated_completion_on: Mapped[date | None]
    # the law of the places
    ruling_id: Mapped[UUID | None]  # None: a person must clear the rules first
    stops: Mapped[list[Any]] = mapped_column(default=list)  # why, each {why, subject, digest}
    certified_at: Mapped[datetime | None]  # 15 USC 1681b(b)(1)
    certified_by_user_id: Mapped[UUID | None]
    certification_version: Mapped[str] = mapped_column(default="")
    # consent
    consent: Mapped[str] = mapped_column(default=ConsentState.PENDING.value)
    consent_obtained_at: Mapped[datetime | None]
    consent_expires_at: Mapped[datetime | None]
    consent_scope: Mapped[dict[str, Any]] = mapped_column(
        default=dict
    )  # package, connection, ruling, documents it was given for
    # our progress
    status: Mapped[str] = mapped_column(default=RequestStatus.INITIATED.value)
    hold_reason: Mapped[str] = mapped_column(default="")  # names of missing pieces (gate.Piece), comma-separated
    bucket: Mapped[str] = mapped_column(default=Bucket.ACTIVE.value)
    blocker: Mapped[str] = mapped_column(default=Blocker.CANDIDATE.value)
    canceled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str] = mapped_column(default="")
    legal_hold: Mapped[bool] = mapped_column(default=False)
    disposed_at: Mapped[datetime | None]
    # the order at the provider
    order_state: Mapped[str] = mapped_column(default=OrderState.NONE.value)
    order_problem: Mapped[str] = mapped_column(default="")
    ordering_at: Mapped[datetime | None]  # the first attempt
    order_file_id: Mapped[UUID | None]  # the file it went into, where orders travel as files
    retries: Mapped[int] = mapped_column(default=0)  # new orders after a refused or lost one, by a person
    provider_candidate_id: Mapped[str] = mapped_column(default="")
    provider_invitation_id: Mapped[str] = mapped_column(default="")
    provider_report_id: Mapped[str] = mapped_column(default="")
    invitation_url: EncryptedField[str] = EncryptedField()
    # what the provider says
    provider_status: Mapped[str] = mapped_column(default=Status.ORDERED.value)
    provider_result: Mapped[str] = mapped_column(default=Result.NONE.value)
    provider_code: Mapped[str] = mapped_column(default="")  # its own words, for a person when they are unmapped
    includes_canceled: Mapped[bool] = mapped_column(default=False)
    clear: Mapped[bool] = mapped_column(default=False)  # `outcomes.is_clear`, never less
    ordered_refs: Mapped[list[str]] = mapped_column(default=list)
    looks: Mapped[int] = mapped_column(
        default=0
    )  # answers applied; one that was asked for before another came is thrown away
    revised_at: Mapped[datetime | None]  # the provider's time of the newest revision
    report_file_id: Mapped[UUID | None]
    last_event_at: Mapped[datetime | None]
    next_poll_at: Mapped[datetime | None]
    # our decision, and adverse action
    decision: Mapped[str] = mapped_column(default=Decision.PENDING.value)
    decided_at: Mapped[datetime | None]
    decided_by_user_id: Mapped[UUID | None]
    stage: Mapped[str] = mapped_column(default=Stage.GATE.value)
    stage_changed_at: Mapped[datetime | None]
    notified_at: Mapped[datetime | None]
    answer_due_on: Mapped[date | None]  # None while the clock stands
    due_reasons: Mapped[list[Any]] = mapped_column(default=list)  # each {message, values, due_on}
    calendar_version: Mapped[str] = mapped_column(default="")
    dispute_open: Mapped[bool] = mapped_column(default=False)
    answered_at: Mapped[datetime | None]
    provider_action_id: Mapped[str] = mapped_column(default="")


class CheckResult(Tenant, Base):
    """hr_bg_check_result: one search of a report."""

    __tablename__ = "check_result"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "request_id", "ref"),
        sa.Index(None, "company_id", "check_type"),
        sa.Index(None, "company_id", "result_status"),
        sa.Index(None, "company_id", "severity"),
        choices("check_type", CheckType),
        choices("check_status", CheckStatus),
        choices("result_status", ResultStatus),
        choices("severity", Severity),
        choices("recommendation", Recommendation),
        choices("provider_status", Status),
        choices("provider_result", Result),
        *refs(request_id="screening_request"),
    )

    request_id: Mapped[UUID]
    ref: Mapped[str]  # its id at the provider
    kind: Mapped[str]  # the provider's word (`county_criminal_search`)
    check_type: Mapped[str]
    criminal: Mapped[bool] = mapped_column(default=False)  # behind New York City's wall
    reportable: Mapped[bool] = mapped_column(default=True)  # False: an SSN trace; no ground for any decision
    provider_status: Mapped[str]
    provider_result: Mapped[str]
    provider_code: Mapped[str] = mapped_column(default="")
    check_status: Mapped[str] = mapped_column(default=CheckStatus.PENDING.value)
    result_status: Mapped[str] = mapped_column(default=ResultStatus.PENDING_REVIEW.value)
    severity: Mapped[str] = mapped_column(default=Severity.NONE.value)
    delay_reason: Mapped[str] = mapped_column(default="")
    checked_on: Mapped[date | None]
    completed_at: Mapped[datetime | None]
    details: EncryptedField[dict[str, Any]] = EncryptedField(dict)
    raw: EncryptedField[dict[str, Any]] = EncryptedField(dict)  # as the provider wrote it, without SSN and birth date
    flags: Mapped[list[str]] = mapped_column(default=list)
    recommendation: Mapped[str] = mapped_column(default=Recommendation.FURTHER_REVIEW.value)
    review_required: Mapped[bool] = mapped_column(default=False)
    reviewed_by_user_id: Mapped[UUID | None]
    reviewed_at: Mapped[datetime | None]


class ReportRecord(Tenant, Base):
    """One thing a report says about a person, which a notice can name."""

    __tablename__ = "report_record"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "request_id", "ref"),
        choices("record_kind", RecordKind),
        choices("choice", Choice),
        choices("severity", Severity),
        *refs(request_id="screening_request", check_id="check_result"),
    )

    request_id: Mapped[UUID]
    check_id: Mapped[UUID | None]
    ref: Mapped[str]  # its id at the provider
    record_kind: Mapped[str] = mapped_column(default=RecordKind.OTHER.value)
    severity: Mapped[str] = mapped_column(default=Severity.MEDIUM.value)
    text: EncryptedField[str] = EncryptedField(required=True)
    details: EncryptedField[dict[str, Any]] = EncryptedField(dict)  # charge, court, disposition, sentence
    happened_on: EncryptedField[date] = EncryptedField(date)
    criminal: Mapped[bool] = mapped_column(default=True)
    choice: Mapped[str] = mapped_column(default=Choice.OPEN.value)
    choice_reason: EncryptedField[str] = EncryptedField()
    chosen_by_user_id: Mapped[UUID | None]
    chosen_at: Mapped[datetime | None]
    gone_at: Mapped[datetime | None]  # a revised report no longer says it
