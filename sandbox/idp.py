"""An OpenID Connect provider for sign-in tests: code flow with PKCE and nonce, and ways of being wrong."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from sandbox.carriers.profile import Settings, switch

CODE_SECONDS, TOKEN_SECONDS = 60, 300


@dataclass(frozen=True)
class IdpSwitches(Settings):
    wrong_issuer: bool = switch(False, "Wrong issuer in the ID token")
    wrong_audience: bool = switch(False, "Wrong audience in the ID token")
    wrong_nonce: bool = switch(False, "Wrong nonce in the ID token")
    expired_token: bool = switch(False, "ID token that has expired")
    alg_none: bool = switch(False, "Unsigned ID token (alg none)")
    unknown_key: bool = switch(False, "ID token signed with a key that is not published")
    unverified_email: bool = switch(False, "email_verified is false")
    token_error: bool = switch(False, "The token endpoint fails with 503")


@dataclass(frozen=True)
class DemoUser:
    email: str
    name: str


DEMO_USERS = (
    DemoUser("hr.admin@example.com", "Harper Admin"),
    DemoUser("benefits@example.com", "Blair Benefits"),
    DemoUser("manager@example.com", "Morgan Manager"),
    DemoUser("employee@example.com", "Emery Employee"),
)
DEFAULT_CLIENTS = {"corridor": "corridor-sandbox-secret"}


class OidcError(Exception):
    """An error of RFC 6749 section 5.2: `code` goes into the JSON answer."""

    def __init__(self, code: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.code, self.description, self.status = code, description, status


@dataclass
class Grant:
    """An authorization code not yet exchanged."""

    client_id: str
    redirect_uri: str
    nonce: str
    challenge: str
    email: str
    name: str
    expires_at: float


class IdentityProvider:
    """Keys, codes and tokens. Times are real time: the application's clock is not the sandbox clock."""

    def __init__(self, key_file: Path) -> None:
        self.key = load_key(key_file)
        self.switches = IdpSwitches()
        self.users = list(DEMO_USERS)
        self.clients = dict(DEFAULT_CLIENTS)
        self._codes: dict[str, Grant] = {}
        self._tokens: dict[str, Grant] = {}
        self._lock = threading.Lock()

    def set_switches(self, values: dict[str, Any]) -> None:
        self.switches = self.switches.changed(values)

    def reset(self) -> None:
        self.switches = IdpSwitches()
        self.users, self.clients = list(DEMO_USERS), dict(DEFAULT_CLIENTS)

    def state(self) -> dict[str, Any]:
        return {
            "switches": asdict(self.switches),
            "users": [asdict(user) for user in self.users],
            "clients": self.clients,
        }

    def check_request(self, args: dict[str, str]) -> None:
        """Raises OidcError for an authorization request that must not be redirected back."""
        if args.get("client_id") not in self.clients:
            raise OidcError("invalid_client", "Unknown client_id.")
        if urlsplit(args.get("redirect_uri", "")).scheme not in {"http", "https"}:
            raise OidcError("invalid_request", "redirect_uri is missing or not a web address.")
        if args.get("response_type") != "code" or "openid" not in args.get("scope", "").split():
            raise OidcError("invalid_request", "Only response_type=code with scope openid is offered.")
        if args.get("code_challenge") and args.get("code_challenge_method") != "S256":
            raise OidcError("invalid_request", "Only code_challenge_method=S256 is offered.")

    def issue_code(self, args: dict[str, str], email: str) -> str:
        """A single-use code for the person chosen on the page."""
        known = {user.email: user.name for user in self.users}
        name = known.get(email) or email.partition("@")[0].replace(".", " ").title()
        grant = Grant(
            args["client_id"], args["redirect_uri"], args.get("nonce", ""), args.get("code_challenge", ""),
            email, name, time.time() + CODE_SECONDS,
        )  # fmt: skip
        code = secrets.token_urlsafe(24)
        with self._lock:
            self._codes[code] = grant
        return code

    def exchange(self, form: dict[str, str], client_id: str, secret: str | None, issuer: str) -> dict[str, Any]:
        """The token response for a code. Raises OidcError."""
        if self.switches.token_error:
            raise OidcError("temporarily_unavailable", "Sandbox switch.", 503)
        if form.get("grant_type") != "authorization_code":
            raise OidcError("unsupported_grant_type", "Only authorization_code is offered.")
        with self._lock:
            grant = self._codes.pop(form.get("code", ""), None)
        if grant is None or grant.expires_at < time.time():
            raise OidcError("invalid_grant", "The code is unknown, used or expired.")
        self._check_client(grant, client_id, secret)
        if form.get("redirect_uri") != grant.redirect_uri:
            raise OidcError("invalid_grant", "redirect_uri differs from the authorization request.")
        check_pkce(grant.challenge, form.get("code_verifier", ""))
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._tokens[token] = grant
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": TOKEN_SECONDS,
            "scope": "openid email profile",
            "id_token": self._id_token(grant, issuer),
        }

    def _check_client(self, grant: Grant, client_id: str, secret: str | None) -> None:
        """A secret must be right; without one the client is public and must have used PKCE."""
        expected = self.clients.get(client_id)
        if expected is None or client_id != grant.client_id:
            raise OidcError("invalid_client", "The code was issued to another client.", 401)
        if secret is not None and not hmac.compare_digest(secret.encode(), expected.encode()):
            raise OidcError("invalid_client", "Wrong client secret.", 401)
        if secret is None and not grant.challenge:
            raise OidcError("invalid_client", "A client without a secret must use PKCE.", 401)

    def userinfo(self, token: str) -> dict[str, Any] | None:
        with self._lock:
            grant = self._tokens.get(token)
        return self._person(grant) if grant else None

    def _person(self, grant: Grant) -> dict[str, Any]:
        return {
            "sub": hashlib.sha256(grant.email.lower().encode()).hexdigest()[:24],
            "email": grant.email,
            "email_verified": not self.switches.unverified_email,
            "name": grant.name,
        }

    def _id_token(self, grant: Grant, issuer: str) -> str:
        wrong, now = self.switches, int(time.time())
        issued = now - 2 * 3600 if wrong.expired_token else now
        claims = self._person(grant) | {
            "iss": f"{issuer}/wrong" if wrong.wrong_issuer else issuer,
            "aud": "somebody-else" if wrong.wrong_audience else grant.client_id,
            "iat": issued,
            "auth_time": issued,
            "exp": issued + TOKEN_SECONDS,
        }
        if grant.nonce:
            claims["nonce"] = f"{grant.nonce}x" if wrong.wrong_nonce else grant.nonce
        if wrong.alg_none:
            return unsigned(claims)
        key = RSAKey.generate_key(2048) if wrong.unknown_key else self.key
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, key)

    def jwks(self) -> dict[str, Any]:
        return {"keys": [self.key.as_dict(private=False)]}


def load_key(path: Path) -> RSAKey:
    """The signing key in the file, made on first use."""
    parameters: dict[str, Any] = {"use": "sig", "alg": "RS256", "kid": "sandbox-1"}
    if not path.exists():
        path.write_bytes(RSAKey.generate_key(2048).as_pem(private=True))
        path.chmod(0o600)
    return RSAKey.import_key(path.read_bytes(), parameters)  # type: ignore[arg-type]


def check_pkce(challenge: str, verifier: str) -> None:
    if challenge and base64url(hashlib.sha256(verifier.encode()).digest()) != challenge:
        raise OidcError("invalid_grant", "code_verifier does not match code_challenge.")


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unsigned(claims: dict[str, Any]) -> str:
    header = base64url(json.dumps({"alg": "none", "typ": "JWT"}).encode())
    return f"{header}.{base64url(json.dumps(claims).encode())}."


def discovery(issuer: str) -> dict[str, Any]:
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "end_session_endpoint": f"{issuer}/logout",
        "jwks_uri": f"{issuer}/jwks",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "email", "profile"],
        "claims_supported": ["sub", "email", "email_verified", "name"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "authorization_response_iss_parameter_supported": True,
    }
