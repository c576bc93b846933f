"""The pages of integrations in a real browser: axe on every one, on a phone and a desk, in light and dark; errors tied to their fields."""

from __future__ import annotations

import os
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from app.core.access import RoleType
from app.core.clock import today
from app.core.db import transaction
from app.core.events import system
from app.people import services as people
from app.syncing.models import IntegrationDay, SyncRun
from tests.a11y import assert_accessible, assert_errors_linked
from tests.accounts.sign_in import sign_in_browser
from tests.feeds.pages import admin_of
from tests.feeds.world import run_jobs
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
        session.add_all(
            IntegrationDay(
                connection_id=synced.connection_id,
                day_on=today() - timedelta(days=back),
                requests=100 + back,
                error_rate=Decimal(back * 7 % 5),
                availability_percentage=Decimal(100 - back * 7 % 5),
                api_response_time_ms=100 + back,
            )
            for back in range(1, 15)
        )
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
    page.goto(f"/integrations/records/{told.record('7').id}")
    page.get_by_role("button", name="It is this employee").click()
    assert_errors_linked(page)


@pytest.mark.browser
def test_from_rehearsal_to_active_on_a_phone(new_page: Any, live_url: str, synced: Synced) -> None:
    user = admin_of(synced.company_id, "admin@maple.example", (RoleType.BENEFITS_ADMIN,))
    page = new_page(phone=True)
    sign_in_browser(page, user, live_url)
    page.goto(f"/integrations/{synced.connection_id}")
    page.get_by_role("button", name="Rehearse now").click()
    page.get_by_text("It begins in a moment").wait_for()
    assert_accessible(page)
    run_jobs(kinds=("syncing.",))
    page.get_by_role("heading", name="New here").wait_for()  # by itself: the page asks every two seconds
    page.goto(f"/integrations/{synced.connection_id}/mapping/employees/job_title")
    page.get_by_label("From another place").check(force=True)
    page.get_by_label("Place in the provider's record").fill("a[[")
    page.get_by_role("button", name="Save").click()
    assert_errors_linked(page)
    assert_accessible(page)
    page.get_by_label("Place in the provider's record").fill("department")
    page.get_by_label("Place in the provider's record").blur()
    page.locator("#tried strong").first.wait_for()  # the preview follows what is typed
    page.get_by_text("What it has to be").click()
    page.get_by_text("Change the value on its way").click()
    shoot(page, "mapping-open", "phone-light")
    assert_accessible(page)
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved. The next sync").wait_for()
    page.goto(f"/integrations/{synced.connection_id}/schedule")
    page.get_by_label("How many may be missing").fill("")
    page.get_by_role("button", name="Activate").click()
    assert_errors_linked(page)
    page.get_by_label("How many may be missing").fill("5")
    page.get_by_role("button", name="Activate").click()
    page.get_by_text("Active. The first sync").wait_for()


@pytest.mark.browser
def test_a_mapping_is_tried_and_kept_without_javascript(desktop_without_js: Any, live_url: str, told: Synced) -> None:
    user = admin_of(told.company_id, "admin@maple.example", (RoleType.BENEFITS_ADMIN,))
    page = desktop_without_js
    sign_in_browser(page, user, live_url)
    page.goto(f"/integrations/{told.connection_id}/mapping/employees/job_title")
    page.get_by_label("From another place").check(force=True)
    page.get_by_label("Place in the provider's record").fill("department")
    page.get_by_role("button", name="Try it").click()
    assert page.locator("#tried strong").count() > 0
    page.get_by_role("button", name="Save").click()
    assert page.get_by_text("Saved. The next sync").is_visible()
    page.goto(f"/integrations/records/{told.record('7').id}")
    page.get_by_role("button", name="It is Somebody Else").click()
    assert page.get_by_text("Noted. The record is taken").is_visible()
