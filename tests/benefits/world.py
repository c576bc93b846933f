"""A small employer for tests: two carriers, a published year with five plans, Ana with a family, Dana of HR."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.benefits.models import BenefitPlan, EnrollmentWindow, PlanYear
from app.benefits.rules.words import Election, EnrollmentType, Tier
from app.benefits.services import drafts, open_desk, plan_terms, plans, submit
from app.connections.models import Connection
from app.core.access import ROLE_DEFAULTS, Can, RoleType, Scope, grants
from app.core.clock import now, today
from app.core.events import Actor, system
from app.people import services as people
from app.people.models import Company, Dependent, Employee, Region

D = Decimal
SIGNED = "I choose these benefits."
PREMIUMS = {  # EMP, ESP, ECH, FAM
    "SILVER": (500, 1000, 900, 1400),
    "BRONZE": (300, 650, 600, 950),
    "DENTAL": (40, 80, 90, 130),
    "VISION": (8, 15, 16, 24),
    "LIFE": (12, 12, 12, 12),
}
LINES = {"SILVER": "PPO", "BRONZE": "HLT", "DENTAL": "DEN", "VISION": "VIS", "LIFE": "LIF"}


@dataclass
class World:
    company_id: UUID
    year: PlanYear
    carriers: dict[str, Connection]
    plans: dict[str, BenefitPlan]
    ana: Employee
    family: dict[str, Dependent] = field(default_factory=dict)
    window: EnrollmentWindow | None = None

    @property
    def employee_actor(self) -> Actor:
        """Ana herself."""
        return own_actor(self.company_id, self.ana.id)


def own_actor(company_id: UUID, employee_id: UUID) -> Actor:
    return Actor(company_id, "user", None, employee_id, "", {Can.ENROLL_OWN: Scope.OWN})


def hr_actor(company_id: UUID, employee_id: UUID | None = None, role: RoleType = RoleType.BENEFITS_ADMIN) -> Actor:
    scope, flags = ROLE_DEFAULTS[role]
    return Actor(company_id, "user", None, employee_id, role.value, grants(flags, scope))


def hire(session: Session, number: str = "1001", **more: Any) -> Employee:
    values: dict[str, Any] = {
        "first_name": "Ana", "last_name": "López", "date_of_birth": date(1990, 5, 4), "hired_on": today(),
        "work_email": f"e{number}@acme.example", "annual_salary": D(62_000),
    }  # fmt: skip
    return people.hire(session, system("test"), employee_number=number, **(values | more))


def make_world(session: Session, company_id: UUID) -> World:
    """Flushes, does not commit. Salaries and ages do not matter to these rates; the plan year is the current one."""
    actor, day = system("test"), today()
    region = Region(code="NW", name="Northwest")
    carriers = {
        name: Connection(adapter="sandbox", name=name, code=name[:3].upper())
        for name in ("Evergreen Health", "Summit Dental")
    }
    session.add_all([region, *carriers.values()])
    session.flush()
    year = plans.make_year(
        session, actor, name=str(day.year), starts_on=date(day.year, 1, 1), ends_on=date(day.year + 1, 12, 31),
        is_published=True,
    )  # fmt: skip
    made = {code: _plan(session, actor, year, carriers, code) for code in PREMIUMS}
    ana = hire(session, region_id=region.id)
    world = World(company_id, year, carriers, made, ana)
    world.family = {
        "Sam": _dependent(session, ana, "Sam", "spouse", date(1989, 1, 2)),
        "Leo": _dependent(session, ana, "Leo", "child", date(day.year - 6, 3, 1)),
        "Mia": _dependent(session, ana, "Mia", "child", date(day.year - 27, 3, 1)),
    }
    world.window = EnrollmentWindow(
        plan_year_id=year.id, kind=EnrollmentType.NEW_HIRE.value, employee_id=ana.id, opens_on=day,
        closes_on=date.fromordinal(day.toordinal() + 30), announced_at=now(),
    )  # fmt: skip
    session.add(world.window)
    session.flush()
    return world


def _plan(session: Session, actor: Actor, year: PlanYear, carriers: dict[str, Connection], code: str) -> BenefitPlan:
    kind = {"SILVER": "health", "BRONZE": "health", "LIFE": "life"}.get(code, code.lower())
    names = {"SILVER": "Silver PPO", "BRONZE": "Bronze HDHP with HSA", "LIFE": "Basic Life"}
    carrier = carriers["Evergreen Health" if kind in ("health", "life") else "Summit Dental"]
    health = kind == "health"
    plan = plans.make_plan(
        session, actor, year.id, connection_id=carrier.id, coverage_type=kind, name=names.get(code, code.title()),
        plan_code=code, carrier_plan_code=f"{code[:3]}01", insurance_line=LINES[code], hsa_eligible=code == "BRONZE",
        deductible_amount=D(1500 if code == "SILVER" else 3200 if health else 50),
        deductible_family=D(3000 if code == "SILVER" else 6400 if health else 150),
        out_of_pocket_max=D(6000 if health else 0), out_of_pocket_max_family=D(12000 if health else 0),
        copay_amount=D(25 if code == "SILVER" else 0), coinsurance_percentage=D(20),
        contribution_type="employer_paid" if kind == "life" else "pre_tax", requires_beneficiary=kind == "life",
        sort_order=list(PREMIUMS).index(code),
    )  # fmt: skip
    rows = [plan_terms.RateRow(tier, D(premium)) for tier, premium in zip(Tier, PREMIUMS[code], strict=True)]
    plan_terms.set_rates(session, actor, plan.id, year.starts_on, rows)
    if kind != "life":
        plan_terms.set_contribution(session, actor, plan.id, effective_on=year.starts_on, percent=D(75))
    plan_terms.set_eligibility(session, actor, plan.id, min_weekly_hours=D(30), waiting_days=0)
    return plan


def _dependent(session: Session, ana: Employee, name: str, relation: str, born_on: date) -> Dependent:
    return people.add_dependent(
        session, system("test"), ana.id, first_name=name, last_name="López", relationship=relation,
        date_of_birth=born_on, ssn_missing_reason="applied",
    )  # fmt: skip


def answer_all(
    session: Session,
    world: World,
    *,
    covered: tuple[str, ...] = (),
    medical: str = "SILVER",
    actor: Actor | None = None,
) -> int:
    """Ana answers every step. Returns the draft's version."""
    assert world.window is not None
    who = actor or world.employee_actor
    desk = open_desk(session, who, world.window.id)
    desk.answers.who = [str(world.family[name].id) for name in covered]
    for kind, code in (("health", medical), ("dental", "DENTAL"), ("vision", ""), ("life", "")):
        election = Election.ELECT if code else Election.WAIVE
        desk.answers.choose(kind, election, str(world.plans[code].id) if code else "")
    return drafts.save_step(session, who, desk, "check", version=desk.version)


def sign(session: Session, world: World, version: int, key: str = "a" * 32, **more: Any) -> Any:
    assert world.window is not None
    values: dict[str, Any] = {"signature": "Ana Lopez", "signed_text": SIGNED} | more
    return submit(session, world.employee_actor, world.window.id, form_key=key, version=version, **values)


def enroll(session: Session, world: World, **more: Any) -> Any:
    """Ana chooses and signs."""
    return sign(session, world, answer_all(session, world, **more))


def make_company(session: Session, company_id: UUID) -> Company:
    company = Company(id=company_id, name="Acme", slug="acme")
    session.add(company)
    session.flush()
    return company
