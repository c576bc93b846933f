"""gunicorn with the application, as `make run` and the Procfile start it, on a free port."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from bench.load import Shot, fire, request_of
from bench.usage import cpu_seconds, tree
from worker.stack.state import CHECKOUT


@dataclass(frozen=True)
class Burst:
    """One shot with what it cost: CPU milliseconds a request in the web processes and in PostgreSQL."""

    shot: Shot
    web_ms: float
    database_ms: float

    @property
    def cpu_ms(self) -> float:
        return self.web_ms + self.database_ms


@dataclass(frozen=True)
class Site:
    port: int
    master: int
    servers: tuple[int, ...]

    def workers(self) -> list[int]:
        return sorted(tree(self.master) - {self.master})

    def burst(
        self, requests: str | Sequence[str], *, connections: int = 1, seconds: float = 2.0, wanted: int = 200
    ) -> Burst:
        """Load one request, or several in turn, and weigh it.

        Raises:
            RuntimeError: the last answer was not the one that was wanted.
        """
        web, database = cpu_seconds([self.master]), cpu_seconds(self.servers)
        shot = fire(self.port, requests, connections=connections, seconds=seconds)
        if shot.status != wanted:
            first = requests if isinstance(requests, str) else requests[0]
            raise RuntimeError(f"{first.splitlines()[0]} answered {shot.status}")
        count = max(len(shot.times), 1)
        web, database = cpu_seconds([self.master]) - web, cpu_seconds(self.servers) - database
        return Burst(shot, web * 1000 / count, database * 1000 / count)


@contextmanager
def site(servers: tuple[int, ...], *, kind: str = "sync", workers: int = 1, threads: int = 1) -> Iterator[Site]:
    """A running server for the length of the block; warmed by one request to each floor."""
    port = _free_port()
    command = [sys.executable, "-m", "gunicorn", "bench.site:app", "--worker-class", kind, "--workers", str(workers)]
    command += ["--threads", str(threads), "--bind", f"127.0.0.1:{port}", "--log-level", "warning"]
    process = subprocess.Popen(command, cwd=CHECKOUT, env=os.environ.copy())
    try:
        _wait(port, process)
        made = Site(port, process.pid, servers)
        for path in ("/bench/constant", "/bench/page"):
            fire(port, request_of(path), seconds=0.2)
        yield made
    finally:
        process.terminate()
        process.wait(timeout=30)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError("gunicorn ended; see the messages above")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("gunicorn does not listen")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
