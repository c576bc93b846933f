"""One employee's coverage as HR sees it: what was or is in force on a day, for whom, and everything ever chosen. Four queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.benefits.models import Beneficiary, CoveredDependent
from app.benefits.rules import history
from app.benefits.services.overview import CoverageRow, history_rows
from app.core.access import Can
from app.core.events import Actor, record_read
from app.people import services as people
from app.people.models import Dependent, Employee


class Share(NamedTuple):
    name: str
    relation: str
    kind: str
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Standing:
    """`then`: what was in force on the day asked for. `covered` and `shares` are by enrollment, of what was in force then."""

    employee: Employee
    rows: Sequence[CoverageRow]
    then: list[CoverageRow]
    covered: dict[UUID, list[str]]
    shares: dict[UUID, list[Share]]


def standing(session: Session, actor: Actor, employee_id: UUID, on: date) -> Standing:
    """The read is recorded.

    Raises:
        NotFound: outside the actor's scope.
    """
    employee = people.employee(session, actor, employee_id, Can.ENROLLMENT_VIEW)
    rows = history_rows(session, employee.id)
    ids = {row.id for row in history.as_of(rows, on).values()}
    record_read(session, actor, "benefits.coverage.viewed", employee, person_id=employee.id)
    return Standing(
        employee=employee,
        rows=rows,
        then=[row for row in rows if row.id in ids],
        covered=_covered(session, ids, on),
        shares=_shares(session, ids),
    )


def _covered(session: Session, ids: set[UUID], on: date) -> dict[UUID, list[str]]:
    """Enrollment → who was covered besides the employee on a day."""
    query = (
        sa.select(CoveredDependent.enrollment_id, Dependent)
        .join(Dependent, Dependent.id == CoveredDependent.dependent_id)
        .where(CoveredDependent.enrollment_id.in_(ids), CoveredDependent.starts_on <= on)
        .where(sa.or_(CoveredDependent.ends_on.is_(None), CoveredDependent.ends_on >= on))
        .order_by(Dependent.added_on, Dependent.id)
    )
    found: dict[UUID, list[str]] = {}
    for enrollment_id, person in session.execute(query):
        found.setdefault(enrollment_id, []).append(people.full_name(person.first_name, person.last_name))
    return found


def _shares(session: Session, ids: set[UUID]) -> dict[UUID, list[Share]]:
    query = sa.select(Beneficiary).where(Beneficiary.enrollment_id.in_(ids))
    found: dict[UUID, list[Share]] = {}
    for row in session.scalars(query.order_by(Beneficiary.kind.desc(), Beneficiary.share.desc(), Beneficiary.id)):
        found.setdefault(row.enrollment_id, []).append(Share(row.name, row.relation or "", row.kind, row.share))
    return found
