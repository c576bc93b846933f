"""What a file looks like: settings that an administrator fills in, each with its own check."""

from __future__ import annotations

import re
from enum import StrEnum
from itertools import pairwise

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator


class Format(StrEnum):
    JSON = "json"
    JSON_LINES = "json_lines"
    XML = "xml"
    CSV = "csv"
    FIXED_WIDTH = "fixed_width"
    EXCEL = "excel"


class Characters(StrEnum):
    """How text is encoded. XML says it itself and Excel needs none."""

    UTF_8 = "utf-8"
    WINDOWS = "cp1252"
    LATIN_1 = "latin-1"
    UTF_16 = "utf-16"


class Delimiter(StrEnum):
    GUESS = "guess"
    COMMA = "comma"
    SEMICOLON = "semicolon"
    TAB = "tab"
    BAR = "bar"

    @property
    def sign(self) -> str:
        """Empty for GUESS."""
        return {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}.get(self.value, "")


_NAME = re.compile(r"@?[A-Za-z_][\w-]*(\.@?[A-Za-z_][\w-]*)*")
_PLACE = re.compile(r"(\d{1,5})-(\d{1,5})")


class Shape(BaseModel):
    """One kind of file. A path is dotted (`order.checks.0.id`), an XML attribute begins with @; a column is named by its title."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    format: Format = Field(Format.CSV, title="Format")
    characters: Characters = Field(Characters.UTF_8, title="Characters", description="For CSV, fixed width and JSON.")
    delimiter: Delimiter = Field(Delimiter.GUESS, title="Between columns", description="For CSV.")
    titles: bool = Field(
        True,
        title="First row has the titles",
        description="For CSV and Excel; without titles a column is its number: 1, 2, 3.",
    )
    skip: int = Field(0, title="Lines before the titles or the first row", ge=0, le=100)
    layout: dict[str, str] = Field(
        default_factory=dict,
        title="Places in a line",
        description="For fixed width: column = first-last, counted from 1.",
        examples=["provider_ref = 1-12"],
    )
    records: str = Field(
        "",
        title="Where the records stand",
        description="For JSON the path of the list or the one record, empty when it is everything. For XML the path of the element, with the root.",
        examples=["data.orders"],
        max_length=200,
    )
    sheet: str = Field("", title="Sheet", description="For Excel; empty for the first one.", max_length=100)
    total: str = Field(
        "",
        title="Control total",
        description="The word the last row begins with; the number of rows follows it. For JSON and XML the path of that number.",
        max_length=100,
    )
    most_rows: int = Field(50_000, title="Most rows in a file", ge=1, le=1_000_000)

    @field_validator("layout")
    @classmethod
    def _places_follow(cls, layout: dict[str, str]) -> dict[str, str]:
        ends = sorted(_ends(column, place) for column, place in layout.items())
        if any(start <= before for (_, before), (start, _) in pairwise(ends)):
            raise ValueError("two columns share a place in the line")
        return layout

    @model_validator(mode="after")
    def _is_complete(self) -> Shape:
        if self.format is Format.FIXED_WIDTH and not self.layout:
            raise ValueError("a fixed width file needs the places of its columns")
        if self.format is Format.XML and not _NAME.fullmatch(self.records):
            raise ValueError("an XML file needs the path of its records, with the root element: Orders.Order")
        return self

    @property
    def places(self) -> dict[str, tuple[int, int]]:
        """Column → first and last place, from 1, both included."""
        return {column: _ends(column, place) for column, place in self.layout.items()}


def _ends(column: str, place: str) -> tuple[int, int]:
    found = _PLACE.fullmatch(place)
    if not found or not 1 <= int(found[1]) <= int(found[2]):
        raise ValueError(f"{column}: write the place as first-last, like 1-12")
    return int(found[1]), int(found[2])
