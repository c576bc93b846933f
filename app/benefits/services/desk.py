"""The enrollment desk: one employee at one window with everything they may choose and have answered so far. Four queries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.benefits.models import BenefitPlan, ElectionDraft, Enrollment, EnrollmentWindow, PlanYear, Submission
from app.benefits.rules import elections, family, history, windows
from app.benefits.rules.lifecycle import WAITING
from app.benefits.rules.words import Election, EnrollmentStatus, EnrollmentType
from app.benefits.services import offers
from app.benefits.services.answers import Answers
from app.benefits.services.catalog import PlanFacts, coverage_types, load_catalog
from app.benefits.services.offers import Household, Offer
from app.core.access import Can
from app.core.clock import today
from app.core.errors import NotFound
from app.core.events import Actor
from app.people import services as people
from app.people.models import Dependent, Employee, EmployeeStatus, Region


@dataclass(slots=True)
class Line:
    """One coverage type as chosen so far. `election` is None while there is no answer."""

    coverage_type: str
    election: Election | None
    offer: Offer | None
    current: Enrollment | None

    @property
    def employee_cost(self) -> Decimal:
        return self.offer.cost.employee if self.offer and self.offer.cost else Decimal(0)

    @property
    def employer_cost(self) -> Decimal:
        return self.offer.cost.employer if self.offer and self.offer.cost else Decimal(0)


@dataclass(slots=True)
class Desk:
    """What a wizard page needs. Reading `offers` or `lines` asks no more queries."""

    window: EnrollmentWindow
    year: PlanYear
    employee: Employee
    household: Household
    catalog: list[PlanFacts]
    current: dict[str, Enrollment]
    current_codes: dict[UUID, str]
    draft: ElectionDraft | None
    last: Submission | None  # the newest submission of this window
    answers: Answers
    seen_on: date
    _offers: dict[str, list[Offer]] = field(default_factory=dict)

    @property
    def version(self) -> int:
        return self.draft.version if self.draft else 0

    @property
    def types(self) -> list[str]:
        return coverage_types(self.catalog)

    @property
    def deadline(self) -> date:
        return windows.deadline(self.window.closes_on, self.sent_back_on)

    @property
    def sent_back_on(self) -> date | None:
        sent_back = self.last is not None and self.last.status == EnrollmentStatus.REJECTED
        return self.last.decided_at.date() if sent_back and self.last and self.last.decided_at else None

    @property
    def may_choose(self) -> bool:
        if self.employee.status == EmployeeStatus.TERMINATED:
            return False
        window = self.window
        return windows.may_choose(window.opens_on, window.closes_on, self.sent_back_on, self.seen_on)

    @property
    def waiting(self) -> bool:
        """Something signed lies at HR; choosing again replaces it."""
        return self.last is not None and self.last.status in WAITING

    @property
    def not_before(self) -> date:
        """The first day this window can start coverage."""
        if self.window.coverage_starts_on is not None:
            return self.window.coverage_starts_on
        if self.window.kind == EnrollmentType.OPEN_ENROLLMENT:
            return self.year.starts_on
        return max(self.year.starts_on, min(self.window.opens_on, self.employee.hired_on))

    def wanted(self, coverage_type: str) -> list[Dependent]:
        """The dependents the employee wants covered here: those picked for this coverage, else those picked for all."""
        if coverage_type not in family.COVERS_FAMILY:
            return []
        ids = self.answers.covered_by(coverage_type)
        return [person for person in self.household.dependents if str(person.id) in ids]

    def offers(self, coverage_type: str) -> list[Offer]:
        if coverage_type not in self._offers:
            wanted = self.wanted(coverage_type)
            self._offers[coverage_type] = [
                self._offer(facts, wanted) for facts in self.catalog if facts.plan.coverage_type == coverage_type
            ]
        return self._offers[coverage_type]

    def price_anew(self, coverage_type: str) -> None:
        """Forget prices after the people covered have changed."""
        self._offers.pop(coverage_type, None)

    def _offer(self, facts: PlanFacts, wanted: list[Dependent]) -> Offer:
        return offers.offer(facts, self.household, wanted, not_before=self.not_before, year_ends_on=self.year.ends_on)

    def kept(self, coverage_type: str) -> Offer | None:
        """This year's offer of the plan the employee has now, if it is still open to them."""
        now = self.current.get(coverage_type)
        if now is None or now.plan_id is None:
            return None
        code = self.current_codes.get(now.plan_id)
        return next((o for o in self.offers(coverage_type) if o.open and o.plan.plan_code == code), None)

    @property
    def lapsing(self) -> list[str]:
        """Coverage types that end with the year when the employee does nothing: their plan is not offered again, or not to them."""
        if self.window.kind != EnrollmentType.OPEN_ENROLLMENT:
            return []
        covered = [kind for kind, now in self.current.items() if now.plan_id is not None]
        return [kind for kind in covered if self.kept(kind) is None or not self.current[kind].auto_renewal]

    def allowed(self, coverage_type: str) -> frozenset[Election]:
        now = self.current.get(coverage_type)
        has_coverage = now is not None and now.plan_id is not None
        return elections.allowed(
            self.window.kind, has_coverage=has_coverage, kept_plan_offered=self.kept(coverage_type) is not None
        )

    def line(self, coverage_type: str) -> Line:
        """The answer for a coverage type; an answer that is no longer possible counts as none."""
        election, plan_id = self.answers.choice(coverage_type)
        chosen = None
        if election is Election.ELECT:
            chosen = next((o for o in self.offers(coverage_type) if str(o.id) == plan_id and o.open), None)
        elif election is Election.KEEP:
            chosen = self.kept(coverage_type)
        if election in (Election.ELECT, Election.KEEP) and chosen is None:
            election = None
        return Line(coverage_type, election, chosen, self.current.get(coverage_type))

    def lines(self) -> list[Line]:
        return [self.line(kind) for kind in self.types]

    @property
    def total(self) -> Decimal:
        return sum((line.employee_cost for line in self.lines()), Decimal(0))

    @property
    def needs_beneficiary(self) -> bool:
        return any(line.offer is not None and line.offer.plan.requires_beneficiary for line in self.lines())


def open_desk(session: Session, actor: Actor, window_id: UUID | str, *, lock: bool = False) -> Desk:
    """The signed-in employee's desk at a window.

    Raises:
        NotFound: not their window, of an unpublished year, or nobody's.
    """
    row = _find(session, actor, window_id, lock=lock)
    window, year, employee, region_code, draft, last = row
    dependents = people.dependents(session, actor, employee.id, Can.ENROLL_OWN)
    current, codes = _current(session, employee.id)
    source = draft or last  # what was signed before is where a change begins
    stored: dict[str, Any] = (source.answers if source else None) or {}
    return Desk(
        window=window,
        year=year,
        employee=employee,
        household=Household.of(employee, region_code or "", dependents),
        catalog=load_catalog(session, year.id),
        current=current,
        current_codes=codes,
        draft=draft,
        last=last,
        answers=Answers.read(stored),
        seen_on=today(),
    )


def _find(session: Session, actor: Actor, window_id: UUID | str, *, lock: bool) -> Any:
    try:
        key = window_id if isinstance(window_id, UUID) else UUID(str(window_id))
    except ValueError:
        raise NotFound from None
    newest = (
        sa.select(Submission.id)
        .where(Submission.employee_id == Employee.id, Submission.window_id == EnrollmentWindow.id)
        .order_by(Submission.submitted_at.desc())
        .limit(1)
        .correlate(Employee, EnrollmentWindow)
        .scalar_subquery()
    )
    query = (
        sa.select(EnrollmentWindow, PlanYear, Employee, Region.code, ElectionDraft, Submission)
        .join(PlanYear, PlanYear.id == EnrollmentWindow.plan_year_id)
        .join(Employee, sa.or_(EnrollmentWindow.employee_id.is_(None), EnrollmentWindow.employee_id == Employee.id))
        .outerjoin(Region, Region.id == Employee.region_id)
        .outerjoin(
            ElectionDraft,
            sa.and_(ElectionDraft.employee_id == Employee.id, ElectionDraft.window_id == EnrollmentWindow.id),
        )
        .outerjoin(Submission, Submission.id == newest)
        .where(
            EnrollmentWindow.id == key,
            PlanYear.is_published,
            Employee.id == actor.employee_id,
            people.visible(actor, Can.ENROLL_OWN),
        )
    )
    if lock:
        # The employee row: drafts come and go, and two taps on "Sign" must stand in line.
        query = query.with_for_update(of=Employee).execution_options(populate_existing=True)
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound
    return row


def _current(session: Session, employee_id: UUID) -> tuple[dict[str, Enrollment], dict[UUID, str]]:
    """What is in force today, and the plan codes of it."""
    query = (
        sa.select(Enrollment, BenefitPlan.plan_code)
        .outerjoin(BenefitPlan, BenefitPlan.id == Enrollment.plan_id)
        .where(
            Enrollment.employee_id == employee_id,
            Enrollment.status.in_([EnrollmentStatus.APPROVED, EnrollmentStatus.ACTIVE]),
        )
    )
    rows = session.execute(query).all()
    codes = {row[0].plan_id: row[1] for row in rows if row[0].plan_id is not None}
    return history.as_of([row[0] for row in rows], today()), codes
