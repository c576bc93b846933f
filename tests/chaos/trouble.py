"""What goes wrong at the screening providers, drawn from a seed: answers are lost, cut off, garbled, late or refused, whatever was done."""

from __future__ import annotations

import itertools
import random
import threading
from typing import NamedTuple

from sandbox.client import Sandbox

FAULTS = {
    "server_error_after": 5, "drop_after": 5, "garbage": 3, "truncated": 3, "rate_limited": 2, "slow": 3, "server_error": 2,
    "drop_before": 2, "unavailable": 2,
}  # fmt: skip
PLACES = {
    "POST /checkr/v1/invitations": 6, "POST /checkr/v1/candidates": 2, "GET /checkr": 2, "POST /plainscreen/orders": 5,
    "GET /plainscreen": 1,
}  # fmt: skip
GAP = (0.2, 0.8)  # seconds a fault stays where nobody came by
SLOW_SECONDS = 1.5
FINISHES = 0.2  # how often candidates who are invited now go on by themselves; the others never open the invitation
EVENTS = {"duplicate_events": 1, "disorder_seconds": 2.0, "loss": 0.5, "retry_seconds": 2.0, "auto_seconds": 1.0}
"""Every event comes twice, shuffled, and half of them never."""


class Trouble(NamedTuple):
    fault: str
    where: str
    times: int
    finishes: bool
    hold: float


def plan(seed: int, seconds: float) -> list[Trouble]:
    """Troubles one after the other, `seconds` in all. The same seed, the same list."""
    chance, at, found = random.Random(f"provider {seed}"), 0.0, []
    while at < seconds:
        hold = chance.uniform(*GAP)
        fault = chance.choices(list(FAULTS), list(FAULTS.values()))[0]
        where = chance.choices(list(PLACES), list(PLACES.values()))[0]
        found.append(Trouble(fault, where, chance.choice((1, 2, 3, 4)), chance.random() < FINISHES, hold))
        at += hold
    return found


class Troublemaker(threading.Thread):
    """Carries a plan out at the sandbox, again and again until `end`; then the providers are well."""

    def __init__(self, box: Sandbox, troubles: list[Trouble], seed: int) -> None:
        super().__init__(daemon=True)
        self.box, self.troubles = box, troubles
        box.screening.set(seed=seed, **EVENTS)
        self._over = threading.Event()

    def run(self) -> None:
        for one in itertools.cycle(self.troubles):
            if self._over.is_set():
                break
            self.box.screening.set(candidate_finishes=one.finishes)
            self.box.screening.faults(one.fault, where=one.where, times=one.times, slow_seconds=SLOW_SECONDS)
            self._over.wait(one.hold)
        self.box.screening.faults("")

    def end(self) -> None:
        self._over.set()
        self.join()
