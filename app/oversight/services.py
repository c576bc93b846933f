"""Read the audit trail, read and heal the outbox."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.db import fetch, own_company
from app.core.errors import Conflict, NotFound
from app.core.events import Actor, AuditEvent, Risk, record, record_read
from app.core.jobs import JobIntent, State
from app.core.models import AuditSeal, ProcessHeartbeat

EXPORT_LIMIT = 100_000
EVENT = re.compile(r"(access|accounts|audit|benefits|connections|feeds|notices|operations|people)(\.[a-z_.-]*)?")


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What the audit page is asked for; empty means everything."""

    name: str = ""
    entity_id: str = ""
    user_id: str = ""
    risk: str = ""
    phi: bool = False
    from_on: date | None = None
    to_on: date | None = None


def events(session: Session, wanted: AuditFilter, *, after: str = "", limit: int = 50) -> Sequence[Any]:
    """A page of the trail, newest first, with the actor's name."""
    statement = _filtered(wanted).order_by(AuditEvent.id.desc()).limit(limit + 1)
    if after:
        statement = statement.where(AuditEvent.id < _uuid(after))
    return session.connection().execute(statement).all()


def _filtered(wanted: AuditFilter) -> Any:
    event = AuditEvent
    columns = (
        event.id, event.occurred_at, event.name, event.entity_type, event.entity_id, event.actor_kind, event.actor_label, event.risk,
        event.sensitivity, event.regulation, event.phi_accessed, event.success, event.ip_address, event.request_id, event.reason,
        User.display_name,
    )  # fmt: skip
    same_user = (User.company_id == event.company_id) & (User.id == event.actor_user_id)
    statement: Any = sa.select(*columns).options(own_company).outerjoin(User, same_user)
    if wanted.name:
        statement = statement.where(event.name.startswith(wanted.name, autoescape=True))
    if wanted.entity_id:
        statement = statement.where(event.entity_id == _uuid(wanted.entity_id))
    if wanted.user_id:
        statement = statement.where(event.actor_user_id == _uuid(wanted.user_id))
    if wanted.risk:
        statement = statement.where(event.risk == wanted.risk)
    if wanted.phi:
        statement = statement.where(event.phi_accessed)
    if wanted.from_on:
        statement = statement.where(event.occurred_at >= datetime.combine(wanted.from_on, time.min, UTC))
    if wanted.to_on:
        statement = statement.where(event.occurred_at <= datetime.combine(wanted.to_on, time.max, UTC))
    return statement


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


def event(session: Session, event_id: UUID) -> AuditEvent:
    return fetch(session, AuditEvent, event_id)


def reveal(session: Session, actor: Actor, event_id: UUID, reason: str) -> dict[str, Any]:
    """The encrypted values of an event; looking at them is an event itself."""
    found = fetch(session, AuditEvent, event_id)
    record_read(session, actor, "audit.event.revealed", found, person_id=found.person_id, reason=reason)
    return found.phi or {}


def last_seal(session: Session) -> AuditSeal | None:
    return session.scalars(sa.select(AuditSeal).order_by(AuditSeal.number.desc()).limit(1)).first()


def export(session: Session, actor: Actor, wanted: AuditFilter) -> Iterator[str]:
    """The trail as CSV lines, oldest last, at most 100,000 rows. Cells that a spreadsheet would run are disarmed."""
    record(session, actor, "audit.trail.exported", ("audit_event", None), new={"filter": _said(wanted)}, risk=Risk.HIGH)
    heading = [
        "occurred_at",
        "name",
        "entity_type",
        "entity_id",
        "actor",
        "risk",
        "sensitivity",
        "phi",
        "success",
        "ip",
        "request_id",
    ]
    rows = session.connection().execute(_filtered(wanted).order_by(AuditEvent.id.desc()).limit(EXPORT_LIMIT)).all()
    yield _csv_line(heading)
    for row in rows:
        who = row.display_name or row.actor_label or row.actor_kind
        yield _csv_line(
            [row.occurred_at.isoformat(), row.name, row.entity_type, row.entity_id, who, row.risk, row.sensitivity, row.phi_accessed,
             row.success, row.ip_address, row.request_id]
        )  # fmt: skip


def _said(wanted: AuditFilter) -> dict[str, Any]:
    """The filter for the trail. Of a word that begins no event of ours only the length stays: it may be a person's name."""
    said = {key: str(value) for key, value in asdict(wanted).items() if value}
    if wanted.name and not EVENT.fullmatch(wanted.name):
        said["name"] = f"({len(wanted.name)} characters)"
    return said


def _csv_line(values: Sequence[Any]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([disarm(value) for value in values])
    return out.getvalue()


def disarm(value: Any) -> str:
    """A cell as text; one that begins like a formula gets an apostrophe (ASVS 1.2.10)."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r", "\0") else text


# --- outbox -----------------------------------------------------------------------------------------------------


def intents(session: Session, *, state: str = "", after: str = "", limit: int = 50) -> Sequence[Any]:
    """A page of the company's intents, newest first; with no state, those that are not done."""
    intent = JobIntent
    columns = (intent.id, intent.kind, intent.state, intent.attempts, intent.run_after, intent.last_error, intent.created_at,
               intent.updated_at, intent.repeat)  # fmt: skip
    condition = intent.state == state if state else intent.state != State.DONE
    statement = sa.select(*columns).options(own_company).where(condition).order_by(intent.id.desc()).limit(limit + 1)
    if after:
        statement = statement.where(intent.id < _uuid(after))
    return session.connection().execute(statement).all()


def intent_counts(session: Session) -> dict[str, int]:
    """Open intents by state."""
    statement = sa.select(JobIntent.state, sa.func.count()).where(JobIntent.state != State.DONE)
    rows = session.connection().execute(statement.options(own_company).group_by(JobIntent.state))
    return {row[0]: row[1] for row in rows}


def retry(session: Session, actor: Actor, intent_id: UUID) -> None:
    """A person says: run it again. For `unknown` they have first looked whether the effect happened.

    Raises:
        Conflict: it is not dead, unknown or waiting.
    """
    _move(
        session,
        actor,
        intent_id,
        State.PENDING,
        "operations.intent.retried",
        (State.DEAD, State.UNKNOWN, State.PENDING),
    )


def settle(session: Session, actor: Actor, intent_id: UUID) -> None:
    """A person says: the effect did happen (or is no longer wanted); do not run it again.

    Raises:
        Conflict: it is neither dead, unknown nor waiting (after a restore, what was done since then waits again).
    """
    _move(
        session,
        actor,
        intent_id,
        State.CANCELED,
        "operations.intent.settled",
        (State.DEAD, State.UNKNOWN, State.PENDING),
    )


def _move(session: Session, actor: Actor, intent_id: UUID, to: State, name: str, allowed: tuple[State, ...]) -> None:
    intent = fetch(session, JobIntent, intent_id, lock=True)
    if intent.state not in allowed:
        raise Conflict("This job has moved on meanwhile. Look at its state again.")
    old = intent.state
    intent.state, intent.run_after, intent.attempts = to.value, sa.func.now(), 0
    record(
        session, actor, name, intent, old={"state": old}, new={"state": to.value, "kind": intent.kind}, risk=Risk.MEDIUM
    )


def processes(session: Session) -> Sequence[Any]:
    """Processes seen in the last two minutes."""
    beat = ProcessHeartbeat
    statement = sa.select(beat.name, beat.kind, beat.started_at, beat.seen_at).where(
        beat.kind != "counts", beat.seen_at > sa.func.now() - sa.text("interval '2 minutes'")
    )
    return session.connection().execute(statement.order_by(beat.kind, beat.name)).all()
