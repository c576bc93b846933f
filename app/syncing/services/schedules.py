"""When runs are due."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.connections.models import Connection
from app.core.access import Can
from app.core.clock import now
from app.core.db import fetch
from app.core.errors import Conflict, Invalid
from app.core.events import Actor, Risk, record
from app.syncing.models import SyncPlan, SyncRun
from app.syncing.rules import Conflicts, Frequency, Mode, RunState, next_run
from app.syncing.services.running import ask_run, open_run, plan_of


def ask_due(session: Session, actor: Actor, at: datetime) -> int:
    """Ask for every run that is due. Returns how many."""
    due = sa.select(SyncPlan).where(SyncPlan.is_on, SyncPlan.next_run_at <= at).with_for_update(skip_locked=True)
    asked = 0
    for plan in session.scalars(due).all():
        connection = fetch(session, Connection, plan.connection_id)
        plan.next_run_at = next_run(connection.sync_frequency, at)
        if connection.is_working and open_run(session, connection.id) is None:
            ask_run(session, actor, connection.id)
            asked += 1
    return asked


def set_schedule(
    session: Session, actor: Actor, connection_id: UUID | str, *, frequency: str, conflicts: str, most_gone_percent: int
) -> SyncPlan:
    """How often, who is right, and how many may be missing from a full list.

    Raises:
        Invalid: by field.
    """
    actor.require(Can.SYNC_MANAGE)
    wrong = {}
    if frequency not in set(Frequency):
        wrong["frequency"] = "Choose how often to sync"
    if conflicts not in set(Conflicts):
        wrong["conflicts"] = "Choose who is right when both sides changed something"
    if not 0 <= most_gone_percent <= 100:
        wrong["most_gone_percent"] = "Enter a percentage from 0 to 100"
    if wrong:
        raise Invalid(wrong)
    connection = fetch(session, Connection, connection_id, lock=True)
    plan = plan_of(session, connection.id, lock=True)
    old = {
        "frequency": connection.sync_frequency,
        "conflicts": plan.conflicts,
        "most_gone_percent": plan.most_gone_percent,
    }
    new = {"frequency": frequency, "conflicts": conflicts, "most_gone_percent": most_gone_percent}
    if old == new:
        return plan
    connection.sync_frequency, plan.conflicts, plan.most_gone_percent = frequency, conflicts, most_gone_percent
    if plan.is_on:
        plan.next_run_at = next_run(frequency, now())
    record(session, actor, "syncing.plan.changed", plan, old=old, new=new)
    return plan


def activate(session: Session, actor: Actor, connection_id: UUID | str) -> SyncRun:
    """From now on records are taken. A rehearsal must have been looked at first; the first run reads everything.

    Raises:
        Invalid: no rehearsal ended well. Conflict: it is on already.
    """
    actor.require(Can.SYNC_MANAGE)
    connection = fetch(session, Connection, connection_id, lock=True)
    plan = plan_of(session, connection.id, lock=True)
    if plan.is_on:
        raise Conflict("this sync is on already")
    rehearsed = sa.select(SyncRun.id).where(
        SyncRun.connection_id == connection.id, SyncRun.is_dry, SyncRun.state.in_((RunState.DONE, RunState.HELD))
    )
    if session.scalars(rehearsed.limit(1)).one_or_none() is None:
        raise Invalid("Rehearse first, and look at what would change.")
    run = ask_run(session, actor, connection.id, mode=Mode.FULL)
    plan.is_on, plan.activated_at, plan.activated_by_user_id = True, now(), actor.user_id
    plan.next_run_at = next_run(connection.sync_frequency, now())
    record(session, actor, "syncing.plan.activated", plan, risk=Risk.HIGH)
    return run


def pause(session: Session, actor: Actor, connection_id: UUID | str) -> SyncPlan:
    """Take no more records until somebody activates it again. Raises Conflict when it is off."""
    actor.require(Can.SYNC_MANAGE)
    plan = plan_of(session, fetch(session, Connection, connection_id, lock=True).id, lock=True)
    if not plan.is_on:
        raise Conflict("this sync is off already")
    plan.is_on, plan.next_run_at = False, None
    record(session, actor, "syncing.plan.paused", plan, risk=Risk.HIGH)
    return plan
