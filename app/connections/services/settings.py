"""Set-up of a connection. Every look at a configuration and every change of it is recorded; secrets never come back."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.orm import Session

from app.connections.models import Connection, ConnectionStatus, Phase
from app.connections.rules import DataRegion, phase_step
from app.connections.services import access
from app.connections.services.door import new_key, previous
from app.connections.services.providers import (
    by_hand,
    config_of,
    first_values,
    in_use,
    manifest_of,
    plain_errors,
    preset_of,
    preset_values,
)
from app.core.access import Can
from app.core.db import fetch
from app.core.errors import Conflict, Invalid
from app.core.events import Actor, Risk, Sensitivity, record

PAGE = 50


def listed(session: Session, actor: Actor, after: str = "") -> tuple[list[Any], str]:
    """One page by name, and the key of the next. One query."""
    actor.require(Can.CONNECTION_VIEW)
    columns = (
        Connection.id, Connection.name, Connection.code, Connection.adapter, Connection.phase, Connection.status,
        Connection.is_active, Connection.last_successful_sync_at, Connection.last_checked_at, Connection.environment,
        Connection.api_endpoint_url, Connection.data_region,
    )  # fmt: skip
    query = sa.select(*columns).order_by(Connection.code).limit(PAGE + 1)
    if after:
        query = query.where(Connection.code > after)
    rows = list(session.execute(query))
    return rows[:PAGE], rows[PAGE - 1].code if len(rows) > PAGE else ""


def get(session: Session, actor: Actor, connection_id: UUID | str, *, lock: bool = False) -> Connection:
    """Raises NotFound for a connection of another tenant."""
    actor.require(Can.CONNECTION_VIEW)
    return fetch(session, Connection, connection_id, lock=lock)


def show(session: Session, actor: Actor, connection_id: UUID | str, part: str = "") -> Connection:
    """The same for a page that shows the configuration, or this part of it; the look is recorded."""
    connection = get(session, actor, connection_id)
    record(
        session, actor, "connections.connection.viewed", connection, new={"part": part} if part else None,
        sensitivity=Sensitivity.CONFIDENTIAL,
    )  # fmt: skip
    return connection


def to_manage(session: Session, actor: Actor, connection_id: UUID | str) -> Connection:
    """The row under its lock, for somebody who may change it."""
    actor.require(Can.CONNECTION_MANAGE)
    return fetch(session, Connection, connection_id, lock=True)


def create(
    session: Session,
    actor: Actor,
    *,
    adapter: str,
    name: str,
    code: str,
    connection_id: UUID | None = None,
    preset: str = "",
) -> Connection:
    """A new connection, switched off until it was tested, in the test phase.

    Args:
        preset: which settings of the adapter it begins with.
        connection_id: made from the form's one-time key, so that sending it twice makes one.

    Raises:
        Invalid: by field.
    """
    actor.require(Can.CONNECTION_MANAGE)
    manifest = manifest_of(adapter)
    start = preset_of(manifest, preset)
    name, code = name.strip(), code.strip().upper()
    _check_name(name)
    if not re.fullmatch(r"[A-Z0-9][A-Z0-9_-]{1,19}", code):
        raise Invalid({"code": "Use 2 to 20 letters, digits, - or _"})
    if connection_id is not None:
        made = session.get(Connection, (actor.company_id, connection_id))
        if made is not None:
            return made
    if session.scalar(sa.select(Connection.id).where(Connection.code == code)) is not None:
        raise Invalid({"code": "Another connection has this code. Choose a different one"})
    connection = Connection(
        id=connection_id,
        adapter=adapter,
        name=name,
        code=code,
        created_by_user_id=actor.user_id,
        webhook_key=new_key(actor.company_id) if manifest.webhooks else None,
        **(first_values(manifest) | (preset_values(manifest, start) if start else {})),
    )
    session.add(connection)
    session.flush()
    facts = {"adapter": adapter, "code": code} | ({"preset": preset} if preset else {})
    record(session, actor, "connections.connection.created", connection, new=facts)
    return connection


def _check_name(name: str) -> None:
    if not name or len(name) > 100:
        raise Invalid({"name": "Enter the provider's name, up to 100 characters"})


def rename(session: Session, actor: Actor, connection_id: UUID | str, name: str) -> Connection:
    """Raises Invalid without a name."""
    _check_name(name.strip())
    connection = to_manage(session, actor, connection_id)
    old, connection.name = connection.name, name.strip()
    record_change(session, actor, "renamed", connection, old={"name": old}, new={"name": connection.name})
    return connection


def record_change(
    session: Session, actor: Actor, what: str, connection: Connection, *, old: dict[str, Any] | None = None,
    new: dict[str, Any] | None = None, risk: Risk = Risk.MEDIUM, args: dict[str, str] | None = None, reason: str = "",
) -> None:  # fmt: skip
    """One change of a configuration, by name: `connections.connection.<what>`."""
    connection.updated_by_user_id = actor.user_id
    record(
        session, actor, f"connections.connection.{what}", connection, old=old, new=new, risk=risk, args=args,
        reason=reason, sensitivity=Sensitivity.CONFIDENTIAL,
    )  # fmt: skip


def configure(
    session: Session, actor: Actor, connection_id: UUID | str, section: str, values: dict[str, Any]
) -> Connection:
    """Change one part of the settings (`profile`, `sftp`, or "" for an adapter with flat settings).

    What other parts still lack does not matter yet; what these values break does.

    Raises:
        Invalid: field → what to do.
    """
    connection = to_manage(session, actor, connection_id)
    if "host" in values and values.get("host") != connection.settings.get(section, {}).get("host"):
        values = values | {"host_key": ""}  # another server has another key: it must be pinned anew
    before, way_in = connection.settings.get(section, {}) if section else connection.settings, access.way_in(connection)
    merged = before | values
    _refuse_wrong(connection, section, merged, set(values))
    connection.settings = (connection.settings | {section: merged}) if section else merged
    access.follow(session, connection, way_in)
    if by_hand(connection):
        connection.status = ConnectionStatus.CONNECTED.value
    changed = sorted(name for name, value in values.items() if before.get(name) != value)
    record_change(session, actor, "configured", connection, new={"section": section, "changed": changed})
    return connection


def _refuse_wrong(connection: Connection, section: str, merged: dict[str, Any], touched: set[str]) -> None:
    candidate = connection.settings | {section: merged} if section else merged
    try:
        manifest_of(connection.adapter).config.model_validate(candidate)
    except ValidationError as error:
        prefix = f"{section}." if section else ""
        found = {
            path.removeprefix(prefix): words for path, words in plain_errors(error).items() if path.startswith(prefix)
        }
        wrong = {path.partition(".")[0]: words for path, words in found.items() if path.partition(".")[0] in touched}
        general = [words for path, words in plain_errors(error).items() if section and path == section]
        unpinned = section == "sftp" and not merged.get("host_key")
        if unpinned:
            wrong.pop("host_key", None)
        if wrong or general:
            raise Invalid(wrong or general[0]) from None


def set_credentials(session: Session, actor: Actor, connection_id: UUID | str, values: dict[str, str]) -> Connection:
    """Replace the credentials that were typed; empty ones stay as they are. They are kept encrypted and never shown.

    Raises:
        Invalid: by field, without repeating what was typed.
    """
    connection = to_manage(session, actor, connection_id)
    manifest = manifest_of(connection.adapter)
    typed = {name: value for name, value in values.items() if value}
    before, way_in = connection.credentials or {}, access.way_in(connection)
    merged = in_use(before) | typed
    try:
        manifest.secrets.model_validate(merged)
    except ValidationError as error:
        raise Invalid(plain_errors(error)) from None
    connection.credentials = merged | previous(manifest, before, merged)
    access.follow(session, connection, way_in)
    record_change(session, actor, "credentials-changed", connection, new={"changed": sorted(typed)}, risk=Risk.HIGH)
    return connection


def set_safety(
    session: Session, actor: Actor, connection_id: UUID | str, *, hold_people: int, approver_user_id: UUID | None
) -> Connection:
    """From how many lost people on a file is held, and who alone may release it (None: anybody with the permission).

    Raises:
        Invalid: a negative number.
    """
    if hold_people < 0:
        raise Invalid({"hold_people": "Enter 0 or more; 0 switches this limit off"})
    connection = to_manage(session, actor, connection_id)
    named = str(approver_user_id) if approver_user_id else None
    new = {"hold_people": hold_people, "approver_user_id": named}
    old = {name: connection.compliance_settings.get(name) for name in new}
    connection.compliance_settings = connection.compliance_settings | new
    record_change(session, actor, "safety-changed", connection, old=old, new=new, risk=Risk.HIGH)
    return connection


def set_data_region(session: Session, actor: Actor, connection_id: UUID | str, region: str) -> Connection:
    """Say where the provider keeps what we send it. Raises Invalid for a word that is not in the list."""
    if region not in set(DataRegion):
        raise Invalid({"data_region": "Choose one of the regions"})
    connection = to_manage(session, actor, connection_id)
    old, connection.data_region = connection.data_region, region
    record_change(session, actor, "region-changed", connection, old={"data_region": old}, new={"data_region": region})
    return connection


def change_phase(
    session: Session, actor: Actor, connection_id: UUID | str, phase: str, *, confirm: str = ""
) -> Connection:
    """Go to the next phase. Production is the go-live: its code must be typed, and the last check must have succeeded.

    Raises:
        Conflict: the phase cannot follow. Invalid: not confirmed, settings incomplete, or not connected.
    """
    connection = to_manage(session, actor, connection_id)
    target = phase_step(connection.phase, phase)
    if target is Phase.PRODUCTION:
        if confirm.strip().upper() != connection.code:
            raise Invalid({"confirm": "Type the code of the connection to go live"})
        config_of(connection)
        if connection.status != ConnectionStatus.CONNECTED:
            raise Invalid("Test the connection first. It has to succeed before you go live.")
    old, connection.phase = connection.phase, target.value
    what = "went-live" if target is Phase.PRODUCTION else "phase-changed"
    record_change(session, actor, what, connection, old={"phase": old}, new={"phase": connection.phase}, risk=Risk.HIGH)
    return connection


def set_active(session: Session, actor: Actor, connection_id: UUID | str, active: bool) -> Connection:
    """Stop or resume everything this connection does. Raises Conflict when it already is so."""
    connection = to_manage(session, actor, connection_id)
    if connection.is_active is active:
        raise Conflict("the connection already is so")
    connection.is_active = active
    record_change(session, actor, "resumed" if active else "stopped", connection, risk=Risk.HIGH)
    return connection
