"""One page in one transaction: records, what became of them, and where reading goes on."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.crypto import blind_index
from app.core.errors import Conflict, Invalid
from app.core.events import Actor
from app.integrations.api import Deletes, Resource
from app.integrations.sync.mapping import Changes, Mapped, to_record
from app.integrations.sync.reading import Batch, Item, Mode
from app.integrations.sync.records import MODELS, Kind, Record
from app.syncing.models import RemoteRecord, SyncCursor, SyncRun
from app.syncing.rules import Conflicts, RecordState, fingerprint, too_many_gone
from app.syncing.services.taking import Outcome, Remote, Taken, taker_of

MOST_TOLD = 200
"""Lines of a dry run; the counts are of all."""

AT_ONCE = 500

_STATES = {
    Outcome.MADE: RecordState.TAKEN, Outcome.CHANGED: RecordState.TAKEN, Outcome.SAME: RecordState.TAKEN,
    Outcome.WAITS: RecordState.WAITING, Outcome.DOUBTFUL: RecordState.DOUBTFUL, Outcome.REFUSED: RecordState.REFUSED,
}  # fmt: skip

_COUNTED = {Outcome.MADE: "new", Outcome.SAME: "same"}


@dataclass(slots=True)
class Work:
    """What storing needs to know of a run. diff: lines a dry run tells."""

    actor: Actor
    connection_id: UUID
    run_id: UUID | None
    conflicts: Conflicts
    percent: int = 5
    diff: list[dict[str, Any]] | None = None
    found: dict[tuple[Kind, str], UUID | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """One resource of a run: how it is read and mapped."""

    resource: Resource
    mode: Mode
    cursor: Mapping[str, Any]
    page_no: int
    changes: Changes


def store_page(session: Session, work: Work, run: SyncRun, part: Part, batch: Batch) -> None:
    """Keep a page, let its domain take it, and move the cursor: all of it or nothing."""
    counts = store(session, work, part.resource, part.changes, batch.items)
    counts["pages"] = 1
    known = dict(run.parts.get(part.resource.name, {}))
    summed = known | {name: known.get(name, 0) + count for name, count in counts.items()}
    if batch.total is not None:
        summed["total"] = batch.total
    if batch.last:
        summed["done"] = True
        if part.mode is Mode.FULL and part.resource.deletes is Deletes.DIFF:
            summed["missing"] = _sweep(session, work, part, summed)
    run.parts = run.parts | {part.resource.name: summed}
    run.records_processed += counts["read"]
    run.records_failed += counts["failed"]
    _move(session, work, part, batch)


def _move(session: Session, work: Work, part: Part, batch: Batch) -> None:
    session.execute(
        sa.update(SyncCursor)
        .where(SyncCursor.connection_id == work.connection_id, SyncCursor.resource == part.resource.name)
        .values(
            cursor=dict(batch.cursor), page_no=SyncCursor.page_no + 1, run_id=None if batch.last else work.run_id,
            mapped_as=fingerprint(part.resource, part.changes),
        ),
        execution_options={"synchronize_session": False},
    )  # fmt: skip


def store(session: Session, work: Work, resource: Resource, changes: Changes, items: Sequence[Item]) -> Counter[str]:
    """Keep these records and have them taken. Returns counts: read, new, changed, same, failed, doubtful, waiting, gone."""
    counts, same = Counter[str](), list[UUID]()
    counts["read"] = counts["failed"] = 0
    last = {item.remote_id: item for item in items}  # of two in one page the later one counts
    known = _known(session, work, resource, list(last))
    for item in last.values():
        counts["read"] += 1
        row = known.get(item.remote_id)
        if item.deleted:
            counts["gone"] += int(row is not None and _leave(session, work, row))
            continue
        mapped = to_record(_kind(resource), resource.fields, item.remote_id, item.raw, changes)
        digest = _digest(work, mapped)
        if row is not None and row.digest == digest and row.gone_at is None:
            counts["same"] += 1
            same.append(row.id)
            continue
        counts[_keep(session, work, resource, item, mapped, digest, row)] += 1
    _see(session, work, same)
    session.flush()
    return counts


def _kind(resource: Resource) -> Kind:
    assert resource.kind is not None
    return resource.kind


def _known(session: Session, work: Work, resource: Resource, remote_ids: list[str]) -> dict[str, RemoteRecord]:
    query = sa.select(RemoteRecord).where(
        RemoteRecord.connection_id == work.connection_id, RemoteRecord.resource == resource.name,
        RemoteRecord.remote_id.in_(remote_ids),
    )  # fmt: skip
    return {row.remote_id: row for row in session.scalars(query.with_for_update())}


def _digest(work: Work, mapped: Mapped) -> bytes:
    """Keyed, so that it says nothing about the values."""
    told: Any = mapped.record.model_dump(mode="json") if mapped.record else [dict(mapped.problems), mapped.values]
    return blind_index(work.actor.company_id, "sync", json.dumps(told, sort_keys=True, default=str))


def _see(session: Session, work: Work, row_ids: list[UUID]) -> None:
    """They are still there, and a full list saw them."""
    if row_ids:
        seen = {"seen_run_id": work.run_id, "seen_at": now()}
        session.execute(
            sa.update(RemoteRecord).where(RemoteRecord.id.in_(row_ids)).values(**seen),
            execution_options={"synchronize_session": False},
        )


def _keep(
    session: Session,
    work: Work,
    resource: Resource,
    item: Item,
    mapped: Mapped,
    digest: bytes,
    row: RemoteRecord | None,
) -> str:
    """A new or changed record. Returns what to count it as."""
    made = row is None
    if row is None:
        row = RemoteRecord(
            connection_id=work.connection_id, resource=resource.name, kind=_kind(resource).value, remote_id=item.remote_id,
            state=RecordState.STORED.value, seen_at=now(),
        )  # fmt: skip
        session.add(row)
    row.raw, row.digest, row.gone_at = dict(item.raw), digest, None
    row.seen_run_id, row.seen_at = work.run_id, now()
    taken = settle(session, work, row, mapped)
    if row.state == RecordState.REFUSED:
        return "failed"
    if row.state in (RecordState.DOUBTFUL, RecordState.WAITING):
        return str(row.state)
    if taken is None:
        return "new" if made else "changed"
    return _COUNTED.get(taken.outcome, "changed")


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


def _leave(session: Session, work: Work, row: RemoteRecord) -> bool:
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


def _missing(work: Work, resource: Resource) -> sa.ColumnElement[bool]:
    return sa.and_(
        RemoteRecord.connection_id == work.connection_id, RemoteRecord.resource == resource.name, RemoteRecord.gone_at.is_(None),
        RemoteRecord.seen_run_id.is_distinct_from(work.run_id),
    )  # fmt: skip


def _sweep(session: Session, work: Work, part: Part, summed: dict[str, Any]) -> int:
    """After a full list: who is not in it is gone, unless these are so many that a person has to say so. Returns how many wait for that."""
    session.flush()
    missing = (
        session.scalar(sa.select(sa.func.count()).select_from(RemoteRecord).where(_missing(work, part.resource))) or 0
    )
    alive = sa.select(sa.func.count()).select_from(RemoteRecord)
    known = session.scalar(
        alive.where(
            RemoteRecord.connection_id == work.connection_id, RemoteRecord.resource == part.resource.name, RemoteRecord.gone_at.is_(None)
        )
    )  # fmt: skip
    if too_many_gone(missing, known or 0, summed.get("read", 0), work.percent):
        return missing
    summed["gone"] = summed.get("gone", 0) + let_go(session, work, part.resource, missing)
    return 0


def let_go(session: Session, work: Work, resource: Resource, most: int) -> int:
    """Mark who was not in the last full list as gone. Returns how many."""
    query = (
        sa.select(RemoteRecord).where(_missing(work, resource)).order_by(RemoteRecord.id).limit(most).with_for_update()
    )
    gone = sum(_leave(session, work, row) for row in session.scalars(query).all())
    session.flush()
    return gone
