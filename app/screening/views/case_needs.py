"""What the home page says to adjudicators and compliance officers."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core.access import Can
from app.core.events import Actor
from app.screening.services import desk
from app.screening.services.desk import Waits
from app.web.home import Need

ANY = {Can.ADVERSE_ACT}


def needs(session: Session, actor: Actor) -> list[Need]:
    found = desk.counts(session, actor)
    return [
        Need(_("Letters that came back"), found[Waits.BOUNCED], url_for("screening.desk", why="bounced"), _("The clock stands"), "bad"),
        Need(_("Cases whose time is over"), found[Waits.DUE], url_for("screening.desk", why="due"), _("Read again, then decide")),
        Need(_("Answers of candidates"), found[Waits.ANSWERED], url_for("screening.desk", why="answered")),
        Need(_("Assessments that need a second person"), found[Waits.AGREE], url_for("screening.desk", why="agree")),
        Need(_("Reports to review"), found[Waits.REVIEW], url_for("screening.desk", why="review")),
        Need(_("Clear reports to accept"), found[Waits.CLEAR], url_for("screening.desk", why="clear"), "", "info"),
    ]  # fmt: skip
