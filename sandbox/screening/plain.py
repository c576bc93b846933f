"""The second provider, "plainscreen": no idempotency keys, unsigned callbacks. An order whose answer got lost is lost for good."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.screening import orders
from sandbox.screening.scenarios import SCENARIOS, tagged
from sandbox.screening.shelf import Facts, Item, Refused, written

if TYPE_CHECKING:
    from sandbox.screening.provider import Screening

DAY = 86400
PACKAGES = ("BASIC", "PLUS")


def order(box: Screening, account: Item, sent: Facts) -> Item:
    """Every call makes a new order, whatever its reference. Raises Refused (422)."""
    needed = ("reference", "first_name", "last_name", "email", "package")
    if missing := [name for name in needed if not sent.get(name)]:
        raise Refused(422, *[f"{name} is missing" for name in missing])
    if sent["package"] not in PACKAGES:
        raise Refused(422, f"package must be one of: {', '.join(PACKAGES)}")
    facts: Facts = {
        **{name: str(sent[name]) for name in needed},
        "status": "RECEIVED", "result": None, "created_at": written(box.now()), "completed_at": None,
    }  # fmt: skip
    scenario = tagged(facts["last_name"], facts["email"])
    item = box.shelf.add("order", account.id, facts, account.id, {"scenario": scenario, "fault": ""})
    result = "REVIEW" if any(step.values.get("records") for step in SCENARIOS[scenario or "clear"].report) else "PASS"
    item.plan({"at": box.now() + 2 * DAY, "verb": "complete", "values": {"result": result}, "hurry": True})
    box.shelf.save(item)
    orders.note(box, "plainscreen", item, facts["reference"], facts["package"], "")
    _tell(box, item)
    return item


def complete(box: Screening, item: Item, result: str = "PASS") -> None:
    """PASS, REVIEW or FAIL."""
    if result not in ("PASS", "REVIEW", "FAIL"):
        raise ValueError("result is PASS, REVIEW or FAIL.")
    item.facts |= {"completed_at": written(box.now()), "result": result}
    item.plan()
    set_status(box, item, "COMPLETED")


def cancel(box: Screening, item: Item) -> None:
    item.plan()
    set_status(box, item, "CANCELED")


def set_status(box: Screening, item: Item, status: str) -> None:
    """Any code."""
    item.facts["status"] = status
    box.shelf.save(item)
    _tell(box, item)


def _tell(box: Screening, item: Item) -> None:
    box.tell("order.status", item)
