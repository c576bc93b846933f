"""Workers die at any moment; what is stored equals the source, nothing twice, and at most one page is read again for each death."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.db import fetch, forget_connections, tenant, transaction
from app.core.jobs import JobIntent
from app.integrations.sync.reading import Mode
from app.syncing import services
from app.syncing.models import RemoteRecord, RunState, SyncCursor, SyncRun
from tests.feeds.world import hurry, run_jobs
from tests.integrations.http_server import reply
from tests.syncing.conftest import actor_of
from tests.syncing.things import Source, connect, install, manifest
from worker.execute import run_intent

RECORDS = int(os.environ.get("SYNC_RECORDS", "6000"))
"""50,000 in `SYNC_RECORDS=50000`, which takes a minute more."""

PAGE = 500


def _work(company_id: str, intent_id: str) -> None:
    forget_connections()
    run_intent(company_id, intent_id)


def _ask(company_id: UUID, connection_id: UUID, mode: Mode = Mode.FULL) -> UUID:
    from app.core.access import RoleType

    with transaction() as session:
        return services.ask_run(session, actor_of(company_id, RoleType.SYSTEM_ADMIN), connection_id, mode=mode).id


def _intent(run_id: UUID) -> tuple[UUID, str]:
    with transaction() as session:
        row = session.execute(
            sa.select(JobIntent.id, JobIntent.state).where(
                JobIntent.subject_id == run_id, JobIntent.kind == "syncing.run"
            )
        ).one()
    return row.id, row.state


def _stored() -> dict[str, str]:
    with transaction() as session:
        rows = session.scalars(sa.select(RemoteRecord).where(RemoteRecord.gone_at.is_(None))).all()
        return {row.remote_id: row.values["name"] for row in rows}


@pytest.mark.timeout(300)
def test_killed_at_random_points(company: UUID, admin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, manifest(PAGE))
    source, chance, kills = Source(RECORDS), random.Random(20261125), 0
    run_id = _ask(company, connect(source.server.url))
    intent_id, state = _intent(run_id)
    fork = multiprocessing.get_context("fork")
    while state != "done":
        worker = fork.Process(target=_work, args=(str(company), str(intent_id)))
        worker.start()
        worker.join(chance.uniform(0.1, 1.2) if kills < 8 else 120)
        if worker.is_alive():
            assert worker.pid is not None
            os.kill(worker.pid, signal.SIGKILL)
            worker.join()
            kills += 1
        admin.execute(
            "UPDATE job_intent SET lease_until = now() - interval '1 second', run_after = now() WHERE state <> 'done'"
        )
        _id, state = _intent(run_id)
    with transaction() as session:
        run = fetch(session, SyncRun, run_id)
    assert (run.state, run.records_processed, run.parts["things"]["new"]) == (RunState.DONE, RECORDS, RECORDS)
    assert _stored() == {row["id"]: row["name"] for row in source.rows}
    assert kills > 0
    assert sum(count - 1 for count in source.pages.values()) <= kills
    source.server.stop()


@pytest.mark.timeout(120)
def test_two_workers_at_once_store_each_page_once(company: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first froze so long that another took over; then it wakes up and has lost."""
    install(monkeypatch, manifest(PAGE))
    stuck = time.monotonic()

    def slow(offset: int) -> bytes | None:
        if offset == PAGE and source.pages[PAGE] == 1:
            time.sleep(2)
        return None

    source = Source(PAGE * 3, slow)
    run_id = _ask(company, connect(source.server.url))
    intent_id, _state = _intent(run_id)
    fork = multiprocessing.get_context("fork")
    first = fork.Process(target=_work, args=(str(company), str(intent_id)))
    first.start()
    while source.pages[PAGE] == 0:
        assert time.monotonic() - stuck < 30
        time.sleep(0.02)
    with transaction() as session:
        session.execute(
            sa.text("UPDATE job_intent SET lease_until = now() - interval '1 second' WHERE company_id = :c"),
            {"c": company},
        )
    run_intent(str(company), str(intent_id))
    first.join(30)
    with transaction() as session:
        run = fetch(session, SyncRun, run_id)
    assert (run.state, run.records_processed) == (RunState.DONE, PAGE * 3)
    assert len(_stored()) == PAGE * 3
    source.server.stop()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    failures=st.lists(st.tuples(st.integers(0, 4), st.sampled_from(["drop", "500", "garbage", "short"])), max_size=4),
    changed=st.sets(st.integers(0, 49), max_size=6),
)
def test_a_cursor_never_passes_what_is_not_stored(
    company: UUID,
    admin: Any,
    monkeypatch: pytest.MonkeyPatch,
    quiet: None,
    failures: list[tuple[int, str]],
    changed: set[int],
) -> None:
    """Whatever fails in between: in the end everything the provider has is here, and on the way the cursor is behind what is stored."""
    install(monkeypatch, manifest(10))
    left = Counter(failures)

    def before(offset: int) -> bytes | None:
        for kind in ("drop", "500", "garbage", "short"):
            if left[offset // 10, kind]:
                left[offset // 10, kind] -= 1
                return {
                    "drop": b"",
                    "500": reply(500),
                    "garbage": reply(200, b"\xff<html>"),
                    "short": reply(200, b'{"data": ['),
                }[kind]
        return None

    source = Source(50, before)
    with tenant(company), transaction() as session:
        session.execute(sa.text("DELETE FROM remote_record WHERE company_id = :c"), {"c": company})
        for table in ("sync_cursor", "sync_run", "sync_plan", "connection_state", "exchange", "connection"):
            session.execute(sa.text(f"DELETE FROM {table} WHERE company_id = :c"), {"c": company})
        session.execute(sa.text("DELETE FROM job_intent WHERE company_id = :c"), {"c": company})
    connection_id = connect(source.server.url)
    for mode in (Mode.FULL, Mode.INCREMENTAL):
        run_id = _ask(company, connection_id, mode)
        for _ in range(12):
            run_jobs(kinds=("syncing.",))
            _check_cursor(source)
            if _intent(run_id)[1] == "done":
                break
            admin.execute("DELETE FROM connection_state")
            hurry(admin)
        source.now += 100
        for number in changed:
            source.change(str(number), f"Changed {number}")
        source.now += 100
    run_id = _ask(company, connection_id, Mode.INCREMENTAL)
    for _ in range(12):
        if _intent(run_id)[1] == "done":
            break
        admin.execute("DELETE FROM connection_state")
        hurry(admin)
        run_jobs(kinds=("syncing.",))
    assert _stored() == {row["id"]: row["name"] for row in source.rows}
    source.server.stop()


def _check_cursor(source: Source) -> None:
    with transaction() as session:
        cursor = session.scalars(sa.select(SyncCursor)).one_or_none()
        if cursor is None or cursor.run_id is None or "next" not in cursor.cursor or "mark" in cursor.cursor:
            return
        offset = int(dict(cursor.cursor["next"])["offset"])
    stored = _stored()
    assert {row["id"] for row in source.rows[:offset]} <= set(stored)
