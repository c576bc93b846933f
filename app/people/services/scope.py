"""Whose rows an actor may touch: the one filter over `Employee` that every list and get uses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.core.access import Can, Scope
from app.core.errors import Invalid, NotFound
from app.core.events import Actor
from app.people.models import Employee


def visible(actor: Actor, permission: Can) -> sa.ColumnElement[bool]:
    """A filter over `Employee`: the rows this actor may touch with this permission; no scope means no rows.

    REPORTS is everybody below the actor in the manager line and never the actor, so nobody approves themselves.
    """
    here = sa.and_(Employee.company_id == actor.company_id, Employee.deleted_at.is_(None))
    scope = actor.scope(permission)
    if scope is Scope.ALL:
        return here
    if scope is Scope.REGION:
        return sa.and_(here, Employee.region_id.in_(actor.places_of(permission)))
    if scope is Scope.DEPARTMENT:
        return sa.and_(here, Employee.department_id.in_(actor.places_of(permission)))
    if scope is Scope.REPORTS and actor.employee_id is not None:
        return sa.and_(here, Employee.id.in_(_line_of(actor)), Employee.id != actor.employee_id)
    if scope is Scope.OWN and actor.employee_id is not None:
        return sa.and_(here, Employee.id == actor.employee_id)
    return sa.false()


def _line_of(actor: Actor) -> sa.Select[tuple[UUID]]:
    """Ids of direct and indirect reports. UNION (not ALL) ends even when the line runs in a circle."""
    direct = (
        sa.select(Employee.id)
        .where(Employee.company_id == actor.company_id, Employee.manager_id == actor.employee_id)
        .cte(recursive=True)
    )
    below = aliased(Employee)
    line = direct.union(
        sa.select(below.id).join(direct, sa.and_(below.manager_id == direct.c.id, below.company_id == actor.company_id))
    )
    return sa.select(line.c.id)


def employee(
    session: Session, actor: Actor, employee_id: UUID | str | None, permission: Can, *, lock: bool = False
) -> Employee:
    """One employee.

    Raises:
        NotFound: no such employee, or outside the actor's scope: both look the same.
    """
    try:
        key = employee_id if isinstance(employee_id, UUID) else UUID(str(employee_id))
    except ValueError:
        raise NotFound from None
    query = sa.select(Employee).where(Employee.id == key, visible(actor, permission))
    if lock:
        query = query.with_for_update(of=Employee).execution_options(populate_existing=True)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFound
    return found


def sees(session: Session, actor: Actor, employee_id: UUID, permission: Can) -> bool:
    """Whether this employee is inside the actor's scope for another permission (what else a page may show)."""
    if actor.scope(permission) is Scope.NONE:
        return False
    query = sa.select(sa.literal(1)).select_from(Employee).where(Employee.id == employee_id, visible(actor, permission))
    return session.execute(query).first() is not None


def refuse_outside(actor: Actor, permission: Can, values: Mapping[str, Any]) -> None:
    """Nobody hires into, or moves somebody to, a department or region that is not theirs.

    Raises:
        Invalid: names the field.
    """
    scope, places = actor.scope(permission), actor.places_of(permission)
    message = "Choose one of the departments or regions you are responsible for"
    if scope is Scope.REGION and "region_id" in values and values["region_id"] not in places:
        raise Invalid({"region_id": message})
    if scope is Scope.DEPARTMENT and "department_id" in values and values["department_id"] not in places:
        raise Invalid({"department_id": message})
    if scope is Scope.REPORTS and "manager_id" in values and values["manager_id"] != actor.employee_id:
        raise Invalid({"manager_id": "Choose yourself as the manager"})
