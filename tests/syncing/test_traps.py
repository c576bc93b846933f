"""Traps of reference/integrations.md §5 that are the engine's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.connections.models import Connection, InboxItem, InboxState
from app.connections.services import inbox
from app.core.clock import today
from app.core.db import fetch, tenant, transaction
from app.core.events import record, system
from app.core.jobs import JobIntent
from app.integrations.api import Resource
from app.integrations.contracts import Manifest
from app.integrations.failures import Gone
from app.integrations.sync.reading import Batch, Item, Mode, Reading
from app.integrations.sync.records import Employment, Kind
from app.integrations.transports.http.calls import Call
from app.people import services as people
from app.people.models import Employee, EmployeeStatus
from app.syncing import services
from app.syncing.models import RecordState, RemoteRecord, RunState, SyncCursor
from sandbox.vendors.bamboohr.people import SAME_EMAIL
from tests.feeds.world import run_jobs
from tests.integrations.http_server import Asked, HttpServer, reply
from tests.syncing import things
from tests.syncing.conftest import Synced
from tests.syncing.test_killed import _ask, _stored


def with_reader(reader: Any) -> Manifest:
    made = things.manifest()
    assert made.api is not None
    resource = replace(made.api.resources[0], reader=reader)
    return replace(made, api=replace(made.api, resources=(resource,)))


@pytest.fixture
def server() -> Iterator[Any]:
    made: list[HttpServer] = []

    def serve(respond: Any) -> HttpServer:
        made.append(HttpServer(respond))
        return made[-1]

    yield serve
    for one in made:
        one.stop()


def test_a_queue_is_acknowledged_after_the_commit(company: UUID, server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A message that was told to be forgotten before it was kept would be lost with the worker."""
    kept_when_asked: list[int] = []

    def respond(asked: Asked) -> bytes:
        if asked.method == "DELETE":
            with tenant(company):
                kept_when_asked.append(len(_stored()))
        return reply(200, b"{}")

    def read(_reading: Reading) -> Iterator[Batch]:
        for number in (1, 2):
            done = Call("messages.forget", "DELETE", "/messages/{id}", {"id": str(number)})
            yield Batch([Item(str(number), {"name": f"N{number}"})], {"seen": number}, number == 2, done=[done])

    things.install(monkeypatch, with_reader(read))
    _ask(company, things.connect(server(respond).url))
    run_jobs(kinds=("syncing.",))
    assert kept_when_asked == [1, 2]


def test_an_expired_cursor_means_everything(company: UUID, server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    modes: list[Mode] = []

    def read(reading: Reading) -> Iterator[Batch]:
        modes.append(reading.mode)
        if reading.mode is Mode.INCREMENTAL:
            raise Gone("cursor-expired")
        yield Batch([Item("1", {"name": "One"})], {"delta": "x"}, True)

    things.install(monkeypatch, with_reader(read))
    connection_id = things.connect(server(lambda _asked: reply()).url)
    _ask(company, connection_id)
    run_jobs(kinds=("syncing.",))
    _ask(company, connection_id, Mode.INCREMENTAL)
    run_jobs(kinds=("syncing.",))
    assert modes == [Mode.FULL, Mode.INCREMENTAL, Mode.FULL]


def test_a_mark_older_than_the_provider_remembers_means_everything(
    company: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = things.manifest()
    assert made.api is not None
    resource: Resource = made.api.resources[0]
    assert resource.since is not None
    short = replace(resource, since=replace(resource.since, keeps_days=29))
    things.install(monkeypatch, replace(made, api=replace(made.api, resources=(short,))))
    source = things.Source(3)
    source.now = int((datetime.now(UTC) - timedelta(days=40)).timestamp())
    connection_id = things.connect(source.server.url)
    _ask(company, connection_id)
    run_jobs(kinds=("syncing.",))
    run_id = _ask(company, connection_id, Mode.INCREMENTAL)
    run_jobs(kinds=("syncing.",))
    with transaction() as session:
        assert fetch(session, services.running.SyncRun, run_id).parts["things"]["mode"] == "full"
    source.server.stop()


def test_the_mark_is_the_providers_clock_and_not_ours(
    company: UUID, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ours is an hour ahead: a mark from it would miss what changes in that hour."""
    theirs = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    body = json.dumps({"data": [{"id": "1", "name": "One"}], "total": 1}).encode()
    things.install(monkeypatch, things.manifest())
    answer = reply(200, body, Date=formatdate(theirs.timestamp(), usegmt=True))
    _ask(company, things.connect(server(lambda _asked: answer).url))
    run_jobs(kinds=("syncing.",))
    with transaction() as session:
        mark = session.scalars(sa.select(SyncCursor)).one().cursor["mark"]
    assert datetime.fromisoformat(mark) == theirs


def event(synced: Synced, remote_id: str) -> UUID:
    """A believed delivery that speaks of an employee."""
    own = system("test")
    with transaction() as session:
        services.plan_of(session, synced.connection_id).is_on = True
        connection = fetch(session, Connection, synced.connection_id)
        item_id = inbox.receive(
            session, own, connection, f"evt-{remote_id}-{synced.count(InboxItem)}", b"{}", "webhook"
        )
        assert item_id is not None
        item = fetch(session, InboxItem, item_id)
        item.resource, item.resource_ref = "employees", remote_id
        session.flush()
        record(session, own, "connections.event.received", item)
    return item_id


def test_a_webhook_before_the_create_it_speaks_of(synced: Synced, bamboo: Any) -> None:
    """The provider does not know the person yet; the next word about them finds everything."""
    item_id = event(synced, "31")
    run_jobs(kinds=("syncing.",))
    assert synced.count(RemoteRecord) == 0
    assert bamboo.hire("Late", "Comer") == "31"
    event(synced, "31")
    run_jobs(kinds=("syncing.",))
    assert synced.employee("31").first_name == "Late"
    with transaction() as session:
        assert fetch(session, InboxItem, item_id).state == InboxState.APPLIED


def test_who_shares_an_address_with_somebody_here_is_not_taken_for_them(synced: Synced, bamboo: Any) -> None:
    """Two in the provider's list have one mailbox, and so has a third one here: a person decides who is who."""
    shared = bamboo.rows.get("employee", SAME_EMAIL[0]).facts["workEmail"]
    with transaction() as session:
        here = people.hire(
            session, system("test"), employee_number="L-1", first_name="Somebody", last_name="Else", work_email=shared, hired_on=today(),
        ).id  # fmt: skip
    synced.run()
    for remote_id in SAME_EMAIL:
        assert (synced.record(remote_id).state, synced.record(remote_id).local_id) == (RecordState.DOUBTFUL, None)
    with transaction() as session:
        assert fetch(session, Employee, here).first_name == "Somebody"


def test_a_webhook_of_a_connection_that_is_not_on_changes_nothing(synced: Synced) -> None:
    event(synced, "7")
    with transaction() as session:
        services.plan_of(session, synced.connection_id).is_on = False
    run_jobs(kinds=("syncing.",))
    assert synced.count(RemoteRecord) == 0


def test_an_event_of_another_kind_of_provider_makes_no_plan(company: UUID) -> None:
    """Every webhook of a screener wakes this job: it finds that it is not its own, and leaves nothing behind."""
    from app.syncing.models import SyncPlan

    own = system("test")
    with transaction() as session:
        other = Connection(adapter="checkr", name="Checkr", code="CHK", status="connected")
        session.add(other)
        session.flush()
        item_id = inbox.receive(session, own, other, "evt", b"{}", "webhook")
        item = fetch(session, InboxItem, item_id)
        item.resource, item.resource_ref = "report", "rep_1"
        session.flush()
        record(session, own, "connections.event.received", item)
    run_jobs(kinds=("syncing.",))
    with transaction() as session:
        assert session.scalars(sa.select(SyncPlan)).all() == []


def test_an_event_of_somebody_deleted_leaves_a_doubt(synced: Synced, bamboo: Any) -> None:
    synced.run()
    bamboo.delete("9")
    event(synced, "9")
    run_jobs(kinds=("syncing.",))
    assert (synced.record("9").state, synced.employee("9").status) == (RecordState.DOUBTFUL, EmployeeStatus.ACTIVE)


def test_a_change_of_a_later_day_waits_for_it(company: UUID, server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told ahead by the provider: taken on its day, and not before."""
    day = today() + timedelta(days=3)
    told = {
        "first_name": "Ida",
        "last_name": "Stone",
        "status": "active",
        "hired_on": "2024-03-04",
        "effective_on": day.isoformat(),
    }

    def read(_reading: Reading) -> Iterator[Batch]:
        yield Batch([Item("1", told)], {"seen": 1}, True)

    fields = {name: name for name in told} | {"status": lambda raw: Employment(raw["status"])}
    made = with_reader(read)
    assert made.api is not None
    people = replace(made.api.resources[0], kind=Kind.EMPLOYEE, fields=fields)
    things.install(monkeypatch, replace(made, api=replace(made.api, resources=(people,))))
    _ask(company, things.connect(server(lambda _asked: reply()).url))
    run_jobs(kinds=("syncing.",))
    with transaction() as session:
        row = session.scalars(sa.select(RemoteRecord)).one()
        assert (row.state, row.due_on, row.local_id) == (RecordState.WAITING, day, None)
        from app.core.jobs import enqueue

        enqueue(session, "syncing.take_due", company, key="today")
    run_jobs(kinds=("syncing.",))
    with transaction() as session:
        assert session.scalars(sa.select(RemoteRecord)).one().state == RecordState.WAITING
    monkeypatch.setattr("app.syncing.services.running.today", lambda: day)
    monkeypatch.setattr("app.people.services.arriving.today", lambda: day)
    with transaction() as session:
        enqueue(session, "syncing.take_due", company, key="later")
    run_jobs(kinds=("syncing.",))
    with transaction() as session:
        assert session.scalars(sa.select(RemoteRecord)).one().state == RecordState.TAKEN


def test_a_forbidden_reader_leaves_no_half_page(synced: Synced, bamboo: Any) -> None:
    bamboo.fault("status", "/api/v1/time_off/requests", status=403)
    run = synced.run()
    assert (run.state, run.failure) == (RunState.FAILED, "forbidden")
    assert run.parts["employees"]["done"]
    with transaction() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(JobIntent).where(JobIntent.state == "dead")) == 0
    again = synced.run(Mode.INCREMENTAL)
    assert again.state == RunState.DONE
