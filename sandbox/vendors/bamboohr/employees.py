"""Employees: one, the directory, by cursor, what changed, and the tables with effective dates."""

from __future__ import annotations

import base64
import binascii
import bisect
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.vendors.bamboohr.people import DEPARTMENTS, at
from sandbox.vendors.core import Refused, Row
from sandbox.vendors.core.rows import DELETED, INSERTED

if TYPE_CHECKING:
    from sandbox.vendors.bamboohr import BambooHR

BASE = "/api/v1/employees"
TABLES = ("jobInfo", "employmentStatus")
END_OF_TIME = "9999-12-31"
DEFAULT_LIMIT, MOST = 50, 100


@dataclass(frozen=True)
class Field:
    """table: where it has effective dates."""

    id: int
    name: str
    type: str = "text"
    table: str = ""


FIELDS = {
    "firstName": Field(1, "First Name"), "lastName": Field(2, "Last Name"), "middleName": Field(3, "Middle Name"),
    "preferredName": Field(4, "Preferred Name"), "employeeNumber": Field(5, "Employee #"), "workEmail": Field(6, "Work Email", "email"),
    "homeEmail": Field(7, "Home Email", "email"), "workPhone": Field(8, "Work Phone", "phone"),
    "mobilePhone": Field(9, "Mobile Phone", "phone"), "hireDate": Field(10, "Hire Date", "date"),
    "terminationDate": Field(11, "Termination Date", "date"), "dateOfBirth": Field(12, "Birth Date", "date"),
    "gender": Field(13, "Gender", "gender"), "address1": Field(14, "Address Line 1"), "city": Field(15, "City"),
    "state": Field(16, "State", "state"), "zipcode": Field(17, "ZIP Code"), "country": Field(18, "Country", "country"),
    "payType": Field(19, "Pay type", "pay_type"), "status": Field(20, "Status", "status"),
    "jobTitle": Field(21, "Job Title", "list", "jobInfo"), "department": Field(22, "Department", "list", "jobInfo"),
    "division": Field(23, "Division", "list", "jobInfo"), "location": Field(24, "Location", "list", "jobInfo"),
    "reportsTo": Field(25, "Reporting to", "employee", "jobInfo"),
    "maritalStatus": Field(27, "Marital Status", "marital_status"), "ssn": Field(28, "SSN", "ssn"),
    "address2": Field(29, "Address Line 2"),
    "employmentStatus": Field(26, "Employment Status", "list", "employmentStatus"),
}  # fmt: skip


SENSITIVE = {
    "sensitive_employee:protected_info": ("ssn", "dateOfBirth", "birthDate"),
    "sensitive_employee:address": ("address1", "address2", "city", "state", "zipcode", "country"),
}


def add_employees(app: Flask, box: BambooHR) -> None:
    app.get(f"{BASE}/changed")(lambda: changed(box))
    app.get(f"{BASE}/changed/tables/<table>")(lambda table: changed_table(box, table))
    app.get(f"{BASE}/directory")(lambda: directory(box))
    app.get(f"{BASE}/<id>/tables/<table>")(lambda id, table: one_table(box, id, table))
    app.get(f"{BASE}/<id>")(lambda id: employee(box, id))
    app.get(BASE)(lambda: listed(box))


def known(box: BambooHR, row: Row, *, current: bool = True) -> dict[str, Any]:
    """Every field there is. current: as of today, else with what is written down for later."""
    today, facts = box.clock.today().isoformat(), row.facts
    day = today if current else END_OF_TIME
    job, state = at(facts["jobInfo"], day), at(facts["employmentStatus"], day)
    gone = state.get("employmentStatus") == "Terminated"
    boss = box.rows.get("employee", job.get("reportsTo", ""))
    department = job.get("department")
    return {name: facts.get(name) for name in facts if name not in TABLES} | {
        "status": "Inactive" if gone else "Active", "employmentStatus": state.get("employmentStatus"),
        "employmentStatusName": state.get("employmentStatus"), "jobTitle": job.get("jobTitle"), "jobTitleName": job.get("jobTitle"),
        "department": department, "departmentName": department, "division": job.get("division"), "divisionName": job.get("division"),
        "departmentId": str(DEPARTMENTS.index(department) + 1) if department in DEPARTMENTS else None,
        "location": job.get("location"), "locationName": job.get("location"), "birthDate": facts.get("dateOfBirth"),
        "supervisorEId": boss.id if boss else None, "reportsToId": boss.id if boss else None,
        "supervisor": f"{boss.facts['lastName']}, {boss.facts['firstName']}" if boss else None,
        "reportsToName": f"{boss.facts['firstName']} {boss.facts['lastName']}" if boss else None,
        "displayName": f"{facts['firstName']} {facts['lastName']}", "bestEmail": facts.get("workEmail") or facts.get("homeEmail"),
    }  # fmt: skip


def employee(box: BambooHR, id: str) -> ResponseReturnValue:
    row = box.rows.get("employee", id)
    if row is None:
        raise Refused(404, "Employee not found")
    facts = known(box, row, current=request.args.get("onlyCurrent", "true") != "false")
    names, hidden = request.args.get("fields", "firstName,lastName").split(","), restricted(box)
    return jsonify({"id": row.id, **{name: facts[name] for name in names if name in facts and name not in hidden}})


def restricted(box: BambooHR) -> set[str]:
    """What the scopes of a token do not reach; with a key, the rights of its owner count, here all of them."""
    caller = box.caller()
    if caller.how != "token":
        return set()
    return {name for scope, names in SENSITIVE.items() if scope not in caller.scopes for name in names}


def directory(box: BambooHR) -> ResponseReturnValue:
    """Active people; those who begin later only when asked for."""
    names, today = ["displayName", "firstName", "lastName", "preferredName", "jobTitle", "workPhone", "workEmail", "department",
                    "location", "division", "supervisor"], box.clock.today().isoformat()  # fmt: skip
    with_future = request.args.get("onlyCurrent") == "false"
    found = [(row, known(box, row, current=not with_future)) for row in box.rows.all("employee")]
    people = [
        {"id": row.id, **{name: facts[name] for name in names}, "photoUploaded": False, "canUploadPhoto": 0}
        for row, facts in found
        if facts["status"] == "Active" and (with_future or facts["hireDate"] <= today)
    ]
    if not people:
        raise Refused(404, "The directory is empty")
    fields = [{"id": name, "type": "text", "name": FIELDS[name].name if name in FIELDS else name} for name in names]
    return jsonify(fields=fields, employees=people)


# By cursor


def listed(box: BambooHR) -> ResponseReturnValue:
    limit = request.args.get("page[limit]", str(DEFAULT_LIMIT))
    if not limit.isdigit() or not 1 <= int(limit) <= MOST:
        raise Refused(400, f"page[limit] must be 1 to {MOST}", "BadRequest")
    rows = [row for row in box.rows.all("employee") if fits(box, row)] if has_filter() else box.rows.all("employee")
    start = bisect.bisect_right(rows, after(request.args.get("page[after]", "")), key=lambda row: int(row.id))
    shown = rows[start : start + int(limit)]
    more = box.more(start + len(shown) < len(rows))
    following = cursor(shown[-1]) if more and shown else None
    page = {"limit": int(limit), "nextCursor": following, "prevCursor": cursor(shown[0]) if start and shown else None}
    links = {"self": {"href": request.url}}
    extra = [name for part in request.args.getlist("fields") for name in part.split(",") if name]
    data = [list_item(box, row, extra) for row in shown]
    return jsonify(data=data, meta={"total": len(rows), "page": page}, _links=links)


def list_item(box: BambooHR, row: Row, extra: list[str]) -> dict[str, Any]:
    facts = known(box, row)
    names = ("firstName", "lastName", "preferredName", "jobTitleName", "status", *extra)
    hidden = restricted(box) & set(extra)
    shown = {name: None if name in hidden else facts[name] for name in names if name in facts}
    return {"employeeId": row.id, **shown, "photoUrl": None, "_restrictedFields": sorted(hidden)}


def cursor(row: Row) -> str:
    return base64.b64encode(json.dumps({"id": int(row.id)}).encode()).decode()


def after(text: str) -> int:
    """The id a cursor stands for; 0 without one. Raises Refused."""
    try:
        return int(json.loads(base64.b64decode(text, validate=True))["id"]) if text else 0
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise Refused(400, "The page cursor is malformed", "BadPage") from None


def has_filter() -> bool:
    return any(name.startswith("filter[") for name in request.args)


def fits(box: BambooHR, row: Row) -> bool:
    facts, asked = known(box, row), request.args
    ids = [*asked.getlist("filter[ids][]"), *filter(None, asked.get("filter[ids]", "").split(","))]
    texts = ("firstName", "lastName", "jobTitleName")
    return (
        (not ids or row.id in ids)
        and asked.get("filter[status]", facts["status"].lower()) == facts["status"].lower()
        and all(asked.get(f"filter[{name}]", "").lower() in (facts[name] or "").lower() for name in texts)
    )


# What changed


def since() -> datetime:
    """Raises Refused."""
    try:
        moment = datetime.fromisoformat(request.args.get("since", ""))
    except ValueError:
        raise Refused(400, "The since parameter is missing or is no ISO 8601 date") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def changed(box: BambooHR) -> ResponseReturnValue:
    moment, kind = since(), request.args.get("type", "all")
    if kind not in ("inserted", "updated", "deleted", "all"):
        raise Refused(400, "The type parameter is invalid")
    found = {}
    latest = written(moment)
    for change in box.rows.latest("employee", moment):
        row = box.rows.get("employee", change.id)
        action = DELETED if row is None else INSERTED if row.created_at >= moment else change.action
        if kind in ("all", action.lower()):
            latest = max(latest, written(change.at))
            found[change.id] = {"id": change.id, "action": action, "lastChanged": written(change.at)}
    return jsonify(latest=latest, employees=found)


def written(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(microsecond=0).isoformat()


def table_rows(row: Row, table: str) -> list[dict[str, Any]]:
    return [
        {"id": f"{row.id}{number:02}", "employeeId": row.id, **one} for number, one in enumerate(row.facts[table], 1)
    ]


def checked(table: str) -> str:
    if table not in TABLES:
        raise Refused(404, "The table does not exist")
    return table


def one_table(box: BambooHR, id: str, table: str) -> ResponseReturnValue:
    rows = box.rows.all("employee") if id == "all" else [row for row in [box.rows.get("employee", id)] if row]
    if not rows and id != "all":
        raise Refused(404, "Employee not found")
    return jsonify([one for row in rows for one in table_rows(row, checked(table))])


def changed_table(box: BambooHR, table: str) -> ResponseReturnValue:
    found = {}
    for change in box.rows.latest("employee", since()):
        if row := box.rows.get("employee", change.id):
            found[row.id] = {"lastChanged": written(change.at), "rows": table_rows(row, checked(table))}
    return jsonify(table=checked(table), employees=found)
