"""How a profile asks for one fact, so that a form can draw the question itself."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

Qualifier = Annotated[str, Field(pattern=r"^[A-Z0-9]{2}$")]


class ProfileGroup(StrEnum):
    """Groups of the form, in order."""

    IDENTITY = "identity"
    FORMAT = "format"
    CONTENT = "content"
    PEOPLE = "people"
    DELIVERY = "delivery"


def ask(group: str, title: str, description: str, *, default: Any = ..., **more: Any) -> Any:
    """A `Field` that belongs to a group of the form."""
    return Field(default, title=title, description=description, json_schema_extra={"group": group}, **more)
