"""One SQLite file in the state directory: everything the sandbox must still know after a restart."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS carriers (slug TEXT PRIMARY KEY, profile TEXT NOT NULL, switches TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS counters (carrier TEXT, name TEXT, value INTEGER NOT NULL, PRIMARY KEY (carrier, name));
CREATE TABLE IF NOT EXISTS members (
  id INTEGER PRIMARY KEY, carrier TEXT NOT NULL, sponsor TEXT NOT NULL, subscriber_id TEXT NOT NULL,
  data TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS members_family ON members (carrier, sponsor, subscriber_id);
CREATE TABLE IF NOT EXISTS seen (carrier TEXT, number TEXT, PRIMARY KEY (carrier, number));
CREATE TABLE IF NOT EXISTS files (
  id INTEGER PRIMARY KEY, carrier TEXT NOT NULL, name TEXT NOT NULL, received_at TEXT NOT NULL,
  outcome TEXT NOT NULL, notes TEXT NOT NULL, raw BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS effects (id INTEGER PRIMARY KEY, carrier TEXT NOT NULL, data TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS refusals (id INTEGER PRIMARY KEY, carrier TEXT NOT NULL, data TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sent (
  id INTEGER PRIMARY KEY, carrier TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, due_at REAL NOT NULL,
  sent_at TEXT, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS messages (
  id INTEGER PRIMARY KEY, received_at TEXT NOT NULL, sender TEXT NOT NULL, recipients TEXT NOT NULL,
  subject TEXT NOT NULL, raw BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS screening (
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, account TEXT NOT NULL, parent TEXT NOT NULL, facts TEXT NOT NULL,
  hidden TEXT NOT NULL, due_at REAL, hurry INTEGER NOT NULL, touched_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS screening_parent ON screening (parent, kind);
CREATE INDEX IF NOT EXISTS screening_kind ON screening (kind, account);
CREATE INDEX IF NOT EXISTS screening_due ON screening (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS screening_files (id TEXT PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS screening_events (
  id TEXT PRIMARY KEY, account TEXT NOT NULL, type TEXT NOT NULL, about TEXT NOT NULL, created_at TEXT NOT NULL,
  body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS screening_deliveries (
  id INTEGER PRIMARY KEY, event TEXT NOT NULL, url TEXT NOT NULL, thin INTEGER NOT NULL, due_at REAL NOT NULL,
  rank REAL NOT NULL, state TEXT NOT NULL, attempts TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS screening_waiting ON screening_deliveries (due_at) WHERE state = 'waiting';
CREATE TABLE IF NOT EXISTS screening_keys (
  account TEXT, key TEXT, request TEXT NOT NULL, at REAL NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL,
  PRIMARY KEY (account, key));
CREATE TABLE IF NOT EXISTS screening_requests (
  id INTEGER PRIMARY KEY, at TEXT NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL, key TEXT NOT NULL,
  status INTEGER NOT NULL, fault TEXT NOT NULL, replayed INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS screening_orders (
  id INTEGER PRIMARY KEY, provider TEXT NOT NULL, account TEXT NOT NULL, kind TEXT NOT NULL, object TEXT NOT NULL,
  reference TEXT NOT NULL, package TEXT NOT NULL, key TEXT NOT NULL, at TEXT NOT NULL, twice INTEGER NOT NULL);
"""


class Store:
    """A thread-safe handle on the state file. Calls inside `transaction()` are saved together or not at all."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._lock = threading.RLock()
        self._depth = 0
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._lock:
            if self._depth:
                yield
                return
            self._depth = 1
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            else:
                self._db.execute("COMMIT")
            finally:
                self._depth = 0

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A part of a transaction that may be undone alone."""
        with self._lock:
            self._db.execute("SAVEPOINT part")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK TO part")
                raise
            finally:
                self._db.execute("RELEASE part")

    def run(self, sql: str, *values: Any) -> int:
        """Executes one statement; returns the id of an inserted row (or 0)."""
        with self._lock:
            return self._db.execute(sql, values).lastrowid or 0

    def rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def one(self, sql: str, *values: Any) -> sqlite3.Row | None:
        rows = self.rows(sql, *values)
        return rows[0] if rows else None

    def count(self, sql: str, *values: Any) -> int:
        row = self.one(sql, *values)
        return int(row[0]) if row and row[0] is not None else 0

    def next_number(self, carrier: str, name: str) -> int:
        """The next value of a counter that never goes back, not even after a reset or a restart."""
        sql = (
            "INSERT INTO counters (carrier, name, value) VALUES (?, ?, 1)"
            " ON CONFLICT (carrier, name) DO UPDATE SET value = value + 1 RETURNING value"
        )
        with self._lock:
            return int(self._db.execute(sql, (carrier, name)).fetchall()[0][0])
