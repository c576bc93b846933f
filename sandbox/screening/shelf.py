"""Everything a provider knows, as documents in the state file."""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox.store import Store

Facts = dict[str, Any]


class Refused(ValueError):
    """A request the provider says no to: its status, and one sentence or several."""

    def __init__(self, status: int, *errors: str) -> None:
        super().__init__(errors[0])
        self.status, self.errors = status, list(errors)


@dataclass
class Item:
    """facts: what the API shows. hidden: what only the sandbox knows. parent: the candidate, report or account it belongs to.

    hidden["steps"]: what is still to come, soonest first: {"at", "verb", "values", "hurry"}; `hurry` ones need not wait in auto mode.
    """

    id: str
    kind: str
    account: str
    parent: str
    facts: Facts
    hidden: Facts = field(default_factory=dict)

    @property
    def steps(self) -> list[Facts]:
        found: list[Facts] = self.hidden.setdefault("steps", [])
        return found

    def plan(self, *steps: Facts) -> None:
        self.hidden["steps"] = sorted(steps, key=lambda step: step["at"])


class Shelf:
    """Finds and keeps items."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def add(
        self, kind: str, account: str, facts: Facts, parent: str = "", hidden: Facts | None = None, key: str = ""
    ) -> Item:
        """A new item; its id and kind come first in what it shows."""
        key = key or secrets.token_hex(12)
        item = Item(key, kind, account, parent, {"id": key, "object": kind, **facts}, hidden or {})
        sql = "INSERT INTO screening (id, kind, account, parent, facts, hidden, due_at, hurry, touched_at) VALUES (?,?,?,?,'','',NULL,0,0)"
        self.store.run(sql, key, kind, account, parent)
        self.save(item)
        return item

    def save(self, item: Item) -> None:
        first = item.steps[0] if item.steps else {}
        sql = "UPDATE screening SET facts = ?, hidden = ?, due_at = ?, hurry = ?, touched_at = ? WHERE id = ?"
        facts, hidden = json.dumps(item.facts), json.dumps(item.hidden)
        self.store.run(sql, facts, hidden, first.get("at"), bool(first.get("hurry")), time.time(), item.id)

    def get(self, kind: str, key: str, account: str = "") -> Item | None:
        """account: only when it is of this account."""
        row = self.store.one("SELECT * FROM screening WHERE id = ? AND kind = ?", key, kind)
        return read(row) if row and account in ("", row["account"]) else None

    def all(self, kind: str, account: str = "", parent: str = "") -> list[Item]:
        """Oldest first."""
        sql = "SELECT * FROM screening WHERE kind = ? AND (account = ? OR ? = '') AND (parent = ? OR ? = '') ORDER BY rowid"
        return [read(row) for row in self.store.rows(sql, kind, account, account, parent, parent)]

    def due(self, at: float, hurried_before: float) -> Item | None:
        """The one whose next step is due at this moment of sandbox time, or hurried and untouched since that real moment."""
        sql = "SELECT * FROM screening WHERE due_at <= ? OR (hurry AND touched_at <= ?) ORDER BY due_at LIMIT 1"
        row = self.store.one(sql, at, hurried_before)
        return read(row) if row else None

    def clear(self) -> None:
        """Everything but accounts and switches."""
        self.store.run("DELETE FROM screening WHERE kind NOT IN ('account', 'switches')")
        for table in (
            "screening_files",
            "screening_events",
            "screening_deliveries",
            "screening_keys",
            "screening_requests",
            "screening_orders",
        ):
            self.store.run(f"DELETE FROM {table}")


def read(row: sqlite3.Row) -> Item:
    return Item(
        row["id"], row["kind"], row["account"], row["parent"], json.loads(row["facts"]), json.loads(row["hidden"])
    )


def written(at: datetime | float | None) -> str | None:
    """A moment as the API writes it."""
    if at is None:
        return None
    moment = at if isinstance(at, datetime) else datetime.fromtimestamp(at, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: str) -> datetime:
    """Raises ValueError."""
    at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return at if at.tzinfo else at.replace(tzinfo=UTC)
