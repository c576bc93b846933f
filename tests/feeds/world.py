"""A small employer with one carrier feed, made directly in the tables, and a way to run its jobs in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.benefits.models import BenefitPlan, CoveredDependent, Enrollment, PlanYear
from app.connections import services as connections
from app.connections.models import Connection, InboxItem
from app.connections.services import providers
from app.core.access import ROLE_DEFAULTS, RoleType, grants
from app.core.clock import today
from app.core.db import transaction
from app.core.events import Actor, system
from app.core.jobs import JobIntent
from app.feeds import services
from app.feeds.models import CarrierChange, Discrepancy, FeedFile, FeedMember
from app.integrations.transports.memory import MemoryTransport
from app.people.models import Company, Dependent, Employee
from worker.execute import run_intent

START = date(today().year, 1, 1)
CENSUS = {
    "subscriber_number": "subscriber_id", "member_number": "member_id", "last_name": "last_name",
    "first_name": "first_name", "relationship": "relationship", "birth_on": "birth_date", "plan_code": "plan_code",
    "tier": "tier", "start_on": "start_date", "end_on": "end_date",
}  # fmt: skip
HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5q0SkKc2oQsKsk1vA9RphqTsjOn4GQ2pmMFsN0zGGq"


def profile(**changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "sender_id": "CORRIDOR", "receiver_id": "EVERGREEN", "sponsor_name": "Acme", "sponsor_id": "234567891",
        "payer_name": "Evergreen Health", "payer_id": "876543219", "group_number": "GRP1", "files": "changes",
        "members_per_set": 1, "want_ta1": True, "retro_limit_days": 366, "hold_loss_percent": 60.0,
        "census_columns": CENSUS, "time_zone": "UTC",
    }  # fmt: skip
    return values | changes


def sftp(**changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "host": "127.0.0.1", "port": 22, "username": "evergreen", "host_key": HOST_KEY, "outbound": "inbound",
        "inbound": "outbound",
    }  # fmt: skip
    return values | changes


def person_actor(role: RoleType = RoleType.BENEFITS_ADMIN, *, user_id: UUID | None = None) -> Actor:
    from app.core.db import current_tenant

    scope, flags = ROLE_DEFAULTS[role]
    return Actor(current_tenant(), "user", user_id or uuid4(), None, role.value, grants(flags, scope))


@dataclass
class World:
    company_id: UUID
    connection: Connection
    manual: Connection
    plans: dict[str, BenefitPlan]
    employees: list[Employee] = field(default_factory=list)
    dependents: list[Dependent] = field(default_factory=list)
    enrollments: list[Enrollment] = field(default_factory=list)


def make_world(session: Session, company_id: UUID, people: int = 3, **changes: Any) -> World:
    """`people` employees on medical; the first covers a spouse and a child. In production, approved, nothing told yet."""
    session.add(Company(id=company_id, name="Acme", slug="acme", group_number="GRP1"))
    feed = Connection(
        adapter="edi834", name="Evergreen Health", code="EVG", phase="production", status="connected",
        settings={"profile": profile(**changes), "sftp": sftp()}, credentials={"password": "evergreen-sandbox"},
    )  # fmt: skip
    manual = Connection(adapter="manual", name="Summit Dental", code="SUM", phase="production", status="connected")
    year = PlanYear(name=str(START.year), starts_on=START, ends_on=START + timedelta(days=364), is_published=True)
    session.add_all([feed, manual, year])
    session.flush()
    plans = {
        code: BenefitPlan(
            plan_year_id=year.id, connection_id=carrier.id, coverage_type=kind, name=code.title(), plan_code=code,
            carrier_plan_code=f"{code[:3]}500", insurance_line=line,
        )
        for code, carrier, kind, line in (
            ("SILVER", feed, "health", "HLT"), ("BRONZE", feed, "health", "HLT"), ("VISION", feed, "vision", "VIS"),
            ("DENTAL", manual, "dental", "DEN"),
        )
    }  # fmt: skip
    session.add_all(plans.values())
    world = World(company_id, feed, manual, plans)
    for number in range(1, people + 1):
        add_employee(session, world, number)
    return world


def add_employee(session: Session, world: World, number: int) -> Employee:
    employee = Employee(
        employee_number=f"{1000 + number}", member_number=f"M{number:06d}", first_name=f"Robin{'abcdefgh'[number % 8]}",
        last_name="Lopez", date_of_birth=date(1980, 1, number % 28 + 1), ssn=f"9{number:08d}", gender="female",
        hired_on=date(2015, 1, 1), address_line1="1 Main St", city="Portland", state="OR", zip_code="97201",
    )  # fmt: skip
    session.add(employee)
    session.flush()
    world.employees.append(employee)
    family = []
    if number == 1:
        family = [
            Dependent(employee_id=employee.id, first_name="Sam", last_name="Lopez", relationship="spouse",
                      date_of_birth=date(1981, 2, 3), gender="male", added_on=START, ssn="900999001"),
            Dependent(employee_id=employee.id, first_name="Leo", last_name="Lopez", relationship="child",
                      date_of_birth=date(today().year - 5, 2, 3), gender="male", added_on=START),
        ]  # fmt: skip
        session.add_all(family)
        session.flush()
        world.dependents += family
    enroll(session, world, employee, "SILVER", family=family)
    return employee


def enroll(
    session: Session, world: World, employee: Employee, code: str, *, family: list[Dependent] | None = None, **more: Any
) -> Enrollment:
    plan = world.plans[code]
    row = Enrollment(
        **{
            "number": f"E-{uuid4().hex[:8]}", "employee_id": employee.id, "plan_id": plan.id,
            "connection_id": plan.connection_id, "coverage_type": plan.coverage_type, "election": "elect",
            "enrollment_type": "open_enrollment", "status": "active", "tier": "FAM" if family else "EMP",
            "coverage_starts_on": START, "effective_on": START, "monthly_premium": Decimal("500"),
        } | more
    )  # fmt: skip
    session.add(row)
    session.flush()
    session.add_all(
        CoveredDependent(enrollment_id=row.id, dependent_id=person.id, starts_on=row.coverage_starts_on)
        for person in family or []
    )
    session.flush()
    world.enrollments.append(row)
    return row


def note_all(session: Session, world: World) -> int:
    return sum(services.note_enrollment(session, system("test"), row.id) for row in world.enrollments)


# --- jobs -------------------------------------------------------------------------------------------------------


def run_jobs(*, most: int = 200, kinds: tuple[str, ...] = ("feeds.", "connections.")) -> list[str]:
    """Run every due intent of these domains here and now, in their order, until none is left. Returns the kinds."""
    done: list[str] = []
    while len(done) < most:
        with transaction() as session:
            row = session.execute(
                sa.select(JobIntent.id, JobIntent.company_id, JobIntent.kind)
                .where(
                    JobIntent.state == "pending",
                    JobIntent.run_after <= sa.func.now(),
                    sa.or_(*(JobIntent.kind.like(f"{kind}%") for kind in kinds)),
                )
                .order_by(JobIntent.created_at, JobIntent.id)
                .limit(1)
            ).one_or_none()
        if row is None:
            return done
        run_intent(str(row.company_id), str(row.id))
        done.append(row.kind)
    raise AssertionError(f"jobs without end: {done[-6:]}")


def hurry(admin: Any) -> None:
    """Everything that waits for later is due now."""
    admin.execute("UPDATE job_intent SET run_after = now() WHERE state = 'pending'")


def ask(kind: str, subject_id: UUID, /, **args: str) -> list[str]:
    """Enqueue one job and run everything that follows."""
    from app.core.jobs import enqueue

    with transaction() as session:
        enqueue(session, kind, subject_id, key=uuid4().hex, args=args)
    return run_jobs()


def intents(kind: str) -> list[tuple[str, str]]:
    with transaction() as session:
        query = (
            sa.select(JobIntent.state, JobIntent.last_error)
            .where(JobIntent.kind == kind)
            .order_by(JobIntent.created_at)
        )
        return [(row.state, row.last_error) for row in session.execute(query)]


# --- what is there ----------------------------------------------------------------------------------------------


def rows(model: Any, *order: Any) -> list[Any]:
    with transaction() as session:
        return list(session.scalars(sa.select(model).order_by(*(order or (model.id,)))))


def files() -> list[FeedFile]:
    return rows(FeedFile, FeedFile.gs06, FeedFile.id)


def changes() -> list[str]:
    return [row.status for row in rows(CarrierChange)]


def inbox() -> list[InboxItem]:
    return rows(InboxItem)


def discrepancies(state: str = "open") -> list[Discrepancy]:
    return [row for row in rows(Discrepancy) if row.state == state]


def members() -> list[FeedMember]:
    return rows(FeedMember, FeedMember.member_key)


def carrier_statuses() -> list[str]:
    return [row.carrier_status for row in rows(Enrollment)]


def receive(world: World, name: str, data: bytes | str, source: str = "upload") -> list[str]:
    body = data.encode() if isinstance(data, str) else data
    with transaction() as session:
        connection = session.get(Connection, (world.company_id, world.connection.id))
        connections.receive(session, system("test"), connection, name, body, source)
    return run_jobs()


@contextmanager
def memory(monkeypatch: Any, transport: Any = None) -> Iterator[MemoryTransport]:
    """The carrier's server in memory."""
    made = transport or MemoryTransport(["inbound", "outbound"])

    @contextmanager
    def opened(*_: Any) -> Iterator[Any]:
        yield made

    monkeypatch.setattr(connections, "files_of", opened)
    monkeypatch.setattr(providers, "files_of", opened)
    yield made


def ta1(file: FeedFile, verdict: str = "A", note: str = "000") -> str:
    return (
        f"ISA*00*          *00*          *ZZ*EVERGREEN      *ZZ*CORRIDOR       *261123*1200*^*00501*000000777*0*{file.usage}*:~"
        f"TA1*{file.isa13:09d}*261123*1200*{verdict}*{note}~IEA*0*000000777~"
    )


def ack999(file: FeedFile, sets: dict[str, str], verdict: str = "", *, complain: int = 0) -> str:
    accepted = sum(code in "AE" for code in sets.values())
    overall = verdict or ("A" if accepted == len(sets) else "P" if accepted else "R")
    body = [f"AK1*BE*{file.gs06}*005010X220A1"]
    for st02, code in sets.items():
        body.append(f"AK2*834*{st02}*005010X220A1")
        if code == "R":
            body += [f"IK3*NM1*{complain or 8}*2100*8", "IK4*3*1035*1"]
        body.append(f"IK5*{code}" + ("*5" if code == "R" else ""))
    body.append(f"AK9*{overall}*{len(sets)}*{len(sets)}*{accepted}")
    inner = "~".join(["ST*999*0001*005010X231A1", *body, f"SE*{len(body) + 2}*0001"])
    return (
        f"ISA*00*          *00*          *ZZ*EVERGREEN      *ZZ*CORRIDOR       *261123*1200*^*00501*000000778*0*{file.usage}*:~"
        f"GS*FA*EVERGREEN*CORRIDOR*20261123*1200*1*X*005010X231A1~{inner}~GE*1*1~IEA*1*000000778~"
    )


def census(*lines: tuple[str, ...]) -> str:
    """Lines: (subscriber_id, last, first, relationship, birth, plan, tier, start, end)."""
    titles = "subscriber_id,last_name,first_name,relationship,birth_date,plan_code,tier,start_date,end_date,member_id"
    return "\r\n".join([titles, *(",".join([*line, "X1"]) for line in lines)]) + "\r\n"


def truth(world: World) -> list[tuple[str, ...]]:
    """Census lines that agree with everything in force."""
    lines = []
    with transaction() as session:
        for row in session.scalars(sa.select(Enrollment).order_by(Enrollment.id)):
            plan = session.get(BenefitPlan, (world.company_id, row.plan_id))
            if plan.connection_id != world.connection.id:
                continue
            employee = session.get(Employee, (world.company_id, row.employee_id))
            ends = row.coverage_ends_on.isoformat() if row.coverage_ends_on else ""
            common = (plan.carrier_plan_code, row.tier or "", row.coverage_starts_on.isoformat(), ends)
            lines.append((employee.member_number, employee.last_name, employee.first_name, "self",
                          employee.date_of_birth.isoformat(), *common))  # fmt: skip
            query = sa.select(Dependent).join(CoveredDependent, CoveredDependent.dependent_id == Dependent.id)
            for person in session.scalars(query.where(CoveredDependent.enrollment_id == row.id)):
                lines.append((employee.member_number, person.last_name, person.first_name, person.relationship,
                              person.date_of_birth.isoformat(), *common))  # fmt: skip
    return lines
