"""A carrier that takes its own layout instead of an 834: columns, places and words, as data."""

from __future__ import annotations

import re
from enum import StrEnum

from pydantic import BaseModel, field_validator

from app.integrations.formats.records.columns import checked_columns, columns_of
from app.integrations.formats.records.shape import Characters, Delimiter, Shape
from app.integrations.formats.x12.profile.question import ask

FACTS = (
    "file_date", "maintenance", "reason", "subscriber_number", "member_number", "ssn", "relationship", "last_name", "first_name",
    "middle_name", "birth_on", "gender", "marital", "address_line1", "address_line2", "city", "state", "postal", "country", "email",
    "home_phone", "employed_on", "employment_ended_on", "employment_status", "class_code", "division", "location", "group", "line",
    "plan_code", "tier", "coverage_maintenance", "start_on", "end_on", "premium", "volume",
)  # fmt: skip


class FileFormat(StrEnum):
    X12 = "834"
    CSV = "csv"
    FIXED_WIDTH = "fixed width"


class OwnLayout(BaseModel):
    """One line for each plan of each person. Without it every carrier gets an 834."""

    file_format: FileFormat = ask(
        "format", "Kind of file", "834, or the carrier's own layout as CSV or fixed width.", default=FileFormat.X12
    )
    columns: str = ask(
        "format",
        "Columns of the carrier's own layout",
        "In their order, one on each line: their title = our fact. Facts: " + ", ".join(FACTS) + ".",
        default="",
        examples=["Certificate = subscriber_number"],
        max_length=5000,
    )
    places: dict[str, str] = ask(
        "format",
        "Places in a line",
        "For fixed width: their title = first-last, from 1.",
        default={},
        examples=["Certificate = 1-9"],
    )
    words: dict[str, str] = ask(
        "format",
        "Words of the carrier",
        "Our fact and code = their word, such as tier.EMP = Single. Others are sent as they are.",
        default={},
    )
    column_titles: bool = ask("format", "First line has the titles", "For CSV.", default=True)
    delimiter: Delimiter = ask("format", "Between columns", "For CSV; guess means comma.", default=Delimiter.COMMA)
    characters: Characters = ask("format", "Characters", "Of the carrier's own layout.", default=Characters.UTF_8)
    date_format: str = ask(
        "format",
        "Dates are written as",
        "%Y year, %m month, %d day; for the carrier's own layout.",
        default="%Y-%m-%d",
        pattern=r"^(%[Ymd]|[./ -]){3,5}$",
    )

    @property
    def ordered_columns(self) -> dict[str, str]:
        """Their title → our fact, in the order of the file."""
        return columns_of(self.columns)

    @field_validator("columns")
    @classmethod
    def _facts_we_have(cls, columns: str) -> str:
        known = set(columns_of(checked_columns(columns, FACTS)).values())
        if known and not {"last_name", "subscriber_number"} <= known:
            raise ValueError("a line needs at least subscriber_number and last_name")
        return columns

    @field_validator("places")
    @classmethod
    def _places_follow(cls, places: dict[str, str]) -> dict[str, str]:
        if places:
            Shape.model_validate({"format": "fixed_width", "layout": places})
        return places

    @field_validator("words")
    @classmethod
    def _words_of_facts(cls, words: dict[str, str]) -> dict[str, str]:
        if any(not re.fullmatch(r"[a-z_0-9]+\.\S+", key) or key.partition(".")[0] not in FACTS for key in words):
            raise ValueError("write a word as fact.code = their word, like tier.EMP = Single")
        return words
