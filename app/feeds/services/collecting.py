"""The first half of making a file, in one transaction: which changes, which numbers, which name."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.connections.models import Connection
from app.core.clock import now
from app.core.errors import Conflict
from app.core.events import Actor, record
from app.feeds.models import CarrierChange, ChangeStatus, FeedFile, FileState
from app.feeds.rules.states import UNSENT
from app.feeds.rules.telling import what_to_tell
from app.feeds.services.carriers import carrier_profile, lock_connection, takes_files, usage_of
from app.feeds.services.facts import Fact, facts_of
from app.feeds.services.noting import last_told
from app.feeds.services.numbers import take_number
from app.integrations.formats.x12.eight34 import Batch
from app.integrations.formats.x12.profile import CarrierProfile, FileKind
from app.integrations.formats.x12.writer import Control, file_name

KEEP_TOLD = ("people",)


def begin_file(
    session: Session,
    actor: Actor,
    connection_id: UUID,
    *,
    kind: str = "",
    replaces: FeedFile | None = None,
) -> FeedFile | None:
    """Claim what is ready and give it a file row with its control numbers, under the connection's row lock.

    A file of this connection that is being built is returned again (the last attempt died). One that waits to be sent
    keeps the next one back, because changes must arrive in order: then, and when there is nothing to say, None.

    Args:
        kind: change or full; empty = what the carrier's profile asks for.
        replaces: the file this one repeats under new numbers (BGN01 15).
    """
    connection = lock_connection(session, connection_id)
    unsent = unsent_file(session, connection_id)
    if unsent is not None:
        return unsent if unsent.state == FileState.BUILDING else None
    if not takes_files(connection):
        raise Conflict("this connection does not send files")
    profile = carrier_profile(connection)
    kind = kind or ("full" if profile.files is FileKind.FULL else "change")
    changes = _claimable(session, connection_id)
    if kind == "change" and not changes:
        return None
    file = _file_row(session, connection, profile, kind, actor, replaces)
    for change in changes:
        change.feed_file_id = file.id
    session.flush()
    record(session, actor, "feeds.file.begun", file, new={"kind": kind, "control": file.gs06, "changes": len(changes)})
    return file


def unsent_file(session: Session, connection_id: UUID) -> FeedFile | None:
    """The one file of a connection that has not left yet, if any."""
    query = sa.select(FeedFile).where(FeedFile.connection_id == connection_id, FeedFile.state.in_(UNSENT))
    return session.scalars(query.order_by(FeedFile.gs06).limit(1)).one_or_none()


def _file_row(
    session: Session,
    connection: Connection,
    profile: CarrierProfile,
    kind: str,
    actor: Actor,
    replaces: FeedFile | None,
) -> FeedFile:
    usage = usage_of(connection)
    number = take_number(session, connection.id, usage)
    made_at = now().replace(microsecond=0)
    file = FeedFile(
        id=uuid7(),
        connection_id=connection.id,
        kind=kind,
        usage=usage,
        isa13=number,
        gs06=number,
        name=_name(profile, number, made_at, kind),
        reference=f"{usage}{number:09d}-{connection.id.hex[-8:].upper()}",
        made_at=made_at,
        made_by_user_id=actor.user_id,
        replaces_id=replaces.id if replaces else None,
    )
    session.add(file)
    session.flush()
    return file


def _name(profile: CarrierProfile, number: int, made_at: datetime, kind: str) -> str:
    action = profile.full_action if kind == "full" else "2"
    empty = Batch(families=(), action=action, reference="X", created_at=made_at)
    return file_name(profile, Control(number, number), made_at.astimezone(profile.zone), empty)


def _claimable(session: Session, connection_id: UUID) -> list[CarrierChange]:
    """Ready changes in their order, without those that became needless since they were noted."""
    query = (
        sa.select(CarrierChange)
        .where(
            CarrierChange.connection_id == connection_id,
            CarrierChange.status == ChangeStatus.READY,
            CarrierChange.feed_file_id.is_(None),
        )
        .order_by(CarrierChange.id)
        .with_for_update()
    )
    changes = list(session.scalars(query))
    ids = {change.enrollment_id for change in changes if change.enrollment_id}
    facts = {fact.enrollment.id: fact for fact in facts_of(session, connection_id, enrollment_ids=ids)} if ids else {}
    told = _histories(session, ids)
    return [change for change in changes if _still_true(change, facts, told)]


def _histories(session: Session, ids: set[UUID]) -> dict[UUID, list[CarrierChange]]:
    found: dict[UUID, list[CarrierChange]] = {enrollment_id: [] for enrollment_id in ids}
    if ids:
        query = sa.select(CarrierChange).where(CarrierChange.enrollment_id.in_(ids)).order_by(CarrierChange.id)
        for change in session.scalars(query):
            found[change.enrollment_id].append(change)  # type: ignore[index]
    return found


def _still_true(change: CarrierChange, facts: dict[UUID, Fact], told: dict[UUID, list[CarrierChange]]) -> bool:
    """Bring a change up to date with what is true now; False (and netted) when the carrier need not hear it."""
    if change.enrollment_id is None:
        return True
    fact = facts.get(change.enrollment_id)
    kind = what_to_tell(last_told(told[change.enrollment_id]), fact.told) if fact else None
    if fact is None or kind is None:
        change.status = ChangeStatus.NETTED.value
        return False
    change.kind = kind.value
    change.told = fact.told.as_json() | {name: change.told[name] for name in KEEP_TOLD if name in change.told}
    return True
