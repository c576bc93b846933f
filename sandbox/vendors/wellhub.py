"""Wellhub: people, and jobs that say who may use it. Written from its own API description."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from flask import Flask, Response, jsonify, request

from sandbox.vendors.core import Client, Refused, Row, Vendor

CLIENT, SECRET, TAX_ID = "wellhub-client", "wellhub-secret", "12-3456789"
OPERATIONS = ("CREATE", "UPDATE", "DELETE")
PAGE = 50


class Wellhub(Vendor):
    slug, name = "wellhub", "Wellhub"
    token_path = "/oauth/token"
    verbs = ("join", "work")
    works_at_once = True  # else a job waits until `work`
    several_companies = False

    def setup(self) -> None:
        self.terms(token_seconds=300)
        self.access.clients[CLIENT] = Client(SECRET)
        for number in (1, 2, 3):
            self.join(f"p-{number}", f"person{number}@example.com", f"Person {number} Example")

    def join(self, employee_id: str, email: str, full_name: str) -> Row:
        facts = {
            "employee_id": employee_id,
            "email": email,
            "full_name": full_name,
            "invitation_status": "accepted",
            "deleted_at": None,
        }
        return self.rows.add("person", facts)

    def hints(self) -> dict[str, str]:
        return {"client_id": CLIENT, "client_secret": SECRET, "company_tax_id": TAX_ID}

    def refusal(self, status: int, message: str = "", code: str = "") -> Response:
        said = {"error": message or code or "refused", "trace_id": "trace-1"}
        return Response(json.dumps(said), status, content_type="application/json")

    def routes(self, app: Flask) -> None:
        app.get("/v1/employees")(self._people)
        app.get("/v1/companies/<path:tax_id>/employees")(self._people)
        app.post("/v1/eligibility/jobs")(self._create)
        app.post("/v1/eligibility/jobs/<job_id>/items")(self._fill)
        app.get("/v1/eligibility/jobs/<job_id>/items")(self._items)
        app.post("/v1/eligibility/jobs/<job_id>/submit")(self._submit)
        app.get("/v1/eligibility/jobs/<job_id>/status")(self._status)
        app.get("/v1/eligibility/jobs/<job_id>/errors")(self._errors)

    def _people(self, tax_id: str = "") -> Response:
        if bool(tax_id) != self.several_companies:
            raise Refused(400, "operation not available")
        if tax_id not in ("", TAX_ID):
            raise Refused(404, "no company found")
        return self._page([{"id": f"wh-{row.id}", **row.facts} for row in self.rows.all("person")])

    def _page(self, found: list[dict[str, Any]]) -> Response:
        start = int(request.args.get("cursor", "0"), 16)
        more = self.more(start + PAGE < len(found))
        return jsonify(data=found[start : start + PAGE], cursor=f"{start + PAGE:x}" if more else None)

    def _create(self) -> tuple[Response, int]:
        job = self.rows.add(
            "job", {"status": "PENDING", "submitted": False, "items": [], "errors": [], "done": [0, 0, 0]}, str(uuid4())
        )
        return jsonify(id=job.id), 201

    def _job(self, job_id: str) -> Row:
        job = self.rows.get("job", job_id)
        if job is None:
            raise Refused(404, "no job found")
        return job

    def _fill(self, job_id: str) -> tuple[str, int]:
        job, items = self._job(job_id), request.get_json()
        if not isinstance(items, list) or not 1 <= len(items) <= 500:
            raise Refused(400, "empty body or more than 500 items")
        if any(one.get("operation") not in OPERATIONS or not one.get("company_tax_id") for one in items):
            raise Refused(400, "validation error")
        if job.facts["submitted"]:
            raise Refused(422, "the job is submitted")
        for one in items:
            job.facts["items"].append(
                {"id": str(uuid4()), "job_id": job_id, "change_number": len(job.facts["items"]) + 1, **one}
            )
        return "", 204

    def _items(self, job_id: str) -> Response:
        return self._page(self._job(job_id).facts["items"])

    def _submit(self, job_id: str) -> tuple[str, int]:
        job = self._job(job_id)
        if job.facts["submitted"]:
            raise Refused(409, "the job has already been submitted")
        if not job.facts["items"]:
            raise Refused(422, "the job has no items")
        job.facts |= {"submitted": True, "status": "VALIDATING"}
        if self.works_at_once:
            self.work()
        return "", 202

    def _status(self, job_id: str) -> Response:
        job = self._job(job_id).facts
        newcomers, leavers, updaters = job["done"]
        statistics = {"newcomers": newcomers, "leavers": leavers, "updaters": updaters}
        return jsonify(id=job_id, status=job["status"], updated_at=self.clock.now().isoformat(), statistics=statistics)

    def _errors(self, job_id: str) -> Response:
        return self._page(self._job(job_id).facts["errors"])

    def work(self) -> None:
        """The jobs that wait are done."""
        with self.lock:
            for job in self.rows.all("job"):
                if job.facts["status"] == "VALIDATING":
                    for item in job.facts["items"]:
                        self._apply(job, item)
                    job.facts["status"] = "SUCCEEDED_WITH_ERRORS" if job.facts["errors"] else "SUCCEEDED"

    def _apply(self, job: Row, item: dict[str, Any]) -> None:
        there = [
            row
            for row in self.rows.all("person")
            if row.facts["employee_id"] == item.get("employee_id") and not row.facts["deleted_at"]
        ]
        kind = OPERATIONS.index(item["operation"])
        if bool(there) == (kind == 0) or (kind != 2 and "@" not in item.get("email", "")):
            word = "ALREADY_EXISTS" if there and kind == 0 else "NOT_FOUND" if kind else "INVALID_EMAIL"
            error = {
                "change_number": item["change_number"],
                "error_type": word,
                "field_name": "email",
                "field_value": item.get("email"),
            }
            job.facts["errors"].append({**error, "company_tax_id": item["company_tax_id"], "recovered_by": None})
            return
        if kind == 0:
            self.join(item["employee_id"], item["email"], item["full_name"])
        elif kind == 1:
            self.rows.change("person", there[0].id, {"email": item["email"], "full_name": item["full_name"]})
        else:
            self.rows.change("person", there[0].id, {"deleted_at": self.clock.now().isoformat()})
        job.facts["done"][(0, 2, 1)[kind]] += 1


VENDOR = Wellhub
