"""The order of the wizard and what every step of it does: open the desk, keep the answers, go on."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.benefits import services
from app.benefits.rules.calendar import age_on
from app.benefits.services.desk import Desk
from app.benefits.services.drafts import STALE
from app.benefits.services.submissions import BENEFICIARIES, WHO
from app.benefits.views import words
from app.benefits.views.text import _
from app.core.errors import Conflict
from app.people.models import Dependent
from app.web.edge import actor, session
from app.web.formats import long_date

CHECK, SIGN = "check", "sign"


def order(desk: Desk) -> list[str]:
    """Every step of this desk."""
    middle = [BENEFICIARIES] if desk.needs_beneficiary else []
    return [WHO, *desk.types, *middle, CHECK, SIGN]


def step_url(desk: Desk, step: str, **more: Any) -> str:
    if step in desk.types:
        return url_for("benefits.choose", window_id=desk.window.id, kind=step, **more)
    return url_for(f"benefits.{step}", window_id=desk.window.id, **more)


def step_title(step: str) -> str:
    fixed = {
        WHO: _("Who to cover"),
        BENEFICIARIES: _("Beneficiaries"),
        CHECK: _("Check your answers"),
        SIGN: _("Sign"),
    }
    return fixed.get(step) or words.coverage(step)


def desk_at(window_id: UUID) -> Desk:
    return services.open_desk(session(), actor(), window_id)


def frame(desk: Desk, step: str) -> dict[str, Any]:
    """What the template of every step shows around its question."""
    steps = order(desk)
    place = steps.index(step)
    before = url_for("benefits.enroll", window_id=desk.window.id) if place == 0 else step_url(desk, steps[place - 1])
    to = {"to": CHECK} if returns_to_check() else {}
    return {
        "desk": desk,
        "step": step,
        "title": step_title(step),
        "number": place + 1,
        "count": len(steps),
        "back": step_url(desk, CHECK) if to else before,
        "action": step_url(desk, step, **to),
        "stale": "",
    }


def returns_to_check() -> bool:
    """The person came from "Change" on the check page and goes back there."""
    return request.args.get("to") == CHECK


def following(desk: Desk, step: str) -> str:
    """The page after a saved step."""
    if "later" in request.form:
        flash(_("Saved. Go on from any device until %(day)s.", day=long_date(desk.deadline)), "good")
        return url_for("benefits.home")
    if returns_to_check():
        missing = [open_step for open_step in services.unanswered(desk) if open_step in order(desk)]
        return step_url(desk, missing[0], to=CHECK) if missing else step_url(desk, CHECK)
    steps = order(desk)
    return step_url(desk, steps[steps.index(step) + 1])


def closed(desk: Desk) -> Response:
    """To the start page, which says that the window is closed and what is possible."""
    return redirect(url_for("benefits.enroll", window_id=desk.window.id), 303)


def stale_notice() -> str:
    """What somebody reads whose other device was quicker."""
    return _("You saved newer answers on another device or tab. Those are shown now: check them, then save again.")


def save(desk: Desk, step: str, version: int) -> str:
    """Keep the answers. Returns what went wrong in words, or nothing."""
    try:
        services.save_step(session(), actor(), desk, step, version=version)
    except Conflict as conflict:
        return stale_notice() if str(conflict) == STALE else str(conflict)
    return ""


def person_label(desk: Desk, dependent: Dependent) -> str:
    """`Leo López, child, age 6`."""
    born_on = dependent.date_of_birth
    return words.person(dependent, age_on(born_on, desk.seen_on) if born_on else None)
