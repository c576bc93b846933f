"""Workday: Human_Resources over SOAP with WS-Security or a token, and two lists of the staffing REST service. No description of either
is published, so this one is written from what others send and receive (the adapter's README says who)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from xml.etree.ElementTree import Element

from defusedxml import ElementTree
from flask import Flask, Response, has_request_context, jsonify, request

from sandbox.vendors.core import Caller, Refused, Vendor
from sandbox.vendors.workday import markup, people

USER, PASSWORD, TENANT = "ISU_Corridor", "workday-sandbox-password", "acme"
WD = "{urn:com.workday/bsvc}"
WSSE = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd}"
WORDS = {
    400: ("Client.validationError", "Validation error occurred. Invalid ID value."),
    401: ("Client.authenticationError", "invalid username or password"),
    403: ("Server.processingError", "Processing error occurred. The task submitted is not authorized."),
}


class Workday(Vendor):
    slug, name = "workday", "Workday"
    token_path = f"/ccx/oauth2/{TENANT}/token"
    verbs = ("hire", "change", "move", "terminate", "take_leave", "rescind", "seed")

    def setup(self) -> None:
        self.access.users[f"{USER}@{TENANT}"] = PASSWORD
        self.rows.fill("worker", people.company(self.clock.today()))

    def hints(self) -> dict[str, str]:
        return {
            "api_url": f"{self.url}/ccx", "host": "wd5-services1.myworkday.com", "tenant": TENANT, "username": USER,
            "password": PASSWORD,
        }  # fmt: skip

    # What people and tests do

    def hire(self, first: str, last: str, on: str = "") -> str:
        more = {
            "organization": "2",
            "profile": "1",
            "manager": "2",
            "hours": "40",
            "hired_on": on or str(self.clock.today()),
        }
        return self.rows.add("worker", people.person(len(self.rows.all("worker")) + 1, first, last, more)).id

    def change(self, id: str, field: str, value: str) -> None:
        self.rows.change("worker", id, {field: value})

    def move(self, id: str, organization: str, on: str) -> None:
        """To another organization from a day on."""
        self._add_to("moves", id, {"on": on, "organization": organization})

    def terminate(self, id: str, on: str) -> None:
        self.rows.change("worker", id, {"ended_on": on})

    def take_leave(self, id: str, event: str, starts_on: str, ends_on: str) -> None:
        self._add_to("leaves", id, {"event": event, "starts_on": starts_on, "ends_on": ends_on})

    def rescind(self, id: str) -> None:
        """A hire that never was: nothing tells of it, it is only missing from now on."""
        self.rows.delete("worker", id)

    def seed(self, count: int | str) -> None:
        self.rows.fill("worker", people.generated(int(count), len(self.rows.all("worker")) + 1, self.clock.today()))

    def _add_to(self, list_name: str, id: str, one: dict[str, str]) -> None:
        row = self.rows.get("worker", id)
        if row is None:
            raise LookupError(f"There is no worker {id}.")
        self.rows.change("worker", id, {list_name: [*row.facts[list_name], one]})

    # The API

    def admit(self) -> Caller:
        if request.path.startswith("/ccx/service/") and not request.authorization:
            head = _tree(request.get_data())
            user, password = (head.findtext(f".//{WSSE}{name}") or "" for name in ("Username", "Password"))
            if not password or self.access.users.get(user) != password:
                raise Refused(401)
            return Caller("password", user)
        return self.access.caller(request)

    def refusal(self, status: int, message: str = "", code: str = "") -> Response:
        """SOAP says what is wrong in words, and 500 to all of it; where it is too much, the gate in front of it says so."""
        del code  # it has none
        if has_request_context() and request.path.startswith(("/ccx/api/", "/ccx/oauth2/")):
            response = jsonify(error=message or "invalid request", errors=[])
            response.status_code = status
            return response
        if status in (410, 429, 503):
            return Response("<html>busy</html>", status, content_type="text/html")
        kind, words = WORDS.get(status, ("Server.processingError", "Processing error occurred. Try again later."))
        detail = markup.VALIDATION.format(words=message or words) if status == 400 else ""
        return Response(markup.fault(kind, message or words, detail), 500, content_type="text/xml")

    def routes(self, app: Flask) -> None:
        @app.post(f"/ccx/service/{TENANT}/Human_Resources/<version>")
        def human_resources(version: str) -> Response:
            asked = next(iter(next(one for one in _tree(request.get_data()) if one.tag.endswith("}Body"))))
            operations = {
                "Get_Workers": self._workers,
                "Get_Organizations": _organizations,
                "Get_Job_Profiles": _profiles,
            }
            name = asked.tag.removeprefix(WD).removesuffix("_Request")
            if name not in operations or asked.get(f"{WD}version") != version:
                raise Refused(400, "The web service or version is invalid for the requested operation")
            return Response(self._page(name, asked, operations[name](asked)), content_type="text/xml;charset=UTF-8")

        @app.get(f"/ccx/api/staffing/v6/{TENANT}/<list_name>")
        def staffing(list_name: str) -> Response:
            lists = {
                "supervisoryOrganizations": [
                    {"id": people.wid("organization", number), "descriptor": name, "name": name, "code": f"SUP-{number}", "inactive": False}
                    for number, (name, _) in people.ORGANIZATIONS.items()
                ],
                "jobProfiles": [
                    {"id": people.wid("profile", number), "name": name, "inactive": False} for number, (name, _) in people.PROFILES.items()
                ],
            }  # fmt: skip
            if list_name not in lists:
                raise Refused(404, "not found")
            start, size = request.args.get("offset", 0, int), min(request.args.get("limit", 20, int), 100)
            return jsonify(data=lists[list_name][start : start + size], total=len(lists[list_name]))

    def _page(self, name: str, asked: Element, records: list[str]) -> str:
        page, count = (int(asked.findtext(f".//{WD}{field}") or 0) for field in ("Page", "Count"))
        if not 1 <= count <= 999 or page < 1:
            raise Refused(400, "Count must be 1 to 999")
        pages = max(-(-len(records) // count), 1)
        start = (page - 1) * count
        told = pages if self.more(page < pages) else page
        return markup.answer(name, records[start : start + count], len(records), told, page)

    def _workers(self, asked: Element) -> list[str]:
        entered, holding = self._window(asked, "Updated"), self._window(asked, "Effective")
        known_at = datetime.fromisoformat(
            asked.findtext(f".//{WD}As_Of_Entry_DateTime") or self.clock.now().isoformat()
        )
        parts = {one.tag.removeprefix(WD) for one in asked.findall(f"{WD}Response_Group/*") if one.text == "1"}
        rows = [row for row in self.rows.all("worker") if _counted(row.created_at) <= known_at]
        if entered:
            touched = {
                change.id
                for change in self.rows.log
                if change.kind == "worker" and entered[0] <= _counted(change.at) <= entered[1]
            }
            rows = [row for row in rows if row.id in touched]
        if holding:
            first, last = (at.date().isoformat() for at in holding)
            rows = [row for row in rows if any(first <= day <= last for day in people.days_of(row.facts))]
        today = self.clock.today().isoformat()
        return [markup.worker(row.id, people.as_of(row.facts, today), parts) for row in rows]

    def _window(self, asked: Element, kind: str) -> tuple[datetime, datetime] | None:
        ends = [asked.findtext(f".//{WD}{kind}_{end}") for end in ("From", "Through")]
        if not any(ends):
            return None
        if not all(ends):
            raise Refused(400, f"If one of {kind} From or {kind} Through contains a value, both are Required!")
        first, last = (datetime.fromisoformat(str(end)) for end in ends)
        return first, last


def _counted(at: datetime) -> datetime:
    """Workday counts no finer than milliseconds."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def _organizations(asked: Element) -> list[str]:
    wanted = asked.find(f".//{WD}Organization_Type_Reference/{WD}ID")
    if wanted is None or wanted.text != "SUPERVISORY":
        raise Refused(400, "Invalid ID value. It is not a valid ID value for type = 'Organization_Type_ID'")
    return [markup.organization(number) for number in people.ORGANIZATIONS]


def _profiles(_asked: Element) -> list[str]:
    return [markup.profile(number) for number in people.PROFILES]


def _tree(body: bytes) -> Any:
    try:
        return ElementTree.fromstring(body)
    except ElementTree.ParseError:
        raise Refused(400, "The request is no XML") from None


VENDOR = Workday
