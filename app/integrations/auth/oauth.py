"""OAuth2 as requests and answers: authorize address, PKCE, code, refresh, client credentials, signed assertion, revocation."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from app.integrations.auth.kinds import (
    Auth,
    ClientProof,
    Encoding,
    JwtAssertion,
    OAuth2Client,
    OAuth2Code,
    WithToken,
    inner,
)
from app.integrations.auth.proof import Keys, basic, thumbprint
from app.integrations.auth.tokens import Token
from app.integrations.failures import AuthFailed, Rejected
from app.integrations.transports.http.calls import Call, Form, Json
from app.integrations.transports.http.client import Http
from app.integrations.transports.http.rules import Means, On, Rules

_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_CLIENT = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_DEAD = "^(invalid_grant|invalid_client|unauthorized_client|access_denied|invalid_token)$"
_RULES = Rules(errors=(On(Means.REFUSED_AUTH, 4, path="error", value=_DEAD, code="grant-refused"),))


@dataclass(frozen=True, slots=True)
class Pkce:
    """RFC 7636, S256. The verifier stays with us until the code comes back."""

    verifier: str = field(repr=False)

    @property
    def challenge(self) -> str:
        return base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()


def new_pkce() -> Pkce:
    """A fresh one, 256 bits."""
    return Pkce(secrets.token_urlsafe(32))


def address(template: str, keys: Keys) -> str:
    """An address with its settings filled in; a setting cannot add a path, a port or another host. Raises `Rejected`.

    A template that is nothing but one name stands for a whole address, which then is a secret like any other (Teams).
    """
    if whole_address(template):
        return _whole(keys.get(template[1:-1]))
    names = [part.partition("}")[0] for part in template.split("{")[1:]]
    values = {name: keys.get(name) for name in names}
    if any(quote(value, safe="") != value or value in (".", "..") for value in values.values()):
        raise Rejected("address-unsafe", "A setting that is part of the provider's address holds an unusual character.")
    return template.format(**values)


def whole_address(template: str) -> bool:
    """Whether a setting is the address itself, and not a part of it."""
    return re.fullmatch(r"{\w+}", template) is not None


def _whole(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc or parts.fragment:
        raise Rejected("address-unsafe", "The address must begin with https:// and hold no user name.")
    return url


def authorize_url(auth: OAuth2Code, keys: Keys, *, redirect_uri: str, state: str, pkce: Pkce | None) -> str:
    """Where the person is sent. state: unguessable, bound to the session. Raises `ValueError` when PKCE is due and missing."""
    if auth.pkce and pkce is None:
        raise ValueError("this provider asks for PKCE")
    asked = {
        "response_type": "code",
        "client_id": keys.get(auth.client_id),
        "redirect_uri": redirect_uri,
        "scope": " ".join(auth.scopes),
        "state": state,
    }
    if auth.pkce and pkce is not None:
        asked |= {"code_challenge": pkce.challenge, "code_challenge_method": "S256"}
    base = address(auth.authorize_url, keys)
    return f"{base}{'&' if '?' in base else '?'}{urlencode({name: text for name, text in asked.items() if text})}"


def token_http(auth: Auth, keys: Keys, *, url: str = "", deadline_seconds: float = 20) -> Http:
    """How the token address, or another of its kind (`url`), is spoken to. A dead grant is `AuthFailed`, whatever the status says."""
    parts = urlsplit(address(url or _with_token(auth).token_url, keys))
    return Http(f"{parts.scheme}://{parts.netloc}", rules=_RULES, deadline_seconds=deadline_seconds, most_bytes=100_000)


def code_call(auth: OAuth2Code, keys: Keys, *, code: str, redirect_uri: str, pkce: Pkce | None) -> Call:
    """The code that came back, for a token."""
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    if auth.pkce and pkce is not None:
        fields["code_verifier"] = pkce.verifier
    return _token_call(auth, keys, fields)


def refresh_call(auth: OAuth2Code, keys: Keys, token: Token) -> Call:
    """A token that is about to end, for a new one. Never twice at once: lock the row, read the token again, then call."""
    if not token.refresh:
        raise AuthFailed("refresh-token-missing", "Connect to the provider again.")
    return _token_call(auth, keys, {"grant_type": "refresh_token", "refresh_token": token.refresh})


def client_call(auth: OAuth2Client, keys: Keys) -> Call:
    """Client credentials, for a token."""
    fields = {"grant_type": "client_credentials", "scope": " ".join(auth.scopes)}
    return _token_call(auth, keys, fields)


def assertion_call(auth: JwtAssertion, keys: Keys, now: datetime) -> Call:
    """Our signed statement, for a token. Raises `AuthFailed` when the key cannot be read."""
    signed = sign(auth, keys, now)
    scope = " ".join(auth.scopes)
    if not auth.as_client:
        return _token_call(auth, keys, {"grant_type": _BEARER, "assertion": signed})
    fields = {"grant_type": "client_credentials", "scope": scope, "client_id": keys.get(auth.issuer)}
    return _token_call(auth, keys, {**fields, "client_assertion_type": _CLIENT, "client_assertion": signed})


def revoke_call(auth: OAuth2Code, keys: Keys, token: Token) -> Call:
    """Ends the grant at the provider (RFC 7009). Open it with `token_http(…, url=auth.revoke_url)`."""
    given = token.refresh or token.access
    return _token_call(auth, keys, {"token": given}, url=auth.revoke_url, operation="oauth.revoke")


def sign(auth: JwtAssertion, keys: Keys, now: datetime) -> str:
    """The statement itself: who, for whom, until when, and a number that is used once."""
    begun = int(now.timestamp())
    claims = {
        "iss": keys.get(auth.issuer),
        "sub": keys.get(auth.subject or auth.issuer) if auth.as_client or auth.subject else "",
        "aud": auth.audience or address(auth.token_url, keys),
        "iat": begun,
        "exp": begun + auth.seconds,
        "jti": secrets.token_hex(16),
        "scope": "" if auth.as_client else " ".join(auth.scopes),
    }
    header = {"alg": auth.algorithm, "typ": "JWT"} | ({"kid": keys.get(auth.key_id)} if auth.key_id else {})
    if auth.certificate:
        header["x5t#S256"] = thumbprint(keys.get(auth.certificate))
    kind = ECKey if auth.algorithm.startswith("ES") else RSAKey
    try:
        key = kind.import_key(keys.get(auth.key))
        return jwt.encode(header, {name: value for name, value in claims.items() if value}, key, [auth.algorithm])
    except AuthFailed:
        raise
    except Exception:  # joserfc and cryptography raise their own kinds for each way a key can be wrong
        failure = AuthFailed("key-unreadable", "The private key of this connection cannot be read.")
    raise failure


def _token_call(
    auth: WithToken, keys: Keys, fields: dict[str, str], *, url: str = "", operation: str = "oauth.token"
) -> Call:
    sent = {name: text for name, text in fields.items() if text}
    headers: dict[str, str] = {}
    if isinstance(auth, OAuth2Client | OAuth2Code):
        if auth.proof is ClientProof.BASIC:
            user, password = quote(keys.get(auth.client_id), safe=""), quote(keys.get(auth.client_secret), safe="")
            headers["authorization"] = basic(user, password)
        else:
            sent["client_id"] = keys.get(auth.client_id)
            if auth.proof is ClientProof.BODY:
                sent["client_secret"] = keys.get(auth.client_secret)
    place = urlsplit(address(url or auth.token_url, keys))
    body = Json(sent) if auth.encoding is Encoding.JSON else Form(tuple(sent.items()))
    query = tuple(parse_qsl(place.query))
    return Call(operation, "POST", place.path, query=query, body=body, headers=headers, secret=True)


def _with_token(auth: Auth) -> WithToken:
    kind = inner(auth)
    if not isinstance(kind, WithToken):
        raise TypeError("these credentials have no token")
    return kind
