"""From "something changed here" to "this carrier must be told": rows of `carrier_change`, or tasks for a person.

Nothing here asks what the event said. It compares what is true now with what the carrier was told last, so a repeated,
late or missing event changes nothing but the moment.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.benefits import services as benefits
from app.benefits.models import BenefitPlan, CoveredDependent, Enrollment
from app.benefits.rules.words import CarrierStatus, Election
from app.connections.models import Connection
from app.core.clock import today
from app.core.crypto import blind_index
from app.core.db import current_tenant, fetch
from app.core.events import Actor
from app.feeds.models import CarrierChange, ChangeKind, ChangeStatus, ManualTask
from app.feeds.rules.schedule import business_days
from app.feeds.rules.states import OPEN, TOLD
from app.feeds.rules.telling import Told, told_of, what_to_tell
from app.feeds.services.carriers import MANUAL
from app.feeds.services.facts import Fact, facts_of, marks_of
from app.people.models import Dependent

MANUAL_DAYS = 3
"""Working days within which a person should have entered a change in a carrier's portal."""


def note_submission(session: Session, actor: Actor, submission_id: UUID) -> int:
    """An approved submission: every coverage of it and every one it replaces. Returns how many changes are new."""
    rows = session.execute(
        sa.select(Enrollment.id, Enrollment.replaces_id).where(Enrollment.submission_id == submission_id)
    )
    ids = {value for row in rows for value in row if value is not None}
    return sum(note_enrollment(session, actor, enrollment_id) for enrollment_id in sorted(ids))


def note_enrollment(session: Session, actor: Actor, enrollment_id: UUID) -> int:
    """Tell the carrier of one coverage whatever it does not know yet. Returns 1 when a change is new, else 0."""
    enrollment = fetch(session, Enrollment, enrollment_id, lock=True)
    connection = _connection_of(session, enrollment)
    if connection is None or enrollment.election == Election.WAIVE:
        return 0
    facts = facts_of(session, connection.id, enrollment_ids=[enrollment.id])
    return _note_fact(session, actor, connection, facts[0]) if facts else 0


def _connection_of(session: Session, enrollment: Enrollment) -> Connection | None:
    connection_id = enrollment.connection_id
    if connection_id is None and enrollment.plan_id is not None:
        connection_id = fetch(session, BenefitPlan, enrollment.plan_id).connection_id
    return None if connection_id is None else fetch(session, Connection, connection_id)


def _note_fact(session: Session, actor: Actor, connection: Connection, fact: Fact) -> int:
    history = _history(session, fact.enrollment.id)
    now = fact.told
    before = last_told(history)
    kind = what_to_tell(before, now)
    waiting = [change for change in history if _is_waiting(change)]
    if kind is not None and len(waiting) == 1 and waiting[0].kind == kind and told_of(waiting[0].told) == now:
        return 0
    for change in waiting:
        _net(session, change)
    if kind is None:
        if waiting:
            _set_status(
                session, actor, fact, CarrierStatus.CONFIRMED if _is_confirmed(history) else CarrierStatus.READY
            )
        return 0
    return _add_change(session, actor, connection, fact, kind, now, history)


def _history(session: Session, enrollment_id: UUID) -> list[CarrierChange]:
    query = sa.select(CarrierChange).where(CarrierChange.enrollment_id == enrollment_id).order_by(CarrierChange.id)
    return list(session.scalars(query))


def _is_waiting(change: CarrierChange) -> bool:
    return (change.status in OPEN and change.feed_file_id is None) or change.status == ChangeStatus.SYNTAX_REJECTED


def last_told(history: Iterable[CarrierChange]) -> Told | None:
    """What the carrier was told last: changes that were sent, or lie in a file that is about to be."""
    told = None
    for change in history:
        on_its_way = change.status == ChangeStatus.READY and change.feed_file_id is not None
        if change.status in TOLD or on_its_way:
            told = told_of(change.told) or told
    return told


def _is_confirmed(history: Iterable[CarrierChange]) -> bool:
    told = [change for change in history if change.status in TOLD]
    return bool(told) and told[-1].status == ChangeStatus.CONFIRMED


def _net(session: Session, change: CarrierChange) -> None:
    change.status = ChangeStatus.NETTED.value
    session.execute(
        sa.update(ManualTask)
        .where(ManualTask.change_id == change.id, ManualTask.state == "open")
        .values(state="canceled")
    )


def _add_change(
    session: Session,
    actor: Actor,
    connection: Connection,
    fact: Fact,
    kind: ChangeKind,
    now: Told,
    history: list[CarrierChange],
) -> int:
    previous = history[-1].id if history else "first"
    change_id = _insert_change(
        session,
        connection,
        employee_id=fact.enrollment.employee_id,
        enrollment_id=fact.enrollment.id,
        kind=kind,
        dedupe_key=f"{fact.enrollment.id}:{previous}:{kind}",
        effective_on=(now.end or now.start) if kind is ChangeKind.TERMINATE else now.start,
        told=now.as_json() | {"people": marks_of(session, [fact])},
    )
    if change_id is None:
        return 0
    _set_status(session, actor, fact, CarrierStatus.READY)
    return 1


def _insert_change(session: Session, connection: Connection, **values: Any) -> UUID | None:
    """The change's id, or None when it is already noted. A carrier without a feed gets a task instead."""
    manual = connection.adapter == MANUAL
    status = ChangeStatus.MANUAL if manual else ChangeStatus.READY
    row = {"company_id": current_tenant(), "id": uuid7(), "connection_id": connection.id, "status": status.value}
    session.flush()
    statement = insert(CarrierChange).values(**row, **(values | {"kind": values["kind"].value}))
    done = session.execute(
        statement.on_conflict_do_nothing(index_elements=["company_id", "dedupe_key"]).returning(CarrierChange.id)
    )
    change_id = done.scalar_one_or_none()
    if change_id is not None and manual:
        due_on = business_days(today(), MANUAL_DAYS)
        session.add(ManualTask(connection_id=connection.id, change_id=change_id, due_on=due_on))
    return change_id


def _set_status(session: Session, actor: Actor, fact: Fact, status: CarrierStatus) -> None:
    benefits.set_carrier_status(session, actor, fact.enrollment.id, status)


# --- people -----------------------------------------------------------------------------------------------------


def note_person(session: Session, actor: Actor, person_id: UUID) -> int:
    """An employee's or dependent's details changed: tell every carrier that knows the family. Returns new changes."""
    dependent = session.get(Dependent, (current_tenant(), person_id))
    employee_id = dependent.employee_id if dependent is not None else person_id
    new = 0
    for connection_id, changes in _told_by_connection(session, employee_id).items():
        connection = fetch(session, Connection, connection_id)
        new += _note_details(session, connection, employee_id, changes)
    if dependent is not None:
        new += sum(note_enrollment(session, actor, row) for row in _covering(session, dependent.id))
    return new


def _covering(session: Session, dependent_id: UUID) -> list[UUID]:
    query = sa.select(CoveredDependent.enrollment_id).where(CoveredDependent.dependent_id == dependent_id)
    return sorted(session.scalars(query))


def _told_by_connection(session: Session, employee_id: UUID) -> dict[UUID, list[CarrierChange]]:
    query = (
        sa.select(CarrierChange)
        .where(CarrierChange.employee_id == employee_id, CarrierChange.status != ChangeStatus.NETTED)
        .order_by(CarrierChange.id)
    )
    grouped: dict[UUID, list[CarrierChange]] = defaultdict(list)
    for change in session.scalars(query):
        grouped[change.connection_id].append(change)
    return grouped


def _note_details(session: Session, connection: Connection, employee_id: UUID, changes: list[CarrierChange]) -> int:
    facts = [fact for fact in facts_of(session, connection.id, employee_ids=[employee_id]) if not fact.told.terminated]
    blocked = [change for change in changes if change.status == ChangeStatus.DRAFT]
    for change in blocked:  # the correction our gate asked for may be this one
        change.status, change.problem = ChangeStatus.READY.value, ""
    waiting = any(change.status in OPEN and change.feed_file_id is None for change in changes)
    if not facts or waiting:
        return 0  # nothing in force, or the waiting change will carry the new details anyway
    marks = marks_of(session, facts)
    known: dict[str, str] = {}
    for change in changes:
        known |= change.told.get("people", {})
    if all(known.get(person) == mark for person, mark in marks.items()):
        return 0
    digest = blind_index(current_tenant(), "feed-family", json.dumps(marks, sort_keys=True)).hex()
    change_id = _insert_change(
        session,
        connection,
        employee_id=employee_id,
        enrollment_id=None,
        kind=ChangeKind.DEMOGRAPHIC,
        dedupe_key=f"{connection.id}:{employee_id}:{changes[-1].id}:{digest}",
        effective_on=today(),
        told={"people": marks},
    )
    return int(change_id is not None)
