"""Single sign-on: authorization code with PKCE, state and nonce (OpenID Connect Core 1.0) through Authlib.

The provider is asked over HTTP while no transaction is open.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from httpx2 import HTTPError
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from sqlalchemy.orm import Session

from app.accounts.models import OidcIdentity, User, UserStatus
from app.accounts.services.users import find_user
from app.core.config import Settings, get_settings
from app.core.db import fetch, transaction
from app.core.errors import Unavailable
from app.core.events import Actor, Risk, record

ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]  # never none, never a shared secret
TIMEOUT_SECONDS = 8
LEEWAY_SECONDS = 60
KEEP_SECONDS = 600


class Refused(Exception):
    """The provider's answer cannot be trusted; the text is a stable code."""


@dataclass(frozen=True, slots=True)
class Started:
    """What has to be remembered between the two redirects."""

    url: str
    state: str
    nonce: str
    verifier: str


class Provider:
    """The configured identity provider; its metadata and keys are kept for ten minutes."""

    def __init__(self, settings: Settings) -> None:
        self.issuer = settings.oidc_issuer.rstrip("/")
        self.client_id = settings.oidc_client_id
        self._secret = settings.oidc_client_secret.get_secret_value()
        self.redirect_uri = f"{settings.base_url.rstrip('/')}/sign-in/oidc/back"
        self._kept: dict[str, tuple[float, dict[str, Any]]] = {}

    def client(self) -> OAuth2Client:
        return OAuth2Client(
            client_id=self.client_id, client_secret=self._secret or None, redirect_uri=self.redirect_uri,
            scope="openid email profile", code_challenge_method="S256", timeout=TIMEOUT_SECONDS,
            token_endpoint_auth_method="client_secret_basic" if self._secret else "none", follow_redirects=False,
        )  # fmt: skip

    def start(self) -> Started:
        """The address of the provider's page. Raises Unavailable."""
        verifier, nonce = generate_token(64), generate_token(32)
        with self.client() as client:
            url, state = client.create_authorization_url(
                self.metadata()["authorization_endpoint"], code_verifier=verifier, nonce=nonce
            )
        return Started(url, state, nonce, verifier)

    def finish(self, answer: dict[str, str], started: Started) -> dict[str, Any]:
        """The verified claims for the code in the provider's answer.

        Raises:
            Refused: an error, a foreign state or issuer, or an ID token that does not verify.
            Unavailable: the provider does not answer.
        """
        if answer.get("state") != started.state or not started.state:
            raise Refused("state")
        if answer.get("iss", self.issuer) != self.issuer:
            raise Refused("issuer")
        if "code" not in answer:
            raise Refused("denied")
        token = self._exchange(answer["code"], started.verifier)
        return self._claims(token, started.nonce)

    def _exchange(self, code: str, verifier: str) -> dict[str, Any]:
        try:
            with self.client() as client:
                token = client.fetch_token(
                    self.metadata()["token_endpoint"], code=code, code_verifier=verifier,
                    grant_type="authorization_code",
                )  # fmt: skip
        except (AuthlibBaseError, ValueError):
            raise Refused("code") from None
        except HTTPError:
            raise Unavailable from None
        return dict(token)

    def _claims(self, token: dict[str, Any], nonce: str) -> dict[str, Any]:
        options = {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self.client_id},
        }
        try:
            decoded = self._decoded(str(token.get("id_token", "")))
            if decoded.header.get("typ", "JWT") != "JWT":  # an access token (at+jwt) or a logout token is no ID token
                raise Refused("id_token")
            claims = CodeIDToken(
                decoded.claims, decoded.header, options,
                {"nonce": nonce, "client_id": self.client_id, "access_token": token.get("access_token")},
            )  # fmt: skip
            claims.validate(leeway=LEEWAY_SECONDS)
        except (JoseError, AuthlibBaseError, ValueError, KeyError, TypeError):
            raise Refused("id_token") from None
        return dict(claims)

    def _decoded(self, id_token: str) -> Any:
        registry = JWSRegistry(algorithms=ALGORITHMS)
        try:
            return jwt.decode(id_token, KeySet.import_key_set(self.keys()), registry=registry)
        except (JoseError, ValueError):  # the provider may have changed its keys
            return jwt.decode(id_token, KeySet.import_key_set(self.keys(anew=True)), registry=registry)

    def metadata(self) -> dict[str, Any]:
        """The discovery document; it must say that it is of our issuer."""
        found = self._get(f"{self.issuer}/.well-known/openid-configuration")
        if found.get("issuer") != self.issuer:
            raise Unavailable("the identity provider calls itself something else")
        return found

    def keys(self, *, anew: bool = False) -> Any:
        return self._get(str(self.metadata()["jwks_uri"]), anew=anew)

    def _get(self, url: str, *, anew: bool = False) -> dict[str, Any]:
        kept = self._kept.get(url)
        if kept and kept[0] > time.monotonic() and not anew:
            return kept[1]
        try:
            with self.client() as client:
                answer = client.request("GET", url, withhold_token=True)
                answer.raise_for_status()
                found: dict[str, Any] = answer.json()
        except (HTTPError, ValueError):
            raise Unavailable from None
        self._kept[url] = (time.monotonic() + KEEP_SECONDS, found)
        return found


@lru_cache(maxsize=1)
def _provider(_issuer: str, _client: str) -> Provider:
    return Provider(get_settings())


def provider() -> Provider | None:
    """The identity provider, or None when single sign-on is switched off."""
    settings = get_settings()
    return _provider(settings.oidc_issuer, settings.oidc_client_id) if settings.oidc_issuer else None


def user_of_claims(actor: Actor, issuer: str, claims: dict[str, Any]) -> tuple[UUID | None, bool]:
    """The active user these claims mean, and whether the provider already asked for a second factor.

    A subject not seen before is linked to the user of the same company with the same address, if the provider verified it.
    """
    with transaction(actor.company_id) as session:
        user = _known(session, issuer, claims) or _link(session, actor, issuer, claims)
        if user is None or user.status not in (UserStatus.ACTIVE.value, UserStatus.INVITED.value) or user.deleted_at:
            record(session, actor, "accounts.oidc.refused", ("user_account", None), risk=Risk.MEDIUM, success=False)
            return None, False
        if user.status == UserStatus.INVITED.value:
            user.status = UserStatus.ACTIVE.value
            record(session, actor, "accounts.user.activated", user, old={"status": "invited"}, new={"status": "active"})
        return user.id, bool({"mfa", "otp", "hwk", "swk"} & set(claims.get("amr") or ()))


def _known(session: Session, issuer: str, claims: dict[str, Any]) -> User | None:
    query = sa.select(OidcIdentity.user_id).where(OidcIdentity.issuer == issuer, OidcIdentity.subject == claims["sub"])
    user_id = session.execute(query).scalar_one_or_none()
    return fetch(session, User, user_id) if user_id else None


def _link(session: Session, actor: Actor, issuer: str, claims: dict[str, Any]) -> User | None:
    if claims.get("email_verified") is not True or not claims.get("email"):
        return None
    user = find_user(session, str(claims["email"]))
    if user is None:
        return None
    session.add(OidcIdentity(user_id=user.id, issuer=issuer, subject=str(claims["sub"])))
    record(session, actor, "accounts.oidc.linked", user, new={"issuer": issuer}, risk=Risk.HIGH)
    return user
