"""Enrollments and people of one connection, read in bulk: what is true now, in the words of `rules.telling`."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.benefits.models import BenefitPlan, CoveredDependent, Enrollment
from app.benefits.rules.words import Election, EnrollmentStatus
from app.core.crypto import blind_index
from app.core.db import current_tenant
from app.feeds.rules.telling import Told
from app.people.models import Dependent, Employee

DECIDED = (EnrollmentStatus.APPROVED, EnrollmentStatus.ACTIVE, EnrollmentStatus.TERMINATED, EnrollmentStatus.CANCELED)
"""Enrollments a carrier may hear of; a carrier that was never told of a canceled one does not hear of it either."""

OVER = (EnrollmentStatus.TERMINATED, EnrollmentStatus.CANCELED)
CHUNK = 1_000
Row = TypeVar("Row", Employee, Dependent)


@dataclass(slots=True)
class Fact:
    """One coverage with its plan and the people it covers besides the employee."""

    enrollment: Enrollment
    plan: BenefitPlan
    covered: list[CoveredDependent] = field(default_factory=list)

    @property
    def told(self) -> Told:
        row = self.enrollment
        over = row.status in OVER or row.terminated_on is not None
        end = row.coverage_ends_on or row.terminated_on
        if row.status == EnrollmentStatus.CANCELED:
            end = row.coverage_starts_on - timedelta(days=1)
        people = sorted((str(item.dependent_id), item.starts_on, item.ends_on) for item in self.covered)
        return Told(self.plan.plan_code, row.tier or "", row.coverage_starts_on, end, over, tuple(people))


def facts_of(
    session: Session,
    connection_id: UUID,
    *,
    enrollment_ids: Collection[UUID] | None = None,
    employee_ids: Collection[UUID] | None = None,
) -> list[Fact]:
    """The decided coverages of a connection, of the given enrollments or employees only, oldest start first."""
    query = (
        sa.select(Enrollment, BenefitPlan)
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
        query = query.where(Enrollment.id.in_(enrollment_ids))
    if employee_ids is not None:
        query = query.where(Enrollment.employee_id.in_(employee_ids))
    facts = {row.Enrollment.id: Fact(row.Enrollment, row.BenefitPlan) for row in session.execute(query)}
    for part in _chunks(list(facts)):
        covered = sa.select(CoveredDependent).where(CoveredDependent.enrollment_id.in_(part))
        for item in session.scalars(covered):
            facts[item.enrollment_id].covered.append(item)
    return list(facts.values())


def people_of(session: Session, facts: Iterable[Fact]) -> tuple[dict[UUID, Employee], dict[UUID, Dependent]]:
    """Employees and dependents by id of everybody these coverages cover."""
    listed = list(facts)
    employees = {fact.enrollment.employee_id for fact in listed}
    dependents = {item.dependent_id for fact in listed for item in fact.covered}
    return _by_id(session, Employee, employees), _by_id(session, Dependent, dependents)


def _by_id(session: Session, model: type[Row], ids: Collection[UUID]) -> dict[UUID, Row]:
    found: dict[UUID, Row] = {}
    for part in _chunks(list(ids)):
        found |= {row.id: row for row in session.scalars(sa.select(model).where(model.id.in_(part)))}
    return found


def _chunks(ids: list[UUID]) -> Iterable[list[UUID]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))


def identity_of(person: Employee | Dependent) -> dict[str, str]:
    """Who a carrier knows the person as; kept encrypted with what was sent."""
    birth = person.date_of_birth
    return {
        "last": person.last_name or "",
        "first": person.first_name or "",
        "middle": person.middle_name or "",
        "birth": birth.isoformat() if birth else "",
        "gender": person.gender,
        "ssn": person.ssn or "",
    }


def mark_of(person: Employee | Dependent) -> str:
    """A keyed digest of everything a carrier is told about a person: equal as long as nothing changed."""
    parts = list(identity_of(person).values())
    if isinstance(person, Employee):
        home = (person.address_line1, person.address_line2, person.city, person.state, person.zip_code)
        parts += [part or "" for part in (*home, person.phone, person.marital_status, person.member_number)]
    return blind_index(current_tenant(), "feed-person", "|".join(parts)).hex()


def marks_of(session: Session, facts: Iterable[Fact]) -> dict[str, str]:
    """Person id → digest, of everybody these coverages cover."""
    employees, dependents = people_of(session, facts)
    marks = {str(row.id): mark_of(row) for row in employees.values()}
    return marks | {str(row.id): mark_of(row) for row in dependents.values()}
