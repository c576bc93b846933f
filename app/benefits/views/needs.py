"""What the home page says about enrollments."""

from __future__ import annotations

from flask import url_for
from sqlalchemy.orm import Session

from app.benefits.services.attention import waiting
from app.benefits.services.queue import OVERDUE_DAYS
from app.benefits.views.text import _
from app.core.access import Can
from app.core.events import Actor
from app.web.formats import days_left
from app.web.home import Need

ANY = {Can.ENROLLMENT_VIEW}


def needs(session: Session, actor: Actor) -> list[Need]:
    found = waiting(session, actor)
    decides = actor.can(Can.ENROLLMENT_APPROVE)
    label = _("Enrollments to decide") if decides else _("Enrollments waiting for HR")
    in_time = _("Oldest first") if decides else ""
    made = [
        Need(
            _("Overdue enrollments"), found.overdue, url_for("benefits.queue", overdue="y"),
            _("Signed more than %(days)s days ago", days=OVERDUE_DAYS), "bad",
        ),
        Need(label, found.queue, url_for("benefits.queue"), in_time, "warn" if decides else "info"),
        Need(_("Enrollments on hold"), found.on_hold, url_for("benefits.queue", status="on_hold"), "", "info"),
    ]  # fmt: skip
    if found.own_closes_on:
        made.append(Need(_("Your own benefits to choose"), 1, url_for("benefits.home"), days_left(found.own_closes_on)))
    return made
