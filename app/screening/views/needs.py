"""What the home page says about background checks, to those who order them."""

from __future__ import annotations

from flask import url_for
from sqlalchemy.orm import Session

from app.core.access import Can
from app.core.events import Actor
from app.screening.forms.text import _
from app.screening.services.attention import waiting
from app.web.home import Need

ANY = {Can.CHECK_ORDER}


def needs(session: Session, actor: Actor) -> list[Need]:
    found = waiting(session, actor)
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
