"""Who is screened, and for which job."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.core.crypto import EncryptedField
from app.core.db import Base, Tenant, choices, refs
from app.screening.rules.states import ApplicationStatus
from app.screening.rules.words import AskStage


class Candidate(Tenant, Base):
    """A person who applies, or an employee who is screened again. No SSN: the candidate gives it to the provider, never to us."""

    __tablename__ = "candidate"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "external_ref"),
        sa.Index("ix_candidate_email", "company_id", "email_bidx"),
        sa.Index("ix_candidate_name_tokens", "name_tokens", postgresql_using="gin"),
        *refs(employee_id="employee"),
    )

    external_ref: Mapped[str | None]  # its id in the recruiting system it came from
    first_name: EncryptedField[str] = EncryptedField(required=True)
    middle_name: EncryptedField[str] = EncryptedField()
    last_name: EncryptedField[str] = EncryptedField(required=True)
    email: EncryptedField[str] = EncryptedField(index="candidate_email", required=True)
    phone: EncryptedField[str] = EncryptedField()
    date_of_birth: EncryptedField[date] = EncryptedField(date)  # only to prove who opens the link
    residence: EncryptedField[dict[str, Any]] = EncryptedField(dict)  # rules.places.Place by name, and zip_code
    address: EncryptedField[dict[str, Any]] = EncryptedField(
        dict
    )  # where a letter goes: line1, line2, city, state, zip_code, country
    language: Mapped[str] = mapped_column(default="en")
    name_tokens: Mapped[list[bytes]] = mapped_column(ARRAY(sa.LargeBinary), default=list)  # blind prefixes for search
    employee_id: Mapped[UUID | None]
    source: Mapped[str] = mapped_column(default="typed")  # typed | paste | file | api
    texts_allowed: Mapped[bool] = mapped_column(default=False)  # text messages
    reminders_stopped_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    created_by_user_id: Mapped[UUID | None]


class CandidateSurvey(Tenant, Base):
    """What a candidate chose to say about sex and race or ethnicity (29 CFR 1607.4): for counting, never beside a case."""

    __tablename__ = "candidate_survey"
    __table_args__ = (sa.UniqueConstraint("company_id", "candidate_id"), *refs(candidate_id="candidate"))

    candidate_id: Mapped[UUID]
    sex: EncryptedField[str] = EncryptedField()
    ethnicity: EncryptedField[str] = EncryptedField()
    answered_at: Mapped[datetime]


class JobApplication(Tenant, Base):
    """One candidate for one job. The work location and the stage of hiring choose the rules."""

    __tablename__ = "job_application"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "external_ref"),
        choices("stage", AskStage),
        choices("status", ApplicationStatus),
        *refs(
            candidate_id="candidate", department_id="department", region_id="region",
            recruiter_user_id="user_account", hiring_manager_user_id="user_account",
        ),
    )  # fmt: skip

    candidate_id: Mapped[UUID]
    external_ref: Mapped[str | None]
    position: Mapped[str]
    job_family: Mapped[str] = mapped_column(default="")
    duties: Mapped[str] = mapped_column(default="")
    department_id: Mapped[UUID | None]
    region_id: Mapped[UUID | None]
    recruiter_user_id: Mapped[UUID | None]
    hiring_manager_user_id: Mapped[UUID | None]
    work_country: Mapped[str] = mapped_column(default="US")
    work_state: Mapped[str] = mapped_column(default="")
    work_county: Mapped[str] = mapped_column(default="")
    work_city: Mapped[str] = mapped_column(default="")
    work_unincorporated: Mapped[bool | None]
    weekly_hours: Mapped[Decimal | None] = mapped_column(sa.Numeric(5, 2))
    annual_salary: EncryptedField[Decimal] = EncryptedField(Decimal)
    exemptions: Mapped[list[str]] = mapped_column(default=list)  # names out of a rule's `exempt_roles`
    stage: Mapped[str] = mapped_column(default=AskStage.APPLICATION.value)
    stage_changed_at: Mapped[datetime | None]
    starts_on: Mapped[date | None]
    status: Mapped[str] = mapped_column(default=ApplicationStatus.OPEN.value)
    created_by_user_id: Mapped[UUID | None]
