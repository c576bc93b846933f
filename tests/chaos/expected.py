"""What the carriers must know: read from what was approved, never from what feeds wrote down."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.benefits.models import BenefitPlan, CoveredDependent, Enrollment, Submission
from app.connections.models import Connection
from app.core.db import current_tenant
from app.people.models import Dependent, Employee

RELATION = {"spouse": "01", "child": "19"}


def coverages(session: Session) -> dict[str, list[list[str]]]:
    """Carrier slug → [member, coverage, plan, tier, start] of each person of each approved enrollment with a plan."""
    query = (
        sa.select(Enrollment)
        .join(Submission, Submission.id == Enrollment.submission_id)
        .where(Submission.status == "approved", Enrollment.plan_id.is_not(None))
    )
    found: dict[str, list[list[str]]] = {}
    for row in session.scalars(query):
        plan = session.get_one(BenefitPlan, (current_tenant(), row.plan_id))
        slug = session.get_one(Connection, (current_tenant(), plan.connection_id)).code.lower()
        said = [plan.insurance_line, plan.carrier_plan_code, row.tier or "", row.coverage_starts_on.isoformat()]
        found.setdefault(slug, []).extend([member, *said] for member in _members(session, row))
    return found


def _members(session: Session, row: Enrollment) -> list[str]:
    employee = session.get_one(Employee, (current_tenant(), row.employee_id))
    query = sa.select(Dependent).join(CoveredDependent, CoveredDependent.dependent_id == Dependent.id)
    family = session.scalars(query.where(CoveredDependent.enrollment_id == row.id))
    number = employee.member_number
    return [f"{number}/18/{employee.first_name.upper()}"] + [
        f"{number}/{RELATION[person.relationship]}/{(person.first_name or '').upper()}" for person in family
    ]
