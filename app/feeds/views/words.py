"""How states, kinds and disagreements are said on a page; and which tone they have."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

Tag = tuple[Any, str]

FILE_STATES: dict[str, Tag] = {
    "building": (_l("Being made"), "info"),
    "refused": (_l("Refused by our check"), "bad"),
    "held": (_l("Held"), "warn"),
    "ready": (_l("Ready to send"), "info"),
    "sent": (_l("Sent"), "info"),
    "accepted": (_l("Syntax accepted"), "good"),
    "partial": (_l("Partly accepted"), "warn"),
    "rejected": (_l("Rejected"), "bad"),
    "canceled": (_l("Canceled"), "neutral"),
}

KINDS = {"change": _l("Changes"), "full": _l("Full file")}
USAGES = {"T": _l("Test"), "P": _l("Production")}

CHANGE_KINDS = {
    "add": _l("Add coverage"),
    "change": _l("Change coverage"),
    "terminate": _l("End coverage"),
    "reinstate": _l("Reinstate coverage"),
    "demographic": _l("Change personal details"),
}

SEVERITIES: dict[str, Tag] = {
    "failure": (_l("Coverage at risk"), "bad"),
    "warning": (_l("Warning"), "warn"),
    "info": (_l("Information"), "info"),
}

OWNERS = {"employee": _l("Employee"), "hr": _l("HR"), "carrier": _l("Carrier"), "broker": _l("Broker")}

STATES: dict[str, Tag] = {
    "open": (_l("Open"), "warn"),
    "resolved": (_l("Resolved"), "good"),
    "auto_closed": (_l("Agrees again"), "good"),
}

TITLES = {
    "missing-at-carrier": _l("Not enrolled at the carrier"),
    "unknown-at-employer": _l("The carrier covers somebody we do not"),
    "active-after-end": _l("Still covered at the carrier after the end"),
    "ended-at-carrier": _l("Ended at the carrier, in force here"),
    "plan-differs": _l("A different plan"),
    "tier-differs": _l("A different coverage level"),
    "start-differs": _l("A different start date"),
    "end-differs": _l("A different end date"),
    "name-differs": _l("A different name"),
    "birth-date-differs": _l("A different birth date"),
    "ssn-differs": _l("A different Social Security number"),
}

ADVICE = {
    "missing-at-carrier": _l(
        "Ask the carrier to enroll this person from the start date, and whether claims were refused meanwhile. Sending the file again is the other way."
    ),
    "unknown-at-employer": _l(
        "Find out whether this person should be covered. If not, ask the carrier to end it; you may be paying for it."
    ),
    "active-after-end": _l("Ask the carrier to end the coverage on the date shown here; you may be paying for it."),
    "ended-at-carrier": _l("Ask the carrier to reinstate the coverage without a gap."),
    "plan-differs": _l("Compare with the signed choice, then ask the carrier to correct the plan."),
    "tier-differs": _l("Compare who is covered on both sides, then ask the carrier to correct the level."),
    "start-differs": _l("Ask the carrier to correct the start date; deductions depend on it."),
    "end-differs": _l("Ask the carrier to correct the end date."),
    "name-differs": _l("Find out which spelling is right. If ours is, send the change again."),
    "birth-date-differs": _l("Ask the employee for the right date. If ours is right, send the change again."),
    "ssn-differs": _l("Ask the employee for the right number. If ours is right, send the change again."),
}

INBOX_STATES: dict[str, Tag] = {
    "received": (_l("Waiting"), "info"),
    "applied": (_l("Applied"), "good"),
    "refused": (_l("Could not be used"), "bad"),
    "unmapped": (_l("Nobody knows what it is"), "warn"),
}

INBOX_KINDS = {
    "": _l("Not read yet"),
    "acknowledgement": _l("Acknowledgement"),
    "census": _l("Census"),
    "verify": _l("834 audit file"),
    "unknown": _l("Unknown"),
}

OUTCOMES: dict[str, Tag] = {
    "": (_l("No answer yet"), "neutral"),
    "accepted": (_l("Syntax accepted"), "info"),
    "rejected": (_l("Rejected"), "bad"),
}

HOLDS = {
    "percent": _l("More people or coverages would be lost than this carrier's limit allows."),
    "people": _l("Many people would lose their coverage by this file."),
}

EVENTS = {
    "feeds.file.begun": _l("Control numbers taken"),
    "feeds.file.made": _l("File made and checked"),
    "feeds.file.held": _l("Held until a second person has looked"),
    "feeds.file.released": _l("Released by a second person"),
    "feeds.file.canceled": _l("Canceled"),
    "feeds.file.sent": _l("Delivered to the carrier"),
    "feeds.file.delivery-failed": _l("Delivery failed"),
    "feeds.file.acknowledged": _l("Answered by the carrier's computer"),
    "feeds.file.overdue": _l("The acknowledgement is late"),
    "feeds.file.resent": _l("Sent again as a new file"),
    "feeds.file.downloaded": _l("Raw file downloaded"),
}

PROBLEMS = {
    "host-key-changed": _l(
        "The server shows another host key than the pinned one. Nothing was sent. Call the carrier, then open the connection."
    ),
    "credentials-refused": _l("The carrier does not accept our credentials. Open the connection and enter them again."),
    "host-not-allowed": _l("Corridor may not connect to this server. Check its name in the connection."),
    "connection-lost": _l("The carrier's server cannot be reached. We try again by ourselves."),
    "name-taken": _l(
        "Another file of this name lies at the carrier. Cancel this file; its content goes out under new numbers."
    ),
}


def problem(code: str) -> str:
    """A delivery problem in plain words; the code itself when nobody wrote words for it."""
    return str(PROBLEMS.get(code) or _("The delivery failed (%(code)s). Open the connection and test it.", code=code))


def event(row: Any) -> dict[str, Any]:
    """One line of a file's timeline."""
    tone = "bad" if row.name.endswith(("overdue", "failed")) else ""
    return {
        "title": EVENTS.get(row.name, row.name),
        "at": row.occurred_at,
        "who": row.display_name or _("Corridor"),
        "text": row.reason,
        "tone": tone,
    }
