"""The company, its regions, departments and people."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.accounts.models import TenantDoor
from app.domains import people
from app.people.services import name_tokens, new_member_number
from worker.demo import names

REGIONS = (("NE", "Northeast", "NY"), ("SO", "South", "TX"), ("WE", "West", "CA"))
DEPARTMENTS = (
    ("ENG", "Engineering", 70), ("OPS", "Operations", 85), ("SAL", "Sales", 45), ("SUP", "Customer support", 50),
    ("FIN", "Finance", 18), ("HR", "People team", 12), ("MKT", "Marketing", 20),
)  # fmt: skip
A_FEW = (("ENG", "Engineering", 3), ("OPS", "Operations", 4), ("HR", "People team", 1))
"""Departments of a company that tests make in a moment."""
TITLES = {
    "ENG": "Software engineer", "OPS": "Operations associate", "SAL": "Account executive", "SUP": "Support specialist",
    "FIN": "Accountant", "HR": "People partner", "MKT": "Marketing specialist",
}  # fmt: skip


Departments = tuple[tuple[str, str, int], ...]
"""(code, name, how many people)."""


class Made(NamedTuple):
    """What the later steps need to know."""

    company: people.Company
    employees: list[people.Employee]
    dependents: dict[UUID, list[people.Dependent]]


def make_company(session: Session, company_id: UUID) -> people.Company:
    company = people.Company(
        id=company_id, name="Northwind Outfitters", slug="northwind", tax_id="123456789", industry="Retail",
        primary_contact_name="Grace Okafor", primary_contact_email="hr@northwind.example", primary_contact_phone="2125550100",
        address_line1="400 Harbor St", city="New York", state="NY", zip_code="10001", group_number="NW-70412", brand_hue=172,
        contract_starts_on=date(2024, 1, 1),
    )  # fmt: skip
    session.add(company)
    session.add(TenantDoor(id=company_id, slug=company.slug, name=company.name, brand_hue=company.brand_hue))
    return company


def make_people(
    session: Session,
    company: people.Company,
    today: date,
    chance: random.Random,
    departments: Departments = DEPARTMENTS,
) -> Made:
    """Three hundred people in seven departments; the first of each department leads it."""
    regions = [people.Region(code=code, name=name, state=state) for code, name, state in REGIONS]
    session.add_all(regions)
    employees: list[people.Employee] = []
    dependents: dict[UUID, list[people.Dependent]] = {}
    taken: set[str] = set()
    boss: UUID | None = None
    for code, name, count in departments:
        department = people.Department(code=code, name=name, region_id=regions[0].id)
        session.add(department)
        lead: UUID | None = boss
        for position in range(count):
            region = chance.choices(regions, (5, 3, 3))[0]
            employee = _employee(len(employees) + 1, code, department.id, region, lead, today, chance, taken)
            employees.append(employee)
            dependents[employee.id] = _family(employee, today, chance, taken)
            boss = boss or employee.id
            if position == 0:
                lead = employee.id
    session.add_all(employees)
    for family in dependents.values():
        session.add_all(family)
    return Made(company, employees, dependents)


def _employee(
    number: int, department: str, department_id: UUID, region: people.Region, manager_id: UUID | None, today: date,
    chance: random.Random, taken: set[str],
) -> people.Employee:  # fmt: skip
    gender = chance.choice(("female", "male"))
    first, last = chance.choice(names.FIRST[gender]), chance.choice(names.LAST)
    part_time = department in ("OPS", "SUP") and chance.random() < 0.15
    return people.Employee(
        id=uuid7(), employee_number=f"{1000 + number}", member_number=new_member_number(), first_name=first, last_name=last,
        name_tokens=name_tokens(region.company_id, first, last), gender=gender,
        date_of_birth=today - timedelta(days=chance.randint(22 * 365, 63 * 365)), ssn=names.ssn(chance, taken),
        work_email=f"{first}.{last}.{1000 + number}@northwind.example".lower(), phone=names.phone(chance),
        annual_salary=Decimal(chance.randint(38, 165) * 1000), hired_on=today - timedelta(days=chance.randint(90, 3200)),
        job_title=f"{TITLES[department]}", department_id=department_id, region_id=region.id, manager_id=manager_id,
        employment_type="part_time" if part_time else "full_time", weekly_hours=Decimal(22 if part_time else 40),
        preferred_language="es" if chance.random() < 0.12 else "en", marital_status="", **names.address(chance, region.state),
    )  # fmt: skip


def _family(employee: people.Employee, today: date, chance: random.Random, taken: set[str]) -> list[people.Dependent]:
    """About half live with a spouse or partner, about half have children."""
    family: list[people.Dependent] = []
    if chance.random() < 0.5:
        relation = "domestic_partner" if chance.random() < 0.12 else "spouse"
        family.append(_dependent(employee, relation, chance.randint(24, 62), today, chance, taken))
    for _ in range(chance.choices((0, 1, 2, 3), (50, 22, 20, 8))[0]):
        family.append(_dependent(employee, "child", chance.randint(1, 23), today, chance, taken))
    return family


def _dependent(
    employee: people.Employee, relation: str, age: int, today: date, chance: random.Random, taken: set[str]
) -> people.Dependent:
    gender = chance.choice(("female", "male"))
    return people.Dependent(
        employee_id=employee.id, relationship=relation, gender=gender, first_name=chance.choice(names.FIRST[gender]),
        last_name=employee.last_name, date_of_birth=today - timedelta(days=age * 365 + chance.randint(0, 364)),
        ssn=names.ssn(chance, taken), added_on=employee.hired_on,
    )  # fmt: skip
