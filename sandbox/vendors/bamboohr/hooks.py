"""Webhooks: made by the API, told of employees, in the new shape (`employee.*`) or the old one (`employee_with_fields.*`)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.vendors.bamboohr.employees import FIELDS, TABLES, known, written
from sandbox.vendors.core import Delivery, Hook, Refused, Row

if TYPE_CHECKING:
    from sandbox.vendors.bamboohr import BambooHR

BASE = "/api/v1/webhooks"
OLD, NEW = "employee_with_fields", "employee"
VERBS = {"Inserted": "created", "Updated": "updated", "Deleted": "deleted"}


def add_hooks(app: Flask, box: BambooHR) -> None:
    app.get(BASE)(lambda: jsonify(webhooks=[short(hook) for hook in mine(box)]))
    app.post(BASE)(lambda: make(box))
    app.get(f"{BASE}/monitor_fields")(monitor_fields)
    app.get(f"{BASE}/<int:id>")(lambda id: jsonify(whole(one(box, id))))
    app.delete(f"{BASE}/<int:id>")(lambda id: end(box, id))
    app.get(f"{BASE}/<int:id>/log")(lambda id: log(box, id))


def mine(box: BambooHR) -> list[Hook]:
    return [hook for hook in box.webhooks.hooks.values() if hook.facts["owner"] == box.caller().name]


def one(box: BambooHR, id: int) -> Hook:
    hook = box.webhooks.hooks.get(str(id))
    if hook is None:
        raise Refused(404, "Webhook not found")
    if hook not in mine(box):
        raise Refused(403, "You do not own this webhook")
    return hook


def short(hook: Hook) -> dict[str, Any]:
    facts = hook.facts
    return {
        "id": hook.id, "name": facts["name"], "created": facts["created"], "lastSent": stamp(hook.sent_at), "url": hook.url,
    }  # fmt: skip


def whole(hook: Hook) -> dict[str, Any]:
    names = ("monitorFields", "postFields", "format", "includeCompanyDomain", "events")
    return short(hook) | {name: hook.facts[name] for name in names}


def make(box: BambooHR) -> ResponseReturnValue:
    """The private key is in this answer and never again."""
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise Refused(400, "The body is malformed")
    events = sent.get("events") or [f"{OLD}.{verb}" for verb in VERBS.values()]
    refuse_wrong(sent, events)
    facts = {
        "owner": box.caller().name, "name": sent["name"], "created": stamp(box.clock.now()),
        "monitorFields": sent.get("monitorFields"), "postFields": sent.get("postFields") or {}, "format": "json",
        "includeCompanyDomain": bool(sent.get("includeCompanyDomain")), "events": events,
    }  # fmt: skip
    hook = box.webhooks.subscribe(sent["url"], facts=facts)
    return jsonify(whole(hook) | {"privateKey": hook.secret}), 201


def refuse_wrong(sent: dict[str, Any], events: list[str]) -> None:
    """Raises Refused."""
    place = urlsplit(str(sent.get("url", "")))
    if not sent.get("name") or sent.get("format") != "json":
        raise Refused(400, "name and format are required; only json is offered by the sandbox")
    if place.scheme != "https" and place.hostname not in ("127.0.0.1", "localhost"):
        raise Refused(400, "The url must begin with https://")
    if len({event.partition(".")[0] for event in events if event.startswith(NEW)}) > 1:
        raise Refused(400, "employee and employee_with_fields events cannot be mixed")
    if any(event.endswith(".updated") for event in events) and not sent.get("monitorFields"):
        raise Refused(400, "monitorFields is required for updates")
    if unknown := [name for name in sent.get("monitorFields") or [] if name not in FIELDS]:
        raise Refused(403, f"Unknown fields: {', '.join(unknown)}")


def end(box: BambooHR, id: int) -> ResponseReturnValue:
    del box.webhooks.hooks[one(box, id).id]
    return Response("Webhook deleted", content_type="text/plain")


def monitor_fields() -> ResponseReturnValue:
    return jsonify(fields=[{"id": str(one.id), "name": one.name, "alias": alias} for alias, one in FIELDS.items()])


def log(box: BambooHR, id: int) -> ResponseReturnValue:
    hook = one(box, id)
    sent = [delivery for delivery in box.webhooks.log if delivery.hook is hook and delivery.sent_at]
    return jsonify([as_entry(delivery) for delivery in sent[-200:]])


def as_entry(delivery: Delivery) -> dict[str, Any]:
    facts, at = json.loads(delivery.body), stamp(delivery.sent_at)
    people = [facts["data"]["employeeId"]] if "data" in facts else [item["id"] for item in facts["employees"]]
    return {
        "webhookId": delivery.hook.id, "url": delivery.hook.url, "lastAttempted": at, "format": "json", "employeeIds": people,
        "lastSuccess": at if delivery.state == "delivered" else "Webhook Not Found", "statusCode": str(delivery.answers[-1]),
    }  # fmt: skip


def stamp(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%d %H:%M:%S") if moment else None


def tell(box: BambooHR, action: str, row: Row, fields: tuple[str, ...]) -> None:
    """Queues the event for the hooks that asked for it, and in whose list the changed fields stand."""
    verb, changed = VERBS[action], aliases(fields)
    for hook in list(box.webhooks.hooks.values()):
        monitored = [name for name in changed if name in (hook.facts["monitorFields"] or [])]
        for family in (NEW, OLD):
            event = f"{family}.{verb}"
            if event in hook.facts["events"] and (verb != "updated" or monitored):
                new = family == NEW
                payload = new_shape(box, event, row, monitored) if new else old_shape(box, action, row, monitored, hook)
                box.webhooks.emit(event, payload, [hook])


def aliases(fields: tuple[str, ...]) -> list[str]:
    """A changed table stands for its fields."""
    inside = [name for name, field in FIELDS.items() if field.table and field.table in fields]
    return [*(name for name in fields if name not in TABLES), *inside]


def new_shape(box: BambooHR, event: str, row: Row, changed: list[str]) -> dict[str, Any]:
    """Ids and no more: whoever is told has to read the employee."""
    data: dict[str, Any] = {"companyId": "1", "employeeId": row.id}
    data |= {"changedFields": changed} if event.endswith(".updated") else {}
    return {"type": event, "timestamp": written(box.clock.now()), "data": data}


def old_shape(box: BambooHR, action: str, row: Row, changed: list[str], hook: Hook) -> dict[str, Any]:
    facts = known(box, row)
    fields = {label: {"value": facts.get(name)} for name, label in hook.facts["postFields"].items()}
    names = [FIELDS[name].name for name in changed]
    return {
        "employees": [
            {"id": row.id, "action": action.replace("Inserted", "Created"), "changedFields": names, "fields": fields}
        ]
    }
