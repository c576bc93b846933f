"""QuickBooks Online: queries to the end, change data capture and its traps, tombstones, faults, webhooks in both shapes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.integrations.adapters.quickbooks.adapter import PAGE, QuickBooksConfig
from app.integrations.adapters.quickbooks.manifest import MANIFEST
from app.integrations.failures import AuthFailed, Forbidden, Gone, NotFound, RateLimited, Rejected, ServerFailed
from app.integrations.sync.reading import Mode
from app.integrations.sync.records import Bill
from app.integrations.transports import reach
from app.integrations.webhooks.delivery import Delivery, NotBelieved
from app.integrations.webhooks.door import receive
from sandbox.vendors.core.serving import serving
from sandbox.vendors.quickbooks import BASE, CLIENT, VERIFIER, QuickBooks
from tests.integrations.adapters.books import Books, mapped, sample, vector

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def served() -> Iterator[QuickBooks]:
    with serving("quickbooks") as vendor, reach.within(reach.Reach(loopback=True)):
        assert isinstance(vendor, QuickBooks)
        yield vendor


@pytest.fixture
def vendor(served: QuickBooks) -> QuickBooks:
    served.old_events = served.begins_with_bills = False
    served.clock.set_offset(0)
    served.reset()
    return served


def opened(vendor: QuickBooks) -> Books:
    token = vendor.access.issue(CLIENT, "com.intuit.quickbooks.accounting").access
    return Books(MANIFEST, vendor, vendor.url + BASE, QuickBooksConfig(), token)


@pytest.fixture
def books(vendor: QuickBooks) -> Iterator[Books]:
    with reach.within(reach.Reach(loopback=True)):
        found = opened(vendor)
        yield found
        found.client.close()


@pytest.mark.parametrize("name", ["account", "vendor", "bill", "vendorcredit", "billpayment"])
def test_samples_become_records(name: str) -> None:
    assert MANIFEST.api is not None
    raw, ours = (
        sample("quickbooks", name),
        {"vendor": "contact", "bill": "invoice", "vendorcredit": "credit", "billpayment": "payment"},
    )
    resource = MANIFEST.api.resource(ours.get(name, name))
    found = mapped(resource, raw[resource.one]["Id"], raw[resource.one]).model_dump(exclude_none=True)
    assert found == EXPECTED[name]


EXPECTED: dict[str, dict[str, Any]] = {
    "account": {
        "remote_id": "33", "name": "Payroll liabilities:Benefits payable", "code": "2110", "kind": "Other Current Liability",
        "currency": "USD", "active": True,
    },
    "vendor": {"remote_id": "56", "name": "Aurora Health Plan"},
    "bill": {
        "remote_id": "145", "number": "AUR-2026-12", "contact": "56", "contact_name": "Aurora Health Plan", "status": Bill.OPEN,
        "issued_on": date(2026, 11, 15), "due_on": date(2026, 12, 1), "currency": "USD", "total": Decimal("18250.4"),
        "open_amount": Decimal("18250.4"), "reference": "Medical premium December",
    },
    "vendorcredit": {
        "remote_id": "149", "number": "AUR-C7", "contact": "56", "contact_name": "Aurora Health Plan", "status": Bill.PAID,
        "issued_on": date(2026, 11, 20), "currency": "USD", "total": Decimal("-512.5"), "open_amount": Decimal(0),
        "reference": "Member ended in October",
    },
    "billpayment": {
        "remote_id": "118", "invoice": "145", "paid_on": date(2026, 11, 30), "currency": "USD", "amount": Decimal("18250.4"),
        "reference": "1043", "active": True,
    },
}  # fmt: skip


def test_everything_page_after_page(vendor: QuickBooks, books: Books) -> None:
    vendor.fill(str(PAGE))
    batches = books.all("contact")
    assert [len(batch.items) for batch in batches] == [PAGE, 4]  # three carriers, one that is no longer active
    assert [batch.last for batch in batches] == [False, True]
    ids = [int(item.remote_id) for batch in batches for item in batch.items]
    assert ids == sorted(set(ids))
    asked = [one.query for one in vendor.asked(f"{BASE}/query")]
    assert f"startposition {PAGE + 1} maxresults {PAGE}" in asked[1]["query"]
    assert {one["minorversion"] for one in asked} == {"75"}
    kept = {name for batch in batches for item in batch.items for name in item.raw}
    assert kept == {"Id", "DisplayName", "Active", "MetaData"}  # of people no more than the name


def test_another_worker_goes_on_behind_the_last_page(vendor: QuickBooks, books: Books) -> None:
    vendor.fill(str(PAGE))
    first = next(books.reading("contact"))
    rest = books.all("contact", first.cursor)
    assert len(first.items) + sum(len(batch.items) for batch in rest) == PAGE + 4
    assert rest[-1].cursor["mark"] == first.cursor["until"]  # the clock of the first page, not of the last
    assert len(vendor.asked(f"{BASE}/query")) == 2


def test_an_empty_list_is_left_out_of_the_answer(books: Books) -> None:
    assert [(list(batch.items), batch.last) for batch in books.all("payment")] == [([], True)]


def test_changes_and_tombstones(vendor: QuickBooks, books: Books) -> None:
    kept, deleted = (vendor.bill("Aurora Health Plan", total, "2026-11-15") for total in ("100.10", "50"))
    before = books.all("invoice")[-1].cursor
    vendor.clock.advance(1200)
    payment = vendor.pay(kept)
    vendor.delete("Bill", deleted)
    (batch,) = books.changed("invoice", before)
    assert [(item.remote_id, item.deleted) for item in batch.items] == [(kept, False), (deleted, True)]
    assert [one.status for one in books.records("invoice", [batch])] == [Bill.PAID]
    assert batch.cursor["mark"] > before["mark"]
    (paid,) = books.records("payment", books.all("payment"))
    assert (paid.remote_id, paid.invoice, paid.amount) == (payment, kept, Decimal("100.1"))


def test_a_voided_payment_counts_no_more(vendor: QuickBooks, books: Books) -> None:
    first, second = (vendor.bill("Aurora Health Plan", "100", "2026-11-15") for _ in range(2))
    vendor.pay(f"{first} {second}")
    (both,) = books.records("payment", books.all("payment"))
    assert both.invoice is None  # one payment for two bills
    assert both.active
    vendor.void_payment(both.remote_id)
    (voided,) = books.records("payment", books.all("payment"))
    assert not voided.active
    assert [one.status for one in books.records("invoice", books.all("invoice"))] == [Bill.OPEN, Bill.OPEN]


def test_a_thousand_changes_are_not_believed(vendor: QuickBooks, books: Books) -> None:
    """The answer is full and says nothing of what it left out: the cursor must not move past it."""
    before = books.all("contact")[-1].cursor
    vendor.clock.advance(1200)
    vendor.fill("995")
    (batch,) = books.changed("contact", before)
    assert len(batch.items) == 999  # with the four there were: the window reaches back
    vendor.clock.advance(600)
    vendor.fill("1000")
    with pytest.raises(Gone, match="changes-too-many"):
        books.changed("contact", batch.cursor)
    everything = books.all("contact", before)
    assert sum(len(batch.items) for batch in everything) == 1999


def test_changes_older_than_a_month_are_not_asked_for(vendor: QuickBooks, books: Books) -> None:
    before = books.all("contact")[-1].cursor
    vendor.clock.advance(29 * 86_400 + 60)
    with pytest.raises(Gone, match="changes-kept-no-longer"):
        books.changed("contact", before)
    assert vendor.asked(f"{BASE}/cdc") == []


def test_a_first_reading_that_stopped_goes_on_whatever_is_asked(vendor: QuickBooks, books: Books) -> None:
    vendor.fill(str(PAGE))
    first = next(books.reading("contact"))
    assert len(books.all("contact", first.cursor, Mode.INCREMENTAL)[0].items) == 4


def test_one_bill_by_its_id(vendor: QuickBooks, books: Books) -> None:
    id = vendor.bill("Beacon Dental", "12.50", "2026-11-15", currency="CAD")
    resource = books.resource("invoice")
    answer = books.client.send(resource.get(id)).json()
    assert mapped(resource, id, answer[resource.one]).model_dump()["currency"] == "CAD"
    with pytest.raises(NotFound):  # a fault with status 400
        books.client.send(resource.get("999"))


@pytest.mark.parametrize(
    ("status", "failure", "code"),
    [
        (401, AuthFailed, "credentials-refused"), (403, Forbidden, "forbidden"),
        (400, Rejected, "rejected-400"), (500, ServerFailed, "server-failed-500"), (429, RateLimited, "slow-down"),
    ],
)  # fmt: skip
def test_faults(vendor: QuickBooks, books: Books, status: int, failure: type[Exception], code: str) -> None:
    vendor.fault("status", "*/query", status=status)
    with pytest.raises(failure, match=code) as met:
        books.all("account")
    if isinstance(met.value, RateLimited):  # QuickBooks does not say how long: a minute
        assert timedelta(seconds=55) < met.value.until - datetime.now(UTC) <= timedelta(seconds=60)


@pytest.mark.parametrize(
    ("status", "kind", "failure", "code"),
    [
        (200, "SystemFault", Rejected, "fault-in-answer"), (500, "ValidationFault", Rejected, "query-refused"),
    ],
)  # fmt: skip
def test_a_fault_inside_another_status(
    vendor: QuickBooks, books: Books, status: int, kind: str, failure: type[Exception], code: str
) -> None:
    body = json.dumps({"Fault": {"Error": [{"Message": "m", "code": "6190"}], "type": kind}})
    vendor.fault("status", "*/query", status=status, body=body)
    with pytest.raises(failure, match=code):
        books.all("account")


def test_the_company_let_go_of_us(vendor: QuickBooks, books: Books) -> None:
    body = json.dumps({"Fault": {"Error": [{"Message": "m", "code": "003100"}], "type": "AuthorizationFault"}})
    vendor.fault("status", "*/query", status=403, body=body)
    with pytest.raises(AuthFailed, match="company-not-connected"):
        books.all("account")


def test_it_begins_with_something_of_everything(vendor: QuickBooks, books: Books) -> None:
    vendor.begins_with_bills = True
    vendor.reset()
    books.client = opened(vendor).client
    assert {name: len(books.records(name, books.all(name))) for name in ("contact", "invoice", "credit", "payment")} == {
        "contact": 4, "invoice": 3, "credit": 1, "payment": 1
    }  # fmt: skip


def test_retry_after_comes_before_the_minute(vendor: QuickBooks, books: Books) -> None:
    vendor.fault("status", "*/query", status=429, retry_after="7")
    with pytest.raises(RateLimited) as met:
        books.all("account")
    assert met.value.until - datetime.now(UTC) <= timedelta(seconds=7)


def delivered(body: bytes, signature: str, secret: str) -> list[tuple[str, str, str]]:
    assert MANIFEST.webhooks is not None
    headers = {"intuit-signature": signature} if signature else {}
    found = receive(MANIFEST.webhooks, Delivery(headers, body), [secret], NOW)
    return [(event.id, event.subject, event.resource) for event in found.events]


def test_known_answer_of_intuit() -> None:
    known = vector("quickbooks")
    if known is None:
        pytest.skip("../shared/corpus is absent")
    body = known["body"].encode()
    ((_, subject, resource),) = delivered(body, known["signature"], known["secret"])
    assert (subject, resource) == ("1", "")  # a customer: nobody here reads them
    with pytest.raises(NotBelieved, match="signature-wrong"):
        delivered(body + b" ", known["signature"], known["secret"])
    with pytest.raises(NotBelieved, match="header-missing"):
        delivered(body, "", known["secret"])


@pytest.mark.parametrize("old", [False, True])
def test_both_shapes_of_events(vendor: QuickBooks, old: bool) -> None:
    vendor.webhooks.subscribe("https://corridor.example/webhooks/k", VERIFIER)
    vendor.old_events = old
    bill = vendor.bill("Aurora Health Plan", "1", "2026-11-15")
    (waiting,) = vendor.webhooks.waiting()
    ((id, subject, resource),) = delivered(waiting.body, vendor.sign(waiting, VERIFIER)["intuit-signature"], VERIFIER)
    assert (subject, resource) == (bill, "invoice")
    assert id.startswith("sha256:" if old else "event-")
