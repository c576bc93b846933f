"""Every rule we know, read from the texts of the data files."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from app.screening.rules.schema import Row, row_of

_PARTS = frozenset({"row", "receipt", "zones"})


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Attributes:
    rows: by key, then by the day they begin.
    zones: state → the time zones of its territory (IANA names).
    """

    rows: tuple[Row, ...]
    zones: Mapping[str, tuple[str, ...]]

    def in_force(self, on: date) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.in_force(on))


def parse(texts: Iterable[str]) -> Rulebook:
    """The rulebook that these TOML texts hold together. A wait may name a table of receipts of any of the texts.

    Raises:
        ValueError: a text is no TOML, a row cannot be used, or two rows of one key are in force on the same day.
    """
    documents = [tomllib.loads(text) for text in texts]
    unknown = {part for document in documents for part in document} - _PARTS
    if unknown:
        raise ValueError(f"unknown parts of a data file: {', '.join(sorted(unknown))}")
    receipts = {table["key"]: table for document in documents for table in document.get("receipt", ())}
    raws = [raw for document in documents for raw in document.get("row", ())]
    rows = sorted((_row(raw, receipts) for raw in raws), key=lambda row: (row.key, row.effective_from))
    _refuse_overlap(rows)
    zones = {state: tuple(names) for document in documents for state, names in document.get("zones", {}).items()}
    return Rulebook(tuple(rows), zones)


def _row(raw: dict[str, Any], receipts: Mapping[str, Mapping[str, Any]]) -> Row:
    """Puts the receipts that a wait names into the row itself: a frozen row must not depend on another table."""
    wait = dict(raw.get("wait", {}))
    name = wait.pop("receipt", "")
    if not name:
        return row_of(raw)
    if name not in receipts:
        raise ValueError(f"{raw.get('key')}: there is no table of receipts called {name}")
    wait |= {"receipts": receipts[name]["when"], "receipt_source": receipts[name]["source"]}
    return row_of({**raw, "wait": wait})


def _refuse_overlap(rows: list[Row]) -> None:
    for earlier, later in pairwise(rows):
        if earlier.key == later.key and earlier.in_force(later.effective_from):
            raise ValueError(f"{later.key}: two rows are in force on {later.effective_from}")
