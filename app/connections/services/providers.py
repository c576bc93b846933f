"""From a connection's row to what its adapter offers. Opening a provider's server is for jobs only, never for a web request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel, ValidationError

from app.connections.models import Connection
from app.connections.rules import PREVIOUS, ConnectionStatus, Environment, Phase
from app.core.config import get_settings
from app.core.errors import Conflict, Invalid, NotFound
from app.integrations import registry
from app.integrations.api import Api
from app.integrations.auth.kinds import Auth, Basic, MutualTls, NoAuth, OAuth2Code, UsernameToken, WithToken, inner
from app.integrations.contracts import Capability, CarrierFeed, FileTransport, Manifest, Preset
from app.integrations.formats.x12.profile import CarrierProfile
from app.integrations.formats.x12.profile import Phase as ProfilePhase
from app.integrations.screening import Ability
from app.integrations.transports import reach


def manifest_of(adapter: str) -> Manifest:
    """Raises NotFound for an adapter nobody installed."""
    try:
        return registry.adapter(adapter)
    except KeyError:
        raise NotFound from None


def config_of(connection: Connection) -> BaseModel:
    """The settings as the adapter understands them.

    Raises:
        Invalid: something is missing or wrong; the first field is named.
    """
    model = manifest_of(connection.adapter).config
    try:
        return model.model_validate(with_phase(connection))
    except ValidationError as error:
        raise Invalid(plain_errors(error)) from None


def with_phase(connection: Connection) -> dict[str, Any]:
    """The settings with the connection's own phase in the profile: ISA15 is P in production and nowhere else."""
    values = dict(connection.settings)
    if isinstance(values.get("profile"), dict):
        live = connection.phase == Phase.PRODUCTION
        phase = ProfilePhase(connection.phase).value
        values["profile"] = values["profile"] | {"phase": phase, "live": live}
    return values


def plain_errors(error: ValidationError) -> dict[str, str]:
    """Field path → what to do, without the value that was typed."""
    return {
        ".".join(str(part) for part in item["loc"]): _words(item["type"], item["msg"])
        for item in error.errors(include_url=False, include_context=False, include_input=False)
    }


def _words(kind: str, message: str) -> str:
    if kind == "missing":
        return "Enter this setting"
    if kind == "string_pattern_mismatch":
        return "Use only the characters or choices shown"
    return message.removeprefix("Value error, ")[:1].upper() + message.removeprefix("Value error, ")[1:]


def secrets_of(connection: Connection) -> BaseModel:
    """The credentials in use, opened. Never give them to a page or a log."""
    return manifest_of(connection.adapter).secrets.model_validate(in_use(connection.credentials))


def in_use(credentials: dict[str, Any] | None) -> dict[str, Any]:
    """The credentials without those that were replaced."""
    return {name: value for name, value in (credentials or {}).items() if name != PREVIOUS}


def has_api(adapter: str) -> bool:
    """Whether this provider is spoken to over HTTP."""
    return Capability.API in manifest_of(adapter).capabilities


def api_of(connection: Connection) -> Api | None:
    """The API of this very connection; None without one, or while settings that decide it are missing."""
    manifest = manifest_of(connection.adapter)
    if manifest.make_api is None:
        return manifest.api
    try:
        return manifest.make_api(config_of(connection))
    except Invalid:
        return None


def sign_in_of(connection: Connection) -> OAuth2Code | None:
    """How a person signs in at this provider; None where nobody has to."""
    api = api_of(connection)
    kind = inner(api.auth) if api else None
    return kind if isinstance(kind, OAuth2Code) else None


def speaks_http(connection: Connection) -> bool:
    """Whether this very connection does: an adapter may offer files too, and the setting `method` says which it is."""
    return has_api(connection.adapter) and connection.settings.get("method", "api") == "api"


def testable(connection: Connection) -> bool:
    """Whether there is a server or an interface to try out."""
    manifest = manifest_of(connection.adapter)
    return not by_hand(connection) and (manifest.open_files is not None or speaks_http(connection))


def by_hand(connection: Connection) -> bool:
    """Whether people carry its files: then there is no server, no credentials and nothing to test."""
    return connection.settings.get("method") == "file_upload"


def types_packages(connection: Connection) -> bool:
    """Whether a person has to type what this screening provider sells, because it tells nobody."""
    screening = manifest_of(connection.adapter).screening
    if screening is None:
        return False
    try:
        return Ability.PACKAGES not in screening(config_of(connection)).abilities
    except Invalid:
        return False  # its settings come first


def environments(adapter: str) -> list[Environment]:
    """The provider's worlds; both where the settings of a connection say what there is."""
    api = manifest_of(adapter).api
    return list(api.base_urls) if api else list(Environment)


def is_sandbox(connection: Connection | Any) -> bool:
    """Whether nothing said over this connection is real. Takes a row of a list too."""
    return connection.environment == Environment.STAGING or bool(connection.api_endpoint_url)


def first_values(manifest: Manifest) -> dict[str, Any]:
    """What a new connection of this adapter begins with."""
    if Capability.API not in manifest.capabilities:
        return {
            "integration_method": "Manual" if manifest.manual else "EDI",
            "authentication_type": "None" if manifest.manual else "SSH Key",
            "data_format": "Portal" if manifest.manual else "EDI 834",
            "status": (ConnectionStatus.CONNECTED if manifest.manual else ConnectionStatus.DISCONNECTED).value,
            "phase": (Phase.PRODUCTION if manifest.manual else Phase.TEST).value,
        }
    known = environments(manifest.slug)
    safe = Environment.STAGING if Environment.STAGING in known else Environment.PRODUCTION
    return {
        "provider_type": manifest.slug,
        "integration_method": "API",
        "authentication_type": _proof(manifest.api.auth) if manifest.api else "API Key",
        "data_format": "JSON",
        "sync_frequency": "Real-time" if manifest.webhooks else "Daily",
        "environment": safe.value,
        "phase": Phase.PRODUCTION.value,  # parallel to an old way is for files; here the environment says what is real
    }


_METHODS = {"api": "API", "sftp": "SFTP", "file_upload": "File Upload"}


def preset_of(manifest: Manifest, slug: str) -> Preset | None:
    """Raises Invalid for a beginning the adapter does not have."""
    if not slug:
        return None
    found = manifest.presets().get(slug) if manifest.presets else None
    if found is None:
        raise Invalid({"adapter": "Choose what you want to connect"})
    return found


def preset_values(manifest: Manifest, preset: Preset) -> dict[str, Any]:
    """What a new connection takes from the settings it begins with; the words are those of the requirement."""
    if manifest.feed is not None:
        kind = str(preset.settings["profile"].get("file_format", "834"))
        words = "EDI 834" if kind == "834" else kind.upper()
        return {"provider_type": preset.slug, "data_format": words, "settings": dict(preset.settings)}
    method = str(preset.settings.get("method", "api"))
    values = {
        "provider_type": preset.slug,
        "integration_method": _METHODS[method],
        "data_format": _format_of(preset, method),
        "settings": dict(preset.settings),
    }
    if method == "api":
        return values
    status = ConnectionStatus.CONNECTED if method == "file_upload" else ConnectionStatus.DISCONNECTED
    proof = "None" if method == "file_upload" else "SSH Key"
    return values | {
        "authentication_type": proof, "status": status.value, "environment": Environment.PRODUCTION.value,
        "sync_frequency": "Daily",
    }  # fmt: skip


def _format_of(preset: Preset, method: str) -> str:
    """Of the orders or the list that leave; what says nothing of them speaks JSON over an interface, and files are CSV."""
    leaving = preset.settings.get("orders", preset.settings.get("file", {}))
    return str(leaving.get("format", "json" if method == "api" else "csv")).replace("_", " ").upper()


def _proof(auth: Auth) -> str:
    """In the words of the requirement."""
    if isinstance(auth, MutualTls):
        return "Certificate"
    if isinstance(auth, WithToken):
        return "OAuth 2.0"
    if isinstance(auth, UsernameToken):
        return "Basic Auth"
    if isinstance(auth, Basic):
        return "Basic Auth" if auth.password else "API Key"
    return "None" if isinstance(auth, NoAuth) else "API Key"


def feed_of(connection: Connection) -> CarrierFeed:
    """How this carrier is written to and read.

    Raises:
        Invalid: the settings are incomplete. Conflict: this adapter takes no files.
    """
    manifest = manifest_of(connection.adapter)
    if manifest.feed is None:
        raise Conflict("this connection takes no files")
    return manifest.feed(config_of(connection))


def profile_of(connection: Connection) -> CarrierProfile:
    """The carrier's dialect; for a carrier without a feed a plain one, so that its census can be read."""
    if manifest_of(connection.adapter).feed is not None:
        return feed_of(connection).profile
    columns = connection.settings.get("census_columns", {})
    return CarrierProfile(
        sender_id="NONE", receiver_id="NONE", sponsor_name="None", sponsor_id="NONE", payer_name="None", payer_id="NONE",
        census_columns=columns,
    )  # fmt: skip


def own_reach() -> reach.Reach:
    """Where this installation may connect to (`SFTP_ALLOWED`); in development, to the sandbox on this machine too."""
    settings = get_settings()
    return reach.parse(settings.sftp_allowed) if settings.production else reach.Reach(anywhere=True)


@contextmanager
def files_of(config: BaseModel, secrets: BaseModel, adapter: str) -> Iterator[FileTransport]:
    """The provider's file store, closed at the end. No transaction may be open meanwhile.

    Raises:
        app.integrations.failures.Failure: whatever the transport meets.
    """
    manifest = manifest_of(adapter)
    if manifest.open_files is None:
        raise Conflict("this connection has no files")
    with reach.within(own_reach()):
        files = manifest.open_files(config, secrets)
    try:
        yield files
    finally:
        files.close()
