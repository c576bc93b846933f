"""A drive is read by its changes alone: a notification about it makes the next run due, and a word in between means nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.connections.models import Connection, InboxItem, InboxState
from app.connections.services import inbox
from app.core.clock import now
from app.core.db import fetch, transaction
from app.core.events import record, system
from app.integrations.sync.reading import Mode
from app.syncing import services
from app.syncing.models import RemoteRecord, SyncRun
from app.syncing.services.schedules import ask_due
from sandbox.vendors.core.serving import serving
from tests.feeds.world import run_jobs


@pytest.fixture(scope="module")
def _google() -> Iterator[Any]:
    with serving("google_drive") as vendor:
        yield vendor


@pytest.fixture
def google(_google: Any) -> Any:
    _google.reset()
    return _google


@pytest.fixture
def drive_id(company: UUID, google: Any, free: None) -> UUID:
    hints = google.hints()
    with transaction() as session:
        made = Connection(
            adapter="google_drive", name="Drive", code="DRV", status="connected", api_endpoint_url=google.url,
            settings={name: hints[name] for name in ("client_email", "drive_id")},
            credentials={"private_key": hints["private_key"]},
        )  # fmt: skip
        session.add(made)
        session.flush()
        plan = services.plan_of(session, made.id)
        plan.is_on, plan.next_run_at = True, None
        services.ask_run(session, system("test"), made.id, mode=Mode.FULL)
    run_jobs(kinds=("syncing.",))
    return made.id


def told(drive_id: UUID, number: int, resource: str) -> UUID:
    with transaction() as session:
        connection = fetch(session, Connection, drive_id)
        item_id = inbox.receive(session, system("test"), connection, f"channel:{number}", b"", "webhook")
        assert item_id is not None
        item = fetch(session, InboxItem, item_id)
        item.resource, item.resource_ref = resource, "changes"
        session.flush()
        record(session, system("test"), "connections.event.received", item)
    run_jobs(kinds=("syncing.",))
    return item_id


def asked() -> int:
    with transaction() as session:
        return ask_due(session, system("test"), now())


def records() -> set[str]:
    with transaction() as session:
        return set(session.scalars(sa.select(RemoteRecord.remote_id)))


def test_a_notification_has_the_changes_read(drive_id: UUID, google: Any) -> None:
    before = records()
    assert len(before) == 3
    new_id = google.add("new.pdf", "x")
    told(drive_id, 1, "")  # `sync`: the channel is open, and nothing changed
    assert asked() == 0
    items = [told(drive_id, number, "file") for number in (2, 3)]
    assert asked() == 1  # two words, one run
    run_jobs(kinds=("syncing.",))
    assert records() - before == {new_id}
    with transaction() as session:
        assert {fetch(session, InboxItem, item_id).state for item_id in items} == {InboxState.APPLIED}
        assert session.scalars(sa.select(SyncRun.mode).order_by(SyncRun.id)).all() == ["full", "incremental"]


def test_a_drive_that_is_not_kept_in_step_is_left_alone(drive_id: UUID) -> None:
    with transaction() as session:
        services.plan_of(session, drive_id).is_on = False
    told(drive_id, 1, "file")
    assert asked() == 0
