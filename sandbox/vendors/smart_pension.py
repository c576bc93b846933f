"""Smart Pension's Keystone: members and contributions of one company, PAPDIS files. Written from its own API description."""

from __future__ import annotations

import json
from typing import Any

from flask import Flask, Response, jsonify, request

from sandbox.vendors.core import Client, Refused, Row, Vendor

CLIENT, SECRET, COMPANY = "smart-client", "smart-secret", "1127"
BASE = f"/companies/{COMPANY}"
PERIODS = ("Weekly", "Fortnightly", "FourWeekly", "Monthly", "Quarterly", "BiAnnually", "Annually")
PRIVATE = {"date_of_birth": "1990-01-01", "national_insurance_number": "AB123456C", "authentication_token": "secret"}


class SmartPension(Vendor):
    slug, name = "smart_pension", "Smart Pension"
    authorize_path, token_path = "/oauth/authorize", "/oauth/token"
    verbs = ("join", "opt_out", "work")
    works_at_once = True  # else a file waits until `work`

    def setup(self) -> None:
        self.access.clients[CLIENT] = Client(SECRET)
        for number in (1, 2, 3):
            row = self.join(f"E-{number}", f"member{number}@example.com")
            september = {"starts_on": "2026-09-01", "ends_on": "2026-09-30", "currency": "GBP", "state": "paid"}
            self.rows.add(
                "contribution",
                {"employee_id": int(row.id), "company_amount": 30.0, "employee_amount": 50.0, **september},
            )

    def join(self, external_id: str, email: str) -> Row:
        facts = {
            "external_id": external_id,
            "email": email,
            "opt_state": "active",
            "starts_on": "2026-01-05",
            **PRIVATE,
        }
        return self.rows.add("employee", facts)

    def opt_out(self, id: str) -> None:
        self.rows.change("employee", id, {"opt_state": "opted_out"})

    def hints(self) -> dict[str, str]:
        return {"client_id": CLIENT, "client_secret": SECRET, "company_id": COMPANY, "api_url": self.url + BASE}

    def refusal(self, status: int, message: str = "", code: str = "") -> Response:
        if status >= 500:  # Keystone answers in HTML then
            return Response("<html><body>Something went wrong</body></html>", status, content_type="text/html")
        error = {"code": status, "title": message or "Refused", "error": code, "source": {"pointer": "/base"}}
        return Response(json.dumps({"errors": [error]}), status, content_type="application/json")

    def routes(self, app: Flask) -> None:
        app.get(f"{BASE}/employees")(lambda: self._listed("employee", "employees"))
        app.get(f"{BASE}/employees/<id>/opt_state")(self._opt_state)
        app.post(f"{BASE}/employees/<id>/contributions")(self._contribute)
        app.patch(f"{BASE}/employees/<id>/contributions/<number>")(self._correct)
        app.get(f"{BASE}/contributions")(lambda: self._listed("contribution", "contributions"))
        app.get(f"{BASE}/contributions/summary")(self._summary)
        app.get(f"{BASE}/imports")(lambda: self._listed("import", "imports"))
        app.post(f"{BASE}/imports")(self._import)
        app.get(f"{BASE}/imports/<id>")(lambda id: jsonify(self._shown(self._row("import", id))))
        app.get(f"{BASE}/imports/<id>/import_results")(self._results)

    def _row(self, kind: str, id: str) -> Row:
        row = self.rows.get(kind, id)
        if row is None:
            raise Refused(404, "Not found")
        return row

    def _shown(self, row: Row) -> dict[str, Any]:
        facts, only = {"id": int(row.id), **row.facts}, request.args.getlist("fields[]")
        return {name: value for name, value in facts.items() if not only or name in only}

    def _listed(self, kind: str, name: str) -> Response:
        wanted = {key[7:-1]: value for key, value in request.args.items() if key.startswith("filter[")}
        found = [
            row for row in self.rows.all(kind) if all(str(row.facts.get(key)) == value for key, value in wanted.items())
        ]
        return self._page([self._shown(row) for row in found], name)

    def _page(self, found: list[dict[str, Any]], name: str) -> Response:
        limit, offset = min(int(request.args.get("limit", 50)), 100), int(request.args.get("offset", 0))
        total = len(found) if self.more(True) else min(offset + limit, len(found))
        return jsonify(
            {"limit": limit, "offset": offset, "total": total, "links": [], name: found[offset : offset + limit]}
        )

    def _opt_state(self, id: str) -> Response:
        state = self._row("employee", id).facts["opt_state"]
        return jsonify(active=state == "active", current=state, next=None, id=int(id))

    def _contribute(self, id: str) -> tuple[Response, int]:
        person, sent = self._row("employee", id), request.get_json()
        if person.facts["opt_state"] != "active":
            raise Refused(403, "Contribution cannot be created.", "opted_out")
        if sent.get("period_type") not in PERIODS or not all(
            sent.get(name) for name in ("starts_on", "ends_on", "gross_qualifying_earnings")
        ):
            raise Refused(422, "Pay period start date is a required field.")
        own = [row.facts for row in self.rows.all("contribution") if row.facts["employee_id"] == int(id)]
        if any((one["starts_on"], one["ends_on"]) == (sent["starts_on"], sent["ends_on"]) for one in own):
            raise Refused(403, "There is a contribution for this period.")
        row = self.rows.add("contribution", {"employee_id": int(id), "currency": "GBP", "state": "unpaid", **sent})
        return jsonify(self._shown(row)), 201

    def _correct(self, id: str, number: str) -> tuple[str, int]:
        self._row("employee", id)
        self._row("contribution", number)
        self.rows.change("contribution", number, request.get_json())
        return "", 204

    def _summary(self) -> Response:
        rows = [row.facts for row in self.rows.all("contribution")]
        employer, employee = (
            round(sum(one[name] for one in rows), 2) for name in ("company_amount", "employee_amount")
        )
        return jsonify(
            payable_company_amount=employer,
            payable_employee_amount=employee,
            payable_total_amount=round(employer + employee, 2),
        )

    def _import(self) -> tuple[Response, int]:
        file = request.files.get("file")
        if file is None or request.form.get("type") != "PapdisImport":
            raise Refused(422, "File is missing.")
        data = file.read()
        bad = not data.lstrip().startswith(b"<")
        facts = {
            "state": "ignition", "file_file_name": file.filename, "type": "PapdisImport", "success_row_count": None,
            "response_errors": ["unreadable"] if bad else [], "lines": data.decode(errors="replace").count("<Employee>"),
        }  # fmt: skip
        row = self.rows.add("import", facts)
        if self.works_at_once:
            self.work()
        return jsonify(self._shown(row)), 201

    def work(self) -> None:
        """The files that wait are read; the last row of each is refused."""
        for row in self.rows.all("import"):
            if row.facts["state"] == "ignition" and not row.facts["response_errors"]:
                row.facts |= {"state": "success", "success_row_count": max(row.facts["lines"] - 1, 0)}

    def _results(self, id: str) -> Response:
        lines = self._row("import", id).facts["lines"]
        states = ["success"] * (lines - 1) + ["failed"] if lines else []
        return self._page(
            [
                {
                    "id": n,
                    "import_id": int(id),
                    "cached_external_id": f"E-{n}",
                    "operation": "manage_employee",
                    "state": state,
                }
                for n, state in enumerate(states, 1)
            ],
            "import_results",
        )


VENDOR = SmartPension
