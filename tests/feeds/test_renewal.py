"""The turn of the plan year as a carrier hears it: the old stretch ends, the new one begins, nobody is held or lost."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import sqlalchemy as sa

from app.benefits.models import BenefitPlan, CoveredDependent, Enrollment, PlanRate, PlanYear
from app.benefits.services import renewal
from app.core.db import fetch, transaction
from app.core.events import system
from app.feeds.models import CarrierChange
from app.integrations.transports.memory import MemoryTransport
from tests.feeds.world import START, World, ack999, ask, census, discrepancies, files, note_all, receive, rows, run_jobs

NEXT = date(START.year + 1, 1, 1)


def turn(world: World) -> PlanYear:
    """Next year's Silver costs more; everybody goes on."""
    with transaction() as session:
        present = fetch(session, PlanYear, fetch(session, BenefitPlan, world.plans["SILVER"].id).plan_year_id)
        present.ends_on = NEXT - timedelta(1)
        year = PlanYear(name=str(NEXT.year), starts_on=NEXT, ends_on=NEXT.replace(month=12, day=31), is_published=True)
        session.add(year)
        session.flush()
        plan = BenefitPlan(
            plan_year_id=year.id, connection_id=world.connection.id, coverage_type="health", name="Silver",
            plan_code="SILVER", carrier_plan_code="SIL500", insurance_line="HLT",
        )  # fmt: skip
        session.add(plan)
        session.flush()
        for tier in ("EMP", "FAM"):
            session.add(PlanRate(plan_id=plan.id, tier=tier, monthly_premium=Decimal(600), effective_on=NEXT))
        session.flush()
        for employee_id in renewal.to_renew(session, year, NEXT):
            renewal.renew(session, system("test"), year, employee_id)
    return year


def lines(world: World, *stretches: tuple[date, date | None]) -> list[tuple[str, ...]]:
    found = []
    with transaction() as session:
        for employee in world.employees:
            mine = sa.select(Enrollment).where(Enrollment.employee_id == employee.id)
            tier = session.scalars(mine.order_by(Enrollment.coverage_starts_on.desc())).first().tier or ""  # type: ignore[union-attr]
            family = [("self", employee)] + [
                (person.relationship, person) for person in world.dependents if person.employee_id == employee.id
            ]
            found += [
                (employee.member_number, person.last_name, person.first_name, relation, str(person.date_of_birth),
                 "SIL500", tier, str(start), str(end or ""))
                for relation, person in family for start, end in stretches
            ]  # fmt: skip
    return found


def test_a_year_turns_in_one_sound_file(world: World, server: MemoryTransport) -> None:
    with transaction() as session:
        note_all(session, world)
    ask("feeds.make_file", world.connection.id)
    turn(world)
    run_jobs()
    ask("feeds.make_file", world.connection.id)
    file = files()[-1]
    assert (file.state, [f["code"] for f in file.findings if f["severity"] == "error"]) == ("sent", [])
    assert "added-and-ended" not in {f["code"] for f in file.findings}
    text = server.files[f"inbound/{file.name}"][0].decode()
    assert text.count(f"DTP*349*D8*{(NEXT - timedelta(1)):%Y%m%d}") == 5  # three employees, a spouse, a child
    assert text.count(f"DTP*348*D8*{NEXT:%Y%m%d}") == 5
    assert {row.kind for row in rows(CarrierChange)} == {"add", "terminate"}


def test_the_carriers_own_data_confirms_both_stretches(world: World, server: MemoryTransport) -> None:
    with transaction() as session:
        note_all(session, world)
    ask("feeds.make_file", world.connection.id)
    turn(world)
    run_jobs()
    ask("feeds.make_file", world.connection.id)
    for file in files():
        receive(world, f"{file.gs06}.999", ack999(file, dict.fromkeys(("0001", "0002", "0003"), "A")))
    receive(world, "census.csv", census(*lines(world, (START, NEXT - timedelta(1)), (NEXT, None))))
    assert discrepancies() == []
    found = rows(Enrollment, Enrollment.coverage_starts_on)
    assert [row.carrier_status for row in found] == ["confirmed"] * 6
    with transaction() as session:
        covered = session.scalars(sa.select(CoveredDependent).where(CoveredDependent.starts_on == NEXT)).all()
    assert len(covered) == 2
