"""The pages of premiums and bills: what they show, refuse and need; at the size of a phone."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest
import sqlalchemy as sa

from app.accounting.models import AccountLink
from app.accounting.rules import month_of
from app.core.access import RoleType
from app.core.clock import today
from app.core.db import engine, transaction
from tests.a11y import assert_accessible
from tests.accounting.conftest import Books
from tests.accounts.sign_in import sign_in_browser
from tests.feeds.pages import Visitor, admin_of

REPORT = "/accounting/reconciliation"
MEDICAL = "Evergreen Health Plan"


@pytest.fixture
def pay(app: Any, books: Books) -> Visitor:
    return Visitor(app, admin_of(books.world.company_id, roles=(RoleType.PAYROLL_ADMIN,)))


def link(pay: Visitor, books: Books, status: int = 303, **more: Any) -> Any:
    data = {
        "contact": books.contacts[MEDICAL], "currency": "usd", "billed_for": "due", "counted_by": "first_day", "tolerance": "1.00",
    } | more  # fmt: skip
    url = f"/accounting/carriers/{books.world.connection.id}"
    return pay.post(url, data, status, page=url)


def test_from_nothing_to_the_report(pay: Visitor, books: Books) -> None:
    html = pay.get(REPORT)
    assert "No carrier is linked" in html
    assert "Not in the report yet" in html
    url = re.search(r'href="(/accounting/carriers/[^"]+)">Evergreen Health<', html)
    assert url is not None
    assert f"{MEDICAL} (Our books)" in pay.get(url[1])
    link(pay, books)
    with transaction() as session:
        this = month_of(today())
        books.bill(session, MEDICAL, "1700", this)
        books.bill(session, MEDICAL, "1500", month_of(this, -1), status="paid")
        books.bill(session, MEDICAL, "9", month_of(this, -1), currency="CAD")
    html = pay.get(REPORT)
    for shown in ("Billed too much", "$200.00", "Matched", "and 1 bill in another", f"{this:%Y-%m}"):
        assert shown in html
    assert "Matched</span>" not in pay.get(f"{REPORT}?status=over&months=3")
    assert "No premiums and no bills" in pay.get(f"{REPORT}?carrier={books.world.manual.id}")
    assert pay.get(f"{REPORT}?months=x&carrier=x&status=x")


def test_the_file(pay: Visitor, books: Books) -> None:
    link(pay, books)
    answer = pay.post("/accounting/reconciliation/export", {"months": "3"}, 200, page=REPORT)
    assert answer.mimetype == "text/csv"
    assert "premiums-and-bills" in answer.headers["Content-Disposition"]
    assert answer.get_data(as_text=True).count("Evergreen Health") == 4  # three months and the coming one


def test_a_month_in_its_parts(pay: Visitor, books: Books) -> None:
    link(pay, books)
    this = month_of(today())
    url = f"/accounting/carriers/{books.world.connection.id}/months/{this:%Y-%m}"
    assert "The books hold no bill for this month." in pay.get(url)
    with transaction() as session:
        books.bill(session, MEDICAL, "1700", this, number="AUR-1")
        books.bill(session, MEDICAL, "9", this, number="AUR-2", currency="CAD")
        books.bill(session, MEDICAL, "8", this, number="AUR-3", status="draft")
    html = pay.get(url)
    for shown in ("AUR-1", "AUR-2", "Draft", "Billed too much", "$200.00", "3 people", "Silver", "Family", "$1,000.00"):
        assert shown in html
    assert "Lopez" not in html
    assert "Nobody was covered" in pay.get(url.replace(f"{this:%Y-%m}", "2019-01"))
    for nowhere in (
        url.replace(f"{this:%Y-%m}", "2019-13"),
        url.replace(str(books.world.connection.id), str(books.world.manual.id)),
    ):
        pay.get(nowhere, 404)


def test_what_is_refused_is_told(pay: Visitor, books: Books) -> None:
    told = link(pay, books, 422, contact="", currency="dollars", tolerance="much").get_data(as_text=True)
    for shown in ("Select who the carrier is", "like 71.25"):
        assert shown in told
    assert "three letters" in link(pay, books, 422, currency="dollars").get_data(as_text=True)
    assert link(pay, books, 422, counted_by="x").status_code == 422
    link(pay, books)
    url = f"/accounting/carriers/{books.world.connection.id}"
    pay.post(f"{url}/unlink", page=url)
    with transaction() as session:
        assert session.scalars(sa.select(AccountLink)).all() == []


def test_who_may_not(app: Any, books: Books) -> None:
    visitor = Visitor(app, admin_of(books.world.company_id, roles=(RoleType.BENEFITS_MANAGER,)))
    for url in (REPORT, f"/accounting/carriers/{books.world.connection.id}"):
        visitor.get(url, 403)


def test_few_statements(pay: Visitor, books: Books) -> None:
    link(pay, books)
    pay.get(REPORT)
    carrier = f"/accounting/carriers/{books.world.connection.id}"
    for address, most in ((REPORT, 6), (carrier, 6), (f"{carrier}/months/{month_of(today()):%Y-%m}", 6)):
        seen: list[str] = []

        def note(_c: Any, _cursor: Any, statement: str, *_: Any, into: list[str] = seen) -> None:
            into.append(statement)

        sa.event.listen(engine(), "before_cursor_execute", note)
        pay.get(address)
        sa.event.remove(engine(), "before_cursor_execute", note)
        assert len(seen) <= most, "\n".join(seen)


@pytest.mark.browser
def test_both_sizes_fit_and_are_accessible(books: Books, new_page: Any, live_url: str) -> None:
    world, this = books.world, month_of(today())
    with transaction() as session:
        books.link(session, world.connection, MEDICAL)
        for back, total, paid in ((1, "1500", False), (0, "1700", False), (-1, "1500", True), (-2, "1400", True)):
            bill = {"status": "paid"} if paid else {}
            books.bill(session, MEDICAL, total, month_of(this, back), **bill)
        books.bill(session, MEDICAL, "9", month_of(this, -2), currency="CAD")
    user = admin_of(world.company_id, roles=(RoleType.PAYROLL_ADMIN,))
    for small in (True, False):
        page = new_page(phone=small)
        sign_in_browser(page, user, live_url)
        carrier = f"/accounting/carriers/{world.connection.id}"
        for address in (REPORT, carrier, f"{carrier}/months/{month_of(this, -2):%Y-%m}"):
            assert page.goto(address).status == 200
            assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
            assert_accessible(page)
            if folder := os.environ.get("SCREENS"):
                page.screenshot(path=f"{folder}/{len(address)}-{'phone' if small else 'desk'}.png", full_page=True)
