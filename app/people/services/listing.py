"""The employee list: a million rows, 25 shown, two names decrypted each."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.access import Can
from app.core.events import Actor
from app.people.models import Department, Employee, EmployeeStatus, Region
from app.people.services.names import name_matches, opened_name
from app.people.services.scope import visible

PAGE = 25
LAST_CHARACTER = "\U0010ffff"
CAP = 1_001  # counts are exact up to here; counting a million rows costs a hundred times the page


class Filters(NamedTuple):
    """What the URL says. Unknown words and ids that are none select nothing."""

    q: str = ""
    status: str = ""
    department: str = ""
    region: str = ""


class Listed(NamedTuple):
    id: UUID
    employee_number: str
    name: str
    job_title: str
    department: str | None
    region: str | None
    status: str
    hired_on: date


class Listing(NamedTuple):
    rows: list[Listed]
    after: str  # the employee number to continue with; empty at the end
    total: int  # at most CAP


class Place(NamedTuple):
    id: UUID
    name: str
    code: str
    region_id: UUID | None


class Places(NamedTuple):
    departments: list[Place]
    regions: list[Place]


_table: Any = Employee
_LISTED: sa.Select[Any] = (
    sa.select(
        _table.company_id, _table.id, _table.employee_number, _table.first_name_enc, _table.last_name_enc, _table.job_title,
        _table.status, _table.hired_on, Department.name.label("department"), Region.name.label("region"),
    )
    .outerjoin(Department, sa.and_(Department.company_id == _table.company_id, Department.id == _table.department_id))
    .outerjoin(Region, sa.and_(Region.company_id == _table.company_id, Region.id == _table.region_id))
    .order_by(_table.employee_number)
)  # fmt: skip
"""What every page of the list has in common: built once."""


def listing(
    session: Session,
    actor: Actor,
    filters: Filters,
    *,
    after: str = "",
    permission: Can = Can.EMPLOYEE_VIEW,
    limit: int = PAGE,
) -> Listing:
    """A page of the list in the order of employee numbers, in one query."""
    chosen = sa.and_(*conditions(actor, filters, permission))
    counted = sa.select(sa.literal(1)).select_from(Employee).where(chosen).limit(CAP).subquery()
    total = sa.select(sa.func.count()).select_from(counted).scalar_subquery().label("total")
    query = _LISTED.add_columns(total).where(chosen).limit(limit + 1)
    if after:
        query = query.where(Employee.employee_number > after)
    found = session.connection().execute(query).all()
    rows = [
        Listed(r.id, r.employee_number, opened_name(r), r.job_title, r.department, r.region, r.status, r.hired_on)
        for r in found[:limit]
    ]
    return Listing(rows, rows[-1].employee_number if len(found) > limit else "", found[0].total if found else 0)


def conditions(actor: Actor, filters: Filters, permission: Can) -> list[sa.ColumnElement[bool]]:
    """The scope and what the filters ask for."""
    found = [visible(actor, permission)]
    if filters.status:
        known = filters.status in EmployeeStatus._value2member_map_
        found.append(Employee.status == filters.status if known else sa.false())
    for text, column in ((filters.department, Employee.department_id), (filters.region, Employee.region_id)):
        if text:
            key = _uuid(text)
            found.append(column == key if key else sa.false())
    if filters.q.strip():
        found.append(_searched(actor, filters.q.strip()))
    return found


def _searched(actor: Actor, text: str) -> sa.ColumnElement[bool]:
    """Text with a digit is the beginning of an employee number, anything else the beginnings of names."""
    if not any(c.isdigit() for c in text):
        names = name_matches(actor.company_id, text)
        if names is not None:
            return names
    # A range, not LIKE: under row-level security only leakproof comparisons may use an index.
    return sa.and_(Employee.employee_number >= text, Employee.employee_number < text + LAST_CHARACTER)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


_PLACES = sa.union_all(
    sa.select(
        sa.literal("d").label("kind"), Department.id, Department.name, Department.code, Department.region_id
    ).where(Department.company_id == sa.bindparam("company_id", type_=sa.Uuid)),
    sa.select(sa.literal("r"), Region.id, Region.name, Region.code, sa.null().cast(sa.Uuid)).where(
        Region.company_id == sa.bindparam("company_id", type_=sa.Uuid)
    ),
).order_by(sa.text("name"))


def places(session: Session, actor: Actor) -> Places:
    """Departments and regions by name, in one query."""
    found = Places([], [])
    for kind, *place in session.connection().execute(_PLACES, {"company_id": actor.company_id}):
        (found.departments if kind == "d" else found.regions).append(Place(*place))
    return found
