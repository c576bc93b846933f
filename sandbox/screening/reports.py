"""Reports and their searches: every state they are known to have, and the ways between."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from sandbox.screening import adverse, catalog, documents
from sandbox.screening.catalog import KINDS
from sandbox.screening.scenarios import FELONY, MISDEMEANOR, SCENARIOS, Step
from sandbox.screening.shelf import Facts, Item, Refused, moment, written

if TYPE_CHECKING:
    from sandbox.screening.provider import Screening

DAY = 86400
NAMED = {"felony": FELONY, "misdemeanor": MISDEMEANOR}
OPEN = ("pending", "suspended")


def create(box: Screening, candidate: Item, slug: str, order: Facts, source: str) -> Item:
    """A report with its searches, all pending. Raises Refused (409) for the fourth within a day."""
    now, day_ago = box.now(), written(box.now() - DAY) or ""
    earlier = box.shelf.all("report", parent=candidate.id)
    if box.switches.duplicate_limits and sum(one.facts["created_at"] > day_ago for one in earlier) >= 3:
        raise Refused(409, "Candidate already has three reports within 24 hours")
    facts = {
        "uri": None, "status": "pending", "result": None, "created_at": written(now), "completed_at": None, "revised_at": None,
        "upgraded_at": None, "turnaround_time": None, "package": slug, "candidate_id": candidate.id, "source": source,
        "adjudication": None, "assessment": None, "includes_canceled": False, "estimated_completion_time": written(now + 3 * DAY),
        "work_locations": order.get("work_locations"), "tags": order.get("tags") or [], "node": order.get("node"),
        "document_ids": [], "candidate_story_ids": [], "geo_ids": [],
    }  # fmt: skip
    report = box.shelf.add("report", candidate.account, facts, candidate.id, {"items": [], "records": []})
    report.facts["uri"] = f"/v1/reports/{report.id}"
    _add_searches(box, report, slug)
    report.plan(*scheduled(now, SCENARIOS[candidate.hidden["scenario"]].report))
    box.shelf.save(report)
    candidate.facts["report_ids"].append(report.id)
    box.shelf.save(candidate)
    box.tell("report.created", report)
    return report


def scheduled(start: float, steps: tuple[Step, ...]) -> list[Facts]:
    """A script as planned steps: each so many days after the one before."""
    found, at = [], start
    for step in steps:
        at += step.days * DAY
        found.append({"at": at, "verb": step.verb, "values": step.values, "hurry": True})
    return found


def _add_searches(box: Screening, report: Item, slug: str) -> None:
    """Those of the package that the report does not have yet."""
    package = next(one for one in box.shelf.all("package") if one.facts["slug"] == slug)
    there = {search.facts["object"] for search in searches(box, report)}
    for name in [one["type"] for one in package.facts["screenings"] if one["type"] not in there]:
        kind = KINDS[name]
        facts = {"object": name, "status": "pending", "result": None, "completed_at": None, "records": []}
        search = box.shelf.add("search", report.account, facts, report.id)
        search.facts["uri"] = f"/v1/{kind.plural}/{search.id}"
        box.shelf.save(search)
        report.facts[kind.ids] = [*report.facts.get(kind.ids, []), search.id] if kind.many else search.id


def searches(box: Screening, report: Item) -> list[Item]:
    return box.shelf.all("search", parent=report.id)


def shown(box: Screening, report: Item, include: set[str]) -> Facts:
    """The report as it is answered, with the searches asked for inside."""
    found = dict(report.facts)
    for search in searches(box, report):
        kind = KINDS[search.facts["object"]]
        if kind.included_as not in include:
            continue
        one = search_shown(box, search)
        found[kind.included_as] = [*found.get(kind.included_as, []), one] if kind.many else one
    return found


def search_shown(box: Screening, search: Item) -> Facts:
    found = dict(search.facts)
    if box.switches.old_status_shape and found["result"]:
        found["status"] = found.pop("result")
    return found


# Transitions


def _change(box: Screening, report: Item, event: str, **facts: Any) -> None:
    report.facts |= facts
    box.shelf.save(report)
    box.tell(event, report)


def _set(box: Screening, search: Item, status: str, result: str | None, records: list[Facts] | None = None) -> None:
    done = written(box.now()) if status == "complete" else None
    search.facts |= {"status": status, "result": result, "completed_at": done, "records": records or []}
    if search.facts["object"] == "ssn_trace":  # it has no result of its own
        search.facts["result"] = None
    box.shelf.save(search)


def _must_run(report: Item) -> None:
    if report.facts["status"] in ("canceled", "complete"):
        raise ValueError(f"The report is {report.facts['status']}.")


def progress(box: Screening, report: Item) -> None:
    """Half of what still runs comes back clear."""
    _must_run(report)
    waiting = [one for one in searches(box, report) if one.facts["status"] in OPEN]
    for search in waiting[: (len(waiting) + 1) // 2]:
        _set(box, search, "complete", "clear")
    _change(box, report, "report.updated")


def suspend(box: Screening, report: Item) -> None:
    """The candidate must do something: one search waits for it."""
    _must_run(report)
    for search in [one for one in searches(box, report) if one.facts["status"] == "pending"][-1:]:
        _set(box, search, "suspended", None)
    _change(box, report, "report.suspended", status="suspended")


def resume(box: Screening, report: Item) -> None:
    """Back to pending, from suspended or paused."""
    if report.facts["status"] not in ("suspended", "paused"):
        raise ValueError("Only a suspended or paused report can be resumed.")
    for search in [one for one in searches(box, report) if one.facts["status"] == "suspended"]:
        _set(box, search, "pending", None)
    _change(box, report, "report.resumed", status="pending")


def pause(box: Screening, report: Item) -> None:
    """The customer must do something."""
    _must_run(report)
    _change(box, report, "report.updated", status="paused")


def cancel(box: Screening, report: Item) -> None:
    """The whole report is called off."""
    _must_run(report)
    for search in [one for one in searches(box, report) if one.facts["status"] in OPEN]:
        _set(box, search, "canceled", None)
    report.plan()
    _change(box, report, "report.canceled", status="canceled", cancellation_reason="candidate_missing_consent")


def dispute(box: Screening, report: Item) -> None:
    """The candidate says a record is wrong. A final notice that was planned is off."""
    if report.facts["status"] != "complete":
        raise ValueError("Only a complete report can be disputed.")
    adverse.stop_for_dispute(box, report)
    _change(box, report, "report.disputed", status="dispute")


def complete(
    box: Screening,
    report: Item,
    result: str | None = "clear",
    records: list[Any] | None = None,
    includes_canceled: bool = False,
) -> None:
    """Done, or done again: then it is revised. records: dicts, or the names of known ones; a felony when `consider` has none.

    includes_canceled: the last search never ran.
    """
    if result not in ("clear", "consider", None):
        raise ValueError("result is clear, consider or null; other words are for set_status.")
    if report.facts["status"] == "canceled":
        raise ValueError("The report is canceled.")
    facts = [_record(one) for one in records or ([FELONY] if result == "consider" else [])]
    found = [one for one in searches(box, report) if one.facts["status"] != "canceled"]
    if includes_canceled and len(found) > 1:
        _set(box, found.pop(), "canceled", None)
    for search in found:
        _set(box, search, "complete", "clear")
    report.hidden["items"], report.hidden["records"] = [], facts
    for one in facts:
        _attach(box, report, found, one)
    _finish(box, report, result)


def _record(one: Any) -> Facts:
    if isinstance(one, dict):
        return one
    if one not in NAMED:
        raise ValueError(f"A record is an object or one of: {', '.join(NAMED)}.")
    return dict(NAMED[one])


def _attach(box: Screening, report: Item, found: list[Item], record: Facts) -> None:
    """The record in the search it belongs to, and as an item that a notice can name."""
    kind = record.get("kind", "county_criminal_search")
    reportable = [one for one in found if one.facts["object"] != "ssn_trace"]
    search = next((one for one in reportable if one.facts["object"] == kind), reportable[0])
    name = search.facts["object"]
    _set(box, search, "complete", "consider", [*search.facts["records"], catalog.written(record)])
    item = {
        "id": secrets.token_hex(12),
        "object": "adverse_item",
        "text": catalog.in_words(name, record),
        "assessment": "review",
    }
    report.hidden["items"].append(item)


def _finish(box: Screening, report: Item, result: str | None) -> None:
    again, now = report.facts["completed_at"] is not None, written(box.now())
    canceled = any(one.facts["status"] == "canceled" for one in searches(box, report))
    begun = moment(report.facts["created_at"]).timestamp()
    facts = {
        "status": "complete", "result": result, "includes_canceled": canceled, "turnaround_time": int(box.now() - begun),
        "assessment": {"clear": "eligible", "consider": "review"}.get(result or ""), "estimated_completion_time": None,
        "revised_at" if again else "completed_at": now,
    }  # fmt: skip
    report.facts["adjudication"] = None
    report.plan()
    report.facts |= facts
    documents.add_report_pdf(box, report)
    _change(box, report, "report.completed")


def complete_now(box: Screening, report: Item) -> None:
    """What still runs is canceled; the rest stands."""
    _must_run(report)
    found = searches(box, report)
    for search in [one for one in found if one.facts["status"] in OPEN]:
        _set(box, search, "canceled", None)
    results = {search.facts["result"] for search in found}
    _finish(box, report, "consider" if "consider" in results else "clear" if "clear" in results else None)


def set_status(box: Screening, report: Item, status: str, result: str | None = None) -> None:
    """Any code, also one that nobody knows."""
    _change(box, report, "report.updated", status=status, result=result)


def set_search(
    box: Screening,
    report: Item,
    search: str,
    status: str = "complete",
    result: str | None = "clear",
    records: list[Any] | None = None,
) -> None:
    """One search of the report, by its kind."""
    found = next((one for one in searches(box, report) if one.facts["object"] == search), None)
    if found is None:
        raise ValueError(f"The report has no {search}.")
    _set(box, found, status, result, [catalog.written(_record(one)) for one in records or []])
    _change(box, report, "report.updated")


def set_eta(box: Screening, report: Item, on: str = "") -> None:
    """A day (ISO), or nobody knows."""
    at = written(moment(on)) if on else None
    _change(box, report, "report.updated", estimated_completion_time=at)


def engage(box: Screening, report: Item) -> None:
    """The customer accepts the person."""
    if report.facts["status"] != "complete":
        raise ValueError("Only a complete report can be adjudicated.")
    _change(box, report, "report.engaged", adjudication="engaged")


def upgrade(box: Screening, report: Item, slug: str) -> None:
    """More searches, within 30 days and not beside an adverse action."""
    if adverse.of(box, report) or box.now() - moment(report.facts["created_at"]).timestamp() > 30 * DAY:
        raise ValueError("The report can no longer be upgraded.")
    _add_searches(box, report, slug)
    changes = {"status": "pending", "result": None, "package": slug, "upgraded_at": written(box.now())}
    _change(box, report, "report.upgraded", **changes)
