"""One carrier's dialect of the 834, as data. A new carrier is a new profile, never new code.

Each field is one question from the carrier's companion guide; title, description, pattern and examples let a
form draw itself. The group of a field (identity, content, …) is its `json_schema_extra["group"]`.
"""

from __future__ import annotations

import string
from typing import Self
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, field_validator, model_validator

from app.integrations.formats.x12.codes import LIFE_LINES
from app.integrations.formats.x12.profile.content import (
    Content,
    EndedBy,
    EndMeaning,
    FileKind,
    FullFileCodes,
    FullFileEnds,
    PlanCode,
    Premium,
)
from app.integrations.formats.x12.profile.delivery import FILE_NAME_PARTS, Delivery, Phase
from app.integrations.formats.x12.profile.envelope import Charset, Envelope
from app.integrations.formats.x12.profile.own_layout import FileFormat, OwnLayout
from app.integrations.formats.x12.profile.people import MemberIdSource, NumberSource, People
from app.integrations.formats.x12.profile.question import ProfileGroup
from app.integrations.zones import time_zones

__all__ = [
    "CarrierProfile",
    "Charset",
    "EndMeaning",
    "EndedBy",
    "FileFormat",
    "FileKind",
    "FullFileCodes",
    "FullFileEnds",
    "MemberIdSource",
    "NumberSource",
    "Phase",
    "PlanCode",
    "Premium",
    "ProfileGroup",
]


class CarrierProfile(Envelope, OwnLayout, Content, People, Delivery):
    """The whole dialect. Frozen: a change makes a new profile version. No secrets in here."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    @property
    def usage(self) -> str:
        """ISA15: P only when the switch is on and the phase is not test."""
        return "P" if self.live and self.phase is not Phase.TEST else "T"

    @property
    def extra_lines(self) -> frozenset[str]:
        """HD03 codes this carrier takes beyond the HIPAA guide."""
        return LIFE_LINES if self.allow_life else frozenset()

    @field_validator("file_name")
    @classmethod
    def _knows_every_part(cls, pattern: str) -> str:
        parts = [name for _, name, _, _ in string.Formatter().parse(pattern) if name is not None]
        if unknown := set(parts) - FILE_NAME_PARTS:
            raise ValueError(f"unknown part {sorted(unknown)}; a file name never names a person")
        if "control" not in parts:
            raise ValueError("add {control}: without it two files of a day would have the same name")
        return pattern

    @field_validator("time_zone")
    @classmethod
    def _is_a_time_zone(cls, name: str) -> str:
        if name not in time_zones():
            raise ValueError("not a time zone name such as America/New_York")
        return name

    @model_validator(mode="after")
    def _delimiters_differ(self) -> Self:
        if len(set(self.delimiters)) < 4:
            raise ValueError("the four delimiters must differ from each other")
        return self

    @property
    def delimiters(self) -> str:
        """Element, component and repetition separator, segment terminator: four characters."""
        return self.element_separator + self.component_separator + self.repetition_separator + self.terminator

    @property
    def acknowledges(self) -> bool:
        """Whether the carrier's computer answers a file (999). One with a layout of its own does not; its census tells what it took."""
        return self.file_format is FileFormat.X12

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)
