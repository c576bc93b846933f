"""From the catalog to records that are kept in step, as an administrator does it, and what others may see."""

from __future__ import annotations

from typing import Any

from app.connections.models import Connection
from app.core.db import fetch, transaction
from app.syncing.models import RunState
from app.syncing.services import open_run, plan_of
from tests.accounts.pages import counted
from tests.feeds.pages import Visitor
from tests.feeds.world import run_jobs
from tests.syncing.conftest import Synced

FORM = {"frequency": "Hourly", "conflicts": "ask", "most_gone_percent": "10"}


def test_from_the_catalog_to_active(admin: Visitor, synced: Synced, link: str) -> None:
    catalog = admin.get("/integrations")
    assert f'href="{link}"' in catalog
    assert "Reads departments, positions, employees, leaves" in catalog
    page = admin.get(link)
    assert page.count("Done") == 2  # settings, connect
    assert ('id="task-3"' in page, 'id="task-4"' in page) == (True, False)  # map may begin, what follows may not
    too_early = admin.post(f"{link}/schedule", FORM | {"go": "activate"}, 422, page=f"{link}/schedule")
    assert "Rehearse first" in too_early.get_data(as_text=True)
    with transaction() as session:
        assert fetch(session, Connection, synced.connection_id).sync_frequency == "Daily"  # nothing was saved either
    run_page = admin.post(f"{link}/sync", {"what": "rehearsal"}, page=link).headers["Location"]
    assert 'hx-trigger="every 2s"' in admin.get(run_page)
    second = admin.post(f"{link}/sync", {"what": "rehearsal"}, 422, page="/integrations/health")
    assert "A sync is under way" in second.get_data(as_text=True)
    run_jobs(kinds=("syncing.",))
    told = admin.get(run_page)
    assert "every 2s" not in told
    assert "Wren Abiodun" in told
    assert "New here" in told
    assert "Department: <strong>" in told.replace("\n", "")
    assert synced.count() == 0
    admin.post(f"{link}/schedule", FORM | {"go": "activate"}, page=f"{link}/schedule")
    with transaction() as session:
        plan, row = plan_of(session, synced.connection_id), fetch(session, Connection, synced.connection_id)
        assert (plan.is_on, plan.conflicts, plan.most_gone_percent, row.sync_frequency) == (True, "ask", 10, "Hourly")
    run_jobs(kinds=("syncing.",))
    assert synced.count() == 29
    for path in ("/integrations", "/integrations/health", link, f"{link}/runs", run_page, f"{link}/mapping/employees"):
        with counted() as statements:
            admin.get(path)
        asked = [one for one in statements if not one.startswith(("INSERT", "BEGIN"))]
        assert len(asked) <= 6, (path, asked)
    assert "Kept in step" in admin.get(link)
    with transaction() as session:
        fetch(session, Connection, synced.connection_id).status = "error"
    broken = admin.get(link)
    assert "Nothing is read at the moment" in broken
    assert "Sync the changes now" not in broken
    admin.post(f"{link}/pause", page=link)
    assert "Set-up" in admin.get(link)


def test_the_catalog_is_searched_and_leads_to_a_new_connection(admin: Visitor, hr: Visitor, synced: Synced) -> None:
    found = admin.get("/integrations?q=xero")
    assert "Xero" in found
    assert "BambooHR" not in found
    assert "/connections/new?adapter=xero" in found
    assert 'value="xero" checked' in admin.get("/connections/new?adapter=xero").replace("  ", " ")
    assert "edi834/" in admin.get(
        "/integrations?q=sun life"
    )  # a known beginning of an adapter is a provider of its own
    connected = admin.get("/integrations?show=connected")
    assert ("BambooHR" in connected, "Workday" in connected) == (True, False)
    assert "Nothing fits" in admin.get("/integrations?category=hris&q=invoices")
    assert "/connections/new" not in hr.get("/integrations")


def test_a_schedule_is_checked_field_by_field(admin: Visitor, synced: Synced, link: str) -> None:
    wrong = admin.post(f"{link}/schedule", FORM | {"most_gone_percent": "101"}, 422, page=f"{link}/schedule")
    assert "Enter a percentage from 0 to 100" in wrong.get_data(as_text=True)
    admin.post(f"{link}/schedule", FORM | {"frequency": "Now and then"}, 422, page=f"{link}/schedule")
    admin.post(f"{link}/schedule", FORM, page=f"{link}/schedule")
    with transaction() as session:
        assert plan_of(session, synced.connection_id).is_on is False


def test_who_may_not_read_records_sees_fields_and_no_person(integrator: Visitor, synced: Synced, link: str) -> None:
    run = synced.run(dry=True)
    told = integrator.get(f"/integrations/runs/{run.id}")
    assert "Wren" not in told
    assert "Job title: <strong>•••</strong>" in told
    assert "Name: <strong>Engineering</strong>" in told  # a department is no person
    assert integrator.client.get(f"{link}/records").status_code == 403
    tried = integrator.get(f"{link}/mapping/employees/job_title")
    assert "Engineer" not in tried
    assert "•••" in tried


def test_who_reads_records_does_not_change_how_they_come(hr: Visitor, synced: Synced, link: str) -> None:
    page = hr.get(link)
    assert "Rehearse now" not in page
    for path in ("schedule", "mapping/employees", "mapping/employees/job_title"):
        assert hr.client.get(f"{link}/{path}").status_code == 403


def test_a_held_run_is_confirmed_and_a_failed_one_says_what_to_do(
    admin: Visitor, synced: Synced, bamboo: Any, link: str, quiet: None
) -> None:
    bamboo.seed(150)
    synced.run()
    bamboo.fault("one_page", "/api/v1/employees", times=1)
    held = synced.run()
    page = f"/integrations/runs/{held.id}"
    assert "80 records we know were not in the full list" in admin.get(page)
    admin.post(f"{page}/gone", page=page)
    assert synced.ran(held.id).state == RunState.DONE
    assert "They are really gone" not in admin.get(page)
    run_page = admin.post(f"{link}/sync", {"what": "everything"}, page=link).headers["Location"]
    from app.core.events import system
    from app.syncing.services import running

    with transaction() as session:
        under_way = open_run(session, synced.connection_id)
        assert under_way is not None
        under_way.parts = {"employees": {"mode": "full", "read": 10, "total": 40}}
    assert '<progress id="progress-1" value="10" max="40">' in admin.get(run_page)
    with transaction() as session:
        running.fail(session, system("test"), under_way.id, "records-missing")
    failed = admin.get(run_page)
    assert "without the list it describes" in failed
    assert "records-missing" in failed


def test_what_reads_nothing_has_no_page_here(admin: Visitor, synced: Synced) -> None:
    with transaction() as session:
        other = Connection(adapter="edi834", name="Evergreen", code="EVER")
        session.add(other)
    assert f'href="/connections/{other.id}"' in admin.get("/integrations")
    admin.get(f"/integrations/{other.id}", 404)
