"""The headers that prove who we are, made from the connection's settings, secrets and token."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from html import escape

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from pydantic import BaseModel, SecretStr

from app.integrations.auth.kinds import (
    ApiKey,
    Auth,
    Basic,
    Bearer,
    MutualTls,
    Presents,
    UsernameToken,
    WithToken,
    inner,
)
from app.integrations.auth.tokens import Token
from app.integrations.failures import AuthFailed
from app.integrations.transports.http.tls import ClientCertificate


class Keys:
    """A connection's settings and secrets, read by name. Shows nothing when printed."""

    def __init__(self, config: BaseModel, secrets: BaseModel, kept: Mapping[str, str] | None = None) -> None:
        """kept: what came with the token (`OAuth2Code.keeps`)."""
        self._sources, self._kept = (secrets, config), kept or {}

    def __repr__(self) -> str:
        return "Keys(…)"

    def get(self, name: str) -> str:
        """The value; an empty name is an empty text, a text in quotes is itself. Raises `AuthFailed` when it is not filled in."""
        if not name or name.startswith('"'):
            return name.strip('"')
        if found := self.find(name):
            return found
        raise AuthFailed("credentials-missing", "Enter the credentials of this connection first.")

    def find(self, name: str) -> str:
        """The value; empty when it is not filled in."""
        for source in self._sources:
            value = getattr(source, name, None)
            text = value.get_secret_value() if isinstance(value, SecretStr) else value
            if text not in (None, ""):
                return str(text)
        return self._kept.get(name, "")


def credentials(auth: Auth, keys: Keys, token: Token | None = None) -> Mapping[str, str]:
    """Headers for each call. Raises `AuthFailed` when a credential or the token is missing."""
    kind = inner(auth)
    if isinstance(kind, Basic):
        return {"authorization": basic(keys.get(kind.user), keys.get(kind.password))}
    if isinstance(kind, Bearer):
        return {"authorization": f"Bearer {keys.get(kind.token)}"}
    if isinstance(kind, ApiKey):
        return {kind.header.lower(): kind.prefix + keys.get(kind.key)}
    if isinstance(kind, WithToken):
        if token is None:
            raise AuthFailed("token-missing", "Connect to the provider first.")
        shown = basic(token.access, "") if kind.presents is Presents.BASIC_USER else f"Bearer {token.access}"
        return {"authorization": shown}
    return {}


def stated(headers: Mapping[str, str], keys: Keys) -> Mapping[str, str]:
    """Headers with the settings they name in braces; one whose setting is empty is left out."""
    found = {name: {one: keys.find(one) for one in re.findall(r"{(\w+)}", text)} for name, text in headers.items()}
    return {name: text.format(**found[name]) for name, text in headers.items() if all(found[name].values())}


_WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss"


def security_header(auth: Auth, keys: Keys) -> bytes:
    """The WS-Security element of a SOAP envelope; empty for all other credentials. Raises `AuthFailed` when one is missing."""
    kind = inner(auth)
    if not isinstance(kind, UsernameToken):
        return b""
    user = re.sub(r"{(\w+)}", lambda found: keys.get(found[1]), kind.user)
    return (
        f'<wsse:Security xmlns:wsse="{_WSS}-wssecurity-secext-1.0.xsd" env:mustUnderstand="1"><wsse:UsernameToken>'
        f"<wsse:Username>{escape(user)}</wsse:Username>"
        f'<wsse:Password Type="{_WSS}-username-token-profile-1.0#PasswordText">{escape(keys.get(kind.password))}</wsse:Password>'
        "</wsse:UsernameToken></wsse:Security>"
    ).encode()


def certificate(auth: Auth, keys: Keys) -> ClientCertificate | None:
    """Our certificate for the wire, where the provider asks for one. Raises `AuthFailed` when it is missing."""
    if not isinstance(auth, MutualTls):
        return None
    return ClientCertificate(keys.get(auth.certificate), keys.get(auth.private_key))


def thumbprint(pem: str) -> str:
    """SHA-256 of a certificate, base64url (RFC 7515, `x5t#S256`). Raises `AuthFailed`."""
    try:
        digest = x509.load_pem_x509_certificate(pem.encode()).fingerprint(hashes.SHA256())
    except ValueError:
        failure = AuthFailed("certificate-unreadable", "The certificate of this connection cannot be read.")
    else:
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    raise failure


def basic(user: str, password: str) -> str:
    """RFC 7617, UTF-8. A user with a colon cannot be told from its password: `AuthFailed`."""
    if ":" in user:
        raise AuthFailed("user-unusable", "The user name or key may not hold a colon.")
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
