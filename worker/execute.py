"""One attempt at an intent: claim, run, and write what became of it. Runs in RQ's work horse."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import structlog

from app.core.config import get_settings
from app.core.db import transaction
from app.core.jobs import (
    REGISTRY,
    GiveUp,
    Job,
    LeaseLost,
    OutcomeUnknown,
    Repeat,
    Retry,
    Run,
    State,
    claim,
    mark_done,
    mark_failed,
    renew,
)

log = structlog.get_logger("worker")
TIMEOUT_GRACE = 60  # seconds after which RQ kills a work horse that its own alarm did not end


def run_intents(company_id: str, *intent_ids: str) -> None:
    """Called by RQ with ids only: intents of one kind, one after the other, each an attempt of its own.

    Those a dying process does not come to were never claimed, so the dispatcher queues them again.
    """
    for intent_id in intent_ids:
        run_intent(company_id, intent_id)


def run_intent(company_id: str, intent_id: str) -> None:
    """Anything may call it twice: only one holder of the lease writes an outcome."""
    company = UUID(company_id)
    with transaction(company) as session:
        run = claim(session, company, UUID(intent_id))
    if run is None:
        return
    job = REGISTRY.get(run.kind)
    if job is None:
        _fail(run, "unknown-kind", State.DEAD)
        return
    with (
        structlog.contextvars.bound_contextvars(intent=intent_id, kind=run.kind, attempt=run.attempt),
        _kept_alive(run, job.timeout + TIMEOUT_GRACE),
    ):
        _attempt(job, run)


def _attempt(job: Job, run: Run) -> None:
    try:
        job.function(run)
        _finish_if_open(run)
    except LeaseLost:
        log.warning("intent.lease_lost")
    except Retry as later:
        _fail(run, later.code, State.PENDING, later.seconds, counts=False)
    except GiveUp as final:
        _fail(run, final.code, State.DEAD)
    except OutcomeUnknown as unknown:
        _fail(run, unknown.code, State.UNKNOWN if job.repeat is Repeat.ASK else _next(job, run), backoff(run.attempt))
    except Exception as error:
        log.exception("intent.failed")
        _fail(run, _code(error), _next(job, run), backoff(run.attempt))


def _next(job: Job, run: Run) -> State:
    return State.DEAD if run.attempt >= job.max_attempts else State.PENDING


def _code(error: Exception) -> str:
    """A stable code; exception texts may quote data and stay out of the database. Only our own errors' codes are words."""
    code = getattr(error, "code", "") if type(error).__module__.startswith("app.") else ""
    return str(code or type(error).__name__)


def _finish_if_open(run: Run) -> None:
    with transaction(run.company_id) as session:
        try:
            mark_done(session, run)
        except LeaseLost:
            return  # the job finished itself inside its last transaction


def _fail(run: Run, code: str, state: State, delay: float = 0, *, counts: bool = True) -> None:
    with transaction(run.company_id) as session:
        mark_failed(session, run, code, state=state, delay_seconds=delay, counts=counts)


def backoff(attempt: int) -> float:
    """Seconds until the next attempt: 1, 2, 4 … up to half an hour, spread by a quarter so that failures do not march in step."""
    return float(min(2 ** (attempt - 1), 1800)) * random.uniform(0.75, 1.25)  # noqa: S311 - not a secret


@contextmanager
def _kept_alive(run: Run, seconds: float) -> Iterator[None]:
    """Extend the lease from a thread while the job runs, so that a long effect is not started a second time.

    Args:
        seconds: after which the attempt counts as hung, whether or not anybody could kill it (a work horse whose parent
            died has nobody who would).
    """
    stop = threading.Event()
    until = time.monotonic() + seconds

    def beat() -> None:
        while not stop.wait(get_settings().lease_seconds / 3) and time.monotonic() < until:
            try:
                with transaction(run.company_id) as session:
                    if not renew(session, run):
                        return
            except Exception:  # PostgreSQL is away for a moment; fencing decides in the end
                log.warning("intent.lease_not_renewed")

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=5)
