"""Uploaded employee files do not stay: after some days their bytes are destroyed."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import storage
from app.core.clock import now
from app.core.config import get_settings
from app.core.events import Actor, Sensitivity, record
from app.core.models import StoredFile
from app.people.models import ImportRowError, ImportState, PeopleImport

BUSY = (ImportState.CHECKING, ImportState.APPLYING)


def destroy_old(session: Session, actor: Actor, limit: int = 20) -> int:
    """Destroy files older than `IMPORT_FILE_DAYS`; one nobody applied is discarded with that. Returns how many; run until 0.

    A file that a job is reading waits; one whose job has said nothing for a day does not.
    """
    days = get_settings().import_file_days
    quiet = PeopleImport.state.not_in([state.value for state in BUSY])
    old = (
        sa.select(PeopleImport)
        .join(
            StoredFile,
            sa.and_(StoredFile.company_id == PeopleImport.company_id, StoredFile.id == PeopleImport.file_id),
        )
        .where(StoredFile.deleted_at.is_(None), PeopleImport.created_at < now() - timedelta(days=days))
        .where(quiet | (PeopleImport.updated_at < now() - timedelta(days=1)))
        .order_by(PeopleImport.id)
        .limit(limit)
        .with_for_update(of=PeopleImport, skip_locked=True)
    )
    found = session.scalars(old).all()
    for kept in found:
        storage.destroy(session, kept.file_id)
        before = kept.state
        if kept.state != ImportState.APPLIED:
            kept.state = ImportState.DISCARDED.value
            session.execute(sa.delete(ImportRowError).where(ImportRowError.import_id == kept.id))
        record(
            session, actor, "people.import.destroyed", kept, old={"state": before}, new={"state": kept.state, "days": days},
            sensitivity=Sensitivity.CONFIDENTIAL,
        )  # fmt: skip
    return len(found)
