"""The guided set-up: which questions of an adapter belong together, and which are answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ValidationError

from app.connections.models import Connection
from app.connections.services.providers import manifest_of
from app.integrations.contracts import NoSecrets
from app.integrations.formats.x12.profile import CarrierProfile
from app.integrations.transports.sftp import SftpConfig

OURS = frozenset({"phase", "live", "transport", "pgp_required"})
"""Settings of a dialect that the connection itself decides, or that have one possible answer today."""

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
        made = [Section("settings", "Settings", "", manifest.config, list(manifest.config.model_fields))]
    else:
        server = [name for name in SftpConfig.model_fields if name not in ("host_key", "most_bytes", "read_back")]
        made = [Section("server", "Server", "Where the carrier's SFTP server is", SftpConfig, server, "sftp")]
    if manifest.secrets is not NoSecrets:
        hint = "Kept encrypted; never shown again"
        fields = list(manifest.secrets.model_fields)
        made.append(Section("credentials", "Credentials", hint, manifest.secrets, fields, "", True))
    if "profile" in manifest.config.model_fields:
        made += [
            Section(name, title, hint, CarrierProfile, _group(name), "profile")
            for name, (title, hint) in SECTIONS.items()
        ]
    return made


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
        return bool(connection.credentials)
    if section.part and section.part not in connection.settings:
        return False
    prefix = f"{section.part}." if section.part else ""
    return not any(f"{prefix}{name}" in lacking for name in section.fields)


def _lacking(connection: Connection) -> set[str]:
    try:
        manifest_of(connection.adapter).config.model_validate(connection.settings)
    except ValidationError as error:
        return {".".join(str(part) for part in item["loc"][:2]) for item in error.errors(include_input=False)}
    return set()


def missing(connection: Connection) -> int:
    """How many pages of the set-up are not complete."""
    return sum(1 for _, complete in progress(connection) if not complete)
