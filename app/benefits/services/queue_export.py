"""The queue as CSV: what the list shows, a line per coverage, with safe cells. Recorded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.benefits.services.queue import Filters, QueueRow, queue
from app.core.access import Can, Scope
from app.core.errors import Invalid
from app.core.events import Actor, Regulation, Risk, Sensitivity, record
from app.people import services as people
from app.people.models import Employee
from app.people.rules.cells import csv_text

MOST_ROWS = 10_000
COLUMNS = (
    "number", "employee_number", "name", "type", "status", "signed_at", "overdue", "cost_per_paycheck", "coverage", "election",
    "plan", "tier", "carrier", "carrier_status",
)  # fmt: skip


def export(session: Session, actor: Actor, filters: Filters) -> str:
    """What the filters select, of people the actor may both see here and export.

    Raises:
        Forbidden: the actor may not export.
        Invalid: more than 10,000 submissions.
    """
    actor.require(Can.EMPLOYEE_EXPORT)
    rows, more = queue(session, actor, filters, limit=MOST_ROWS)
    if more:
        raise Invalid("These are more than 10,000 enrollments. Choose a status, carrier or type first.")
    allowed = _exportable(session, actor)
    kept = [row for row in rows if allowed is None or row.employee_id in allowed]
    said = {"status": filters.status, "kind": filters.kind, "overdue": filters.overdue, "carrier": filters.carrier_id}
    record(
        session, actor, "benefits.queue.exported", ("submission", None), new={"rows": len(kept), "filters": said},
        risk=Risk.HIGH, sensitivity=Sensitivity.PHI, regulation=Regulation.HIPAA,
    )  # fmt: skip
    return csv_text([COLUMNS, *(line for row in kept for line in _lines(row))])


def _exportable(session: Session, actor: Actor) -> set[UUID] | None:
    """Employees whose data may leave, or None for everybody."""
    if actor.scope(Can.EMPLOYEE_EXPORT) is Scope.ALL:
        return None
    return set(session.scalars(sa.select(Employee.id).where(people.visible(actor, Can.EMPLOYEE_EXPORT))))


def _lines(row: QueueRow) -> Iterator[list[Any]]:
    signed_at = row.submitted_at.strftime("%Y-%m-%d %H:%M")
    head = [row.number, row.employee_number, row.name, row.kind, row.status, signed_at, row.overdue, row.cost]
    for choice in row.choices:
        yield head + [
            choice[name] or ""
            for name in ("coverage_type", "election", "plan", "tier", "carrier", "carrier_status")
        ]  # fmt: skip
