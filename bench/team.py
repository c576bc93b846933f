"""Dispatcher and workers as processes for the length of a block, and a way to promise them work."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from bench.work import PRINTED, STAMPS
from worker.stack.state import CHECKOUT


@contextmanager
def processes(*modules: Sequence[str]) -> Iterator[list[int]]:
    """`python -m …` for each, ended afterwards. Gives their process ids."""
    started = [
        subprocess.Popen([sys.executable, "-m", *words], cwd=CHECKOUT, env=os.environ.copy(), stdin=subprocess.DEVNULL)
        for words in modules
    ]
    try:
        yield [process.pid for process in started]
    finally:
        for process in started:
            process.terminate()
        for process in started:
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()


def promise(company_id: UUID, kind: str, count: int, args: dict[str, str] | None = None) -> float:
    """Commit `count` intents in one transaction, as services do; returns when the commit began (monotonic seconds)."""
    from uuid_utils.compat import uuid7

    from app.core.db import transaction
    from app.core.jobs import JobIntent

    with transaction(company_id) as session:
        for _ in range(count):
            key = uuid7()
            session.add(JobIntent(kind=kind, subject_id=key, args=args or {}, idem_key=f"{kind}:{key}"))
        session.flush()
        return time.monotonic()


def next_stamp(valkey: Any, timeout: float = 180) -> float:
    """When the job that ran last began.

    Raises:
        TimeoutError: no job ran.
    """
    deadline = time.monotonic() + timeout
    while (found := valkey.lpop(STAMPS)) is None:
        if time.monotonic() > deadline:
            raise TimeoutError("no job ran")
        time.sleep(0.002)  # the job says itself when it began, so our sleep costs nothing
    return float(found)


def wait_printed(valkey: Any, count: int, timeout: float = 600) -> None:
    """Until `count` documents were printed since the counter was cleared."""
    deadline = time.monotonic() + timeout
    while int(valkey.get(PRINTED) or 0) < count:
        if time.monotonic() > deadline:
            raise TimeoutError("the documents were not printed in time")
        time.sleep(0.01)
