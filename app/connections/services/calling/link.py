"""What a job takes out of its first transaction in order to talk to a provider, and where that may lead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import BaseModel, ValidationError
from sqlalchemy.orm import Session

from app.connections.models import Connection, ConnectionStatus
from app.connections.rules import Environment
from app.connections.services.door import address_of
from app.connections.services.providers import config_of, manifest_of, secrets_of, speaks_http
from app.core.clock import now
from app.core.config import get_settings
from app.core.db import fetch
from app.core.errors import Conflict, Invalid
from app.integrations.api import Api
from app.integrations.auth.kinds import inner
from app.integrations.contracts import Manifest
from app.integrations.failures import AuthFailed, CircuitOpen, Failure, Rejected
from app.integrations.protection.limits import Limit, Rate
from app.integrations.screening import Callback
from app.integrations.transports import reach
from app.integrations.webhooks.kinds import BasicAuth

STOPPED_WAIT = timedelta(minutes=15)
"""How long work for a connection that a person stopped waits before it asks again."""


@dataclass(frozen=True, slots=True)
class Link:
    """Everything for a conversation; shows no secret when printed. closed: why nothing may be sent now, or None."""

    company_id: UUID
    connection_id: UUID
    adapter: str
    environment: Environment
    base_url: str  # of a sandbox, instead of the provider; empty else
    timeout_seconds: int
    rate_limit_per_hour: int
    max_retry_attempts: int
    config: BaseModel = field(repr=False)
    secrets: BaseModel = field(repr=False)
    closed: Failure | None = None
    webhook_url: str = field(default="", repr=False)

    @property
    def manifest(self) -> Manifest:
        return manifest_of(self.adapter)

    @property
    def api(self) -> Api:
        """The provider's, with what the connection says about patience."""
        api = self.manifest.api_for(self.config)
        if api is None:
            raise Conflict("this connection has no API")
        return replace(
            api, deadline_seconds=min(api.deadline_seconds, float(self.timeout_seconds)),
            retry=replace(api.retry, attempts=1 + self.max_retry_attempts),
        )  # fmt: skip

    def at_sandbox(self, url: str) -> str:
        """An address beside the API (to sign in, of tokens), at the connection's sandbox where it has one.

        A sandbox may stand somewhere below its host: what precedes the API's own path there precedes this address, too.
        """
        if not self.base_url:
            return url
        here, path = urlsplit(self.base_url), urlsplit(url).path
        own = urlsplit(self.api.base_urls.get(self.environment, "")).path
        pattern = "".join("[^/]+" if part.startswith("{") else re.escape(part) for part in re.split(r"({\w+})", own))
        found = re.fullmatch(f"(.*){pattern}", here.path)
        query = urlsplit(url).query
        return f"{here.scheme}://{here.netloc}{found[1] if found else ''}{path}{'?' if query else ''}{query}"

    @property
    def limits(self) -> tuple[Limit, ...]:
        """The provider's own, and the company's. The order is part of what they are counted under: ours comes last."""
        return (*self.api.limits, Rate(self.rate_limit_per_hour, 3600))

    @property
    def callback(self) -> Callback | None:
        """For a provider that takes our address with each order; None where it is entered once, or no password was chosen."""
        webhooks = self.manifest.webhooks
        if webhooks is None or not isinstance(webhooks.verifier, BasicAuth) or not self.webhook_url:
            return None
        password = getattr(self.secrets, webhooks.secret, None)
        return Callback(self.webhook_url, password.get_secret_value()) if password else None


def link_of(session: Session, connection_id: UUID, *, trying: bool = False) -> Link:
    """Read a connection for calls. Close the transaction before the first of them.

    Args:
        trying: a test of the connection, which a broken one is there for.

    Raises:
        NotFound: another company's. Conflict: its adapter has no API.
    """
    row = fetch(session, Connection, connection_id)
    manifest = manifest_of(row.adapter)
    closed = None if trying else _closed(row)
    config: BaseModel = manifest.config.model_construct()
    secrets: BaseModel = manifest.secrets.model_construct()
    try:
        config, secrets = config_of(row), secrets_of(row)
    except (Invalid, ValidationError):
        closed = Rejected("settings-incomplete", "Complete the settings and the credentials first.")
    if manifest.api_for(config) is None:
        raise Conflict("this connection has no API")
    if row.api_endpoint_url and get_settings().production:
        closed = Rejected("sandbox-address", "This connection points to a sandbox. Take its address away.")
    return Link(
        row.company_id, row.id, row.adapter, Environment(row.environment), row.api_endpoint_url, row.timeout_seconds,
        row.rate_limit_per_hour, row.max_retry_attempts, config, secrets, closed,
        address_of(row.webhook_key) if row.webhook_key else "",
    )  # fmt: skip


def http_link(session: Session, connection_id: UUID) -> Link | None:
    """`link_of`, or None for a connection whose orders and answers travel as files: nobody can be asked there."""
    return link_of(session, connection_id) if speaks_http(fetch(session, Connection, connection_id)) else None


def _closed(row: Connection) -> Failure | None:
    if not row.is_active or row.status == ConnectionStatus.MAINTENANCE:
        return CircuitOpen("connection-stopped", now() + STOPPED_WAIT)
    if row.status == ConnectionStatus.ERROR:
        return AuthFailed("connection-broken", "Repair the connection and test it.")
    return None


@contextmanager
def reaching(manifest: Manifest) -> Iterator[None]:
    """In this block connections keep to `HTTP_ALLOWED`: every public address, or those listed and the provider's own hosts.

    Private networks only where they are listed. Outside of production a sandbox on this machine too.
    """
    settings = get_settings()
    allowed = reach.parse(settings.http_allowed)
    if allowed.names or allowed.networks:
        allowed = replace(allowed, names=(*allowed.names, *_hosts(manifest)))
    with reach.within(replace(allowed, loopback=not settings.production)):
        yield


def _hosts(manifest: Manifest) -> list[str]:
    """The hosts its addresses name; a setting at their beginning stands for anything under what follows."""
    api = manifest.api
    if api is None:
        return []
    urls = [*api.base_urls.values(), *(getattr(inner(api.auth), name, "") for name in ("token_url", "revoke_url"))]
    hosts = [urlsplit(url).netloc.lower() for url in urls if url]
    return [_pattern(host) for host in hosts if _pattern(host)]


def _pattern(host: str) -> str:
    """`{shop}.example.com` → `*.example.com`; empty for a host that a person may choose altogether."""
    if "{" not in host:
        return host
    fixed = host.rpartition("}")[2]
    return f"*{fixed}" if fixed.startswith(".") and fixed.count(".") > 1 else ""
