"""Writing many employees at once: COPY into a temporary table, then one INSERT … ON CONFLICT. Row-level security stays on:
PostgreSQL allows COPY only into the temporary table, and the INSERT passes the policies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.crypto import Sealer, blind_index, normalize
from app.core.errors import Conflict
from app.people.models import Department, Employee, Region
from app.people.services.imports.plan import SEALED, Change, Plan, Planner
from app.people.services.imports.rows import PLACES
from app.people.services.names import name_tokens, new_member_numbers

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_AS_TEXT = (UUID, date, Decimal)
NULL = "\\N"
NAMES = ("first_name", "last_name", "middle_name")
FIXED = ("id", "employee_number", "member_number", "import_digest", "name_tokens", "updated_at")


def copied(value: Any) -> str:
    """A value as COPY's text format wants it."""
    if value is None:
        return NULL
    if isinstance(value, str):
        return value.translate(_ESCAPES)
    if isinstance(value, _AS_TEXT):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return "\\\\x" + bytes(value).hex()
    if isinstance(value, bool):
        return "t" if value else "f"
    raise TypeError(f"cannot copy a {type(value).__name__}")


def copy(session: Session, table: str, columns: Sequence[str], lines: Iterable[str]) -> None:
    """Send prepared lines into a temporary table."""
    driver: Any = session.connection().connection.driver_connection
    listed = ", ".join(columns)
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({listed}) FROM STDIN") as stream:
        stream.write("".join(lines))


class Prepared(NamedTuple):
    """A batch ready to be sent."""

    places: Sequence[Department | Region]
    rows: list[str]


class EmployeeWriter:
    """Writes the plans of one import inside one transaction. The columns are those the file maps."""

    def __init__(self, session: Session, planner: Planner) -> None:
        self.session, self.company_id = session, planner.company_id
        self._planner = planner
        mapped = [PLACES.get(name, name) for name in planner.reader.fields]
        self.fields = [name for name in mapped if name not in (*FIXED, "manager_number")]
        if "terminated_on" in self.fields and "status" not in self.fields:
            self.fields.append("status")
        if "status" in self.fields and "terminated_on" not in self.fields:
            self.fields.append("terminated_on")  # somebody who returns loses the last day
        self._managed = "manager_number" in planner.reader.fields
        managers = ["manager_id"] if self._managed else []
        self.columns = [*FIXED, *managers, *(column for name in self.fields for column in _columns_of(name))]
        self._constants = _defaults(self.columns)
        self._prepare()

    def prepare(self, plan: Plan) -> Prepared:
        """Seal a batch and bring it into COPY's form. Touches no connection, so it may run beside `write`."""
        changes = [*plan.new, *plan.changed]
        line = self._line_maker(iter(new_member_numbers(len(plan.new))))
        return Prepared(plan.places, [line(change) for change in changes])

    def write(self, batch: Prepared) -> None:
        """Insert and update one batch.

        Raises:
            Conflict: somebody added or changed one of these employees in this moment; the whole import starts again.
        """
        self.session.add_all(batch.places)
        self.session.flush()
        if not batch.rows:
            return
        copy(self.session, "import_rows", self.columns, batch.rows)
        written = self.session.execute(sa.text(self._upsert)).rowcount  # type: ignore[attr-defined]
        if written != len(batch.rows):
            raise Conflict
        self.session.execute(sa.text("TRUNCATE import_rows"))

    def without_absent_managers(self) -> None:
        """Whose manager's row was refused is nobody's report for now, and is looked at again next time."""
        if self._planner.absent:
            self.session.execute(
                sa.update(Employee)
                .where(Employee.company_id == self.company_id, Employee.manager_id.in_(self._planner.absent))
                .values(manager_id=None, import_digest=None)
            )

    def _prepare(self) -> None:
        listed = ", ".join(self.columns)
        self.session.execute(
            sa.text(
                f"CREATE TEMP TABLE import_rows ON COMMIT DROP AS SELECT {listed} FROM employee WITH NO DATA"  # noqa: S608
            )
        )
        self._upsert = _upsert_sql(self.company_id, self.columns, self._constants)

    def _line_maker(self, numbers: Iterator[str]) -> Callable[[Change], str]:
        sealer, moment = Sealer(self.company_id), str(now())
        makers = [_maker(name, sealer) for name in self.fields]

        def line(change: Change) -> str:
            row = str(change.employee_id)
            sealed_row, stored = row.encode(), change.stored
            number = stored.member_number if stored is not None else next(numbers)
            seen = moment if stored is None else str(stored.updated_at)
            cells = [row, copied(change.number), number, copied(change.digest), self._tokens(change), seen]
            if self._managed:
                cells.append(self._manager(change))
            for maker in makers:
                maker(cells, change, sealed_row)
            return "\t".join(cells) + "\n"

        return line

    def _manager(self, change: Change) -> str:
        number = change.new.get("manager_number")
        if number is not None:
            return str(self._planner.ids[number])
        return NULL if change.stored is None else copied(change.stored.manager_id)

    def _tokens(self, change: Change) -> str:
        new, stored = change.new, change.stored
        if stored is not None and not any(name in new for name in NAMES):
            return "{" + _listed(stored.name_tokens) + "}"
        names = [new[n] if n in new else _opened(stored, n) for n in NAMES]
        return "{" + ",".join([_tokens_of(self.company_id, name) for name in names if name]) + "}"


@lru_cache(maxsize=50_000)
def _tokens_of(company_id: UUID, name: str) -> str:
    return _listed(name_tokens(company_id, name))


def _listed(tokens: Sequence[bytes]) -> str:
    return ",".join([f'"\\\\\\\\x{token.hex()}"' for token in tokens])


def _opened(stored: Any, name: str) -> str | None:
    if stored is None:
        return None
    bound = getattr(Employee, name)
    opened: str | None = bound.open(stored.company_id, stored.id, getattr(stored, f"{name}_enc"))
    return opened


def _columns_of(name: str) -> tuple[str, ...]:
    if name not in SEALED:
        return (name,)
    return (f"{name}_enc", f"{name}_bidx") if f"{name}_bidx" in Employee.__table__.c else (f"{name}_enc",)


def _maker(name: str, sealer: Sealer) -> Callable[[list[str], Change, bytes], None]:
    """A function that adds the COPY cells of one field: the new value, else what is stored, else the default."""
    columns = _columns_of(name)
    return _sealed(name, columns, sealer) if name in SEALED else _plain(name)


def _plain(name: str) -> Callable[[list[str], Change, bytes], None]:
    default = copied(_default_of(name))

    def add(cells: list[str], change: Change, _row: bytes) -> None:
        if name in change.new:
            cells.append(copied(change.new[name]))
        else:
            cells.append(default if change.stored is None else copied(getattr(change.stored, name)))

    return add


def _sealed(name: str, columns: Sequence[str], sealer: Sealer) -> Callable[[list[str], Change, bytes], None]:
    bound = getattr(Employee, name)
    seal, indexed, company_id, domain = sealer.field(bound), len(columns) == 2, sealer.company_id, bound.field.index
    empty = (NULL,) * len(columns)

    def add(cells: list[str], change: Change, row: bytes) -> None:
        value = change.new.get(name)
        if value is None:
            stored = change.stored
            cells.extend(empty if stored is None else [copied(getattr(stored, column)) for column in columns])
            return
        text = value if type(value) is str else str(value)
        cells.append("\\\\x" + seal(row, text))
        if indexed:
            index = change.ssn_bidx if name == "ssn" else None
            cells.append("\\\\x" + (index or blind_index(company_id, domain, normalize(text))).hex())

    return add


def _default_of(column: str) -> Any:
    found: Any = Employee.__table__.c[column].default
    return found.arg if found is not None and found.is_scalar else None


def _defaults(given: Sequence[str]) -> dict[str, Any]:
    """Column → value of every column with a Python default that the file does not fill."""
    return {
        column.name: column.default.arg
        for column in Employee.__table__.c
        if column.name not in given and column.default is not None and column.default.is_scalar
    } | {"communication_preferences": "{}"}


def _literal(value: Any) -> str:
    return "'" + str(value).replace("'", "''") + "'"


def _upsert_sql(company_id: UUID, columns: Sequence[str], constants: dict[str, Any]) -> str:
    """Identifiers are columns of the model and literals its defaults: nothing here comes from the file."""
    mine = ", ".join(columns)
    more = ", ".join(constants)
    values = ", ".join(_literal(value) for value in constants.values())
    kept = ("id", "employee_number", "updated_at")
    updates = ", ".join(f"{column} = excluded.{column}" for column in columns if column not in kept)
    values = values.replace("'{}'", "'{}'::jsonb")
    return (
        f"INSERT INTO employee (company_id, {mine}, {more}) SELECT '{company_id}', {mine}, {values} FROM import_rows"  # noqa: S608
        f" ON CONFLICT (company_id, employee_number) DO UPDATE SET {updates}, updated_at = now()"
        " WHERE employee.id = excluded.id AND employee.updated_at = excluded.updated_at"  # nobody was in between
        " AND (employee.import_digest IS DISTINCT FROM excluded.import_digest OR excluded.import_digest IS NULL)"
    )
