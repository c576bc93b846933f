"""Records that need a person: what the page shows and hides, and what each decision does."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from app.core.db import transaction
from app.core.events import AuditEvent, system
from app.people import services as people
from app.syncing.models import RecordState
from tests.accounts.pages import counted
from tests.feeds.pages import Visitor
from tests.feeds.world import run_jobs
from tests.syncing.conftest import Synced


@pytest.fixture
def doubt(synced: Synced, bamboo: Any) -> str:
    """The page of a record that has the number of somebody else; another is refused."""
    with transaction() as session:
        people.hire(
            session, system("test"), employee_number="MC-00007", first_name="Somebody", last_name="Else", hired_on=bamboo.clock.today()
        )  # fmt: skip
    bamboo.rows.get("employee", "8").facts["workEmail"] = "no address"
    synced.run()
    return f"/integrations/records/{synced.record('7').id}"


def test_a_list_and_a_record_show_why_and_cover_what_is_close(
    hr: Visitor, synced: Synced, doubt: str, link: str
) -> None:
    listed = hr.get(f"{link}/records")
    assert "Amara Osei" in listed
    assert doubt in listed
    assert "Leif Tanaka" not in listed
    assert "Work email: Enter an e-mail address" in hr.get(f"{link}/records?state=refused")
    with counted() as statements:
        page = hr.get(doubt)
    assert len([one for one in statements if not one.startswith("INSERT")]) <= 6
    assert "It is Somebody Else, number MC-00007" in page
    assert "amara.osei@maplecedar.example" in page
    number = (synced.record("7").raw or {})["ssn"]
    assert number not in page
    with transaction() as session:
        looked = sa.select(AuditEvent).where(AuditEvent.name == "syncing.record.viewed", AuditEvent.phi_accessed)
        assert len(session.scalars(looked).all()) == 1
    assert hr.client.get(f"{link}/records?state=refused&after=nonsense").status_code == 404


def test_it_is_somebody_we_know(hr: Visitor, synced: Synced, doubt: str) -> None:
    wrong = hr.post(f"{doubt}/match", {"number": "MC-99999"}, 422, page=doubt)
    assert "Nobody has this number" in wrong.get_data(as_text=True)
    taken = hr.post(f"{doubt}/match", {"number": synced.employee("11").employee_number}, 422, page=doubt)
    assert "Another record of this provider" in taken.get_data(as_text=True)
    hr.post(f"{doubt}/match", {"number": " MC-00007 "}, page=doubt)
    run_jobs(kinds=("syncing.",))
    assert synced.employee("7").first_name == "Amara"
    assert synced.count() == 28  # the other stays refused
    assert "Make a new one" not in hr.get(doubt)


def test_it_is_somebody_new_after_all(hr: Visitor, synced: Synced, bamboo: Any, doubt: str) -> None:
    bamboo.rows.get("employee", "7").facts["employeeNumber"] = "MC-70007"
    bamboo.clock.advance(400)
    bamboo.change("7", "jobTitle", "Writer")
    synced.run()
    assert synced.record("7").state == RecordState.TAKEN  # no longer a doubt: another number, nobody decided anything
    assert synced.employee("7").employee_number == "MC-70007"


def test_new_again_and_left_out(hr: Visitor, synced: Synced, bamboo: Any, doubt: str, link: str) -> None:
    hr.post(f"{doubt}/new", page=doubt)
    run_jobs(kinds=("syncing.",))
    assert synced.record("7").state == RecordState.REFUSED  # its number is taken: said, not hidden
    refused = f"/integrations/records/{synced.record('8').id}"
    hr.post(f"{refused}/again", page=refused)
    run_jobs(kinds=("syncing.",))
    assert synced.record("8").state == RecordState.REFUSED
    assert "Say why" in hr.post(f"{refused}/left-out", {"reason": " "}, 422, page=refused).get_data(as_text=True)
    hr.post(f"{refused}/left-out", {"reason": "a test account"}, page=refused)
    assert synced.record("8").state == RecordState.IGNORED
    assert "Leif Tanaka" in hr.get(f"{link}/records?state=ignored")
