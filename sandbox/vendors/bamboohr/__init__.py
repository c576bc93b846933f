"""BambooHR: API key or OAuth2, `/api/v1`, changes since a moment, signed webhooks. Written from its OpenAPI and documentation."""

from __future__ import annotations

import hashlib
import hmac
from datetime import date, timedelta
from typing import Any

from flask import Flask, Response, has_request_context, jsonify, request

from sandbox.vendors.bamboohr import people
from sandbox.vendors.bamboohr.employees import FIELDS, add_employees
from sandbox.vendors.bamboohr.hooks import add_hooks, tell
from sandbox.vendors.bamboohr.meta import add_meta
from sandbox.vendors.core import (
    Caller,
    Change,
    Client,
    Delivery,
    Description,
    OAuthRefused,
    Patch,
    Refused,
    Row,
    Vendor,
)
from sandbox.vendors.core.rows import INSERTED

KEY, CLIENT, SECRET = "bamboohr-sandbox-key", "corridor", "bamboohr-sandbox-secret"
BASE = "/api/v1"
LIST = ("paths", "/api/v1/employees", "get", "parameters")
FILTER_IDS = ("components", "schemas", "GetEmployeesFilterRequestObject", "properties", "ids")
PAGE = {
    "type": "object",
    "properties": {
        "after": {"type": "string"},
        "before": {"type": "string"},
        "limit": {"type": "integer", "minimum": 1, "maximum": 100},
    },
}
PATCHES = (
    Patch((*LIST, 3, "schema"), PAGE, "it is two shapes at once: `after` cannot be a string and an integer"),
    Patch(
        FILTER_IDS, {"type": "string"}, "of its two forms, openapi-core reads `filter[ids]=1,2` alone, which is a text"
    ),
    Patch((*LIST, 2, "explode"), False, "the words say comma-separated, the style says repeated"),
)


class BambooHR(Vendor):
    slug, name = "bamboohr", "BambooHR"
    authorize_path, token_path = "/authorize.php", "/token.php"
    description = Description("bamboohr/public.yaml", patches=PATCHES, skip=("/authorize.php", "/token.php"))
    quiet = False  # while something is written down that nobody is told of yet
    verbs = ("hire", "change", "terminate", "leave", "delete", "seed", "throttle_log")

    def setup(self) -> None:
        self.access.users[KEY] = "x"
        self.access.clients[CLIENT] = Client(SECRET)
        self.terms(refresh_scope="offline_access")
        self.later: list[tuple[str, str, tuple[str, ...]]] = []  # told of when they take effect: day, id, fields
        today = self.clock.today()
        self.rows.fill("employee", people.company(today))
        self.leave(people.ON_LEAVE, str(today - timedelta(days=10)), str(today + timedelta(days=80)))

    def routes(self, app: Flask) -> None:
        add_employees(app, self)
        add_meta(app, self)
        add_hooks(app, self)

        @app.before_request
        def whole_address() -> None:
            if request.path == self.token_path and request.args.get("request") != "token":
                raise OAuthRefused("invalid_request", "The address is /token.php?request=token.")

    def admit(self) -> Caller:
        """Lists by cursor are for OAuth alone; a token reads what its scopes allow."""
        caller = super().admit()
        if caller.how == "basic" and request.path == f"{BASE}/employees" and request.method == "GET":
            raise Refused(401, "This endpoint does not accept API keys.")
        wanted = next((scope for part, scope in SCOPES if request.path.startswith(f"{BASE}/{part}")), "")
        if caller.how == "token" and wanted and not any(scope.startswith(wanted) for scope in caller.scopes):
            raise Refused(403, f"The scope {wanted} is missing.")
        return caller

    def refusal(self, status: int, message: str = "", code: str = "") -> Response:
        """The words stand in a header; lists and webhooks have a body, too."""
        path = request.path if has_request_context() else ""
        if path == f"{BASE}/employees":
            response = jsonify(error={"code": code or "BadRequest", "message": message})
        elif path.startswith(f"{BASE}/webhooks"):
            response = jsonify(errors=[{"error": message} | ({"issues": [message]} if status == 400 else {})])
        else:
            response = Response(content_type="application/json")
        response.status_code = status
        response.headers["X-BambooHR-Error-Message"] = message or f"Error {status}"
        return response

    def on_change(self, change: Change, row: Row) -> None:
        """A created employee is told of twice: created, then updated."""
        if change.kind == "employee" and self.webhooks.hooks and not self.quiet:
            tell(self, change.action, row, change.fields)
            if change.action == INSERTED:
                tell(self, "Updated", row, change.fields)

    def sign(self, delivery: Delivery, secret: str) -> dict[str, str]:
        """HMAC-SHA256 over the body and then the timestamp, in hex."""
        at = str(int(self.clock.now().timestamp()))
        mark = hmac.digest(secret.encode(), delivery.body + at.encode(), hashlib.sha256).hex()
        return {"X-BambooHR-Timestamp": at, "X-BambooHR-Signature": mark}

    def deliver(self) -> list[Delivery]:
        """Also what was written down for a day that has come."""
        today = self.clock.today().isoformat()
        with self.lock:
            due = [one for one in self.later if one[0] <= today]
            self.later = [one for one in self.later if one[0] > today]
        for _, id, fields in due:
            if row := self.rows.get("employee", id):
                tell(self, "Updated", row, fields)
        return super().deliver()

    def token_extra(self) -> dict[str, Any]:
        return {"companyDomain": "maplecedar"}

    def hints(self) -> dict[str, str]:
        return {
            "api_url": self.url + BASE, "company": "northwind", "api_key": KEY, "client_id": CLIENT, "client_secret": SECRET,
        }  # fmt: skip

    # What happens in the company

    def hire(
        self,
        first_name: str,
        last_name: str,
        department: str = "Operations",
        hired_on: str = "",
        status: str = "Full-Time",
    ) -> str:
        """A new employee, reporting to the first; the id."""
        number, hired = len(self.rows.log) + 1, date.fromisoformat(hired_on or self.clock.today().isoformat())
        return self.rows.add(
            "employee", people.person(number, first_name, last_name, department, "1", hired, status)
        ).id

    def change(self, id: str, field: str, value: str, on: str = "") -> None:
        """One field. on: the day from which the fields of the job and the employment status hold; empty for today."""
        row, today = self._employee(id), self.clock.today().isoformat()
        table = FIELDS[field].table if field in FIELDS else ""
        if not table:
            self.rows.change("employee", id, {field: value})
            return
        day = on or today
        dated = people.at(row.facts[table], day) | {"date": day, field: value}
        rows = [one for one in row.facts[table] if one["date"] != day]
        self._write_table(row, table, sorted([*rows, dated], key=lambda one: str(one["date"])), day, field)

    def terminate(self, id: str, on: str = "") -> None:
        """Until that day the employee stays active."""
        row, day = self._employee(id), date.fromisoformat(on or self.clock.today().isoformat())
        facts = {"employmentStatus": row.facts["employmentStatus"]}
        people.end(facts, day)
        row.facts["terminationDate"] = facts["terminationDate"]
        self._write_table(row, "employmentStatus", facts["employmentStatus"], day.isoformat(), "status")

    def _write_table(self, row: Row, table: str, rows: list[dict[str, Any]], day: str, field: str) -> None:
        """A change of a later day is in the list of changes at once, and told of when it takes effect."""
        with self.lock:
            self.quiet = day > self.clock.today().isoformat()
            if self.quiet:
                self.later.append((day, row.id, (field,)))
            self.rows.change("employee", row.id, {table: rows})
            self.quiet = False

    def leave(self, id: str, start: str, end: str, type: str = "Parental Leave", status: str = "approved") -> str:
        """A request of time off; its id."""
        self._employee(id)
        return self.rows.add(
            "time_off", {"employee": id, "start": start, "end": end, "type": type, "status": status}
        ).id

    def delete(self, id: str) -> None:
        """The record is gone; a tombstone is left in the list of changes."""
        self._employee(id)
        self.rows.delete("employee", id)

    def seed(self, count: str | int) -> int:
        """So many generated employees more."""
        return self.rows.fill(
            "employee", people.generated(int(count), len(self.rows.all("employee")) + 1, self.clock.today())
        )

    def throttle_log(self, times: str | int = 1) -> None:
        """The log of a webhook says 429 inside a 200."""
        body = '{"error":{"code":429,"message":"Too many requests"}}'
        self.fault("status", f"{BASE}/webhooks/*/log", status=200, body=body, times=int(times))

    def _employee(self, id: str) -> Row:
        row = self.rows.get("employee", id)
        if row is None:
            raise ValueError(f"There is no employee {id}.")
        return row


SCOPES = (("webhooks", "webhooks"), ("time_off", "time_off"), ("meta", "field"), ("employees", "employee"))
VENDOR = BambooHR
