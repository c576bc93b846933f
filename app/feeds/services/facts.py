"""Enrollments of one connection, read in bulk: what is true now, in the words of `rules.telling`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.benefits.models import BenefitPlan, CoveredDependent, Enrollment
from app.benefits.rules.words import Election, EnrollmentStatus
from app.feeds.rules.telling import Told
from app.feeds.services.insured import (
    InsuredDependent,
    InsuredEmployee,
    among,
    chunks,
    dependents_of,
    employees_of,
    mark_of,
)

DECIDED = (EnrollmentStatus.APPROVED, EnrollmentStatus.ACTIVE, EnrollmentStatus.TERMINATED, EnrollmentStatus.CANCELED)
"""Enrollments a carrier may hear of; a carrier that was never told of a canceled one does not hear of it either."""

OVER = (EnrollmentStatus.TERMINATED, EnrollmentStatus.CANCELED)


class EnrollmentRow(NamedTuple):
    """Columns of Enrollment that a carrier is told of."""

    id: UUID
    employee_id: UUID
    plan_id: UUID
    status: str
    enrollment_type: str
    tier: str | None
    coverage_starts_on: date
    coverage_ends_on: date | None
    terminated_on: date | None
    termination_reason: str
    monthly_premium: Decimal


class CoveredRow(NamedTuple):
    """Columns of CoveredDependent."""

    enrollment_id: UUID
    dependent_id: UUID
    starts_on: date
    ends_on: date | None


@dataclass
class Fact:
    """One coverage with its plan and the people it covers besides the employee."""

    enrollment: EnrollmentRow
    plan: BenefitPlan
    covered: list[CoveredRow] = field(default_factory=list)

    def cover(self, item: CoveredRow) -> None:
        """One dependent, covered no longer than the coverage itself."""
        over = self.enrollment.coverage_ends_on or self.enrollment.terminated_on
        if item.ends_on and over and over < item.ends_on:
            item = item._replace(ends_on=over)
        self.covered.append(item)

    @cached_property
    def told(self) -> Told:
        row = self.enrollment
        over = row.status in OVER or row.terminated_on is not None
        end = row.coverage_ends_on or row.terminated_on
        if row.status == EnrollmentStatus.CANCELED:
            end = row.coverage_starts_on - timedelta(days=1)
        people = sorted((str(item.dependent_id), item.starts_on, item.ends_on) for item in self.covered)
        return Told(self.plan.plan_code, row.tier or "", row.coverage_starts_on, end, over, tuple(people))


_ENROLLMENT = [getattr(Enrollment, name) for name in EnrollmentRow._fields]
_COVERED = [getattr(CoveredDependent, name) for name in CoveredRow._fields]


def facts_of(
    session: Session,
    connection_id: UUID,
    *,
    enrollment_ids: Collection[UUID] | None = None,
    employee_ids: Collection[UUID] | None = None,
) -> list[Fact]:
    """The decided coverages of a connection, of the given enrollments or employees only, oldest start first."""
    query = (
        sa.select(*_ENROLLMENT)
        .join(
            BenefitPlan, sa.and_(BenefitPlan.company_id == Enrollment.company_id, BenefitPlan.id == Enrollment.plan_id)
        )
        .where(
            sa.func.coalesce(Enrollment.connection_id, BenefitPlan.connection_id) == connection_id,
            Enrollment.status.in_(DECIDED),
            Enrollment.election != Election.WAIVE,
        )
        .order_by(Enrollment.employee_id, Enrollment.coverage_starts_on, Enrollment.id)
    )
    if enrollment_ids is not None:
        query = query.where(among(Enrollment.id, enrollment_ids))
    if employee_ids is not None:
        query = query.where(among(Enrollment.employee_id, employee_ids))
    rows = [EnrollmentRow._make(row) for row in session.execute(query)]
    plans = _plans(session, {row.plan_id for row in rows})
    facts = {row.id: Fact(row, plans[row.plan_id]) for row in rows}
    for part in chunks(list(facts)):
        for row in session.execute(sa.select(*_COVERED).where(among(CoveredDependent.enrollment_id, part))):
            facts[row.enrollment_id].cover(CoveredRow._make(row))
    return list(facts.values())


def _plans(session: Session, ids: Collection[UUID]) -> dict[UUID, BenefitPlan]:
    return {plan.id: plan for plan in session.scalars(sa.select(BenefitPlan).where(BenefitPlan.id.in_(ids)))}


def people_of(
    session: Session, facts: Iterable[Fact]
) -> tuple[dict[UUID, InsuredEmployee], dict[UUID, InsuredDependent]]:
    """Employees and dependents by id of everybody these coverages cover."""
    listed = list(facts)
    employees = {fact.enrollment.employee_id for fact in listed}
    dependents = {item.dependent_id for fact in listed for item in fact.covered}
    return employees_of(session, employees), dependents_of(session, dependents)


def marks_of(session: Session, facts: Iterable[Fact]) -> dict[str, str]:
    """Person id → digest, of everybody these coverages cover."""
    employees, dependents = people_of(session, facts)
    marks = {str(row.id): mark_of(row) for row in employees.values()}
    return marks | {str(row.id): mark_of(row) for row in dependents.values()}
