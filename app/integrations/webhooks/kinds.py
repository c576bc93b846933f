"""The ways a delivery can prove where it comes from, as data of the manifest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Written(StrEnum):
    """How the signature is written in its header."""

    HEX = "hex"
    BASE64 = "base64"


class Over(StrEnum):
    """What was signed."""

    RAW = "raw body"
    COMPACT = "compact JSON of the body"


class SecretIs(StrEnum):
    """How the secret's text becomes the key."""

    TEXT = "its own bytes"
    BASE64 = "base64 after the last underscore"  # Standard Webhooks: whsec_…


@dataclass(frozen=True, slots=True)
class Hmac:
    """HMAC-SHA256 in a header.

    prefix: before each signature (`v0=`, `v1,`). message: what is signed, with `{body}`, `{timestamp}` and `{id}`; the last two
    come from headers. tolerance_seconds: how far a timestamp may be from now; needed when there is one. several: the header
    holds more than one signature, divided by spaces. over: COMPACT tries the raw bytes first.
    """

    header: str
    written: Written = Written.HEX
    prefix: str = ""
    message: str = "{body}"
    timestamp_header: str = ""
    id_header: str = ""
    tolerance_seconds: int = 300
    over: Over = Over.RAW
    secret_is: SecretIs = SecretIs.TEXT
    several: bool = False


@dataclass(frozen=True, slots=True)
class HeaderToken:
    """A fixed secret in a header (Google's channel token, First Advantage's `fadvKey`), after `prefix`."""

    header: str
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class BodyToken:
    """A fixed secret in the body, in every item of a list where there is one (Graph: `value`, `clientState`)."""

    path: str
    items: str = ""


@dataclass(frozen=True, slots=True)
class BasicAuth:
    """User and password in the address we gave the provider. The secret is `user:password`."""


@dataclass(frozen=True, slots=True)
class Jwt:
    """A signed token in a header, or in the body when `header` is empty. The secret is a JWK set, or the key itself for HS256.

    claims: what must stand in it, beside a time that holds; body_hash: the claim with the SHA-256 of the body, hex.
    """

    header: str = "Authorization"
    prefix: str = "Bearer "
    algorithms: Sequence[str] = ("RS256",)
    claims: Mapping[str, str] | None = None
    body_hash: str = ""
    leeway_seconds: int = 60


Verifier = Hmac | HeaderToken | BodyToken | BasicAuth | Jwt


def covers_body(verifier: Verifier | None) -> bool:
    """Whether the proof is over the very bytes, so that they must be kept as they came to prove it again."""
    return isinstance(verifier, Hmac) or (isinstance(verifier, Jwt) and bool(verifier.body_hash))
