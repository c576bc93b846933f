"""Enrollment, one question per screen: where to start, who is covered, beneficiaries."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.benefits import services
from app.benefits.forms.wizard import BeneficiariesForm, WhoForm
from app.benefits.forms.words import plain
from app.benefits.services.desk import Desk
from app.benefits.services.submissions import BENEFICIARIES, WHO
from app.benefits.views.blueprint import bp
from app.benefits.views.steps import (
    CHECK,
    closed,
    desk_at,
    following,
    frame,
    order,
    person_label,
    returns_to_check,
    save,
    step_title,
    step_url,
)
from app.benefits.views.text import _
from app.core.access import Can
from app.web.access import requires
from app.web.forms import choices
from app.web.pages import page

# --- start --------------------------------------------------------------------------------------------------------


@bp.get("/enroll/<uuid:window_id>")
@requires(Can.ENROLL_OWN)
def enroll(window_id: UUID) -> Response:
    desk = desk_at(window_id)
    open_steps = services.unanswered(desk)
    steps = [step for step in order(desk) if step not in (CHECK, "sign")]
    tasks = [_task(desk, step, step in open_steps) for step in steps]
    if desk.draft is None and desk.last is None:
        tasks = [task | {"url": ""} for task in tasks]
    started = desk.draft is not None or desk.last is not None
    first = step_url(desk, open_steps[0] if open_steps and started else CHECK if started else WHO)
    return page("benefits/enroll.html", desk=desk, tasks=tasks, first=first, done=started and not open_steps)


def _task(desk: Desk, step: str, still_open: bool) -> dict[str, Any]:
    status, tone = (_("To do"), "neutral") if still_open else (_("Done"), "good")
    return {"label": step_title(step), "url": step_url(desk, step), "status": status, "tone": tone}


# --- who ----------------------------------------------------------------------------------------------------------


def _who_form(desk: Desk) -> WhoForm:
    form = WhoForm(data={"covered": desk.answers.who or [], "version": desk.version})
    form.covered.choices = choices([(str(p.id), person_label(desk, p)) for p in desk.household.dependents])
    return form


@bp.get("/enroll/<uuid:window_id>/who")
@requires(Can.ENROLL_OWN)
def who(window_id: UUID) -> BaseResponse:
    desk = desk_at(window_id)
    if not desk.may_choose:
        return closed(desk)
    form = _who_form(desk)
    added = request.args.get("added")
    if added and form.covered.data is not None and added not in form.covered.data:
        form.covered.data = [*form.covered.data, added]
    return page("benefits/who.html", form=form, **frame(desk, WHO))


@bp.post("/enroll/<uuid:window_id>/who")
@requires(Can.ENROLL_OWN)
def who_post(window_id: UUID) -> BaseResponse:
    desk = desk_at(window_id)
    if not desk.may_choose:
        return closed(desk)
    form = _who_form(desk)
    if not form.validate():
        return page("benefits/who.html", 422, form=form, **frame(desk, WHO))
    desk.answers.who = list(form.covered.data or [])
    problem = save(desk, WHO, form.version.data)
    if problem:
        return _stale(window_id, WHO, problem)
    if "add" in request.form:
        to = CHECK if returns_to_check() else None
        return redirect(url_for("benefits.dependent", window_id=window_id, to=to), 303)
    return redirect(following(desk, WHO), 303)


def _stale(window_id: UUID, step: str, problem: str) -> Response:
    """The newest answers, with what happened above them."""
    desk = desk_at(window_id)
    shown = frame(desk, step) | {"stale": problem}
    if step == WHO:
        form = WhoForm(formdata=None, data={"covered": desk.answers.who or [], "version": desk.version})
        form.covered.choices = choices([(str(p.id), person_label(desk, p)) for p in desk.household.dependents])
        return page("benefits/who.html", 409, form=form, **shown)
    return page("benefits/beneficiaries.html", 409, form=_beneficiaries_form(desk, fresh=True), **shown)


# --- beneficiaries ------------------------------------------------------------------------------------------------


def _beneficiaries_form(desk: Desk, *, fresh: bool = False) -> BeneficiariesForm:
    people = [
        {"name": s.name, "relation": s.relation, "kind": s.kind.value, "percent": plain(s.percent)}
        for s in desk.answers.beneficiaries
    ]
    data = {"people": people or [{"percent": "100"}], "version": desk.version}
    return BeneficiariesForm(formdata=None, data=data) if fresh else BeneficiariesForm(data=data)


@bp.get("/enroll/<uuid:window_id>/beneficiaries")
@requires(Can.ENROLL_OWN)
def beneficiaries(window_id: UUID) -> BaseResponse:
    desk = desk_at(window_id)
    if not desk.may_choose:
        return closed(desk)
    if not desk.needs_beneficiary:
        return redirect(step_url(desk, CHECK), 303)
    return page("benefits/beneficiaries.html", form=_beneficiaries_form(desk, fresh=True), **frame(desk, BENEFICIARIES))


@bp.post("/enroll/<uuid:window_id>/beneficiaries")
@requires(Can.ENROLL_OWN)
def beneficiaries_post(window_id: UUID) -> BaseResponse:
    desk = desk_at(window_id)
    if not desk.may_choose:
        return closed(desk)
    if not desk.needs_beneficiary:
        return redirect(step_url(desk, CHECK), 303)
    form = _beneficiaries_form(desk)
    if "add" in request.form:
        form.people.append_entry({"kind": "primary"})
        return page("benefits/beneficiaries.html", form=form, **frame(desk, BENEFICIARIES))
    if not form.validate() or form.refuse_incomplete():
        return page("benefits/beneficiaries.html", 422, form=form, **frame(desk, BENEFICIARIES))
    desk.answers.beneficiaries = form.shares()
    problem = save(desk, BENEFICIARIES, form.version.data)
    return _stale(window_id, BENEFICIARIES, problem) if problem else redirect(following(desk, BENEFICIARIES), 303)
