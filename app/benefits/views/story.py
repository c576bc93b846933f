"""The timeline in plain words: what happened, when, who did it, where it comes from."""

from __future__ import annotations

from typing import Any

from app.benefits.services.overview import CoverageRow
from app.benefits.services.timeline import Step
from app.benefits.views import words
from app.benefits.views.text import _

TONES = {
    "benefits.enrollment.approved": "good",
    "benefits.enrollment.rejected": "bad",
    "benefits.enrollment.held": "warn",
    "benefits.coverage.confirmed": "good",
    "benefits.coverage.disputed": "warn",
}


def story(steps: list[Step], rows: list[CoverageRow]) -> list[dict[str, Any]]:
    """Timeline items, oldest first, for the `timeline` macro."""
    by_id = {row.id: row for row in rows}
    return [_item(step, by_id.get(step.entity_id)) for step in steps]


def _item(step: Step, row: CoverageRow | None) -> dict[str, Any]:
    title = _title(step, row)
    if row is not None:
        title = f"{words.coverage(row.coverage_type)}: {title}"
    return {"title": title, "at": step.at, "who": _who(step), "tone": TONES.get(step.name, "")}


def _who(step: Step) -> str:
    if step.source == "provider":
        return _("from the carrier")
    return step.who or (_("Corridor") if step.source == "system" else _("a colleague in HR"))


def _title(step: Step, row: CoverageRow | None) -> str:
    carrier = row.carrier if row and row.carrier else str(words.CARRIER)
    if step.name == "benefits.coverage.moved":
        return _moved(str(step.new.get("carrier_status", "")), carrier)
    return {
        "benefits.enrollment.submitted": _("Signed and sent to HR"),
        "benefits.enrollment.canceled": _("Replaced or taken back"),
        "benefits.enrollment.held": _("Set aside by HR to check something"),
        "benefits.enrollment.resumed": _("Back in HR's queue"),
        "benefits.enrollment.approved": _("Approved by HR"),
        "benefits.enrollment.rejected": _("Sent back by HR"),
        "benefits.enrollment.changed": _("Changed"),
        "benefits.enrollment.activated": _("Coverage started"),
        "benefits.enrollment.ended": _("Coverage ended"),
        "benefits.enrollment.renewed": _("Continued in the new plan year"),
        "benefits.coverage.confirmed": _("%(carrier)s confirmed the coverage", carrier=carrier),
        "benefits.coverage.disputed": _("%(carrier)s has other data. HR is checking", carrier=carrier),
    }[step.name]


def _moved(status: str, carrier: str) -> str:
    return {
        "none": _("Nothing to tell the carrier"),
        "ready": _("Ready for %(carrier)s", carrier=carrier),
        "sent": _("Sent to %(carrier)s", carrier=carrier),
        "syntax_accepted": _("%(carrier)s received it", carrier=carrier),
        "syntax_rejected": _("%(carrier)s could not read it. HR corrects it", carrier=carrier),
    }.get(status, _("Changed"))
