"""The verbs of an employee's life: hired, changed, terminated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core.access import Can
from app.core.clock import today
from app.core.errors import Conflict, Forbidden, Invalid
from app.core.events import Actor
from app.people.models import Department, Employee, EmployeeStatus, Region
from app.people.rules import checks
from app.people.services.events import differing, record_change, refuse_stale, refuse_unknown, setting, tidy
from app.people.services.names import name_tokens, new_member_number
from app.people.services.scope import employee, refuse_outside

NAME_FIELDS = frozenset({"first_name", "middle_name", "last_name"})
FIELDS = frozenset(checks.EMPLOYEE) | {
    "date_of_birth", "hired_on", "terminated_on", "tobacco_user", "department_id", "region_id", "manager_id",
    "communication_preferences",
}  # fmt: skip
OWN_FIELDS = frozenset(
    {
        "phone", "alternate_phone", "address_line1", "address_line2", "city", "state", "zip_code", "marital_status",
        "tobacco_user", "emergency_contact_name", "emergency_contact_phone", "emergency_contact_relation",
        "preferred_language",
    }
)  # fmt: skip
"""What people change about themselves; legal name, birth, SSN and work go through the employer."""


def hire(
    session: Session, actor: Actor, *, employee_id: UUID | None = None, reason: str = "", **fields: Any
) -> Employee:
    """Add an employee and record `people.employee.hired`.

    Args:
        employee_id: the form's one-time key; sending a form twice then adds one person.

    Raises:
        Forbidden: the actor may not edit people.
        Invalid: by field.
        Conflict: somebody else took the employee number in this moment.
    """
    actor.require(Can.EMPLOYEE_EDIT)
    refuse_unknown(fields, FIELDS)
    if employee_id is not None:
        known = session.get(Employee, (actor.company_id, employee_id))
        if known is not None:
            return known
    values = tidy(fields)
    _refuse_impossible(session, actor, values, checks.missing(values, checks.NEEDED))
    refuse_outside(actor, Can.EMPLOYEE_EDIT, dict.fromkeys(("department_id", "region_id", "manager_id")) | values)
    values["member_number"] = values.get("member_number") or new_member_number()
    tokens = name_tokens(actor.company_id, *(values.get(name) for name in sorted(NAME_FIELDS)))
    hired = Employee(id=employee_id, company_id=actor.company_id, name_tokens=tokens, **values)
    session.add(hired)
    _flush(session)
    record_change(session, actor, "people.employee.hired", hired, hired.id, new=values, reason=reason)
    return hired


def change(
    session: Session,
    actor: Actor,
    employee_id: UUID | str,
    *,
    permission: Can = Can.EMPLOYEE_EDIT,
    reason: str = "",
    seen: datetime | None = None,
    **fields: Any,
) -> Employee:
    """Change fields of an employee and record `people.employee.changed`; nothing is recorded when nothing differs.

    Args:
        permission: whose scope counts. With `Can.ENROLL_OWN` people change their own `OWN_FIELDS` only.
        seen: `updated_at` of the row when the form was shown.

    Raises:
        NotFound: outside the actor's scope.
        Forbidden: the permission does not allow these fields.
        Invalid: by field.
        Conflict: somebody else changed the row meanwhile.
    """
    refuse_unknown(fields, FIELDS)
    if permission is not Can.EMPLOYEE_EDIT and not set(fields) <= OWN_FIELDS:
        raise Forbidden
    row = employee(session, actor, employee_id, permission, lock=True)
    refuse_stale(row, seen)
    old, new = differing(row, tidy(fields))
    if not new:
        return row
    if new.get("status") == EmployeeStatus.TERMINATED:
        raise Invalid({"status": "End the employment with its last day instead"})
    whole = {
        name: getattr(row, name) for name in ("date_of_birth", "hired_on", "terminated_on", "ssn", "employee_number")
    }
    _refuse_impossible(session, actor, new, checks.missing(whole | new, _needed_of(new)), whole, row.id)
    refuse_outside(actor, permission, new)
    _assign(row, new)
    _flush(session)
    record_change(session, actor, "people.employee.changed", row, row.id, old=old, new=new, reason=reason)
    return row


def terminate(session: Session, actor: Actor, employee_id: UUID | str, *, last_day: date, reason: str = "") -> Employee:
    """End an employment and record `people.employee.terminated`. A last day to come keeps the status until it has passed.

    Raises:
        NotFound: outside the actor's scope.
        Invalid: the last day is before the date of hire.
        Conflict: the employment has ended already with another last day.
    """
    row = employee(session, actor, employee_id, Can.EMPLOYEE_EDIT, lock=True)
    if row.terminated_on == last_day and row.status == _status_after(last_day, row.status):
        return row
    if row.status == EmployeeStatus.TERMINATED:
        raise Conflict
    new = {"terminated_on": last_day, "termination_reason": " ".join(reason.split())}
    problems = checks.conflicts({"hired_on": row.hired_on, "terminated_on": last_day})
    problems |= checks.problems_of(new, checks.EMPLOYEE, setting())
    if problems:
        raise Invalid(problems)
    new["status"] = _status_after(last_day, row.status)
    old = {name: getattr(row, name) for name in new}
    _assign(row, new)
    session.flush()
    record_change(session, actor, "people.employee.terminated", row, row.id, old=old, new=new)
    return row


def end_employments(session: Session, actor: Actor, limit: int = 500) -> int:
    """Set the status of everybody whose last day has passed. Returns how many; run again until it is 0."""
    due = sa.select(Employee).where(
        Employee.company_id == actor.company_id,
        Employee.terminated_on < today(),
        Employee.status != EmployeeStatus.TERMINATED.value,
    )
    rows = session.scalars(due.limit(limit).with_for_update(skip_locked=True)).all()
    for row in rows:
        old = {"status": row.status}
        row.status = EmployeeStatus.TERMINATED.value
        record_change(session, actor, "people.employee.changed", row, row.id, old=old, new={"status": row.status})
    return len(rows)


def number_id(session: Session, actor: Actor, number: str) -> UUID | None:
    """The id of the employee with this number, for forms that name a manager by number."""
    query = sa.select(Employee.id).where(
        Employee.company_id == actor.company_id, Employee.employee_number == number, Employee.deleted_at.is_(None)
    )
    return session.scalars(query).one_or_none()


def _status_after(last_day: date, status: str) -> str:
    return EmployeeStatus.TERMINATED.value if last_day < today() else status


def _needed_of(fields: Mapping[str, Any]) -> dict[str, str]:
    return {name: message for name, message in checks.NEEDED.items() if name in fields}


def _assign(row: Employee, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    if NAME_FIELDS & set(values):
        row.name_tokens = name_tokens(row.company_id, *(getattr(row, name) for name in sorted(NAME_FIELDS)))
    row.import_digest = None  # the next import compares this row value by value


def _refuse_impossible(
    session: Session,
    actor: Actor,
    values: Mapping[str, Any],
    problems: dict[str, str],
    whole: Mapping[str, Any] | None = None,
    own_id: UUID | None = None,
) -> None:
    problems |= checks.problems_of(values, checks.EMPLOYEE, setting())
    problems |= checks.conflicts({**(whole or {}), **values})
    problems |= _unknown_references(session, actor, values, own_id)
    problems |= _taken(session, actor, values, own_id)
    if problems:
        raise Invalid(problems)


def _unknown_references(
    session: Session, actor: Actor, values: Mapping[str, Any], own_id: UUID | None
) -> dict[str, str]:
    found: dict[str, str] = {}
    for field, model in (("department_id", Department), ("region_id", Region), ("manager_id", Employee)):
        key = values.get(field)
        if key is not None and (key == own_id or session.get(model, (actor.company_id, key)) is None):
            found[field] = "Choose one from the list"
    return found


def _taken(session: Session, actor: Actor, values: Mapping[str, Any], own_id: UUID | None) -> dict[str, str]:
    """Numbers that another employee has."""
    filters: dict[str, Callable[[str], sa.ColumnElement[bool]]] = {
        "employee_number": lambda value: Employee.employee_number == value,
        "member_number": lambda value: Employee.member_number == value,
        "ssn": lambda value: Employee.ssn.matches(value, actor.company_id),
    }
    found: dict[str, str] = {}
    for field, condition in filters.items():
        if not values.get(field):
            continue
        query = sa.select(Employee.id).where(Employee.company_id == actor.company_id, condition(values[field]))
        if any(other != own_id for other in session.scalars(query.limit(2))):
            found[field] = "Another employee has this number. Search for that person first"
    return found


def _flush(session: Session) -> None:
    try:
        session.flush()
    except IntegrityError:
        raise Conflict from None  # two people typed the same number in this moment
