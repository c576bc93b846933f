"""QuickBooks Online: queries, change data capture with its limit of 1000, tombstones, signed webhooks in both shapes.

Written from developer.intuit.com and the entity schema in `../shared/specs/quickbooks`; there is no vendor OpenAPI to judge by.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.vendors.core import Change, Client, Delivery, Refused, Row, Vendor
from sandbox.vendors.core.rows import DELETED, INSERTED

REALM, CLIENT, SECRET, VERIFIER = "9130357945907536", "corridor", "quickbooks-sandbox-secret", "quickbooks-verifier"
BASE = f"/v3/company/{REALM}"
ENTITIES = {name.lower(): name for name in ("Account", "Vendor", "Bill", "VendorCredit", "BillPayment", "CompanyInfo")}
MOST, KEEPS = 1000, timedelta(days=30)
QUERY = re.compile(
    r"select \* from (?P<entity>\w+)(?: where (?P<where>.+?))?(?: orderby (?P<order>\w+))?"
    r"(?: startposition (?P<start>\d+))?(?: maxresults (?P<most>\d+))?",
    re.IGNORECASE,
)
# Code and type of a fault by status.
FAULTS = {
    400: ("2010", "ValidationFault"), 401: ("3200", "AUTHENTICATION"), 403: ("5020", "AuthorizationFault"),
    404: ("610", "ValidationFault"), 429: ("3001", "ThrottleExceeded"), 500: ("10000", "SystemFault"),
}  # fmt: skip


class QuickBooks(Vendor):
    slug, name = "quickbooks", "QuickBooks Online"
    authorize_path, token_path, revoke_path = "/connect/oauth2", "/oauth2/v1/tokens/bearer", "/v2/oauth2/tokens/revoke"
    old_events = False  # webhooks as they were before the CloudEvents
    begins_with_bills = True
    verbs = ("bill", "credit", "pay", "void_payment", "delete", "rename", "fill")

    def setup(self) -> None:
        self.access.clients[CLIENT] = Client(SECRET)
        self.rows.add("CompanyInfo", {"CompanyName": "Maple & Cedar, Inc.", "Country": "US"}, "1")
        for name, number, kind in (
            ("Benefits payable", "2100", "Other Current Liability"), ("Health insurance", "6010", "Expense"),
            ("Accounts payable", "2000", "Accounts Payable"),
        ):  # fmt: skip
            self.rows.add(
                "Account", {"Name": name, "FullyQualifiedName": name, "AcctNum": number, "AccountType": kind, **LIST}
            )
        for name in ("Aurora Health Plan", "Beacon Dental", "City Power and Light"):
            self.rows.add("Vendor", {"DisplayName": name, "TaxIdentifier": "XX-XXX0000", **LIST})
        self.rows.add("Vendor", {"DisplayName": "Old Vision Plan", **LIST, "Active": False})
        if self.begins_with_bills:
            first = self.clock.today().replace(day=1)
            paid, *_ = [
                self.bill(vendor, total, str(first - timedelta(days=15)), str(first), number)
                for vendor, total, number in (
                    ("1", "18250.40", "AUR-1"),
                    ("2", "2110.00", "BEA-1"),
                    ("3", "77.10", "P-1"),
                )
            ]
            self.pay(paid)
            self.credit("1", "12.00", str(first))

    def routes(self, app: Flask) -> None:
        app.add_url_rule(f"{BASE}/query", view_func=self.query)
        app.add_url_rule(f"{BASE}/cdc", view_func=self.cdc)
        app.add_url_rule(f"{BASE}/<entity>/<id>", view_func=self.one)

    def refusal(self, status: int, message: str = "", code: str = "") -> Response:
        known, kind = FAULTS.get(status, ("10000", "SystemFault"))
        error = {"Message": message or kind, "Detail": message or kind, "code": code or known}
        body = json.dumps({"Fault": {"Error": [error], "type": kind}, "time": self.time()})
        # What is not there is a validation fault.
        return Response(body, 400 if status == 404 else status, content_type="application/json")

    def redirect_extra(self) -> dict[str, str]:
        return {"realmId": REALM}

    def token_extra(self) -> dict[str, Any]:
        return {"x_refresh_token_expires_in": 8_726_400}

    def hints(self) -> dict[str, str]:
        return {"api_url": self.url + BASE, "client_id": CLIENT, "client_secret": SECRET, "verifier_token": VERIFIER}

    # Its API

    def query(self) -> ResponseReturnValue:
        asked = QUERY.fullmatch(request.args.get("query", "").strip())
        if asked is None or asked["entity"].lower() not in ENTITIES:
            raise Refused(400, "QueryParserError", "4000")
        entity, most = ENTITIES[asked["entity"].lower()], int(asked["most"] or 100)
        if most > MOST:
            raise Refused(400, "maxresults is larger than 1000", "4001")
        everybody = "active in (true, false)" in (asked["where"] or "").lower()
        found = [row for row in self.rows.all(entity) if everybody or row.facts.get("Active", True)]
        found.sort(key=lambda row: int(row.id))
        start = int(asked["start"] or 1)
        page = found[start - 1 : start - 1 + most]
        answer: dict[str, Any] = {}
        if page:
            shown = [self.shown(row) for row in page]
            answer = {entity: shown, "startPosition": start, "maxResults": len(page)}
        return jsonify(QueryResponse=answer, time=self.time())

    def cdc(self) -> ResponseReturnValue:
        """Everything that changed, up to a thousand, and not a word when there was more."""
        since = datetime.fromisoformat(request.args["changedSince"].replace("Z", "+00:00")).astimezone(UTC)
        if self.clock.now() - since > KEEPS:
            raise Refused(400, "changedSince is more than 30 days ago", "2010")
        parts, left = [], MOST
        for name in request.args["entities"].split(","):
            entity = ENTITIES[name.strip().lower()]
            found = [self.changed(entity, change) for change in self.rows.latest(entity, since)][:left]
            left -= len(found)
            parts.append({entity: found, "startPosition": 1, "maxResults": len(found)} if found else {})
        return jsonify(CDCResponse=[{"QueryResponse": parts}], time=self.time())

    def one(self, entity: str, id: str) -> ResponseReturnValue:
        name = ENTITIES.get(entity, "")
        row = self.rows.get(name, id)
        if row is None:
            raise Refused(404, "Object Not Found")
        return jsonify({name: self.shown(row), "time": self.time()})

    def shown(self, row: Row) -> dict[str, Any]:
        times = {"CreateTime": self.time(row.created_at), "LastUpdatedTime": self.time(row.changed_at)}
        return {**row.facts, "Id": row.id, "SyncToken": "0", "domain": "QBO", "sparse": False, "MetaData": times}

    def changed(self, entity: str, change: Change) -> dict[str, Any]:
        row = self.rows.get(entity, change.id)
        if row is not None:
            return self.shown(row)
        return {
            "Id": change.id,
            "status": "Deleted",
            "domain": "QBO",
            "MetaData": {"LastUpdatedTime": self.time(change.at)},
        }

    def time(self, at: datetime | None = None) -> str:
        return (at or self.clock.now()).astimezone(PACIFIC).isoformat(timespec="milliseconds")

    # What it tells

    def on_change(self, change: Change, _row: Row) -> None:
        at, verb = change.at.isoformat(), {INSERTED: "created", DELETED: "deleted"}.get(change.action, "updated")
        if self.old_events:
            entity = {"name": change.kind, "id": change.id, "operation": verb.title()[:-1], "lastUpdated": at}
            payload: Any = {"eventNotifications": [{"realmId": REALM, "dataChangeEvent": {"entities": [entity]}}]}
        else:
            payload = [
                {
                    "specversion": "1.0", "id": f"event-{change.number}", "source": "intuit.sandbox", "time": at, "data": {},
                    "type": f"qbo.{change.kind.lower()}.{verb}.v1", "datacontenttype": "application/json",
                    "intuitentityid": change.id, "intuitaccountid": REALM,
                }
            ]  # fmt: skip
        self.webhooks.emit(change.kind, payload)

    def sign(self, delivery: Delivery, secret: str) -> dict[str, str]:
        mark = hmac.digest(secret.encode(), delivery.body, hashlib.sha256)
        return {"intuit-signature": base64.b64encode(mark).decode()}

    # What happens in the books

    def bill(
        self, vendor: str, total: str, issued_on: str, due_on: str = "", number: str = "", currency: str = "USD"
    ) -> str:
        """A bill of a vendor, by its name or id; the id of the bill."""
        found = next(row for row in self.rows.all("Vendor") if vendor in (row.id, row.facts["DisplayName"]))
        facts = {
            "VendorRef": {"value": found.id, "name": found.facts["DisplayName"]}, "TxnDate": issued_on,
            "DueDate": due_on or issued_on, "TotalAmt": float(total), "Balance": float(total),
            "CurrencyRef": {"value": currency}, "Line": [],
        }  # fmt: skip
        return self.rows.add("Bill", facts | ({"DocNumber": number} if number else {})).id

    def credit(self, vendor: str, total: str, issued_on: str) -> str:
        """What a vendor gives back; the id of the credit."""
        found = next(row for row in self.rows.all("Vendor") if vendor in (row.id, row.facts["DisplayName"]))
        facts = {
            "VendorRef": {"value": found.id, "name": found.facts["DisplayName"]}, "TxnDate": issued_on, "TotalAmt": float(total),
            "CurrencyRef": {"value": "USD"}, "Line": [],
        }  # fmt: skip
        return self.rows.add("VendorCredit", facts).id

    def pay(self, bills: str, on: str = "") -> str:
        """One payment for the whole of these bills (ids with blanks between); its id."""
        rows = [row for id in bills.split() if (row := self.rows.get("Bill", id))]
        lines = [{"Amount": row.facts["Balance"], "LinkedTxn": [{"TxnId": row.id, "TxnType": "Bill"}]} for row in rows]
        for row in rows:
            self.rows.change("Bill", row.id, {"Balance": 0.0})
        facts = {
            "VendorRef": rows[0].facts["VendorRef"], "TxnDate": on or self.clock.today().isoformat(), "PayType": "Check",
            "TotalAmt": sum(line["Amount"] for line in lines), "CurrencyRef": rows[0].facts["CurrencyRef"], "Line": lines,
        }  # fmt: skip
        return self.rows.add("BillPayment", facts).id

    def void_payment(self, id: str) -> None:
        row = self.rows.change("BillPayment", id, {"TotalAmt": 0.0, "PrivateNote": "Voided"})
        for line in row.facts["Line"]:
            self.rows.change("Bill", line["LinkedTxn"][0]["TxnId"], {"Balance": line["Amount"]})

    def delete(self, entity: str, id: str) -> None:
        self.rows.delete(entity, id)

    def rename(self, id: str, name: str) -> None:
        self.rows.change("Vendor", id, {"DisplayName": name})

    def fill(self, count: str) -> int:
        """So many vendors at once."""
        return self.rows.fill("Vendor", ({"DisplayName": f"Vendor {n}", **LIST} for n in range(int(count))))


LIST = {"Active": True, "CurrencyRef": {"value": "USD"}}
PACIFIC = ZoneInfo("America/Los_Angeles")

VENDOR = QuickBooks
