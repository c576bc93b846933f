"""Time: files nobody answered, and the first day of production."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.benefits import services as benefits
from app.benefits.rules.words import CarrierStatus
from app.core.clock import now
from app.core.events import Actor, Risk, record
from app.feeds.models import CarrierChange, ChangeStatus, FeedFile, FileState
from app.feeds.rules.states import OPEN, TOLD


def watch_overdue(session: Session, actor: Actor) -> int:
    """Raise one alarm for each file whose acknowledgement is late. Returns how many are new."""
    late = session.scalars(
        sa.select(FeedFile)
        .where(FeedFile.state == FileState.SENT, FeedFile.acknowledge_by < now(), FeedFile.alarm_at.is_(None))
        .order_by(FeedFile.id)
        .with_for_update(skip_locked=True)
    ).all()
    for file in late:
        file.alarm_at = now()
        facts = {"acknowledge_by": file.acknowledge_by, "control": file.gs06}
        record(session, actor, "feeds.file.overdue", file, new=facts, risk=Risk.HIGH, success=False)
    return len(late)


def start_over(session: Session, actor: Actor, connection_id: UUID) -> int:
    """The connection went live: whatever only test files told is to be told for real. Returns how many changes."""
    query = (
        sa.select(CarrierChange)
        .join(
            FeedFile,
            sa.and_(FeedFile.company_id == CarrierChange.company_id, FeedFile.id == CarrierChange.feed_file_id),
        )
        .where(
            CarrierChange.connection_id == connection_id,
            FeedFile.usage == "T",
            CarrierChange.status.in_(TOLD | OPEN),
        )
        .order_by(CarrierChange.id)
        .with_for_update(of=CarrierChange)
    )
    changes = list(session.scalars(query))
    newest: dict[UUID, CarrierChange] = {}
    for change in changes:
        change.feed_file_id, change.st02 = None, ""
        change.sent_at = change.acknowledged_at = change.confirmed_at = None
        previous = newest.get(change.enrollment_id) if change.enrollment_id else None
        if previous is not None or change.enrollment_id is None:
            (previous or change).status = ChangeStatus.NETTED.value
        if change.enrollment_id is not None:
            newest[change.enrollment_id] = change
    for enrollment_id, change in newest.items():
        change.status = ChangeStatus.READY.value
        benefits.set_carrier_status(session, actor, enrollment_id, CarrierStatus.READY)
    _cancel_unsent_tests(session, connection_id)
    return len(newest)


def _cancel_unsent_tests(session: Session, connection_id: UUID) -> None:
    """A test file that has not left must not leave after go-live."""
    session.execute(
        sa.update(FeedFile)
        .where(
            FeedFile.connection_id == connection_id,
            FeedFile.usage == "T",
            FeedFile.state.in_((FileState.BUILDING, FileState.HELD, FileState.READY)),
        )
        .values(state=FileState.CANCELED.value)
        .execution_options(synchronize_session=False)
    )
