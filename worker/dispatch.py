"""The dispatcher: moves due intents to RQ, heals what was lost, and starts scheduled work. `python -m worker.dispatch`.

It connects as `corridor_dispatch`, which sees intents of every company and nothing else. Two may run: SKIP LOCKED and unique keys
keep them apart. It can be killed anywhere: an intent queued twice is claimed once.
"""

from __future__ import annotations

import contextlib
import json
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from types import FrameType
from typing import Any

import psycopg
import redis
import sqlalchemy as sa
import structlog
from rq import Queue
from uuid_utils.compat import uuid7

from app import domains
from app.core import logs
from app.core.config import get_settings
from app.core.db import make_engine
from app.core.jobs import REGISTRY, Job, scheduled
from worker.heartbeat import beat
from worker.run import connect, queue

log = structlog.get_logger("dispatch")
BATCH = 200
TOGETHER = 10  # intents of one kind that share a work horse at most: forking one costs as much as a small job
SHARES = 8  # so many workers find something to do in one batch
RECONCILE_SECONDS = 2.0

DUE = sa.text(
    # By ctid: the rows are locked, so it holds, and no plan made from old statistics can look through the table for each.
    "UPDATE job_intent SET state = 'dispatched', dispatched_at = now(), updated_at = now() WHERE ctid = ANY(ARRAY("
    "SELECT ctid FROM job_intent WHERE state = 'pending' AND run_after <= now()"
    " ORDER BY run_after LIMIT :batch FOR UPDATE SKIP LOCKED)) RETURNING company_id, id, kind"
)
STALE = sa.text(
    "SELECT company_id, id FROM job_intent WHERE state = 'dispatched'"
    " AND dispatched_at < now() - make_interval(secs => :seconds) LIMIT 2000"
)
BACK = sa.text(
    "UPDATE job_intent SET state = 'pending', updated_at = now() WHERE state = 'dispatched' AND id = ANY(:ids)"
)
EXPIRED = sa.text(
    "SELECT company_id, id, kind, attempts, repeat FROM job_intent WHERE state = 'running' AND lease_until < now()"
    " LIMIT 500 FOR UPDATE SKIP LOCKED"
)
MOVE = sa.text(
    "UPDATE job_intent SET state = :state, lease = NULL, lease_until = NULL, last_error = :code, updated_at = now()"
    " WHERE company_id = :company AND id = :id AND state = 'running' AND lease_until < now()"
)
COUNTS = sa.text(
    "SELECT state, count(*) AS number, extract(epoch FROM now() - min(run_after)) AS age FROM job_intent"
    " WHERE state <> 'done' GROUP BY state"
)
SAY = sa.text(
    "INSERT INTO process_heartbeat (name, kind, note) VALUES ('intents', 'counts', :note)"
    " ON CONFLICT (name) DO UPDATE SET seen_at = now(), note = :note"
)
TICK = sa.text(
    "INSERT INTO job_intent (company_id, id, kind, subject_id, args, idem_key, repeat, state, attempts, last_error)"
    " VALUES (:company, :id, :kind, :company, '{}', :key, :repeat, 'pending', 0, '')"
    " ON CONFLICT (company_id, idem_key) DO NOTHING"
)


def dispatch_due(engine: sa.Engine, into: Queue) -> int:
    """Queue one batch of due intents; returns how many. Valkey's failure rolls the batch back to `pending`."""
    with engine.begin() as connection:
        rows = connection.execute(DUE, {"batch": BATCH}).all()
        if rows:
            into.enqueue_many([_prepared(*group) for group in grouped(rows)])
    return len(rows)


def grouped(rows: Sequence[Any]) -> Iterator[tuple[str, str, list[str]]]:
    """(company, kind, ids) of intents that one work horse runs in turn: alone when few are due, up to ten when many are."""
    together: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        together.setdefault((str(row.company_id), row.kind), []).append(str(row.id))
    for (company, kind), ids in together.items():
        size = min(TOGETHER, max(1, len(ids) // SHARES))
        for start in range(0, len(ids), size):
            yield company, kind, ids[start : start + size]


def _prepared(company: str, kind: str, ids: list[str]) -> Any:
    job = REGISTRY.get(kind)
    return Queue.prepare_data(
        "worker.execute.run_intents",
        args=[company, *ids],
        job_id="_".join(ids),
        description="",
        result_ttl=0,
        failure_ttl=60,
        timeout=(job.timeout if job else 60) * len(ids),
    )


def put_back_lost(engine: sa.Engine, into: Queue) -> int:
    """Intents dispatched long ago that are no longer queued (Valkey lost them, or the worker died before the claim)."""
    with engine.begin() as connection:
        stale = connection.execute(STALE, {"seconds": get_settings().redispatch_seconds}).all()
        if not stale:
            return 0
        waiting = {intent for queued in into.get_job_ids() for intent in queued.split("_")}
        lost = [row.id for row in stale if str(row.id) not in waiting]
        if lost:
            connection.execute(BACK, {"ids": lost})
    return len(lost)


def take_back_expired(engine: sa.Engine) -> int:
    """Attempts whose lease ran out: again, or to a person when repeating is not safe or has been tried too often."""
    with engine.begin() as connection:
        rows = connection.execute(EXPIRED).all()
        for row in rows:
            state, code = _after_expiry(REGISTRY.get(row.kind), row.attempts, row.repeat)
            connection.execute(MOVE, {"state": state, "code": code, "company": row.company_id, "id": row.id})
    return len(rows)


def _after_expiry(job: Job | None, attempts: int, repeat: str) -> tuple[str, str]:
    if repeat == "ask":
        return "unknown", "worker-died-during-effect"
    if job is not None and attempts >= job.max_attempts:
        return "dead", "worker-died-repeatedly"
    return "pending", "lease-expired"


def write_counts(engine: sa.Engine) -> None:
    """Open intents by state over all companies, for /metrics: numbers only."""
    with engine.begin() as connection:
        rows = connection.execute(COUNTS).all()
        note: dict[str, float] = {row.state: row.number for row in rows}
        note["oldest_due_seconds"] = max(
            (float(row.age) for row in rows if row.state == "pending" and row.age), default=0.0
        )
        connection.execute(SAY, {"note": json.dumps(note)})


def period_start(every: str, moment: datetime) -> str:
    """Name of the period a moment lies in; part of the unique key of a scheduled intent."""
    if every == "five-minutes":
        moment = moment.replace(minute=moment.minute - moment.minute % 5)
    shape = {"minute": "%Y-%m-%dT%H:%M", "five-minutes": "%Y-%m-%dT%H:%M", "hour": "%Y-%m-%dT%H", "day": "%Y-%m-%d"}
    return moment.strftime(shape[every])


class Clock:
    """Starts each scheduled job once per company and period; remembers what it did only to spare the database."""

    def __init__(self) -> None:
        self._started: dict[str, str] = {}

    def tick(self, engine: sa.Engine) -> None:
        moment = datetime.now(UTC)
        due = [job for job in scheduled() if self._started.get(job.kind) != period_start(job.every, moment)]
        if not due:
            return
        with engine.begin() as connection:
            companies = connection.execute(sa.text("SELECT id FROM tenant_door WHERE active")).scalars().all()
            for job in due:
                start = period_start(job.every, moment)
                for company in companies:
                    connection.execute(
                        TICK,
                        {
                            "company": company,
                            "id": uuid7(),
                            "kind": job.kind,
                            "key": f"tick:{job.kind}:{start}",
                            "repeat": job.repeat,
                        },
                    )
        self._started |= {job.kind: period_start(job.every, moment) for job in due}


@contextlib.contextmanager
def _listening(url: str) -> Iterator[psycopg.Connection[Any]]:
    address = sa.engine.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("LISTEN job_intent")
        yield connection


def serve(stop: threading.Event) -> None:
    """Until `stop`: wait for a notice (or a second), dispatch, now and then reconcile. Reconnects after any outage."""
    settings = get_settings()
    url = settings.dispatch_database_url or settings.database_url
    engine = make_engine(url, pool_size=2)
    clock = Clock()
    while not stop.is_set():
        try:
            with _listening(url) as ear, contextlib.closing(connect()) as valkey:
                _serve_connected(stop, engine, ear, queue(valkey), clock)
        except (psycopg.Error, sa.exc.SQLAlchemyError, redis.RedisError, OSError) as error:
            log.warning("dispatch.part_away", part=type(error).__name__)
            stop.wait(0.5)
    engine.dispose()


def _serve_connected(stop: threading.Event, engine: sa.Engine, ear: Any, into: Queue, clock: Clock) -> None:
    next_reconcile = 0.0
    while not stop.is_set():
        clock.tick(engine)
        while dispatch_due(engine, into) == BATCH and not stop.is_set():
            pass
        if time.monotonic() >= next_reconcile:
            put_back_lost(engine, into)
            take_back_expired(engine)
            write_counts(engine)
            next_reconcile = time.monotonic() + RECONCILE_SECONDS
        for _notice in ear.notifies(timeout=1.0, stop_after=1):
            pass


def main() -> None:
    logs.configure(get_settings())
    domains.load_jobs()
    stop = threading.Event()

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask_to_stop)
    threading.Thread(target=beat, args=("dispatcher", stop), daemon=True).start()
    serve(stop)


if __name__ == "__main__":
    main()
