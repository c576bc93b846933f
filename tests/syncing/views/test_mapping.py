"""The mapping editor: what is kept, what is refused, and how it looks on real records before anything is kept."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from app.connections.models import Connection
from app.core.db import fetch, transaction
from app.core.events import AuditEvent
from app.integrations.sync.reading import Mode
from app.syncing.models import SyncRun
from tests.feeds.pages import Visitor
from tests.syncing.conftest import Synced

USUAL = {"use": "usual", "path": ""}


def kept(synced: Synced) -> Connection:
    with transaction() as session:
        return fetch(session, Connection, synced.connection_id)


def test_a_field_is_tried_then_kept_then_used(admin: Visitor, synced: Synced, link: str) -> None:
    page = f"{link}/mapping/employees/job_title"
    assert "No record was read yet" in admin.get(page)
    synced.run(dry=True)
    seen = admin.get(page)
    assert "Engineer" in seen
    assert '<option value="department">' in seen  # the provider's own fields are offered
    typed = {
        "use": "path",
        "path": "department",
        "tidy": ["upper"],
        "words": "PEOPLE = HR\nSALES = Sales",
        "other_words": "Staff",
    }
    tried = admin.post(f"{page}/preview", typed, 200, page=page).get_data(as_text=True)
    assert "<strong>HR</strong>" in tried
    assert kept(synced).field_mappings == {}
    admin.post(page, typed, page=page)
    row = kept(synced)
    assert row.field_mappings == {"employees": {"job_title": "department"}}
    assert [one["do"] for one in row.transformation_rules["employees"]["job_title"]] == ["upper", "words"]
    shown = admin.get(page)
    assert 'value="path" checked' in shown.replace("  ", " ")
    assert "PEOPLE = HR" in shown
    assert "Changed by you" in admin.get(f"{link}/mapping/employees")
    synced.run(Mode.FULL)
    assert {synced.employee(one).job_title for one in ("7", "11", "20")} <= {"HR", "Sales", "Staff"}
    with transaction() as session:
        event = session.scalars(sa.select(AuditEvent).where(AuditEvent.name == "syncing.mapping.changed")).one()
        assert (event.old_values["path"], event.new_values["path"]) == (None, "department")
    admin.post(page, USUAL, page=page)
    row = kept(synced)
    assert (row.field_mappings, row.transformation_rules, row.validation_rules) == ({}, {}, {})


def test_rules_hold_a_record_back(admin: Visitor, synced: Synced, link: str) -> None:
    page = f"{link}/mapping/employees/middle_name"
    admin.post(page, USUAL | {"needed": "y", "pattern": "[A-Z].*", "one_of": "Ann\nBo"}, page=page)
    assert [one["must"] for one in kept(synced).validation_rules["employees"]["middle_name"]] == [
        "needed",
        "pattern",
        "one_of",
    ]
    run = synced.run(dry=True)
    assert run.records_failed == 30
    assert "Middle name: must be filled" in admin.get(f"/integrations/runs/{run.id}")


@pytest.mark.parametrize(
    ("name", "typed", "says"),
    [
        ("job_title", {"use": "path", "path": "a[["}, "This is no path"),
        ("job_title", {"use": "path", "path": " "}, "Enter the place"),
        ("job_title", {"use": "usual", "pattern": "("}, "This is no pattern"),
        ("job_title", {"use": "usual", "words": "Engineer"}, "with = between"),
        ("last_name", {"use": "empty"}, "Not a valid choice"),
    ],
)
def test_what_cannot_be_used_is_refused(
    admin: Visitor, synced: Synced, link: str, name: str, typed: dict[str, Any], says: str
) -> None:
    page = f"{link}/mapping/employees/{name}"
    for path in (page, f"{page}/preview"):
        assert says in admin.post(path, typed, 422, page=page).get_data(as_text=True), path
    assert kept(synced).field_mappings == {}


def test_what_nobody_needs_to_see_stays_covered_and_strange_names_are_not_found(
    admin: Visitor, synced: Synced, link: str
) -> None:
    synced.run(dry=True)
    page = admin.get(f"{link}/mapping/employees/date_of_birth")
    assert "•••" in page
    assert "19" not in page[page.index('id="tried"') :].split("</table>")[0].replace("•", "")
    admin.get(f"{link}/mapping/nothing", 404)
    admin.get(f"{link}/mapping/employees/remote_id", 404)


def test_only_the_newest_rehearsal_keeps_records(synced: Synced) -> None:
    first = synced.run(dry=True)
    assert first.samples is not None
    assert len(first.samples["employees"]) == 5
    second = synced.run(dry=True)
    with transaction() as session:
        assert fetch(session, SyncRun, first.id).samples is None
        assert fetch(session, SyncRun, second.id).samples
