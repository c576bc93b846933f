"""Employees and departments as an HR system tells them: who it is, what is new, what a person must look at.

Everything goes through the verbs that people use, so a hire opens a window and a termination ends coverage by the plan's rule.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.core.access import Can
from app.core.clock import today
from app.core.errors import Invalid
from app.core.events import Actor
from app.integrations.sync.places import in_united_states, state_code
from app.integrations.sync.records import DepartmentRecord, EmployeeRecord, Employment, Kind, Record
from app.people.models import Department, Employee, EmployeeStatus
from app.people.rules.identity import masked
from app.people.rules.matching import Candidate, Match, Somebody, Verdict, match
from app.people.services.company import save_place
from app.people.services.employees import change, hire, terminate
from app.people.services.events import differing, tidy
from app.people.services.scope import visible
from app.syncing.models import RemoteRecord
from app.syncing.rules import Conflicts
from app.syncing.services.taking import Outcome, Remote, Row, Taken

SAME_NAME = (
    "employee_number", "first_name", "middle_name", "last_name", "work_email", "phone", "date_of_birth", "ssn", "gender", "marital_status",
    "address_line1", "address_line2", "city", "state", "zip_code", "hired_on", "employment_type", "weekly_hours", "pay_frequency",
    "annual_salary", "job_title",
)  # fmt: skip
CLEARED = dict.fromkeys(
    ("middle_name", "phone", "address_line1", "address_line2", "city", "state", "zip_code")
) | dict.fromkeys(("work_email", "job_title", "marital_status"), "")
"""What a provider may take away, and how it is then; everything else it can only replace."""
GONE = "The provider does not have this any more. End the employment here if it is over, then leave the record out"
REHIRED = "This person is active at the provider and terminated here. Rehire by hand, then try again"
UNMAPPED = "The provider's word for the status is not known. Map it, then try again"
NO_LAST_DAY = "The provider says terminated, without a last day. Enter it there, then try again"
BOTH = "It was changed here and at the provider. Correct one of them, then try again"


def take_employee(session: Session, actor: Actor, remote: Remote) -> Taken:
    """Bring an employee in step. Raises Invalid: by field."""
    told = remote.record
    assert isinstance(told, EmployeeRecord)
    if remote.gone:
        return (
            Taken(Outcome.DOUBTFUL, remote.local_id, problems={"record": GONE})
            if remote.local_id
            else Taken(Outcome.SAME)
        )
    if told.status is Employment.UNKNOWN:
        raise Invalid({"status": UNMAPPED})
    if told.effective_on is not None and told.effective_on > today():
        return Taken(Outcome.WAITS, remote.local_id, due_on=told.effective_on)
    if remote.local_id is None and not remote.decided:
        found = _match(session, actor, remote.connection_id, told)
        if found.verdict is Verdict.DOUBTFUL:
            return Taken(Outcome.DOUBTFUL, problems={"record": found.why})
        return _bring(session, actor, remote, told, found.employee_id)
    return _bring(session, actor, remote, told, remote.local_id)


def _bring(session: Session, actor: Actor, remote: Remote, told: EmployeeRecord, employee_id: UUID | None) -> Taken:
    values = values_of(told)
    if told.department:
        values["department_id"] = remote.find(Kind.DEPARTMENT, told.department) or _department(
            session, actor, told.department, told.department
        )
    manager = remote.find(Kind.EMPLOYEE, told.manager) if told.manager else None
    if manager is not None and manager != employee_id:
        values["manager_id"] = manager
    again = today() if told.manager and manager is None else None  # once everybody has been read
    if employee_id is None:
        return _hire(session, actor, told, values, again)
    row = session.get(Employee, (actor.company_id, employee_id))
    if row is None:
        raise Invalid({"record": "The employee chosen for this record is not there any more. Choose again"})
    return _change(session, actor, remote, told, row, values, again)


def _hire(session: Session, actor: Actor, told: EmployeeRecord, values: dict[str, Any], again: date | None) -> Taken:
    if told.status is Employment.TERMINATED:
        return Taken(Outcome.SAME)  # gone before we met: nothing to do here
    made = hire(session, actor, status=_status(told.status), reason="HR system", **values)
    return Taken(
        Outcome.MADE,
        made.id,
        {name: [None, masked(name, _plain(value))] for name, value in values.items()},
        due_on=again,
    )


def _change(
    session: Session,
    actor: Actor,
    remote: Remote,
    told: EmployeeRecord,
    row: Employee,
    values: dict[str, Any],
    again: date | None,
) -> Taken:
    if row.status == EmployeeStatus.TERMINATED and told.status is not Employment.TERMINATED:
        return Taken(Outcome.DOUBTFUL, row.id, problems={"status": REHIRED})
    if told.status is not Employment.TERMINATED:
        values["status"] = _status(told.status)
    wanted, both = _wanted(row, tidy(values), remote)
    if both:
        return Taken(Outcome.DOUBTFUL, row.id, problems=dict.fromkeys(both, BOTH))
    old, new = differing(row, wanted)
    if new:
        change(session, actor, row.id, reason="HR system", **new)
    ended = _end(session, actor, told, row)
    changes = {name: [masked(name, _plain(old[name])), masked(name, _plain(new[name]))] for name in new} | ended
    return Taken(Outcome.CHANGED if changes else Outcome.SAME, row.id, changes, due_on=again)


def _end(session: Session, actor: Actor, told: EmployeeRecord, row: Employee) -> dict[str, list[Any]]:
    """A last day, also one to come."""
    if told.status is Employment.TERMINATED and told.terminated_on is None:
        raise Invalid({"terminated_on": NO_LAST_DAY})
    if told.terminated_on is None or row.terminated_on == told.terminated_on or row.status == EmployeeStatus.TERMINATED:
        return {}
    before = _plain(row.terminated_on)
    terminate(session, actor, row.id, last_day=told.terminated_on, reason=told.termination_reason or "HR system")
    return {"terminated_on": [before, _plain(told.terminated_on)]}


def _wanted(row: Employee, values: Mapping[str, Any], remote: Remote) -> tuple[dict[str, Any], list[str]]:
    """What the provider's record changes here, and the fields that both sides changed since the last sync, where a person is asked.

    A field the provider did not change keeps what was entered here.
    """
    before = values_of(EmployeeRecord.model_validate(dict(remote.before))) if remote.before else {}
    wanted, both = dict[str, Any](), list[str]()
    for name in {*values, *(set(before) & set(CLEARED))}:
        new, was, ours = values.get(name, CLEARED.get(name)), before.get(name), getattr(row, name)
        if new == ours or (before and name in before and new == was):
            continue
        if before and name in before and ours != was and remote.conflicts is not Conflicts.PROVIDER:
            if remote.conflicts is Conflicts.ASK:
                both.append(name)
            continue
        wanted[name] = new
    return wanted, sorted(both)


def values_of(told: EmployeeRecord) -> dict[str, Any]:
    """The record in our fields; what it does not say is left out. Of an address abroad, state and postal code stay in the record alone:
    ours are American.
    """
    values = {name: getattr(told, name) for name in SAME_NAME if getattr(told, name) is not None}
    if not in_united_states(told.country):
        values |= {"country": told.country}
        values = {name: value for name, value in values.items() if name not in ("state", "zip_code")}
    if "state" in values:
        values["state"] = state_code(values["state"])
    values.setdefault("employee_number", told.remote_id)
    if "ssn" in values:
        values["ssn"] = re.sub(r"\D", "", values["ssn"])
    return values


def _status(told: Employment) -> str:
    return (EmployeeStatus.INACTIVE if told is Employment.LEAVE else EmployeeStatus.ACTIVE).value


def _plain(value: Any) -> Any:
    """As JSON keeps it."""
    return value if value is None or isinstance(value, bool | int) else str(value)


def _shared(actor: Actor, told: EmployeeRecord) -> dict[str, sa.ColumnElement[bool]]:
    """What an employee of ours and this record may have in common."""
    shared: dict[str, sa.ColumnElement[bool]] = {
        "number": Employee.employee_number == (told.employee_number or told.remote_id)
    }
    if told.ssn:
        shared["ssn"] = Employee.ssn.matches(re.sub(r"\D", "", told.ssn), actor.company_id)
    if told.work_email:
        shared["email"] = sa.func.lower(Employee.work_email) == told.work_email.lower()
    return shared


def find_employees(session: Session, actor: Actor, told: Record | None, typed: str) -> list[Row]:
    """Employees for a person in doubt, see `takes`: by number, or those that share something with the record."""
    if typed:
        where = Employee.employee_number == typed
    elif isinstance(told, EmployeeRecord):
        where = sa.or_(*_shared(actor, told).values())
    else:
        return []
    query = sa.select(Employee).where(where, visible(actor, Can.SYNC_REVIEW)).order_by(Employee.employee_number)
    rows = session.scalars(query.limit(5))
    return [Row(row.id, row.employee_number, f"{row.first_name} {row.last_name}") for row in rows]


def _match(session: Session, actor: Actor, connection_id: UUID, told: EmployeeRecord) -> Match:
    found: dict[UUID, tuple[Employee, set[str]]] = {}
    for by, condition in _shared(actor, told).items():
        for row in session.scalars(sa.select(Employee).where(condition, Employee.deleted_at.is_(None)).limit(5)):
            found.setdefault(row.id, (row, set()))[1].add(by)
    linked = _linked(session, connection_id, list(found))
    candidates = [
        Candidate(row.id, Somebody(row.first_name, row.last_name, row.date_of_birth), frozenset(by), row.id in linked)
        for row, by in found.values()
    ]
    return match(Somebody(told.first_name, told.last_name, told.date_of_birth), candidates)


def _linked(session: Session, connection_id: UUID, employee_ids: list[UUID]) -> set[UUID]:
    """Which of these the provider already has a record for."""
    if not employee_ids:
        return set()
    query = sa.select(RemoteRecord.local_id).where(
        RemoteRecord.connection_id == connection_id, RemoteRecord.kind == Kind.EMPLOYEE.value, RemoteRecord.local_id.in_(employee_ids),
        RemoteRecord.gone_at.is_(None),
    )  # fmt: skip
    return {found for found in session.scalars(query) if found is not None}


def take_department(session: Session, actor: Actor, remote: Remote) -> Taken:
    """Bring a department in step. One that is gone there stays here: people may have worked in it."""
    told = remote.record
    assert isinstance(told, DepartmentRecord)
    if remote.gone:
        return Taken(Outcome.SAME, remote.local_id)
    row = session.get(Department, (actor.company_id, remote.local_id)) if remote.local_id else None
    if row is None:
        known = _known_department(session, told.name, told.code)
        made = known or _department(session, actor, told.name, told.code)
        return Taken(Outcome.SAME if known else Outcome.MADE, made, {} if known else {"name": [None, told.name]})
    if row.name == told.name:
        return Taken(Outcome.SAME, row.id)
    before = row.name
    save_place(session, actor, Department, row.id, name=told.name, code=row.code, region_id=row.region_id)
    return Taken(Outcome.CHANGED, row.id, {"name": [before, told.name]})


def _known_department(session: Session, name: str, code: str | None) -> UUID | None:
    same = sa.func.lower(Department.name) == name.lower()
    query = sa.select(Department.id).where(sa.or_(same, Department.code == code.upper()) if code else same)
    return session.scalars(query.order_by(Department.id).limit(1)).one_or_none()


def _department(session: Session, actor: Actor, name: str, code: str | None) -> UUID:
    """The department of this name or code, made when there is none."""
    known = _known_department(session, name, code)
    if known is not None:
        return known
    short = re.sub(r"[^\w .&/-]|_", "", code or name).strip()[:40].upper() or f"D{uuid7().hex[-6:].upper()}"
    made: Department = save_place(session, actor, Department, uuid7(), name=name, code=short)
    return made.id
