"""Making files: in two transactions with the slow writing and checking between them."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.connections import services as connections
from app.connections.models import Connection
from app.core.clock import now
from app.core.db import fetch
from app.core.errors import Conflict, Invalid
from app.core.events import Actor, system
from app.core.jobs import GiveUp, Run, enqueue, job
from app.feeds.models import CarrierChange, ChangeStatus, FeedFile, FileState
from app.feeds.rules.schedule import due_day
from app.feeds.services.carriers import EDI, carrier_profile
from app.feeds.services.collecting import begin_file
from app.feeds.services.families import say
from app.feeds.services.judging import judge
from app.feeds.services.making import finish_file
from app.integrations.formats.x12.profile import FileKind


@job("feeds.make_due", every="five-minutes")
def make_due(run: Run) -> None:
    """Start the file of every connection whose carrier expects one now; once per carrier's day."""
    with run.finish() as session:
        query = sa.select(Connection).where(Connection.adapter == EDI, Connection.is_active)
        for connection in session.scalars(query.order_by(Connection.id)):
            try:
                profile = carrier_profile(connection)
            except Invalid:
                continue  # still being set up
            day = due_day(profile.schedule, profile.weekday, profile.cut_off, profile.zone, now())
            if day is not None:
                enqueue(session, "feeds.make_file", connection.id, key=f"{connection.id}:{day}")


@job("feeds.make_file", on=["feeds.file.asked"], timeout=900)
def make_file(run: Run) -> None:
    """The subject is the connection. Killed anywhere and run again, it goes on with the same numbers, or never took any."""
    with run.step() as session:
        started = _begin(session, run)
    if started is None:
        return
    _build(run, *started)


def _begin(session: Session, run: Run) -> tuple[UUID, Actor] | None:
    maker = UUID(run.args["user_id"]) if run.args.get("user_id") else None
    actor = replace(system(run.kind), user_id=maker)
    original = fetch(session, FeedFile, run.args["replaces"]) if run.args.get("replaces") else None
    try:
        kind = run.args.get("kind", "")
        file = begin_file(session, actor, run.subject_id, kind="" if kind == "scheduled" else kind, replaces=original)
    except (Conflict, Invalid) as problem:
        raise GiveUp(f"cannot-make-{problem.code}") from None
    return (file.id, actor) if file is not None else None


def _build(run: Run, file_id: UUID, actor: Actor) -> None:
    with run.step() as session:
        file = fetch(session, FeedFile, file_id)
        connection = fetch(session, Connection, file.connection_id)
        feed = connections.feed_of(connection)
        said = say(session, file, connection)
    judged = judge(said, feed, file.gs06)
    with run.finish() as session:
        file = finish_file(session, actor, file_id, said, judged)
        if _worth_another(session, file, feed.profile.files):
            enqueue(session, "feeds.make_file", file.connection_id, key=f"after:{file.id}")


def _worth_another(session: Session, file: FeedFile, files: FileKind) -> bool:
    """A change file was refused because of some people: everybody else should not wait for them."""
    if file.state != FileState.REFUSED or file.kind != "change" or files is FileKind.FULL:
        return False
    waiting = sa.select(CarrierChange.id).where(
        CarrierChange.connection_id == file.connection_id,
        CarrierChange.status == ChangeStatus.READY,
        CarrierChange.feed_file_id.is_(None),
    )
    aside = sa.select(CarrierChange.id).where(
        CarrierChange.connection_id == file.connection_id, CarrierChange.status == ChangeStatus.DRAFT
    )
    return session.scalar(waiting.limit(1)) is not None and session.scalar(aside.limit(1)) is not None
