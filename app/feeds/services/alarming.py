"""Whom to tell when a file waits for a person, when a carrier stays silent, and when work was given up."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts import services as accounts
from app.connections.models import Connection, InboxItem
from app.core.access import Can
from app.core.clock import now
from app.core.jobs import JobIntent, State
from app.feeds.models import FeedFile
from app.feeds.services.carriers import approver
from app.notices.models import Notice

GIVEN_UP = "feeds.work.given_up"
LOOK_BACK = timedelta(days=1)
AT_ONCE = 50


def releasers(session: Session, file: FeedFile, connection: Connection) -> list[UUID]:
    """Users who may release a held file; when there is nobody, those who manage feeds, so that somebody knows."""
    named = approver(connection)
    allowed = [user_id for user_id in accounts.holders(session, Can.FEED_RELEASE) if user_id != file.made_by_user_id]
    if named is not None:
        allowed = [user_id for user_id in allowed if user_id == named]
    return allowed or accounts.holders(session, Can.FEED_MANAGE)


def given_up(session: Session) -> list[Any]:
    """Work of feeds that ended dead or with an unknown outcome and of which nobody was told since. One query.

    Returns:
        Named tuples: id, kind, subject_id, state, updated_at, carrier (None when it is about no single carrier).
    """
    subject = sa.func.coalesce(JobIntent.subject_id, JobIntent.id)
    told = sa.select(Notice.id).where(
        Notice.kind == GIVEN_UP, Notice.subject_id == subject, Notice.created_at >= JobIntent.updated_at
    )
    connection_id = sa.func.coalesce(FeedFile.connection_id, InboxItem.connection_id, JobIntent.subject_id)
    query = (
        sa.select(
            JobIntent.id, JobIntent.kind, subject.label("subject_id"), JobIntent.state, JobIntent.updated_at,
            Connection.name.label("carrier"),
        )
        .outerjoin(FeedFile, _same(FeedFile, JobIntent.subject_id))
        .outerjoin(InboxItem, _same(InboxItem, JobIntent.subject_id))
        .outerjoin(Connection, _same(Connection, connection_id))
        .where(
            JobIntent.state.in_((State.DEAD, State.UNKNOWN)), JobIntent.kind.like("feeds.%"),
            JobIntent.updated_at > now() - LOOK_BACK, ~told.exists(),
        )
        .order_by(JobIntent.updated_at)
        .limit(AT_ONCE)
    )  # fmt: skip
    return list(session.execute(query))


def _same(model: Any, row_id: Any) -> sa.ColumnElement[bool]:
    return sa.and_(model.company_id == JobIntent.company_id, model.id == row_id)
