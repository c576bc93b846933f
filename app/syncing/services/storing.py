"""One page in one transaction: records, what became of them, and where reading goes on."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.crypto import blind_index
from app.integrations.api import Deletes, Resource
from app.integrations.sync.mapping import Changes, Mapped, to_record
from app.integrations.sync.reading import Batch, Item, Mode
from app.integrations.sync.records import Kind
from app.syncing.models import RemoteRecord, SyncCursor, SyncRun
from app.syncing.rules import RecordState, fingerprint, too_many_gone
from app.syncing.services.settling import Work, leave, settle
from app.syncing.services.taking import Outcome

AT_ONCE = 500

_COUNTED = {Outcome.MADE: "new", Outcome.SAME: "same"}


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
            counts["gone"] += int(row is not None and leave(session, work, row))
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
    gone = sum(leave(session, work, row) for row in session.scalars(query).all())
    session.flush()
    return gone
