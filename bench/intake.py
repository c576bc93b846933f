"""B1 and B2: an employee file through the product's own steps (upload, check, confirm, apply), and the same file again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from time import perf_counter, process_time
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from bench.crypt import costs_of
from bench.fill import FIRST, LAST, make_company
from bench.ground import Ground
from bench.result import Result

HORILLA = 1_121.0  # rows a second of its CSV import on the reference machine (reference, section 2)
HEADINGS = "Employee number,First name,Last name,Date of birth,SSN,Gender,Email,Phone,Address,City,State,ZIP,Hire date,Department,Region,Job title,Annual salary"
SEALED, BLIND = 10, 2  # encrypted fields and blind indexes of a row of this file


class Went(NamedTuple):
    """Seconds of one import: by the clock, of our CPU, and inside the database step (COPY and upsert)."""

    seconds: float
    cpu: float
    database: float
    updated: int


def measure(ground: Ground, rounds: int) -> list[Result]:
    """Each round imports into a company of its own, then again with 5 % of the rows changed."""
    ground.work_here()
    size = 20_000 if ground.quick else 100_000
    first, second, floors, same, costs = [], [], [], [], []
    for number in range(max(2, min(rounds, 3))):
        company_id = uuid4()
        make_company(company_id, f"Import {number}", f"import-{company_id.hex[:8]}")
        with _captured() as lines:
            first.append(_import(ground, company_id, _file(size, 0)))
        floors.append(_copy_upsert(ground, company_id, lines))
        costs.append(costs_of(company_id))
        same.append(_import(ground, company_id, _file(size, 0)))
        second.append(_import(ground, company_id, _file(size, size // 20)))
        assert second[-1].updated == size // 20, f"{second[-1].updated} row versions for {size // 20} changed rows"
    return _results(size, first, second, same, floors, costs)


def _results(
    size: int,
    first: list[Went],
    second: list[Went],
    same: list[Went],
    floors: list[float],
    costs: list[tuple[float, float]],
) -> list[Result]:
    rate, again = [size / went.seconds for went in first], [size / went.seconds for went in second]
    by_cpu = [size / went.cpu for went in first]
    database = [floor / went.database for went, floor in zip(first, floors, strict=True)]
    shares = [
        (SEALED * seal + BLIND * blind) * size / 1e6 / went.cpu
        for went, (seal, blind) in zip(first, costs, strict=True)
    ]
    detail = f"{size:,} rows in {median(w.seconds for w in first):.1f} s, again with 5 % changed {median(w.seconds for w in second):.1f} s"
    copies = f"product {median(w.database for w in first):.2f} s, floor {median(floors):.2f} s"
    return [
        Result(
            "B1",
            "employee import, rows/s from file to committed rows",
            rate,
            ">=",
            10_000,
            "/s",
            cpu=by_cpu,
            detail=detail,
        ),
        Result(
            "B1h",
            "the same of Horilla's 1,121 rows/s",
            [r / HORILLA for r in rate],
            ">=",
            8,
            "x",
            cpu=[r / HORILLA for r in by_cpu],
        ),
        Result("B1d", "its database step of raw COPY + upsert, same lines", database, ">=", 0.6, detail=copies),
        Result("B2", "the same file again: row versions written", [float(max(w.updated for w in same))], "<=", 0),
        Result(
            "B2t",
            "5 % changed: speed against the first time",
            [b / a for a, b in zip(rate, again, strict=True)],
            ">=",
            1.0,
            "x",
        ),
        Result("C1s", "encryption's share of import CPU (fields x µs)", shares, "<=", 0.30),
    ]


def _file(size: int, changed: int) -> bytes:
    """A CSV; the first `changed` rows have another job title."""
    lines = [HEADINGS]
    for number in range(size):
        first, last = FIRST[number % len(FIRST)], LAST[number // 7 % len(LAST)]
        title = "Director" if number < changed else "Analyst"
        lines.append(
            f"E{number:06d},{first},{last},{1960 + number % 40}-{number % 12 + 1:02d}-{number % 28 + 1:02d},{200 + number // 989_901:03d}{number // 9_999 % 99 + 1:02d}{number % 9_999 + 1:04d},"
            f"female,e{number}@example.com,212-555-{number % 10_000:04d},{number} Main Street,Albany,NY,12{number % 1000:03d},"
            f"{2010 + number % 15}-0{number % 9 + 1}-15,Department {number % 40:02d},Region {number % 5},{title},{50_000 + number % 1000 * 10}"
        )
    return "\n".join(lines).encode()


def _import(ground: Ground, company_id: UUID, data: bytes) -> Went:
    """Upload, check and apply as the jobs do it."""
    from app.core.db import tenant, transaction
    from app.core.events import system
    from app.people.rules.words import ImportState
    from app.people.services import imports

    with tenant(company_id):
        actor = system("bench", company_id)
        started, cpu = perf_counter(), process_time()
        with transaction() as session:
            kept = imports.upload(session, actor, data, "people.csv")
            imports.choose_columns(session, actor, kept.id, kept.mapping)
        with transaction() as session:
            work = imports.begin(session, kept.id, ImportState.CHECKING)
            assert work is not None
            for batch in work.batches():
                imports.check(session, work, batch)
            imports.checked(session, work)
        with transaction() as session:
            imports.confirm(session, actor, kept.id)
        paused = perf_counter()
        before = _updates(ground)
        started += perf_counter() - paused  # waiting for statistics is none of the import's business
        with _timed() as spent, transaction() as session:
            work = imports.begin(session, kept.id, ImportState.APPLYING)
            assert work is not None
            imports.apply(session, work, lambda _done: None)
        went = Went(perf_counter() - started, process_time() - cpu, spent[0], _updates(ground) - before)
        _assert_applied(kept.id)
    return went


def _assert_applied(import_id: UUID) -> None:
    from app.core.db import fetch, transaction
    from app.people.models import PeopleImport

    with transaction() as session:
        kept = fetch(session, PeopleImport, import_id)
        assert kept.state == "applied"
        assert not kept.rows_refused, f"{kept.rows_refused} rows refused"


def _updates(ground: Ground) -> int:
    """Row versions written by UPDATE in `employee` so far."""
    with ground.connect(ground.work) as admin:
        admin.execute("SELECT pg_stat_force_next_flush()")
        admin.execute("SELECT pg_sleep(1.1)")  # other sessions report their statistics once a second at most
        row: Any = admin.execute("SELECT n_tup_upd FROM pg_stat_user_tables WHERE relname = 'employee'").fetchone()
    return int(row[0])


@contextmanager
def _captured() -> Iterator[list[tuple[tuple[str, ...], str]]]:
    """Every line the product copies into its temporary table: what the floor writes too."""
    from app.people.services.imports import bulk

    original, kept = bulk.copy, []

    def copy(session: Any, table: str, columns: Any, lines: Any) -> None:
        listed = list(lines)
        if table == "import_rows":
            kept.append((tuple(columns), "".join(listed)))
        original(session, table, columns, listed)

    bulk.copy = copy
    try:
        yield kept
    finally:
        bulk.copy = original


@contextmanager
def _timed() -> Iterator[list[float]]:
    """Seconds inside the product's COPY and upsert of employees."""
    from sqlalchemy import event

    from app.core.db import engine
    from app.people.services.imports import bulk

    original, spent, began = bulk.copy, [0.0], [0.0]

    def copy(session: Any, table: str, columns: Any, lines: Any) -> None:
        listed = list(lines)
        started = perf_counter()
        original(session, table, columns, listed)
        spent[0] += perf_counter() - started if table == "import_rows" else 0

    def before(_c: Any, _cursor: Any, _statement: str, _p: Any, _x: Any, _m: bool) -> None:
        began[0] = perf_counter()

    def after(_c: Any, _cursor: Any, statement: str, _p: Any, _x: Any, _m: bool) -> None:
        spent[0] += perf_counter() - began[0] if statement.startswith("INSERT INTO employee ") else 0

    bulk.copy = copy
    event.listen(engine(), "before_cursor_execute", before)
    event.listen(engine(), "after_cursor_execute", after)
    try:
        yield spent
    finally:
        bulk.copy = original
        event.remove(engine(), "before_cursor_execute", before)
        event.remove(engine(), "after_cursor_execute", after)


def _copy_upsert(ground: Ground, company_id: UUID, lines: list[tuple[tuple[str, ...], str]]) -> float:
    """The floor: the same lines by COPY and one INSERT … ON CONFLICT into a table with the same indexes; no policies, no keys."""
    from app.people.services.imports.bulk import _defaults, _upsert_sql

    names = lines[0][0]
    columns, upsert = ", ".join(names), _upsert_sql(company_id, names, _defaults(names))
    for product, floor in (
        ("INTO employee ", "INTO bench_floor "),
        ("employee.", "bench_floor."),
        ("import_rows", "bench_rows"),
    ):
        upsert = upsert.replace(product, floor)
    with ground.connect(ground.work) as admin:
        admin.execute("DROP TABLE IF EXISTS bench_floor")
        admin.execute("CREATE TABLE bench_floor (LIKE employee INCLUDING INDEXES INCLUDING DEFAULTS)")
        admin.execute(f"CREATE TEMP TABLE bench_rows AS SELECT {columns} FROM employee WITH NO DATA")
        started = perf_counter()
        with admin.transaction():
            with admin.cursor().copy(f"COPY bench_rows ({columns}) FROM STDIN") as stream:
                stream.write("".join(text for _, text in lines))
            admin.execute(upsert)
        seconds = perf_counter() - started
        admin.execute("DROP TABLE bench_floor")
    return seconds
