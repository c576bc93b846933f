"""What an employee's home page shows: windows, the last submission, where each coverage stands. Four queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.benefits.models import (
    CoverageDetails,
    CoveredDependent,
    ElectionDraft,
    Enrollment,
    EnrollmentWindow,
    PlanYear,
    Submission,
)
from app.benefits.rules import windows
from app.benefits.rules.lifecycle import WAITING
from app.benefits.rules.progress import SETTLED, Progress, progress
from app.benefits.rules.words import CoverageType, EnrollmentStatus
from app.connections.models import Connection
from app.core.access import Can
from app.core.clock import today
from app.core.db import own_company
from app.core.errors import NotFound
from app.core.events import Actor
from app.people import services as people
from app.people.models import Dependent, Employee, EmployeeStatus


@dataclass(frozen=True, slots=True)
class WindowCard:
    """A window of an employee with what became of it so far."""

    window: EnrollmentWindow
    year: PlanYear
    draft_step: str | None
    last: Submission | None

    @property
    def closes_on(self) -> date:
        return windows.deadline(self.window.closes_on, self.sent_back_on)

    @property
    def sent_back_on(self) -> date | None:
        decided = self.last.decided_at if self.last and self.last.status == EnrollmentStatus.REJECTED else None
        return decided.date() if decided else None

    @property
    def is_open(self) -> bool:
        return windows.may_choose(self.window.opens_on, self.window.closes_on, self.sent_back_on, today())

    @property
    def to_do(self) -> bool:
        """Nothing signed stands yet."""
        return self.is_open and (self.last is None or self.last.status in ("rejected", "canceled"))

    @property
    def waiting(self) -> bool:
        return self.last is not None and self.last.status in WAITING


class CoverageRow(NamedTuple):
    """One enrollment as pages list it: no personal data but the plan."""

    id: UUID
    number: str
    submission_id: UUID | None
    coverage_type: str
    election: str
    status: str
    carrier_status: str
    tier: str | None
    starts_on: date
    ends_on: date | None
    employee_cost: Decimal
    employer_cost: Decimal
    created_at: Any
    plan_name: str | None
    plan_code: str | None
    carrier: str | None

    @property
    def progress(self) -> Progress:
        return progress(self.status, self.carrier_status, self.election, self.starts_on, self.ends_on, today())

    @property
    def coverage_starts_on(self) -> date:
        return self.starts_on

    @property
    def coverage_ends_on(self) -> date | None:
        return self.ends_on


def coverage_rows(session: Session, *conditions: sa.ColumnElement[bool]) -> list[CoverageRow]:
    """Enrollments with the plan as it was chosen, newest start first, then in the usual order of coverage types."""
    found = session.connection().execute(_coverage().where(*conditions))
    return _in_order([CoverageRow._make(values) for values in found])


def _coverage(*more: Any) -> Any:
    row = Enrollment
    columns = (
        row.id, row.number, row.submission_id, row.coverage_type, row.election, row.status, row.carrier_status, row.tier,
        row.coverage_starts_on, row.coverage_ends_on, row.employee_contribution_amount, row.employer_contribution_amount,
        row.created_at, CoverageDetails.plan_name, CoverageDetails.plan_code, Connection.name,
    )  # fmt: skip
    return (
        sa.select(*columns, *more)
        .options(own_company)
        .outerjoin(CoverageDetails, CoverageDetails.enrollment_id == row.id)
        .outerjoin(Connection, Connection.id == row.connection_id)
    )


def _in_order(rows: list[CoverageRow]) -> list[CoverageRow]:
    order = {kind.value: place for place, kind in enumerate(CoverageType)}
    return sorted(rows, key=lambda r: (-r.starts_on.toordinal(), order[r.coverage_type], r.number))


@dataclass(frozen=True, slots=True)
class Overview:
    """The home page."""

    employee: Employee
    cards: list[WindowCard]
    rows: list[CoverageRow]  # what matters now: in force, to come, or waiting

    @property
    def settled(self) -> bool:
        """Nothing more happens by itself, so the page need not ask again."""
        return all(row.progress in SETTLED for row in self.rows)

    @property
    def to_do(self) -> list[WindowCard]:
        """What can be chosen now: the coverage that starts first comes first, so a new hire's own window before next year's."""
        return sorted(
            (card for card in self.cards if card.to_do), key=lambda card: (card.year.starts_on, card.closes_on)
        )


def overview(session: Session, actor: Actor) -> Overview:
    """The signed-in employee's own.

    Raises:
        NotFound: the user is not an employee.
    """
    employee = people.employee(session, actor, actor.employee_id, Can.ENROLL_OWN)
    shown = [
        EnrollmentStatus.SUBMITTED, EnrollmentStatus.ON_HOLD, EnrollmentStatus.APPROVED, EnrollmentStatus.ACTIVE,
    ]  # fmt: skip
    rows = coverage_rows(session, Enrollment.employee_id == employee.id, Enrollment.status.in_(shown))
    cards = [] if employee.status == EmployeeStatus.TERMINATED else _cards(session, employee.id)
    return Overview(employee, cards, rows)


def _cards(session: Session, employee_id: UUID) -> list[WindowCard]:
    newest = (
        sa.select(Submission.id)
        .where(Submission.employee_id == employee_id, Submission.window_id == EnrollmentWindow.id)
        .order_by(Submission.submitted_at.desc())
        .limit(1)
        .correlate(EnrollmentWindow)
        .scalar_subquery()
    )
    mine = sa.or_(EnrollmentWindow.employee_id.is_(None), EnrollmentWindow.employee_id == employee_id)
    query = (
        sa.select(EnrollmentWindow, PlanYear, ElectionDraft.step, Submission)
        .join(PlanYear, PlanYear.id == EnrollmentWindow.plan_year_id)
        .outerjoin(
            ElectionDraft,
            sa.and_(ElectionDraft.employee_id == employee_id, ElectionDraft.window_id == EnrollmentWindow.id),
        )
        .outerjoin(Submission, Submission.id == newest)
        .where(mine, PlanYear.is_published, PlanYear.ends_on >= today(), EnrollmentWindow.opens_on <= today())
        .order_by(EnrollmentWindow.closes_on)
    )
    return [WindowCard(*row) for row in session.execute(query)]


def submission_rows(session: Session, submission_id: UUID) -> tuple[list[CoverageRow], dict[UUID, list[str]]]:
    """The enrollments of one submission and, by enrollment, the names of the dependents it covers. One query.

    The caller has checked that the actor may see it.
    """
    query = (
        _coverage(Dependent)
        .outerjoin(CoveredDependent, CoveredDependent.enrollment_id == Enrollment.id)
        .outerjoin(Dependent, Dependent.id == CoveredDependent.dependent_id)
        .where(Enrollment.submission_id == submission_id)
        .order_by(Dependent.added_on, Dependent.id)
    )
    rows: dict[UUID, CoverageRow] = {}
    names: dict[UUID, list[str]] = {}
    for *values, dependent in session.execute(query):
        row = CoverageRow._make(values)
        rows[row.id] = row
        if dependent is not None:
            names.setdefault(row.id, []).append(people.full_name(dependent.first_name, dependent.last_name))
    return _in_order(list(rows.values())), names


def history_rows(session: Session, employee_id: UUID) -> Sequence[CoverageRow]:
    """Everything ever chosen; the caller has checked that the actor may see it."""
    return coverage_rows(session, Enrollment.employee_id == employee_id)


def own_submission(session: Session, actor: Actor, number: str) -> Submission:
    """The employee's own submission by its number.

    Raises:
        NotFound: no such number of theirs.
    """
    query = sa.select(Submission).where(Submission.number == number, Submission.employee_id == actor.employee_id)
    found = session.scalars(query).one_or_none() if actor.employee_id else None
    if found is None:
        raise NotFound
    return found


__all__ = ["CoverageRow", "Overview", "WindowCard", "coverage_rows", "history_rows", "overview",
           "own_submission", "submission_rows"]  # fmt: skip
