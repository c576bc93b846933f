"""Where protection keeps its few numbers. One small promise carries all of it: change one state, atomically, by a pure step."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Protocol, TypeVar

State = Mapping[str, float]
Outcome = TypeVar("Outcome")


class Shelf(Protocol):
    """Shared by all workers. On PostgreSQL: a row with a jsonb column, `SELECT … FOR UPDATE`; on Valkey: WATCH and MULTI."""

    def change(self, key: str, step: Callable[[State, float], tuple[State, Outcome]]) -> Outcome:
        """Replaces the state under `key` (empty at first) by what `step` makes of it, and passes its outcome on.

        `step` gets the state and the shelf's own clock in seconds since 1970, so that the clocks of workers do not matter. It may
        be run again when two workers meet. No other change of this key happens in between.
        """


class MemoryShelf:
    """The twin for tests and for one process: `states` is plain to see."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.states: dict[str, State] = {}
        self._clock = clock
        self._lock = threading.Lock()

    def change(self, key: str, step: Callable[[State, float], tuple[State, Outcome]]) -> Outcome:
        """See `Shelf.change`."""
        with self._lock:
            self.states[key], outcome = step(self.states.get(key, {}), self._clock())
        return outcome
