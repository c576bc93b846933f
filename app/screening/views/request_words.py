"""The history of a request in words, for recruiters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l

from app.integrations.screening import Status
from app.screening.forms import words
from app.screening.forms.text import _
from app.screening.services.request_page import Happened

EVENT: dict[str, tuple[Any, str]] = {
    "screening.request.initiated": (_l("The check was begun"), ""),
    "screening.request.held": (_l("It is held: something is missing"), "warn"),
    "screening.request.released": (_l("Nothing is missing: the order may go out"), "good"),
    "screening.request.ordered": (_l("Ordered at the provider"), "good"),
    "screening.request.uncertain": (_l("Nobody knows whether the order arrived"), "bad"),
    "screening.request.refused": (_l("The provider refused the order"), "bad"),
    "screening.request.canceled": (_l("Canceled"), "warn"),
    "screening.request.extended": (_l("It may run on"), ""),
    "screening.request.retried": (_l("To be ordered again"), ""),
    "screening.request.found": (_l("The order was found at the provider"), ""),
    "screening.hold.set": (_l("Kept for a legal matter"), "warn"),
    "screening.hold.lifted": (_l("The legal hold was lifted"), ""),
    "screening.link.asked": (_l("The link was asked for again"), ""),
    "screening.link.held": (_l("The documents lack something, so nothing was sent"), "warn"),
    "screening.link.sent": (_l("The link was sent"), ""),
    "screening.link.opened": (_l("The candidate opened the link"), "good"),
    "screening.link.bounced": (_l("The link came back"), "bad"),
    "screening.consent.given": (_l("The candidate signed"), "good"),
    "screening.consent.declined": (_l("The candidate did not agree"), "warn"),
    "screening.consent.withdrawn": (_l("The candidate took the consent back"), "warn"),
    "screening.consent.asked": (_l("The documents were sent to be signed again"), ""),
    "screening.paper.asked": (_l("The candidate asked for paper"), "warn"),
    "screening.report.completed": (_l("The report is complete"), "good"),
    "screening.decision.made": (_l("Decided"), ""),
    "screening.candidate.corrected": (_l("The contact data were corrected"), ""),
}
COMPLETED = "screening.report.completed"
PROVIDER: dict[str, Any] = {
    Status.ORDERED: _l("The provider has the order"),
    Status.WAITING_CANDIDATE: _l("The provider wrote to the candidate"),
    Status.INVITATION_EXPIRED: _l("The provider's invitation expired"),
    Status.IN_PROGRESS: _l("The provider searches"),
    Status.CANDIDATE_ACTION: _l("The provider asks the candidate something"),
    Status.CLIENT_ACTION: _l("The provider asks us something"),
    Status.CANCELED: _l("The provider canceled"),
    Status.UNMAPPED: _l("The provider said something nobody knows"),
}
CANCELED: dict[str, Any] = {"candidate_withdrew_consent": _l("The candidate took the consent back")}
"""Our own words among the reasons."""

PROBLEM: dict[str, Any] = {
    "rejected": _l("The provider did not accept what was sent. Look at the candidate's data."),
    "auth_failed": _l("The provider did not accept our key. Whoever manages connections must look at it."),
}


def timeline(happened: Iterable[Happened]) -> list[dict[str, Any]]:
    """For the timeline component, newest first as given. A dispute would tell that there is something to dispute: it is left out."""
    shown = [one for one in happened if one.new.get("status") not in (Status.DISPUTE, Status.COMPLETE)]
    first = next((one for one in reversed(shown) if one.name == COMPLETED), None)
    return [_event(one) for one in shown if one.name != COMPLETED or one is first]


def _event(one: Happened) -> dict[str, Any]:
    title, tone = EVENT.get(one.name, (one.name, ""))
    if one.name == "screening.report.changed":
        title = PROVIDER.get(str(one.new.get("status")), _("The provider said something new"))
    elif one.name == "screening.application.moved":
        title = _("Hiring: %(stage)s", stage=words.STAGE.get(str(one.new.get("stage")), ""))
    elif one.name == "screening.decision.made":
        title, tone = words.DECISION.get(str(one.new.get("decision")), (title, tone))
    return {"title": title, "at": one.at, "who": one.who, "text": reason(one), "tone": tone}


def reason(one: Happened) -> str:
    """What was said with it; why a candidate took something back is nobody's to read."""
    if one.name == "screening.decision.made":
        return ""
    if one.name == "screening.request.held":
        return "; ".join(words.missing(str(one.new.get("missing", ""))))
    return str(CANCELED.get(one.reason, one.reason))


def problem(code: str) -> str:
    """Why an order failed."""
    return "" if not code else str(PROBLEM.get(code, _("The provider's answer: %(code)s", code=code)))
