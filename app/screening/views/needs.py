"""What the home page says about background checks: to those who order them, and to those who judge."""

from __future__ import annotations

from flask import url_for
from sqlalchemy.orm import Session

from app.core.access import Can
from app.core.events import Actor
from app.screening.forms.text import _
from app.screening.services.attention import Waiting, waiting
from app.screening.services.desk import Waits
from app.web.home import Need

ANY = {Can.CHECK_ORDER, Can.ADVERSE_ACT}


def needs(session: Session, actor: Actor) -> list[Need]:
    orders, cases = waiting(session, actor)
    return [*(_orders(orders) if orders else ()), *(_cases(cases) if cases else ())]


def _orders(found: Waiting) -> list[Need]:
    made = (
        (_("Orders that failed"), found.failed, "failed", _("Look whether they arrived, or repair them"), "bad"),
        (_("Links that came back"), found.bounced, "bounced", _("Correct the address and send again"), "bad"),
        (_("Invitations that expired"), found.expired, "expired", _("Order again or cancel"), "bad"),
        (_("Checks on hold"), found.held, "held", _("Something is missing before the order"), "warn"),
        (_("Checks that are late"), found.late, "late", _("Past the day they were expected"), "warn"),
        (_("Silent providers"), found.stale, "stale", _("No news for days"), "info"),
    )
    return [
        Need(label, number, url_for("screening.board", problem=problem), note, tone)
        for label, number, problem, note, tone in made
    ]


def _cases(found: dict[Waits, int]) -> list[Need]:
    return [
        Need(_("Letters that came back"), found[Waits.BOUNCED], url_for("screening.desk", why="bounced"), _("The clock stands"), "bad"),
        Need(_("Cases whose time is over"), found[Waits.DUE], url_for("screening.desk", why="due"), _("Read again, then decide")),
        Need(_("Answers of candidates"), found[Waits.ANSWERED], url_for("screening.desk", why="answered")),
        Need(_("Assessments that need a second person"), found[Waits.AGREE], url_for("screening.desk", why="agree")),
        Need(_("Reports to review"), found[Waits.REVIEW], url_for("screening.desk", why="review")),
        Need(_("Clear reports to accept"), found[Waits.CLEAR], url_for("screening.desk", why="clear"), "", "info"),
    ]  # fmt: skip
