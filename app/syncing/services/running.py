"""Runs: asked for, begun, read part by part, ended. Nothing here commits or speaks to a provider."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.connections.models import Connection
from app.connections.services import manifest_of, note_exchange
from app.core.access import Can
from app.core.clock import now, today
from app.core.db import current_tenant, fetch
from app.core.errors import Conflict, Invalid
from app.core.events import Actor, record
from app.integrations.api import Resource
from app.integrations.sync.mapping import UNCHANGED, Changes, to_record
from app.integrations.sync.reading import Mode
from app.integrations.sync.records import Kind
from app.syncing.models import RemoteRecord, SyncCursor, SyncPlan, SyncRun
from app.syncing.rules import (
    MOST_GONE_PERCENT,
    OPEN,
    Conflicts,
    RecordState,
    RunState,
    changes_of,
    fingerprint,
    mode_of,
)
from app.syncing.services.settling import Work, settle
from app.syncing.services.storing import AT_ONCE, Part, let_go


def plan_of(session: Session, connection_id: UUID, *, lock: bool = False) -> SyncPlan:
    """How this connection is kept in step; made with what is usual when nobody has said anything."""
    query = sa.select(SyncPlan).where(SyncPlan.connection_id == connection_id)
    plan = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if plan is None:
        plan = usual_plan(connection_id)
        session.add(plan)
        session.flush()
    return plan


def usual_plan(connection_id: UUID) -> SyncPlan:
    """What is so when nobody has said anything; not stored."""
    return SyncPlan(
        connection_id=connection_id,
        is_on=False,
        conflicts=Conflicts.PROVIDER.value,
        most_gone_percent=MOST_GONE_PERCENT,
    )


def open_run(session: Session, connection_id: UUID) -> SyncRun | None:
    """The run that waits or is under way; there is one at most."""
    query = sa.select(SyncRun).where(SyncRun.connection_id == connection_id, SyncRun.state.in_(OPEN))
    return session.scalars(query).one_or_none()


def ask_run(
    session: Session, actor: Actor, connection_id: UUID | str, *, mode: Mode = Mode.INCREMENTAL, dry: bool = False
) -> SyncRun:
    """Ask for a run; a job does it.

    Raises:
        Conflict: this connection has nothing to read. Invalid: it is not connected, or a run is under way.
    """
    actor.require(Can.SYNC_MANAGE)
    connection = fetch(session, Connection, connection_id, lock=True)
    manifest = manifest_of(connection.adapter)
    if not manifest.synced:
        raise Conflict("there is nothing to read over this connection")
    if not connection.is_working:
        raise Invalid("Test the connection first. It has to work before records are read.")
    if open_run(session, connection.id) is not None:
        raise Invalid("A sync is under way. Wait until it has ended.")
    run = SyncRun(
        connection_id=connection.id, integration_type=manifest.category.value, provider=manifest.slug, mode=mode.value, is_dry=dry,
        asked_by_user_id=actor.user_id,
    )  # fmt: skip
    session.add(run)
    session.flush()
    record(session, actor, "syncing.run.asked", run, new={"mode": mode.value, "dry": dry, "provider": manifest.slug})
    return run


@dataclass(frozen=True, slots=True)
class Task:
    """What a run has to do. resources: in the order they are read."""

    run_id: UUID
    connection_id: UUID
    mode: Mode
    is_dry: bool
    resources: tuple[Resource, ...]
    changes: dict[str, Changes]
    work: Work


def begin(session: Session, actor: Actor, run_id: UUID) -> Task | None:
    """The run is under way; None when it has ended already. Raises Invalid for a mapping that cannot be used."""
    run = fetch(session, SyncRun, run_id, lock=True)
    if run.state not in OPEN:
        return None
    connection = fetch(session, Connection, run.connection_id)
    run.state, run.started_at = RunState.RUNNING.value, run.started_at or now()
    work = work_of(session, actor, connection.id, run.id)
    if run.is_dry:
        work.diff = []
    resources = manifest_of(connection.adapter).synced
    return Task(run.id, connection.id, Mode(run.mode), run.is_dry, resources, changes_by(connection, resources), work)


def work_of(session: Session, actor: Actor, connection_id: UUID, run_id: UUID | None) -> Work:
    plan = plan_of(session, connection_id)
    return Work(actor, connection_id, run_id, Conflicts(plan.conflicts), plan.most_gone_percent)


def changes_by(connection: Connection, resources: tuple[Resource, ...]) -> dict[str, Changes]:
    """By resource, what an administrator changed. Raises Invalid."""
    three = connection.field_mappings, connection.transformation_rules, connection.validation_rules
    try:
        return {resource.name: changes_of(*three, resource.name) for resource in resources}
    except ValueError:
        raise Invalid("The mapping of this connection cannot be used. Open it and correct it.") from None


def begin_part(session: Session, task: Task, resource: Resource, *, everything: bool = False) -> Part | None:
    """Where to read this resource on; None when this run has read it.

    Args:
        everything: the provider says that the cursor is too old.
    """
    run = fetch(session, SyncRun, task.run_id)
    if run.parts.get(resource.name, {}).get("done"):
        return None
    kept = _cursor(session, task.connection_id, resource.name)
    changes = task.changes[resource.name]
    if kept.run_id == task.run_id and not everything:
        return Part(resource, Mode(run.parts[resource.name]["mode"]), kept.cursor, kept.page_no, changes)
    same = kept.mapped_as == fingerprint(resource, changes)
    whole = everything or kept.run_id is not None  # a run before this one stopped on the way: what it read is not known
    mode = Mode.FULL if whole else mode_of(task.mode, resource, kept.cursor, same, now())
    kept.cursor, kept.run_id, kept.page_no = ({} if mode is Mode.FULL else kept.cursor), task.run_id, 0
    run.parts = run.parts | {resource.name: {"mode": mode.value, "read": 0}}
    return Part(resource, mode, kept.cursor, 0, changes)


def _cursor(session: Session, connection_id: UUID, resource: str) -> SyncCursor:
    new = {
        "company_id": current_tenant(),
        "id": uuid7(),
        "connection_id": connection_id,
        "resource": resource,
        "cursor": {},
    }
    new |= {"mapped_as": "", "page_no": 0}
    session.execute(
        insert(SyncCursor)
        .values(**new)
        .on_conflict_do_nothing(index_elements=["company_id", "connection_id", "resource"])
    )
    query = sa.select(SyncCursor).where(SyncCursor.connection_id == connection_id, SyncCursor.resource == resource)
    return session.scalars(query.with_for_update().execution_options(populate_existing=True)).one()


def take_waiting(
    session: Session, work: Work, resources: tuple[Resource, ...], changes: dict[str, Changes], after: UUID | None
) -> UUID | None:
    """Take again what waited for a day that has come, or for others that were not there yet. Returns where to go on, or None."""
    query = sa.select(RemoteRecord).where(
        RemoteRecord.connection_id == work.connection_id, RemoteRecord.due_on <= today(),
        RemoteRecord.state.in_((RecordState.WAITING, RecordState.TAKEN)), *([RemoteRecord.id > after] if after else []),
    )  # fmt: skip
    rows = session.scalars(query.order_by(RemoteRecord.id).limit(AT_ONCE).with_for_update()).all()
    known = {resource.name: resource for resource in resources}
    for row in rows:
        if row.resource in known:
            take_again(session, work, row, known[row.resource], changes.get(row.resource, UNCHANGED))
    session.flush()
    return rows[-1].id if len(rows) == AT_ONCE else None


def take_again(
    session: Session, work: Work, row: RemoteRecord, resource: Resource, changes: Changes, *, decided: bool = False
) -> None:
    """Map a stored record anew and have it taken."""
    mapped = to_record(Kind(row.kind), resource.fields, row.remote_id, row.raw or {}, changes)
    settle(session, work, row, mapped, decided=decided)


def end(session: Session, actor: Actor, task: Task) -> SyncRun:
    """All parts are read. Held when more is missing than a person expects."""
    run = fetch(session, SyncRun, task.run_id, lock=True)
    held = {name: part["missing"] for name, part in run.parts.items() if part.get("missing")}
    run.state = (RunState.HELD if held else RunState.DONE).value
    run.completed_at = now()
    if task.work.diff is not None:
        run.diff = task.work.diff
    else:
        note_exchange(session, fetch(session, Connection, run.connection_id, lock=True))
    record(session, actor, "syncing.run.held" if held else "syncing.run.done", run, new=totals(run))
    return run


def fail(session: Session, actor: Actor, run_id: UUID, code: str) -> None:
    """A run that cannot go on. The next one reads everything of the part that was under way."""
    run = fetch(session, SyncRun, run_id, lock=True)
    if run.state not in OPEN:
        return
    run.state, run.failure, run.completed_at = RunState.FAILED.value, code, now()
    record(session, actor, "syncing.run.failed", run, new={"code": code, **totals(run)}, success=False)


def totals(run: SyncRun) -> dict[str, Any]:
    """Sums over the parts of a run, for lists and events: counts alone."""
    names = ("read", "new", "changed", "same", "failed", "doubtful", "waiting", "gone", "missing")
    return {name: sum(part.get(name, 0) for part in run.parts.values()) for name in names}


def confirm_gone(session: Session, actor: Actor, run_id: UUID | str) -> SyncRun:
    """A person says that those who were missing from the full list really are gone.

    Raises:
        Conflict: nothing waits, or a later run has seen the list since.
    """
    actor.require(Can.SYNC_MANAGE)
    run = fetch(session, SyncRun, run_id, lock=True)
    real = sa.select(SyncRun.id).where(SyncRun.connection_id == run.connection_id, SyncRun.is_dry.is_(False))
    newest = session.scalars(real.order_by(SyncRun.id.desc()).limit(1)).one()
    if run.state != RunState.HELD or newest != run.id:
        raise Conflict("nothing waits for this")
    connection = fetch(session, Connection, run.connection_id)
    work = work_of(session, actor, run.connection_id, run.id)
    parts = dict(run.parts)
    for resource in manifest_of(connection.adapter).synced:
        part = parts.get(resource.name, {})
        if part.get("missing"):
            gone = let_go(session, work, resource, part["missing"])
            parts[resource.name] = part | {"gone": part.get("gone", 0) + gone, "missing": 0}
    run.parts, run.state = parts, RunState.DONE.value
    record(session, actor, "syncing.run.gone-confirmed", run, new=totals(run))
    return run
