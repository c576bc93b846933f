"""What an employee file would do: each row is new, changed, the same, or refused with a message. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from uuid_utils.compat import uuid7

from app.core.crypto import blind_index, encrypted_fields
from app.people.models import Department, Employee, EmployeeStatus, Region
from app.people.rules import checks
from app.people.services.imports.reading import Cells
from app.people.services.imports.rows import PLACES, RowReader

SEALED = frozenset(encrypted_fields(Employee))
_FACTS = ("date_of_birth", "hired_on", "terminated_on", "ssn", "employee_number", "status")
_TEXTS, _BYTES, _IDS = sa.ARRAY(sa.Text), sa.ARRAY(sa.LargeBinary), sa.ARRAY(sa.Uuid)


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
        numbers: every employee number of the file. Their ids are settled at the start, so that a manager may stand
            below their reports.
    """

    def __init__(self, connection: sa.Connection, reader: RowReader, numbers: Iterable[str]) -> None:
        self.company_id, self.reader = reader.company_id, reader
        self._managed = "manager_number" in reader.fields
        self.ids: dict[str, UUID] = dict.fromkeys(filter(None, numbers), _NOBODY) if self._managed else {}
        for number, row in self._known(connection, list(self.ids)).items():
            self.ids[number] = row.id
        for number, key in self.ids.items():
            if key is _NOBODY:
                self.ids[number] = uuid7()
        self.absent: set[UUID] = set()  # ids settled for rows that were refused: nobody's manager after all
        self._seen: set[str] = set()
        self._ssns: dict[bytes, UUID] = {}

    def plan(self, connection: sa.Connection, batch: Sequence[tuple[int, Cells]]) -> Plan:
        """Decide about a batch. Nothing is locked: the writer notices a row that somebody changes in between."""
        plan = Plan()
        numbers = [self.reader.number(cells) for _, cells in batch]
        known = self._known(connection, numbers)
        candidates: list[tuple[int, Change]] = []
        for (row_number, cells), number in zip(batch, numbers, strict=True):
            change = self._read(plan, row_number, number, cells, known)
            if change is not None:
                candidates.append((row_number, change))
        self._check_managers(connection, plan, candidates)
        candidates = self._without_taken_ssns(connection, plan, candidates)
        stored = self._stored(connection, [c.employee_id for _, c in candidates if c.number in known])
        for row_number, change in candidates:
            self._decide(plan, row_number, change, stored.get(change.employee_id))
        plan.places, self.reader.new_places = self.reader.new_places, []
        return plan

    def _read(self, plan: Plan, row_number: int, number: str, cells: Cells, known: dict[str, Any]) -> Change | None:
        if not number or number in self._seen:
            twice = "This employee number is in the file twice. Keep one of the rows"
            text = twice if number else checks.NEEDED["employee_number"]
            self._refuse(plan, row_number, {"employee_number": text})
            return None
        self._seen.add(number)
        there, cells = known.get(number), self.reader.whole(cells)
        digest = self.reader.digest(cells)
        if there is not None and there.import_digest == digest:
            plan.same += 1
            return None
        values, problems = self.reader.parse(cells)
        employee_id = there.id if there is not None else self.ids.get(number) or uuid7()
        if problems:
            self._refuse(plan, row_number, problems, None if there else employee_id)
            return None
        return Change(employee_id, number, digest, values)

    def _known(self, connection: sa.Connection, numbers: list[str]) -> dict[str, Any]:
        if not numbers:
            return {}
        query = sa.select(Employee.employee_number, Employee.id, Employee.import_digest).where(
            Employee.company_id == self.company_id,
            Employee.employee_number == sa.any_(_listed(map(_quoted, numbers), _TEXTS)),
        )
        return {row.employee_number: row for row in connection.execute(query)}

    def _check_managers(self, connection: sa.Connection, plan: Plan, candidates: list[tuple[int, Change]]) -> None:
        """A manager is somebody in the file or on record. Otherwise the row comes without, and is looked at again next time."""
        if not self._managed:
            return
        asked = {c.new["manager_number"] for _, c in candidates if "manager_number" in c.new} - self.ids.keys()
        self.ids |= {number: row.id for number, row in self._known(connection, sorted(asked)).items()}
        for row_number, change in candidates:
            manager = change.new.get("manager_number")
            if manager is not None and (manager not in self.ids or manager == change.number):
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
        owners = self._owners(connection, [c.ssn_bidx for _, c in candidates if c.ssn_bidx])
        kept = []
        for row_number, change in candidates:
            index = change.ssn_bidx
            first = self._ssns.setdefault(index, change.employee_id) if index else change.employee_id
            taken = owners.get(index) if index else None
            if first != change.employee_id or (taken and taken != {change.employee_id}):
                text = "Another employee has this Social Security number. Check both"
                self._refuse(plan, row_number, {"ssn": text}, change.employee_id)
            else:
                kept.append((row_number, change))
        return kept

    def _owners(self, connection: sa.Connection, asked: list[bytes]) -> dict[bytes, set[UUID]]:
        """Who on record has these SSNs, by blind index."""
        owners: dict[bytes, set[UUID]] = {}
        if asked:
            column: Any = Employee.ssn_bidx  # type: ignore[attr-defined]
            query = sa.select(column, Employee.id).where(
                Employee.company_id == self.company_id,
                column == sa.any_(_listed([f'"\\\\x{index.hex()}"' for index in asked], _BYTES)),
            )
            for index, owner in connection.execute(query):
                owners.setdefault(bytes(index), set()).add(owner)
        return owners

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
            .where(table.c.company_id == self.company_id, table.c.id == sa.any_(_listed(map(str, ids), _IDS)))
        )
        return {row.id: row for row in connection.execute(query)}

    def _decide(self, plan: Plan, row_number: int, change: Change, stored: Any) -> None:
        present = self._present(stored) if stored is not None else {}
        if stored is not None and _returns(change.new, present, self.reader.setting.today):
            change.new["terminated_on"] = None
        whole = present | change.new if present else change.new
        problems = checks.missing(whole, checks.NEEDED) | checks.conflicts(whole)
        if stored is not None and stored.deleted_at is not None:
            problems["employee_number"] = "This employee was deleted. Use another number"
        if problems:
            self._refuse(plan, row_number, problems, change.employee_id if stored is None else None)
            return
        if stored is None:
            plan.new.append(change)
            return
        new = {name: value for name, value in change.new.items() if _differs(present.get(name), value)}
        if not new:
            plan.same += 1
            return
        change.old, change.new, change.stored = {name: present.get(name) for name in new}, new, stored
        plan.changed.append(change)

    def _present(self, stored: Any) -> dict[str, Any]:
        """Plain values of the mapped fields of an existing employee, and of those the checks look at."""
        names = {"first_name", "last_name", "middle_name"}
        wanted = {PLACES.get(name, name) for name in self.reader.fields} | set(_FACTS) | names
        found: dict[str, Any] = {}
        for name in wanted:
            if name in SEALED:
                bound = getattr(Employee, name)
                found[name] = bound.open(self.company_id, stored.id, getattr(stored, f"{name}_enc"))
            else:
                found[name] = getattr(stored, name)
        return found

    def _refuse(self, plan: Plan, row_number: int, problems: dict[str, str], absent: UUID | None = None) -> None:
        plan.refused += 1
        plan.refusals.extend(Refusal(row_number, name, message) for name, message in problems.items())
        if absent is not None:
            self.absent.add(absent)


_NOBODY = UUID(int=0)


def _listed(items: Iterable[str], kind: sa.ARRAY[Any]) -> sa.ColumnElement[Any]:
    """An array as PostgreSQL writes it, sent as one text: the driver would look at each of its 2,000 values by itself."""
    return sa.cast(sa.literal("{" + ",".join(items) + "}", sa.Text), kind)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _returns(new: dict[str, Any], present: dict[str, Any], today: date) -> bool:
    """Somebody who had left is active again and the file names no last day."""
    left = present.get("terminated_on")
    status = new.get("status", EmployeeStatus.TERMINATED)
    return bool(left and left < today and status != EmployeeStatus.TERMINATED and "terminated_on" not in new)


def _differs(old: Any, new: Any) -> bool:
    """Empty text and None are the same; no and "not given" are not."""
    return (old or None) != (new or None) or (isinstance(new, bool) and old is not new)
