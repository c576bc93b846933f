"""Access tokens: read, and renewed by one worker at a time under the lock of their row.

The lock is held while the provider answers, by intention: a rotating token that two workers send is dead for both. The answer is
awaited for twenty seconds at most, and a worker that dies gives the lock back by itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.connections.models import ProviderToken
from app.connections.services.calling.exchanges import keep_exchange
from app.connections.services.calling.link import Link, reaching
from app.core.clock import now
from app.core.db import current_tenant, transaction
from app.integrations.auth import oauth
from app.integrations.auth.kinds import JwtAssertion, OAuth2Client, OAuth2Code, inner, needs_token
from app.integrations.auth.proof import Keys, certificate
from app.integrations.auth.tokens import Token, read_token
from app.integrations.failures import AuthFailed
from app.integrations.transports.http.calls import Call, Exchanged
from app.integrations.transports.http.client import HttpClient
from app.integrations.transports.http.wire import Wire


def token_for(link: Link, *, refused: str = "") -> Token | None:
    """A token that is good for the next call, renewed when it is due; None when the provider uses none. No transaction may be open.

    Args:
        refused: an access token the provider did not take although it should hold; it is renewed, unless somebody already did.

    Raises:
        Failure: AuthFailed when a person has to sign in again, or whatever the token address met.
    """
    if not needs_token(link.api.auth):
        return None
    with transaction(link.company_id) as session:
        known = _read(session.scalar(_row(link.connection_id)))
    if known is not None and _is_good(known, refused):
        return known
    kept: list[Exchanged] = []
    try:
        with transaction(link.company_id) as session:
            return _renew(session, link, refused, kept)
    finally:
        for exchanged in kept:
            keep_exchange(link, exchanged, 1, None)


def renew(link: Link) -> None:
    """A new token although the old one still holds: a refresh token that nobody uses dies. Raises like `token_for`."""
    with transaction(link.company_id) as session:
        known = _read(session.scalar(_row(link.connection_id)))
    if known is not None:
        token_for(link, refused=known.access)


def keep_token(session: Session, connection_id: UUID, token: Token, user_id: UUID | None = None) -> None:
    """Store the token a person fetched by signing in at the provider."""
    row = _locked(session, connection_id)
    _write(row, token)
    row.signed_in_at, row.signed_in_by_user_id, row.farewell = now(), user_id, None


def forget_token(session: Session, connection_id: UUID) -> bool:
    """It belongs to other credentials, or to another address, than the connection has now. Whether there was one.

    One that is being revoked stays until it is.
    """
    mine = (ProviderToken.connection_id == connection_id, ProviderToken.farewell_enc.is_(None))  # type: ignore[attr-defined]
    gone: Any = session.execute(sa.delete(ProviderToken).where(*mine), execution_options={"synchronize_session": False})
    return bool(gone.rowcount)


def _renew(session: Session, link: Link, refused: str, kept: list[Exchanged]) -> Token:
    row = _locked(session, link.connection_id)
    known = _read(row)  # again: while we waited, somebody may have renewed it
    if known is not None and _is_good(known, refused):
        return known
    exchanged = ask_token_address(link, _call(link, known))
    kept.append(exchanged)
    token = read_token(exchanged.result(), now(), known)
    _write(row, token)
    return token


def _is_good(token: Token, refused: str) -> bool:
    return token.access != refused and not token.is_due(now())


def _call(link: Link, known: Token | None) -> Call:
    auth, keys = inner(link.api.auth), Keys(link.config, link.secrets)
    if isinstance(auth, OAuth2Client):
        return oauth.client_call(auth, keys)
    if isinstance(auth, JwtAssertion):
        return oauth.assertion_call(auth, keys, now())
    if not isinstance(auth, OAuth2Code):
        raise TypeError("these credentials have no token")
    if known is None:
        raise AuthFailed("token-missing", "Sign in at the provider first.")
    return oauth.refresh_call(auth, keys, known)


def ask_token_address(link: Link, call: Call, url: str = "") -> Exchanged:
    """One request there, or to another address of its kind (`url`), of a sandbox where the connection has one."""
    auth, keys = link.api.auth, Keys(link.config, link.secrets)
    http = oauth.token_http(auth, keys, url=url, deadline_seconds=min(20, link.timeout_seconds))
    http = replace(http, base_url=link.at_sandbox(http.base_url))
    with reaching(link.manifest), HttpClient(http, Wire(certificate=certificate(auth, keys))) as client:
        return client.exchange(call)


def _row(connection_id: UUID) -> sa.Select[ProviderToken]:
    return sa.select(ProviderToken).where(ProviderToken.connection_id == connection_id)


def _locked(session: Session, connection_id: UUID) -> ProviderToken:
    """The row under its lock, made when there is none."""
    new = {"company_id": current_tenant(), "id": uuid7(), "connection_id": connection_id, "scopes": []}
    session.execute(
        insert(ProviderToken).values(**new).on_conflict_do_nothing(index_elements=["company_id", "connection_id"])
    )
    return session.scalars(_row(connection_id).with_for_update()).one()


def _read(row: ProviderToken | None) -> Token | None:
    if row is None or row.issued_at is None or row.farewell is not None:
        return None
    return Token(row.access, row.issued_at, row.expires_at, row.refresh or "", tuple(row.scopes), row.extra or {})


def _write(row: ProviderToken, token: Token) -> None:
    row.access, row.refresh, row.extra = token.access, token.refresh, dict(token.extra)
    row.issued_at, row.expires_at, row.scopes = token.issued_at, token.expires_at, list(token.scopes)
