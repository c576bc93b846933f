"""The words people read for where a request is. For recruiters: nothing here tells what a report says."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l

from app.core.clock import now
from app.integrations.screening import Status
from app.screening.forms.text import _, plural
from app.screening.rules.gate import WORDS as MISSING
from app.screening.rules.gate import Piece
from app.screening.rules.jurisdictions import WORDS as STOPS
from app.screening.rules.jurisdictions import Why
from app.screening.rules.outcomes import Decision
from app.screening.rules.states import (
    BillingMethod,
    Blocker,
    Bucket,
    CheckStatus,
    CheckType,
    ConsentState,
    OrderState,
    Priority,
    RequestStatus,
    RequestType,
)
from app.screening.rules.words import AskStage
from app.web.formats import short_date

STATUS: dict[str, tuple[Any, str]] = {
    RequestStatus.INITIATED: (_l("Waiting for consent"), "info"),
    RequestStatus.SUBMITTED: (_l("Ordered"), "info"),
    RequestStatus.IN_PROGRESS: (_l("In progress"), "info"),
    RequestStatus.COMPLETED: (_l("Decision pending"), "warn"),
    RequestStatus.FAILED: (_l("Order failed"), "bad"),
    RequestStatus.CANCELED: (_l("Canceled"), "neutral"),
    RequestStatus.ON_HOLD: (_l("On hold"), "warn"),
}
DECISION: dict[str, tuple[Any, str]] = {
    Decision.ACCEPTED: (_l("Accepted"), "good"),
    Decision.PENDING: (_l("Decision pending"), "warn"),
    Decision.NOT_ACCEPTED: (_l("Not accepted"), "neutral"),
}
BLOCKER: dict[str, Any] = {
    Blocker.CANDIDATE: _l("Candidate"),
    Blocker.PROVIDER: _l("Provider"),
    Blocker.COURT: _l("Court"),
    Blocker.US: _l("Us"),
    Blocker.NOBODY: _l("Nobody"),
}
BUCKET: dict[str, Any] = {Bucket.ACTIVE: _l("Active"), Bucket.REVIEW: _l("Review"), Bucket.DONE: _l("Done")}
CHECK: dict[str, Any] = {
    CheckType.CRIMINAL: _l("Criminal record"),
    CheckType.EDUCATION: _l("Education"),
    CheckType.EMPLOYMENT: _l("Employment"),
    CheckType.CREDIT: _l("Credit"),
    CheckType.DRUG_TEST: _l("Drug test"),
    CheckType.MVR: _l("Driving record"),
    CheckType.PROFESSIONAL_LICENSE: _l("License"),
    CheckType.REFERENCE: _l("References"),
    CheckType.IDENTITY_VERIFICATION: _l("Identity"),
    CheckType.OTHER: _l("Other check"),
}
CHECK_STATUS: dict[str, tuple[Any, str]] = {
    CheckStatus.PENDING: (_l("not begun"), "neutral"),
    CheckStatus.IN_PROGRESS: (_l("in progress"), "info"),
    CheckStatus.COMPLETED: (_l("done"), "neutral"),
    CheckStatus.FAILED: (_l("needs a look"), "warn"),
    CheckStatus.CANCELED: (_l("canceled"), "neutral"),
    CheckStatus.NOT_APPLICABLE: (_l("not needed"), "neutral"),
}
DELAY: dict[str, Any] = {
    "court_closed": _l("the court is closed"),
    "court_delay": _l("the court takes long"),
    "common_name": _l("a common name is told apart by hand"),
    "candidate": _l("a question to the candidate"),
}
STAGE: dict[str, Any] = {
    AskStage.ANY_TIME: _l("Before the application"),
    AskStage.APPLICATION: _l("Application received"),
    AskStage.INTERVIEW: _l("Interview held"),
    AskStage.OFFER: _l("Offer made, on condition of the check"),
}
STAGE_SHORT: dict[str, Any] = {
    AskStage.ANY_TIME: _l("Early"),
    AskStage.APPLICATION: _l("Applied"),
    AskStage.INTERVIEW: _l("Interviewed"),
    AskStage.OFFER: _l("Offer made"),
}
PRIORITY: dict[str, Any] = {
    Priority.LOW: _l("Low"),
    Priority.NORMAL: _l("Normal"),
    Priority.HIGH: _l("High"),
    Priority.CRITICAL: _l("Critical"),
    Priority.EMERGENCY: _l("Emergency"),
}
REQUEST_TYPE: dict[str, Any] = {
    RequestType.PRE_EMPLOYMENT: _l("Before hiring"),
    RequestType.POST_OFFER: _l("After the offer"),
    RequestType.PERIODIC: _l("Periodic, of staff"),
    RequestType.PROMOTION: _l("For a promotion"),
    RequestType.CONTRACT_RENEWAL: _l("For a contract renewal"),
    RequestType.VOLUNTEER: _l("Of a volunteer"),
}
BILLING: dict[str, Any] = {
    BillingMethod.COMPANY_PAID: _l("The company pays"),
    BillingMethod.CANDIDATE_PAID: _l("The candidate pays"),
    BillingMethod.SHARED: _l("Shared"),
}
PROBLEM: dict[str, Any] = {
    "held": _l("On hold"),
    "bounced": _l("Link came back"),
    "expired": _l("Invitation expired"),
    "failed": _l("Order failed"),
    "stale": _l("Silent provider"),
    "late": _l("Late"),
}
CERTIFICATION = {
    "fcra-2026-11": _l(
        "I certify that this report is for employment purposes only; that the candidate will get the disclosure alone in its document"
        " and must authorize the report in writing before it is ordered; that before any adverse action based on it the candidate will"
        " get a copy of the report and the summary of rights; and that it will not be used against any equal employment law."
    )
}
"""By version (`ordering.CERTIFICATION`). Source: 15 USC 1681b(b)(1). A changed text gets a new version."""

_TO_DO: dict[str, Any] = {
    Piece.RULES: _l("Compliance clears the rules of the place"),
    Piece.ASK_STAGE: _l("Say when hiring has come far enough"),
    Piece.CONSENT: _l("Ask for the consent again"),
    Piece.FIRST_STAGE: _l("The first stage must be accepted"),
}
_AT_PROVIDER: dict[str, Any] = {
    Status.ORDERED: _l("The provider invites the candidate"),
    Status.WAITING_CANDIDATE: _l("The candidate fills in the provider's form"),
    Status.INVITATION_EXPIRED: _l("Order again, or cancel"),
    Status.IN_PROGRESS: _l("The provider searches"),
    Status.CANDIDATE_ACTION: _l("The candidate answers the provider"),
    Status.CLIENT_ACTION: _l("Answer the provider's question"),
    Status.DISPUTE: _l("The provider searches"),
    Status.CANCELED: _l("Nothing more"),
    Status.UNMAPPED: _l("Look at the provider: an unknown answer"),
}


class Next(NamedTuple):
    """What happens next, by when, and whether it is somebody here who must do it."""

    text: str
    due_on: date | datetime | None = None


def status(row: Any) -> tuple[str, str]:
    """(words, tone) of a request: where it is, or what was decided. `row`: a board row or a request."""
    if row.status == RequestStatus.CANCELED:
        text, tone = STATUS[RequestStatus.CANCELED]
    elif row.decision != Decision.PENDING:
        text, tone = DECISION[row.decision]
    elif row.bucket == Bucket.REVIEW:
        text, tone = DECISION[Decision.PENDING]
    elif row.provider_status == Status.INVITATION_EXPIRED and row.order_state == OrderState.PLACED:
        text, tone = _l("Invitation expired"), "bad"
    else:
        text, tone = STATUS[row.status]
        if row.status == RequestStatus.INITIATED and row.consent == ConsentState.APPROVED:
            text = _l("Being ordered")
    return str(text), tone


def next_step(row: Any) -> Next:
    """The next step of a board row, and its day."""
    if row.bucket == Bucket.DONE:
        return Next(_("Nothing more"))
    if row.bucket == Bucket.REVIEW:
        return Next(_("An adjudicator decides"))
    if row.order_state == OrderState.PLACED:
        return Next(str(_AT_PROVIDER.get(row.provider_status, "")), row.expected_on or row.due_on)
    if row.order_state != OrderState.NONE:
        return Next(_ordering(row))
    if row.bounced:
        return Next(_("Correct the address and send the link again"))
    if row.stopped:
        return Next(str(_TO_DO[Piece.RULES]))
    if row.consent == ConsentState.PENDING:
        waits = _("The candidate reads and signs") if row.link_sent_at else _("The link is being sent")
        return Next(waits, row.link_expires_at)
    return Next(to_do(row.hold_reason) or _("The order is being sent"))


def _ordering(row: Any) -> str:
    if row.order_state == OrderState.UNKNOWN:
        return _("Look whether the order arrived")
    if row.order_state == OrderState.REFUSED:
        return _("Read why, then order again")
    return _("The order is being sent")


def to_do(hold_reason: str) -> str:
    """The first missing piece, as something to do."""
    first = hold_reason.partition(",")[0]
    if not first:
        return ""
    return str(_TO_DO.get(first) or gettext_of(first))


def gettext_of(piece: str) -> str:
    return _(MISSING[Piece(piece)])


def missing(hold_reason: str) -> list[str]:
    """Every missing piece in words."""
    return [gettext_of(piece) for piece in hold_reason.split(",") if piece]


def age(row: Any) -> str:
    """How long it has run, or took."""
    ended = row.completed_at or now()
    days = (ended - row.initiated_at).days
    return _("today") if days == 0 else plural("%(num)d day", "%(num)d days", days)


def expected(row: Any) -> str:
    """The age's other half: by when it is done."""
    if row.bucket != Bucket.ACTIVE:
        return ""
    day = row.expected_on or row.due_on
    if row.late:
        return _("late since %(day)s", day=short_date(day))
    return (
        _("expected %(day)s", day=short_date(day))
        if row.expected_on
        else _("at the latest %(day)s", day=short_date(day))
    )


def consent(row: Any) -> tuple[str, str]:
    """(words, tone) of the consent and its end."""
    if row.consent == ConsentState.APPROVED:
        if row.consent_expires_at is not None and row.consent_expires_at <= now():
            return _("Ran out on %(day)s", day=short_date(row.consent_expires_at)), "bad"
        return _("Holds until %(day)s", day=short_date(row.consent_expires_at)), "neutral"
    if row.consent == ConsentState.PENDING:
        return (_("Opened, not signed"), "info") if row.link_opened_at else (_("Not signed yet"), "neutral")
    return (_("Not given"), "neutral") if row.consent == ConsentState.DECLINED else (_("Taken back"), "neutral")


def chip(check_type: str, check_status: str, delay: str = "") -> tuple[str, str]:
    """(words, tone) of one search: how far it is, never what it found."""
    state, tone = CHECK_STATUS[check_status]
    why = (
        f" ({DELAY.get(delay, _('takes longer than usual'))})"
        if delay and check_status == CheckStatus.IN_PROGRESS
        else ""
    )
    return f"{CHECK[check_type]}: {state}{why}", tone


def grouped(chips: Iterable[Any]) -> list[tuple[str, str]]:
    """Searches of one kind as one chip: ten counties are not ten chips on a list."""
    kinds: dict[str, list[Any]] = {}
    for one in chips:
        kinds.setdefault(one.check_type, []).append(one)
    found = []
    for kind, ones in kinds.items():
        open_ones = [one for one in ones if one.status not in (CheckStatus.COMPLETED, CheckStatus.NOT_APPLICABLE)]
        if len(ones) == 1 or not open_ones:
            found.append(chip(kind, (open_ones or ones)[0].status, (open_ones or ones)[0].delay))
        else:
            done = len(ones) - len(open_ones)
            found.append(
                (_("%(check)s: %(done)s of %(all)s done", check=CHECK[kind], done=done, all=len(ones)), "info")
            )
    return found


def by_when(day: date | datetime | None) -> str:
    return "" if day is None else _("by %(day)s", day=short_date(day))


def stop(found: Any) -> str:
    """Why a person must look before the candidate is asked. `found`: an item of `ScreeningRequest.stops`."""
    return _(STOPS[Why(found["why"])], subject=_(found["subject"]))
