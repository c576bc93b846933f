"""Uploaded employee files are destroyed after their days, and that is on record."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
import time_machine

from app.core import storage
from app.core.clock import now
from app.core.config import get_settings
from app.core.db import fetch, transaction
from app.core.errors import Conflict, NotFound
from app.core.events import AuditEvent, system
from app.core.models import StoredFile
from app.domains import load_jobs, people
from app.people.services import imports
from tests.people import files

load_jobs()


def pass_days(days: float) -> int:
    """Run the daily job's service as it is called then; returns how many files it destroyed."""
    with time_machine.travel(now() + timedelta(days=days)), transaction() as session:
        return imports.destroy_old(session, system("test"))


def state_of(kept: people.PeopleImport) -> tuple[str, bool]:
    """The import's state, and whether its bytes are there."""
    with transaction() as session:
        row = fetch(session, people.PeopleImport, kept.id)
        key = fetch(session, StoredFile, kept.file_id).storage_key
        try:
            storage.read(session, kept.file_id)
        except NotFound:
            with pytest.raises(NotFound):
                storage.blob_store().get(key)
            return row.state, False
        return row.state, True


def test_a_file_is_destroyed_when_its_days_are_over(company: UUID) -> None:
    data = files.csv_of(files.made_rows(3))
    waiting, applied = files.upload(data), files.apply(files.check(files.upload(data)))
    assert pass_days(29) == 0
    assert (state_of(waiting), state_of(applied)) == (("uploaded", True), ("applied", True))
    assert pass_days(31) == 2
    assert (state_of(waiting), state_of(applied)) == (("discarded", False), ("applied", False))
    assert pass_days(31) == 0, "once"
    with transaction() as session:
        query = sa.select(AuditEvent.new_values).where(AuditEvent.name == "people.import.destroyed")
        assert [values["days"] for values in session.scalars(query)] == [30, 30]
        assert session.scalar(sa.select(sa.func.count()).select_from(people.Employee)) == 3
        with pytest.raises(Conflict):
            imports.confirm(session, system("test"), waiting.id)


def test_a_file_that_is_being_read_waits_unless_its_job_is_gone(company: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(get_settings(), "import_file_days", 1)
    kept = files.upload(files.csv_of(files.made_rows(3)))

    def leave(state: str, **since: Any) -> None:
        with transaction() as session:
            values = {"state": state, "created_at": now() - timedelta(days=2), "updated_at": now() - timedelta(**since)}
            session.execute(sa.update(people.PeopleImport).values(**values))

    leave("applying", hours=1)
    assert pass_days(0) == 0
    leave("applying", hours=25)
    assert pass_days(0) == 1
    assert state_of(kept) == ("discarded", False)
