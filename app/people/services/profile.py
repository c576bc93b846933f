"""One person as a page shows them, and the looks at personal data that are recorded."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from app.core.access import Can
from app.core.errors import Forbidden, Invalid, NotFound
from app.core.events import Actor, record_read
from app.people.models import Department, Dependent, Employee, Region
from app.people.services.dependents import dependent
from app.people.services.names import opened_name
from app.people.services.scope import employee, visible

SHORTEST_REASON = 5


class Profile(NamedTuple):
    """`sensitive` and `editable`: whether the viewer's scopes for those permissions hold this person."""

    employee: Employee
    department: str | None
    region: str | None
    manager: str
    manager_number: str
    sensitive: bool
    editable: bool


_manager: Any = aliased(Employee)
_PROFILE: sa.Select[*tuple[Any, ...]] = (
    sa.select(
        Employee, Department.name, Region.name, _manager.company_id, _manager.id, _manager.first_name_enc,
        _manager.last_name_enc, _manager.employee_number,
    )
    .outerjoin(Department, sa.and_(Department.company_id == Employee.company_id, Department.id == Employee.department_id))
    .outerjoin(Region, sa.and_(Region.company_id == Employee.company_id, Region.id == Employee.region_id))
    .outerjoin(_manager, sa.and_(_manager.company_id == Employee.company_id, _manager.id == Employee.manager_id))
)  # fmt: skip
"""Built once; who may see what is added for each actor."""


def profile(
    session: Session, actor: Actor, employee_id: UUID | str | None, permission: Can = Can.EMPLOYEE_VIEW
) -> Profile:
    """The person with the names of place and manager, in one query. Looking at personal data is recorded.

    Raises:
        NotFound: outside the actor's scope.
    """
    query = _PROFILE.add_columns(visible(actor, Can.SENSITIVE_VIEW), visible(actor, Can.EMPLOYEE_EDIT)).where(
        Employee.id == _key(employee_id), visible(actor, permission)
    )
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound
    person, department, region, *boss, number, sensitive, editable = row
    names = opened_name(_Boss(*boss)) if boss[1] is not None else ""
    own = person.id == actor.employee_id
    if sensitive and not own:
        record_read(session, actor, "people.employee.viewed", person, person_id=person.id)
    return Profile(person, department, region, names, number or "", sensitive or own, editable)


class _Boss(NamedTuple):
    company_id: UUID
    id: UUID
    first_name_enc: bytes
    last_name_enc: bytes


def _key(text: UUID | str | None) -> UUID:
    try:
        return text if isinstance(text, UUID) else UUID(str(text))
    except ValueError:
        raise NotFound from None


def show_ssn(session: Session, actor: Actor, employee_id: UUID | str, *, reason: str) -> str:
    """The whole SSN of an employee, with the reason in the audit.

    Raises:
        NotFound: outside the actor's scope; Forbidden: no right to sensitive data; Invalid: no reason.
    """
    person = employee(session, actor, employee_id, Can.SENSITIVE_VIEW)
    _record_look(session, actor, "people.ssn.viewed", person, person.id, reason)
    return person.ssn or ""


def show_dependent_ssn(session: Session, actor: Actor, dependent_id: UUID | str, *, reason: str) -> str:
    """The whole SSN of a dependent, as `show_ssn`."""
    person = dependent(session, actor, dependent_id, Can.SENSITIVE_VIEW)
    _record_look(session, actor, "people.ssn.viewed", person, person.employee_id, reason)
    return person.ssn or ""


def _record_look(
    session: Session, actor: Actor, name: str, row: Employee | Dependent, person_id: UUID, reason: str
) -> None:
    if not actor.can(Can.SENSITIVE_VIEW):
        raise Forbidden
    if len(reason.strip()) < SHORTEST_REASON:
        raise Invalid({"reason": "Say in a few words why you need the number"})
    record_read(session, actor, name, row, person_id=person_id, reason=" ".join(reason.split())[:500])
