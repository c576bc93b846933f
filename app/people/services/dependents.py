"""Dependents of an employee: added, changed, removed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.access import Can
from app.core.clock import today
from app.core.errors import Conflict, Invalid, NotFound
from app.core.events import Actor
from app.people.models import Dependent, DependentStatus, Employee, Relationship
from app.people.rules import checks
from app.people.services.events import differing, record_change, refuse_stale, refuse_unknown, setting, tidy
from app.people.services.scope import employee, visible

FIELDS = frozenset(checks.DEPENDENT) | {"date_of_birth", "student", "disabled"}
PARTNERS = frozenset({Relationship.SPOUSE.value, Relationship.DOMESTIC_PARTNER.value})


_DEPENDENTS = (
    sa.select(Dependent)
    .join(Employee, sa.and_(Employee.company_id == Dependent.company_id, Employee.id == Dependent.employee_id))
    .where(Dependent.deleted_at.is_(None))
)


def dependents(
    session: Session, actor: Actor, employee_id: UUID, permission: Can, *, removed: bool = False
) -> Sequence[Dependent]:
    """The dependents of an employee in the actor's scope, oldest entry first; active ones unless `removed`."""
    query = _DEPENDENTS.where(Dependent.employee_id == employee_id, visible(actor, permission))
    query = query.order_by(Dependent.added_on, Dependent.id)
    if not removed:
        query = query.where(Dependent.removed_on.is_(None))
    return session.scalars(query).all()


def dependent(
    session: Session, actor: Actor, dependent_id: UUID | str, permission: Can, *, lock: bool = False
) -> Dependent:
    """One dependent.

    Raises:
        NotFound: no such dependent, or of an employee outside the actor's scope.
    """
    try:
        key = dependent_id if isinstance(dependent_id, UUID) else UUID(str(dependent_id))
    except ValueError:
        raise NotFound from None
    query = _DEPENDENTS.where(Dependent.id == key, visible(actor, permission))
    if lock:
        query = query.with_for_update(of=Dependent).execution_options(populate_existing=True)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound
    return found


def add_dependent(
    session: Session,
    actor: Actor,
    employee_id: UUID | str,
    *,
    permission: Can = Can.EMPLOYEE_EDIT,
    dependent_id: UUID | None = None,
    reason: str = "",
    **fields: Any,
) -> Dependent:
    """Add a dependent and record `people.dependent.added`.

    Args:
        permission: whose scope counts; `Can.ENROLL_OWN` for people themselves.
        dependent_id: the form's one-time key; sending a form twice then adds one person.

    Raises:
        NotFound: the employee is outside the actor's scope.
        Invalid: by field.
    """
    refuse_unknown(fields, FIELDS)
    parent = employee(session, actor, employee_id, permission, lock=True)  # locked: at most one spouse is counted below
    known = session.get(Dependent, (actor.company_id, dependent_id)) if dependent_id is not None else None
    if known is not None:
        if known.employee_id != parent.id:
            raise Conflict
        return known
    values = tidy(fields)
    _refuse_impossible(session, parent, values, None)
    added = Dependent(
        id=dependent_id, company_id=actor.company_id, employee_id=parent.id, added_on=today(), **_stored(values)
    )
    session.add(added)
    session.flush()
    record_change(session, actor, "people.dependent.added", added, parent.id, new=values, reason=reason)
    return added


def change_dependent(
    session: Session,
    actor: Actor,
    dependent_id: UUID | str,
    *,
    permission: Can = Can.EMPLOYEE_EDIT,
    reason: str = "",
    seen: datetime | None = None,
    **fields: Any,
) -> Dependent:
    """Change a dependent and record `people.dependent.changed`; nothing is recorded when nothing differs.

    Raises:
        NotFound: outside the actor's scope.
        Invalid: by field.
        Conflict: removed, or changed by somebody else meanwhile.
    """
    refuse_unknown(fields, FIELDS)
    row = dependent(session, actor, dependent_id, permission, lock=True)
    refuse_stale(row, seen)
    if row.removed_on is not None:
        raise Conflict
    if fields.get("ssn"):
        fields["ssn_missing_reason"] = ""
    old, new = differing(row, tidy(fields))
    if not new:
        return row
    parent = employee(session, actor, row.employee_id, permission)
    _refuse_impossible(session, parent, {name: getattr(row, name) for name in FIELDS} | new, row.id)
    for name, value in _stored(new).items():
        setattr(row, name, value)
    session.flush()
    record_change(session, actor, "people.dependent.changed", row, parent.id, old=old, new=new, reason=reason)
    return row


def remove_dependent(
    session: Session,
    actor: Actor,
    dependent_id: UUID | str,
    *,
    permission: Can = Can.EMPLOYEE_EDIT,
    removed_on: date | None = None,
    reason: str = "",
) -> Dependent:
    """End a dependent's entry and record `people.dependent.removed`; the row stays for history. Removing twice is one removal.

    Raises:
        NotFound: outside the actor's scope.
    """
    row = dependent(session, actor, dependent_id, permission, lock=True)
    if row.removed_on is not None:
        return row
    old = {"status": row.status, "removed_on": None}
    row.status, row.removed_on = DependentStatus.INACTIVE.value, removed_on or today()
    session.flush()
    new = {"status": row.status, "removed_on": row.removed_on}
    record_change(session, actor, "people.dependent.removed", row, row.employee_id, old=old, new=new, reason=reason)
    return row


def _stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """Text columns that may not be NULL get empty text."""
    return {name: "" if value is None and name == "ssn_missing_reason" else value for name, value in values.items()}


def _refuse_impossible(session: Session, parent: Employee, values: Mapping[str, Any], own_id: UUID | None) -> None:
    problems = checks.missing(values, checks.NEEDED_DEPENDENT)
    problems |= checks.problems_of(values, checks.DEPENDENT, setting())
    problems |= checks.dependent_conflicts(values, setting().today)
    if values.get("ssn") and values["ssn"] == parent.ssn:
        problems["ssn"] = "Enter the dependent's own Social Security number, not the employee's"
    others = _others(session, parent, own_id)
    if values.get("relationship") in PARTNERS and any(other.relationship in PARTNERS for other in others):
        problems["relationship"] = "Remove the present spouse or partner first"
    if values.get("ssn") and any(other.ssn == values["ssn"] for other in others):
        problems["ssn"] = "Another dependent has this Social Security number"
    if problems:
        raise Invalid(problems)


def _others(session: Session, parent: Employee, own_id: UUID | None) -> list[Dependent]:
    query = sa.select(Dependent).where(
        Dependent.company_id == parent.company_id,
        Dependent.employee_id == parent.id,
        Dependent.removed_on.is_(None),
        Dependent.deleted_at.is_(None),
    )
    return [row for row in session.scalars(query) if row.id != own_id]


__all__ = ["add_dependent", "change_dependent", "dependent", "dependents", "remove_dependent"]
