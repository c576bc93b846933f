"""People in a browser: accessible with and without errors, and the journeys that must work without JavaScript."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.core.access import RoleType
from app.core.db import transaction
from app.core.events import system
from app.people import services
from tests.a11y import assert_accessible, assert_errors_linked
from tests.accounts.sign_in import make_user, sign_in_browser
from tests.people import files
from tests.people.conftest import House

pytestmark = pytest.mark.browser


def hr_user(house: House, session: Any) -> Any:
    return make_user(
        session, house.company_id, email="hr@example.com", roles=[RoleType.HR_ADMIN], employee_id=house.ana
    )


def test_every_page_is_accessible(house: House, session: Any, new_page: Any, live_url: str) -> None:
    with transaction() as own:
        kid = services.add_dependent(
            own, system("t"), house.ana, first_name="Leo", last_name="Lopez", date_of_birth=date(2019, 5, 1),
            relationship="child", ssn="900123457",
        )  # fmt: skip
    rows = files.made_rows(3)
    rows[1][12] = "12"
    kept = files.check(files.upload(files.csv_of(rows)))
    user = hr_user(house, session)
    person = f"/people/{house.ana}"
    urls = [
        "/people", person, f"{person}/personal", f"{person}/work", f"{person}/end", f"{person}/ssn", "/people/new",
        f"{person}/dependents/new", f"/people/dependents/{kid.id}", f"/people/dependents/{kid.id}/end", "/people/imports",
        f"/people/imports/{kept.id}", f"/people/imports/{kept.id}/columns", "/company", "/company/places",
        "/company/departments/new", "/me", "/me/contact", "/me/dependents", "/me/dependents/new",
    ]  # fmt: skip
    for phone, scheme in ((True, "light"), (False, "dark")):
        page = new_page(phone=phone, color_scheme=scheme)
        sign_in_browser(page, user, live_url)
        for url in urls:
            page.goto(url)
            assert_accessible(page)


def test_errors_are_linked(house: House, session: Any, phone: Any, live_url: str) -> None:
    sign_in_browser(phone, hr_user(house, session), live_url)
    for url, button in (
        ("/people/new", "Add this person"),
        ("/me/dependents/new", "Add this person"),
        (f"/people/{house.ana}/ssn", "Show the number"),
        (f"/people/{house.ana}/end", "End employment"),
        ("/company/departments/new", "Save"),
        ("/people/imports", "Upload"),
    ):
        phone.goto(url)
        phone.get_by_role("button", name=button, exact=True).click()
        phone.wait_for_selector("#error-summary")
        assert_errors_linked(phone)
        assert_accessible(phone)


def test_a_file_comes_in_with_and_without_javascript(
    house: House, session: Any, either: Any, live_url: str, tmp_path: Path
) -> None:
    sign_in_browser(either, hr_user(house, session), live_url)
    file = tmp_path / "people.csv"
    file.write_bytes(files.csv_of(files.made_rows(5)))
    either.goto("/people/imports")
    either.get_by_label("Employee file").set_input_files(file)
    either.get_by_role("button", name="Upload").click()
    either.get_by_role("button", name="Check the file").click()
    either.wait_for_selector("progress")
    files.run_next(house.company_id, "people.check_import")
    either.get_by_role("link", name="Refresh").click()
    either.get_by_role("button", name="Import these rows").click()
    either.wait_for_selector("progress")
    files.run_next(house.company_id, "people.apply_import")
    either.goto(either.url)
    assert either.get_by_text("The file is imported.").is_visible()


def test_a_dependent_is_added_with_and_without_javascript(
    house: House, session: Any, either: Any, live_url: str
) -> None:
    sign_in_browser(either, hr_user(house, session), live_url)
    either.goto("/me/dependents/new")
    either.get_by_label("First name").fill("Mia")
    either.get_by_label("Last name").fill("Lopez")
    either.locator("label", has_text="Child").click()
    for part, text in (("Month", "5"), ("Day", "1"), ("Year", "2019")):
        either.get_by_label(part).fill(text)
    either.get_by_label("Or why there is none").select_option("applied")
    either.get_by_role("button", name="Add this person").click()
    either.get_by_text("Mia was added.").wait_for()
    assert either.get_by_text("Applied for, not received yet").is_visible()
