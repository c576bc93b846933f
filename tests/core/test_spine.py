"""The spine in one story: encrypt, record, dispatch, run."""

from datetime import date
from uuid import UUID

import pytest
import sqlalchemy as sa
from uuid_utils.compat import uuid7

from app.core.db import engine, fetch, tenant, transaction
from app.core.errors import NotFound
from app.core.events import AuditEvent, record, system
from app.core.jobs import REGISTRY, JobIntent, Run, job
from app.domains import people


def add_employee(number: str = "1001", **more: object) -> UUID:
    with transaction() as session:
        employee = people.Employee(
            employee_number=number, member_number=f"M{number}", first_name="Ana", last_name="Lopez",
            date_of_birth=date(1990, 2, 28), ssn="900123456", hired_on=date(2026, 1, 5), **more,
        )  # fmt: skip
        session.add(employee)
        record(
            session, system("test"), "people.employee.hired", employee, phi={"ssn": "900123456"}, person_id=employee.id
        )
        return employee.id


def test_a_field_is_ciphertext_in_the_table_and_plain_in_python(company: UUID, admin: object) -> None:
    employee_id = add_employee()
    with transaction() as session:
        employee = fetch(session, people.Employee, employee_id)
        assert (employee.first_name, employee.ssn, employee.date_of_birth) == ("Ana", "900123456", date(1990, 2, 28))
        found = session.scalars(sa.select(people.Employee).where(people.Employee.ssn.matches("900-12-3456"))).one()
        assert found.id == employee_id
    raw = admin.execute("SELECT ssn_enc, first_name_enc FROM employee").fetchone()
    assert b"900123456" not in bytes(raw[0])
    assert b"Ana" not in bytes(raw[1])


def test_another_tenant_sees_nothing(company: UUID) -> None:
    employee_id = add_employee()
    with tenant(uuid7()), transaction() as session:
        assert session.scalars(sa.select(people.Employee)).all() == []
        with pytest.raises(NotFound):
            fetch(session, people.Employee, employee_id)


def test_no_tenant_no_rows(company: UUID) -> None:
    add_employee()
    from app.core.db import _tenant

    token = _tenant.set(None)
    try:
        with engine().connect() as connection:
            assert connection.execute(sa.text("SELECT count(*) FROM employee")).scalar() == 0
    finally:
        _tenant.reset(token)


def test_record_writes_audit_and_the_intents_of_subscribed_jobs(company: UUID) -> None:
    @job("test.greet", on=["people.employee.hired"])
    def greet(run: Run) -> None: ...

    try:
        employee_id = add_employee()
    finally:
        from app.core import jobs

        REGISTRY.pop("test.greet")
        jobs._by_event["people.employee.hired"] = [
            j for j in jobs._by_event["people.employee.hired"] if j.kind != "test.greet"
        ]
    with transaction() as session:
        intent = session.scalars(sa.select(JobIntent).where(JobIntent.kind == "test.greet")).one()
        event = session.scalars(sa.select(AuditEvent)).one()
        assert intent.subject_id == employee_id == event.entity_id
        assert event.phi == {"ssn": "900123456"}
        assert "900123456" not in str(event.new_values)


def test_the_application_role_cannot_change_an_audit_row(company: UUID) -> None:
    add_employee()
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), transaction() as session:
        session.execute(sa.text("UPDATE audit_event SET name = 'nothing.happened'"))
