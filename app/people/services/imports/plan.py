"""What an employee file would do: each row is new, changed, the same, or refused with a message. Writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from app.core.crypto import blind_index, encrypted_fields
from app.people.models import Department, Employee, EmployeeStatus, Region
from app.people.rules import checks
from app.people.rules.columns import BY_FIELD, EMPTY_WORDS, key_of
from app.people.services.imports.reading import Cells

SEALED = frozenset(encrypted_fields(Employee))
PLACES = {"department": "department_id", "region": "region_id"}
UNKNOWN_PLACE = {
    "department": "No department has this name or code. Add it first, or correct the cell",
    "region": "No region has this name or code. Add it first, or correct the cell",
}
UNIQUE = frozenset({"employee_number", "ssn", "work_email", "phone", "address_line1"})  # nearly every cell differs
CACHED = 20_000  # texts of a column
_FACTS = ("date_of_birth", "hired_on", "terminated_on", "ssn", "employee_number", "status")
Cache = dict[str, tuple[Any, str]]
Reader = tuple[str, int, Callable[[str], Any] | None, Callable[[Any, checks.Setting], str] | None]


class Refusal(NamedTuple):
    """Why a row is left out, or (field `manager_number`) imported without one value."""

    row_number: int
    field: str
    message: str


@dataclass(slots=True)
class Change:
    """A row to write. `old` is empty for a new employee; otherwise `new` holds only what differs."""

    employee_id: UUID
    number: str
    digest: bytes | None
    new: dict[str, Any]
    old: dict[str, Any] = field(default_factory=dict)
    stored: Any = None  # the present Core row of an existing employee
    ssn_bidx: bytes | None = None


@dataclass(slots=True)
class Plan:
    new: list[Change] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    same: int = 0
    refused: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    places: list[Department | Region] = field(default_factory=list)  # named for the first time


class Planner:
    """One pass over one file. Remembers which numbers and SSNs it has seen.

    Args:
        numbers: every employee number of the file, so that a manager may stand below their reports.
    """

    def __init__(
        self,
        connection: sa.Connection,
        company_id: UUID,
        mapping: dict[str, str],
        headings: Sequence[str],
        setting: checks.Setting,
        *,
        numbers: frozenset[str] = frozenset(),
        create_missing: bool = True,
    ) -> None:
        self.company_id, self.setting, self.create_missing, self.numbers = company_id, setting, create_missing, numbers
        self.fields = [name for name in BY_FIELD if mapping.get(name) in headings]
        position = {heading: index for index, heading in enumerate(headings)}
        self.readers: list[Reader] = [
            (name, position[mapping[name]], BY_FIELD[name].parse, checks.EMPLOYEE.get(name)) for name in self.fields
        ]
        self.number_at = position[mapping["employee_number"]]
        indexes = [index for _, index, _, _ in self.readers]
        self._digested, self._width = itemgetter(*indexes), max(indexes) + 1
        self._digest_head = "|".join(self.fields) + f"|{create_missing}\x1e"
        self._columns: list[tuple[Reader, str, Cache]] = [(r, PLACES.get(r[0], r[0]), {}) for r in self.readers]
        self._seen: set[str] = set()
        self._ssns: dict[bytes, UUID] = {}
        self._places = {field: _known_places(connection, company_id, field) for field in PLACES}

    def plan(self, connection: sa.Connection, batch: Sequence[tuple[int, Cells]]) -> Plan:
        """Decide about a batch. Nothing is locked: the writer notices a row that somebody changes in between."""
        plan = Plan()
        known = self._known(connection, [self._cell(cells, self.number_at) for _, cells in batch])
        candidates: list[tuple[int, Change]] = []
        for row_number, cells in batch:
            change = self._read(plan, row_number, cells, known)
            if change is not None:
                candidates.append((row_number, change))
        self._check_managers(connection, plan, candidates)
        candidates = self._without_taken_ssns(connection, plan, candidates)
        stored = self._stored(connection, [c.employee_id for _, c in candidates if c.number in known])
        for row_number, change in candidates:
            self._decide(plan, row_number, change, stored.get(change.employee_id))
        return plan

    # --- reading ------------------------------------------------------------------------------------------------

    def _cell(self, cells: Cells, index: int) -> str:
        return cells[index] if index < len(cells) else ""

    def _read(self, plan: Plan, row_number: int, cells: Cells, known: dict[str, Any]) -> Change | None:
        number = " ".join(self._cell(cells, self.number_at).split())
        if not number or number in self._seen:
            text = (
                "This employee number is in the file twice. Keep one of the rows"
                if number
                else checks.NEEDED["employee_number"]
            )
            self._refuse(plan, row_number, {"employee_number": text})
            return None
        self._seen.add(number)
        digest = self._digest(cells)
        there = known.get(number)
        if there is not None and there.import_digest == digest:
            plan.same += 1
            return None
        values, problems = self._parse(cells, plan)
        if problems:
            self._refuse(plan, row_number, problems)
            return None
        return Change(there.id if there else uuid7(), number, digest, values)

    def _digest(self, cells: Cells) -> bytes:
        """Keyed, so that the stored digest of a row says nothing about its values."""
        missing = self._width - len(cells)
        text = "\x1f".join(self._digested([*cells, *[""] * missing] if missing > 0 else cells))
        return blind_index(self.company_id, "import", self._digest_head + text)

    def _parse(self, cells: Cells, plan: Plan) -> tuple[dict[str, Any], dict[str, str]]:
        """Values of the filled cells, and field → message of those that cannot be used."""
        values: dict[str, Any] = {}
        problems: dict[str, str] = {}
        width = len(cells)
        for reader, target, cache in self._columns:
            index = reader[1]
            text = cells[index] if index < width else ""
            if not text or (len(text) < 5 and text.casefold() in EMPTY_WORDS):
                continue
            value, message = cache.get(text) or self._read_cell(reader, text, plan, cache)
            if message:
                problems[reader[0]] = message
            else:
                values[target] = value
        left: date | None = values.get("terminated_on")
        if left and left < self.setting.today:
            values["status"] = EmployeeStatus.TERMINATED.value
        return values, problems

    def _read_cell(self, reader: Reader, text: str, plan: Plan, cache: Cache) -> tuple[Any, str]:
        """The value and an empty message, or None and what to do. Columns that repeat themselves are read once per text."""
        name, _, parse, check = reader
        try:
            value = (
                self._place(name, text, plan) if name in PLACES else parse(text) if parse else " ".join(text.split())
            )
            message = check(value, self.setting) if check else ""
        except ValueError as problem:
            value, message = None, str(problem)
        if name not in UNIQUE and len(cache) < CACHED:
            cache[text] = value, message
        return value, message

    def _place(self, field: str, text: str, plan: Plan) -> UUID:
        known = self._places[field]
        key = key_of(text)
        if key not in known:
            if not self.create_missing or not key:
                raise ValueError(UNKNOWN_PLACE[field])
            name = " ".join(text.split())[:100]
            model = Department if field == "department" else Region
            made = model(id=uuid7(), company_id=self.company_id, code=name.upper()[:40], name=name)
            plan.places.append(made)
            known[key] = made.id
        return known[key]

    # --- against the database -----------------------------------------------------------------------------------

    def _known(self, connection: sa.Connection, numbers: list[str]) -> dict[str, Any]:
        query = sa.select(Employee.employee_number, Employee.id, Employee.import_digest).where(
            Employee.company_id == self.company_id, Employee.employee_number == sa.any_(sa.literal(numbers, _TEXTS))
        )
        return {row.employee_number: row for row in connection.execute(query)}

    def _check_managers(self, connection: sa.Connection, plan: Plan, candidates: list[tuple[int, Change]]) -> None:
        """A manager is somebody in the file or on record. Otherwise the row comes without, and is looked at again next time."""
        asked = {c.new["manager_number"] for _, c in candidates if "manager_number" in c.new} - self.numbers
        known = set(self._known(connection, sorted(asked))) | self.numbers if asked else self.numbers
        for row_number, change in candidates:
            manager = change.new.get("manager_number")
            if manager is not None and (manager not in known or manager == change.number):
                del change.new["manager_number"]
                change.digest = None
                text = "No other employee has this number. The row is imported without a manager"
                plan.refusals.append(Refusal(row_number, "manager_number", text))

    def _without_taken_ssns(
        self, connection: sa.Connection, plan: Plan, candidates: list[tuple[int, Change]]
    ) -> list[tuple[int, Change]]:
        domain = Employee.ssn.field.index
        for _, change in candidates:
            number = change.new.get("ssn")
            change.ssn_bidx = blind_index(self.company_id, domain, number) if number else None
        asked = [c.ssn_bidx for _, c in candidates if c.ssn_bidx]
        if not asked:
            return candidates
        column: Any = Employee.ssn_bidx  # type: ignore[attr-defined]
        query = sa.select(column, Employee.id).where(
            Employee.company_id == self.company_id, column == sa.any_(sa.literal(asked, _BYTES))
        )
        owners: dict[bytes, set[UUID]] = {}
        for index, owner in connection.execute(query):
            owners.setdefault(bytes(index), set()).add(owner)
        kept = []
        for row_number, change in candidates:
            index = change.ssn_bidx
            first = self._ssns.setdefault(index, change.employee_id) if index else change.employee_id
            if first != change.employee_id or (index and owners.get(index, set()) - {change.employee_id}):
                self._refuse(plan, row_number, {"ssn": "Another employee has this Social Security number. Check both"})
            else:
                kept.append((row_number, change))
        return kept

    def _stored(self, connection: sa.Connection, ids: list[UUID]) -> dict[UUID, Any]:
        if not ids:
            return {}
        table = Employee.__table__
        manager = sa.alias(table, "manager")
        query = (
            sa.select(table, manager.c.employee_number.label("manager_number"))
            .outerjoin_from(
                table, manager, sa.and_(manager.c.company_id == table.c.company_id, manager.c.id == table.c.manager_id)
            )
            .where(table.c.company_id == self.company_id, table.c.id == sa.any_(sa.literal(ids, _IDS)))
        )
        return {row.id: row for row in connection.execute(query)}

    def _decide(self, plan: Plan, row_number: int, change: Change, stored: Any) -> None:
        present = self._present(stored) if stored is not None else {}
        if stored is not None and _returns(change.new, present, self.setting.today):
            change.new["terminated_on"] = None
        whole = present | change.new
        problems = checks.missing(whole, checks.NEEDED) | checks.conflicts({name: whole.get(name) for name in _FACTS})
        if stored is not None and stored.deleted_at is not None:
            problems["employee_number"] = "This employee was deleted. Use another number"
        if problems:
            self._refuse(plan, row_number, problems)
            return
        if stored is None:
            plan.new.append(change)
            return
        new = {name: value for name, value in change.new.items() if (present.get(name) or None) != (value or None)}
        if not new:
            plan.same += 1
            return
        change.old, change.new, change.stored = {name: present.get(name) for name in new}, new, stored
        plan.changed.append(change)

    def _present(self, stored: Any) -> dict[str, Any]:
        """Plain values of the mapped fields of an existing employee, and of those the checks look at."""
        wanted = (
            {PLACES.get(name, name) for name in self.fields} | set(_FACTS) | {"first_name", "last_name", "middle_name"}
        )
        found: dict[str, Any] = {}
        for name in wanted:
            if name in SEALED:
                bound = getattr(Employee, name)
                found[name] = bound.open(self.company_id, stored.id, getattr(stored, f"{name}_enc"))
            else:
                found[name] = getattr(stored, name)
        return found

    def _refuse(self, plan: Plan, row_number: int, problems: dict[str, str]) -> None:
        plan.refused += 1
        plan.refusals.extend(Refusal(row_number, name, message) for name, message in problems.items())


_TEXTS = sa.ARRAY(sa.Text)
_BYTES = sa.ARRAY(sa.LargeBinary)
_IDS = sa.ARRAY(sa.Uuid)


def _returns(new: dict[str, Any], present: dict[str, Any], today: date) -> bool:
    """Somebody who had left is active again and the file names no last day."""
    left = present.get("terminated_on")
    status = new.get("status", EmployeeStatus.TERMINATED)
    return bool(left and left < today and status != EmployeeStatus.TERMINATED and "terminated_on" not in new)


def _known_places(connection: sa.Connection, company_id: UUID, field: str) -> dict[str, UUID]:
    model = Department if field == "department" else Region
    rows = connection.execute(sa.select(model.id, model.code, model.name).where(model.company_id == company_id)).all()
    by_name = {key_of(row.name): row.id for row in rows}
    return by_name | {key_of(row.code): row.id for row in rows}
