"""The discrepancy inbox: list, look, assign, resolve."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.models import User, UserStatus
from app.connections.models import Connection
from app.core.access import Can, Scope
from app.core.clock import now
from app.core.db import fetch
from app.core.errors import Conflict, Invalid, NotFound
from app.core.events import Actor, record, record_read
from app.feeds.models import Discrepancy, DiscrepancyState
from app.people import services as people
from app.people.models import Dependent, Employee

PAGE = 50
COUNT_CAP = 1_001
MOST_NOTE = 1_000


@dataclass(frozen=True, slots=True)
class Filters:
    state: str = "open"
    severity: str = ""
    owner: str = ""
    connection_id: UUID | None = None
    mine: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """rows: one page of named tuples. after: key of the next page, "" at the end. total: capped at 1,001."""

    rows: list[Any]
    after: str
    total: int


def in_scope(actor: Actor) -> sa.ColumnElement[bool]:
    """Rows about people the actor may see; what is about nobody of ours is for those who see everybody."""
    seen = people.visible(actor, Can.DISCREPANCY_VIEW)
    everybody = actor.scope(Can.DISCREPANCY_VIEW) is Scope.ALL
    return sa.or_(seen, Discrepancy.employee_id.is_(None)) if everybody else seen


def _joined(query: Any) -> Any:
    return query.outerjoin(
        Employee, sa.and_(Employee.company_id == Discrepancy.company_id, Employee.id == Discrepancy.employee_id)
    )


def filtered(query: Any, actor: Actor, filters: Filters) -> Any:
    """A query of discrepancies, held to these filters and to whom the actor may see."""
    query = _joined(query).where(in_scope(actor))
    if filters.state == "closed":
        query = query.where(Discrepancy.state != DiscrepancyState.OPEN)
    elif filters.state:
        query = query.where(Discrepancy.state == filters.state)
    for column, value in ((Discrepancy.severity, filters.severity), (Discrepancy.owner, filters.owner)):
        if value:
            query = query.where(column == value)
    if filters.connection_id:
        query = query.where(Discrepancy.connection_id == filters.connection_id)
    return query.where(Discrepancy.assignee_user_id == actor.user_id) if filters.mine else query


def listed(session: Session, actor: Actor, filters: Filters, after: str = "") -> Listed:
    """One page, the most urgent first (due date, then age). Two queries."""
    query = filtered(
        sa.select(
            Discrepancy.id, Discrepancy.code, Discrepancy.severity, Discrepancy.owner, Discrepancy.due_on,
            Discrepancy.state, Discrepancy.employee_id, Employee.member_number, Employee.employee_number,
            Connection.name.label("carrier"), User.display_name.label("assignee"),
        ),
        actor,
        filters,
    )  # fmt: skip
    query = query.join(
        Connection, sa.and_(Connection.company_id == Discrepancy.company_id, Connection.id == Discrepancy.connection_id)
    )
    query = query.outerjoin(
        User, sa.and_(User.company_id == Discrepancy.company_id, User.id == Discrepancy.assignee_user_id)
    )
    if after:
        due_on, _, row_id = after.partition("_")
        query = query.where(sa.tuple_(Discrepancy.due_on, Discrepancy.id) > _key(due_on, row_id))
    rows = list(session.execute(query.order_by(Discrepancy.due_on, Discrepancy.id).limit(PAGE + 1)))
    more = len(rows) > PAGE
    rows = rows[:PAGE]
    counted = filtered(sa.select(Discrepancy.id), actor, filters).limit(COUNT_CAP).subquery()
    total = session.scalar(sa.select(sa.func.count()).select_from(counted)) or 0
    return Listed(rows, f"{rows[-1].due_on}_{rows[-1].id}" if more else "", total)


def _key(due_on: str, row_id: str) -> sa.Tuple:
    try:
        return sa.tuple_(sa.literal(date.fromisoformat(due_on)), sa.literal(UUID(row_id)))
    except ValueError:
        raise NotFound from None


def discrepancy(
    session: Session,
    actor: Actor,
    discrepancy_id: UUID | str,
    *,
    permission: Can = Can.DISCREPANCY_VIEW,
    lock: bool = False,
) -> Discrepancy:
    """One disagreement in the actor's scope.

    Raises:
        NotFound: no such row, or about somebody outside the scope.
    """
    actor.require(permission)
    row = fetch(session, Discrepancy, discrepancy_id, lock=lock)
    allowed = _joined(sa.select(Discrepancy.id)).where(Discrepancy.id == row.id, in_scope(actor))
    if session.scalar(allowed) is None:
        raise NotFound
    return row


class Seen(NamedTuple):
    """A disagreement as its page shows it. `person`: whose coverage it is about; None when it is nobody of ours."""

    row: Discrepancy
    connection: Connection
    person: Employee | Dependent | None


def look(session: Session, actor: Actor, discrepancy_id: UUID) -> Seen:
    """One disagreement for its page, in one query, with the read recorded: both values are personal data.

    Raises:
        NotFound: no such row, or about somebody outside the scope.
    """
    actor.require(Can.DISCREPANCY_VIEW)
    query = (
        _joined(sa.select(Discrepancy, Connection, Employee, Dependent))
        .join(
            Connection,
            sa.and_(Connection.company_id == Discrepancy.company_id, Connection.id == Discrepancy.connection_id),
        )
        .outerjoin(
            Dependent,
            sa.and_(Dependent.company_id == Discrepancy.company_id, Dependent.id == Discrepancy.dependent_id),
        )
        .where(Discrepancy.id == discrepancy_id, in_scope(actor))
    )
    found = session.execute(query).one_or_none()
    if found is None:
        raise NotFound
    row, connection, employee, dependent = found
    record_read(session, actor, "feeds.discrepancy.viewed", row, person_id=row.employee_id)
    return Seen(row, connection, dependent or employee)


def assignees(session: Session) -> list[tuple[UUID, str]]:
    """Active users of the company, for the list of who may take a disagreement over."""
    query = sa.select(User.id, User.display_name, User.email).where(
        User.status == UserStatus.ACTIVE, User.deleted_at.is_(None)
    )
    return [
        (row.id, row.display_name or row.email) for row in session.execute(query.order_by(User.display_name).limit(200))
    ]


def assign(session: Session, actor: Actor, discrepancy_id: UUID | str, user_id: UUID | None) -> Discrepancy:
    """Give it to somebody, or to nobody. Raises NotFound, Conflict (closed), Invalid (no such person)."""
    row = discrepancy(session, actor, discrepancy_id, permission=Can.DISCREPANCY_RESOLVE, lock=True)
    _refuse_closed(row)
    if user_id is not None and all(user_id != known for known, _ in assignees(session)):
        raise Invalid({"assignee": "Choose one of the people in the list"})
    old, row.assignee_user_id = row.assignee_user_id, user_id
    record(
        session, actor, "feeds.discrepancy.assigned", row, person_id=row.employee_id,
        old={"assignee": old}, new={"assignee": user_id},
    )  # fmt: skip
    return row


def resolve(session: Session, actor: Actor, discrepancy_id: UUID | str, note: str) -> Discrepancy:
    """Close it with a note. If the next census still shows it, it opens again.

    Raises:
        Invalid: no note. Conflict: it is closed already. NotFound: outside the scope.
    """
    note = note.strip()
    if not note:
        raise Invalid({"note": "Say what was done. The note is kept with the discrepancy"})
    if len(note) > MOST_NOTE:
        raise Invalid({"note": "Shorten the note to 1,000 characters"})
    row = discrepancy(session, actor, discrepancy_id, permission=Can.DISCREPANCY_RESOLVE, lock=True)
    _refuse_closed(row)
    row.state, row.resolution = DiscrepancyState.RESOLVED.value, note
    row.closed_at, row.closed_by_user_id = now(), actor.user_id
    record(
        session,
        actor,
        "feeds.discrepancy.closed",
        row,
        person_id=row.employee_id,
        new={"state": row.state},
        reason=note,
    )
    return row


def _refuse_closed(row: Discrepancy) -> None:
    if row.state != DiscrepancyState.OPEN:
        raise Conflict("this discrepancy is closed")
