"""Signing in at a provider: out with an unguessable state, back once with a code, and the token by a job."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.connections.models import Connection, ProviderSignIn, ProviderToken
from app.connections.rules import SignInState
from app.connections.services import calling
from app.connections.services.checking import ask_check
from app.connections.services.providers import sign_in_of, testable
from app.connections.services.sections import missing
from app.connections.services.settings import to_manage
from app.core.clock import now
from app.core.db import fetch
from app.core.errors import Conflict, Invalid
from app.core.events import Actor, Risk, record
from app.integrations.auth.kinds import OAuth2Code
from app.integrations.auth.oauth import Pkce, new_pkce
from app.integrations.auth.tokens import Token
from app.integrations.failures import Failure

MINUTES = 10
KEPT_DAYS = 7
REFUSED = "sign-in-refused"
KNOWN_ERRORS = frozenset(
    {"access_denied", "invalid_scope", "unauthorized_client", "server_error", "temporarily_unavailable"}
)
"""RFC 6749 §4.1.2.1; anything else a provider, or whoever forged its answer, may write is not repeated."""


def begin(session: Session, actor: Actor, connection_id: UUID | str) -> str:
    """Where to send the person who asks; they have ten minutes.

    Raises:
        Conflict: nobody signs in at this provider. Invalid: the set-up is not complete.
    """
    connection = to_manage(session, actor, connection_id)
    if sign_in_of(connection) is None or actor.user_id is None:
        raise Conflict("nobody signs in at this provider")
    link = calling.link_of(session, connection.id, trying=True)
    state, pkce = secrets.token_urlsafe(32), new_pkce()
    try:
        if link.closed is not None:
            raise link.closed
        url = calling.authorize_address(link, state, pkce)
    except Failure as failure:
        raise Invalid(failure.advice) from None
    trip = ProviderSignIn(
        connection_id=connection.id, user_id=actor.user_id, state_hash=_hash(state), verifier=pkce.verifier,
        ends_at=now() + timedelta(minutes=MINUTES),
    )  # fmt: skip
    session.add(trip)
    record(session, actor, "connections.sign-in.begun", connection, risk=Risk.MEDIUM)
    return url


def _hash(state: str) -> bytes:
    return hashlib.sha256(state.encode()).digest()


class Came(NamedTuple):
    """connection_id: None when nobody can say which. problem: why it failed, a code; empty while the token is fetched."""

    connection_id: UUID | None
    problem: str


def come_back(session: Session, actor: Actor, answer: Mapping[str, str]) -> Came:
    """What the provider sent a person back with; `state` counts once, for who began, within ten minutes."""
    query = sa.select(ProviderSignIn).where(ProviderSignIn.state_hash == _hash(answer.get("state", "")))
    trip = session.scalars(query.with_for_update()).one_or_none()
    if trip is None or trip.user_id != actor.user_id:
        record(session, actor, "connections.sign-in.refused", ("provider_sign_in", None), risk=Risk.HIGH, success=False)
        return Came(None, "sign-in-unknown")
    if trip.state != SignInState.OUT:
        return Came(trip.connection_id, "sign-in-used")
    connection = fetch(session, Connection, trip.connection_id)
    auth = sign_in_of(connection)
    kept = {name: answer.get(name, "") for name in auth.keeps} if auth else {}
    problem = _problem(trip, answer, kept)
    if problem:
        _fail(session, actor, trip, connection, problem)
        return Came(connection.id, problem)
    trip.state, trip.code, trip.kept = SignInState.BACK.value, answer["code"], kept
    record(session, actor, "connections.sign-in.returned", trip)
    return Came(connection.id, "")


def _problem(trip: ProviderSignIn, answer: Mapping[str, str], kept: Mapping[str, str]) -> str:
    if trip.ends_at <= now():
        return "sign-in-late"
    if "error" in answer:
        return answer["error"].replace("_", "-") if answer["error"] in KNOWN_ERRORS else REFUSED
    if not answer.get("code"):
        return REFUSED
    whole = all(re.fullmatch(r"[\w.:-]{1,100}", value) for value in kept.values())
    return "" if whole else "sign-in-incomplete"


def _fail(session: Session, actor: Actor, trip: ProviderSignIn, connection: Connection, problem: str) -> None:
    trip.state, trip.problem, trip.code, trip.verifier, trip.kept = SignInState.FAILED.value, problem, None, None, None
    record(session, actor, "connections.sign-in.failed", connection, new={"code": problem}, success=False)


class Trip(NamedTuple):
    """What fetching the token takes; shows no secret when printed."""

    link: calling.Link
    code: str
    pkce: Pkce
    kept: dict[str, str]

    def __repr__(self) -> str:
        return "Trip(…)"


def trip_of(session: Session, sign_in_id: UUID) -> Trip | None:
    """None once the token was fetched, or could not be."""
    row = fetch(session, ProviderSignIn, sign_in_id)
    if row.state != SignInState.BACK or row.code is None or row.verifier is None:
        return None
    return Trip(calling.link_of(session, row.connection_id, trying=True), row.code, Pkce(row.verifier), row.kept or {})


def finish(session: Session, actor: Actor, sign_in_id: UUID, ended: Token | Failure) -> None:
    """Write down how fetching the token ended; with a token, the connection is tested at once."""
    trip = fetch(session, ProviderSignIn, sign_in_id, lock=True)
    connection = fetch(session, Connection, trip.connection_id, lock=True)
    auth = sign_in_of(connection)
    if trip.state != SignInState.BACK:
        return
    if isinstance(ended, Failure) or auth is None:
        _fail(session, actor, trip, connection, ended.code if isinstance(ended, Failure) else REFUSED)
        return
    calling.keep_token(session, connection.id, ended, trip.user_id)
    trip.state, trip.code, trip.verifier, trip.kept = SignInState.DONE.value, None, None, None
    connection.access_ends_at = _end(auth, ended)
    facts = {"user_id": str(trip.user_id), "scopes": list(ended.scopes)}
    record(session, actor, "connections.connection.signed-in", connection, new=facts, risk=Risk.HIGH)
    if testable(connection) and not missing(connection):
        ask_check(session, actor, connection.id)


def _end(auth: OAuth2Code, token: Token) -> datetime | None:
    """When a person has to sign in again, whatever we do; None when that is not known."""
    ends = [now() + timedelta(days=auth.life_days)] if auth.life_days else []
    if not token.refresh and token.expires_at:
        ends.append(token.expires_at)
    return min(ends, default=None)


class Shown(NamedTuple):
    """The card of a connection's page. scopes: what each lets us do. running: the token is being fetched. origin: of the provider's
    page; empty while the set-up is not complete. leaving: the provider is being told that we are gone."""

    scopes: list[str]
    origin: str
    signed_in_at: datetime | None
    by: str
    ends_at: datetime | None
    renewed: bool
    refused: list[str]
    running: bool
    leaving: bool
    problem: str


def _last() -> sa.Subquery:
    columns = (ProviderSignIn.state, ProviderSignIn.problem, ProviderSignIn.created_at.label("tried_at"))
    mine = sa.select(*columns).where(ProviderSignIn.connection_id == sa.bindparam("connection_id"))
    return mine.order_by(ProviderSignIn.id.desc()).limit(1).subquery()


def _found() -> sa.Select[Any]:
    last, token = _last(), ProviderToken
    columns = (
        token.issued_at, token.expires_at, token.scopes, token.signed_in_at, token.refresh_enc, token.farewell_enc,  # type: ignore[attr-defined]
        User.display_name, User.email, *last.c,
    )  # fmt: skip
    return (
        sa.select(*columns)
        .select_from(Connection)
        .outerjoin(token, token.connection_id == Connection.id)
        .outerjoin(User, User.id == token.signed_in_by_user_id)
        .outerjoin(last, sa.true())
        .where(Connection.id == sa.bindparam("connection_id"))
    )


def shown(session: Session, connection: Connection) -> Shown | None:
    """What the page says; None where nobody signs in at the provider. One query."""
    auth = sign_in_of(connection)
    if auth is None:
        return None
    row = session.execute(_found(), {"connection_id": connection.id}).one()
    signed_in = row.issued_at is not None and row.farewell_enc is None
    recent = row.state == SignInState.BACK and row.tried_at > now() - timedelta(minutes=MINUTES)
    newest = not signed_in or row.signed_in_at is None or (row.tried_at or row.signed_in_at) >= row.signed_in_at
    granted = set(row.scopes or ()) if signed_in else set()
    return Shown(
        scopes=list(auth.scopes.values()), origin=_origin(session, connection),
        signed_in_at=(row.signed_in_at or row.issued_at) if signed_in else None, by=(row.display_name or row.email or ""),
        ends_at=row.expires_at, renewed=row.refresh_enc is not None,
        refused=[words for scope, words in auth.scopes.items() if granted and scope not in granted],
        running=recent, leaving=row.farewell_enc is not None, problem=(row.problem or "") if newest else "",
    )  # fmt: skip


def _origin(session: Session, connection: Connection) -> str:
    """Of the page a person is sent to: the browser has to be told that our form may end up there."""
    link = calling.link_of(session, connection.id, trying=True)
    if link.closed is not None:
        return ""
    try:
        parts = urlsplit(calling.authorize_address(link, "", new_pkce()))
    except Failure:
        return ""
    return f"{parts.scheme}://{parts.netloc}"


def forget_old(session: Session) -> None:
    """Remove trips of a week ago; a failed one was told on the page until then."""
    session.execute(
        sa.delete(ProviderSignIn).where(ProviderSignIn.created_at < now() - timedelta(days=KEPT_DAYS)),
        execution_options={"synchronize_session": False},
    )
