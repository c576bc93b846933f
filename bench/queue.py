"""Q1 to Q3: what the outbox costs beside a plain enqueue, how fast the dispatcher is, and how soon a job starts."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median, quantiles
from typing import Any
from uuid import UUID, uuid4

from bench.fill import make_company
from bench.ground import Ground
from bench.result import Result
from bench.team import next_stamp, processes, promise
from bench.work import STAMPS

KIND = "bench.noop"


def measure(ground: Ground, rounds: int) -> list[Result]:
    """Insert against enqueue, dispatcher against bare enqueue_many and one eating worker, commit against start."""
    ground.enter(ground.work)
    company_id = uuid4()
    make_company(company_id, "Queue Works", f"queue-{company_id.hex[:8]}")
    from worker.run import connect, queue

    valkey = connect()
    into = queue(valkey)
    into.empty()
    costs = [_commit_costs(company_id, into) for _ in range(rounds)]
    many = 1_000 if ground.quick else 4_000
    rates = [_dispatch_rates(ground, company_id, into, many) for _ in range(rounds)]
    return [
        *_insert_results(costs, rates),
        *_dispatch_results(rates),
        *_start_results(ground, company_id, valkey, rounds),
    ]


# --- what a promise costs -----------------------------------------------------------------------------------------


def _commit_costs(company_id: UUID, into: Any) -> tuple[float, float, float]:
    """Seconds of one business commit: alone, with an enqueue after it, with an outbox row inside."""
    from app.core.db import transaction
    from app.core.jobs import JobIntent
    from app.domains import people

    def business(inside: Callable[[Any], None], after: Callable[[], None]) -> float:
        started = time.perf_counter()
        for _ in range(200):
            with transaction(company_id) as session:
                session.add(people.Region(code=uuid4().hex, name="Region"))
                inside(session)
            after()
        return (time.perf_counter() - started) / 200

    def outbox(session: Any) -> None:
        session.add(JobIntent(kind=KIND, subject_id=company_id, idem_key=uuid4().hex))

    def direct() -> None:
        into.enqueue("bench.work.noop", result_ttl=0)

    alone = business(lambda _: None, lambda: None)
    enqueued = business(lambda _: None, direct)
    promised = business(outbox, lambda: None)
    into.empty()
    return alone, enqueued, promised


def _insert_results(costs: list[tuple[float, float, float]], rates: list[tuple[float, float, float]]) -> list[Result]:
    per_job = [1 / dispatched for dispatched, _, _ in rates]
    extra = [(enqueued - alone, promised - alone) for alone, enqueued, promised in costs]
    shown = f"+{median(p for _, p in extra) * 1e6:.0f} µs against +{median(e for e, _ in extra) * 1e6:.0f} µs"
    both = [(promised + job) / enqueued for (enqueued, promised), job in zip(extra, per_job, strict=True)]
    return [
        Result(
            "Q1",
            "outbox row in the transaction, of a direct enqueue",
            [p / e for e, p in extra],
            "<=",
            0.55,
            "x",
            detail=shown,
        ),
        Result("Q1d", "outbox row and dispatch, of a direct enqueue", both, "<=", 0.9, "x"),
    ]


# --- moving -------------------------------------------------------------------------------------------------------


def _dispatch_rates(ground: Ground, company_id: UUID, into: Any, many: int) -> tuple[float, float, float]:
    """Jobs a second: the dispatcher, bare enqueue_many(100), one SimpleWorker eating empty jobs."""
    from rq import Queue, SimpleWorker
    from rq.serializers import JSONSerializer

    from app.core.config import get_settings
    from app.core.db import make_engine
    from worker.dispatch import dispatch_due

    with ground.connect(ground.work) as admin:
        admin.execute("DELETE FROM job_intent")
    promise(company_id, KIND, many)
    engine = make_engine(get_settings().dispatch_database_url)
    dispatch_due(engine, into)  # opens the connection
    started, moved = time.perf_counter(), 0
    while count := dispatch_due(engine, into):
        moved += count
    dispatched = moved / (time.perf_counter() - started)
    engine.dispose()
    into.empty()
    words = ["0199b000-0000-7000-8000-000000000001"] * 2
    started = time.perf_counter()
    for _ in range(many // 100):
        into.enqueue_many(
            [
                Queue.prepare_data("bench.work.noop", args=words, result_ttl=0, failure_ttl=60, timeout=60)
                for _ in range(100)
            ]
        )
    bare = many / (time.perf_counter() - started)
    into.empty()
    eaten = 150
    into.enqueue_many([Queue.prepare_data("bench.work.noop", result_ttl=0) for _ in range(eaten)])
    worker = SimpleWorker([into], connection=into.connection, serializer=JSONSerializer, log_job_description=False)
    started = time.perf_counter()
    worker.work(burst=True, logging_level="ERROR")
    return dispatched, bare, eaten / (time.perf_counter() - started)


def _dispatch_results(rates: list[tuple[float, float, float]]) -> list[Result]:
    detail = "jobs/s: dispatcher {:,.0f}, enqueue_many {:,.0f}, SimpleWorker {:,.0f}".format(
        *(median(rate[place] for rate in rates) for place in range(3))
    )
    return [
        Result(
            "Q2",
            "dispatcher of bare enqueue_many(100)",
            [ours / bare for ours, bare, _ in rates],
            ">=",
            0.7,
            detail=detail,
        ),
        Result(
            "Q2w", "dispatcher against what one worker eats", [ours / eats for ours, _, eats in rates], ">=", 20, "x"
        ),
    ]


# --- starting -----------------------------------------------------------------------------------------------------


def _start_results(ground: Ground, company_id: UUID, valkey: Any, rounds: int) -> list[Result]:
    """Our commit → start against RQ's own enqueue → start, with our forking worker for both."""
    from worker.run import queue

    into, own, ours = queue(valkey), [], []
    valkey.delete(STAMPS)  # of a run that was interrupted
    with ground.connect(ground.work) as admin:
        admin.execute(
            "DELETE FROM job_intent"
        )  # the dispatcher would find the others' promises lost and bring them first
    with processes(("worker.dispatch",), ("bench.work", "product")):
        promise(company_id, "bench.stamp", 1)
        next_stamp(valkey)
        for _ in range(20 * rounds):
            time.sleep(0.05)
            began = time.monotonic()
            into.enqueue("bench.work.stamp", result_ttl=0)
            own.append(next_stamp(valkey) - began)
            time.sleep(0.05)
            began = promise(company_id, "bench.stamp", 1)
            ours.append(next_stamp(valkey) - began)
    late = quantiles(ours, n=20)[-1] * 1000
    detail = f"p50 {median(ours) * 1000:.1f} ms against {median(own) * 1000:.1f} ms"
    return [
        Result(
            "Q3",
            "commit → job starts, p50 of RQ's enqueue → start",
            [median(ours) / median(own)],
            "<=",
            2.5,
            "x",
            detail=detail,
        ),
        Result("Q3p", "commit → job starts, p95", [late], "<=", 50, " ms"),
    ]
