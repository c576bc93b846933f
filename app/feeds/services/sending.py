"""Delivery, step by step. Each step is a committed fact, so a second attempt knows what the first may have done."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.benefits import services as benefits
from app.benefits.rules.words import CarrierStatus
from app.connections import services as connections
from app.connections.models import Connection
from app.core.clock import now
from app.core.db import fetch
from app.core.events import Actor, Risk, record
from app.feeds.models import CarrierChange, ChangeStatus, FeedFile, FileState
from app.feeds.rules.states import file_step, may_change
from app.feeds.services.carriers import carrier_profile


def note_upload_began(session: Session, file_id: UUID, known: datetime | None) -> bool:
    """From here on the carrier may have the file. A later attempt looks for it before it sends anything.

    Args:
        known: when the last attempt began, as this one saw it. False when another began meanwhile: leave it alone.
    """
    file = fetch(session, FeedFile, file_id, lock=True)
    if file.state != FileState.READY or file.upload_began_at != known:
        return False
    file.upload_began_at = now()
    file.upload_tries += 1
    return True


def mark_sent(session: Session, actor: Actor, file_id: UUID, *, evidence: str = "delivered") -> None:
    """The bytes are at the carrier. Applying it twice changes nothing."""
    file = fetch(session, FeedFile, file_id, lock=True)
    if file.state != FileState.READY:
        return
    connection = fetch(session, Connection, file.connection_id)
    profile = carrier_profile(connection)
    file_step(file.state, FileState.SENT)
    file.state, file.sent_at, file.send_problem = FileState.SENT.value, now(), ""
    file.acknowledge_by = file.sent_at + timedelta(hours=profile.acknowledge_hours) if profile.acknowledges else None
    set_changes(session, actor, file, ChangeStatus.SENT, values={"sent_at": file.sent_at})
    connections.note_exchange(session, connection)
    connection.next_poll_at = now()  # carriers acknowledge within minutes
    record(session, actor, "feeds.file.sent", file, new={"evidence": evidence, "acknowledge_by": file.acknowledge_by})


def mark_not_sent(
    session: Session, actor: Actor, file_id: UUID, code: str, *, person_needed: bool, nothing_there: bool = True
) -> None:
    """A failed attempt: the reason is kept; what only a person can repair stops the connection.

    Args:
        nothing_there: this attempt put nothing there and no earlier one may have.
    """
    file = fetch(session, FeedFile, file_id, lock=True)
    file.send_problem = code
    if nothing_there:
        file.upload_began_at = None
    connection = fetch(session, Connection, file.connection_id)
    if person_needed:
        connections.mark_broken(session, actor, connection, code)
        record(session, actor, "feeds.file.delivery-failed", file, new={"code": code}, risk=Risk.HIGH, success=False)
    else:
        connections.note_failure(session, connection, code)


_CARRIER_STATUS = {
    ChangeStatus.READY: CarrierStatus.READY,
    ChangeStatus.SENT: CarrierStatus.SENT,
    ChangeStatus.SYNTAX_ACCEPTED: CarrierStatus.SYNTAX_ACCEPTED,
    ChangeStatus.SYNTAX_REJECTED: CarrierStatus.SYNTAX_REJECTED,
    ChangeStatus.CONFIRMED: CarrierStatus.CONFIRMED,
    ChangeStatus.DISCREPANCY: CarrierStatus.DISCREPANCY,
}


def set_changes(
    session: Session,
    actor: Actor,
    file: FeedFile,
    status: ChangeStatus,
    *,
    st02: str | None = None,
    values: dict[str, object] | None = None,
    reason: str = "",
) -> int:
    """Move the changes of a file (or of one ST of it) where their state allows it; the enrollments follow."""
    query = sa.select(CarrierChange).where(CarrierChange.feed_file_id == file.id).order_by(CarrierChange.id)
    query = query.with_for_update().execution_options(populate_existing=True)  # a census may move them at this moment
    if st02 is not None:
        query = query.where(CarrierChange.st02 == st02)
    moved = [change for change in session.scalars(query) if move_change(change, status)]
    for change in moved:
        for name, value in (values or {}).items():
            setattr(change, name, value)
        tell_enrollment(session, actor, file.usage, change, status, reason)
    return len(moved)


def move_change(change: CarrierChange, status: ChangeStatus) -> bool:
    """One step of a change; False when it is not allowed from where the change stands."""
    if not may_change(change.status, status):
        return False
    change.status = status.value
    return True


def tell_enrollment(
    session: Session, actor: Actor, usage: str, change: CarrierChange, status: ChangeStatus, reason: str = ""
) -> None:
    """The enrollment's own status follows what happened at the carrier. A test file never moves it."""
    if usage == "P" and change.enrollment_id is not None:
        benefits.set_carrier_status(session, actor, change.enrollment_id, _CARRIER_STATUS[status], reason)
