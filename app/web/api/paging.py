"""Lists: a page of `items` and the cursor of what follows (keyset, so that nothing is skipped or doubled while rows come and go)."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.core.errors import Invalid

MOST = 100
Row = TypeVar("Row")


class Input(BaseModel):
    """Base of everything a program sends. A field nobody knows is refused, so that a misspelled filter does not filter nothing."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, use_attribute_docstrings=True)


class Output(BaseModel):
    """Base of everything we answer; filled from rows (`Model.model_validate(row)`) or by hand. Nothing unnamed gets out."""

    model_config = ConfigDict(from_attributes=True, use_attribute_docstrings=True)


class PageQuery(Input):
    """The query of a list; add filters as typed fields of a subclass."""

    limit: int = Field(50, ge=1, le=MOST, description="How many items at most.")
    after: str = Field("", max_length=400, description="`next` of the page before.")

    def key(self, *kinds: type) -> tuple[Any, ...] | None:
        """The sort key of the last item seen, one value per kind (UUID, datetime, date, str, int); None for the first page.

        Raises:
            Invalid: not a cursor of this list.
        """
        if not self.after:
            return None
        try:
            values = json.loads(base64.urlsafe_b64decode(self.after.encode("ascii") + b"=="))
            return tuple(_READ[kind](value) for kind, value in zip(kinds, values, strict=True))
        except (ValueError, TypeError, AttributeError):
            raise Invalid({"after": "Use `next` of the page before as it is, with the same filters."}) from None


class Page(Output):
    """A page of a list; a subclass names its items: `items: list[CheckOut]`."""

    next: str | None = Field(None, description="Send it as `after` for the next page; null on the last one.")


def cut(rows: Sequence[Row], limit: int, *names: str) -> tuple[Sequence[Row], str | None]:
    """The rows of this page and the cursor of the next, from a query that asked for `limit + 1` rows.

    Args:
        names: the columns the list is sorted by, the last of them unique.
    """
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    key = json.dumps([getattr(last, name) for name in names], default=_written, separators=(",", ":"))
    return rows[:limit], base64.urlsafe_b64encode(key.encode()).rstrip(b"=").decode()


def _written(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _exactly(kind: type) -> Any:
    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise ValueError(value)
        return value

    return read


def _moment(value: Any) -> datetime:
    found = datetime.fromisoformat(value)
    if found.tzinfo is None:
        raise ValueError(value)
    return found


_READ: dict[type, Any] = {
    UUID: UUID, datetime: _moment, date: date.fromisoformat, str: _exactly(str), int: _exactly(int),
}  # fmt: skip
