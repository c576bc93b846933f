"""The verbs of employees and dependents, where pages and files do not reach."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from uuid_utils.compat import uuid7

from app.core.access import Can, Scope
from app.core.clock import today
from app.core.config import get_settings
from app.core.db import transaction
from app.core.errors import Conflict, Forbidden, Invalid
from app.core.events import AuditEvent, system
from app.domains import people
from app.people import services
from tests.people import files
from tests.people.conftest import SSN, House, MakeActor, fields

KID = {"first_name": "Leo", "last_name": "Lopez", "date_of_birth": date(2019, 5, 1), "relationship": "child"}


def names() -> list[str]:
    with transaction() as session:
        return list(session.scalars(sa.select(AuditEvent.name).order_by(AuditEvent.id)))


def test_hiring_records_masked_values_and_keeps_the_rest_encrypted(company: UUID) -> None:
    with transaction() as session:
        hired = services.hire(
            session, system("test"), **fields(ssn=SSN, annual_salary=None, first_name="  Ana  Maria ")
        )
        assert (hired.first_name, len(hired.member_number)) == ("Ana Maria", 11)
        assert SSN not in hired.member_number
    with transaction() as session:
        event = session.scalars(sa.select(AuditEvent)).one()
        assert (event.new_values["ssn"], event.new_values["first_name"]) == ("•••-••-3456", "•••")
        assert event.phi["new"]["ssn"] == SSN
        assert event.risk == "medium"


def test_a_change_that_changes_nothing_is_not_recorded(house: House) -> None:
    before = names()
    with transaction() as session:
        services.change(session, system("test"), house.ana, first_name="Ana", ssn=SSN, city="", tobacco_user=None)
    assert names() == before
    with transaction() as session:
        services.change(session, system("test"), house.ana, tobacco_user=False)
    assert names() == [*before, "people.employee.changed"]


def test_numbers_belong_to_one_employee(house: House) -> None:
    with transaction() as session:
        member = session.get_one(people.Employee, (house.company_id, house.ana)).member_number
        for number, wrong in enumerate(({"ssn": SSN}, {"employee_number": "1001"}, {"member_number": member})):
            with pytest.raises(Invalid) as refused:
                services.hire(session, system("test"), **(fields(f"7{number}") | wrong))
            assert set(refused.value.errors) == set(wrong)
        with pytest.raises(Invalid, match="is not the Social"):
            services.hire(session, system("test"), **fields("900-12-0001", ssn="900120001"))
        with pytest.raises(Invalid, match="member number that is not"):
            services.hire(session, system("test"), **fields("8", ssn="900120001", member_number="900120001"))
        with pytest.raises(Invalid, match="Choose one from the list"):
            services.hire(session, system("test"), **fields("8", department_id=uuid7()))
        with pytest.raises(Invalid, match="Choose one from the list"):
            services.change(session, system("test"), house.ana, manager_id=house.ana)


def test_a_number_taken_in_this_moment_is_a_conflict(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.people.services import employees

    monkeypatch.setattr(employees, "_taken", lambda *_: {})
    with transaction() as session:
        with pytest.raises(Conflict):
            services.hire(session, system("test"), **fields("1001"))
        session.rollback()


def test_production_takes_real_numbers_only(company: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(get_settings(), "environment", "production")
    with transaction() as session:
        with pytest.raises(Invalid, match="never issued"):
            services.hire(session, system("test"), **fields(ssn=SSN))
        services.hire(session, system("test"), **fields(ssn="536904399"))


def test_a_field_that_does_not_exist_is_a_mistake_of_the_caller(house: House) -> None:
    with transaction() as session, pytest.raises(TypeError, match="company_id"):
        services.change(session, system("test"), house.ana, company_id=uuid7())


def test_people_change_only_what_is_theirs(house: House, actor: MakeActor) -> None:
    me = actor({Can.ENROLL_OWN: Scope.OWN}, employee_id=house.ana)
    with transaction() as session:
        services.change(session, me, house.ana, permission=Can.ENROLL_OWN, phone="555-010-7788")
        with pytest.raises(Forbidden):
            services.change(session, me, house.ana, permission=Can.ENROLL_OWN, annual_salary=1)


def test_a_status_does_not_end_an_employment(house: House) -> None:
    with transaction() as session, pytest.raises(Invalid, match="last day instead"):
        services.change(session, system("test"), house.ana, status="terminated")


def test_a_last_day_to_come(house: House) -> None:
    last = today() + timedelta(days=10)
    hr = system("test")
    with transaction() as session:
        services.terminate(session, hr, house.ben, last_day=last)
        services.terminate(session, hr, house.ben, last_day=last)
        assert services.terminate(session, hr, house.ben, last_day=last + timedelta(days=1)).status == "active"
        with pytest.raises(Invalid, match="200 characters"):
            services.terminate(session, hr, house.ben, last_day=last, reason="x" * 300)
    assert names().count("people.employee.terminated") == 2
    with transaction() as session:
        session.execute(
            sa.update(people.Employee)
            .values(terminated_on=today() - timedelta(days=1))
            .where(people.Employee.id == house.ben)
        )
    with transaction() as session:
        assert services.end_employments(session, hr) == 1
        assert services.end_employments(session, hr) == 0
    with transaction() as session, pytest.raises(Conflict):
        services.terminate(session, hr, house.ben, last_day=today())


def test_the_daily_job_ends_what_is_over(house: House) -> None:
    from app.core.jobs import enqueue
    from app.domains import load_jobs

    load_jobs()
    with transaction() as session:
        session.execute(
            sa.update(people.Employee)
            .values(terminated_on=today() - timedelta(days=1))
            .where(people.Employee.id == house.ben)
        )
        enqueue(session, "people.end_employments", house.company_id, key="today")
    assert files.run_next(house.company_id, "people.end_employments")
    with transaction() as session:
        assert session.get_one(people.Employee, (house.company_id, house.ben)).status == "terminated"


def test_a_stale_form_is_a_conflict(house: House) -> None:
    with transaction() as session, pytest.raises(Conflict):
        services.change(session, system("test"), house.ana, seen=datetime(2020, 1, 1, tzinfo=UTC), city="Reno")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"first_name": ""}, "first_name"),
        ({"relationship": "friend"}, "relationship"),
        ({"date_of_birth": date(2090, 1, 1)}, "date_of_birth"),
        ({"ssn": SSN}, "ssn"),
        ({"ssn": "900129999"}, "ssn"),
        ({"ssn": ""}, "ssn"),
        ({"ssn": "", "ssn_missing_reason": "newborn"}, "ssn_missing_reason"),
        ({"ssn": "", "ssn_missing_reason": "lost"}, "ssn_missing_reason"),
        ({"relationship": "domestic_partner"}, "relationship"),
    ],
)
def test_dependents_that_cannot_be(house: House, wrong: dict[str, Any], field: str) -> None:
    hr = system("test")
    with transaction() as session:
        spouse = {
            "first_name": "Sam",
            "last_name": "Reyes",
            "date_of_birth": date(1989, 1, 1),
            "relationship": "spouse",
        }
        services.add_dependent(session, hr, house.ana, **spouse, ssn="900129999")
        with pytest.raises(Invalid) as refused:
            services.add_dependent(session, hr, house.ana, **(KID | {"ssn": "900128888"} | wrong))
        assert set(refused.value.errors) == {field}


def test_a_newborn_gets_the_number_later(house: House) -> None:
    hr = system("test")
    with transaction() as session:
        baby = services.add_dependent(
            session,
            hr,
            house.ana,
            **(KID | {"date_of_birth": today() - timedelta(days=20)}),
            ssn_missing_reason="newborn",
        )
        same = services.change_dependent(session, hr, baby.id, first_name="Leo")
        assert same.ssn_missing_reason == "newborn"
        changed = services.change_dependent(session, hr, baby.id, ssn="900127777")
        assert (changed.ssn, changed.ssn_missing_reason) == ("900127777", "")
        removed = services.remove_dependent(session, hr, baby.id, reason="moved")
        assert services.remove_dependent(session, hr, baby.id).removed_on == removed.removed_on
        with pytest.raises(Conflict):
            services.change_dependent(session, hr, baby.id, first_name="X")
        assert services.dependents(session, hr, house.ana, Can.EMPLOYEE_VIEW) == []
        assert [d.id for d in services.dependents(session, hr, house.ana, Can.EMPLOYEE_VIEW, removed=True)] == [baby.id]
    assert names()[-3:] == ["people.dependent.added", "people.dependent.changed", "people.dependent.removed"]


def test_a_form_sent_twice_adds_one_dependent(house: House) -> None:
    hr, key = system("test"), uuid7()
    with transaction() as session:
        for _ in range(2):
            services.add_dependent(session, hr, house.ana, dependent_id=key, **KID, ssn="900126666")
        with pytest.raises(Conflict):
            services.add_dependent(session, hr, house.ben, dependent_id=key, **KID, ssn="900126666")
    assert names().count("people.dependent.added") == 1


def test_names_of_many(house: House) -> None:
    with transaction() as session:
        assert services.names_of(session, [house.ana, house.dee]) == {
            house.ana: "Ana Lopez",
            house.dee: "Dee Núñez-O'Neill",
        }
        assert services.name_matches(house.company_id, "a") is None
        assert services.number_id(session, system("test"), "1003") == house.cho


def test_export_columns_follow_the_right_to_sensitive_data(house: House, actor: MakeActor) -> None:
    east = frozenset({house.east})
    some = actor({Can.EMPLOYEE_EXPORT: Scope.ALL, Can.SENSITIVE_VIEW: Scope.REGION}, region_ids=east)
    none = actor({Can.EMPLOYEE_EXPORT: Scope.ALL})
    with transaction() as session:
        partly = services.export(session, some, services.Filters(q="an"))
        assert partly.splitlines()[1].startswith("1001,Ana,,Lopez")
        rows = {
            line.split(",")[0]: line for line in services.export(session, some, services.Filters()).splitlines()[1:]
        }
        assert "1990-02-28" in rows["1001"]
        assert "1990-02-28" not in rows["1004"]
        assert "1990-02-28" not in services.export(session, none, services.Filters())
        with pytest.raises(Forbidden):
            services.export(session, actor({}), services.Filters())
    with transaction() as session:
        said = [
            e.new_values["filters"]
            for e in session.scalars(sa.select(AuditEvent).where(AuditEvent.name == "people.employee.exported"))
        ]
    assert {"q": "(2 characters)"} in said


def test_the_trail_of_an_export_keeps_nothing_that_was_typed(house: House, actor: MakeActor) -> None:
    """Any filter may hold a name, also one where a form offers a choice."""
    typed = services.Filters(q="Ana Lopez", status="Lopez", department="Lopez", region="Lopez-1990")
    chosen = services.Filters(status="active", department=str(house.care))
    with transaction() as session:
        for filters in (typed, chosen):
            services.export(session, actor({Can.EMPLOYEE_EXPORT: Scope.ALL}), filters)
    with transaction() as session:
        query = sa.select(AuditEvent.new_values).where(AuditEvent.name == "people.employee.exported")
        first, second = session.scalars(query.order_by(AuditEvent.id))
    five = "(5 characters)"
    assert first["filters"] == {
        "q": "(9 characters)", "status": five, "department": five, "region": "(10 characters)",
    }  # fmt: skip
    assert second["filters"] == {"status": "active", "department": str(house.care)}


def test_showing_a_number_needs_the_permission(house: House, actor: MakeActor) -> None:
    who = actor({Can.SENSITIVE_VIEW: Scope.ALL})
    with transaction() as session:
        with pytest.raises(Invalid):
            services.show_ssn(session, who, house.ana, reason="  a ")
        assert services.show_ssn(session, who, house.ana, reason="Carrier asked") == SSN


def test_company_changes_need_the_permission(house: House, actor: MakeActor) -> None:
    with transaction() as session:
        for verb in (
            lambda who: services.change_company(session, who, name="X"),
            lambda who: services.set_logo(session, who, b"", "a.png"),
            lambda who: services.save_place(session, who, people.Region, uuid7(), name="N", code="N"),
        ):
            with pytest.raises(Forbidden):
                verb(actor({Can.EMPLOYEE_EDIT: Scope.ALL}))
        with pytest.raises(Invalid) as refused:
            services.change_company(session, system("t"), pay_frequency="never", time_zone="Mars/Olympus")
        assert set(refused.value.errors) == {"pay_frequency", "time_zone"}
        row = services.company(session, system("t"))
        assert services.change_company(session, system("t"), name=row.name) is row
        assert services.logo_bytes(session, services.company(session, system("t"))) is None
        with pytest.raises(Invalid, match="Choose one"):
            services.save_place(session, system("t"), people.Department, uuid7(), name="N", code="N", region_id=uuid7())
