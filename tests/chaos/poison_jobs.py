"""Jobs of the test build that break their process in every way; and a good one, to see whether it still gets its turn."""

from __future__ import annotations

import ctypes
import os
import resource
import signal

from app.core.jobs import Run, job
from tests.chaos import POISON_TRIES


@job("poison.segfault", max_attempts=POISON_TRIES, timeout=5)
def segfault(run: Run) -> None:
    ctypes.string_at(0)


@job("poison.abort", max_attempts=POISON_TRIES, timeout=5)
def abort(run: Run) -> None:
    os.abort()


@job("poison.killed", max_attempts=POISON_TRIES, timeout=5)
def killed(run: Run) -> None:
    """As the kernel's out-of-memory killer does it."""
    os.kill(os.getpid(), signal.SIGKILL)


@job("poison.loop", max_attempts=POISON_TRIES, timeout=2)
def loop(run: Run) -> None:
    while True:
        pass


@job("poison.hog", max_attempts=POISON_TRIES, timeout=5)
def hog(run: Run) -> None:
    """Takes memory without end; the limit is this process's own."""
    used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()  # noqa: SIM115 - one read
    resource.setrlimit(resource.RLIMIT_AS, (used + 300_000_000, resource.RLIM_INFINITY))
    taken = []
    while True:
        taken.append(bytearray(10_000_000))


@job("poison.exit", max_attempts=POISON_TRIES, timeout=5)
def leave(run: Run) -> None:
    """A library that calls exit()."""
    os._exit(0)


@job("poison.good", timeout=10)
def good(run: Run) -> None:
    with run.step():
        pass
