"""Jobs of the bench and the workers that run them, in processes of their own: `python -m bench.work product|default|grow N`."""

from __future__ import annotations

import sys
import time
from typing import Any

STAMPS, PRINTED = "bench:stamps", "bench:printed"


def noop() -> None:
    """What costs nothing: RQ's own share is left."""


def stamp() -> None:
    """Say when this job began, on the clock all processes share."""
    began = time.monotonic()
    _valkey().rpush(STAMPS, began)


def print_plain(count: int) -> None:
    """Documents as somebody without our worker would print them: everything is imported when the job begins."""
    print_letters(count)


def print_letters(count: int) -> None:
    from app.notices.pdf import render
    from bench.letter import letter

    for number in range(count):
        render(letter(number), title=f"Notice {number}", language="en")
        _valkey().incr(PRINTED)


def _valkey() -> Any:
    from worker.run import connect

    return connect()


def register() -> None:
    """The same as outbox jobs."""
    from app.core.jobs import Run, job

    @job("bench.noop")
    def noop_job(_run: Run) -> None:
        pass

    @job("bench.stamp")
    def stamp_job(_run: Run) -> None:
        stamp()

    @job("bench.print", timeout=300)
    def print_job(run: Run) -> None:
        print_letters(int(run.args["count"]))


def main() -> None:
    kind = sys.argv[1]
    if kind == "product":
        register()
        from worker.run import main as work

        work()
    elif kind == "default":
        _default_worker()
    elif kind == "grow":
        _grow(int(sys.argv[2]))


def _default_worker() -> None:
    """`rq worker` as it comes: forks, and imports nothing beforehand."""
    from rq import Worker
    from rq.serializers import JSONSerializer

    from worker.run import connect, queue

    connection = connect()
    Worker([queue(connection)], connection=connection, serializer=JSONSerializer).work(logging_level="ERROR")


def _grow(count: int) -> None:
    """Print `count` letters in this process; tell MiB after the first 20 and at the end."""
    import os

    from app.notices.pdf import render
    from bench.letter import letter
    from bench.usage import rss_mib

    early = 0.0
    for number in range(count):
        render(letter(number), title="Notice", language="en")
        if number == 20:
            early = rss_mib(os.getpid())
    print(early, rss_mib(os.getpid()))


if __name__ == "__main__":
    main()
