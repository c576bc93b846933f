"""Reminders put off by the people they are for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.benefits.models import EnrollmentWindow, ReminderSnooze
from app.benefits.rules.windows import WindowState, snooze_until, state_on
from app.core.errors import Conflict, NotFound
from app.core.events import Actor, record

LATE_DAYS = 7  # a reminder the clock missed is still given so many days later


def own_window(session: Session, actor: Actor, window_id: UUID) -> EnrollmentWindow:
    """A window the signed-in employee may choose in.

    Raises:
        NotFound: nobody's, or somebody else's.
    """
    mine = sa.or_(EnrollmentWindow.employee_id.is_(None), EnrollmentWindow.employee_id == actor.employee_id)
    query = sa.select(EnrollmentWindow).where(EnrollmentWindow.id == window_id, mine)
    found = session.scalars(query).one_or_none() if actor.employee_id else None
    if found is None:
        raise NotFound
    return found


def put_off(session: Session, actor: Actor, window_id: UUID, on: date, *, again: bool = True) -> date | None:
    """Put the reminders of a window off for three days (never past the day before it closes), or for good. Returns the day.

    Raises:
        NotFound: not the actor's window.
        Conflict: it is closed, or closes before another reminder could come.
    """
    window = own_window(session, actor, window_id)
    remind_on = snooze_until(window.closes_on, on) if again else None
    closed = state_on(window.opens_on, window.closes_on, on) is not WindowState.OPEN
    if closed or (again and remind_on is None):
        raise Conflict("There is no time left for another reminder")
    query = sa.select(ReminderSnooze).where(
        ReminderSnooze.employee_id == actor.employee_id, ReminderSnooze.window_id == window.id
    )
    row = session.scalars(query.with_for_update()).one_or_none()
    if row is None:
        row = ReminderSnooze(employee_id=actor.employee_id, window_id=window.id)
        session.add(row)
    row.remind_on = remind_on
    session.flush()
    record(
        session, actor, "benefits.reminder.put_off", row, new={"remind_on": remind_on}, person_id=actor.employee_id
    )  # fmt: skip
    return remind_on


def silent(session: Session, window_id: UUID, employee_ids: Sequence[UUID], on: date) -> set[UUID]:
    """Who of these is not reminded by the usual round today: later, not at all, or today by a reminder of their own."""
    query = sa.select(ReminderSnooze.employee_id).where(
        ReminderSnooze.window_id == window_id,
        ReminderSnooze.employee_id.in_(employee_ids),
        sa.or_(ReminderSnooze.remind_on.is_(None), ReminderSnooze.remind_on >= on),
    )
    return set(session.scalars(query))


def _due(on: date) -> list[sa.ColumnElement[bool]]:
    return [ReminderSnooze.remind_on <= on, ReminderSnooze.remind_on > on - timedelta(days=LATE_DAYS)]


def windows_due(session: Session, on: date) -> Sequence[UUID]:
    """Open windows in which somebody wanted to be reminded by today."""
    query = (
        sa.select(ReminderSnooze.window_id)
        .join(EnrollmentWindow, EnrollmentWindow.id == ReminderSnooze.window_id)
        .where(*_due(on), EnrollmentWindow.closes_on > on)
        .distinct()
        .order_by(ReminderSnooze.window_id)
    )
    return session.scalars(query).all()


def due(
    session: Session, window_id: UUID, on: date, *, after: UUID | None = None, limit: int = 50
) -> Sequence[ReminderSnooze]:
    """Who wanted to be reminded by today, in batches by employee."""
    query = (
        sa.select(ReminderSnooze)
        .where(ReminderSnooze.window_id == window_id, *_due(on))
        .order_by(ReminderSnooze.employee_id)
        .limit(limit)
    )
    return session.scalars(query if after is None else query.where(ReminderSnooze.employee_id > after)).all()
