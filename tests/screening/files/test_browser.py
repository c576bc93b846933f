"""The pages of files in Chromium: both sizes, accessible, errors tied to their fields, with JavaScript off, in Spanish."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.connections.models import InboxItem
from app.core.access import RoleType
from app.core.db import transaction
from sandbox.screening.result_file import results
from tests.a11y import assert_accessible, assert_errors_linked
from tests.accounts.sign_in import sign_in_browser
from tests.feeds.pages import admin_of
from tests.feeds.world import run_jobs
from tests.screening.files.screener import JOBS, by_hand, released, row, send
from tests.screening.made import Employer

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("small", [False, True], ids=["desk", "phone"])
def test_from_the_order_file_to_the_rows_that_were_left_out(
    employer: Employer, new_page: Any, live_url: str, tmp_path: Any, small: bool
) -> None:
    by_hand(employer)
    request_id = released(employer)
    send(employer)
    files = f"/screening/files/{employer.connection_id}"
    page = new_page(phone=small, js=not small)
    sign_in_browser(page, admin_of(employer.company_id, "pat@acme.example", (RoleType.BG_CHECK_ADMIN,)), live_url)

    def look(address: str) -> None:
        assert page.goto(address).status == 200, address
        if not small:
            assert_accessible(page)

    look("/connections/new")
    look(f"/connections/{employer.connection_id}")
    look(files)
    with page.expect_download() as taken:
        page.click("text=Download orders-")
    assert str(request_id) in taken.value.path().read_text()
    page.reload()
    page.click("text=The provider has orders-")
    page.wait_for_selector("text=The orders count as placed")
    look(f"{files}/upload")
    page.click("main button")
    page.wait_for_selector("#error-summary")
    if not small:
        assert_errors_linked(page)
        assert_accessible(page)
    rows = [row(request_id, "in_progress"), row(UUID(int=3), "complete", ref="X")]
    path = tmp_path / "r.csv"
    path.write_bytes(results([one | {"provider": "file_import"} for one in rows]))
    page.set_input_files("input[type=file]", str(path))
    page.click("main button")
    page.wait_for_selector("text=Nobody here ordered this.")
    if not small:
        assert_accessible(page)
    page.click("text=Take the results over")
    page.wait_for_selector("text=Being read")
    run_jobs(kinds=JOBS)
    with transaction() as session:
        item = session.scalars(sa.select(InboxItem)).one()
    look(f"{files}/results/{item.id}")
    look(files)
    page.goto(f"{files}/results/{item.id}?lang=es")
    assert "Nadie aquí pidió esto." in page.inner_text("main")
