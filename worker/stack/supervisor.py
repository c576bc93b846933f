"""Keeps children and parts alive until it is told to stop, and then leaves nothing behind."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from worker.stack.child import Child, Say, adopt_orphans
from worker.stack.errors import StackError
from worker.stack.parts import Parts
from worker.stack.state import CHECKOUT

GRACE = 12.0  # seconds for all children together to end by themselves
PARTS_EVERY = 3.0  # seconds between two looks at PostgreSQL and Valkey


class Supervisor:
    """Use as `with Supervisor(parts, say) as supervisor:`; leaving the block stops everything."""

    def __init__(self, parts: Parts | None, say: Say, cwd: Path = CHECKOUT) -> None:
        self.parts = parts
        self.children: list[Child] = []
        self.stopping = threading.Event()
        self._say = say
        self._cwd = cwd

    def __enter__(self) -> "Supervisor":
        adopt_orphans()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def add(self, child: Child) -> None:
        """Starts a child and keeps it."""
        self.children.append(child)
        child.start(self._cwd, self._listen)

    def wait_for(self, child: Child, ready: Callable[[], bool], seconds: float) -> None:
        """Returns when `ready` says so. Raises `StackError` with the child's log when it does not in time."""
        deadline = time.monotonic() + seconds
        while not self.stopping.is_set():
            if ready():
                return
            ended = child.process is not None and child.process.poll() is not None
            if ended or time.monotonic() > deadline:
                what = "ended" if ended else f"was not ready after {seconds:g} s"
                raise StackError(f"{child.name} {what}. Its log ({child.log}) ends:\n{child.tail()}")
            self.stopping.wait(0.1)

    def watch(self) -> None:
        """Blocks until a signal; restarts what dies."""
        look = time.monotonic() + PARTS_EVERY
        while not self.stopping.wait(0.2):
            for child in self.children:
                child.watch(self._cwd, self._listen)
            if self.parts is not None and time.monotonic() > look:
                self._revive(self.parts)
                look = time.monotonic() + PARTS_EVERY

    def stop(self) -> None:
        """Children first, in the order opposite to their start, then the parts, then any orphan of a child."""
        self.stopping.set()
        deadline = time.monotonic() + GRACE
        for child in reversed(self.children):
            child.ask_to_stop()
        for child in reversed(self.children):
            child.finish(deadline)
        self.children.clear()
        spared = set(self.parts.pids().values()) if self.parts is not None else set()
        _kill_descendants(spared)
        if self.parts is not None:
            self.parts.leave()

    def _revive(self, parts: Parts) -> None:
        try:
            for name in parts.revive():
                self._say("corridor", f"{name} had stopped and was started again")
        except StackError as failure:
            self._say("corridor", f"ERROR {failure}")

    def _listen(self, name: str, line: str) -> None:
        if not self.stopping.is_set():
            self._say(name, line)


@contextmanager
def stop_on_signals(supervisor: Supervisor) -> Iterator[None]:
    """Ctrl-C, SIGTERM and a closed terminal end `watch`; a second Ctrl-C changes nothing, stopping goes on."""

    def note(_number: int, _frame: FrameType | None) -> None:
        supervisor.stopping.set()

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    former = {number: signal.signal(number, note) for number in numbers}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _kill_descendants(spared: set[int]) -> None:
    for pid in _children_of(os.getpid()) - spared:
        _kill_tree(pid)


def _kill_tree(pid: int) -> None:
    for below in _children_of(pid):
        _kill_tree(below)
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)


def _children_of(pid: int) -> set[int]:
    """Direct children by the kernel's list; empty where there is no /proc."""
    found: set[int] = set()
    for listing in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found.update(int(child) for child in listing.read_text().split())
        except OSError:
            continue
    return found
