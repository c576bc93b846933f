"""The second half of making a file, in one transaction: bytes, members, judgment, and what becomes of the changes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.connections.models import Connection
from app.core import storage
from app.core.clock import today
from app.core.db import current_tenant, fetch
from app.core.events import Actor, Risk, record
from app.feeds.models import CarrierChange, ChangeStatus, FeedFile, FeedMember, FileState
from app.feeds.rules.difference import Difference, compare, hold_reason
from app.feeds.rules.states import file_step
from app.feeds.services.carriers import carrier_profile, hold_people
from app.feeds.services.families import Said
from app.feeds.services.judging import Judged
from app.feeds.services.persons import Person
from app.feeds.services.picture import picture_of
from app.feeds.services.tellings import claimed
from app.people.models import Employee


def finish_file(session: Session, actor: Actor, file_id: UUID, said: Said, judged: Judged) -> FeedFile:
    """Keep what was made. A second attempt that comes late finds the file finished and changes nothing."""
    file = fetch(session, FeedFile, file_id, lock=True)
    if file.state != FileState.BUILDING:
        return file
    if judged.written is None:
        return _drop(session, actor, file, judged)
    connection = fetch(session, Connection, file.connection_id)
    _keep_bytes(session, file, judged)
    if judged.sound:
        found = _difference(session, file, said)
        file.difference = found.as_json()
        profile = carrier_profile(connection)
        file.hold_reason = hold_reason(found, percent=profile.hold_loss_percent, people=hold_people(connection))
        _remember_members(session, file, said, judged)
        _bind_changes(session, file, said, judged)
        _move(session, actor, file, FileState.HELD if file.hold_reason else FileState.READY)
        if file.hold_reason:
            record(session, actor, "feeds.file.held", file, new={"hold": file.hold_reason}, risk=Risk.HIGH)
    else:
        _give_back(session, file, judged.blamed)
        _move(session, actor, file, FileState.REFUSED)
    return file


def _drop(session: Session, actor: Actor, file: FeedFile, judged: Judged) -> FeedFile:
    """There is nobody to tell anything any more: the numbers stay used, the changes are done with."""
    file.findings = judged.findings
    for change in claimed(session, file.id):
        change.status = ChangeStatus.NETTED.value
    _move(session, actor, file, FileState.CANCELED)
    return file


def _move(session: Session, actor: Actor, file: FeedFile, state: FileState) -> None:
    file_step(file.state, state)
    file.state = state.value
    record(
        session,
        actor,
        "feeds.file.made",
        file,
        new={"state": state.value, "members": file.members, "coverages": file.coverages, "hold": file.hold_reason},
        risk=Risk.LOW,
    )


def _keep_bytes(session: Session, file: FeedFile, judged: Judged) -> None:
    assert judged.written is not None
    written = judged.written
    stored = storage.keep(
        session, written.data, name=file.name, content_type="text/plain", purpose="feed-file", file_id=uuid7()
    )
    file.file_id, file.sha256 = stored.id, stored.sha256
    file.members, file.coverages, file.sets = written.members, written.coverages, written.transactions
    file.findings = judged.findings


def _difference(session: Session, file: FeedFile, said: Said) -> Difference:
    keys = None if file.kind == "full" else [person.key for person in said.people]
    known = picture_of(session, file.connection_id, file.usage, keys=None)
    before = {key: item.lines for key, item in known.items()}
    after = {person.key: person.lines for person in said.people}
    if keys is not None:  # somebody whose details alone are told keeps every coverage
        after = {key: lines or before.get(key, {}) for key, lines in after.items()}
    return compare(before, after, today(), full=file.kind == "full")


def _remember_members(session: Session, file: FeedFile, said: Said, judged: Judged) -> None:
    """Member ↔ ST map, and the picture the next file is compared with."""
    assert judged.written is not None
    st_map = judged.written.st_map
    rows = [
        _member_row(file, person, member.maintenance, st_map[person.key], judged.places.get(person.key, 0))
        for person, member in zip(said.people, said.members, strict=True)
    ]
    if rows:
        session.execute(sa.insert(FeedMember), rows)


def _member_row(file: FeedFile, person: Person, maintenance: str, st02: str, position: int) -> dict[str, Any]:
    row_id, company_id = uuid7(), current_tenant()
    return {
        "company_id": company_id,
        "id": row_id,
        "feed_file_id": file.id,
        "connection_id": file.connection_id,
        "usage": file.usage,
        "gs06": file.gs06,
        "member_key": person.key,
        "employee_id": person.employee.id,
        "dependent_id": person.dependent_id,
        "st02": st02,
        "maintenance": maintenance,
        "position": position,
        "coverages": person.lines,
        "identity_enc": FeedMember.identity.seal(company_id, row_id, person.identity()),
        "mark": person.mark(),
        "outcome": "",
        "problem": "",
    }


def _bind_changes(session: Session, file: FeedFile, said: Said, judged: Judged) -> None:
    """Each change learns in which ST it stands and what exactly was said."""
    assert judged.written is not None
    subscribers = {person.employee.id: person for person in said.people if person.dependent is None}
    marks: dict[UUID, dict[str, str]] = {}
    for person in said.people:
        marks.setdefault(person.employee.id, {})[str(person.row.id)] = person.mark()
    for change in claimed(session, file.id):
        subscriber = subscribers.get(change.employee_id)
        if subscriber is None:  # left nothing to say in this file
            change.status = ChangeStatus.NETTED.value
            continue
        change.st02 = judged.written.st_map[subscriber.key]
        change.told = change.told | {"people": marks[change.employee_id]}
        change.problem = ""


def _give_back(session: Session, file: FeedFile, blamed: dict[str, str]) -> None:
    """The changes of a refused file wait again; whoever is at fault is set aside with the reason in plain words."""
    numbers = _member_numbers(session, file)
    for change in claimed(session, file.id):
        number = numbers.get(change.employee_id, "")
        words = next((text for key, text in blamed.items() if key == number or key.startswith(f"{number}-")), "")
        change.feed_file_id = None
        change.problem = words
        if words:
            change.status = ChangeStatus.DRAFT.value


def _member_numbers(session: Session, file: FeedFile) -> dict[UUID, str]:
    query = (
        sa.select(CarrierChange.employee_id, Employee.member_number)
        .join(
            Employee, sa.and_(Employee.company_id == CarrierChange.company_id, Employee.id == CarrierChange.employee_id)
        )
        .where(CarrierChange.feed_file_id == file.id)
        .distinct()
    )
    return {row.employee_id: row.member_number for row in session.execute(query)}
