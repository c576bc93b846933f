"""What processes use: CPU seconds of a tree, resident memory, and how busy everybody else keeps this machine. From /proc."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
NOISE = 0.10  # cores of others' work above which a run is not quiet


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def tree(root: int) -> set[int]:
    """A process and everything below it."""
    parents: dict[int, int] = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and (fields := _stat(int(name))):
            parents[int(name)] = int(fields[1])
    found = {root}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def cpu_seconds(roots: Iterable[int]) -> float:
    """User and system seconds of these processes, their living descendants, and children they have waited for."""
    pids: set[int] = set()
    for root in roots:
        pids |= tree(root)
    return sum(_cpu_of(pid) for pid in pids)


def _cpu_of(pid: int) -> float:
    fields = _stat(pid)
    return sum(int(value) for value in fields[11:15]) / TICK if fields else 0.0


def rss_mib(pid: int) -> float:
    """Resident memory of one process."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE / 2**20
    except (FileNotFoundError, ProcessLookupError):
        return 0.0


def peak_mib() -> float:
    """The most this process ever held. `ru_maxrss` would begin with what the parent held when it forked."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def foreign_load(seconds: float = 2.0) -> float:
    """Cores that somebody else used while we slept: the gate before a measurement."""
    before, started = _busy(), time.monotonic()
    time.sleep(seconds)
    return max(0.0, (_busy() - before) / (time.monotonic() - started))


def _busy() -> float:
    fields = [int(value) for value in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    idle = fields[3] + fields[4]
    return (sum(fields[:8]) - idle) / TICK


class Foreign:
    """Others' share of the machine during a measurement: all CPU used, less ours and our servers'."""

    def __init__(self, ours: Iterable[int]) -> None:
        self._ours = list(ours)
        self._busy, self._own, self._at = _busy(), cpu_seconds(self._ours), time.monotonic()

    def cores(self) -> float:
        others = (_busy() - self._busy) - (cpu_seconds(self._ours) - self._own)
        return max(0.0, others / max(time.monotonic() - self._at, 0.001))
