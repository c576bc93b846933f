"""What the confirmation document says: the submission as it was signed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.benefits.models import Beneficiary, CoveredDependent, Enrollment, Submission
from app.benefits.services.overview import CoverageRow, submission_rows
from app.core.db import current_tenant, fetch
from app.people.models import Company, Dependent, Employee
from app.people.services import full_name


@dataclass(frozen=True, slots=True)
class Letter:
    """Everything the template prints. `people` and `beneficiaries` are by enrollment."""

    number: str
    language: str
    company: str
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
    return Letter(
        number=submission.number,
        language=submission.language,
        company=fetch(session, Company, current_tenant()).name,
        name=full_name(employee.first_name, employee.last_name),
        signature=submission.signature,
        signed_at=submission.submitted_at,
        statement=submission.signed_text or "",
        rows=submission_rows(session, submission.id),
        people=covered_names(session, submission.id),
        beneficiaries=_beneficiaries(session, submission.id),
        total=submission.employee_cost_per_pay,
    )


def covered_names(session: Session, submission_id: UUID) -> dict[UUID, list[str]]:
    """Enrollment id → names of the dependents it covers. The caller has checked that the actor may see them."""
    query = (
        sa.select(CoveredDependent.enrollment_id, Dependent)
        .join(Dependent, Dependent.id == CoveredDependent.dependent_id)
        .join(Enrollment, Enrollment.id == CoveredDependent.enrollment_id)
        .where(Enrollment.submission_id == submission_id)
        .order_by(Dependent.added_on, Dependent.id)
    )
    found: dict[UUID, list[str]] = {}
    for row in session.execute(query):
        found.setdefault(row[0], []).append(full_name(row[1].first_name, row[1].last_name))
    return found


def _beneficiaries(session: Session, submission_id: UUID) -> list[tuple[str, str, Decimal]]:
    query = (
        sa.select(Beneficiary)
        .join(Enrollment, Enrollment.id == Beneficiary.enrollment_id)
        .where(Enrollment.submission_id == submission_id)
        .order_by(Beneficiary.kind.desc(), Beneficiary.share.desc())
    )
    return [(row.name, row.kind, row.share) for row in session.scalars(query)]
