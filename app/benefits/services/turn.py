"""How a plan year began: how much went on by itself, and whose coverage could not. Three queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.benefits.models import CoverageDetails, Enrollment, PlanYear
from app.benefits.rules.renewal import Fate
from app.benefits.rules.words import Election
from app.core.access import Can
from app.core.events import Actor
from app.people import services as people
from app.people.models import Employee

MOST = 200
ENDED = tuple(fate.value for fate in Fate if fate is not Fate.RENEWED)


class Ended(NamedTuple):
    """A coverage that ended with the year, and why."""

    employee_id: UUID
    name: str
    employee_number: str
    coverage_type: str
    plan_name: str
    ends_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class Turn:
    renewed: int
    ended: int
    rows: list[Ended]


def turn(session: Session, actor: Actor, year: PlanYear) -> Turn:
    """What the turn into a year did to the people the actor may see; at most 200 of those whose coverage ended are named."""
    renewed = sa.and_(
        Enrollment.election == Election.KEEP.value, Enrollment.submission_id.is_(None),
        Enrollment.coverage_starts_on == year.starts_on,
    )  # fmt: skip
    ended = sa.and_(
        Enrollment.termination_reason.in_(ENDED), Enrollment.coverage_ends_on == year.starts_on - timedelta(days=1)
    )
    seen = people.visible(actor, Can.ENROLLMENT_VIEW)
    counts = (
        sa.select(sa.func.count().filter(renewed), sa.func.count().filter(ended))
        .select_from(Enrollment)
        .join(Employee, Employee.id == Enrollment.employee_id)
        .where(seen, sa.or_(renewed, ended))
    )
    query = (
        sa.select(Enrollment, Employee, CoverageDetails.plan_name)
        .join(Employee, Employee.id == Enrollment.employee_id)
        .outerjoin(CoverageDetails, CoverageDetails.enrollment_id == Enrollment.id)
        .where(seen, ended)
        .order_by(Employee.employee_number, Enrollment.coverage_type)
        .limit(MOST)
    )
    continued, over = session.execute(counts).one()
    return Turn(continued, over, [_row(*found) for found in session.execute(query)])


def _row(row: Enrollment, employee: Employee, plan_name: str | None) -> Ended:
    name = people.full_name(employee.first_name, employee.last_name)
    ends_on = row.coverage_ends_on or row.coverage_starts_on
    return Ended(
        employee.id, name, employee.employee_number, row.coverage_type, plan_name or "", ends_on, row.termination_reason
    )
