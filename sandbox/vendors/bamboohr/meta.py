"""What the account is made of (fields, lists) and who is away."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.vendors.bamboohr.employees import FIELDS
from sandbox.vendors.bamboohr.people import DEPARTMENTS, PLACES, TITLES
from sandbox.vendors.core import Refused, Row

if TYPE_CHECKING:
    from sandbox.vendors.bamboohr import BambooHR

OPTIONS = {
    "department": DEPARTMENTS, "division": ("North America",), "jobTitle": (*TITLES.values(),), "location": (*PLACES,),
    "employmentStatus": ("Full-Time", "Part-Time", "Contractor", "Terminated"),
}  # fmt: skip
TYPES = ("Vacation", "Sick", "Parental Leave", "Medical Leave")


def add_meta(app: Flask, box: BambooHR) -> None:
    app.get("/api/v1/meta/fields")(fields)
    app.get("/api/v1/meta/lists")(lists)
    app.get("/api/v1/time_off/requests")(lambda: time_off(box))
    app.get("/api/v1/time_off/whos_out")(lambda: whos_out(box))


def fields() -> ResponseReturnValue:
    return jsonify(
        [{"id": one.id, "name": one.name, "type": one.type, "alias": alias} for alias, one in FIELDS.items()]
    )


def lists() -> ResponseReturnValue:
    made = []
    for alias, names in OPTIONS.items():
        options = [
            {"id": number, "archived": "no", "createdDate": None, "archivedDate": None, "name": name}
            for number, name in enumerate(names, 1)
        ]
        about = {"fieldId": str(FIELDS[alias].id), "manageable": "yes", "multiple": "no"}
        made.append({**about, "name": FIELDS[alias].name, "alias": alias, "options": options})
    return jsonify(made)


def day(name: str, usual: date | None = None) -> date:
    """Raises Refused."""
    text = request.args.get(name, "")
    try:
        return usual if usual and not text else date.fromisoformat(text)
    except ValueError:
        raise Refused(400, f"Invalid or missing {name} date") from None


def between(box: BambooHR, start: date, end: date) -> list[Row]:
    """Requests that overlap the days."""
    rows = box.rows.all("time_off")
    return [row for row in rows if row.facts["start"] <= end.isoformat() and row.facts["end"] >= start.isoformat()]


def name_of(box: BambooHR, id: str) -> str:
    row = box.rows.get("employee", id)
    return f"{row.facts['firstName']} {row.facts['lastName']}" if row else ""


def time_off(box: BambooHR) -> ResponseReturnValue:
    wanted, statuses = request.args.get("employeeId", ""), request.args.get("status", "")
    found = between(box, day("start"), day("end"))
    if wanted:
        found = [row for row in found if row.facts["employee"] == wanted]
    if statuses:
        found = [row for row in found if row.facts["status"] in statuses.split(",")]
    return jsonify([as_request(box, row) for row in found])


def as_request(box: BambooHR, row: Row) -> dict[str, Any]:
    facts, created = row.facts, row.created_at.date().isoformat()
    length = (date.fromisoformat(facts["end"]) - date.fromisoformat(facts["start"])).days + 1
    kind = TYPES.index(facts["type"]) + 1 if facts["type"] in TYPES else len(TYPES) + 1
    return {
        "id": int(row.id), "employeeId": int(facts["employee"]), "name": name_of(box, facts["employee"]),
        "status": {"lastChanged": row.changed_at.date().isoformat(), "lastChangedByUserId": 1, "status": facts["status"]},
        "start": facts["start"], "end": facts["end"], "created": created,
        "type": {"id": kind, "name": facts["type"], "icon": "calendar"}, "amount": {"unit": "days", "amount": length},
        "actions": dict.fromkeys(("view", "edit", "cancel", "approve", "deny", "bypass"), True),
        "dates": {facts["start"]: 1}, "notes": {},
    }  # fmt: skip


def whos_out(box: BambooHR) -> ResponseReturnValue:
    start = day("start", box.clock.today())
    found = [
        row for row in between(box, start, day("end", start + timedelta(days=14))) if row.facts["status"] == "approved"
    ]
    return jsonify([
        {"id": int(row.id), "type": "timeOff", "employeeId": int(row.facts["employee"]), "name": name_of(box, row.facts["employee"]),
         "start": row.facts["start"], "end": row.facts["end"]}
        for row in sorted(found, key=lambda row: str(row.facts["start"]))
    ])  # fmt: skip
