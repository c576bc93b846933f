"""Coverage: what starts, ends and goes on by date, and who is told that they are covered."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.benefits.jobs.day import company_today
from app.benefits.models import Enrollment, PlanYear
from app.benefits.services import coverage, leaving, renewal
from app.benefits.services.catalog import load_catalog
from app.connections.models import Connection
from app.core.db import fetch
from app.core.events import Actor, system
from app.core.jobs import Run, enqueue, job
from app.notices import services as notices
from app.people.models import Employee

BATCH = 50


@job("benefits.move_by_date")
def move_by_date(run: Run) -> None:
    """Start and end coverage by date, two hundred rows at a time."""
    part = int(run.args["part"])
    with run.finish() as session:
        on = company_today(session)
        if coverage.activate_due(session, system(run.kind, run.company_id), on) == coverage.BATCH:
            following = str(part + 1)
            enqueue(session, run.kind, run.company_id, key=f"{on}:{following}", args={"part": following})


@job("benefits.renew", timeout=300)
def renew(run: Run) -> None:
    """Take everybody who chose nothing into the new plan year at its prices, fifty at a time, and tell each of them."""
    after = run.args.get("after")
    with run.finish() as session:
        on, actor = company_today(session), system(run.kind, run.company_id)
        year = fetch(session, PlanYear, run.subject_id)
        employees = renewal.to_renew(session, year, on, after=UUID(after) if after else None, limit=BATCH)
        catalog = load_catalog(session, year.id) if employees else []
        for employee_id in employees:
            _tell_turn(session, actor, year, employee_id, renewal.renew(session, actor, year, employee_id, catalog))
        if len(employees) == BATCH:
            last = str(employees[-1])
            enqueue(session, run.kind, year.id, key=f"{year.id}:{on}:{last}", args={"after": last})


def _tell_turn(session: Session, actor: Actor, year: PlanYear, employee_id: UUID, done: renewal.Outcome) -> None:
    """What goes on and what ends are two notices: the second asks for something."""
    told = {"renewed": done.renewed, "not_renewed": done.ended}
    for word, rows in told.items():
        if rows:
            notices.issue(
                session, actor, f"benefits.coverage.{word}", subject=("enrollment", rows[0].id),
                context={"starts_on": year.starts_on, "ends_on": year.starts_on - timedelta(days=1)},
                employee_id=employee_id, link_path="/benefits",
            )  # fmt: skip


@job("benefits.tell_covered", on=["benefits.coverage.confirmed"])
def tell_covered(run: Run) -> None:
    """The carrier's own data agrees: now, and only now, somebody reads "you are covered"."""
    with run.finish() as session:
        row = fetch(session, Enrollment, run.subject_id)
        if row.connection_id is None or row.status not in ("approved", "active"):
            return
        carrier = fetch(session, Connection, row.connection_id)
        notices.issue(
            session, system(run.kind, run.company_id), "benefits.coverage.confirmed",
            subject=("enrollment", row.id), context={"carrier": carrier.name, "starts_on": row.coverage_starts_on},
            employee_id=row.employee_id, link_path="/benefits", dedupe=str(row.coverage_starts_on),
        )  # fmt: skip


@job("benefits.end_coverage", on=["people.employee.terminated"])
def end_coverage(run: Run) -> None:
    """Coverage ends when employment does, as each plan says."""
    with run.finish() as session:
        if fetch(session, Employee, run.subject_id).terminated_on is not None:
            coverage.terminate(session, system(run.kind, run.company_id), run.subject_id)


@job("benefits.end_dependent", on=["people.dependent.removed"])
def end_dependent(run: Run) -> None:
    """A removed dependent is no longer covered after the month."""
    with run.finish() as session:
        leaving.end_dependent(session, system(run.kind, run.company_id), run.subject_id)
