"""A group with a carrier: employees, one dependent each, medical and dental coverage of both, ready for an 834."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from bench.fill import FIRST, LAST, make_company
from bench.ground import Ground


def make_group(ground: Ground, company_id: UUID, members: int) -> UUID:
    """Half of `members` are employees, half their children. Returns the id of the carrier's connection."""
    make_company(company_id, "Meridian Works", f"group-{company_id.hex[-8:]}")
    from app.core.db import tenant, transaction

    with tenant(company_id):
        with transaction() as session:
            connection_id, plans = _offer(session)
        for start in range(0, members // 2, 1000):
            with transaction() as session:
                for number in range(start, min(start + 1000, members // 2)):
                    _family(session, number, plans, connection_id)
    with ground.connect(ground.work) as admin:
        admin.execute("ANALYZE")  # as autovacuum would have done long ago
    return connection_id


def _offer(session: Any) -> tuple[UUID, list[Any]]:
    from app.connections.models import Connection, ConnectionStatus, Phase
    from app.domains import benefits

    profile = {
        "sender_id": "MERIDIAN", "receiver_id": "EVERGREEN", "sponsor_name": "Meridian Works", "sponsor_id": "123456789",
        "payer_name": "Evergreen Health", "payer_id": "612000001", "files": "both", "live": True, "phase": "production",
        "members_per_set": 0,
    }  # fmt: skip
    carrier = Connection(
        adapter="edi834", name="Evergreen Health", code="EVERGREEN", provider_type="Health Insurance", integration_method="EDI",
        data_format="EDI 834", authentication_type="Basic Auth", phase=Phase.PRODUCTION, status=ConnectionStatus.CONNECTED,
        settings={"profile": profile}, supported_benefit_types=["health", "dental"],
    )  # fmt: skip
    year = benefits.PlanYear(name="2026", starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31), is_published=True)
    session.add_all([carrier, year])
    plans = [
        benefits.BenefitPlan(
            plan_year_id=year.id, connection_id=carrier.id, coverage_type=kind, name=code, plan_code=code,
            carrier_plan_code=code, insurance_line=line,
        )
        for kind, code, line in (("health", "MED-PPO", "PPO"), ("dental", "DEN-PPO", "DEN"))
    ]  # fmt: skip
    session.add_all(plans)
    return carrier.id, plans


def _family(session: Any, number: int, plans: list[Any], connection_id: UUID) -> None:
    from app.domains import benefits, people

    first, last = FIRST[number % len(FIRST)], LAST[number // 7 % len(LAST)]
    digits = f"{200 + number // 989_901:03d}{number // 9_999 % 99 + 1:02d}{number % 9_999 + 1:04d}"
    employee = people.Employee(
        employee_number=f"E{number:06d}", member_number=f"M{number:09d}", first_name=first, last_name=last, gender="female",
        date_of_birth=date(1960 + number % 35, number % 12 + 1, number % 28 + 1), ssn=digits, marital_status="single",
        address_line1=f"{number} Main Street", city="Albany", state="NY", zip_code="12207", phone="2125550143",
        work_email=f"e{number}@example.com", hired_on=date(2020, 1, 6),
    )  # fmt: skip
    child = people.Dependent(
        employee_id=employee.id, relationship="child", first_name=FIRST[(number + 5) % len(FIRST)], last_name=last,
        gender="male", date_of_birth=date(2012 + number % 10, 3, 9), ssn=f"3{digits[1:]}", added_on=date(2020, 1, 6),
    )  # fmt: skip
    session.add_all([employee, child])
    for plan in plans:
        row = benefits.Enrollment(
            number=f"{plan.plan_code}-{number:06d}", employee_id=employee.id, plan_id=plan.id, connection_id=connection_id,
            coverage_type=plan.coverage_type, election="elect", enrollment_type="open_enrollment", status="active", tier="ECH",
            coverage_starts_on=date(2026, 1, 1), effective_on=date(2026, 1, 1),
        )  # fmt: skip
        session.add(row)
        session.add(benefits.CoveredDependent(enrollment_id=row.id, dependent_id=child.id, starts_on=date(2026, 1, 1)))
