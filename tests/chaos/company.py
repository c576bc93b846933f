"""The employer of the chaos run: families, plans of two carriers with a feed (and one without, which nobody chooses), one open window. Written once, before the killing."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.benefits.models import EnrollmentWindow
from app.benefits.rules.words import EnrollmentType
from app.connections.models import Connection
from app.core.clock import now, today
from app.domains import people
from app.people.services import new_member_number
from worker.demo import carriers, names, plans
from worker.demo.company import make_company

FEED = "edi834"
FIRST = "Ada Ben Cleo Dan Eve Finn Gus Hana Ivo Jo Kim Lea Max Nia Oli Pia Quin Rui Sol Tom Uma Vic Wes Xia Yara Zoe".split()


def make(session: Session, company_id: UUID, sandbox: dict[str, Any], size: int, seed: int) -> None:
    """`size` employees; about half cover a spouse, a child or both. The carriers take change files only."""
    chance = random.Random(seed)
    owner = make_company(session, company_id)
    links = carriers.make_carriers(session, owner, sandbox)
    for link in links.values():
        if link.adapter == FEED:
            _changes_only(link)
    years = plans.make_years(session, today(), links)
    year = years[today().year + 1].row
    day = today()
    session.add(
        EnrollmentWindow(
            plan_year_id=year.id, kind=EnrollmentType.OPEN_ENROLLMENT, opens_on=day - timedelta(days=5),
            closes_on=day + timedelta(days=25), coverage_starts_on=year.starts_on, announced_at=now(),
        )
    )  # fmt: skip
    taken: set[str] = set()
    region = people.Region(code="NE", name="Northeast", state="NY")
    session.add(region)
    session.flush()
    for number in range(size):
        _family(session, number, region, chance, taken)


def _changes_only(link: Connection) -> None:
    profile = link.settings["profile"] | {"files": "changes", "hold_loss_percent": 100}
    server = link.settings["sftp"] | {"connect_seconds": 4, "operation_seconds": 12}
    link.settings = link.settings | {"profile": profile, "sftp": server}


def _family(session: Session, number: int, region: people.Region, chance: random.Random, taken: set[str]) -> None:
    employee = people.Employee(
        id=uuid7(), employee_number=f"{number:05d}", member_number=new_member_number(), first_name=chance.choice(FIRST),
        last_name=chance.choice(names.LAST), gender=chance.choice(("female", "male")), date_of_birth=date(1985, 1, number % 28 + 1),
        ssn=names.ssn(chance, taken), work_email=f"p{number}@chaos.example", hired_on=date(2020, 1, 6), region_id=region.id,
        employment_type="full_time", weekly_hours=40, preferred_language="en", **names.address(chance, "NY"),
    )  # fmt: skip
    session.add(employee)
    kinds = chance.choice(((), (), ("spouse",), ("child",), ("spouse", "child")))
    for kind in kinds:
        born = date(1986, 2, 3) if kind == "spouse" else date(today().year - 7, 4, number % 28 + 1)
        session.add(
            people.Dependent(
                employee_id=employee.id, relationship=kind, gender="female", first_name=f"{chance.choice(FIRST)}{kind[0]}",
                last_name=employee.last_name, date_of_birth=born, ssn=names.ssn(chance, taken), added_on=employee.hired_on,
            )
        )  # fmt: skip
