"""What people wait for: checking and applying employee files, employments that end by date, and the roles that end with them."""

from __future__ import annotations

from collections.abc import Callable

from app.accounts import services as accounts
from app.core.db import fetch
from app.core.errors import Invalid
from app.core.events import system
from app.core.jobs import Run, job
from app.integrations.sync.records import Kind
from app.people.models import Employee
from app.people.rules.words import ImportState
from app.people.services import arriving, end_employments, imports
from app.syncing.services import takes

SECONDS = 1_800

takes(Kind.EMPLOYEE, arriving.take_employee, find=arriving.find_employees)
takes(Kind.DEPARTMENT, arriving.take_department)


@job("people.check_import", on=["people.import.mapped"], timeout=SECONDS)
def check_import(run: Run) -> None:
    """The dry run: which rows are new, changed, the same, or refused. Starts over when it was killed."""
    work = _begin(run, ImportState.CHECKING)
    if work is None:
        return
    try:
        for batch in work.batches():
            with run.step() as session:
                imports.check(session, work, batch)
    except Invalid as problem:
        _fail(run, problem)
        return
    with run.finish() as session:
        imports.checked(session, work)


@job("people.apply_import", on=["people.import.confirmed"], timeout=SECONDS)
def apply_import(run: Run) -> None:
    """Every row, its audit, its intents and `done` in one transaction: a kill leaves nothing, and the next attempt everything."""
    work = _begin(run, ImportState.APPLYING)
    if work is None:
        return
    try:
        with run.finish() as session:
            imports.apply(session, work, _progress(run))
    except Invalid as problem:
        _fail(run, problem)


@job("people.end_employments", every="day")
def end_employment_days(run: Run) -> None:
    """Whose last day has passed is terminated."""
    actor = system("people.end_employments", run.company_id)
    while True:
        with run.step() as session:
            if end_employments(session, actor) == 0:
                return


@job("people.end_roles", on=["people.employee.terminated"])
def end_roles(run: Run) -> None:
    """Who leaves loses every role with the last day of work; their own benefits stay open to them."""
    with run.finish() as session:
        last_day = fetch(session, Employee, run.subject_id).terminated_on
        if last_day is not None:
            accounts.end_with_employment(session, system(run.kind, run.company_id), run.subject_id, last_day)


@job("people.destroy_imports", every="day")
def destroy_imports(run: Run) -> None:
    """Uploaded employee files older than `IMPORT_FILE_DAYS` are destroyed. Killed, it goes on with what is left."""
    actor = system("people.destroy_imports", run.company_id)
    while True:
        with run.step() as session:
            if imports.destroy_old(session, actor) == 0:
                return


def _begin(run: Run, state: ImportState) -> imports.Work | None:
    try:
        with run.step() as session:
            return imports.begin(session, run.subject_id, state)
    except Invalid as problem:
        _fail(run, problem)
        return None


def _fail(run: Run, problem: Invalid) -> None:
    with run.finish() as session:
        imports.fail(session, run.subject_id, problem)


def _progress(run: Run) -> Callable[[int], None]:
    def note(done: int) -> None:
        with run.step() as session:
            imports.note_progress(session, run.subject_id, done)

    return note
