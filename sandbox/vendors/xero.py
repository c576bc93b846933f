"""Xero: one sign-in for several organizations, pages with their count, `If-Modified-Since`, Microsoft's dates, signed webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from flask import Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.vendors.core import Caller, Change, Client, Delivery, Description, Refused, Row, Vendor
from sandbox.vendors.core.rows import INSERTED

CLIENT, SECRET, KEY = "corridor", "xero-sandbox-secret", "xero-webhook-key"
BASE = "/api.xro/2.0"
TENANT, OTHER = "fe79f7dd-b6d4-4a92-ba7b-538af6289c58", "0b7c1a3e-3f0e-4e9c-8d65-5b0d6a2f4c11"
KINDS = {
    "Accounts": "AccountID",
    "Contacts": "ContactID",
    "Invoices": "InvoiceID",
    "CreditNotes": "CreditNoteID",
    "Payments": "PaymentID",
}
SCOPES = {
    "Accounts": "settings",
    "Contacts": "contacts",
    "Invoices": "invoices",
    "CreditNotes": "invoices",
    "Payments": "payments",
}
WHERE = {
    'Type=="ACCPAYCREDIT"': ("Type", "ACCPAYCREDIT"),
    'Type=="ACCPAY"': ("Type", "ACCPAY"),
    'PaymentType=="ACCPAYPAYMENT"': ("PaymentType", "ACCPAYPAYMENT"),
}
TITLES = {401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 429: "Too Many Requests"}


class Xero(Vendor):
    slug, name = "xero", "Xero"
    authorize_path, token_path, revoke_path = "/identity/connect/authorize", "/connect/token", "/connect/revocation"
    description = Description(
        "xero/xero_accounting.yaml", base=BASE, skip=("/identity/*", "/connect/*", "/connections")
    )
    begins_with_bills = True
    verbs = ("bill", "credit", "sale", "pay", "unpay", "void", "rename", "fill", "know_more_organizations")

    def setup(self) -> None:
        self.access.clients[CLIENT] = Client(SECRET)
        self.terms(token_seconds=1800, require_pkce=True, refresh_scope="offline_access")
        self.tenants = {TENANT: "Maple & Cedar, Inc."}
        self.problem = "minute"  # what a 429 says was too much
        self.sequence = 0
        for code, name, kind in (("800", "Accounts payable", "CURRLIAB"), ("477", "Health insurance", "EXPENSE")):
            self.add("Accounts", {"Code": code, "Name": name, "Type": kind, "Status": "ACTIVE"})
        for name in ("Aurora Health Plan", "Beacon Dental", "City Power and Light"):
            self.add("Contacts", {"Name": name, "ContactStatus": "ACTIVE", "IsSupplier": True})
        self.add("Contacts", {"Name": "Old Vision Plan", "ContactStatus": "ARCHIVED", "IsSupplier": True})
        if self.begins_with_bills:
            first = self.clock.today().replace(day=1)
            paid, *_ = [
                self.bill(contact, total, str(first - timedelta(days=15)), str(first), number)
                for contact, total, number in (
                    ("Aurora Health Plan", "18250.40", "AUR-1"),
                    ("Beacon Dental", "2110.00", "BEA-1"),
                )
            ]
            self.pay(paid)
            self.credit("Aurora Health Plan", "12.00", str(first))

    def routes(self, app: Flask) -> None:
        app.add_url_rule("/connections", view_func=self.connections)
        app.add_url_rule(f"{BASE}/<kind>", view_func=self.listing)
        app.add_url_rule(f"{BASE}/<kind>/<id>", view_func=self.one)

        @app.after_request
        def clock(response: Response) -> Response:
            response.headers["Date"] = format_datetime(self.clock.now(), usegmt=True)
            return response

    def admit(self) -> Caller:
        """A token reaches the organizations it was given for, and reads what its scopes allow."""
        caller = super().admit()
        if not request.path.startswith(BASE):
            return caller
        if request.headers.get("Xero-Tenant-Id", "").lower() not in self.tenants:
            raise Refused(403, "AuthenticationUnsuccessful")
        part = SCOPES.get(request.path.removeprefix(f"{BASE}/").partition("/")[0], "")
        if part and f"accounting.{part}.read" not in caller.scopes:
            raise Refused(401, "AuthorizationUnsuccessful")
        return caller

    def refusal(self, status: int, message: str = "", _code: str = "") -> Response:
        facts = {"Type": None, "Title": TITLES.get(status, "Error"), "Status": status, "Detail": message}
        response = Response(json.dumps(facts), status, content_type="application/json")
        if status == 429:
            response.headers["X-Rate-Limit-Problem"] = self.problem
        return response

    def hints(self) -> dict[str, str]:
        return {
            "api_url": self.url,
            "client_id": CLIENT,
            "client_secret": SECRET,
            "webhook_key": KEY,
        }

    # Its API

    def connections(self) -> ResponseReturnValue:
        return jsonify(
            [
                {
                    "id": str(uuid.uuid5(ROOT, id)),
                    "tenantId": id,
                    "tenantType": "ORGANISATION",
                    "tenantName": name,
                    "authEventId": self.event_of(id),
                }
                for id, name in self.tenants.items()
            ]
        )

    def event_of(self, tenant: str) -> str:
        """The sign-in in which an organization was connected."""
        return str(uuid.uuid5(ROOT, f"event of {tenant}"))

    def listing(self, kind: str) -> ResponseReturnValue:
        found = sorted(self.wanted(kind), key=lambda row: row.id)
        if kind == "Accounts":
            return self.answer(kind, found)
        page, size = int(request.args.get("page", 1)), int(request.args.get("pageSize", 100))
        if size > 1000:
            raise Refused(400, "pageSize is larger than 1000")
        count = max(1, -(-len(found) // size))
        shown = {
            "page": page,
            "pageSize": size,
            "pageCount": count if self.more(True) else page,
            "itemCount": len(found),
        }
        return self.answer(kind, found[(page - 1) * size : page * size], shown)

    def wanted(self, kind: str) -> list[Row]:
        if kind not in KINDS:
            raise Refused(404, "The resource you're looking for cannot be found")
        name, value = WHERE.get(request.args.get("where", ""), ("", ""))
        text = request.headers.get("If-Modified-Since", "")
        since = datetime.fromisoformat(text.replace("Z", "+00:00")) if text else datetime.min.replace(tzinfo=UTC)
        archived = request.args.get("includeArchived") == "true"
        return [
            row
            for row in self.rows.all(kind)
            if row.changed_at >= since
            and (not name or row.facts.get(name) == value)
            and (archived or row.facts.get("ContactStatus") != "ARCHIVED")
        ]

    def one(self, kind: str, id: str) -> ResponseReturnValue:
        row = self.rows.get(kind, id) if kind in KINDS else None
        if row is None:
            raise Refused(404, "The resource you're looking for cannot be found")
        return self.answer(kind, [row])

    def answer(self, kind: str, rows: list[Row], pagination: dict[str, int] | None = None) -> ResponseReturnValue:
        head = {
            "Id": str(uuid.uuid4()),
            "Status": "OK",
            "ProviderName": "Corridor",
            "DateTimeUTC": moment(self.clock.now()),
        }
        paging = {"pagination": pagination} if pagination else {}
        shown = [{**row.facts, KINDS[kind]: row.id, "UpdatedDateUTC": moment(row.changed_at)} for row in rows]
        return jsonify({**head, **paging, kind: shown})

    # What it tells

    def on_change(self, change: Change, row: Row) -> None:
        if change.kind not in ("Contacts", "Invoices", "CreditNotes"):
            return
        category, verb = change.kind.upper()[:-1], "CREATE" if change.action == INSERTED else "UPDATE"
        self.sequence += 1
        event = {
            "resourceUrl": f"https://api.xero.com{BASE}/{change.kind}/{row.id}", "resourceId": row.id, "tenantId": TENANT,
            "tenantType": "ORGANISATION", "eventCategory": category, "eventType": verb,
            "eventDateUtc": change.at.replace(tzinfo=None).isoformat(timespec="milliseconds"),
        }  # fmt: skip
        sequence = {"firstEventSequence": self.sequence, "lastEventSequence": self.sequence}
        self.webhooks.emit(category, {"events": [event], **sequence, "entropy": f"ENTROPY{self.sequence:013d}"})

    def sign(self, delivery: Delivery, secret: str) -> dict[str, str]:
        mark = hmac.digest(secret.encode(), delivery.body, hashlib.sha256)
        return {"x-xero-signature": base64.b64encode(mark).decode()}

    def intend_to_receive(self) -> list[int | str]:
        """Asks every address whether it can tell signatures apart, as when it is entered: good, bad, bad; the answers."""
        body = b'{"events":[],"firstEventSequence":0,"lastEventSequence":0,"entropy":"S0m3r4Nd0mt3xt"}'
        hooks = [
            replace(hook, secret=hook.secret + wrong)
            for hook in self.webhooks.hooks.values()
            for wrong in ("", "x", "y")
        ]
        return [self.webhooks.attempt(Delivery("intent", hook, "intent", body)) for hook in hooks]

    # What happens in the books

    def add(self, kind: str, facts: dict[str, Any]) -> str:
        return self.rows.add(kind, facts, str(uuid.uuid5(ROOT, f"{kind}{len(self.rows.log)}"))).id

    def bill(
        self, contact: str, total: str, issued_on: str, due_on: str = "", number: str = "", currency: str = "USD"
    ) -> str:
        """A bill of a supplier, by its name or id; the id of the bill."""
        return self._invoice("ACCPAY", contact, total, issued_on, due_on, number, currency)

    def sale(self, contact: str, total: str, issued_on: str) -> str:
        """An invoice the company sends: nothing a reader of bills may take."""
        return self._invoice("ACCREC", contact, total, issued_on, "", "", "USD")

    def _invoice(
        self, kind: str, contact: str, total: str, issued_on: str, due_on: str, number: str, currency: str
    ) -> str:
        row = next(row for row in self.rows.all("Contacts") if contact in (row.id, row.facts["Name"]))
        amount = float(total)
        facts = {
            "Type": kind, "Contact": {"ContactID": row.id, "Name": row.facts["Name"]}, "Date": day(issued_on),
            "DueDate": day(due_on or issued_on), "Status": "AUTHORISED", "CurrencyCode": currency, "SubTotal": amount,
            "TotalTax": 0.0, "Total": amount, "AmountDue": amount, "AmountPaid": 0.0, "LineItems": [], "InvoiceNumber": number,
        }  # fmt: skip
        return self.add("Invoices", facts)

    def credit(self, contact: str, total: str, issued_on: str) -> str:
        """What a supplier gives back; the id of the credit note."""
        row = next(row for row in self.rows.all("Contacts") if contact in (row.id, row.facts["Name"]))
        facts = {
            "Type": "ACCPAYCREDIT", "Contact": {"ContactID": row.id, "Name": row.facts["Name"]}, "Date": day(issued_on),
            "Status": "AUTHORISED", "CurrencyCode": "USD", "Total": float(total), "CreditNoteNumber": "CN-1",
        }  # fmt: skip
        return self.add("CreditNotes", facts)

    def pay(self, id: str, amount: str = "", on: str = "") -> str:
        facts = next(row.facts for row in self.rows.all("Invoices") if row.id == id)
        paid = float(amount or facts["AmountDue"])
        left = round(facts["AmountDue"] - paid, 2)
        self.rows.change(
            "Invoices", id, {"AmountDue": left, "AmountPaid": paid, "Status": "AUTHORISED" if left else "PAID"}
        )
        payment = {
            "PaymentType": f"{facts['Type']}PAYMENT", "Status": "AUTHORISED", "Amount": paid, "Reference": "",
            "Date": day(on or self.clock.today().isoformat()),
            "Invoice": {"InvoiceID": id, "Type": facts["Type"], "CurrencyCode": facts["CurrencyCode"]},
        }  # fmt: skip
        return self.add("Payments", payment)

    def unpay(self, id: str) -> None:
        """Deletes a payment: it stays, with another status."""
        facts = self.rows.change("Payments", id, {"Status": "DELETED"}).facts
        row = self.rows.get("Invoices", facts["Invoice"]["InvoiceID"])
        if row is not None:
            due = row.facts["AmountDue"] + facts["Amount"]
            self.rows.change("Invoices", row.id, {"AmountDue": due, "AmountPaid": 0.0, "Status": "AUTHORISED"})

    def void(self, id: str, status: str = "VOIDED") -> None:
        """Or DELETED, for what was only a draft."""
        self.rows.change("Invoices", id, {"Status": status, "AmountDue": 0.0})

    def rename(self, id: str, name: str) -> None:
        self.rows.change("Contacts", id, {"Name": name})

    def fill(self, count: str) -> int:
        """So many suppliers at once."""
        for n in range(int(count)):
            self.add("Contacts", {"Name": f"Supplier {n}", "ContactStatus": "ACTIVE", "IsSupplier": True})
        return int(count)

    def know_more_organizations(self) -> None:
        self.tenants[OTHER] = "Maple & Cedar Canada Ltd."


ROOT = uuid.UUID("6d0a4a3e-7a0e-4c1b-9a54-8a3b1d5d2f10")


def moment(at: datetime) -> str:
    return f"/Date({int(at.timestamp() * 1000)}+0000)/"


def day(text: str) -> str:
    on = date.fromisoformat(text)
    return moment(datetime(on.year, on.month, on.day, tzinfo=UTC))


VENDOR = Xero
