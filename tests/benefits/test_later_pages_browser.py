"""The pages around an enrollment, in a browser: readable for everybody, on a phone and at a desk."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.core.access import RoleType
from tests.a11y import assert_errors_linked
from tests.accounts.sign_in import make_user, sign_in_browser
from tests.benefits.test_standing import covered as covered
from tests.benefits.test_wizard_browser import heading, look
from tests.benefits.world import World

pytestmark = pytest.mark.browser


def test_the_employee_s_pages(phone: Any, live_url: str, session: Session, covered: World) -> None:
    assert covered.window is not None
    user = make_user(session, covered.company_id, email="ana@acme.example", employee_id=covered.ana.id)
    sign_in_browser(phone, user, live_url)
    for path, words in (
        ("/benefits/beneficiaries", "Beneficiaries"), (f"/benefits/enroll/{covered.window.id}/reminder", "Remind me later"),
        ("/notices/preferences", "How I am told"), ("/benefits", "My benefits"),
    ):  # fmt: skip
        phone.goto(path)
        heading(phone, words)
        look(phone, path.strip("/").replace("/", "-"))
    phone.goto("/benefits/beneficiaries")
    phone.get_by_label("Share in percent").first.fill("10")
    phone.get_by_role("button", name="Save").click()
    phone.locator("#error-summary").wait_for()
    assert_errors_linked(phone)


def test_hr_s_pages(desktop: Any, live_url: str, session: Session, covered: World) -> None:
    user = make_user(session, covered.company_id, email="dana@acme.example", roles=[RoleType.BENEFITS_ADMIN])
    sign_in_browser(desktop, user, live_url)
    for path, words in (
        (f"/benefits/people/{covered.ana.id}", "Coverage"), ("/benefits/enrollments?status=all", "Enrollments"),
        (f"/benefits/years/{covered.year.id}/copy", "Copy plans"), ("/benefits/years", "Plan years and open enrollment"),
        ("/company", "Company settings"),
    ):  # fmt: skip
        desktop.goto(path)
        heading(desktop, words)
        look(desktop, f"hr-{words.lower().replace(' ', '-')}")
