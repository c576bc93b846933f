"""What syncing does later: runs, what webhooks speak of, schedules, days that have come."""

from __future__ import annotations

import time
from datetime import timedelta

import sqlalchemy as sa

from app.connections.models import Connection, InboxState
from app.connections.services import calling, manifest_of, mark
from app.core import jobs
from app.core.clock import now
from app.core.db import fetch
from app.core.events import system
from app.core.jobs import Run, job
from app.integrations.api import Resource
from app.integrations.failures import ContractDrift, Failure, NotFound, Rejected
from app.integrations.sync.mapping import Changes
from app.integrations.sync.reading import Item
from app.syncing.models import RemoteRecord
from app.syncing.services import deciding, events, health, running, schedules
from app.syncing.services.reading import read_part, rehearse
from app.syncing.services.settling import Work

SECONDS = 60
"""How long one attempt reads before it lets others work; the next goes on behind the last page."""

TRIES = 15


@job("syncing.run", on=["syncing.run.asked"], max_attempts=TRIES, timeout=600)
def run_sync(run: Run) -> None:
    """Read everything a connection keeps in step, page after page. Killed, it goes on behind the last page kept."""
    actor = system(run.kind, run.company_id)
    with run.step() as session:
        task = running.begin(session, actor, run.subject_id)
        link = calling.link_of(session, task.connection_id) if task else None
    if task is None or link is None:
        return
    until = time.monotonic() + SECONDS
    try:
        with calling.open_provider(link, about=("sync_run", task.run_id), earlier=run.attempt - 1) as provider:
            if task.is_dry:
                rehearse(run.step, task, provider)
            else:
                for resource in task.resources:
                    read_part(run.step, task, provider, resource, until)
                _take_waiting(run, task.work, task.resources, task.changes)
    except (jobs.GiveUp, Rejected, ContractDrift) as final:
        _fail(run, final.code)
        return
    except (Failure, jobs.OutcomeUnknown) as passing:
        if run.attempt < TRIES:
            raise
        _fail(run, passing.code)
        return
    with run.finish() as session:
        running.end(session, actor, task)


def _take_waiting(run: Run, work: Work, resources: tuple[Resource, ...], changes: dict[str, Changes]) -> None:
    after = None
    while True:
        with run.step() as session:
            after = running.take_waiting(session, work, resources, changes, after)
        if after is None:
            return


def _fail(run: Run, code: str) -> None:
    with run.finish() as session:
        running.fail(session, system(run.kind, run.company_id), run.subject_id, code)


@job("syncing.take_event", on=["connections.event.received"])
def take_event(run: Run) -> None:
    """A webhook spoke of a record that is kept in step: fetch it again and take it. An event is a hint, never the truth."""
    with run.step() as session:
        told = events.read(session, run.subject_id)
        link = calling.link_of(session, told.connection_id) if told else None
        if told is None and events.hint(session, run.subject_id):
            mark(session, system(run.kind), run.subject_id, InboxState.APPLIED, kind="hint")
    if told is None or link is None:
        return
    with calling.open_provider(link, about=("inbox_item", run.subject_id), earlier=run.attempt - 1) as provider:
        try:
            item = events.fetched(provider.answer, told)
        except NotFound:
            item = Item(told.remote_id, {}, deleted=True)
    with run.finish() as session:
        events.take(session, system(run.kind, run.company_id), told, item)
        mark(session, system(run.kind), run.subject_id, InboxState.APPLIED, kind="record")


@job("syncing.plan", every="minute")
def plan_syncs(run: Run) -> None:
    """Ask for the runs that are due by their schedule."""
    with run.finish() as session:
        schedules.ask_due(session, system(run.kind, run.company_id), now())


@job("syncing.take_due", every="day")
def take_due(run: Run) -> None:
    """Records that hold from today on."""
    actor = system(run.kind, run.company_id)
    with run.step() as session:
        connection_ids = list(
            session.scalars(sa.select(RemoteRecord.connection_id).where(RemoteRecord.due_on.is_not(None)).distinct())
        )
    for connection_id in connection_ids:
        with run.step() as session:
            connection = fetch(session, Connection, connection_id)
            resources = manifest_of(connection.adapter).synced
            changes, work = (
                running.changes_by(connection, resources),
                running.work_of(session, actor, connection_id, None),
            )
        _take_waiting(run, work, resources, changes)


@job("syncing.close_day", every="day")
def close_day(run: Run) -> None:
    """How every connection did yesterday and the day before: a night without us leaves no hole."""
    with run.finish() as session:
        for back in (2, 1):
            health.close_day(session, now().date() - timedelta(days=back))


@job("syncing.take_decided", on=["syncing.record.decided"])
def take_decided(run: Run) -> None:
    """A person decided who a record is."""
    with run.finish() as session:
        deciding.take_open(session, system(run.kind, run.company_id), run.subject_id, decided=True)


@job("syncing.try_again", on=["syncing.record.retried"])
def try_again(run: Run) -> None:
    """What was wrong with a record is mended; who it is, nobody said."""
    with run.finish() as session:
        deciding.take_open(session, system(run.kind, run.company_id), run.subject_id, decided=False)
