"""How stages, waits, letters and answers are said on the pages of a case, and which tone they have."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.screening.forms.adverse import RECORD_KINDS
from app.screening.models import ScreeningRequest
from app.screening.rules.gate import WORDS as PIECES
from app.screening.rules.gate import Missing
from app.screening.rules.lookbacks import Objection
from app.screening.rules.reasons import Reason
from app.screening.services.clock import reason_of
from app.screening.services.desk import Waits
from app.web.formats import long_date

Tag = tuple[Any, str]

STAGES: dict[str, Tag] = {
    "gate_order": (_l("Not ordered yet"), "neutral"),
    "review": (_l("Review"), "info"),
    "pre_adverse": (_l("Notice on its way"), "warn"),
    "waiting": (_l("Candidate's time runs"), "info"),
    "paused": (_l("Answered"), "warn"),
    "reassess": (_l("Assessed again"), "warn"),
    "final": (_l("Final notice"), "neutral"),
    "canceled": (_l("Adverse action ended"), "neutral"),
}
DECISIONS: dict[str, Tag] = {
    "pending": (_l("Decision pending"), "info"),
    "accepted": (_l("Accepted"), "good"),
    "not_accepted": (_l("Not accepted"), "neutral"),
}
WAITS: dict[Waits, Tag] = {
    Waits.REVIEW: (_l("Review"), "info"),
    Waits.ANSWERED: (_l("Answer to read"), "warn"),
    Waits.BOUNCED: (_l("Letter came back"), "bad"),
    Waits.DUE: (_l("Time is over"), "warn"),
    Waits.AGREE: (_l("Second person"), "info"),
    Waits.CLEAR: (_l("Clear"), "good"),
}
CHOICES: dict[str, Tag] = {
    "open": (_l("Not chosen yet"), "warn"),
    "relied_on": (_l("Relied on"), "info"),
    "set_aside": (_l("Set aside"), "neutral"),
}
HINTS: dict[str, Tag] = {
    "eligible": (_l("Matrix: no objection"), "good"),
    "review": (_l("Matrix: look closely"), "warn"),
    "escalate": (_l("Matrix: ask a second person"), "bad"),
}
NOTICES = {
    "pre_adverse": _l("Notice before a decision"),
    "final": _l("Final notice"),
    "canceled": _l("Letter that it ended"),
    "dispute_receipt": _l("Receipt of a dispute"),
}
DELIVERIES: dict[str, Tag] = {
    "queued": (_l("Not sent yet"), "info"),
    "sent": (_l("Sent"), "info"),
    "delivered": (_l("Arrived"), "good"),
    "bounced": (_l("Came back"), "bad"),
}
WAYS = {
    "email": _l("E-mail"), "mail": _l("Mail"), "tracked_mail": _l("Tracked mail"), "in_person": _l("In person"),
}  # fmt: skip
SAID = {
    "dispute_announced": _l("The candidate says that the report is wrong"),
    "evidence_announced": _l("The candidate says what speaks for them"),
    "dispute_opened": _l("A dispute began at the provider"),
    "dispute_closed": _l("The provider answered the dispute"),
}
PAPERS = {
    "report_copy": _l("copy of the report"),
    "summary_of_rights": _l("Summary of Rights"),
    "place_papers": _l("papers of the place"),
    "rules": _l("cleared rules"),
    "cra_name": _l("name of the agency"),
    "cra_address": _l("address of the agency"),
    "cra_phone": _l("phone of the agency"),
    "cra_privacy": _l("privacy practices of the agency"),
    "employer_address": _l("address of the company"),
    "employer_contact": _l("whom to ask at the company"),
    "reconsideration": _l("how to ask the company to look again"),
    "cori_policy": _l("the company's policy on records in Massachusetts"),
    "good_cause": _l("duties of the job"),
    "searched_on": _l("when the records were read"),
    "searched_sources": _l("where was searched"),
}
"""Names of papers and of values, `documents.schema.VALUES`, as a blocked button says them."""
KINDS = {kind.value: label for kind, label in RECORD_KINDS.items()}
STATES = {"late": _l("Time is over"), "standing": _l("Clock stands"), "disputed": _l("In dispute")}


def lack(missing: Missing) -> str:
    """A missing piece, in the language of the page; names of papers and details as they are known."""
    said = str(_(PIECES[missing.piece]))
    names = ", ".join(str(PAPERS.get(name, name)) for name in missing.names)
    return f"{said}: {names}" if names else said


def reasons(request: ScreeningRequest) -> list[str]:
    """Why the clock ends on its day, or why it stands."""
    return [reason(reason_of(kept)) for kept in request.due_reasons]


def reason(found: Reason) -> str:
    values = {name: _spelled(value) for name, value in found.values.items()}
    until = f" → {long_date(found.due_on)}" if found.due_on else ""
    return f"{_(found.message, **values) if values else _(found.message)}{until}"


def _spelled(value: Any) -> Any:
    if isinstance(value, date):
        return long_date(value)
    return _(value) if isinstance(value, str) else value


def objection(found: Objection, *, undated: bool) -> str:
    if found.since is None and undated:
        return str(
            _(
                "%(rule)s: counts as too old while its day is not known, if it may be considered at all",
                rule=_(found.rule),
            )
        )
    if found.since is None:
        return str(_("%(rule)s: may not be considered", rule=_(found.rule)))
    return str(_("%(rule)s: too old since %(since)s", rule=_(found.rule), since=long_date(found.since)))
