"""Reading a provider page by page, each page kept before the next is asked for."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.connections.models import Connection
from app.connections.services.calling import Provider
from app.core import jobs
from app.core.clock import now
from app.core.db import fetch
from app.integrations.api import Resource
from app.integrations.failures import Gone
from app.integrations.sync.reading import Batch, Reading
from app.syncing.models import SyncRun
from app.syncing.services.running import Task, begin_part
from app.syncing.services.storing import Part, store_page

Step = Callable[[], AbstractContextManager[Session]]
"""A committed transaction that also proves the job still holds its work (`Run.step`)."""

SAMPLES = 5
"""Records of each resource that a rehearsal keeps, so that a mapping can be tried on real ones before anything is taken."""

DRY_PAGES = 20
"""Of each resource; a rehearsal shows the beginning of a long list."""


def read_part(step: Step, task: Task, provider: Provider, resource: Resource, until: float) -> None:
    """Read one resource to its end.

    Args:
        until: `time.monotonic()` after which the rest is left to the next attempt, which goes on behind the last page kept.

    Raises:
        jobs.Retry: the time is over. Failure, jobs.GiveUp …: what `calling.take` makes of a call that ends otherwise.
    """
    with step() as session:
        part = begin_part(session, task, resource)
    if part is None:
        return
    try:
        _pages(step, task, provider, part, until)
    except Gone:
        # The cursor is older than what the provider keeps.
        with step() as session:
            part = begin_part(session, task, resource, everything=True)
        if part is not None:
            _pages(step, task, provider, part, until)


def _pages(step: Step, task: Task, provider: Provider, part: Part, until: float) -> None:
    for batch in part.resource.read(_reading(provider, part)):
        with step() as session:
            store_page(session, task.work, fetch(session, SyncRun, task.run_id, lock=True), part, batch)
            working = fetch(session, Connection, task.connection_id).is_working
        for call in batch.done:
            provider.answer(call)
        if not working:
            raise jobs.GiveUp(
                "connection-stopped"
            )  # what came until then is kept; the token in our hand is used no more
        if not batch.last and time.monotonic() > until:
            raise jobs.Retry("goes-on", 0)


def _reading(provider: Provider, part: Part) -> Reading:
    return Reading(provider.answer, part.resource, provider.link.config, part.mode, part.cursor, now())


def rehearse(step: Step, task: Task, provider: Provider) -> None:
    """A dry run: read first, then do in one transaction what a sync would do, keep what it told, and take everything back."""
    found: list[tuple[Part, list[Batch]]] = []
    for resource in task.resources:
        with step() as session, session.begin_nested() as undone:
            part = begin_part(session, task, resource)
            undone.rollback()
        if part is not None:
            found.append((part, _some(_reading(provider, part))))
    with step() as session:
        with session.begin_nested() as undone:
            run = fetch(session, SyncRun, task.run_id, lock=True)
            for part, batches in found:
                run.parts = run.parts | {part.resource.name: {"mode": part.mode.value}}
                for batch in batches:
                    store_page(session, task.work, run, part, batch)
            kept = run.parts, run.records_processed, run.records_failed
            undone.rollback()
        run = fetch(session, SyncRun, task.run_id, lock=True)
        run.parts, run.records_processed, run.records_failed = kept
        keep_samples(session, run, {part.resource.name: _first(batches) for part, batches in found})


def _first(batches: list[Batch]) -> list[dict[str, Any]]:
    some = (item for batch in batches for item in batch.items if not item.deleted)
    return [{"remote_id": item.remote_id, "raw": dict(item.raw)} for item in islice(some, SAMPLES)]


def keep_samples(session: Session, run: SyncRun, samples: dict[str, Any]) -> None:
    """Those of the newest rehearsal alone: older ones are of no more use."""
    older = sa.update(SyncRun).where(SyncRun.connection_id == run.connection_id, SyncRun.is_dry, SyncRun.id != run.id)
    session.execute(older.values(samples_enc=None), execution_options={"synchronize_session": False})
    run.samples = samples


def _some(reading: Reading) -> list[Batch]:
    batches = []
    for batch in reading.resource.read(reading):
        batches.append(batch)
        if len(batches) == DRY_PAGES:
            break
    return batches
