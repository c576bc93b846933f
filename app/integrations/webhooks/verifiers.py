"""How a delivery proves where it comes from. Every check compares in constant time, and nothing missing ever passes."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey

from app.integrations.transports.http.rules import at_path
from app.integrations.webhooks.delivery import Delivery, NotBelieved, Reason
from app.integrations.webhooks.kinds import (
    BasicAuth,
    BodyToken,
    HeaderToken,
    Hmac,
    Jwt,
    Over,
    SecretIs,
    Verifier,
    Written,
)


@dataclass(frozen=True, slots=True)
class Proof:
    """secret: which of the secrets proved it; above 0 the provider still uses an old one. compacted: only the compact JSON fitted."""

    secret: int = 0
    compacted: bool = False


def verify(verifier: Verifier, delivery: Delivery, secrets: Sequence[str], now: datetime) -> Proof:
    """How it was proved. secrets: the newest first; during a rotation there are two. now: UTC, aware.

    Raises:
        NotBelieved: with the reason. There is no other way out.
    """
    usable = [secret for secret in secrets if secret]
    if not usable:
        raise NotBelieved(Reason.SECRET_MISSING)
    reason = Reason.SIGNATURE_WRONG
    for number, secret in enumerate(secrets):
        if not secret:
            continue
        try:
            compacted = _CHECKS[type(verifier)](verifier, delivery, secret, now)
        except NotBelieved as refused:
            reason = refused.reason
            continue
        return Proof(number, bool(compacted))
    raise NotBelieved(reason)


def signed(verifier: Hmac, secret: str, body: bytes, *, timestamp: str = "", event_id: str = "") -> str:
    """The header a provider would send: for sandboxes, tests and our own deliveries."""
    digest = hmac.digest(_key(verifier, secret), _message(verifier, body, timestamp, event_id), hashlib.sha256)
    text = digest.hex() if verifier.written is Written.HEX else base64.b64encode(digest).decode()
    return verifier.prefix + text


def compact(body: bytes) -> bytes:
    """The same JSON without the blanks between its parts. Raises `NotBelieved` when it is none, or names something twice."""
    try:
        document = json.loads(body, object_pairs_hook=_named_once)
        text = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
        return text.encode("utf-8", "surrogatepass")
    except (ValueError, RecursionError):
        raise NotBelieved(Reason.BODY_UNREADABLE) from None


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of two values under one name a reader would see one, and the signature another."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _check_hmac(verifier: Hmac, delivery: Delivery, secret: str, now: datetime) -> bool:
    text = _present(delivery, verifier.header)
    timestamp = _fresh(verifier, delivery, now) if verifier.timestamp_header else ""
    event_id = _present(delivery, verifier.id_header) if verifier.id_header else ""
    given = [_decoded(verifier, part) for part in (text.split() if verifier.several else [text])]
    readable = [digest for digest in given if digest is not None]
    if not readable:
        raise NotBelieved(Reason.SIGNATURE_UNREADABLE)
    bodies = [delivery.body]
    if verifier.over is Over.COMPACT and len(delivery.body) <= _MOST_COMPACTED:
        bodies.append(compact(delivery.body))
    key = _key(verifier, secret)
    for body in bodies:
        own = hmac.digest(key, _message(verifier, body, timestamp, event_id), hashlib.sha256)
        if any(hmac.compare_digest(own, digest) for digest in readable):
            return body is not delivery.body
    raise NotBelieved(Reason.SIGNATURE_WRONG)


_MOST_COMPACTED = 5_000_000


def _decoded(verifier: Hmac, text: str) -> bytes | None:
    if not text.startswith(verifier.prefix):
        return None
    rest = text.removeprefix(verifier.prefix)
    try:
        digest = bytes.fromhex(rest) if verifier.written is Written.HEX else base64.b64decode(rest, validate=True)
    except (ValueError, binascii.Error):
        return None
    return digest if len(digest) == hashlib.sha256().digest_size and not re.search(r"\s", rest) else None


def _key(verifier: Hmac, secret: str) -> bytes:
    if verifier.secret_is is SecretIs.TEXT:
        return secret.encode()
    try:
        return base64.b64decode(secret.rpartition("_")[2], validate=True)
    except binascii.Error:
        pass
    raise NotBelieved(Reason.SECRET_MISSING)


def _message(verifier: Hmac, body: bytes, timestamp: str, event_id: str) -> bytes:
    before, _, after = verifier.message.partition("{body}")
    fill = {"timestamp": timestamp, "id": event_id}
    return before.format(**fill).encode() + body + after.format(**fill).encode()


def _fresh(verifier: Hmac, delivery: Delivery, now: datetime) -> str:
    """The timestamp as it was written, when it is near enough to now: seconds or milliseconds since 1970, or ISO."""
    text = delivery.header(verifier.timestamp_header)
    if not text:
        raise NotBelieved(Reason.TIMESTAMP_MISSING)
    try:
        if re.fullmatch(r"\d{1,14}", text):
            at = int(text) / (1000 if len(text) > 11 else 1)
        else:
            at = _aware(datetime.fromisoformat(text.replace("Z", "+00:00"))).timestamp()
    except ValueError:
        raise NotBelieved(Reason.TIMESTAMP_UNREADABLE) from None
    if abs(now.timestamp() - at) > verifier.tolerance_seconds:
        raise NotBelieved(Reason.TIMESTAMP_STALE)
    return text


def _aware(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _check_header_token(verifier: HeaderToken, delivery: Delivery, secret: str, _now: datetime) -> None:
    _compare(_present(delivery, verifier.header), verifier.prefix + secret)


def _check_body_token(verifier: BodyToken, delivery: Delivery, secret: str, _now: datetime) -> None:
    document = delivery.json()
    items = at_path(document, verifier.items) if verifier.items else [document]
    if not isinstance(items, list) or not items:
        raise NotBelieved(Reason.BODY_UNREADABLE)
    for item in items:
        found = at_path(item, verifier.path)
        _compare(found if isinstance(found, str) else "", secret)


def _check_basic(_verifier: BasicAuth, delivery: Delivery, secret: str, _now: datetime) -> None:
    text = _present(delivery, "Authorization")
    try:
        given = base64.b64decode(text[6:], validate=True)
    except (ValueError, binascii.Error):
        given = b""
    if text[:6].lower() != "basic " or not given:
        raise NotBelieved(Reason.SIGNATURE_UNREADABLE)
    if not hmac.compare_digest(given, secret.encode()):
        raise NotBelieved(Reason.TOKEN_WRONG)


def _check_jwt(verifier: Jwt, delivery: Delivery, secret: str, now: datetime) -> None:
    text = _present(delivery, verifier.header) if verifier.header else delivery.body.decode("ascii", "replace").strip()
    if verifier.header and not text.startswith(verifier.prefix):
        raise NotBelieved(Reason.SIGNATURE_UNREADABLE)
    try:
        token = jwt.decode(text.removeprefix(verifier.prefix), _jwt_key(verifier, secret), list(verifier.algorithms))
    except (JoseError, ValueError, TypeError, KeyError):
        raise NotBelieved(Reason.SIGNATURE_WRONG) from None
    _check_claims(verifier, token.claims, delivery, now)


def _check_claims(verifier: Jwt, claims: Mapping[str, Any], delivery: Delivery, now: datetime) -> None:
    times = {name: claims.get(name) for name in ("exp", "nbf", "iat")}
    if not all(value is None or _is_number(value) for value in times.values()) or times["exp"] is None:
        raise NotBelieved(Reason.TIMESTAMP_UNREADABLE)
    early = max(times["nbf"] or 0, times["iat"] or 0) - verifier.leeway_seconds
    if not early <= now.timestamp() < times["exp"] + verifier.leeway_seconds:
        raise NotBelieved(Reason.TIMESTAMP_STALE)
    for name, wanted in (verifier.claims or {}).items():
        given = claims.get(name)
        if wanted not in (given if isinstance(given, list) else [given]):
            raise NotBelieved(Reason.TOKEN_WRONG)
    if verifier.body_hash:
        _compare(str(claims.get(verifier.body_hash, "")), hashlib.sha256(delivery.body).hexdigest())


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _jwt_key(verifier: Jwt, secret: str) -> Any:
    if all(name.startswith("HS") for name in verifier.algorithms):
        if len(secret.encode()) < _SHORTEST_SHARED:
            raise NotBelieved(Reason.SECRET_MISSING)
        return OctKey.import_key(secret)
    return KeySet.import_key_set(json.loads(secret))


_SHORTEST_SHARED = 16  # bytes; what is shorter can be guessed from one token


def _present(delivery: Delivery, name: str) -> str:
    text = delivery.header(name).strip()
    if not text:
        raise NotBelieved(Reason.HEADER_MISSING)
    return text


def _compare(given: str, wanted: str) -> None:
    if not hmac.compare_digest(given.encode("utf-8", "surrogatepass"), wanted.encode()):
        raise NotBelieved(Reason.TOKEN_WRONG)


_CHECKS: dict[type, Any] = {
    Hmac: _check_hmac,
    HeaderToken: _check_header_token,
    BodyToken: _check_body_token,
    BasicAuth: _check_basic,
    Jwt: _check_jwt,
}
