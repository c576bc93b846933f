"""The few numbers of protection, shared by all workers: a row each, changed under its lock by PostgreSQL's clock."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from app.core.db import engine, tenant
from app.integrations.protection.shelf import Outcome, State

# The time is read above the locking part, so after the wait for the lock. Losing the last numbers in a crash of the server lets a
# few calls more through and nothing else, so nobody waits for the disk.
_READ = (
    "SELECT state, extract(epoch FROM clock_timestamp())::float8 AS now, set_config('synchronous_commit', 'off', true)"
    " FROM (SELECT state FROM {table} WHERE {mine} FOR UPDATE) AS locked"
)
_CLOCK = "SELECT extract(epoch FROM clock_timestamp())::float8"
_CHANGE = "UPDATE {table} SET state = CAST(:state AS jsonb) WHERE {mine}"
_ADD = "INSERT INTO {table} ({names}) VALUES ({values}) ON CONFLICT DO NOTHING"


@dataclass(frozen=True, slots=True)
class _Statements:
    read: sa.TextClause
    change: sa.TextClause
    add: sa.TextClause


def _statements(table: str, names: tuple[str, ...], mine: str) -> _Statements:
    listed = ", ".join(f"CAST(:{name} AS jsonb)" if name == "state" else f":{name}" for name in names)
    return _Statements(
        sa.text(_READ.format(table=table, mine=mine)),
        sa.text(_CHANGE.format(table=table, mine=mine)),
        sa.text(_ADD.format(table=table, names=", ".join(names), values=listed)),
    )


_OWN = _statements(
    "connection_state", ("company_id", "id", "key", "state"), "connection_state.company_id = :company_id AND key = :key"
)
_SHARED = _statements("provider_state", ("key", "state"), "key = :key")


class PostgresShelf:
    """See `Shelf`. Keys of limits that all companies share have `*` for the connection; the others are the company's own."""

    def __init__(self, company_id: UUID) -> None:
        self._company_id = company_id

    def change(self, key: str, step: Callable[[State, float], tuple[State, Outcome]]) -> Outcome:
        """See `Shelf.change`. Opens a short transaction of its own."""
        shared = key.split(":")[2] == "*"
        values: dict[str, Any] = {"key": key} if shared else {"key": key, "company_id": self._company_id}
        with tenant(self._company_id):
            while True:
                done = _changed(_SHARED if shared else _OWN, values, step)
                if done is not None:
                    return done[0]


def _changed(
    known: _Statements, values: dict[str, Any], step: Callable[[State, float], tuple[State, Outcome]]
) -> tuple[Outcome] | None:
    """The outcome, or None when another worker made the row in between."""
    with engine().begin() as connection:
        row = connection.execute(known.read, values).one_or_none()
        before: State = row.state if row else {}
        now = row.now if row else connection.execute(sa.text(_CLOCK)).scalar_one()
        after, outcome = step(before, now)
        if after == before:
            return (outcome,)
        state = json.dumps(dict(after))
        if row:
            connection.execute(known.change, {**values, "state": state})
            return (outcome,)
        made = connection.execute(known.add, {**values, "id": uuid7(), "state": state})
        return (outcome,) if made.rowcount else None
