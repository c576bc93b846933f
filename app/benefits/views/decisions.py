"""One enrollment as HR sees it, and what they decide."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.benefits import services
from app.benefits.forms.decisions import RejectForm
from app.benefits.models import Submission
from app.benefits.rules.lifecycle import Action, allowed
from app.benefits.rules.progress import SETTLED
from app.benefits.services.decisions import submission_and_name
from app.benefits.services.overview import submission_rows
from app.benefits.services.timeline import steps
from app.benefits.views.blueprint import bp
from app.benefits.views.story import story
from app.benefits.views.text import _
from app.core.access import Can
from app.core.errors import Conflict, Forbidden, Invalid
from app.core.events import record_read
from app.web.access import requires
from app.web.edge import actor, session
from app.web.pages import page


@bp.get("/enrollments/<uuid:submission_id>")
@requires(Can.ENROLLMENT_VIEW)
def enrollment(submission_id: UUID) -> Response:
    made, name = submission_and_name(session(), actor(), submission_id, Can.ENROLLMENT_VIEW)
    rows, covered = submission_rows(session(), made.id)
    polled = "X-Corridor-Poll" in request.headers
    if not polled:  # a block that reloads itself shows nothing new about the person
        record_read(session(), actor(), "benefits.enrollment.viewed", made, person_id=made.employee_id)
    may = actor().can(Can.ENROLLMENT_APPROVE) and made.employee_id != actor().employee_id
    return page(
        "benefits/enrollment.html", made=made, rows=rows, may=allowed(made.status) if may else frozenset(), actions=Action,
        name=name, story=story(steps(session(), [made.id, *(row.id for row in rows)]), rows), people=covered,
        settled=all(row.progress in SETTLED for row in rows),
    )  # fmt: skip


def _decided(submission_id: UUID, action: Action) -> Response:
    verbs = {Action.APPROVE: services.approve, Action.HOLD: services.hold, Action.RESUME: services.resume}
    try:
        made = verbs[action](session(), actor(), submission_id)
    except Conflict:
        return _moved(submission_id)
    said = {
        Action.APPROVE: _("%(number)s approved. The carriers are told next.", number=made.number),
        Action.HOLD: _("%(number)s is on hold.", number=made.number),
        Action.RESUME: _("%(number)s is back in the queue.", number=made.number),
    }
    flash(said[action], "good")
    if action is Action.APPROVE:
        return redirect(url_for("benefits.queue"), 303)
    return redirect(url_for("benefits.enrollment", submission_id=submission_id), 303)


def _moved(submission_id: UUID) -> Response:
    flash(_("Somebody decided meanwhile. This is how it stands now."), "warn")
    return redirect(url_for("benefits.enrollment", submission_id=submission_id), 303)


@bp.post("/enrollments/<uuid:submission_id>/approval")
@requires(Can.ENROLLMENT_APPROVE)
def approve(submission_id: UUID) -> Response:
    return _decided(submission_id, Action.APPROVE)


@bp.post("/enrollments/<uuid:submission_id>/hold")
@requires(Can.ENROLLMENT_APPROVE)
def hold(submission_id: UUID) -> Response:
    return _decided(submission_id, Action.HOLD)


@bp.post("/enrollments/<uuid:submission_id>/resumption")
@requires(Can.ENROLLMENT_APPROVE)
def resume(submission_id: UUID) -> Response:
    return _decided(submission_id, Action.RESUME)


def _to_reject(submission_id: UUID) -> Submission:
    made = services.submission(session(), actor(), submission_id, Can.ENROLLMENT_APPROVE)
    if made.employee_id == actor().employee_id:
        raise Forbidden
    return made


@bp.get("/enrollments/<uuid:submission_id>/rejection")
@requires(Can.ENROLLMENT_APPROVE)
def rejection(submission_id: UUID) -> Response:
    made = _to_reject(submission_id)
    if Action.REJECT not in allowed(made.status):
        return _moved(submission_id)
    return page("benefits/rejection.html", made=made, form=RejectForm())


@bp.post("/enrollments/<uuid:submission_id>/rejection")
@requires(Can.ENROLLMENT_APPROVE)
def rejection_post(submission_id: UUID) -> Response:
    form, made = RejectForm(), _to_reject(submission_id)
    if not form.validate():
        return page("benefits/rejection.html", 422, made=made, form=form)
    try:
        services.reject(session(), actor(), submission_id, form.reason.data)
    except Invalid as refused:
        form.refuse(refused)
        return page("benefits/rejection.html", 422, made=made, form=form)
    except Conflict:
        return _moved(submission_id)
    flash(_("%(number)s sent back. The employee is told to change it.", number=made.number), "good")
    return redirect(url_for("benefits.queue"), 303)
