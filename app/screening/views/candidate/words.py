"""What the candidate reads about how things are. The recruiter's board says the same with the same words where it can."""

from __future__ import annotations

from typing import NamedTuple

from flask_babel import gettext as _

from app.screening.rules.reasons import Reason
from app.screening.services.agency import agency
from app.screening.services.cases import Case
from app.screening.services.standing import Where
from app.web.formats import long_date


class Said(NamedTuple):
    """Attributes:
    tone: of the notice around it. needs: what the candidate is to do; empty when it is nothing.
    """

    title: str
    text: str
    tone: str
    needs: str = ""


def status(where: Where, case: Case) -> Said:
    """The state in words, and what is needed from the candidate."""
    known = {"company": case.company.name, "agency": agency(case.connection).name or case.connection.name}
    said: Said = _STATES[where](known)
    return said


def _said(title: str, text: str, tone: str, needs: str = "") -> Said:
    return Said(title, text, tone, needs)


_STATES = {
    Where.DECLINED: lambda k: _said(
        _("You did not agree"), _("The check will not be made. %(company)s knows; nobody asked why.", **k), "info"
    ),
    Where.WITHDRAWN: lambda k: _said(
        _("You took your permission back"),
        _("The check has stopped. %(company)s knows; nobody asked why.", **k),
        "info",
    ),
    Where.ENDED: lambda k: _said(
        _("This check has ended"), _("Nothing is needed from you. Questions? Call us.", **k), "info"
    ),
    Where.PREPARING: lambda k: _said(
        _("We are getting your check started"), _("You will see the next step here in a moment.", **k), "info"
    ),
    Where.WAITS_FOR_EMPLOYER: lambda k: _said(
        _("%(company)s has something to do first", **k), _("Your part is done for now.", **k), "info"
    ),
    Where.DETAILS: lambda k: _said(
        _("Next: your details"),
        _(
            "%(agency)s makes the check and needs your details. Your Social Security number goes to them, not to us.",
            **k,
        ),
        "warn",
        _("Give your details to %(agency)s", **k),
    ),
    Where.RUNNING: lambda k: _said(_("Your check is running"), _("%(agency)s is working on it.", **k), "info"),
    Where.NEEDS_YOU: lambda k: _said(
        _("%(agency)s needs something from you", **k),
        _("Look at your e-mail or at the page of %(agency)s: until you answer, the check stands still.", **k),
        "warn",
        _("Go on at %(agency)s", **k),
    ),
    Where.DISPUTE: lambda k: _said(
        _("Your dispute is being looked into"),
        _("%(agency)s checks what you said. No decision is made meanwhile.", **k),
        "info",
    ),
    Where.REPORTED: lambda k: _said(
        _("The report is finished"), _("%(company)s reads it now. A person decides, not a computer.", **k), "info"
    ),
    Where.NOTICE: lambda k: _said(
        _("There is a letter for you"),
        _("Read it before anything is decided. You have the right to answer.", **k),
        "warn",
    ),
    Where.ACCEPTED: lambda k: _said(
        _("Your check is finished"),
        _("Nothing stands in the way. %(company)s will tell you what comes next.", **k),
        "good",
    ),
    Where.NOT_ACCEPTED: lambda k: _said(
        _("A decision was made"), _("A letter says what was decided and which rights you have.", **k), "info"
    ),
}


def letter(kind: str) -> str:
    """What a letter is called."""
    names: dict[str, str] = {
        "pre_adverse": _("Notice before a decision"),
        "final": _("Decision"),
        "canceled": _("The notice no longer counts"),
        "dispute_receipt": _("We have your dispute"),
    }
    return names[kind]


def reason(why: Reason) -> str:
    """Why the last day is that day: "CA: 2 + 5 business days, e-mail"."""
    values = {name: long_date(value) if hasattr(value, "year") else _(str(value)) for name, value in why.values.items()}
    return str(_(why.message) % values)
