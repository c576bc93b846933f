"""A carrier that takes no files: a person enters each change in the carrier's portal and marks it as done."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from app.integrations.contracts import Category, Manifest


class ManualConfig(BaseModel):
    """Where and by when a person passes changes on."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    portal: str = Field(
        "", title="Carrier portal", pattern=r"^(|https://.{1,300})$", examples=["https://portal.example"]
    )
    contact: str = Field("", title="Contact at the carrier", max_length=200)
    group_number: str = Field("", title="Group number", max_length=50)
    days_to_enter: int = Field(3, title="Enter changes within (days)", ge=1, le=30)
    instructions: str = Field("", title="What to do, step by step", max_length=4000)


MANIFEST = Manifest(
    slug="manual",
    name="By hand",
    category=Category.CARRIER,
    docs="",
    owner="corridor",
    config=ManualConfig,
    manual=True,
)
