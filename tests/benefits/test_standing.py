"""HR sees what somebody is covered by, as of any day, for whom, and who receives what."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.benefits.models import CoveredDependent, Enrollment
from app.benefits.rules.beneficiaries import Share
from app.benefits.rules.words import BeneficiaryKind, Election
from app.benefits.services import approve, drafts, open_desk
from app.core.access import RoleType
from app.core.clock import today
from app.core.db import engine, fetch
from app.core.events import AuditEvent
from app.people.models import Department, Employee
from tests.accounts.sign_in import make_user, sign_in
from tests.benefits.test_pages import Visitor, text
from tests.benefits.world import World, hr_actor, sign


@pytest.fixture
def covered(session: Session, world: World) -> World:
    """Ana has medical with Sam and life insurance, since last month; Sam left it ten days ago."""
    assert world.window is not None
    desk = open_desk(session, world.employee_actor, world.window.id)
    desk.answers.who = [str(world.family["Sam"].id)]
    for kind, code in (("health", "SILVER"), ("dental", ""), ("vision", ""), ("life", "LIFE")):
        desk.answers.choose(kind, Election.ELECT if code else Election.WAIVE, str(world.plans[code].id) if code else "")
    desk.answers.beneficiaries = [
        Share("Sam López", BeneficiaryKind.PRIMARY, Decimal("66.67"), "spouse"),
        Share("Eva López", BeneficiaryKind.PRIMARY, Decimal("33.33")),
    ]
    version = drafts.save_step(session, world.employee_actor, desk, "check", version=0)
    approve(session, hr_actor(world.company_id), sign(session, world, version).id)
    for row in session.scalars(sa.select(Enrollment)):
        row.coverage_starts_on, row.status = today() - timedelta(40), "active" if row.plan_id else row.status
    for person in session.scalars(sa.select(CoveredDependent)):
        person.starts_on, person.ends_on = today() - timedelta(40), today() - timedelta(10)
    session.commit()
    return world


def visitor(app: Any, session: Session, world: World, role: RoleType, **more: Any) -> Visitor:
    client: FlaskClient = app.test_client()
    sign_in(client, make_user(session, world.company_id, email=f"{role.value}@acme.example", roles=[role], **more))
    return Visitor(client, world.company_id)


@pytest.fixture
def statements() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(engine(), "before_cursor_execute", note)
    yield seen
    event.remove(engine(), "before_cursor_execute", note)


def as_of(world: World, days: int) -> str:
    day = today() - timedelta(days)
    return f"/benefits/people/{world.ana.id}?on-month={day.month}&on-day={day.day}&on-year={day.year}"


def test_today_and_another_day(app: Any, session: Session, covered: World, statements: list[str]) -> None:
    dana = visitor(app, session, covered, RoleType.BENEFITS_ADMIN)
    statements.clear()
    now = text(dana.get(f"/benefits/people/{covered.ana.id}"))
    assert len([s for s in statements if not s.startswith(("BEGIN", "SELECT set_config"))]) <= 7
    assert "Ana López · 1001" in now
    assert "Silver PPO" in now.partition("Every choice")[0]
    assert "Sam López" not in now.partition("Beneficiaries of Basic Life")[0]
    assert "Sam López 66.67%, Primary, spouse" in now
    assert "Eva López 33.33%, Primary" in now
    assert "Sam López" in text(dana.get(as_of(covered, 20))).partition("Beneficiaries")[0]
    before = text(dana.get(as_of(covered, 60)))
    assert "Nothing was in force on that day." in before
    assert "Silver PPO" in before.partition("Every choice")[2]
    read = session.scalars(sa.select(AuditEvent).where(AuditEvent.name == "benefits.coverage.viewed")).all()
    assert {(row.person_id, row.phi_accessed) for row in read} == {(covered.ana.id, True)}


def test_the_way_there_and_a_wrong_date(app: Any, session: Session, covered: World) -> None:
    dana = visitor(app, session, covered, RoleType.BENEFITS_ADMIN)
    assert f"/benefits/people/{covered.ana.id}" in dana.get(f"/people/{covered.ana.id}")
    dana.get(f"/benefits/people/{covered.ana.id}?on-month=13&on-day=1&on-year=2026")
    assert dana.status == 422


def test_only_people_in_scope(app: Any, session: Session, covered: World) -> None:
    own, other = Department(code="A", name="A"), Department(code="B", name="B")
    session.add_all([own, other])
    session.flush()
    fetch(session, Employee, covered.ana.id).department_id = other.id
    session.commit()
    viewer = visitor(app, session, covered, RoleType.VIEWER, department_id=own.id)
    viewer.get(f"/benefits/people/{covered.ana.id}")
    assert viewer.status == 404
    payroll = visitor(app, session, covered, RoleType.PAYROLL_ADMIN)
    payroll.get(f"/benefits/people/{covered.ana.id}")
    assert payroll.status == 403
