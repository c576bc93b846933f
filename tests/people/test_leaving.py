"""Who leaves loses every role with the last day of work; what is their own stays open to them."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.models import RoleAssignment, User, UserSession
from app.accounts.rules import Method, add_up
from app.accounts.services import assignments_of, open_session
from app.core.access import Can, RoleType, Scope
from app.core.clock import today
from app.core.db import transaction
from app.core.events import AuditEvent, system
from app.core.jobs import JobIntent
from app.domains import load_jobs
from app.notices.models import Notice
from app.people import services
from tests.accounts.sign_in import make_user
from tests.core.conftest import company as company
from tests.core.test_spine import add_employee
from worker.execute import run_intent


@pytest.fixture
def dana(company: UUID, session: Session) -> User:
    """HR, and an employee herself."""
    load_jobs()
    employee_id = add_employee(work_email="dana@acme.example")
    return make_user(session, company, email="dana@acme.example", roles=[RoleType.HR_ADMIN], employee_id=employee_id)


def run(kind: str, company: UUID) -> None:
    with transaction() as session:
        ids = session.scalars(sa.select(JobIntent.id).where(JobIntent.kind == kind, JobIntent.state == "pending")).all()
    for intent in ids:
        run_intent(str(company), str(intent))


def leave(company: UUID, user: User, last_day: date) -> None:
    assert user.employee_id is not None
    with transaction() as session:
        services.terminate(session, system("test"), user.employee_id, last_day=last_day)
    run("people.end_roles", company)


def may(user: User, on: date) -> dict[Can, Scope]:
    with transaction() as session:
        return add_up(assignments_of(session, user.id), on).grants


def test_roles_end_with_the_last_day(company: UUID, dana: User) -> None:
    last_day = today() + timedelta(10)
    assert Can.EMPLOYEE_EDIT in may(dana, today())
    leave(company, dana, last_day)
    assert Can.EMPLOYEE_EDIT in may(dana, last_day)
    assert set(may(dana, last_day + timedelta(1))) == {Can.ACCOUNT_OWN, Can.ENROLL_OWN, Can.NOTICES_OWN}
    with transaction() as session:
        event = session.scalars(sa.select(AuditEvent).where(AuditEvent.name == "accounts.role.assigned")).one()
        assert (event.risk, event.new_values["expires_on"]) == ("high", str(last_day))


def test_who_is_gone_already_is_signed_out_and_it_happens_once(company: UUID, dana: User, session: Session) -> None:
    with transaction() as own:
        open_session(own, system("test"), dana.id, method=Method.PASSWORD)
    leave(company, dana, today() - timedelta(3))
    with transaction() as own:
        assert own.scalars(sa.select(UserSession.revoked_at).where(UserSession.user_id == dana.id)).one() is not None
        for intent in own.scalars(sa.select(JobIntent).where(JobIntent.kind == "people.end_roles")):
            intent.state = "pending"
    run("people.end_roles", company)
    with transaction() as own:
        assert len(own.scalars(sa.select(AuditEvent).where(AuditEvent.name == "accounts.role.assigned")).all()) == 1


def test_the_last_administrator_keeps_the_role_and_the_trail_says_so(company: UUID, session: Session) -> None:
    load_jobs()
    employee_id = add_employee(work_email="vic@acme.example")
    vic = make_user(session, company, email="vic@acme.example", roles=[RoleType.SYSTEM_ADMIN], employee_id=employee_id)
    leave(company, vic, today() - timedelta(1))
    assert Can.USER_MANAGE in may(vic, today())
    with transaction() as own:
        kept = own.scalars(sa.select(AuditEvent).where(AuditEvent.name == "accounts.role.kept")).one()
        assert kept.risk == "critical"


def test_somebody_without_an_account_changes_nothing(company: UUID) -> None:
    load_jobs()
    employee_id = add_employee()
    with transaction() as session:
        services.terminate(session, system("test"), employee_id, last_day=today())
    run("people.end_roles", company)
    with transaction() as session:
        assert session.scalars(sa.select(JobIntent.state).where(JobIntent.kind == "people.end_roles")).all() == ["done"]


@pytest.mark.parametrize(("days", "told"), [(14, 2), (3, 2), (5, 0)])
def test_people_are_told_before_a_role_ends(company: UUID, dana: User, days: int, told: int) -> None:
    from app.core.jobs import enqueue

    with transaction() as session:
        session.scalars(sa.select(RoleAssignment)).one().expires_on = today() + timedelta(days)
        enqueue(session, "accounts.warn_ending", company, key="test")
        enqueue(session, "accounts.warn_ending", company, key="again")
    run("accounts.warn_ending", company)
    with transaction() as session:
        found = session.scalars(sa.select(Notice).where(Notice.kind == "accounts.role.ending")).all()
        assert len(found) == told
        assert all("HR administrator" in (notice.body or "") for notice in found)
