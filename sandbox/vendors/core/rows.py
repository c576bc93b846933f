"""What a stand-in knows: rows of facts by kind, in plain Python, and a log of every change."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.clock import Clock

INSERTED, UPDATED, DELETED = "Inserted", "Updated", "Deleted"


@dataclass(slots=True)
class Row:
    id: str
    facts: dict[str, Any]
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """number: rises by one over all kinds. fields: names of the facts that were given."""

    number: int
    kind: str
    id: str
    action: str
    at: datetime
    fields: tuple[str, ...]


class Rows:
    """Rows in the order they came. `told` hears of every change, with the row as it is after it (or was, when deleted)."""

    def __init__(self, clock: Clock, lock: threading.RLock, told: Callable[[Change, Row], None]) -> None:
        self._clock, self._lock, self._told = clock, lock, told
        self.clear()

    def clear(self) -> None:
        with self._lock:
            self._rows: dict[str, dict[str, Row]] = {}
            self._lists: dict[str, list[Row]] = {}
            self._ids: dict[str, int] = {}
            self.log: list[Change] = []

    def kinds(self) -> dict[str, int]:
        with self._lock:
            return {kind: len(rows) for kind, rows in self._rows.items()}

    def add(self, kind: str, facts: dict[str, Any], id: str = "") -> Row:
        """Raises ValueError when the id is taken. id: empty for the next number."""
        with self._lock:
            return self._add(kind, facts, id, self._clock.now())

    def fill(self, kind: str, many: Iterable[dict[str, Any]]) -> int:
        """Adds many at the same moment; how many it were. Garbage collection would take most of the time, for nothing."""
        collects = gc.isenabled()
        gc.disable()
        try:
            with self._lock:
                at = self._clock.now()
                return len([self._add(kind, facts, "", at) for facts in many])
        finally:
            if collects:
                gc.enable()

    def _add(self, kind: str, facts: dict[str, Any], id: str, at: datetime) -> Row:
        rows = self._rows.setdefault(kind, {})
        if not id:
            self._ids[kind] = self._ids.get(kind, 0) + 1
            id = str(self._ids[kind])
        elif id.isdigit():
            self._ids[kind] = max(self._ids.get(kind, 0), int(id))
        if id in rows:
            raise ValueError(f"There is already a {kind} {id}.")
        rows[id] = Row(id, dict(facts), at, at)
        self._lists.pop(kind, None)
        self._note(kind, rows[id], INSERTED, at, facts)
        return rows[id]

    def change(self, kind: str, id: str, facts: dict[str, Any]) -> Row:
        """Raises LookupError when there is no such row."""
        with self._lock:
            row, at = self._known(kind, id), self._clock.now()
            row.facts |= facts
            row.changed_at = at
            self._note(kind, row, UPDATED, at, facts)
            return row

    def delete(self, kind: str, id: str) -> Row:
        """Raises LookupError when there is no such row. What is left of it is its line in the log."""
        with self._lock:
            row = self._known(kind, id)
            del self._rows[kind][id]
            self._lists.pop(kind, None)
            self._note(kind, row, DELETED, self._clock.now(), {})
            return row

    def _known(self, kind: str, id: str) -> Row:
        row = self._rows.get(kind, {}).get(id)
        if row is None:
            raise LookupError(f"There is no {kind} {id}.")
        return row

    def _note(self, kind: str, row: Row, action: str, at: datetime, facts: dict[str, Any]) -> None:
        change = Change(len(self.log) + 1, kind, row.id, action, at, tuple(facts))
        self.log.append(change)
        self._told(change, row)

    def get(self, kind: str, id: str) -> Row | None:
        with self._lock:
            return self._rows.get(kind, {}).get(id)

    def all(self, kind: str) -> list[Row]:
        """Those there are, in the order they came. The list is shared: do not change it."""
        with self._lock:
            if kind not in self._lists:
                self._lists[kind] = list(self._rows.get(kind, {}).values())
            return self._lists[kind]

    def latest(self, kind: str, since: datetime) -> list[Change]:
        """The last change of each row of the kind at or after the moment, oldest first."""
        with self._lock:
            last = {change.id: change for change in self.log if change.kind == kind and change.at >= since}
        return sorted(last.values(), key=lambda change: change.number)
