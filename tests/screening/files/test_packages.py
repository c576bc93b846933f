"""Packages of a provider that lists none are typed, and ordered from like any others."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from app.core.access import RoleType
from app.core.db import transaction
from app.screening.models import ScreeningPackage
from tests.a11y import assert_accessible, assert_errors_linked
from tests.accounts.sign_in import sign_in_browser
from tests.feeds.pages import Visitor, admin_of
from tests.screening.files.screener import by_hand
from tests.screening.made import Employer

TYPED = "BASIC = Basic check | county_criminal, ssn_trace\nEDU = Schools | education_verification\n"


def sold() -> dict[str, tuple[str, bool, bool]]:
    with transaction() as session:
        rows = session.scalars(sa.select(ScreeningPackage).where(ScreeningPackage.checks != [])).all()
        return {row.slug: (row.name, row.criminal, row.gone_at is None) for row in rows}


def test_packages_are_typed(app: Any, employer: Employer) -> None:
    pat = Visitor(app, admin_of(employer.company_id, "pat@acme.example", (RoleType.BG_CHECK_ADMIN,)))
    url = f"/screening/packages/{employer.connection_id}"
    pat.get(url, status=404)  # Checkr lists its own
    by_hand(employer)
    assert url in pat.get(f"/connections/{employer.connection_id}")
    pat.get(url)
    pat.post(url, {"lines": TYPED}, page="/connections")
    found = sold()
    assert (found["BASIC"], found["EDU"]) == (("Basic check", True, True), ("Schools", False, True))
    assert "EDU = Schools | education_verification" in pat.get(url)
    pat.post(url, {"lines": TYPED.splitlines()[0]}, page="/connections")
    assert sold()["EDU"] == ("Schools", False, False), "it stays for the checks that used it"
    for wrong in ("BASIC", "= Name", "A = B\nA = C"):
        pat.post(url, {"lines": wrong}, 422, page="/connections")
    assert sold()["BASIC"][2]


@pytest.mark.browser
def test_the_page_is_accessible(employer: Employer, new_page: Any, live_url: str) -> None:
    by_hand(employer)
    page = new_page(phone=True)
    sign_in_browser(page, admin_of(employer.company_id, "pat@acme.example", (RoleType.BG_CHECK_ADMIN,)), live_url)
    page.goto(f"/screening/packages/{employer.connection_id}")
    assert_accessible(page)
    page.fill("textarea", "nonsense")
    page.click("main button")
    page.wait_for_selector("#error-summary")
    assert_errors_linked(page)
    assert_accessible(page)
