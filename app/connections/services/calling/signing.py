"""The addresses of a provider's sign-in: where a person is sent, the code that comes back, and the end of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from app.connections.services.calling.exchanges import keep_exchange
from app.connections.services.calling.link import Link, reaching
from app.connections.services.calling.tokens import ask_token_address
from app.core.clock import now
from app.core.config import get_settings
from app.core.errors import Conflict
from app.integrations.api import open_api
from app.integrations.auth import oauth
from app.integrations.auth.kinds import Asks, OAuth2Code, inner
from app.integrations.auth.oauth import Pkce
from app.integrations.auth.proof import Keys
from app.integrations.auth.tokens import Token, read_token
from app.integrations.failures import RateLimited, Rejected, Transient
from app.integrations.transports.http.calls import Answer, Call, Exchanged


def way_back() -> str:
    """The one address a provider sends people back to; entered there once."""
    return f"{get_settings().base_url.rstrip('/')}/connections/oauth"


def authorize_address(link: Link, state: str, pkce: Pkce) -> str:
    """Where a person is sent. Raises Rejected for a setting that bends the address, AuthFailed for a missing one."""
    auth, keys = _auth(link), Keys(link.config, link.secrets)
    return link.at_sandbox(oauth.authorize_url(auth, keys, redirect_uri=way_back(), state=state, pkce=pkce))


def exchange_code(link: Link, code: str, pkce: Pkce, kept: Mapping[str, str]) -> Token:
    """The token for a code, with what came beside it and what is found out with it. No transaction may be open. Raises Failure."""
    auth = _auth(link)
    call = oauth.code_call(auth, Keys(link.config, link.secrets), code=code, redirect_uri=way_back(), pkce=pkce)
    token = read_token(_kept(link, call).result(), now())
    token = replace(token, extra={**token.extra, **kept})
    return replace(token, extra={**token.extra, **_found_out(link, auth.asks, token)}) if auth.asks else token


def _found_out(link: Link, asks: Mapping[str, Asks], token: Token) -> Mapping[str, str]:
    """The code is spent by now, so what fails here may not be tried again with it."""
    try:
        with (
            reaching(link.manifest),
            open_api(
                link.api, link.config, link.secrets, environment=link.environment, token=token, base_url=link.base_url
            ) as client,
        ):

            def send(call: Call) -> Answer:
                return _noted(link, client.exchange(call)).result()

            return {name: find(token, send) for name, find in asks.items()}
    except (Transient, RateLimited) as failure:
        code = failure.code
    raise Rejected(code, "The provider did not answer in time. Sign in there again.")


def revoke(link: Link, token: Token) -> None:
    """End the grant at the provider. No transaction may be open. Raises Failure."""
    auth = _auth(link)
    _kept(link, oauth.revoke_call(auth, Keys(link.config, link.secrets), token), auth.revoke_url).result()


def _kept(link: Link, call: Call, url: str = "") -> Exchanged:
    return _noted(link, ask_token_address(link, call, url))


def _noted(link: Link, exchanged: Exchanged) -> Exchanged:
    keep_exchange(link, exchanged, 1, None)
    return exchanged


def _auth(link: Link) -> OAuth2Code:
    auth = inner(link.api.auth)
    if not isinstance(auth, OAuth2Code):
        raise Conflict("nobody signs in at this provider")
    return auth
