"""Putting the reminders of an enrollment off: one press, from the e-mail or from home."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.benefits.rules.windows import snooze_until
from app.benefits.services import reminders
from app.benefits.views.blueprint import bp
from app.benefits.views.text import _
from app.core.access import Can
from app.core.clock import today
from app.core.errors import Conflict
from app.web.access import requires
from app.web.edge import actor, session
from app.web.formats import long_date
from app.web.pages import page


@bp.get("/enroll/<uuid:window_id>/reminder")
@requires(Can.ENROLL_OWN)
def reminder(window_id: UUID) -> Response:
    window = reminders.own_window(session(), actor(), window_id)
    return page("benefits/reminder.html", window=window, until=snooze_until(window.closes_on, today()))


@bp.post("/enroll/<uuid:window_id>/reminder")
@requires(Can.ENROLL_OWN)
def reminder_post(window_id: UUID) -> Response:
    try:
        day = reminders.put_off(session(), actor(), window_id, today(), again="never" not in request.form)
    except Conflict:
        flash(_("There is no time left for another reminder. It closes soon."), "warn")
    else:
        said = _("We remind you again on %(day)s.", day=long_date(day)) if day else _("No more reminders for this.")
        flash(said, "good")
    return redirect(url_for("benefits.home"), 303)
