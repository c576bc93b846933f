"""Killed anywhere and run again: the same numbers and bytes or none, and nothing is sent twice. And many at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.core.clock import now
from app.core.db import fetch, tenant, transaction
from app.core.events import system
from app.feeds.jobs import applying, making, uploading
from app.feeds.models import FeedFile
from app.feeds.services import collecting, sending
from app.feeds.services.numbers import take_number
from app.feeds.services.releasing import cancel
from app.integrations.failures import Conflict, OutcomeUnknown, RateLimited, Rejected, Transient
from app.integrations.transports.memory import MemoryTransport
from tests.feeds import world as w
from tests.feeds.world import World, ack999, ask, changes, files, hurry, note_all, receive, run_jobs, ta1


class Killed(BaseException):
    """As with kill -9: nothing catches it."""


def die(*_: Any, **__: Any) -> Any:
    raise Killed


@pytest.fixture
def ready(world: World) -> World:
    with transaction() as session:
        note_all(session, world)
    return world


def make(world: World) -> None:
    ask("feeds.make_file", world.connection.id)


def come_back(admin: Any) -> None:
    """The lease of the dead worker runs out."""
    admin.execute("UPDATE job_intent SET state = 'pending', lease = NULL, run_after = now() WHERE state = 'running'")
    hurry(admin)
    run_jobs()


MAKING: list[tuple[Any, str]] = [
    (collecting, "take_number"), (collecting, "record"), (making, "say"), (making, "judge"), (making, "finish_file"),
]  # fmt: skip


@pytest.mark.parametrize(("module", "name"), MAKING, ids=[name for _, name in MAKING])
def test_killed_while_making(
    ready: World, server: MemoryTransport, admin: Any, monkeypatch: pytest.MonkeyPatch, module: Any, name: str
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(module, name, die)
        with pytest.raises(Killed):
            make(ready)
    come_back(admin)
    assert [(row.gs06, row.state) for row in files()] == [(1, "sent")]
    assert list(server.files) == [f"inbound/{files()[0].name}"]
    make(ready)
    assert len(files()) == 1


@pytest.mark.parametrize("name", ["storage.keep", "_remember_members", "_bind_changes", "_move"])
def test_killed_while_finishing(
    ready: World, server: MemoryTransport, admin: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(f"app.feeds.services.making.{name}", die)
        with pytest.raises(Killed):
            make(ready)
    assert [row.state for row in files()] == ["building"]
    assert w.members() == []
    come_back(admin)
    assert [(row.gs06, row.state) for row in files()] == [(1, "sent")]


class Carrier(MemoryTransport):
    """Takes files away at once, as carriers do, and counts them."""

    def __init__(self) -> None:
        super().__init__(["inbound", "outbound"])
        self.taken: list[bytes] = []
        self.then: Callable[[], None] = lambda: None
        self.first: Callable[[], None] = lambda: None

    def put(self, path: str, data: bytes) -> Any:
        self.first()
        placed = super().put(path, data)
        self.taken.append(self.files.pop(path)[0])
        self.then()
        return placed


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> Any:
    with w.memory(monkeypatch, Carrier()) as carrier:
        yield carrier


def test_killed_after_the_carrier_took_it_is_not_sent_again(ready: World, quick: Carrier, admin: Any) -> None:
    quick.then = die
    with pytest.raises(Killed):
        make(ready)
    quick.then = lambda: None
    come_back(admin)
    assert len(quick.taken) == 1, "looked for it, found nothing, waits"
    assert files()[0].state == "ready"
    assert ("pending", "looking-for-it") in w.intents("feeds.upload")
    receive(ready, "ack", ta1(files()[0]))
    assert files()[0].state == "sent", "its acknowledgement proves that it arrived"
    come_back(admin)
    assert len(quick.taken) == 1


def test_killed_before_anything_arrived_is_sent_after_looking(
    ready: World, quick: Carrier, admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick.first = die
    with pytest.raises(Killed):
        make(ready)
    quick.first = lambda: None
    come_back(admin)
    assert quick.taken == []
    monkeypatch.setattr(uploading, "now", lambda: now() + timedelta(minutes=uploading.LOOK_MINUTES))
    come_back(admin)
    assert len(quick.taken) == 1
    assert (files()[0].state, files()[0].upload_tries) == ("sent", 2)
    receive(ready, "twice", ta1(files()[0], "R", "025"))
    assert files()[0].state == "sent", "the carrier threw a copy away"


@pytest.mark.parametrize("name", ["mark_sent", "note_upload_began"])
def test_killed_around_the_upload(
    ready: World, server: MemoryTransport, admin: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(uploading, name, die)
        with pytest.raises(Killed):
            make(ready)
    come_back(admin)
    assert files()[0].state == "sent"
    assert len(server.files) == 1
    with pytest.raises(w_conflict()), transaction() as session:
        cancel(session, w.person_actor(), files()[0].id, "too late")


def w_conflict() -> type[Exception]:
    from app.core.errors import Conflict as Refused

    return Refused


@pytest.mark.parametrize(
    ("failure", "state", "code"),
    [
        (Transient("connection-lost"), "pending", "connection-lost"),
        (RateLimited("slow-down", now()), "pending", "slow-down"),
        (OutcomeUnknown("rename-unanswered"), "pending", "rename-unanswered"),
        (Conflict("name-taken"), "dead", "name-taken"),
        (Rejected("forbidden"), "dead", "forbidden"),
    ],
    ids=["transient", "limited", "unknown", "taken", "rejected"],
)
def test_each_failure_of_an_upload(ready: World, quick: Carrier, failure: Exception, state: str, code: str) -> None:
    def fail() -> None:
        raise failure

    quick.first = fail
    make(ready)
    assert w.intents("feeds.upload") == [(state, code)]
    began = files()[0].upload_began_at
    assert (began is not None) is isinstance(failure, OutcomeUnknown)


def test_killed_while_applying(
    ready: World, server: MemoryTransport, admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(ready)
    with monkeypatch.context() as patch:
        patch.setattr(applying.connections, "mark", die)
        with pytest.raises(Killed):
            receive(ready, "ack", ack999(files()[0], {"0001": "A", "0002": "R", "0003": "A"}))
    assert set(changes()) == {"sent"}
    come_back(admin)
    assert sorted(changes()) == ["syntax_accepted", "syntax_accepted", "syntax_rejected"]
    assert files()[0].state == "partial"


def test_numbers_of_many_at_once_never_collide_or_skip(world: World) -> None:
    taken: list[int] = []
    trouble: list[BaseException] = []

    def work(number: int) -> None:
        try:
            with tenant(world.company_id):
                for turn in range(5):
                    with transaction() as session:
                        got = take_number(session, world.connection.id, "P")
                        if (number + turn) % 4 == 0:
                            session.rollback()
                            continue
                    taken.append(got)
        except BaseException as error:
            trouble.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert trouble == []
    assert sorted(taken) == list(range(1, len(taken) + 1))


def test_many_makers_make_one_file(ready: World, server: MemoryTransport) -> None:
    made: list[UUID | None] = []

    def work() -> None:
        with tenant(ready.company_id), transaction() as session:
            file = collecting.begin_file(session, system("test"), ready.connection.id)
            made.append(file.id if file else None)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(files()) == 1
    assert set(made) == {files()[0].id}


def test_sent_is_sent_once(ready: World, server: MemoryTransport) -> None:
    make(ready)
    before = files()[0].sent_at
    with transaction() as session:
        sending.mark_sent(session, system("test"), files()[0].id)
    assert files()[0].sent_at == before
    with transaction() as session:
        assert fetch(session, FeedFile, files()[0].id).state == "sent"


def test_two_attempts_at_the_same_upload(ready: World, quick: Carrier, admin: Any) -> None:
    """A retry and a resumed connection may both want to deliver: only one does."""

    def meanwhile() -> None:
        quick.first = lambda: None
        ask("feeds.upload", files()[0].id)

    quick.first = meanwhile
    make(ready)
    assert len(quick.taken) == 1
    assert files()[0].state == "sent"
    assert ("pending", "looking-for-it") in w.intents("feeds.upload")
    come_back(admin)
    assert len(quick.taken) == 1
    with transaction() as session:
        assert sending.note_upload_began(session, files()[0].id, None) is False
