"""The steps of a case: each a page that shows what it does, and a button that does it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.core.access import Can
from app.core.clock import now
from app.core.errors import Conflict, Invalid
from app.screening.forms.adverse import (
    AnswerForm,
    AssessmentForm,
    ChannelsForm,
    EndForm,
    RecordForm,
    ReportForm,
    assessment_form,
    weighed,
)
from app.screening.models import ScreeningRequest
from app.screening.rules.adverse import Action
from app.screening.rules.clocks import Kind
from app.screening.rules.states import Choice
from app.screening.rules.words import Channel, RecordKind
from app.screening.services import adverse, assessing, letters, records, reports, scope
from app.screening.services.dossier import Dossier, dossier, record_of
from app.screening.views.blueprint import bp
from app.screening.views.desk import shown
from app.web.access import requires
from app.web.edge import actor, session
from app.web.pages import page


def _to(request_id: UUID) -> BaseResponse:
    return redirect(url_for("screening.case", request_id=request_id), 303)


def _locked(request_id: UUID) -> ScreeningRequest:
    return scope.request(session(), actor(), request_id, Can.ADVERSE_ACT, lock=True)


def _act(request_id: UUID, action: Action, done: str, **how: Any) -> BaseResponse:
    adverse.act(session(), actor(), _locked(request_id), action, **how)
    flash(done, "good")
    return _to(request_id)


# --- records --------------------------------------------------------------------------------------------------------


@bp.get("/cases/<uuid:request_id>/records/<uuid:record_id>")
@requires(Can.ADVERSE_ACT)
def record(request_id: UUID, record_id: UUID) -> BaseResponse:
    found = dossier(session(), actor(), request_id)
    row = record_of(found, record_id).row
    form = RecordForm(
        formdata=None, kind=row.record_kind, happened_on=row.happened_on, reason=row.choice_reason,
        choice=row.choice if row.choice != Choice.OPEN else None,
    )  # fmt: skip
    return _record_page(found, record_id, form)


def _record_page(found: Dossier, record_id: UUID, form: RecordForm, status: int = 200) -> BaseResponse:
    return page("screening/record.html", status, form=form, one=record_of(found, record_id), **shown(found))


@bp.post("/cases/<uuid:request_id>/records/<uuid:record_id>")
@requires(Can.ADVERSE_ACT)
def choose(request_id: UUID, record_id: UUID) -> BaseResponse:
    form = RecordForm()
    if not form.validate():
        return _record_page(dossier(session(), actor(), request_id), record_id, form, 422)
    records.choose(
        session(), actor(), _locked(request_id), record_id, Choice(form.choice.data), reason=str(form.reason.data),
        kind=RecordKind(form.kind.data), happened_on=form.happened_on.data,
    )  # fmt: skip
    flash(_("Your choice is kept."), "good")
    return _to(request_id)


# --- assessment -----------------------------------------------------------------------------------------------------


@bp.get("/cases/<uuid:request_id>/assessment")
@requires(Can.ADVERSE_ACT)
def assessment(request_id: UUID) -> BaseResponse:
    found = dossier(session(), actor(), request_id)
    return _assessment_page(found, assessment_form(_factors(found), _, formdata=None))


def _factors(found: Dossier) -> tuple[str, ...]:
    ruling = found.case.ruling
    if ruling is None:
        raise Conflict("the rules of this case must be cleared first")
    return ruling.factors


def _assessment_page(found: Dossier, form: AssessmentForm, status: int = 200) -> BaseResponse:
    fields = [form[f"factor_{place}"] for place in range(len(_factors(found)))]
    return page("screening/assessment.html", status, form=form, fields=fields, **shown(found))


@bp.post("/cases/<uuid:request_id>/assessment")
@requires(Can.ADVERSE_ACT)
def assess(request_id: UUID) -> BaseResponse:
    found = dossier(session(), actor(), request_id)
    form = assessment_form(_factors(found), _)
    if not form.validate():
        return _assessment_page(found, form, 422)
    try:
        assessing.write(
            session(), actor(), _locked(request_id), factors=weighed(form, _factors(found)),
            reasoning=str(form.reasoning.data), adverse=form.adverse.data == "yes",
        )  # fmt: skip
    except Invalid as problem:
        form.refuse(problem)
        return _assessment_page(found, form, 422)
    flash(_("The assessment is kept and part of the evidence."), "good")
    return _to(request_id)


@bp.post("/cases/<uuid:request_id>/assessments/<uuid:assessment_id>/agree")
@requires(Can.ADVERSE_ACT)
def agree(request_id: UUID, assessment_id: UUID) -> BaseResponse:
    assessing.agree(session(), actor(), _locked(request_id), assessment_id)
    flash(_("You agreed to the assessment."), "good")
    return _to(request_id)


# --- the notice and the end -------------------------------------------------------------------------------------------


@bp.get("/cases/<uuid:request_id>/notice")
@requires(Can.ADVERSE_ACT)
def notice(request_id: UUID) -> BaseResponse:
    """The letter as it would go out now, before anything is sent."""
    found = dossier(session(), actor(), request_id)
    ways = letters.channels(found.found)
    form = ChannelsForm(formdata=None, channels=[way.value for way in ways])
    letter = letters.pre_adverse(found.found, ways, now()) if found.may(Action.NOTIFY) else None
    return page(
        "screening/letter.html", form=form, letter=letter, promised=letter.promised_on if letter else None, final=False,
        **shown(found),
    )  # fmt: skip


@bp.post("/cases/<uuid:request_id>/notice")
@requires(Can.ADVERSE_ACT)
def notify(request_id: UUID) -> BaseResponse:
    form = ChannelsForm()
    known = {channel.value for channel in Channel}
    ways = tuple(Channel(way) for way in form.channels.data or () if way in known)
    return _act(request_id, Action.NOTIFY, _("The notice is being sent. Nothing is decided yet."), channels=ways)


@bp.get("/cases/<uuid:request_id>/final")
@requires(Can.ADVERSE_ACT)
def final(request_id: UUID) -> BaseResponse:
    found = dossier(session(), actor(), request_id)
    letter = letters.final(found.found, now()) if found.may(Action.FINALIZE) else None
    return page(
        "screening/letter.html",
        form=None,
        letter=letter,
        promised=None,
        final=True,
        **shown(found),
    )


@bp.post("/cases/<uuid:request_id>/final")
@requires(Can.ADVERSE_ACT)
def finalize(request_id: UUID) -> BaseResponse:
    return _act(request_id, Action.FINALIZE, _("The final notice is being sent. The decision is kept."))


@bp.post("/cases/<uuid:request_id>/resume")
@requires(Can.ADVERSE_ACT)
def resume(request_id: UUID) -> BaseResponse:
    return _act(request_id, Action.RESUME, _("The candidate's time goes on."))


@bp.post("/cases/<uuid:request_id>/reassess")
@requires(Can.ADVERSE_ACT)
def reassess(request_id: UUID) -> BaseResponse:
    return _act(request_id, Action.REASSESS, _("Look at everything again, and write the second assessment."))


@bp.post("/cases/<uuid:request_id>/accept")
@requires(Can.ADVERSE_ACT)
def accept(request_id: UUID) -> BaseResponse:
    adverse.accept(session(), actor(), _locked(request_id))
    flash(_("Accepted. The recruiter sees the decision, and nothing of the report."), "good")
    return _to(request_id)


@bp.get("/cases/<uuid:request_id>/end")
@requires(Can.ADVERSE_ACT)
def end(request_id: UUID) -> BaseResponse:
    found = dossier(session(), actor(), request_id)
    return page("screening/end.html", form=EndForm(formdata=None), **shown(found))


@bp.post("/cases/<uuid:request_id>/end")
@requires(Can.ADVERSE_ACT)
def end_it(request_id: UUID) -> BaseResponse:
    form = EndForm()
    if not form.validate():
        return page("screening/end.html", 422, form=form, **shown(dossier(session(), actor(), request_id)))
    return _act(
        request_id,
        Action.CANCEL,
        _("The adverse action is ended, and the candidate is told."),
        reason=str(form.reason.data),
    )


# --- what came by phone or post -----------------------------------------------------------------------------------------


@bp.get("/cases/<uuid:request_id>/answer")
@requires(Can.ADVERSE_ACT)
def answer(request_id: UUID) -> BaseResponse:
    found = dossier(session(), actor(), request_id)
    return page("screening/answer.html", form=AnswerForm(formdata=None), **shown(found))


@bp.post("/cases/<uuid:request_id>/answer")
@requires(Can.ADVERSE_ACT)
def note_answer(request_id: UUID) -> BaseResponse:
    form = AnswerForm()
    if not form.validate():
        return page("screening/answer.html", 422, form=form, **shown(dossier(session(), actor(), request_id)))
    asked = _locked(request_id)
    adverse.answered(session(), actor(), asked, Kind(form.kind.data), str(form.text.data), source="us")
    flash(_("The answer is kept, and the clock is settled."), "good")
    return _to(request_id)


@bp.get("/cases/<uuid:request_id>/report-copy")
@requires(Can.ADVERSE_ACT)
def report_copy(request_id: UUID) -> BaseResponse:
    found = dossier(session(), actor(), request_id)
    return page("screening/report-copy.html", form=ReportForm(formdata=None), **shown(found))


@bp.post("/cases/<uuid:request_id>/report-copy")
@requires(Can.ADVERSE_ACT)
def keep_report(request_id: UUID) -> BaseResponse:
    form = ReportForm()
    upload = form.upload.data
    try:
        data = upload.read() if upload else b""
        reports.upload(session(), actor(), _locked(request_id), data)
    except Invalid as problem:
        form.upload.errors = [*problem.errors.values()]
        return page("screening/report-copy.html", 422, form=form, **shown(dossier(session(), actor(), request_id)))
    flash(_("The copy of the report is kept."), "good")
    return _to(request_id)
