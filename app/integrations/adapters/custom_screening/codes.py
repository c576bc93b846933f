"""Code tables: one line for each of our words, with all of theirs. What stands in no table is unmapped, never clear."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from app.integrations.adapters.custom_screening.steps import listed

UNMAPPED = "unmapped"
_Word = TypeVar("_Word", bound=StrEnum)


def plain(code: str) -> str:
    """Codes are compared without case, and without what stands between words: `In Progress`, `in_progress` and `INPROGRESS`."""
    return re.sub(r"[\s_-]+", "", code).casefold()


def table_of(lines: Mapping[_Word, str]) -> dict[str, _Word]:
    """Their code, plain → our word. Raises `ValueError` when one code stands twice, or a line is about `unmapped`."""
    table: dict[str, _Word] = {}
    for ours, theirs in lines.items():
        if ours.value == UNMAPPED:
            raise ValueError("unmapped is what is left over: give it no codes")
        for code in map(plain, listed(theirs)):
            if table.get(code, ours) is not ours:
                raise ValueError("a code may stand in one line only")
            table[code] = ours
    return table


def kinds_of(lines: Mapping[str, str]) -> dict[str, str]:
    """Their word for a kind of search, plain → ours. Raises `ValueError` when one stands twice."""
    table: dict[str, str] = {}
    for ours, theirs in lines.items():
        for code in map(plain, listed(theirs)):
            if table.setdefault(code, ours) != ours:
                raise ValueError("a code may stand in one line only")
    return table
