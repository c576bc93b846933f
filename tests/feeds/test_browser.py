"""In Chromium: both sizes without sideways scrolling, accessible, and blocks that update by themselves."""

from __future__ import annotations

from typing import Any

import pytest

from app.connections import services as connections
from app.connections.models import Connection
from app.core.db import fetch, transaction
from tests.a11y import assert_accessible
from tests.accounts.sign_in import sign_in_browser
from tests.feeds import world as w
from tests.feeds.pages import admin_of
from tests.feeds.world import World

pytestmark = pytest.mark.browser


@pytest.fixture
def told(world: World, server: Any) -> dict[str, str]:
    """Something of everything; name → address."""
    with transaction() as session:
        w.enroll(session, world, world.employees[0], "DENTAL", family=world.dependents, status="approved")
        w.note_all(session, world)
    w.ask("feeds.make_file", world.connection.id)
    file = w.files()[0]
    w.receive(world, "ack", w.ack999(file, {"0001": "A", "0002": "R", "0003": "A"}))
    w.receive(world, "c.csv", w.census(*[line for line in w.truth(world) if line[0] != "M000003"]))
    task, found = w.rows(w.services.manual.ManualTask)[0], w.discrepancies()[0]
    connection = f"/connections/{world.connection.id}"
    return {
        "files": "/feeds", "file": f"/feeds/files/{file.id}", "decoded": f"/feeds/files/{file.id}/decoded",
        "inbox": "/feeds/inbox", "census": f"/feeds/carriers/{world.connection.id}/census",
        "discrepancies": "/feeds/discrepancies", "discrepancy": f"/feeds/discrepancies/{found.id}",
        "tasks": "/feeds/manual-tasks", "task": f"/feeds/manual-tasks/{task.id}", "connections": "/connections",
        "connection": connection, "server": f"{connection}/settings/server", "delivery": f"{connection}/settings/delivery",
        "safety": f"{connection}/safety", "new": "/connections/new",
    }  # fmt: skip


@pytest.mark.parametrize("small", [False, True], ids=["desk", "phone"])
def test_every_page_fits_and_is_accessible(
    told: dict[str, str], world: World, new_page: Any, live_url: str, small: bool
) -> None:
    user = admin_of(world.company_id)
    page = new_page(phone=small)
    sign_in_browser(page, user, live_url)
    for name, address in told.items():
        assert page.goto(address).status == 200, name
        assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"), name
        assert_accessible(page)


def test_in_spanish(told: dict[str, str], world: World, new_page: Any, live_url: str) -> None:
    page = new_page()
    sign_in_browser(page, admin_of(world.company_id), live_url)
    page.goto(f"{told['discrepancy']}?lang=es")
    assert "No está inscrito en la aseguradora" in page.inner_text("main")


@pytest.mark.parametrize("js", [True, False], ids=["js", "no-js"])
def test_the_test_of_a_connection_shows_by_itself(world: World, new_page: Any, live_url: str, js: bool) -> None:
    user = admin_of(world.company_id)
    page = new_page(js=js)
    sign_in_browser(page, user, live_url)
    page.goto(f"/connections/{world.connection.id}")
    page.click("text=Test connection")
    page.wait_for_selector("text=We are trying")
    with transaction() as session:
        row = fetch(session, Connection, world.connection.id)
        connections.finish_check(session, w.person_actor(), row.id, connections.checking.Checked("ok"))
    if not js:
        page.reload()
    page.wait_for_selector("text=It works")
