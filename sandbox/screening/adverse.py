"""Adverse actions: the pre-adverse notice goes out at once, the final one at its date, unless something stops it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.screening import reports
from sandbox.screening.scenarios import SCENARIOS
from sandbox.screening.shelf import Facts, Item, Refused, moment, written

if TYPE_CHECKING:
    from sandbox.screening.provider import Screening

DAY = 86400
USUAL_DAYS, READY_DAYS, MOST_DAYS = 7, 5, 30


def of(box: Screening, report: Item) -> Item | None:
    """The live one of a report."""
    return next(
        (one for one in box.shelf.all("adverse_action", parent=report.id) if one.facts["status"] == "pending"), None
    )


def items(box: Screening, report: Item) -> list[Facts]:
    """Raises Refused unless the report says consider and has no live adverse action."""
    if report.facts["result"] != "consider" or report.facts["status"] != "complete":
        raise Refused(400, "Report result must be consider")
    if of(box, report):
        raise Refused(400, "Report has a pre-existing adverse action")
    found: list[Facts] = report.hidden["items"]
    return found


def start(box: Screening, report: Item, sent: Facts) -> Item:
    """Raises Refused (400)."""
    known = {item["id"]: item for item in items(box, report)}
    wanted = sent.get("adverse_item_ids")
    if not isinstance(wanted, list) or not wanted:
        raise Refused(400, "adverse_item_ids can't be blank")
    if unknown := [one for one in wanted if one not in known]:
        raise Refused(400, *[f"adverse item {one} not found" for one in unknown])
    now = box.now()
    planned = _planned(now, sent.get("post_notice_scheduled_at"))
    facts = {
        "uri": None, "status": "pending", "report_id": report.id, "created_at": written(now), "canceled_at": None,
        "post_notice_scheduled_at": written(planned), "post_notice_ready_at": written(now + READY_DAYS * DAY),
        "individualized_assessment_engaged": False, "medium": sent.get("medium") or {"email": {"priority": 1, "required": True}},
        "delivery": {"state": "queued", "updated_at": written(now), "reason": None}, "adverse_items": [known[one] for one in wanted],
    }  # fmt: skip
    action = box.shelf.add("adverse_action", report.account, facts, report.id)
    action.facts["uri"] = f"/v1/adverse_actions/{action.id}"
    candidate = box.shelf.get("candidate", report.parent)
    assert candidate is not None
    at = max(planned, now + READY_DAYS * DAY)
    final = {"at": at, "verb": "post_notice", "values": {}, "hurry": False}
    action.plan(*reports.scheduled(now, SCENARIOS[candidate.hidden["scenario"]].adverse), final)
    box.shelf.save(action)
    _judge(box, report, "pre_adverse_action")
    return action


def _planned(now: float, text: Any) -> float:
    if not text:
        return now + USUAL_DAYS * DAY
    try:
        at = moment(str(text)).timestamp()
    except ValueError:
        raise Refused(400, "post_notice_scheduled_at is invalid") from None
    if not now < at <= now + MOST_DAYS * DAY:
        raise Refused(400, f"post_notice_scheduled_at must be within {MOST_DAYS} days")
    return at


def _judge(box: Screening, report: Item, word: str) -> None:
    """Report and candidate carry the same word, and an event for each."""
    report.facts["adjudication"] = word
    box.shelf.save(report)
    box.tell(f"report.{word}", report)
    candidate = box.shelf.get("candidate", report.parent)
    assert candidate is not None
    candidate.facts["adjudication"] = word
    box.shelf.save(candidate)
    box.tell(f"candidate.{word}", candidate)


def shown(box: Screening, action: Item) -> Facts:
    found = dict(action.facts)
    if box.switches.adverse_shape == "ids":
        found["adverse_item_ids"] = [one["id"] for one in found.pop("adverse_items")]
    elif box.switches.adverse_shape == "list":
        found["adverse_items"] = {
            "object": "list",
            "data": found["adverse_items"],
            "count": len(found["adverse_items"]),
        }
    return found


# Transitions


def _must_be_live(action: Item) -> None:
    if action.facts["status"] != "pending":
        raise ValueError(f"The adverse action is {action.facts['status']}.")


def _report(box: Screening, action: Item) -> Item:
    report = box.shelf.get("report", action.parent)
    assert report is not None
    return report


def _delivery(box: Screening, action: Item, state: str, reason: str | None) -> None:
    _must_be_live(action)
    action.facts["delivery"] = {"state": state, "updated_at": written(box.now()), "reason": reason}
    box.shelf.save(action)


def deliver(box: Screening, action: Item, state: str = "delivered") -> None:
    """queued, sent, delivered, unopened or unknown."""
    _delivery(box, action, state, None)


def bounce(box: Screening, action: Item, reason: str = "No such mailbox") -> None:
    """The notice did not arrive."""
    _delivery(box, action, "error", reason)
    box.tell("adverse_action.notice_not_delivered", action)


def dispute(box: Screening, action: Item) -> None:
    _must_be_live(action)
    reports.dispute(box, _report(box, action))


def stop_for_dispute(box: Screening, report: Item) -> None:
    """The final notice is off; what the scenario says about the outcome still comes."""
    if action := of(box, report):
        action.facts |= {"status": "dispute", "post_notice_scheduled_at": None}
        action.hidden["steps"] = [step for step in action.steps if step["verb"] == "revise"]
        box.shelf.save(action)


def revise(box: Screening, action: Item, result: str = "clear") -> None:
    """The dispute is answered: the report is complete again. `consider` keeps its records."""
    report = _report(box, action)
    reports.complete(box, report, result, report.hidden["records"] if result == "consider" else None)


def post_notice(box: Screening, action: Item) -> None:
    """The final notice goes out."""
    _must_be_live(action)
    action.facts["status"] = "complete"
    action.plan()
    box.shelf.save(action)
    _judge(box, _report(box, action), "post_adverse_action")


def cancel(box: Screening, action: Item) -> None:
    """No final notice."""
    _must_be_live(action)
    action.facts |= {"status": "canceled", "canceled_at": written(box.now()), "post_notice_scheduled_at": None}
    action.plan()
    box.shelf.save(action)
    report = _report(box, action)
    report.facts["adjudication"] = None
    box.shelf.save(report)
    box.tell("report.updated", report)
