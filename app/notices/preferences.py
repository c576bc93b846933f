"""How each person wants to be told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.errors import Invalid, NotFound
from app.core.events import Actor, record
from app.notices.models import Channel, NoticePreference
from app.notices.rules import NEWS, REMINDERS, WAITS, Wishes, seconds_of_quiet

FIELDS = ("email_reminders", "email_news", "quiet", "quiet_from", "quiet_to")


def wishes_of(session: Session, user_id: UUID | None) -> Wishes:
    """What a person chose, or what everybody gets."""
    query = sa.select(NoticePreference).where(NoticePreference.user_id == user_id)
    row = session.scalars(query).one_or_none() if user_id else None
    return Wishes() if row is None else Wishes(**{name: getattr(row, name) for name in FIELDS}, chosen=True)


def choose(session: Session, actor: Actor, **values: Any) -> NoticePreference:
    """Keep the actor's own wishes and record `notices.preference.changed`.

    Raises:
        NotFound: nobody is signed in.
        Invalid: the quiet hours begin when they end.
    """
    if actor.user_id is None:
        raise NotFound
    if values["quiet"] and values["quiet_from"] == values["quiet_to"]:
        raise Invalid({"quiet_to": "Choose another hour: the quiet time would have no length"})
    row = session.scalars(sa.select(NoticePreference).where(NoticePreference.user_id == actor.user_id)).one_or_none()
    old = {name: getattr(row, name) for name in FIELDS} if row is not None else {}
    new = {name: values[name] for name in FIELDS}
    if row is None:
        row = NoticePreference(user_id=actor.user_id, **new)
        session.add(row)
    for name, value in new.items():
        setattr(row, name, value)
    session.flush()
    if old != new:
        record(session, actor, "notices.preference.changed", row, old=old, new=new)
    return row


def wanted(session: Session, user_id: UUID | None, kind: str, channels: Sequence[str]) -> list[str]:
    """The channels a notice takes. E-mail is left out only when the app has it too: nothing is silenced altogether."""
    if Channel.IN_APP not in channels or kind not in REMINDERS | NEWS:
        return list(channels)
    by_mail = wishes_of(session, user_id).wants_email(kind)
    return [channel for channel in channels if by_mail or channel != Channel.EMAIL]


def seconds_to_wait(session: Session, user_id: UUID | None, kind: str, at: datetime, time_zone: str) -> int:
    """How long an e-mail keeps quiet hours, on the company's clock; 0 when it may go now."""
    if kind not in WAITS:
        return 0
    wishes = wishes_of(session, user_id)
    return seconds_of_quiet(wishes, at.astimezone(ZoneInfo(time_zone))) if wishes.waits(kind) else 0
