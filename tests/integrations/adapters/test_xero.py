"""Xero: which organization, pages to the end, what changed, what is deleted, both limits, the handshake of its webhooks.

Where ../shared is, Xero's own description judges every request and every reply.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.integrations.adapters.xero.adapter import XeroConfig, day, organization
from app.integrations.adapters.xero.manifest import API, MANIFEST
from app.integrations.auth.tokens import Token
from app.integrations.failures import AuthFailed, NotFound, RateLimited, Rejected
from app.integrations.sync.reading import Mode, item_of
from app.integrations.sync.records import Bill
from app.integrations.transports import reach
from app.integrations.webhooks.delivery import Delivery, NotBelieved
from app.integrations.webhooks.door import receive
from sandbox.vendors.core import Delivery as Sent
from sandbox.vendors.core.serving import serving, vendor_class
from sandbox.vendors.xero import BASE, CLIENT, KEY, OTHER, TENANT, Xero
from tests.integrations.adapters.books import Books, mapped, sample

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
SCOPES = " ".join(getattr(API.auth, "scopes", ()))


def opened(vendor: Xero, tenant: str = TENANT, scopes: str = SCOPES) -> Books:
    """As after a sign-in: the organization came with the token."""
    access = vendor.access.issue(CLIENT, scopes).access
    return Books(MANIFEST, vendor, vendor.url, XeroConfig(), access, {"tenantId": tenant})


@pytest.fixture(scope="module")
def served() -> Iterator[Xero]:
    description = vendor_class("xero").description
    with serving("xero", referee=bool(description and description.is_here)) as vendor:
        assert isinstance(vendor, Xero)
        yield vendor


@pytest.fixture
def vendor(served: Xero) -> Iterator[Xero]:
    served.begins_with_bills = False
    served.clock.set_offset(0)
    served.reset()
    with reach.within(reach.Reach(loopback=True)):
        yield served
    served.referee.settle()


@pytest.fixture
def books(vendor: Xero) -> Iterator[Books]:
    found = opened(vendor)
    yield found
    found.client.close()


@pytest.mark.parametrize("name", ["account", "contact", "invoice", "credit", "payment"])
def test_samples_become_records(name: str) -> None:
    resource = API.resource(name)
    raw = sample("xero", name)[resource.records][0]
    found = mapped(resource, item_of(resource, raw).remote_id, raw).model_dump(exclude_none=True, exclude={"remote_id"})
    assert found == EXPECTED[name]


EXPECTED: dict[str, dict[str, Any]] = {
    "account": {"name": "Health insurance", "code": "477", "kind": "EXPENSE", "active": True},
    "contact": {"name": "Aurora Health Plan"},
    "invoice": {
        "number": "AUR-2026-12", "contact": "5cc8cf28-567e-4d43-b287-687cfcaec47c", "contact_name": "Aurora Health Plan",
        "status": Bill.OPEN, "issued_on": date(2026, 11, 15), "due_on": date(2026, 12, 1), "currency": "USD",
        "total": Decimal("18250.4"), "open_amount": Decimal("8250.4"),
    },
    "credit": {
        "number": "AUR-C7", "contact": "5cc8cf28-567e-4d43-b287-687cfcaec47c", "contact_name": "Aurora Health Plan",
        "status": Bill.OPEN, "issued_on": date(2026, 11, 20), "currency": "USD", "total": Decimal("-512.5"),
        "open_amount": Decimal(0),
    },
    "payment": {
        "invoice": "046d8a6d-1ae1-4b4d-9340-5601bdf41b87", "paid_on": date(2026, 12, 1), "currency": "USD",
        "amount": Decimal("10000.0"), "reference": "ACH 1043", "active": True,
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/Date(1539993600000+0000)/", date(2018, 10, 20)), ("/Date(-86400000+0000)/", date(1969, 12, 31)),
        ("/Date(1539993600000)/", date(2018, 10, 20)), ("2018-10-20T00:00:00", date(2018, 10, 20)), ("", None), (None, None),
    ],
)  # fmt: skip
def test_days(text: str | None, found: date | None) -> None:
    assert day("Date")({"Date": text}) == found
    with pytest.raises(ValueError, match="isoformat"):
        day("Date")({"Date": "yesterday"})


def test_everything_page_after_page(vendor: Xero, books: Books) -> None:
    vendor.fill("996")
    batches = books.all("contact")
    assert [(len(batch.items), batch.last, batch.total) for batch in batches] == [(500, False, 1000), (500, True, 1000)]
    ids = [item.remote_id for batch in batches for item in batch.items]
    assert ids == sorted(set(ids))
    asked = vendor.asked(f"{BASE}/Contacts")
    assert len(asked) == 2  # the count of pages is believed: no empty third one
    assert {one.headers["xero-tenant-id"] for one in asked} == {TENANT}


def test_another_worker_goes_on_behind_the_last_page(vendor: Xero, books: Books) -> None:
    vendor.fill("500")
    first = next(books.reading("contact"))
    (rest,) = books.all("contact", first.cursor)
    assert (len(first.items), len(rest.items)) == (500, 4)
    assert rest.cursor["mark"] == first.cursor["until"]


def test_bills_alone_and_what_became_of_them(vendor: Xero, books: Books) -> None:
    open_, paid, void, draft = (
        vendor.bill("Aurora Health Plan", "100.10", "2026-11-15", "2026-12-01", f"A-{n}") for n in range(4)
    )
    vendor.sale("City Power and Light", "7", "2026-11-15")
    vendor.credit("Aurora Health Plan", "12.50", "2026-11-20")
    assert [one.total for one in books.records("credit", books.all("credit"))] == [Decimal("-12.5")]
    before = books.all("invoice")[-1].cursor
    vendor.clock.advance(1200)
    payment = vendor.pay(paid)
    vendor.void(void)
    vendor.void(draft, "DELETED")
    (batch,) = books.all("invoice", before, Mode.INCREMENTAL)
    assert vendor.asked(f"{BASE}/Invoices")[-1].headers["if-modified-since"].endswith("Z")
    # The open one did not change; the window reaches back for writers who commit late.
    assert {item.remote_id: item.deleted for item in batch.items} == {
        open_: False,
        paid: False,
        void: False,
        draft: True,
    }
    stand = {one.remote_id: one.status for one in books.records("invoice", [batch])}
    assert stand == {open_: Bill.OPEN, paid: Bill.PAID, void: Bill.VOID}
    vendor.clock.advance(301)
    (again,) = books.all("invoice", batch.cursor, Mode.INCREMENTAL)
    (later,) = books.all("invoice", again.cursor, Mode.INCREMENTAL)
    assert [len(one.items) for one in (again, later)] == [3, 0]
    (one,) = books.records("payment", books.all("payment"))
    assert (one.remote_id, one.invoice, one.amount, one.currency) == (payment, paid, Decimal("100.1"), "USD")
    vendor.unpay(payment)
    assert [item.deleted for batch in books.all("payment") for item in batch.items] == [True]


def test_an_archived_supplier_stays(books: Books) -> None:
    assert "Old Vision Plan" in {one.name for one in books.records("contact", books.all("contact"))}
    kept = {name for batch in books.all("contact") for item in batch.items for name in item.raw}
    assert kept == {"ContactID", "Name", "ContactStatus", "UpdatedDateUTC"}  # of people no more than the name


def jwt(event: str) -> str:
    claims = base64.urlsafe_b64encode(json.dumps({"authentication_event_id": event}).encode()).rstrip(b"=").decode()
    return f"e30.{claims}.c2ln"


def test_the_organization_of_this_sign_in(vendor: Xero) -> None:
    """One token reaches every organization that was ever connected; the one a person chose now is the one."""
    books = opened(vendor, "")

    def chosen(access: str = "opaque") -> str:
        return organization(Token(access, NOW), books.client.send)

    assert chosen() == TENANT
    assert "xero-tenant-id" not in vendor.asked("/connections")[0].headers
    vendor.know_more_organizations()
    for access in ("opaque", jwt("of another"), "a.!.c", "a..c", jwt("")):
        with pytest.raises(Rejected, match="sign-in-incomplete"):
            chosen(access)
    assert chosen(jwt(vendor.event_of(OTHER))) == OTHER
    vendor.tenants.clear()
    with pytest.raises(Rejected, match="sign-in-incomplete"):
        chosen()
    books.client.close()


def test_another_organization_is_not_ours(vendor: Xero) -> None:
    books = opened(vendor, OTHER)
    with pytest.raises(AuthFailed, match="organization-not-connected"):
        books.all("account")
    books.client.close()


def test_a_token_without_the_scope(vendor: Xero) -> None:
    books = opened(vendor, scopes="offline_access accounting.settings.read")
    assert books.all("account")
    with pytest.raises(AuthFailed):
        books.all("invoice")
    books.client.close()


@pytest.mark.parametrize(
    ("problem", "code", "seconds"),
    [
        ("minute", "slow-down", 60),
        ("day", "day-limit", 3600),
        ("appminute", "app-limit", 60),
        ("concurrent", "too-many-at-once", 5),
    ],
)
def test_which_limit_it_was(vendor: Xero, books: Books, problem: str, code: str, seconds: int) -> None:
    vendor.problem = problem
    vendor.fault("status", f"{BASE}/*", status=429)
    with pytest.raises(RateLimited, match=code) as met:
        books.all("account")
    assert timedelta(seconds=seconds - 5) < met.value.until - datetime.now(UTC) <= timedelta(seconds=seconds)
    vendor.fault("status", f"{BASE}/*", status=429, retry_after="66975")
    with pytest.raises(RateLimited) as met:
        books.all("account")
    assert met.value.until - datetime.now(UTC) > timedelta(hours=18)


def test_one_of_them(vendor: Xero, books: Books) -> None:
    bill, sale = vendor.bill("Beacon Dental", "1", "2026-11-15"), vendor.sale("Beacon Dental", "1", "2026-11-15")
    resource = books.resource("invoice")
    found = [item_of(resource, books.client.send(resource.get(id)).json()["Invoices"][0]) for id in (bill, sale)]
    assert [item.deleted for item in found] == [False, True]  # what the company sells is nobody's bill
    with pytest.raises(NotFound):
        books.client.send(resource.get(TENANT))


def delivered(body: bytes, headers: dict[str, str]) -> list[tuple[str, str, str]]:
    assert MANIFEST.webhooks is not None
    found = receive(MANIFEST.webhooks, Delivery(headers, body), [KEY], NOW)
    assert (found.response.status, found.response.body) == (200, "")
    return [(event.id, event.subject, event.resource) for event in found.events]


def test_events(vendor: Xero) -> None:
    vendor.webhooks.subscribe("https://corridor.example/webhooks/k", KEY)
    bill = vendor.bill("Aurora Health Plan", "1", "2026-11-15")
    (waiting,) = vendor.webhooks.waiting()
    signature = vendor.sign(waiting, KEY)
    ((id, subject, resource),) = delivered(waiting.body, signature)
    assert (subject, resource) == (bill, "invoice")
    assert id.startswith(f"{TENANT}:{bill}:CREATE:")
    for wrong in ({}, vendor.sign(waiting, KEY + "x"), {"x-xero-signature": "☺"}):
        with pytest.raises(NotBelieved):
            delivered(waiting.body, wrong)
    again = json.dumps(json.loads(waiting.body)).encode()  # the same JSON, other bytes
    with pytest.raises(NotBelieved, match="signature-wrong"):
        delivered(again, signature)


def test_intent_to_receive(vendor: Xero) -> None:
    """Good and bad signatures of nothing at all; the sample of Xero's description as well."""
    hook = vendor.webhooks.subscribe("https://corridor.example/webhooks/k", KEY)
    body = b'{"events":[],"firstEventSequence":0,"lastEventSequence":0,"entropy":"S0m3r4Nd0mt3xt"}'
    waiting = Sent("1", hook, "INVOICE", body)
    assert delivered(body, vendor.sign(waiting, KEY)) == []
    with pytest.raises(NotBelieved, match="signature-wrong"):
        delivered(body, vendor.sign(waiting, "another"))
    events = json.dumps(sample("xero", "events")).encode()
    signed = vendor.sign(Sent("2", hook, "INVOICE", events), KEY)
    assert [one[2] for one in delivered(events, signed)] == ["invoice"]
