"""The pages of integrations in a real browser: axe on every one, on a phone and a desk, in light and dark; errors tied to their fields."""

from __future__ import annotations

import os
from typing import Any

import pytest
import sqlalchemy as sa

from app.core.access import RoleType
from app.core.db import transaction
from app.core.events import system
from app.people import services as people
from app.syncing.models import SyncRun
from tests.a11y import assert_accessible
from tests.accounts.sign_in import sign_in_browser
from tests.feeds.pages import admin_of
from tests.syncing.conftest import Synced

DESK = {"viewport": {"width": 1280, "height": 800}}


@pytest.fixture
def told(synced: Synced, bamboo: Any) -> Synced:
    """Rehearsed, then read: one doubtful, one refused."""
    with transaction() as session:
        people.hire(
            session, system("test"), employee_number="MC-00007", first_name="Somebody", last_name="Else", hired_on=bamboo.clock.today()
        )  # fmt: skip
    bamboo.rows.get("employee", "8").facts["workEmail"] = "no address"
    synced.run(dry=True)
    synced.run()
    return synced


def pages(synced: Synced) -> list[str]:
    link = f"/integrations/{synced.connection_id}"
    with transaction() as session:
        ids = session.scalars(sa.select(SyncRun.id).order_by(SyncRun.id)).all()
    return [
        "/integrations", "/integrations/health", link, f"{link}/schedule", f"{link}/mapping/employees",
        f"{link}/mapping/employees/department", f"{link}/mapping/leaves/approved", f"{link}/runs", f"{link}/records?state=doubtful",
        f"/integrations/records/{synced.record('7').id}", f"/integrations/records/{synced.record('8').id}",
        *(f"/integrations/runs/{one}" for one in ids),
    ]  # fmt: skip


def shoot(page: Any, path: str, way: str) -> None:
    """Kept for whoever wants to look: SHOTS names a folder."""
    if folder := os.environ.get("SHOTS"):
        name = path.strip("/").replace("/", "-").replace("?", "-")[-60:]
        page.screenshot(path=f"{folder}/{way}-{name}.png", full_page=True)


@pytest.mark.browser
def test_every_page_on_a_phone_and_a_desk_in_light_and_dark(new_page: Any, live_url: str, told: Synced) -> None:
    user = admin_of(told.company_id, "admin@maple.example", (RoleType.BENEFITS_ADMIN,))
    paths = pages(told)
    for phone, scheme in ((True, "dark"), (False, "light")):
        page = new_page(phone=phone, color_scheme=scheme, **({} if phone else DESK))
        sign_in_browser(page, user, live_url)
        for path in paths:
            assert page.goto(path).status == 200, path
            shoot(page, path, f"{'phone' if phone else 'desk'}-{scheme}")
            assert_accessible(page)
