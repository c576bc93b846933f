"""Who sees whom: every scope over a small house, and everything unknown over nobody."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from uuid_utils.compat import uuid7

from app.core.access import Can, Scope
from app.core.db import tenant, transaction
from app.core.errors import Forbidden, Invalid, NotFound
from app.core.events import system
from app.domains import people
from app.people import services
from tests.people.conftest import House, MakeActor, fields

MATRIX = [
    (Scope.ALL, {}, "ana ben cho dee"),
    (Scope.REGION, {"region_ids": ["east"]}, "ana ben"),
    (Scope.REGION, {"region_ids": ["east", "west"]}, "ana ben cho dee"),
    (Scope.REGION, {}, ""),
    (Scope.DEPARTMENT, {"department_ids": ["ops"]}, "cho dee"),
    (Scope.DEPARTMENT, {}, ""),
    (Scope.REPORTS, {"employee_id": "ana"}, "ben cho"),
    (Scope.REPORTS, {"employee_id": "ben"}, "cho"),
    (Scope.REPORTS, {"employee_id": "cho"}, ""),
    (Scope.REPORTS, {}, ""),
    (Scope.OWN, {"employee_id": "dee"}, "dee"),
    (Scope.OWN, {}, ""),
    (Scope.NONE, {"employee_id": "ana"}, ""),
]


def person(house: House, made: MakeActor, scope: Scope, more: dict[str, Any], can: Can = Can.EMPLOYEE_VIEW) -> Any:
    found: dict[str, Any] = {}
    for name, value in more.items():
        found[name] = frozenset(getattr(house, v) for v in value) if isinstance(value, list) else getattr(house, value)
    return made({can: scope}, **found)


@pytest.mark.parametrize(("scope", "more", "seen"), MATRIX)
def test_lists_and_gets_agree_with_the_scope(
    house: House, actor: MakeActor, scope: Scope, more: dict[str, Any], seen: str
) -> None:
    who = person(house, actor, scope, more)
    expected = {getattr(house, name) for name in seen.split()}
    with transaction() as session:
        query = sa.select(people.Employee.id).where(services.visible(who, Can.EMPLOYEE_VIEW))
        assert set(session.scalars(query)) == expected
        for name in ("ana", "ben", "cho", "dee"):
            key = getattr(house, name)
            assert services.sees(session, who, key, Can.EMPLOYEE_VIEW) is (key in expected)
            if key in expected:
                assert services.employee(session, who, key, Can.EMPLOYEE_VIEW).id == key
            else:
                with pytest.raises(NotFound):
                    services.employee(session, who, key, Can.EMPLOYEE_VIEW)


@pytest.mark.parametrize(("scope", "more", "seen"), MATRIX)
def test_another_permission_gives_nothing(
    house: House, actor: MakeActor, scope: Scope, more: dict[str, Any], seen: str
) -> None:
    who = person(house, actor, scope, more)
    with transaction() as session:
        assert (
            session.scalars(sa.select(people.Employee.id).where(services.visible(who, Can.EMPLOYEE_EDIT))).all() == []
        )


def test_a_circle_of_managers_ends_and_never_contains_oneself(house: House, actor: MakeActor) -> None:
    with transaction() as session:
        services.change(session, system("test"), house.ana, manager_id=house.cho)
    who = actor({Can.EMPLOYEE_VIEW: Scope.REPORTS}, employee_id=house.ana)
    with transaction() as session:
        found = session.scalars(sa.select(people.Employee.id).where(services.visible(who, Can.EMPLOYEE_VIEW)))
        assert set(found) == {house.ben, house.cho}


def test_two_reports_filters_fit_in_one_statement(house: House, actor: MakeActor) -> None:
    who = actor({Can.EMPLOYEE_VIEW: Scope.REPORTS, Can.SENSITIVE_VIEW: Scope.REPORTS}, employee_id=house.ana)
    query = sa.select(people.Employee.id, services.visible(who, Can.SENSITIVE_VIEW).label("sensitive"))
    with transaction() as session:
        assert len(session.execute(query.where(services.visible(who, Can.EMPLOYEE_VIEW))).all()) == 2


def test_other_companies_and_nonsense_are_not_found(house: House) -> None:
    with transaction() as session:
        for key in ("nonsense", "", None, uuid7()):
            with pytest.raises(NotFound):
                services.employee(session, system("test"), key, Can.EMPLOYEE_VIEW)
            with pytest.raises(NotFound):
                services.dependent(session, system("test"), key or "", Can.EMPLOYEE_VIEW)
    with tenant(uuid7()), transaction() as session, pytest.raises(NotFound):
        services.employee(session, system("test"), house.ana, Can.EMPLOYEE_VIEW)


def test_a_deleted_employee_is_gone(house: House) -> None:
    with transaction() as session:
        session.execute(
            sa.update(people.Employee).where(people.Employee.id == house.dee).values(deleted_at=sa.func.now())
        )
    with transaction() as session, pytest.raises(NotFound):
        services.employee(session, system("test"), house.dee, Can.EMPLOYEE_VIEW)


@pytest.mark.parametrize(
    ("scope", "more", "given", "field"),
    [
        (Scope.REGION, {"region_ids": ["east"]}, {"region_id": "west"}, "region_id"),
        (Scope.REGION, {"region_ids": ["east"]}, {}, "region_id"),
        (Scope.DEPARTMENT, {"department_ids": ["care"]}, {"department_id": "ops"}, "department_id"),
        (Scope.REPORTS, {"employee_id": "ana"}, {"manager_id": "ben"}, "manager_id"),
    ],
)
def test_nobody_hires_outside_their_scope(
    house: House, actor: MakeActor, scope: Scope, more: dict[str, Any], given: dict[str, str], field: str
) -> None:
    who = person(house, actor, scope, more, Can.EMPLOYEE_EDIT)
    with transaction() as session, pytest.raises(Invalid) as refused:
        services.hire(session, who, **fields("77", **{name: getattr(house, value) for name, value in given.items()}))
    assert set(refused.value.errors) == {field}


def test_hiring_inside_the_scope_works(house: House, actor: MakeActor) -> None:
    who = person(house, actor, Scope.REGION, {"region_ids": ["east"]}, Can.EMPLOYEE_EDIT)
    with transaction() as session:
        assert services.hire(session, who, **fields("77", region_id=house.east)).region_id == house.east


def test_hiring_needs_the_permission(house: House, actor: MakeActor) -> None:
    with transaction() as session, pytest.raises(Forbidden):
        services.hire(session, actor({Can.EMPLOYEE_VIEW: Scope.ALL}), **fields("77"))
