"""What the confirmation document says: the submission as it was signed."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.benefits.models import Beneficiary, Enrollment, Submission
from app.benefits.services.overview import CoverageRow, submission_rows
from app.core.db import current_tenant, fetch
from app.people.models import Company, Employee
from app.people.services import full_name, logo_bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """Everything the template prints. `people` and `beneficiaries` are by enrollment; `signed_at` is the company's time."""

    number: str
    language: str
    company: str
    logo: str  # a data: URL, or nothing
    name: str
    signature: str
    signed_at: datetime
    statement: str
    rows: list[CoverageRow]
    people: dict[UUID, list[str]]
    beneficiaries: list[tuple[str, str, Decimal]]
    total: Decimal


def letter(session: Session, submission: Submission) -> Letter:
    """Read for the job that prints, as the system."""
    employee = fetch(session, Employee, submission.employee_id)
    company = fetch(session, Company, current_tenant())
    rows, people = submission_rows(session, submission.id)
    return Letter(
        number=submission.number,
        language=submission.language,
        company=company.name,
        logo=_data_url(logo_bytes(session, company)),
        name=full_name(employee.first_name, employee.last_name),
        signature=submission.signature,
        signed_at=submission.submitted_at.astimezone(ZoneInfo(company.time_zone)),
        statement=submission.signed_text or "",
        rows=rows,
        people=people,
        beneficiaries=_beneficiaries(session, submission.id),
        total=submission.employee_cost_per_pay,
    )


def _data_url(png: bytes | None) -> str:
    return f"data:image/png;base64,{b64encode(png).decode()}" if png else ""


def _beneficiaries(session: Session, submission_id: UUID) -> list[tuple[str, str, Decimal]]:
    query = (
        sa.select(Beneficiary)
        .join(Enrollment, Enrollment.id == Beneficiary.enrollment_id)
        .where(Enrollment.submission_id == submission_id)
        .order_by(Beneficiary.kind.desc(), Beneficiary.share.desc())
    )
    return [(row.name, row.kind, row.share) for row in session.scalars(query)]
