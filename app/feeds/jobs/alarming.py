"""Telling the right people, by e-mail and on their page, once for each file and event."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.accounts import services as accounts
from app.connections.models import Connection
from app.core.access import Can
from app.core.db import fetch
from app.core.events import Actor, system
from app.core.jobs import Run, job
from app.feeds.models import FeedFile, FileState
from app.feeds.services import alarming
from app.notices import services as notices


@job("feeds.tell_held", on=["feeds.file.held"])
def tell_held(run: Run) -> None:
    """A file waits for a second person: whoever may release it is told."""
    with run.finish() as session:
        file = fetch(session, FeedFile, run.subject_id)
        connection = fetch(session, Connection, file.connection_id)
        if file.state == FileState.HELD:
            _tell(session, run, "feeds.file.held", file, connection, alarming.releasers(session, file, connection))


@job("feeds.tell_overdue", on=["feeds.file.overdue"])
def tell_overdue(run: Run) -> None:
    """A carrier has not answered in time: whoever manages feeds is told."""
    with run.finish() as session:
        file = fetch(session, FeedFile, run.subject_id)
        connection = fetch(session, Connection, file.connection_id)
        if file.state == FileState.SENT:
            people = accounts.holders(session, Can.FEED_MANAGE)
            _tell(session, run, "feeds.file.overdue", file, connection, people)


def _tell(session: Session, run: Run, kind: str, file: FeedFile, connection: Connection, people: list[UUID]) -> None:
    actor = system(run.kind, run.company_id)
    for user_id in people:
        notices.issue(
            session, actor, kind, subject=("feed_file", file.id), context={"carrier": connection.name}, user_id=user_id,
            link_path=f"/feeds/files/{file.id}",
        )  # fmt: skip


@job("feeds.tell_given_up", every="five-minutes")
def tell_given_up(run: Run) -> None:
    """Work that will not be tried again: whoever may run it again, and whoever manages feeds, is told; once a day about one thing."""
    with run.finish() as session:
        found = alarming.given_up(session)
        if not found:
            return
        operators = accounts.holders(session, Can.OPERATIONS_VIEW)
        managers = [one for one in accounts.holders(session, Can.FEED_MANAGE) if one not in operators]
        actor = system(run.kind, run.company_id)
        for row in found:
            for user_id in operators:
                _given_up(session, actor, row, user_id, f"/operations/intents?state={row.state}")
            for user_id in managers:
                _given_up(session, actor, row, user_id, "/feeds")


def _given_up(session: Session, actor: Actor, row: Any, user_id: UUID, path: str) -> None:
    notices.issue(
        session, actor, alarming.GIVEN_UP, subject=("job_intent", row.subject_id), context={"carrier": row.carrier or ""},
        user_id=user_id, link_path=path, dedupe=f"{row.kind}:{row.updated_at:%Y-%m-%d}",
    )  # fmt: skip
