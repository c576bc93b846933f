"""The steps a person takes with an employee file: upload, say what the columns are, look at the result, apply or discard."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import storage
from app.core.access import Can, Scope
from app.core.db import fetch
from app.core.errors import Conflict, Forbidden, Invalid
from app.core.events import Actor, Sensitivity, record
from app.people.models import ImportRowError, ImportState, PeopleImport
from app.people.rules.columns import BY_FIELD, guess, missing_columns, unique_headings
from app.people.services.imports.reading import rows_of

OPEN_STATES = (ImportState.UPLOADED, ImportState.CHECKED, ImportState.FAILED)


def require_import(actor: Actor) -> None:
    """Raises Forbidden unless the actor may import for the whole company: a file may name anybody."""
    if actor.scope(Can.EMPLOYEE_IMPORT) is not Scope.ALL:
        raise Forbidden


def upload(session: Session, actor: Actor, data: bytes, name: str, *, import_id: UUID | None = None) -> PeopleImport:
    """Keep an employee file (encrypted) and guess its columns.

    Args:
        import_id: the form's one-time key; sending the form twice then keeps one file.

    Raises:
        Forbidden: the actor may not import for the whole company.
        Invalid: no CSV or Excel file, or nothing in it.
    """
    require_import(actor)
    known = session.get(PeopleImport, (actor.company_id, import_id)) if import_id is not None else None
    if known is not None:
        return known
    content_type = storage.check_upload(data, name, {"csv", "xlsx"})
    first = [cells for _, cells in islice(rows_of(data, content_type), 2)]
    if len(first) < 2:
        raise Invalid("The file needs a row of headings and at least one employee below it.")
    headings = unique_headings(first[0])
    file = storage.keep(session, data, name=name, content_type=content_type, purpose="people import")
    kept = PeopleImport(
        id=import_id, file_id=file.id, headings=headings, mapping=guess(headings), created_by_user_id=actor.user_id
    )
    session.add(kept)
    session.flush()
    _record(session, actor, "people.import.uploaded", kept, {"columns": len(headings), "bytes": len(data)})
    return kept


def choose_columns(
    session: Session, actor: Actor, import_id: UUID | str, mapping: dict[str, str], *, create_missing: bool = True
) -> PeopleImport:
    """Say which column is what, and have the file checked by a job.

    Raises:
        Invalid: a needed column is missing, or a column is used twice.
        Conflict: the file is being checked, or was applied.
    """
    require_import(actor)
    kept = fetch(session, PeopleImport, import_id, lock=True)
    if kept.state not in OPEN_STATES:
        raise Conflict
    chosen = {field: heading for field, heading in mapping.items() if heading}
    _refuse_mapping(chosen, kept.headings)
    kept.mapping, kept.create_missing, kept.state, kept.failure = chosen, create_missing, ImportState.CHECKING.value, ""
    kept.rows_done = kept.rows_total = 0
    _record(session, actor, "people.import.mapped", kept, {"mapping": chosen})
    return kept


def _refuse_mapping(mapping: dict[str, str], headings: Sequence[str]) -> None:
    problems = dict.fromkeys(missing_columns(mapping), "Choose the column that holds this")
    used: dict[str, str] = {}
    for field, heading in mapping.items():
        if field not in BY_FIELD or heading not in headings:
            problems[field] = "Choose a column of the file"
        elif heading in used:
            problems[field] = "Choose another column: this one is used already"
        used[heading] = field
    if problems:
        raise Invalid(problems)


def confirm(session: Session, actor: Actor, import_id: UUID | str) -> PeopleImport:
    """Have the checked file applied by a job. Confirming twice applies once.

    Raises:
        Conflict: the file was not checked yet, or changed meanwhile.
        Invalid: no row of it can be used.
    """
    require_import(actor)
    kept = fetch(session, PeopleImport, import_id, lock=True)
    if kept.state in (ImportState.APPLYING, ImportState.APPLIED):
        return kept
    if kept.state != ImportState.CHECKED:
        raise Conflict
    if kept.rows_new + kept.rows_changed + kept.rows_same == 0:
        raise Invalid("No row of this file can be used. Repair the rows and upload the file again.")
    kept.state, kept.rows_done, kept.confirmed_by_user_id = ImportState.APPLYING.value, 0, actor.user_id
    _record(session, actor, "people.import.confirmed", kept, counts(kept))
    return kept


def discard(session: Session, actor: Actor, import_id: UUID | str) -> PeopleImport:
    """Forget a file that was not applied.

    Raises:
        Conflict: a job is at it, or it was applied.
    """
    require_import(actor)
    kept = fetch(session, PeopleImport, import_id, lock=True)
    if kept.state == ImportState.DISCARDED:
        return kept
    if kept.state not in OPEN_STATES:
        raise Conflict
    kept.state = ImportState.DISCARDED.value
    session.execute(sa.delete(ImportRowError).where(ImportRowError.import_id == kept.id))
    _record(session, actor, "people.import.discarded", kept, {})
    return kept


def import_of(session: Session, actor: Actor, import_id: UUID | str) -> PeopleImport:
    """Raises NotFound: no such import; Forbidden: the actor may not import for the whole company."""
    require_import(actor)
    return fetch(session, PeopleImport, import_id)


def recent(session: Session, actor: Actor, limit: int = 25) -> Sequence[Any]:
    """The latest imports, newest first."""
    require_import(actor)
    columns = (
        PeopleImport.id, PeopleImport.created_at, PeopleImport.state, PeopleImport.rows_total, PeopleImport.rows_new,
        PeopleImport.rows_changed, PeopleImport.rows_same, PeopleImport.rows_refused,
    )  # fmt: skip
    query = sa.select(*columns).where(PeopleImport.company_id == actor.company_id)
    return session.connection().execute(query.order_by(PeopleImport.id.desc()).limit(limit)).all()


def refusals(session: Session, actor: Actor, import_id: UUID, limit: int = 2000) -> Sequence[Any]:
    """Row number, field and message of what cannot be used, in the order of the file."""
    require_import(actor)
    query = (
        sa.select(ImportRowError.row_number, ImportRowError.field, ImportRowError.message)
        .where(ImportRowError.company_id == actor.company_id, ImportRowError.import_id == import_id)
        .order_by(ImportRowError.row_number, ImportRowError.id)
        .limit(limit)
    )
    return session.connection().execute(query).all()


def counts(kept: PeopleImport) -> dict[str, int]:
    return {
        "rows": kept.rows_total, "new": kept.rows_new, "changed": kept.rows_changed, "same": kept.rows_same,
        "refused": kept.rows_refused,
    }  # fmt: skip


def _record(session: Session, actor: Actor, name: str, kept: PeopleImport, new: dict[str, Any]) -> None:
    record(session, actor, name, kept, new=new, sensitivity=Sensitivity.CONFIDENTIAL)
