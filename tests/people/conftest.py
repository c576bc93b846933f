"""A company with two regions, two departments and a line of managers; actors with one grant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from app.core.access import Can, Scope
from app.core.db import tenant, transaction
from app.core.events import Actor, system
from app.domains import people
from app.people import services

SSN = "900123456"  # a number that is never issued: test data

MakeActor = Callable[..., Actor]


@pytest.fixture
def company(database: object) -> Iterator[UUID]:
    """The current tenant: a company with a row of its own."""
    company_id = uuid7()
    with tenant(company_id):
        with transaction() as session:
            session.add(people.Company(id=company_id, name="Acme", slug="acme"))
        yield company_id


def fields(number: str = "1001", **more: Any) -> dict[str, Any]:
    """What `hire` needs, with names nobody else has."""
    values: dict[str, Any] = {
        "employee_number": number, "first_name": "Ana", "last_name": "Lopez", "date_of_birth": date(1990, 2, 28),
        "hired_on": date(2020, 1, 6),
    }  # fmt: skip
    return values | more


@dataclass
class House:
    """Ana leads Ben, Ben leads Cho; Dee stands alone in the other region and department."""

    company_id: UUID
    east: UUID
    west: UUID
    care: UUID
    ops: UUID
    ana: UUID
    ben: UUID
    cho: UUID
    dee: UUID


@pytest.fixture
def house(company: UUID) -> House:
    hr = system("test")
    with transaction() as session:
        east, west = people.Region(code="E", name="East"), people.Region(code="W", name="West")
        session.add_all([east, west])
        session.flush()
        care = people.Department(code="CARE", name="Care", region_id=east.id)
        ops = people.Department(code="OPS", name="Operations", region_id=west.id)
        session.add_all([care, ops])
        session.flush()
        here = {"region_id": east.id, "department_id": care.id}
        ana = services.hire(session, hr, **fields("1001", first_name="Ana", last_name="Lopez", ssn=SSN, **here))
        ben = services.hire(
            session, hr, **fields("1002", first_name="Ben", last_name="Okafor", manager_id=ana.id, **here)
        )
        there = {"region_id": west.id, "department_id": ops.id}
        cho = services.hire(
            session, hr, **fields("1003", first_name="Cho", last_name="Kim", manager_id=ben.id, **there)
        )
        dee = services.hire(session, hr, **fields("1004", first_name="Dee", last_name="Núñez-O'Neill", **there))
        return House(company, east.id, west.id, care.id, ops.id, ana.id, ben.id, cho.id, dee.id)


@pytest.fixture
def actor(company: UUID) -> MakeActor:
    """`actor({Can.X: Scope.Y}, employee_id=…)`: a signed-in user with exactly these grants."""

    def make(grants: dict[Can, Scope], **more: Any) -> Actor:
        named = [more.pop(name) for name in ("region_ids", "department_ids") if name in more]
        if named:
            more["places"] = dict.fromkeys(grants, named[0])
        return Actor(company_id=company, kind="user", user_id=uuid7(), label="test", grants=grants, **more)

    return make
