"""Who may come in: passwords, keys, clients of OAuth2, and their tokens. Times are those of the sandbox clock."""

from __future__ import annotations

import hmac
import secrets
import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from werkzeug import Request

from sandbox.clock import Clock
from sandbox.idp import OidcError, check_pkce
from sandbox.vendors.core.refusals import OAuthRefused, Refused


@dataclass
class Client:
    """An app known to the vendor. public_key: PEM, of one that signs its assertions instead of having a secret."""

    secret: str = ""
    scopes: str = ""
    public_key: str = ""


@dataclass(frozen=True)
class Caller:
    """Who sent a request. how: basic, key or token."""

    how: str
    name: str
    scopes: frozenset[str] = frozenset()


@dataclass
class Code:
    client_id: str
    redirect_uri: str
    challenge: str
    scope: str
    ends_at: datetime


@dataclass
class Token:
    access: str
    refresh: str
    client_id: str
    scope: str
    ends_at: datetime
    family: str  # one consent: every token that came of the same code
    refresh_ends_at: datetime | None = None


@dataclass
class Terms:
    """How a vendor treats tokens. grace_seconds: how long a refresh token still works after it was used. reuse_revokes: a used
    one ends every token of its family. refresh_scope: refresh tokens only for who asked for this scope."""

    token_seconds: float = 3600
    code_seconds: float = 600
    rotates: bool = True
    grace_seconds: float = 0
    reuse_revokes: bool = False
    require_pkce: bool = False
    refresh_scope: str = ""


@dataclass
class Access:
    clock: Clock
    lock: threading.RLock
    users: dict[str, str] = field(default_factory=dict)  # of basic auth: user → password
    keys: set[str] = field(default_factory=set)
    clients: dict[str, Client] = field(default_factory=dict)
    terms: Terms = field(default_factory=Terms)
    counts: Counter[str] = field(default_factory=Counter)  # codes, tokens, refreshes, dead_refreshes
    _codes: dict[str, Code] = field(default_factory=dict)
    _tokens: dict[str, Token] = field(default_factory=dict)
    _refreshes: dict[str, Token] = field(default_factory=dict)

    def clear(self) -> None:
        with self.lock:
            self.terms = Terms()
            for part in (self.users, self.keys, self.clients, self.counts, self._codes, self._tokens, self._refreshes):
                part.clear()

    # The way in

    def caller(self, request: Request, key_header: str = "") -> Caller:
        """Who it is. Raises Refused (401). key_header: where an API key stands, if not in basic auth."""
        if key_header and (key := request.headers.get(key_header)):
            if key in self.keys:
                return Caller("key", key)
            raise Refused(401, "Unknown API key.")
        proof = request.authorization
        if proof and proof.type == "basic":
            return self._by_password(proof.username or "", proof.password or "")
        if proof and proof.type == "bearer":
            return self._by_token(proof.token or "")
        raise Refused(401, "Credentials are missing.")

    def _by_password(self, user: str, password: str) -> Caller:
        known = self.users.get(user)
        if known is None or not hmac.compare_digest(known.encode(), password.encode()):
            raise Refused(401, "Wrong credentials.")
        return Caller("basic", user)

    def _by_token(self, access: str) -> Caller:
        with self.lock:
            token = self._tokens.get(access)
        if token is None or token.ends_at <= self.clock.now():
            raise Refused(401, "The access token is unknown, revoked or has ended.")
        return Caller("token", token.client_id, frozenset(token.scope.split()))

    # OAuth2

    def make_code(self, client_id: str, redirect_uri: str, challenge: str = "", scope: str = "") -> str:
        """A code that works once, bound to the client, its address and its PKCE challenge (S256)."""
        code, ends_at = secrets.token_urlsafe(16), self._in(self.terms.code_seconds)
        with self.lock:
            self._codes[code] = Code(client_id, redirect_uri, challenge, scope, ends_at)
            self.counts["codes"] += 1
        return code

    def grant(self, form: dict[str, Any], client_id: str) -> Token:
        """What the token address gives to a client that has proved itself. Raises OAuthRefused."""
        kind = form.get("grant_type")
        with self.lock:
            if kind == "authorization_code":
                return self._exchange(form, client_id)
            if kind == "refresh_token":
                return self._refresh(str(form.get("refresh_token", "")), client_id)
            if kind in ("client_credentials", "urn:ietf:params:oauth:grant-type:jwt-bearer"):
                scope = str(form.get("scope", "")) or self.clients[client_id].scopes
                return self.issue(client_id, scope, with_refresh=False)
        raise OAuthRefused("unsupported_grant_type", "This grant type is not offered.")

    def _exchange(self, form: dict[str, Any], client_id: str) -> Token:
        code = self._codes.pop(str(form.get("code", "")), None)
        if code is None or code.ends_at <= self.clock.now() or code.client_id != client_id:
            raise OAuthRefused("invalid_grant", "The code is unknown, used, ended or another client's.")
        if form.get("redirect_uri") != code.redirect_uri:
            raise OAuthRefused("invalid_grant", "redirect_uri is not the one of the authorization request.")
        try:
            check_pkce(code.challenge, str(form.get("code_verifier", "")))
        except OidcError as fault:
            raise OAuthRefused(fault.code, fault.description) from None
        return self.issue(client_id, code.scope)

    def _refresh(self, refresh: str, client_id: str) -> Token:
        old, now = self._refreshes.get(refresh), self.clock.now()
        if old is None or old.client_id != client_id or (old.refresh_ends_at and old.refresh_ends_at <= now):
            self.counts["dead_refreshes"] += 1
            if old and self.terms.reuse_revokes:
                self.revoke_family(old.family)
            raise OAuthRefused("invalid_grant", "The refresh token is unknown, used or revoked.")
        self.counts["refreshes"] += 1
        if not self.terms.rotates:
            return self.issue(client_id, old.scope, old.family, refresh=old.refresh)
        if old.refresh_ends_at is None:
            old.refresh_ends_at = now + timedelta(seconds=self.terms.grace_seconds)
        return self.issue(client_id, old.scope, old.family)

    def issue(
        self, client_id: str, scope: str = "", family: str = "", *, refresh: str = "", with_refresh: bool = True
    ) -> Token:
        """A token without asking anybody: also for tests that begin connected."""
        with_refresh = with_refresh and self.terms.refresh_scope in ("", *scope.split())
        given = refresh or (secrets.token_urlsafe(16) if with_refresh else "")
        ends_at, family = self._in(self.terms.token_seconds), family or secrets.token_hex(8)
        token = Token(secrets.token_urlsafe(16), given, client_id, scope, ends_at, family)
        with self.lock:
            self._tokens[token.access] = token
            if given:
                self._refreshes[given] = token
            self.counts["tokens"] += 1
        return token

    def revoke(self, given: str) -> None:
        """Ends the consent an access or refresh token came of; unknown ones are no error (RFC 7009)."""
        with self.lock:
            if token := self._tokens.get(given) or self._refreshes.get(given):
                self.revoke_family(token.family)

    def revoke_family(self, family: str = "") -> None:
        """Every token of one consent; empty: of all of them."""
        with self.lock:
            for shelf in (self._tokens, self._refreshes):
                for name in [name for name, token in shelf.items() if family in ("", token.family)]:
                    del shelf[name]

    def client_of(self, request: Request, form: dict[str, Any]) -> str:
        """The client that proves itself: by basic auth, in the form, or by an assertion it signed. Raises OAuthRefused."""
        if assertion := form.get("client_assertion") or form.get("assertion"):
            return self._by_assertion(str(assertion))
        proof = request.authorization
        if proof and proof.type == "basic":
            client_id, secret = unquote(proof.username or ""), unquote(proof.password or "")
        else:
            client_id, secret = str(form.get("client_id", "")), str(form.get("client_secret", ""))
        known = self.clients.get(client_id)
        if known is None or not hmac.compare_digest(known.secret.encode(), secret.encode()):
            raise OAuthRefused("invalid_client", "Unknown client or wrong secret.", 401)
        return client_id

    def _by_assertion(self, text: str) -> str:
        """The issuer of a signed assertion that has not ended."""
        for client_id, client in self.clients.items():
            claims = signed_by(client.public_key, text) if client.public_key else {}
            if claims.get("iss") == client_id and float(claims.get("exp", 0)) > self.clock.now().timestamp():
                return client_id
        raise OAuthRefused("invalid_client", "The assertion is not signed by a known client, or has ended.", 401)

    def _in(self, seconds: float) -> datetime:
        return self.clock.now() + timedelta(seconds=seconds)


def signed_by(public_key: str, text: str) -> dict[str, Any]:
    """The claims of an assertion; empty when another key signed it."""
    for kind, algorithms in ((RSAKey, ["RS256", "PS256"]), (ECKey, ["ES256"])):
        try:
            return dict(jwt.decode(text, kind.import_key(public_key), algorithms).claims)
        except (JoseError, ValueError):  # of the other kind, or signed by another key: both mean no
            continue
    return {}
