"""One record: what its domain made of it, written down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.errors import Conflict, Invalid
from app.core.events import Actor
from app.integrations.sync.mapping import Mapped
from app.integrations.sync.records import MODELS, Kind, Record
from app.syncing.models import RemoteRecord
from app.syncing.rules import Conflicts, RecordState
from app.syncing.services.taking import Outcome, Remote, Taken, taker_of

MOST_TOLD = 200
"""Lines of a dry run; the counts are of all."""

_STATES = {
    Outcome.MADE: RecordState.TAKEN, Outcome.CHANGED: RecordState.TAKEN, Outcome.SAME: RecordState.TAKEN,
    Outcome.WAITS: RecordState.WAITING, Outcome.DOUBTFUL: RecordState.DOUBTFUL, Outcome.REFUSED: RecordState.REFUSED,
}  # fmt: skip


@dataclass(slots=True)
class Work:
    """What storing needs to know of a run. diff: lines a dry run tells."""

    actor: Actor
    connection_id: UUID
    run_id: UUID | None
    conflicts: Conflicts
    percent: int
    diff: list[dict[str, Any]] | None = None
    found: dict[tuple[Kind, str], UUID | None] = field(default_factory=dict)


def settle(session: Session, work: Work, row: RemoteRecord, mapped: Mapped, *, decided: bool = False) -> Taken | None:
    """Have a record taken, and write down what came of it. None: nobody takes its kind."""
    if row.state == RecordState.IGNORED and not decided:
        return None
    if mapped.record is None:
        taken: Taken | None = Taken(Outcome.REFUSED, row.local_id, problems=mapped.problems)
    else:
        taken = _take(session, work, row, mapped, decided=decided)
    if taken is None:
        row.state, row.problems, row.values = RecordState.STORED.value, {}, _dumped(mapped)
    else:
        _write(row, taken, mapped)
    if work.diff is not None and taken is not None and taken.outcome is not Outcome.SAME:
        _tell(work.diff, row, taken, mapped)
    return taken


def _take(
    session: Session, work: Work, row: RemoteRecord, mapped: Mapped, *, decided: bool, gone: bool = False
) -> Taken | None:
    taker = taker_of(Kind(row.kind))
    if taker is None or mapped.record is None:
        return None
    remote = Remote(
        work.connection_id,
        mapped.record,
        row.local_id,
        row.values or {},
        work.conflicts,
        gone,
        _finder(session, work),
        decided,
    )
    try:
        with session.begin_nested():
            return taker(session, work.actor, remote)
    except Invalid as problem:
        return Taken(Outcome.REFUSED, row.local_id, problems=problem.errors or {"record": str(problem)})
    except Conflict:
        return Taken(Outcome.REFUSED, row.local_id, problems={"record": "Somebody changed the same row. Try it again"})


def _finder(session: Session, work: Work) -> Callable[[Kind, str], UUID | None]:
    def find(kind: Kind, remote_id: str) -> UUID | None:
        """Our row for another record of the same provider; None when it is not there yet."""
        key = (kind, remote_id)
        if work.found.get(key) is None:
            query = sa.select(RemoteRecord.local_id).where(
                RemoteRecord.connection_id == work.connection_id, RemoteRecord.kind == kind.value,
                RemoteRecord.remote_id == remote_id,
            )  # fmt: skip
            work.found[key] = session.scalars(query.limit(1)).one_or_none()
        return work.found[key]

    return find


def _write(row: RemoteRecord, taken: Taken, mapped: Mapped) -> None:
    row.state, row.problems, row.due_on = _STATES[taken.outcome].value, dict(taken.problems), taken.due_on
    row.local_id = taken.local_id or row.local_id
    if row.state == RecordState.TAKEN:
        row.values = _dumped(mapped)


def _dumped(mapped: Mapped) -> dict[str, Any]:
    return mapped.record.model_dump(mode="json", exclude_none=True) if mapped.record else {}


def _tell(diff: list[dict[str, Any]], row: RemoteRecord, taken: Taken, mapped: Mapped) -> None:
    if len(diff) < MOST_TOLD:
        diff.append(
            {
                "resource": row.resource, "remote_id": row.remote_id, "label": label_of(mapped.values), "outcome": taken.outcome.value,
                "changes": dict(taken.changes), "problems": dict(taken.problems),
            }
        )  # fmt: skip


def label_of(values: Mapping[str, Any]) -> str:
    """How a person recognizes a record."""
    names = " ".join(str(values[name]) for name in ("first_name", "last_name") if values.get(name))
    return names or str(values.get("name") or values.get("number") or "")


def leave(session: Session, work: Work, row: RemoteRecord) -> bool:
    """A record is gone at the provider. Nothing of ours is deleted: its domain decides, or a person. False: known already."""
    if row.gone_at is not None:
        return False
    record = Mapped(_last_record(row), {}, row.values or {})
    taken = _take(session, work, row, record, decided=False, gone=True)
    if taken is not None:
        _write(row, taken, record)
        if work.diff is not None:
            _tell(work.diff, row, taken, record)
    row.gone_at, row.digest = now(), None
    return True


def _last_record(row: RemoteRecord) -> Record | None:
    return MODELS[Kind(row.kind)].model_validate(row.values) if row.values else None
