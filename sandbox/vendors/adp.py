"""ADP Workforce Now: client credentials, OData paging, a queue of events that gives one message at a time. Written from ADP's own sample
payloads and what public clients send; the client certificate is the listening socket's part (`serving("adp", tls=…)`)."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask import Flask, Response, jsonify, request

from sandbox.vendors.core import Change, Client, Refused, Row, Vendor

CLIENT, SECRET = "adp-client", "adp-secret"
CODES = {
    "departments": [("010000", "Quarry"), ("020000", "Office")],
    "job-titles": [("PLAN", "Planner"), ("CLRK", "Clerk"), ("HEAD", "Head")],
}
# first, last, department, job, manager, hired days ago, status; the first leads everybody
PEOPLE = """
Avis Thornbury,020000,HEAD,,3000,A | Corin Malloy,010000,PLAN,1,2500,A | Delphine Aster,020000,CLRK,1,2400,A
Emre Quist,010000,PLAN,2,1800,A | Fenna Brook,010000,PLAN,2,1500,L | Gideon Parr,020000,CLRK,3,1200,A
Hester Vane,020000,CLRK,3,900,T | Idris Cole,010000,PLAN,2,700,A | Jory Lund,010000,PLAN,2,400,A
"""
QUEUE = "/core/v1/event-notification-messages"
ZONE = timedelta(hours=5)  # the company is in New York: its days begin at five o'clock UTC


def aoid(number: str) -> str:
    return f"G3{int(number):014X}"


class Adp(Vendor):
    slug, name = "adp", "ADP Workforce Now"
    token_path = "/auth/oauth/v2/token"
    verbs = ("hire", "change", "terminate", "take_leave", "come_back", "forget", "seed")
    no_leaves = False  # an application that may not read leaves

    def setup(self) -> None:
        self.no_leaves = False
        self.access.clients[CLIENT] = Client(SECRET)
        today = self.clock.today()
        lines = [line.strip() for line in PEOPLE.replace("\n", "|").split("|") if line.strip()]
        self.rows.fill("worker", (person(number, line.split(","), today) for number, line in enumerate(lines, 1)))

    def hints(self) -> dict[str, str]:
        certificate, key = demo_certificate()
        return {"client_id": CLIENT, "client_secret": SECRET, "certificate": certificate, "private_key": key}

    # What people and tests do. Each tells the queue, once, when it is entered.

    def hire(self, first: str, last: str, on: str = "") -> str:
        on = on or str(self.clock.today())
        facts = person(
            len(self.rows.all("worker")) + 1,
            [f"{first} {last}", "010000", "PLAN", "2", "0", "A"],
            date.fromisoformat(on),
        )
        row = self.rows.add("worker", facts)
        self.tell(row.id, "worker.hire", on)
        return row.id

    def change(self, id: str, field: str, value: str) -> None:
        self.rows.change("worker", id, {field: value})
        self.tell(id, "worker.business-communication.email.change", str(self.clock.today()))

    def terminate(self, id: str, on: str) -> None:
        self.rows.change("worker", id, {"ended_on": on})
        self.tell(id, "worker.terminate", on)

    def take_leave(self, id: str, on: str, until: str) -> None:
        self.rows.change("worker", id, {"leave": [on, until]})
        self.tell(id, "worker.on-leave", on)

    def come_back(self, id: str) -> None:
        self.rows.change("worker", id, {"leave": None})
        self.tell(id, "worker.rehire", str(self.clock.today()))

    def forget(self, id: str) -> None:
        """ADP does not show this worker any more, and tells it by an event about somebody who is not there."""
        self.rows.delete("worker", id)
        self.tell(id, "worker.terminate", str(self.clock.today()))

    def seed(self, count: int | str) -> None:
        first, today = len(self.rows.all("worker")) + 1, self.clock.today()
        self.rows.fill(
            "worker",
            (
                person(n, [f"Given{n} Family{n}", "010000", "PLAN", "2", "100", "A"], today)
                for n in range(first, first + int(count))
            ),
        )

    def tell(self, id: str, name: str, on: str, **more: Any) -> None:
        holds = datetime.combine(date.fromisoformat(on), time(), UTC) + ZONE
        written = self.clock.now().isoformat(timespec="milliseconds").replace("+00:00", "+0000")
        event = {
            "data": {"eventContext": {"worker": {"associateOID": aoid(id)}}, "output": {"worker": {"associateOID": aoid(id)}}},
            "eventID": str(uuid4()), "eventNameCode": {"codeValue": name}, "eventStatusCode": {"codeValue": "COMPLETED"},
            "creationDateTime": written, "effectiveDateTime": holds.isoformat(timespec="milliseconds").replace("+00:00", "+0000"), **more,
        }  # fmt: skip
        self.rows.add("message", {"msgid": f"0x_{uuid4().hex}", "body": {"events": [event]}})

    def on_change(self, change: Change, row: Row) -> None:
        del change, row  # the queue is told by the verbs

    # The API

    def refusal(self, status: int, message: str = "", code: str = "") -> Response:
        words = {"code": code or str(status), "message": {"codeValue": code, "messageTxt": message or "Request failed"}}
        told = {"response": {"resourceUri": {"href": ""}, "applicationCode": words}}
        return Response(json.dumps(told), status, content_type="application/json")

    def routes(self, app: Flask) -> None:
        @app.get("/hr/v2/workers")
        def workers() -> Response:
            top, skip = min(request.args.get("$top", 50, int), 100), request.args.get("$skip", 0, int)
            shown = [one for row in self.rows.all("worker") if (one := self._as_of_today(row))]
            if "$filter" in request.args:
                wanted = request.args["$filter"].partition(" eq ")[2].strip("'")
                shown = [
                    one
                    for one in shown
                    if one["workAssignments"][-1]["assignmentStatus"]["statusCode"]["codeValue"] == wanted
                ]
            page = shown[skip : skip + top]
            if not page:
                return Response(status=204)
            told = {"workers": page}
            if request.args.get("count") == "true":
                told["meta"] = {"totalNumber": len(shown) if self.more(skip + top < len(shown)) else skip + len(page)}  # type: ignore[assignment]
            return jsonify(told)

        @app.get("/hr/v2/workers/<oid>")
        def worker(oid: str) -> Response:
            return jsonify(workers=[self._shown(oid)])

        @app.get("/hr/v2/workers/<oid>/leaves")
        def leaves(oid: str) -> Response:
            if self.no_leaves:
                raise Refused(403, "The application is not subscribed to this.", "invalid_scope")
            leave = next(row.facts["leave"] for row in self.rows.all("worker") if aoid(row.id) == oid)
            empty = {"leaveAbsence": {"leaveTypeCode": {"codeValue": " "}, "links": []}, "links": []}
            absence = (
                {"startDateTime": leave[0], "expectedEndDateTime": leave[1], "leaveTypeCode": {"codeValue": "EDU"}}
                if leave
                else {}
            )
            return jsonify(workerLeaves=[{"leaves": [{"leaveAbsence": absence, "links": []}, empty]}])

        @app.get("/codelists/hr/v3/worker-management/<name>/WFN/1")
        def codes(name: str) -> Response:
            if name not in CODES:
                raise Refused(404, "not found")
            items = [{"codeValue": code, "shortName": word, "longName": word} for code, word in CODES[name]]
            return jsonify(codeLists=[{"codeListTitle": name, "listItems": items}])

        @app.get(QUEUE)
        def next_message() -> Response:
            waiting = self.rows.all("message")
            if not waiting:
                return Response(status=204)
            response = jsonify(waiting[0].facts["body"])
            response.headers["adp-msg-msgid"] = waiting[0].facts["msgid"]
            return response

        @app.delete(f"{QUEUE}/<msgid>")
        def done(msgid: str) -> Response:
            found = next((row for row in self.rows.all("message") if row.facts["msgid"] == msgid), None)
            if found is None:
                raise Refused(404, "No such message.")
            self.rows.delete("message", found.id)
            return Response(status=204)

    def _shown(self, oid: str) -> dict[str, Any]:
        row = next((row for row in self.rows.all("worker") if aoid(row.id) == oid), None)
        shown = self._as_of_today(row) if row else None
        if shown is None:
            raise Refused(404, "The worker is not found.")
        return shown

    def _as_of_today(self, row: Row) -> dict[str, Any] | None:
        """None before the first day: ADP speaks of today."""
        today, facts = (self.clock.now() - ZONE).date().isoformat(), row.facts
        if facts["hired_on"] > today:
            return None
        leave = facts["leave"] if facts["leave"] and facts["leave"][0] <= today else None
        ended = facts["ended_on"] if facts["ended_on"] and facts["ended_on"] <= today else ""
        status: dict[str, Any] = {"statusCode": {"codeValue": "T" if ended else "L" if leave else "A"}}
        if leave:
            status |= {"effectiveDate": leave[0], "reasonCode": {"codeValue": "EDU", "shortName": "Education"}}
        job = {
            "primaryIndicator": True, "hireDate": facts["hired_on"], "assignmentStatus": status, "jobTitle": facts["job"],
            "jobCode": {"codeValue": facts["job"]}, "workerTypeCode": {"codeValue": "F", "shortName": "Full Time"},
            "homeOrganizationalUnits": [{"nameCode": {"codeValue": facts["department"]}, "typeCode": {"codeValue": "Department"}}],
            "payCycleCode": {"codeValue": "B"}, "reportsTo": [{"associateOID": aoid(facts["manager"])}] if facts["manager"] else [],
        } | ({"terminationDate": ended} if ended else {})  # fmt: skip
        other = {
            "primaryIndicator": False,
            "hireDate": "2001-01-01",
            "jobTitle": "Guard",
            "assignmentStatus": {"statusCode": {"codeValue": "T"}},
        }
        masked = "masked=false" not in request.headers.get("Accept", "")
        born, ssn = ("0000-01-01", "XXX-XX-XXXX") if masked else (facts["born_on"], facts["ssn"])
        return {
            "associateOID": aoid(row.id), "workerID": {"idValue": f"QP{int(row.id):06}"},
            "person": {
                "legalName": {"givenName": facts["first"], "familyName1": facts["last"]}, "birthDate": born,
                "governmentIDs": [{"idValue": ssn, "nameCode": {"codeValue": "SSN"}}],
                "legalAddress": {"lineOne": "7 Quarry Lane", "cityName": "Newark", "postalCode": "07102", "countryCode": "US",
                                 "countrySubdivisionLevel1": {"codeValue": "NJ"}},
            },
            "workerDates": {"originalHireDate": facts["hired_on"]}, "businessCommunication": {"emails": [{"emailUri": facts["email"]}]},
            "workAssignments": [other, job],
        }  # fmt: skip


@cache
def demo_certificate() -> tuple[str, str]:
    """PEM of a certificate and of its key, signed by nobody: for the settings of a connection, which want one."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "corridor")]),
    )
    begins = datetime.now(UTC) - timedelta(hours=1)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(begins).not_valid_after(begins + timedelta(days=365))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem, none = serialization.Encoding.PEM, serialization.NoEncryption()
    return made.public_bytes(pem).decode(), key.private_bytes(pem, serialization.PrivateFormat.PKCS8, none).decode()


def ssn(number: int) -> str:
    """Of nobody: a different one for each, in the shape of those that are issued."""
    return f"219{(number - 1) // 9_999 % 99 + 1:02}{(number - 1) % 9_999 + 1:04}"


def person(number: int, words: list[str], today: date) -> dict[str, Any]:
    name, department, job, manager, days, status = words
    first, last = name.split()
    on_leave = [(today - timedelta(days=10)).isoformat(), (today + timedelta(days=60)).isoformat()]
    return {
        "first": first, "last": last, "email": f"{first}.{last}@quarry.example".lower(), "department": department, "job": job,
        "manager": manager, "hired_on": (today - timedelta(days=int(days))).isoformat(), "leave": on_leave if status == "L" else None,
        "ended_on": (today - timedelta(days=20)).isoformat() if status == "T" else "", "ssn": ssn(number),
        "born_on": date(1960 + number % 40, number % 12 + 1, number % 28 + 1).isoformat(),
    }  # fmt: skip


VENDOR = Adp
