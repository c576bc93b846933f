"""The guided set-up: which questions of an adapter belong together, and which are answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from app.connections.models import Connection
from app.connections.services.providers import by_hand, has_api, in_use, manifest_of, speaks_http
from app.integrations.contracts import NoSecrets
from app.integrations.formats.x12.profile import CarrierProfile
from app.integrations.transports.sftp import SftpConfig

OURS = frozenset({"phase", "live", "transport", "pgp_required"})
"""Settings of a dialect that the connection itself decides, or that have one possible answer today."""

NOT_TYPED = ("host_key", "most_bytes", "read_back")
"""Settings of a server that a test of the connection finds out, or nobody needs to know."""

SECTIONS = {
    "identity": ("Who we are, who they are", "From the carrier's companion guide"),
    "format": ("Format", "Separators and character set; the usual ones are filled in"),
    "content": ("Content", "Full files or changes, codes, plan codes"),
    "people": ("People", "Which facts about people are sent"),
    "delivery": ("Delivery", "File name, schedule, limits, census columns"),
}


@dataclass(frozen=True, slots=True)
class Section:
    """One page of the set-up. part: key inside the settings ("" = flat). secret: credentials, which are never shown."""

    name: str
    title: str
    hint: str
    model: type[BaseModel]
    fields: list[str] = field(default_factory=list)
    part: str = ""
    secret: bool = False

    def current(self, connection: Connection) -> dict[str, Any]:
        """What is stored now; nothing for credentials."""
        if self.secret:
            return {}
        kept = connection.settings.get(self.part, {}) if self.part else connection.settings
        return dict(kept)


def sections(connection: Connection) -> list[Section]:
    """The pages in their order."""
    manifest = manifest_of(connection.adapter)
    if "profile" not in manifest.config.model_fields:
        made = [one for one in _plain_sections(manifest.config) if _matters(connection, one)]
    else:
        server = [name for name in SftpConfig.model_fields if name not in NOT_TYPED]
        made = [Section("server", "Server", "Where the carrier's SFTP server is", SftpConfig, server, "sftp")]
    if manifest.secrets is not NoSecrets and not by_hand(connection):
        hint = "Kept encrypted; never shown again"
        fields = list(manifest.secrets.model_fields)
        made.append(Section("credentials", "Credentials", hint, manifest.secrets, fields, "", True))
    if "profile" in manifest.config.model_fields:
        made += [
            Section(name, title, hint, CarrierProfile, _group(name), "profile")
            for name, (title, hint) in SECTIONS.items()
        ]
    return made


def _matters(connection: Connection, section: Section) -> bool:
    """No server where calls are made or people carry the files; no interface where files travel."""
    if section.model is SftpConfig:
        return not speaks_http(connection) and not by_hand(connection)
    return section.name != "api" or speaks_http(connection)


def _plain_sections(config: type[BaseModel]) -> list[Section]:
    """The flat settings on one page, and each part that is a model of its own on another."""
    parts = {name: model for name, info in config.model_fields.items() if (model := part_of(info)) is not None}
    flat = [name for name in config.model_fields if name not in parts]
    made = [Section("settings", "Settings", "", config, flat)] if flat else []
    for name, model in parts.items():
        fields = [key for key in model.model_fields if model is not SftpConfig or key not in NOT_TYPED]
        info = config.model_fields[name]
        made.append(Section(name, info.title or name, info.description or "", model, fields, name))
    return made


def part_of(info: FieldInfo) -> type[BaseModel] | None:
    """The model a setting is, when it is one."""
    kinds = get_args(info.annotation) or (info.annotation,)
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)


MASKED_FROM = 16
"""Characters of a key of which the last four may be shown; four of a shorter one would be too much of it."""


def masks(connection: Connection) -> dict[str, str]:
    """Credential → what a page may say of the stored one: the end of a provider's long key, or only that there is one."""
    shown = {}
    named = has_api(connection.adapter)
    for name, value in in_use(connection.credentials).items():
        long = named and isinstance(value, str) and len(value) >= MASKED_FROM and "\n" not in value
        shown[name] = f"•••• {value[-4:]}" if long else "••••"
    return shown


def _group(name: str) -> list[str]:
    found = []
    for key, info in CarrierProfile.model_fields.items():
        extra = info.json_schema_extra
        if isinstance(extra, dict) and extra.get("group") == name and key not in OURS:
            found.append(key)
    return found


def section_of(connection: Connection, name: str) -> Section | None:
    return next((section for section in sections(connection) if section.name == name), None)


def progress(connection: Connection) -> list[tuple[Section, bool]]:
    """Each page of the set-up and whether it is complete."""
    lacking = _lacking(connection)
    return [(section, _complete(connection, section, lacking)) for section in sections(connection)]


def _complete(connection: Connection, section: Section, lacking: set[str]) -> bool:
    if section.secret:
        return _has_credentials(connection)
    if section.part in ("profile", "sftp") and section.part not in connection.settings:
        return False
    prefix = f"{section.part}." if section.part else ""
    return not any(f"{prefix}{name}" in lacking for name in section.fields)


def _has_credentials(connection: Connection) -> bool:
    try:
        manifest_of(connection.adapter).secrets.model_validate(in_use(connection.credentials))
    except ValidationError:
        return False
    return bool(connection.credentials)


def _lacking(connection: Connection) -> set[str]:
    try:
        manifest_of(connection.adapter).config.model_validate(connection.settings)
    except ValidationError as error:
        return {".".join(str(part) for part in item["loc"][:2]) for item in error.errors(include_input=False)}
    return set()


def missing(connection: Connection) -> int:
    """How many pages of the set-up are not complete."""
    return sum(1 for _, complete in progress(connection) if not complete)
