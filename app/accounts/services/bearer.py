"""What a program shows to get in: its token (`crd_…`), or a JWT of 15 minutes made from one.

Both say the company before anything is asked of the database, as the session cookie does: the token by its first letters, the JWT
by the id of the key that signed it. A company's JWTs are signed with a key of its own, so none of them opens another company, and
each request still looks at the token behind it: revoking that ends its JWTs at once.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from joserfc.jws import extract_compact
from uuid_utils.compat import uuid7

from app.accounts.rules import JWT_LIFETIME
from app.accounts.services.sessions import hash_token, new_token
from app.core.clock import now
from app.core.config import get_settings
from app.core.db import current_tenant
from app.core.keys import keyring

ALGORITHM = "HS256"  # pinned: whatever a token's header says, it is checked with this one
AUDIENCE = "corridor-api"
LONGEST = 1_000
SHOWN = 6  # letters of the secret a list shows
_OPAQUE = re.compile(r"crd_([0-9a-f]{32})_([A-Za-z0-9_-]{43})")


class Presented(NamedTuple):
    """Which row is meant: by the hash of the secret, or by the id a JWT was made for."""

    company_id: UUID
    token_hash: bytes | None = None
    token_id: UUID | None = None


def make_secret() -> tuple[str, bytes, str]:
    """A new token of this company, its hash, and the letters by which people tell it apart."""
    secret = new_token()
    text = f"crd_{current_tenant().hex}_{secret}"
    return text, hash_token(text), secret[:SHOWN]


def read(text: str) -> Presented | None:
    """What an Authorization header shows, or None when it is nothing of ours. Asks no database."""
    opaque = _OPAQUE.fullmatch(text)
    if opaque:
        return Presented(UUID(opaque[1]), token_hash=hash_token(text))
    return _read_jwt(text) if text.count(".") == 2 and len(text) <= LONGEST else None


def make_jwt(token_id: UUID, expires_at: datetime) -> tuple[str, timedelta]:
    """A JWT that acts for a token of this company, and how long it lives: 15 minutes, or until the token itself ends."""
    moment = now()
    lives = min(JWT_LIFETIME, expires_at - moment)
    claims = {
        "iss": _issuer(), "aud": AUDIENCE, "sub": str(token_id), "jti": str(uuid7()),
        "iat": int(moment.timestamp()), "exp": int((moment + lives).timestamp()),
    }  # fmt: skip
    company = current_tenant()
    return jwt.encode({"alg": ALGORITHM, "kid": company.hex}, claims, _key(company), [ALGORITHM]), lives


def _read_jwt(text: str) -> Presented | None:
    try:
        company = UUID(hex=str(extract_compact(text.encode()).headers()["kid"]))
        token = jwt.decode(text, _key(company), [ALGORITHM])
        _claims().validate(token.claims)
        return Presented(company, token_id=UUID(str(token.claims["sub"])))
    except (JoseError, ValueError, KeyError, TypeError):
        return None


def _claims() -> jwt.JWTClaimsRegistry:
    there: jwt.ClaimsOption = {"essential": True}
    return jwt.JWTClaimsRegistry(
        now=int(now().timestamp()), iss={"essential": True, "value": _issuer()}, aud={"essential": True, "value": AUDIENCE},
        exp=there, iat=there, jti=there, sub=there,
    )  # fmt: skip


def _issuer() -> str:
    return get_settings().base_url.rstrip("/")


def _key(company_id: UUID) -> OctKey:
    return OctKey.import_key(keyring.derive(company_id, "api-jwt"))
