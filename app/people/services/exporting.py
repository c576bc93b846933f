"""Employees as CSV: what the list shows and, for those who may see it, contact and pay. Never the SSN or bank data."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.access import Can, Scope
from app.core.errors import Invalid
from app.core.events import Actor, Regulation, Risk, Sensitivity, record
from app.people.models import Department, Employee, EmployeeStatus, Region
from app.people.rules.cells import csv_text
from app.people.services.listing import Filters, conditions
from app.people.services.scope import visible

MOST_ROWS = 50_000
UUID_TEXT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
OPEN = (
    "employee_number", "first_name", "middle_name", "last_name", "status", "hired_on", "terminated_on", "department", "region",
    "job_title", "employment_type", "weekly_hours", "employee_class", "pay_frequency", "work_email",
)  # fmt: skip
SENSITIVE = (
    "date_of_birth", "gender", "phone", "address_line1", "address_line2", "city", "state", "zip_code", "annual_salary",
)  # fmt: skip


def export(session: Session, actor: Actor, filters: Filters) -> str:
    """The employees of the actor's export scope that the filters select, as CSV with safe cells. Recorded.

    Contact, birth and pay are filled for those employees only whose sensitive data the actor may see.

    Raises:
        Invalid: more than 50,000 employees.
    """
    actor.require(Can.EMPLOYEE_EXPORT)
    sensitive = actor.scope(Can.SENSITIVE_VIEW) is not Scope.NONE
    names = OPEN + SENSITIVE if sensitive else OPEN
    rows = session.connection().execute(_query(actor, filters)).all()
    if len(rows) > MOST_ROWS:
        raise Invalid("These are more than 50,000 employees. Choose a department, region or status first.")
    record(
        session,
        actor,
        "people.employee.exported",
        ("employee", None),
        new={"rows": len(rows), "columns": list(names), "filters": _said(filters)},
        risk=Risk.HIGH,
        sensitivity=Sensitivity.PHI if sensitive else Sensitivity.CONFIDENTIAL,
        regulation=Regulation.HIPAA if sensitive else Regulation.NONE,
    )
    return csv_text([names, *([_cell(row, name) for name in names] for row in rows)])


def _query(actor: Actor, filters: Filters) -> sa.Select[Any]:
    table = Employee.__table__
    return (
        sa.select(
            table,
            Department.name.label("department"),
            Region.name.label("region"),
            visible(actor, Can.SENSITIVE_VIEW).label("sensitive"),
        )
        .outerjoin(
            Department, sa.and_(Department.company_id == table.c.company_id, Department.id == table.c.department_id)
        )
        .outerjoin(Region, sa.and_(Region.company_id == table.c.company_id, Region.id == table.c.region_id))
        .where(*conditions(actor, filters, Can.EMPLOYEE_EXPORT))
        .order_by(Employee.employee_number)
        .limit(MOST_ROWS + 1)
    )


def _said(filters: Filters) -> dict[str, str]:
    """The filters for the audit. Words and ids of ours stay; anything else somebody typed, and it may be a name."""
    return {
        name: value if _is_ours(name, value) else f"({len(value)} characters)"
        for name, value in filters._asdict().items()
        if value
    }


def _is_ours(name: str, value: str) -> bool:
    if name == "status":
        return value in EmployeeStatus._value2member_map_
    return name in ("department", "region") and UUID_TEXT.fullmatch(value) is not None


def _cell(row: Any, name: str) -> Any:
    if name in SENSITIVE and not row.sensitive:
        return ""
    if not hasattr(row, f"{name}_enc"):
        return getattr(row, name)
    return getattr(Employee, name).open(row.company_id, row.id, getattr(row, f"{name}_enc"))
