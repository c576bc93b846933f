"""What the jobs do with an employee file: check it without writing an employee, or apply it in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Self
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.core import storage
from app.core.db import engine, fetch
from app.core.errors import Invalid
from app.core.events import Actor, Sensitivity, record, system
from app.core.models import StoredFile
from app.people.models import ImportRowError, ImportState, PeopleImport
from app.people.services.events import setting
from app.people.services.imports.bulk import EmployeeWriter, Prepared
from app.people.services.imports.flow import counts
from app.people.services.imports.history import HistoryWriter
from app.people.services.imports.plan import Plan, Planner
from app.people.services.imports.reading import Cells, rows_of
from app.people.services.imports.rows import RowReader

BATCH = 2_000
MOST_REFUSALS = 2_000  # kept for the person to read; beyond that only the count grows
Batch = list[tuple[int, Cells]]


@dataclass(frozen=True, slots=True)
class Work:
    """An import as a job holds it while it runs."""

    import_id: UUID
    rows: Callable[[], Iterator[tuple[int, Cells]]]
    planner: Planner
    actor: Actor
    total: int

    def batches(self) -> Iterator[Batch]:
        rows = self.rows()
        while batch := list(islice(rows, BATCH)):
            yield batch


def begin(session: Session, import_id: UUID, state: ImportState) -> Work | None:
    """Open the file of an import that waits for this state's job; None when it does not (any more).

    Raises:
        Invalid: the file cannot be read.
    """
    kept = fetch(session, PeopleImport, import_id, lock=True)
    if kept.state != state:
        return None
    data, content_type = storage.read(session, kept.file_id), fetch(session, StoredFile, kept.file_id).content_type

    def rows() -> Iterator[tuple[int, Cells]]:
        return islice(rows_of(data, content_type), 1, None)

    connection = session.connection()
    reader = RowReader(
        connection, kept.company_id, kept.mapping, kept.headings, setting(), create_missing=kept.create_missing
    )
    numbers = [reader.number(cells) for _, cells in rows()]
    planner = Planner(connection, reader, numbers)
    kept.rows_total, kept.rows_done = len(numbers), 0
    kept.rows_new = kept.rows_changed = kept.rows_same = kept.rows_refused = 0
    session.execute(sa.delete(ImportRowError).where(ImportRowError.import_id == import_id))
    actor = replace(
        system("people.import", kept.company_id), user_id=kept.confirmed_by_user_id or kept.created_by_user_id
    )
    return Work(import_id, rows, planner, actor, len(numbers))


def check(session: Session, work: Work, batch: Batch) -> None:
    """Plan one batch and note what it would do."""
    plan = work.planner.plan(session.connection(), batch)
    _note(session, work, [plan], done=len(batch))


def checked(session: Session, work: Work) -> None:
    """The dry run is over: a person looks at it."""
    fetch(session, PeopleImport, work.import_id, lock=True).state = ImportState.CHECKED.value


def apply(session: Session, work: Work, progress: Callable[[int], None]) -> None:
    """Write the whole file inside the caller's one transaction, so that a kill leaves nothing or everything.

    Args:
        progress: told the rows done; writes them by its own transaction.

    Raises:
        Conflict: somebody added one of these employees in this moment; run the whole again.
    """
    _one_at_a_time(session, work)
    employees, history = EmployeeWriter(session, work.planner), HistoryWriter(session, work.actor, work.import_id)
    plans: list[Plan] = []
    done = 0

    def write(rows: Prepared, events: list[str]) -> None:
        employees.write(rows)
        history.write(events)

    # PostgreSQL writes one batch while Python reads, checks and seals the next.
    with engine().connect() as reading, _Beside() as beside:
        for batch in work.batches():
            plan = work.planner.plan(reading, batch)
            beside.run(write, employees.prepare(plan), history.prepare(plan))
            done += len(batch)
            plans.append(_light(plan))
            progress(done)
    employees.without_absent_managers()
    _note(session, work, plans, done=done)
    kept = fetch(session, PeopleImport, work.import_id, lock=True)
    kept.state = ImportState.APPLIED.value
    record(
        session, work.actor, "people.employee.imported", kept, new=counts(kept), sensitivity=Sensitivity.CONFIDENTIAL
    )


class _Beside:
    """Runs one call at a time in a second thread; an error of it comes up at the next call or at the end."""

    def __enter__(self) -> Self:
        self._pool = ThreadPoolExecutor(1)
        self._running: Future[None] | None = None
        return self

    def run(self, call: Callable[..., None], *args: Any) -> None:
        self._wait()
        self._running = self._pool.submit(copy_context().run, call, *args)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._wait()
        finally:
            self._pool.shutdown()

    def _wait(self) -> None:
        if self._running is not None:
            self._running.result()


def fail(session: Session, import_id: UUID, problem: Invalid) -> None:
    """The file cannot be read: say so where the person looks."""
    kept = fetch(session, PeopleImport, import_id, lock=True)
    kept.state, kept.failure = ImportState.FAILED.value, str(problem)


def note_progress(session: Session, import_id: UUID, done: int) -> None:
    session.execute(sa.update(PeopleImport).where(PeopleImport.id == import_id).values(rows_done=done))


def _one_at_a_time(session: Session, work: Work) -> None:
    session.execute(
        sa.text("SELECT pg_advisory_xact_lock(hashtext('people_import'), hashtext(:company))"),
        {"company": str(work.actor.company_id)},
    )


def _light(plan: Plan) -> Plan:
    """The counts and refusals of a plan, without the people in it: a large file must not stay in memory."""
    return Plan(
        new=[_NOBODY] * len(plan.new),
        changed=[_NOBODY] * len(plan.changed),
        same=plan.same,
        refused=plan.refused,
        refusals=plan.refusals,
    )


_NOBODY: Any = None


def _note(session: Session, work: Work, plans: Sequence[Plan], *, done: int) -> None:
    kept = fetch(session, PeopleImport, work.import_id, lock=True)
    room = MOST_REFUSALS - (session.scalar(sa.select(sa.func.count()).where(ImportRowError.import_id == kept.id)) or 0)
    for plan in plans:
        kept.rows_new += len(plan.new)
        kept.rows_changed += len(plan.changed)
        kept.rows_same += plan.same
        kept.rows_refused += plan.refused
    found = [refusal for plan in plans for refusal in plan.refusals][: max(room, 0)]
    if found:
        values = [{"company_id": kept.company_id, "id": uuid7(), "import_id": kept.id, **r._asdict()} for r in found]
        session.execute(sa.insert(ImportRowError), values)
    kept.rows_done = min(kept.rows_done + done, kept.rows_total) if kept.state == ImportState.CHECKING else done
