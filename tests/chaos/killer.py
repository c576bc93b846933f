"""What goes wrong, when, drawn from a seed: the same seed is the same plan. Only processes of our own stack are touched."""

from __future__ import annotations

import os
import random
import shutil
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import psutil
import redis

from tests.chaos.stack import LEASE_SECONDS, Stack
from worker.stack.errors import StackError

WEIGHTS = {
    "worker": 5, "horse": 6, "worker and horse": 6, "pause beyond the lease": 3, "dispatcher": 4, "web": 3,
    "valkey": 3, "valkey restarted empty": 2, "flushall": 3, "postgres": 3, "sftp down": 2, "sftp slow": 2,
    "sftp cut after rename": 5, "sftp cut": 3, "acks late": 2, "acks twice": 2, "mail away": 2,
}  # fmt: skip
GAP = (0.8, 2.4)  # seconds between two faults
HELD = (2.0, 6.0)  # seconds a switch of the carrier stays on


class Fault(NamedTuple):
    at: float
    kind: str
    pick: int
    hold: float


def plan(seed: int, seconds: float) -> list[Fault]:
    """Faults over `seconds`, by time."""
    chance, at, faults = random.Random(f"faults {seed}"), 1.0, []
    while at < seconds:
        kind = chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        faults.append(Fault(at, kind, chance.randrange(1000), chance.uniform(*HELD)))
        at += chance.uniform(*GAP)
    return faults


class Killer:
    """Carries a plan out. `done` counts what really hit something, `missed` what found nobody there."""

    def __init__(self, stack: Stack, faults: list[Fault]) -> None:
        self.stack, self.faults = stack, faults
        self.done: Counter[str] = Counter()
        self.missed: Counter[str] = Counter()
        self._later: list[threading.Thread] = []
        self._acts: dict[str, Callable[[Fault], bool]] = {
            "worker": self._worker, "horse": self._horse, "worker and horse": self._both,
            "pause beyond the lease": self._pause, "dispatcher": self._dispatcher, "web": self._web,
            "valkey": lambda fault: self._valkey(fault, empty=False),
            "valkey restarted empty": lambda fault: self._valkey(fault, empty=True), "flushall": self._flush,
            "postgres": self._postgres, "sftp down": lambda fault: self._switch(fault, "sftp_down", True, False),
            "sftp slow": lambda fault: self._switch(fault, "slow_seconds", 0.4, 0.0),
            "acks late": lambda fault: self._switch(fault, "ack_delay_seconds", 4.0, 0.0),
            "acks twice": lambda fault: self._switch(fault, "duplicate_acks", True, False),
            "sftp cut after rename": self._cut_after_rename, "sftp cut": self._cut, "mail away": self._mail,
        }  # fmt: skip

    def run(self) -> None:
        """Returns when the last fault is over and everything that was held is let go."""
        started = time.monotonic()
        for fault in self.faults:
            time.sleep(max(0.0, started + fault.at - time.monotonic()))
            hit = self._acts[fault.kind](fault)
            (self.done if hit else self.missed)[fault.kind] += 1
        for thread in self._later:
            thread.join()

    def _aside(self, action: Callable[[], object]) -> bool:
        thread = threading.Thread(target=action, daemon=True)
        thread.start()
        self._later.append(thread)
        return True

    # Programs

    def _worker(self, fault: Fault) -> bool:
        workers = self.stack.named("worker")
        return _kill(workers[fault.pick % len(workers)].pid)

    def _horse(self, fault: Fault) -> bool:
        return _kill_all(self._caught_horse(fault)[1])

    def _both(self, fault: Fault) -> bool:
        parent, horses = self._caught_horse(fault)
        return _kill_all([*horses, parent])

    def _caught_horse(self, fault: Fault) -> tuple[int, list[int]]:
        """Horses live for milliseconds: wait up to a second for one, then a moment that differs each time."""
        workers = self.stack.named("worker")
        worker = workers[fault.pick % len(workers)]
        deadline = time.monotonic() + 1
        while not (horses := worker.horses()) and time.monotonic() < deadline:
            time.sleep(0.002)
        time.sleep(fault.pick / 1000 * 0.08)
        return worker.pid, horses

    def _pause(self, fault: Fault) -> bool:
        parent, horses = self._caught_horse(fault)
        stopped = [pid for pid in (parent, *horses) if _signal(pid, signal.SIGSTOP)]

        def wake() -> None:
            time.sleep(LEASE_SECONDS + fault.hold)
            for pid in stopped:
                _signal(pid, signal.SIGCONT)

        return self._aside(wake) and bool(horses) if stopped else False

    def _dispatcher(self, fault: Fault) -> bool:
        found = self.stack.named("dispatcher")
        return _kill(found[fault.pick % len(found)].pid)

    def _web(self, fault: Fault) -> bool:
        """The traffic of employees or of candidates, or the application that providers call."""
        found = self.stack.named("web")
        return _kill(found[fault.pick % len(found)].pid)

    # Parts

    def _valkey(self, _fault: Fault, *, empty: bool) -> bool:
        server = next(one for one in self.stack.parts._servers if type(one).__name__ == "Valkey")
        with self.stack.busy:
            hit = _kill(server.pid() or 0)
            if empty:
                time.sleep(0.2)
                for name in ("appendonlydir", "dump.rdb"):
                    target = Path(server.dir) / name  # type: ignore[union-attr]
                    shutil.rmtree(target, ignore_errors=True)
            self._revive()
        return hit

    def _flush(self, _fault: Fault) -> bool:
        with suppress(redis.RedisError), redis.Redis.from_url(self.stack.addresses.redis, retry=None) as client:
            return bool(client.flushall())
        return False

    def _postgres(self, _fault: Fault) -> bool:
        hit = _kill(self.stack.parts.pids().get("Postgres", 0))
        time.sleep(0.3)
        self._revive()
        return hit

    def _revive(self) -> None:
        deadline = time.monotonic() + 40
        while True:
            try:
                self.stack.parts.revive()
                return
            except StackError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.3)

    # The carrier and the mail server

    def _slug(self, fault: Fault) -> str:
        slugs = sorted(self.stack.proxies)
        return slugs[fault.pick % len(slugs)]

    def _switch(self, fault: Fault, name: str, on: object, off: object) -> bool:
        carrier = self.stack.box.client.carrier(self._slug(fault))
        carrier.set(**{name: on})

        def back() -> None:
            time.sleep(fault.hold)
            carrier.set(**{name: off})

        return self._aside(back)

    def _cut(self, fault: Fault) -> bool:
        before = self.stack.proxies[self._slug(fault)].cuts
        self.stack.proxies[self._slug(fault)].cut()
        return self.stack.proxies[self._slug(fault)].cuts > before

    def _cut_after_rename(self, fault: Fault) -> bool:
        """The carrier took it, we never heard: counted when an upload really came by."""
        slug = self._slug(fault)
        inbound = self.stack.folder / "sandbox" / "carriers" / slug / "inbound"
        known = {path.name for path in inbound.iterdir()}

        def landed() -> bool:
            return any(not name.endswith((".part", ".tmp")) for name in {p.name for p in inbound.iterdir()} - known)

        def watch() -> None:
            hit = self.stack.proxies[slug].cut_when(landed, 8)
            self.done["took it, we never heard"] += hit

        return self._aside(watch)

    def _mail(self, fault: Fault) -> bool:
        self.stack.box.client.set_mail(refuse=True)

        def back() -> None:
            time.sleep(fault.hold)
            self.stack.box.client.set_mail(refuse=False)

        return self._aside(back)


def _kill_all(pids: list[int]) -> bool:
    return sum(_kill(pid) for pid in pids) > 0


def _kill(pid: int) -> bool:
    return _signal(pid, signal.SIGKILL)


def _signal(pid: int, number: signal.Signals) -> bool:
    if not pid or not psutil.pid_exists(pid):
        return False
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True
