"""A row of an employee file as values: which cell is what, what is wrong with it, and a digest that recognizes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from operator import itemgetter
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from app.core.crypto import blind_index
from app.people.models import Department, EmployeeStatus, Region
from app.people.rules import checks
from app.people.rules.columns import BY_FIELD, EMPTY_WORDS, key_of
from app.people.services.imports.reading import Cells

PLACES = {"department": "department_id", "region": "region_id"}
UNKNOWN_PLACE = {
    "department": "No department has this name or code. Add it first, or correct the cell",
    "region": "No region has this name or code. Add it first, or correct the cell",
}
UNIQUE = frozenset({"employee_number", "ssn", "work_email", "phone", "address_line1"})  # nearly every cell differs
CACHED = 20_000  # texts of a column
Parse = Callable[[str], Any]
Check = Callable[[Any, checks.Setting], str]
Cache = dict[str, tuple[Any, str]]  # of a column that repeats itself: each text is read once


class RowReader:
    """Reads the rows of one file by its mapping."""

    def __init__(
        self,
        connection: sa.Connection,
        company_id: UUID,
        mapping: dict[str, str],
        headings: Sequence[str],
        setting: checks.Setting,
        *,
        create_missing: bool,
    ) -> None:
        self.company_id, self.setting, self.create_missing = company_id, setting, create_missing
        self.fields = [name for name in BY_FIELD if mapping.get(name) in headings]
        position = {heading: index for index, heading in enumerate(headings)}
        readers: list[tuple[str, int, Parse | None, Check | None]] = [
            (name, position[mapping[name]], BY_FIELD[name].parse, checks.EMPLOYEE.get(name)) for name in self.fields
        ]
        self._number_at = position[mapping["employee_number"]]
        indexes = [index for _, index, _, _ in readers]
        self._digested, self._width = itemgetter(*indexes), max(indexes) + 1
        self._digest_head = "|".join(self.fields) + f"|{create_missing}\x1e"
        caches: list[Cache | None] = [None if name in UNIQUE else {} for name in self.fields]
        self._columns = [(r, PLACES.get(r[0], r[0]), cache) for r, cache in zip(readers, caches, strict=True)]
        self._places = {field: _known_places(connection, company_id, field) for field in PLACES}
        self.new_places: list[Department | Region] = []  # named for the first time; the planner takes them

    def number(self, cells: Cells) -> str:
        return " ".join(cells[self._number_at].split()) if self._number_at < len(cells) else ""

    def whole(self, cells: Cells) -> Cells:
        """The cells of a row that ends early, filled up with empty ones, as `digest` and `parse` want them."""
        missing = self._width - len(cells)
        return [*cells, *[""] * missing] if missing > 0 else cells

    def digest(self, cells: Cells) -> bytes:
        """Keyed, so that the stored digest of a row says nothing about its values."""
        text = "\x1f".join(self._digested(cells))
        return blind_index(self.company_id, "import", self._digest_head + text)

    def parse(self, cells: Cells) -> tuple[dict[str, Any], dict[str, str]]:
        """Values of the filled cells, and field → message of those that cannot be used."""
        values: dict[str, Any] = {}
        problems: dict[str, str] = {}
        for (name, index, parse, check), target, cache in self._columns:
            text = cells[index]
            if not text or (len(text) < 5 and text.casefold() in EMPTY_WORDS):
                continue
            known = None if cache is None else cache.get(text)
            value, message = known or self._read(name, parse, check, text)
            if known is None and cache is not None and len(cache) < CACHED:
                cache[text] = value, message
            if message:
                problems[name] = message
            else:
                values[target] = value
        left: date | None = values.get("terminated_on")
        if left and left < self.setting.today:
            values["status"] = EmployeeStatus.TERMINATED.value
        return values, problems

    def _read(self, name: str, parse: Parse | None, check: Check | None, text: str) -> tuple[Any, str]:
        """The value and an empty message, or None and what to do."""
        try:
            value = self._place(name, text) if name in PLACES else parse(text) if parse else " ".join(text.split())
            message = check(value, self.setting) if check else ""
        except ValueError as problem:
            value, message = None, str(problem)
        return value, message

    def _place(self, field: str, text: str) -> UUID:
        known = self._places[field]
        key = key_of(text)
        if key not in known:
            if not self.create_missing or not key:
                raise ValueError(UNKNOWN_PLACE[field])
            name = " ".join(text.split())[:100]
            model = Department if field == "department" else Region
            made = model(id=uuid7(), company_id=self.company_id, code=name.upper()[:40], name=name)
            self.new_places.append(made)
            known[key] = made.id
        return known[key]


def _known_places(connection: sa.Connection, company_id: UUID, field: str) -> dict[str, UUID]:
    model = Department if field == "department" else Region
    rows = connection.execute(sa.select(model.id, model.code, model.name).where(model.company_id == company_id)).all()
    by_name = {key_of(row.name): row.id for row in rows}
    return by_name | {key_of(row.code): row.id for row in rows}
