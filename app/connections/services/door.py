"""The webhook door: from the end of an address to a connection, from a believed delivery to stored events.

A provider knows no session. The address it was given ends in a key that says whose rows to look in, as our session cookie does,
and that nobody can guess; whether a delivery is believed is decided by its signature alone.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.accounts.models import TenantDoor
from app.connections.models import Connection, InboxItem, InboxState
from app.connections.rules import PREVIOUS
from app.connections.services.providers import in_use, manifest_of
from app.core import storage
from app.core.clock import now
from app.core.config import get_settings
from app.core.db import current_tenant, transaction
from app.core.events import Actor, AuditEvent, Risk, Sensitivity, record
from app.core.jobs import JobIntent
from app.core.models import StoredFile
from app.integrations.contracts import Manifest
from app.integrations.transports.http.redact import redacted_body
from app.integrations.webhooks.delivery import Reason
from app.integrations.webhooks.door import Event, Received, Webhooks
from app.integrations.webhooks.kinds import covers_body

RANDOM_BYTES = 16
TOLD_EVERY = timedelta(hours=1)
"""A flood of forged deliveries is counted, but makes one audit row an hour."""


class Door(NamedTuple):
    """A connection as the door sees it."""

    id: UUID
    adapter: str
    webhooks: Webhooks
    secrets: Sequence[str]  # the newest first


def new_key(company_id: UUID) -> str:
    """The end of a new address: the company, and 128 random bits."""
    return base64.urlsafe_b64encode(company_id.bytes + secrets.token_bytes(RANDOM_BYTES)).rstrip(b"=").decode()


def address_of(key: str) -> str:
    """What the provider is told."""
    return f"{get_settings().base_url.rstrip('/')}/webhooks/{key}"


def company_of(key: str) -> UUID | None:
    """Whose rows to look in, or None for what is no key of ours."""
    try:
        raw = base64.b64decode(key.encode("ascii") + b"=", altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
    return UUID(bytes=raw[:16]) if len(raw) == 16 + RANDOM_BYTES else None


_FOUND = (
    sa.select(Connection.id, Connection.adapter, Connection.credentials_enc)  # type: ignore[attr-defined]
    .outerjoin(TenantDoor, TenantDoor.id == Connection.company_id)
    .where(
        Connection.company_id == sa.bindparam("company_id", type_=sa.Uuid),
        Connection.webhook_key == sa.bindparam("key", type_=sa.Text),
        sa.func.coalesce(TenantDoor.active, sa.true()),
    )
)
"""Built once: every delivery begins with it."""


def find_door(session: Session, key: str) -> Door | None:
    """The connection of this address, of the current tenant; None when there is none, or its company is closed. One query."""
    row = session.connection().execute(_FOUND, {"company_id": current_tenant(), "key": key}).one_or_none()
    webhooks = manifest_of(row.adapter).webhooks if row else None
    if row is None or webhooks is None:
        return None
    opened = Connection.credentials.open(current_tenant(), row.id, row.credentials_enc) or {}
    return Door(row.id, row.adapter, webhooks, signing(webhooks, opened))


def signing(webhooks: Webhooks, credentials: dict[str, Any]) -> list[str]:
    """The secrets a delivery may be signed with: the one in use, then the one before while it is kept."""
    found = []
    for kept in (credentials, credentials.get(PREVIOUS, {})):
        secret = kept.get(webhooks.secret) or kept.get(webhooks.otherwise)
        if secret:
            found.append(str(secret))
    return found


def previous(manifest: Manifest, before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """What stays beside new credentials: the secret the provider may still sign with until the new one is entered there too."""
    if manifest.webhooks is None:
        return {}
    old, new = (signing(manifest.webhooks, in_use(values))[:1] for values in (before, after))
    if not old or old == new:
        return {PREVIOUS: before[PREVIOUS]} if PREVIOUS in before else {}
    return {PREVIOUS: {manifest.webhooks.secret: old[0]}}


def last_arrival(session: Session, connection_id: UUID) -> datetime | None:
    """When the newest delivery came. One query."""
    query = sa.select(InboxItem.received_at).where(
        InboxItem.connection_id == connection_id, InboxItem.source == "webhook"
    )
    return session.scalar(query.order_by(InboxItem.id.desc()).limit(1))


_STORE = insert(InboxItem).on_conflict_do_nothing().returning(InboxItem.id)


def take_in(session: Session, actor: Actor, door: Door, body: bytes, received: Received) -> int:
    """Store each event once, with the bytes as they came, and record `connections.event.received` for it.

    Bytes that no signature covers prove nothing: of those, Social Security numbers and birth dates are not kept.

    Returns:
        How many of the events were new.
    """
    if not received.events:
        return 0
    file_id = uuid7()
    proof = asdict(received.proof) if received.proof else {}
    rows = [_row(door, event, file_id, proof) for event in received.events]
    made = [item_id for row in rows if (item_id := _stored(session, row)) is not None]
    if not made:
        return 0
    kept = body if covers_body(door.webhooks.verifier) else redacted_body(body)
    paper = Session()  # a list of rows to be written at once; it has no connection
    storage.keep(paper, kept, name="webhook", content_type="application/octet-stream", purpose="inbox", file_id=file_id)
    for item_id in made:
        record(
            paper, actor, "connections.event.received", ("inbox_item", item_id),
            new={"source": "webhook", "bytes": len(body)}, sensitivity=Sensitivity.CONFIDENTIAL,
        )  # fmt: skip
    _write(session, paper)
    return len(made)


def _stored(session: Session, row: dict[str, Any]) -> UUID | None:
    """The item's id, or None when the event came before."""
    found: UUID | None = session.connection().execute(_STORE, row).scalar()
    return found


def _write(session: Session, paper: Session) -> None:
    """Straight to the tables: a provider waits for its answer, and a flush takes as long as everything else together."""
    for kind in (StoredFile, AuditEvent, JobIntent):
        rows = [_columns(row) for row in paper.new if isinstance(row, kind)]
        if rows:
            session.connection().execute(sa.insert(kind), rows)


def _columns(row: Any) -> dict[str, Any]:
    return {name: value for name, value in vars(row).items() if name != "_sa_instance_state"}


def _row(door: Door, event: Event, file_id: UUID, proof: dict[str, Any]) -> dict[str, Any]:
    return {
        "company_id": current_tenant(), "id": uuid7(), "connection_id": door.id, "dedupe_key": f"event:{event.id}",
        "source": "webhook", "file_id": file_id, "remote_name": "", "remote_mark": "", "event_kind": event.kind[:100],
        "resource": event.resource, "resource_ref": event.subject, "proof": proof, "kind": "", "summary": {},
        "state": InboxState.RECEIVED.value, "problem": "",
    }  # fmt: skip


def note_refusal(actor: Actor, connection_id: UUID, reason: Reason) -> None:
    """Count a delivery nobody proved, in a transaction of its own and without a word of it. Who comes second does not wait."""
    with transaction(actor.company_id) as session:
        row = session.scalars(
            sa.select(Connection)
            .where(Connection.id == connection_id)
            .with_for_update(skip_locked=True, key_share=True)
        ).one_or_none()
        if row is None:
            return
        told = row.webhook_refused_at is not None and row.webhook_refused_at > now() - TOLD_EVERY
        row.webhook_refused += 1
        row.webhook_refusal, row.webhook_refused_at = reason.value, now()
        if not told:
            record(
                session, actor, "connections.webhook.refused", row, new={"reason": reason.value}, risk=Risk.MEDIUM,
                success=False,
            )  # fmt: skip
