"""Screening providers: read, set up, and tested by a worker. Credentials go in and never come out."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from pydantic import Field

from app.connections import services as connections
from app.connections.models import Connection
from app.connections.services import apis, checking, settings
from app.core.access import Can
from app.core.errors import Invalid, NotFound
from app.integrations.registry import adapter
from app.screening.api.blueprint import bp
from app.screening.services import providers
from app.web.api.endpoints import endpoint
from app.web.api.paging import Input, Output, Page, PageQuery, cut
from app.web.edge import actor, session

Value = TypeVar("Value", str, bool, int)


class ProviderQuery(PageQuery):
    is_active: bool | None = None
    provider_type: str = ""


class ProviderOut(Output):
    """A provider's configuration, without credentials."""

    id: UUID
    provider_name: str
    provider_code: str
    provider_type: str
    adapter: str
    environment: str
    """`production` or `staging`."""
    integration_method: str
    authentication_type: str
    data_format: str
    sync_frequency: str
    sync_direction: str
    is_primary_provider: bool
    is_active: bool
    connection_status: str
    last_sync_at: datetime | None
    last_successful_sync_at: datetime | None
    error_count: int
    max_retry_attempts: int
    timeout_seconds: int
    rate_limit_per_hour: int
    settings: dict[str, Any]


class ProviderPage(Page):
    items: list[ProviderOut]


class ProviderIn(Input):
    """A new provider. It is switched to work by a test that succeeds."""

    adapter: str
    provider_name: str = Field(min_length=1, max_length=100)
    provider_code: str = Field(min_length=2, max_length=20)
    settings: dict[str, Any] = Field(default_factory=dict)
    credentials: dict[str, str] = Field(default_factory=dict, repr=False)


class ProviderChange(Input):
    """What is left out stays as it is."""

    provider_name: str | None = None
    is_active: bool | None = None
    environment: str | None = None
    is_primary_provider: bool | None = None
    max_retry_attempts: int | None = None
    timeout_seconds: int | None = None
    rate_limit_per_hour: int | None = None
    settings: dict[str, Any] | None = None
    credentials: dict[str, str] | None = Field(None, repr=False)


class TestOut(Output):
    """A test runs in a worker, within ten seconds: ask again until `state` is not `running`."""

    state: str
    code: str = ""
    advice: str = ""


def _out(row: Connection) -> ProviderOut:
    return ProviderOut(
        id=row.id, provider_name=row.name, provider_code=row.code, provider_type=row.provider_type, adapter=row.adapter,
        environment=row.environment, integration_method=row.integration_method, authentication_type=row.authentication_type,
        data_format=row.data_format, sync_frequency=row.sync_frequency, sync_direction=row.sync_direction,
        is_primary_provider=row.is_primary, is_active=row.is_active, connection_status=row.status,
        last_sync_at=row.last_sync_at, last_successful_sync_at=row.last_successful_sync_at, error_count=row.error_count,
        max_retry_attempts=row.max_retry_attempts, timeout_seconds=row.timeout_seconds,
        rate_limit_per_hour=row.rate_limit_per_hour, settings=row.settings,
    )  # fmt: skip


@endpoint(bp, "GET", "/bg-check-providers/", Can.CONNECTION_VIEW)
def list_bg_check_providers(query: ProviderQuery) -> ProviderPage:
    """List the screening providers, the oldest first."""
    rows, following = cut(
        providers.listed(
            session(), actor(), active=query.is_active, provider_type=query.provider_type, after=query.key(UUID),
            limit=query.limit + 1,
        ),
        query.limit, "id",
    )  # fmt: skip
    return ProviderPage(items=[_out(row) for row in rows], next=following)


@endpoint(bp, "POST", "/bg-check-providers/", Can.CONNECTION_MANAGE, status=201)
def add_bg_check_provider(body: ProviderIn) -> ProviderOut:
    """Set up a screening provider."""
    try:
        screens = adapter(body.adapter).screening is not None
    except KeyError:
        screens = False
    if not screens:
        raise Invalid({"adapter": "Choose an adapter that screens"})
    made = settings.create(session(), actor(), adapter=body.adapter, name=body.provider_name, code=body.provider_code)
    if body.settings:
        settings.configure(session(), actor(), made.id, "", body.settings)
    if body.credentials:
        settings.set_credentials(session(), actor(), made.id, body.credentials)
    session().flush()
    return _out(made)


@endpoint(bp, "GET", "/bg-check-providers/<uuid:provider_id>/", Can.CONNECTION_VIEW)
def show_bg_check_provider(provider_id: UUID) -> ProviderOut:
    """Show one screening provider."""
    return _out(_provider(settings.show(session(), actor(), provider_id)))


@endpoint(bp, "PUT", "/bg-check-providers/<uuid:provider_id>/", Can.CONNECTION_MANAGE)
def change_bg_check_provider(provider_id: UUID, body: ProviderChange) -> ProviderOut:
    """Change a screening provider."""
    row = _provider(settings.to_manage(session(), actor(), provider_id))
    if body.provider_name is not None:
        settings.rename(session(), actor(), row.id, body.provider_name)
    if body.settings is not None:
        settings.configure(session(), actor(), row.id, "", body.settings)
    if body.credentials is not None:
        settings.set_credentials(session(), actor(), row.id, body.credentials)
    if body.is_active is not None and body.is_active is not row.is_active:
        settings.set_active(session(), actor(), row.id, body.is_active)
    _conduct(row, body)
    return _out(row)


def _conduct(row: Connection, body: ProviderChange) -> None:
    asked = (
        body.environment, body.is_primary_provider, body.max_retry_attempts, body.timeout_seconds, body.rate_limit_per_hour
    )  # fmt: skip
    if all(value is None for value in asked):
        return
    conduct = apis.Conduct(
        environment=_said(body.environment, row.environment),
        is_primary=_said(body.is_primary_provider, row.is_primary),
        max_retry_attempts=_said(body.max_retry_attempts, row.max_retry_attempts),
        timeout_seconds=_said(body.timeout_seconds, row.timeout_seconds),
        rate_limit_per_hour=_said(body.rate_limit_per_hour, row.rate_limit_per_hour),
        api_endpoint_url=row.api_endpoint_url,
    )
    apis.set_conduct(session(), actor(), row.id, conduct)


def _said(new: Value | None, old: Value) -> Value:
    """What is left out stays as it is."""
    return old if new is None else new


@endpoint(
    bp,
    "POST",
    "/bg-check-providers/<uuid:provider_id>/test-connection/",
    Can.CONNECTION_MANAGE,
    status=202,
    repeats=True,
)
def test_bg_check_provider(provider_id: UUID) -> TestOut:
    """Test the connection to a provider; a worker does it."""
    _provider(settings.to_manage(session(), actor(), provider_id))
    return _tested(checking.ask_check(session(), actor(), provider_id))


@endpoint(bp, "GET", "/bg-check-providers/<uuid:provider_id>/test-connection/", Can.CONNECTION_VIEW)
def show_bg_check_provider_test(provider_id: UUID) -> TestOut:
    """Show how the last test of a provider ended."""
    return _tested(_provider(settings.get(session(), actor(), provider_id)))


def _tested(row: Connection) -> TestOut:
    last = row.last_check or {}
    return TestOut(state=last.get("state", "never"), code=last.get("code", ""), advice=last.get("advice", ""))


def _provider(row: Connection) -> Connection:
    """Raises NotFound: a connection that screens nobody."""
    if connections.manifest_of(row.adapter).screening is None:
        raise NotFound
    return row
