"""The settings of one connection, and the providers to begin with (`presets/`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from app.integrations.contracts import Preset
from app.integrations.formats.records import Shape
from app.integrations.formats.records.columns import checked_columns
from app.integrations.transports.sftp import SftpConfig, SftpSecrets

FACTS = ("person", "employee_number", "email", "first_name", "last_name", "active")
_FOLDER = Path(__file__).parent / "presets"


class Method(StrEnum):
    """How the list travels."""

    API = "api"  # SCIM 2.0
    SFTP = "sftp"
    FILE_UPLOAD = "file_upload"


class ListFile(Shape):
    """The file with the list."""

    name: str = Field(
        "eligibility-{key}.csv",
        title="Name of the file",
        description="With {key}, which is another one for each list.",
        pattern=r"^[A-Za-z0-9_.-]*\{key\}[A-Za-z0-9_.-]*$",
    )
    columns: str = Field(
        "\n".join(f"{name} = {name}" for name in FACTS),
        title="Columns",
        description="In their order, one on each line: their title = what stands there. Only eligibility can: "
        + ", ".join(FACTS),
        examples=["Work Email = email"],
        min_length=3,
        max_length=2000,
    )
    active: str = Field("true", title="Word for who may use it", min_length=1, max_length=40)
    inactive: str = Field(
        "",
        title="Word for who no longer may",
        description="Empty: such people are left out of the file.",
        max_length=40,
    )

    @field_validator("columns")
    @classmethod
    def _known(cls, columns: str) -> str:
        return checked_columns(columns, FACTS)


class WellnessConfig(BaseModel):
    """Nothing secret."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    provider: str = Field("custom", title="Provider", pattern=r"^[a-z][a-z0-9_]{1,40}$", examples=["calm"])
    method: Method = Field(Method.SFTP, title="How the list travels")
    scim_url: str = Field(
        "",
        title="SCIM address",
        description="For SCIM: the part before /Users.",
        pattern=r"^(|https://[A-Za-z0-9.-]{1,253}(:\d{1,5})?(/[A-Za-z0-9._~-]+)*)$",
        examples=["https://api.provider.example/scim/v2"],
    )
    file: ListFile = Field(ListFile.model_validate({}), title="File")
    sftp: SftpConfig | None = Field(None, title="Server")

    @model_validator(mode="after")
    def _reachable(self) -> WellnessConfig:
        if self.file.format.value not in ("csv", "fixed_width"):
            raise ValueError("the list is written as CSV or in fixed width")
        return self


class WellnessSecrets(SftpSecrets):
    """What the chosen way needs; the rest stays empty."""

    scim_token: SecretStr | None = Field(None, title="SCIM token")


@cache
def presets() -> Mapping[str, Preset]:
    """Slug → where to begin. Raises whatever a broken file raises: they are part of the program, and a test loads them all."""
    known = sorted((_preset(path) for path in _FOLDER.glob("*.json")), key=lambda one: (one.general, one.name))
    return MappingProxyType({one.slug: one for one in known})


def _preset(path: Path) -> Preset:
    facts = json.loads(path.read_text(encoding="utf-8"))
    settings = {**facts["settings"], "provider": path.stem}
    return Preset(
        path.stem, facts["name"], tuple(facts["verified"]), tuple(facts["open"]), settings, facts.get("general", False)
    )
