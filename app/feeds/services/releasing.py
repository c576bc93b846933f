"""What a person may do with a file: release what is held, cancel what has not left, send again, try again."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.connections.models import Connection
from app.core.access import Can
from app.core.clock import now
from app.core.db import fetch
from app.core.errors import Conflict, Forbidden, Invalid
from app.core.events import Actor, Risk, record
from app.feeds.models import CarrierChange, ChangeStatus, FeedFile, FileState
from app.feeds.rules.states import file_step
from app.feeds.services.carriers import approver, takes_files, usage_of
from app.feeds.services.collecting import unsent_file
from app.feeds.services.sending import tell_enrollment
from app.feeds.services.tellings import claimed

MOST_REASON = 500
WAITS = "a file of this connection still waits to leave"


def _reason(text: str) -> str:
    text = text.strip()
    if not text:
        raise Invalid({"reason": "Say why. The reason is kept with the file"})
    if len(text) > MOST_REASON:
        raise Invalid({"reason": "Shorten the reason to 500 characters"})
    return text


def may_release(actor: Actor, file: FeedFile, connection: Connection) -> bool:
    """A second person: never the one who made the file, and the named approver where there is one."""
    named = approver(connection)
    if not actor.can(Can.FEED_RELEASE) or actor.user_id is None or actor.user_id == file.made_by_user_id:
        return False
    return named is None or named == actor.user_id


def release(session: Session, actor: Actor, file_id: UUID, reason: str) -> FeedFile:
    """Let a held file go.

    Raises:
        Invalid: no reason. Forbidden: the maker, or not the named approver. Conflict: the file is not held any more.
    """
    actor.require(Can.FEED_RELEASE)
    reason = _reason(reason)
    file = fetch(session, FeedFile, file_id, lock=True)
    if not may_release(actor, file, fetch(session, Connection, file.connection_id)):
        raise Forbidden
    if file.state != FileState.HELD:
        raise Conflict("the file is not held")
    file_step(file.state, FileState.READY)
    file.state, file.release_reason = FileState.READY.value, reason
    file.released_by_user_id, file.released_at = actor.user_id, now()
    record(session, actor, "feeds.file.released", file, new=file.difference, reason=reason, risk=Risk.HIGH)
    return file


def cancel(session: Session, actor: Actor, file_id: UUID, reason: str) -> FeedFile:
    """Stop a file that has not left; its changes wait for the next one. The control numbers stay used.

    Raises:
        Invalid: no reason. Conflict: it left, or may have left (an upload was interrupted).
    """
    actor.require(Can.FEED_MANAGE)
    reason = _reason(reason)
    file = fetch(session, FeedFile, file_id, lock=True)
    if file.upload_began_at is not None:
        raise Conflict("the carrier may already have this file")
    file_step(file.state, FileState.CANCELED)
    file.state = FileState.CANCELED.value
    free_changes(session, file)
    record(session, actor, "feeds.file.canceled", file, reason=reason, risk=Risk.MEDIUM)
    return file


def free_changes(session: Session, file: FeedFile) -> None:
    for change in claimed(session, file.id):
        if change.status == ChangeStatus.READY:
            change.feed_file_id, change.st02 = None, ""


def ask_for_file(session: Session, actor: Actor, connection_id: UUID, *, kind: str = "") -> None:
    """ "Send now": a job makes and sends the file.

    Raises:
        Conflict: this connection sends no files, or one still waits to leave.
    """
    actor.require(Can.FEED_MANAGE)
    connection = fetch(session, Connection, connection_id)
    if not takes_files(connection):
        raise Conflict("this connection sends no files")
    waiting = unsent_file(session, connection_id)
    if waiting is not None and waiting.state != FileState.BUILDING:
        raise Conflict(WAITS)
    args = {"user_id": str(actor.user_id or "")} | ({"kind": kind} if kind else {})
    record(session, actor, "feeds.file.asked", connection, new={"kind": kind or "scheduled"}, args=args)


def resend(session: Session, actor: Actor, file_id: UUID) -> FeedFile:
    """Send the content of a file again: its changes are ready again, and a new file (BGN01 15, new numbers) says them.

    Raises:
        Conflict: the file has not left, or everything in it was confirmed.
    """
    actor.require(Can.FEED_MANAGE)
    file = fetch(session, FeedFile, file_id, lock=True)
    if file.sent_at is None:
        raise Conflict("a file that has not left cannot be sent again")
    again = [change for change in claimed(session, file.id) if change.status in _AGAIN]
    if not again and file.kind != "full":
        raise Conflict("there is nothing in this file to send again")
    for change in again:
        change.status, change.feed_file_id, change.st02, change.problem = ChangeStatus.READY.value, None, "", ""
        tell_enrollment(session, actor, file.usage, change, ChangeStatus.READY)
    args = {"replaces": str(file.id), "user_id": str(actor.user_id or ""), "kind": file.kind}
    connection = fetch(session, Connection, file.connection_id)
    record(session, actor, "feeds.file.resent", file, new={"changes": len(again)}, risk=Risk.MEDIUM)
    record(session, actor, "feeds.file.asked", connection, args=args)
    return file


_AGAIN = frozenset(
    {ChangeStatus.SENT, ChangeStatus.SYNTAX_REJECTED, ChangeStatus.SYNTAX_ACCEPTED, ChangeStatus.DISCREPANCY}
)


def try_again(session: Session, actor: Actor, connection_id: UUID) -> int:
    """Changes our gate set aside, and those the carrier rejected, are ready for the next file. Returns how many."""
    actor.require(Can.FEED_MANAGE)
    query = sa.select(CarrierChange).where(
        CarrierChange.connection_id == connection_id,
        CarrierChange.status.in_((ChangeStatus.DRAFT, ChangeStatus.SYNTAX_REJECTED)),
    )
    changes = list(session.scalars(query.with_for_update()))
    usage = usage_of(fetch(session, Connection, connection_id))
    for change in changes:
        change.status, change.feed_file_id, change.st02 = ChangeStatus.READY.value, None, ""
        tell_enrollment(session, actor, usage, change, ChangeStatus.READY)
    if changes:
        connection = fetch(session, Connection, connection_id)
        record(session, actor, "feeds.change.readied", connection, new={"changes": len(changes)})
    return len(changes)
