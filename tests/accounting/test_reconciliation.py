"""Premiums against bills over real PostgreSQL: months, currencies, what is counted, who may look."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from app.accounting import services
from app.accounting.models import AccountLink, BookBill
from app.accounting.rules import Standing, month_of
from app.accounting.services import Filters, Line, Terms
from app.core.access import RoleType
from app.core.db import transaction
from app.core.errors import Forbidden, Invalid, NotFound
from app.core.events import Actor, AuditEvent, system
from app.integrations.sync.records import Kind
from app.syncing.services import Outcome
from app.syncing.services.taking import taker_of
from tests.accounting.conftest import Books
from tests.feeds.world import START, enroll, person_actor

JAN, FEB, MAR = (date(START.year, month, 1) for month in (1, 2, 3))
QUARTER = Filters(JAN, MAR)
MEDICAL, DENTAL = "Evergreen Health Plan", "Summit Dental Inc"


def lines(filters: Filters = QUARTER) -> dict[tuple[str, date], Line]:
    with transaction() as session:
        _carriers, found = services.reconcile(session, system("test"), filters)
    return {(line.carrier, line.month): line for line in found}


def test_each_month_stands_for_itself(books: Books) -> None:
    with transaction() as session:
        books.link(session, books.world.connection, MEDICAL)
        books.bill(session, MEDICAL, "1500", JAN, status="paid", open_amount=Decimal(0))
        books.bill(session, MEDICAL, "1700", FEB)
        books.bill(session, MEDICAL, "1500.40", MAR)
        books.bill(session, MEDICAL, "99", MAR, status="void")
        books.bill(session, MEDICAL, "99", MAR, status="draft")
        books.bill(session, DENTAL, "99", MAR)  # nobody's carrier
    found = lines()
    assert [found["Evergreen Health", month].standing for month in (JAN, FEB, MAR)] == [
        Standing.MATCHED, Standing.OVER, Standing.UNPAID
    ]  # fmt: skip
    february = found["Evergreen Health", FEB]
    assert (february.people, february.expected, february.billed, february.difference) == (3, 1500, 1700, 200)
    assert (february.open_amount, february.bills) == (1700, 1)
    assert len(found) == 3


def test_two_bills_of_a_month_are_one_amount(books: Books) -> None:
    with transaction() as session:
        books.link(session, books.world.connection, MEDICAL)
        books.bill(session, MEDICAL, "1000", JAN, status="paid", open_amount=Decimal(0))
        books.bill(session, MEDICAL, "499.01", JAN + timedelta(days=20), open_amount=Decimal("100"))
    line = lines()["Evergreen Health", JAN]
    assert (line.bills, line.billed, line.open_amount, line.standing) == (2, Decimal("1499.01"), 100, Standing.UNPAID)
    assert lines()["Evergreen Health", FEB].standing is Standing.NO_BILL


def test_currencies_are_never_added(books: Books) -> None:
    with transaction() as session:
        books.link(session, books.world.connection, MEDICAL)
        books.bill(session, MEDICAL, "1500", JAN, currency="CAD")
        books.bill(session, MEDICAL, "1000", FEB, currency="CAD")
        books.bill(session, MEDICAL, "500", FEB)
        books.bill(session, MEDICAL, "1500", MAR, currency=None)  # books with a single currency say none
    found = lines()
    told = [
        (line.standing, line.billed, line.elsewhere) for line in (found["Evergreen Health", m] for m in (JAN, FEB, MAR))
    ]
    assert told == [(Standing.NO_BILL, 0, 1), (Standing.SHORT, 500, 1), (Standing.UNPAID, 1500, 0)]
    with transaction() as session:
        books.link(session, books.world.connection, MEDICAL, currency="CAD")
    assert lines()["Evergreen Health", JAN].standing is Standing.UNPAID


@pytest.mark.parametrize(("rule", "month"), [("due", FEB), ("issued", JAN), ("next", FEB)])
def test_which_month_a_bill_is_for(books: Books, rule: str, month: date) -> None:
    with transaction() as session:
        books.link(session, books.world.connection, MEDICAL, billed_for=rule)
        books.bill(session, MEDICAL, "1500", FEB, issued_on=JAN + timedelta(days=30))
        books.bill(session, MEDICAL, "1500", FEB, period_on=MAR)  # the books say it themselves
    found = lines()
    assert [key[1] for key, line in found.items() if line.bills] == [MAR, month]


def test_whose_premium_counts(books: Books) -> None:
    world, tenth = books.world, FEB + timedelta(days=9)
    with transaction() as session:
        enroll(
            session,
            world,
            world.employees[0],
            "DENTAL",
            coverage_ends_on=tenth,
            status="terminated",
            monthly_premium=Decimal(56),
        )
        enroll(session, world, world.employees[1], "DENTAL", coverage_starts_on=tenth, monthly_premium=Decimal(56))
        enroll(session, world, world.employees[2], "DENTAL", status="canceled", monthly_premium=Decimal(56))
        books.link(session, world.manual, DENTAL)
    first = lines()
    assert [first["Summit Dental", month].expected for month in (JAN, FEB, MAR)] == [56, 56, 56]
    with transaction() as session:
        books.link(session, world.manual, DENTAL, counted_by="each_day")
    each = lines()
    last = (MAR - timedelta(days=1)).day
    assert each["Summit Dental", FEB].people == 2
    assert each["Summit Dental", FEB].expected == round(Decimal(56) * (10 + last - 9) / last, 2)
    assert each["Summit Dental", MAR].expected == 56


def test_filters(books: Books) -> None:
    world = books.world
    with transaction() as session:
        enroll(session, world, world.employees[0], "DENTAL")
        books.link(session, world.connection, MEDICAL)
        books.link(session, world.manual, DENTAL)
        books.bill(session, DENTAL, "500", JAN, status="paid")
    assert list(lines(Filters(JAN, FEB))) == [
        (name, month) for month in (FEB, JAN) for name in ("Evergreen Health", "Summit Dental")
    ]  # the newest month first
    assert {name for name, _ in lines(Filters(JAN, JAN, world.manual.id))} == {"Summit Dental"}
    assert {name for name, _ in lines(Filters(JAN, JAN, status="no_bill"))} == {"Evergreen Health"}


def test_a_bill_changes_and_goes(books: Books) -> None:
    with transaction() as session:
        books.link(session, books.world.connection, MEDICAL)
        taken = [
            books.bill(session, MEDICAL, total, JAN, remote_id="7", gone=gone)
            for total, gone in (("1500", False), ("1500", False), ("1400", False), ("1400", True), ("1400", True))
        ]
    assert [one.outcome for one in taken] == [
        Outcome.MADE, Outcome.SAME, Outcome.CHANGED, Outcome.CHANGED, Outcome.SAME
    ]  # fmt: skip
    assert taken[2].changes == {"total": ["1500", "1400"], "open_amount": ["1500", "1400"]}
    assert lines()["Evergreen Health", JAN].standing is Standing.NO_BILL
    with transaction() as session:
        books.bill(session, MEDICAL, "1500", JAN, remote_id="7")
        assert len(session.scalars(sa.select(BookBill)).all()) == 1
    assert lines()["Evergreen Health", JAN].standing is Standing.UNPAID
    assert taker_of(Kind.INVOICE) is services.take_bill


def test_when_a_bill_was_paid(books: Books) -> None:
    with transaction() as session:
        books.link(session, books.world.connection, MEDICAL)
        for bill in ("7", "8"):
            books.bill(session, MEDICAL, "750", JAN, remote_id=bill, number=bill)
        books.payment(session, "7", JAN, remote_id="p")
        books.payment(session, "7", FEB)
        books.payment(session, "7", MAR, active=False)  # voided
        books.payment(session, "", MAR)  # of several bills
        again = books.payment(session, "7", JAN, remote_id="p")
        books.payment(session, "8", MAR, remote_id="q")
        books.payment(session, "8", MAR, remote_id="q", gone=True)
        found = services.look(session, system("test"), books.world.connection.id, JAN)
    assert again.outcome is Outcome.SAME
    assert {one.number: one.paid_on for one in found.bills} == {"7": FEB, "8": None}
    assert taker_of(Kind.PAYMENT) is services.take_payment


def test_a_contact_is_one_carrier(books: Books) -> None:
    world = books.world
    with transaction() as session:
        books.link(session, world.connection, MEDICAL)
        with pytest.raises(Invalid, match="another carrier"):
            books.link(session, world.manual, MEDICAL)
        books.link(session, world.connection, MEDICAL, tolerance=Decimal(5))  # again: changed, not doubled
        books.link(session, world.manual, DENTAL)
        for wrong in ({"currency": "usd"}, {"billed_for": "never"}, {"counted_by": "x"}, {"tolerance": Decimal(-1)}):
            with pytest.raises(Invalid):
                books.link(session, world.manual, DENTAL, **wrong)
        for contact in ("", "x:1", f"{books.id}:99", f"{world.connection.id}:1"):
            with pytest.raises(Invalid):
                services.link(session, system("test"), world.manual.id, Terms(contact))
        with pytest.raises(NotFound):  # no carrier
            services.link(session, system("test"), books.id, Terms(books.contacts[DENTAL]))
    with transaction() as session:
        assert sorted(row.tolerance for row in session.scalars(sa.select(AccountLink))) == [1, 5]
        services.unlink(session, system("test"), world.manual.id)
        with pytest.raises(NotFound):
            services.unlink(session, system("test"), world.manual.id)
    assert {name for name, _ in lines()} == {"Evergreen Health"}


def test_who_may_look_and_that_it_is_recorded(books: Books) -> None:
    admin, manager = person_actor(RoleType.PAYROLL_ADMIN), person_actor(RoleType.BENEFITS_MANAGER)
    narrowed = Actor(
        admin.company_id, "user", admin.user_id, None, "", {can: scope.REGION for can, scope in admin.grants.items()}
    )
    with transaction() as session:
        books.link(session, books.world.connection, MEDICAL)
        services.reconcile(session, admin, QUARTER)
        text = services.export(session, admin, QUARTER)
        for other in (manager, narrowed):
            with pytest.raises(Forbidden):
                services.reconcile(session, other, QUARTER)
        with pytest.raises(Forbidden):
            services.link(session, manager, books.world.connection.id, Terms(books.contacts[MEDICAL]))
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [(row["month"], row["premiums"], row["status"]) for row in rows] == [
        (f"{month:%Y-%m}", "1500.00", "no_bill") for month in (MAR, FEB, JAN)
    ]
    with transaction() as session:
        names = session.scalars(
            sa.select(AuditEvent.name).where(AuditEvent.name.like("accounting.%")).order_by(AuditEvent.id)
        )
        assert list(names) == [
            "accounting.link.set",
            "accounting.reconciliation.viewed",
            "accounting.reconciliation.exported",
        ]


def test_another_company_sees_nothing(books: Books) -> None:
    from uuid_utils.compat import uuid7

    from app.core.db import tenant

    with transaction() as session:
        books.link(session, books.world.connection, MEDICAL)
        books.bill(session, MEDICAL, "1500", JAN)
    with tenant(uuid7()), transaction() as session:
        assert services.reconcile(session, system("test"), QUARTER) == ([], [])
        assert month_of(JAN) == JAN
