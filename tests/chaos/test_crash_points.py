"""kill -9 at every commit and every outside effect of making, delivering, fetching and applying: then again, and all is as if nothing
had happened: one effect per person, one file, the same control number."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from uuid_utils.compat import uuid7

from app.connections.models import Connection
from app.core.db import fetch, tenant, transaction
from app.core.jobs import JobIntent, enqueue
from app.core.keys import keyring
from app.domains import load_jobs
from app.feeds.jobs import uploading
from sandbox.launch import Running
from tests.chaos.fail_points import KILLED, WHOLE, die_at
from tests.feeds import world as w
from tests.feeds.conftest import _sandbox as _sandbox
from tests.feeds.conftest import sandbox as sandbox
from tests.fixtures.slot import Slot

PEOPLE = 3
MOST_POINTS = 40

pytestmark = pytest.mark.chaos  # minutes; `make chaos`


class Stage(NamedTuple):
    """kind: the job that dies. prepare: brings the world to the moment before it."""

    kind: str
    prepare: Callable[[w.World, Running], None]
    at_least: int  # points it must have, or the test has gone blind


def make(world: w.World, _box: Running) -> None:
    with transaction() as session:
        w.note_all(session, world)
        enqueue(session, "feeds.make_file", world.connection.id, key="make")


def upload(world: w.World, box: Running) -> None:
    make(world, box)
    w.run_jobs(kinds=("feeds.make",))


def poll(world: w.World, box: Running) -> None:
    upload(world, box)
    w.run_jobs(kinds=("feeds.upload",))
    box.client.wait_idle(20)
    with transaction() as session:
        enqueue(session, "feeds.poll", world.connection.id, key="poll")


def apply(world: w.World, box: Running) -> None:
    poll(world, box)
    w.run_jobs(kinds=("feeds.poll",))


def apply_census(world: w.World, box: Running) -> None:
    apply(world, box)
    w.run_jobs()
    box.client.carrier("evergreen").send_census()
    with transaction() as session:
        enqueue(session, "feeds.poll", world.connection.id, key="census")
    w.run_jobs(kinds=("feeds.poll",))


STAGES = {
    "make_file": Stage("feeds.make_file", make, 8),
    "upload": Stage("feeds.upload", upload, 8),
    "poll": Stage("feeds.poll", poll, 12),
    "apply": Stage("feeds.apply_inbox", apply, 4),
    "census": Stage("feeds.apply_inbox", apply_census, 4),
}


@pytest.fixture
def quick_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupted upload is looked for two seconds, not two minutes."""
    monkeypatch.setattr(uploading, "LOOK_MINUTES", 2 / 60)
    load_jobs()


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", list(STAGES))
def test_a_kill_at_any_point_changes_nothing(name: str, database: Slot, sandbox: Running, quick_look: None) -> None:
    stage, seen = STAGES[name], []
    for point in range(1, MOST_POINTS):
        database.empty()
        keyring.forget()
        sandbox.client.reset()
        with tenant(uuid7()), database.admin(database.database) as admin:
            world = connected(sandbox)
            stage.prepare(world, sandbox)
            code, where = die_at(point, world.company_id, due(stage.kind))
            if code == WHOLE:
                break
            assert code == KILLED, f"the child broke at point {point}"
            seen.append(where)
            heal(world, sandbox, admin)
            exact(sandbox, f"{name}, point {point}: {where}")
    else:
        raise AssertionError("points without end")
    print(f"\n{name}: {len(seen)} points: {', '.join(seen)}")  # noqa: T201 - the result
    assert len(seen) >= stage.at_least, seen


def connected(box: Running) -> w.World:
    from app.core.db import current_tenant

    with transaction() as session:
        world = w.make_world(session, current_tenant(), people=PEOPLE)
    door = box.carriers["evergreen"]
    with transaction() as session:
        row = fetch(session, Connection, world.connection.id)
        server = w.sftp(port=door["sftp_port"], host_key=box.host_key, username=door["user"], connect_seconds=5)
        row.settings = row.settings | {"sftp": server}
        row.credentials = {"password": door["password"]}
    return world


def due(kind: str) -> UUID:
    with transaction() as session:
        query = sa.select(JobIntent.id).where(JobIntent.kind == kind, JobIntent.state == "pending")
        return session.scalars(query.order_by(JobIntent.id)).first() or pytest.fail(f"{kind} was not promised")


def heal(world: w.World, box: Running, admin: Any) -> None:
    """The reconciler gives the intent back; then everything runs, with looks at the carrier, until nothing is left to do."""
    admin.execute("UPDATE job_intent SET state = 'pending', lease = NULL WHERE state = 'running'")
    asked_census = False
    for _ in range(40):
        admin.execute("UPDATE job_intent SET run_after = now() WHERE state = 'pending'")
        w.run_jobs()
        box.client.wait_idle(20)
        states = set(w.changes())
        if states == {"confirmed"}:
            return
        if states == {"syntax_accepted"} and not asked_census:
            box.client.carrier("evergreen").send_census()
            asked_census = True
        with transaction() as session:
            enqueue(session, "feeds.poll", world.connection.id, key=uuid4().hex)
        time.sleep(0.2)
    raise AssertionError(f"not healed: {w.changes()}, {[(f.state, f.send_problem) for f in w.files()]}")


def exact(box: Running, where: str) -> None:
    carrier = box.client.carrier("evergreen")
    effects = [(e["member"], line["coverage"], line["code"]) for e in carrier.effects() for line in e["lines"]]
    assert len(effects) == len(set(effects)) == PEOPLE + 2, where
    assert [(file.gs06, file.state) for file in w.files()] == [(1, "accepted")], where
    numbers = {one["isa13"] for file in carrier.files() for one in file["interchanges"]}
    assert numbers == {"000000001"}, where
    assert carrier.duplicates_refused() <= 1, where
    assert carrier.refusals() == [], where
    assert w.discrepancies() == [], where
    with transaction() as session:
        left = session.scalars(sa.select(JobIntent.state).where(JobIntent.state.in_(("dead", "unknown")))).all()
    assert not left, where
