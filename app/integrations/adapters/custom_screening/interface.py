"""The interface of one connection, built from its settings: what other adapters write down in their `api.py`."""

from __future__ import annotations

from app.integrations.adapters.custom_screening.settings import ApiSettings, ConnectorConfig, Method, SignIn
from app.integrations.api import Api, Environment, Operation, Resource
from app.integrations.auth.kinds import ApiKey, Auth, Basic, Bearer, MutualTls, NoAuth, OAuth2Client
from app.integrations.formats.records import Format
from app.integrations.protection.limits import Concurrency, Rate
from app.integrations.protection.retry import Safety


def api_of(config: ConnectorConfig) -> Api | None:
    """None when orders and results travel as files."""
    if config.method is not Method.API:
        return None
    settings = config.api
    addresses = {Environment.PRODUCTION: settings.base_url, Environment.STAGING: settings.staging_url}
    accept = {"Accept": "application/xml"} if config.results.format is Format.XML else {}
    return Api(
        base_urls={environment: url for environment, url in addresses.items() if url},
        auth=_auth(settings),
        headers=accept | settings.headers,
        limits=(Rate(settings.per_minute, 60), Concurrency(settings.at_once)),
        resources=_resources(settings),
        operations=_operations(settings),
        deadline_seconds=settings.seconds,
    )


def _resources(settings: ApiSettings) -> list[Resource]:
    known = (
        Resource("check", listing=settings.check_path),
        Resource("order", settings.get_path),
        Resource("found", listing=settings.find_path, records=settings.found),
        Resource("document", settings.report_path),
    )
    return [resource for resource in known if resource.path or resource.listing]


def _operations(settings: ApiSettings) -> list[Operation]:
    """An order is safe to repeat by the provider's own promise; else it is looked for; else a person decides."""
    safety = Safety.BY_KEY if settings.once_header else Safety.CHECK_FIRST if settings.find_path else Safety.ASK
    known = (
        Operation("orders.create", "POST", settings.order_path, safety, settings.once_header, settings.once_hours),
        Operation("orders.cancel", "POST", settings.cancel_path, Safety.FREE),
    )
    return [operation for operation in known if operation.path]


def _auth(settings: ApiSettings) -> Auth:
    prefix = f"{settings.key_prefix} " if settings.key_prefix else ""
    kinds: dict[SignIn, Auth] = {
        SignIn.API_KEY: ApiKey(settings.key_header, "api_key", prefix),
        SignIn.BASIC: Basic("api_user", "api_key"),
        SignIn.BEARER: Bearer("api_key"),
        SignIn.OAUTH: OAuth2Client(settings.token_url, settings.scopes.split()),
        SignIn.CERTIFICATE: MutualTls(),
        SignIn.NONE: NoAuth(),
    }
    return kinds[settings.sign_in]
