"""Set-up of a provider with an API: which of its worlds, how patient we are, and the end of a rotation."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.connections.models import Connection, ConnectionStatus
from app.connections.rules import PREVIOUS
from app.connections.services import access
from app.connections.services.providers import environments, has_api, in_use, manifest_of
from app.connections.services.settings import record_change, to_manage
from app.core.config import get_settings
from app.core.errors import Conflict, Invalid
from app.core.events import Actor, Risk
from app.integrations import registry

MOST_RETRIES = 5
MOST_SECONDS = 120
MOST_PER_HOUR = 100_000
THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Conduct:
    """How the company wants its provider spoken to. api_endpoint_url: a sandbox on this machine, never in production."""

    environment: str
    is_primary: bool
    max_retry_attempts: int
    timeout_seconds: int
    rate_limit_per_hour: int
    api_endpoint_url: str = ""


def set_conduct(session: Session, actor: Actor, connection_id: UUID | str, conduct: Conduct) -> Connection:
    """Change how the provider is spoken to. Another world of the provider has other credentials: it has to be tested anew.

    Raises:
        Conflict: the adapter has no API. Invalid: by field.
    """
    connection = to_manage(session, actor, connection_id)
    _refuse_wrong(connection, conduct)
    names = [name for name in Conduct.__slots__ if getattr(conduct, name) != getattr(connection, name)]
    old, way_in = {name: getattr(connection, name) for name in names}, access.way_in(connection)
    if conduct.is_primary and not connection.is_primary:
        _step_back(session, connection)
    for name in names:
        setattr(connection, name, getattr(conduct, name))
    if {"environment", "api_endpoint_url"} & set(names):
        connection.status, connection.last_check = ConnectionStatus.DISCONNECTED.value, {}
    access.follow(session, connection, way_in)
    new = {name: getattr(conduct, name) for name in names}
    record_change(session, actor, "conduct-changed", connection, old=old, new=new, risk=Risk.HIGH)
    return connection


def _refuse_wrong(connection: Connection, conduct: Conduct) -> None:
    if not has_api(connection.adapter):
        raise Conflict("this connection has no API")
    wrong = {}
    if conduct.environment not in environments(connection.adapter):
        wrong["environment"] = "Choose one of the provider's environments"
    for name, least, most in (
        ("max_retry_attempts", 0, MOST_RETRIES), ("timeout_seconds", 1, MOST_SECONDS), ("rate_limit_per_hour", 1, MOST_PER_HOUR),
    ):  # fmt: skip
        if not least <= getattr(conduct, name) <= most:
            wrong[name] = f"Enter a number from {least} to {most}"
    url = conduct.api_endpoint_url
    if url and (get_settings().production or not _is_here(url)):
        wrong["api_endpoint_url"] = "Only a sandbox on this machine can be entered, and not in production"
    if wrong:
        raise Invalid(wrong)


def _is_here(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and parts.hostname in THIS_MACHINE and not parts.path.endswith("/")
    except ValueError:
        return False


def _step_back(session: Session, connection: Connection) -> None:
    """One provider of a kind comes first."""
    kind = manifest_of(connection.adapter).category
    same = [slug for slug, known in registry.adapters().items() if known.category is kind]
    session.execute(
        sa.update(Connection)
        .where(Connection.adapter.in_(same), Connection.id != connection.id, Connection.is_primary)
        .values(is_primary=False),
        execution_options={"synchronize_session": False},
    )


def forget_previous(session: Session, actor: Actor, connection_id: UUID | str) -> Connection:
    """The provider signs with the new secret now: believe the one before no more. Raises Conflict when there is none."""
    connection = to_manage(session, actor, connection_id)
    credentials = connection.credentials or {}
    if PREVIOUS not in credentials:
        raise Conflict("no secret is being replaced")
    connection.credentials = in_use(credentials)
    record_change(session, actor, "rotation-ended", connection, risk=Risk.HIGH)
    return connection
