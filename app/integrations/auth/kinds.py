"""The kinds of credentials. Each names fields of the adapter's settings or secrets; none of them holds a secret."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.integrations.auth.tokens import Token
    from app.integrations.transports.http.calls import Answer, Call


class Presents(StrEnum):
    """How an access token is shown with each call."""

    BEARER = "bearer"
    BASIC_USER = "basic user"  # with an empty password


class ClientProof(StrEnum):
    """How the token address wants to know the client."""

    BASIC = "basic"
    BODY = "body"
    NONE = "none"  # a public client: PKCE alone


class Encoding(StrEnum):
    """Of a request to the token address."""

    FORM = "form"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class NoAuth:
    """Nothing to prove, or the secret is in the address itself."""


@dataclass(frozen=True, slots=True)
class Basic:
    """user, password: names of fields; an empty name means an empty text (Checkr), a text in quotes itself (`"x"`: BambooHR)."""

    user: str
    password: str = ""


@dataclass(frozen=True, slots=True)
class Bearer:
    """A fixed token."""

    token: str


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key in a header, after `prefix` (`ApiKey `: GoodHire)."""

    header: str
    key: str
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class OAuth2Client:
    """Client credentials. Addresses may hold names of settings in braces (`https://login.example/{tenant}/token`)."""

    token_url: str
    scopes: Sequence[str] = ()
    client_id: str = "client_id"
    client_secret: str = "client_secret"  # noqa: S105 the name of a field
    proof: ClientProof = ClientProof.BASIC
    encoding: Encoding = Encoding.FORM
    presents: Presents = Presents.BEARER


Asks = Callable[["Token", Callable[["Call"], "Answer"]], str]
"""Raises `Failure`: then nobody is signed in."""


@dataclass(frozen=True, slots=True)
class OAuth2Code:
    """A person allows it at the provider. rotates: each refresh gives a new refresh token and the old one dies.

    scopes: what is asked for, the least that does, and what each lets us do, in plain words a person reads before allowing it.
    keeps: parameters of the way back that belong to the token (`realmId`); an address may name them like a setting.
    asks: name → how it is found out with the new token; kept with it in the same way (which of several organizations was chosen).
    idle_days: unused for so long, a refresh token dies. life_days: so long after the sign-in it ends whatever we do. 0: never.
    """

    authorize_url: str
    token_url: str
    scopes: Mapping[str, str] = field(default_factory=dict)
    revoke_url: str = ""
    client_id: str = "client_id"
    client_secret: str = "client_secret"  # noqa: S105 the name of a field
    proof: ClientProof = ClientProof.BASIC
    encoding: Encoding = Encoding.FORM
    presents: Presents = Presents.BEARER
    pkce: bool = True
    rotates: bool = True
    keeps: Sequence[str] = ()
    asks: Mapping[str, Asks] = field(default_factory=dict)
    idle_days: int = 0
    life_days: int = 0


@dataclass(frozen=True, slots=True)
class JwtAssertion:
    """We sign a short statement with our key and get a token for it.

    as_client: the statement proves the client (Entra); else it is itself the grant (Google). key: PEM. key_id: names our key
    in the header when the provider has several; certificate: instead of it, the PEM whose SHA-256 thumbprint stands there (Entra).
    seconds: how long the statement holds.
    """

    token_url: str
    issuer: str = "client_id"
    subject: str = ""
    audience: str = ""
    key: str = "private_key"
    key_id: str = ""
    certificate: str = ""
    algorithm: str = "RS256"
    scopes: Sequence[str] = ()
    as_client: bool = False
    seconds: int = 300
    encoding: Encoding = Encoding.FORM
    presents: Presents = Presents.BEARER


@dataclass(frozen=True, slots=True)
class UsernameToken:
    """WS-Security: a name and a password inside of each SOAP envelope (Workday), where its body says `calls.SECURITY`.

    user: settings in braces (`{username}@{tenant}`). password: the name of a field.
    """

    user: str
    password: str = "password"  # noqa: S105 the name of a field


@dataclass(frozen=True, slots=True)
class MutualTls:
    """A client certificate on every connection, with or without something more (ADP: and a token)."""

    certificate: str = "certificate"
    private_key: str = "private_key"
    also: NoAuth | Basic | Bearer | ApiKey | OAuth2Client = NoAuth()


WithToken = OAuth2Client | OAuth2Code | JwtAssertion
Auth = NoAuth | Basic | Bearer | ApiKey | UsernameToken | WithToken | MutualTls


def inner(auth: Auth) -> NoAuth | Basic | Bearer | ApiKey | UsernameToken | WithToken:
    """What goes into headers, without the certificate."""
    return auth.also if isinstance(auth, MutualTls) else auth


def needs_token(auth: Auth) -> bool:
    """Whether a token must be fetched before the first call."""
    return isinstance(inner(auth), WithToken)


def fields_of(auth: Auth) -> frozenset[str]:
    """Names of settings and secrets it reads."""
    if isinstance(auth, MutualTls):
        return frozenset({auth.certificate, auth.private_key}) | fields_of(auth.also)
    if isinstance(auth, UsernameToken):
        return frozenset({auth.password, *re.findall(r"{(\w+)}", auth.user)})
    names = {
        NoAuth: (), Basic: ("user", "password"), Bearer: ("token",), ApiKey: ("key",), OAuth2Client: ("client_id", "client_secret"),
        OAuth2Code: ("client_id", "client_secret"), JwtAssertion: ("issuer", "subject", "key", "key_id", "certificate"),
    }[type(auth)]  # fmt: skip
    found = {str(getattr(auth, name)) for name in names}
    if getattr(auth, "proof", None) is ClientProof.NONE:
        found.discard(str(getattr(auth, "client_secret", "")))
    return frozenset(name for name in found if name and not name.startswith('"'))
