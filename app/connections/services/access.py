"""What our access to a provider hangs on, and when it ends."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.connections.models import Connection, ConnectionStatus, ProviderToken
from app.connections.services.calling import forget_token
from app.connections.services.providers import api_of, in_use, sign_in_of
from app.core.clock import now
from app.core.errors import Invalid
from app.integrations.api import Api
from app.integrations.auth.kinds import MutualTls, fields_of, inner
from app.integrations.failures import AuthFailed
from app.integrations.transports.http.tls import ClientCertificate

WARN_DAYS = 30
WayIn = tuple[Any, ...]


def way_in(connection: Connection) -> WayIn:
    """Everything a token hangs on: whose it is and where it may be shown. Compare it before and after a change."""
    api, values = api_of(connection), connection.settings | in_use(connection.credentials)
    if api is None:
        return ()
    named = {name: values.get(name) for name in _names(api)}
    return api.auth, dict(api.base_urls), connection.environment, connection.api_endpoint_url, named


def _names(api: Api) -> set[str]:
    kind = inner(api.auth)
    beside = [str(getattr(kind, name, "")) for name in ("authorize_url", "token_url", "revoke_url")]
    urls = [*api.base_urls.values(), *beside]
    return {*fields_of(api.auth), *(name for url in urls for name in re.findall(r"{(\w+)}", url))}


def follow(session: Session, connection: Connection, before: WayIn) -> None:
    """After a change: a token of other credentials, or for another address, is forgotten; a certificate ends when it says.

    Raises:
        Invalid: the certificate cannot be read.
    """
    if way_in(connection) == before:
        return
    if forget_token(session, connection.id) and sign_in_of(connection):
        connection.status, connection.last_check = ConnectionStatus.DISCONNECTED.value, {}
    connection.access_ends_at = _certificate_end(connection)


def _certificate_end(connection: Connection) -> datetime | None:
    """When our client certificate ends; None where there is none."""
    api, held = api_of(connection), in_use(connection.credentials)
    auth = api.auth if api else None
    if not isinstance(auth, MutualTls) or not held.get(auth.certificate):
        return None
    try:
        ends = ClientCertificate(str(held[auth.certificate]), "").ends_at()
    except AuthFailed:
        raise Invalid({auth.certificate: "Paste the certificate as PEM, from BEGIN CERTIFICATE on"}) from None
    return datetime.fromtimestamp(ends, UTC)


def has_token(session: Session, connection_id: UUID) -> bool:
    """Whether somebody signed in, and nobody disconnected since."""
    query = sa.select(ProviderToken.id).where(
        ProviderToken.connection_id == connection_id,
        ProviderToken.issued_at.is_not(None),
        ProviderToken.farewell_enc.is_(None),  # type: ignore[attr-defined]
    )
    return session.scalar(query) is not None


def days_left(ends_at: datetime | None) -> int | None:
    """Whole days until our access ends, when that is soon enough to be told; 0 when it is over."""
    if ends_at is None or ends_at > now() + timedelta(days=WARN_DAYS):
        return None
    return max((ends_at - now()).days, 0)


def ending(session: Session) -> Sequence[Any]:
    """The connections in use whose access ends within thirty days: id, name, access_ends_at. One query."""
    query = sa.select(Connection.id, Connection.name, Connection.access_ends_at).where(
        Connection.is_active,
        Connection.status == ConnectionStatus.CONNECTED.value,
        Connection.access_ends_at <= now() + timedelta(days=WARN_DAYS),
    )
    return session.execute(query).all()


def idle(session: Session) -> list[UUID]:
    """Connections whose refresh token nobody used for half of what it may stand idle. Two queries at most."""
    moment = now()
    query = (
        sa.select(Connection, ProviderToken.issued_at)
        .join(ProviderToken, ProviderToken.connection_id == Connection.id)
        .where(
            Connection.status == ConnectionStatus.CONNECTED.value,
            ProviderToken.farewell_enc.is_(None),  # type: ignore[attr-defined]
            ProviderToken.refresh_enc.is_not(None),  # type: ignore[attr-defined]
        )
    )
    found = []
    for connection, issued_at in session.execute(query):
        auth = sign_in_of(connection)
        if (
            auth
            and auth.idle_days
            and issued_at is not None
            and issued_at <= moment - timedelta(days=auth.idle_days) / 2
        ):
            found.append(connection.id)
    return found
