"""The voluntary survey: after the signature, apart from the check, and never seen by anybody who decides."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.core.errors import NotFound
from app.screening.forms.numbers import SurveyForm
from app.screening.rules.impact import Ethnicity, Sex
from app.screening.rules.states import ConsentState
from app.screening.services import survey as answers
from app.screening.views.candidate.blueprint import bp
from app.screening.views.candidate.door import Guest, proven
from app.web.access import public
from app.web.edge import session
from app.web.pages import page


@bp.get("/survey")
@public
@proven
def survey(at: Guest) -> BaseResponse:
    """Two questions; an earlier answer is not shown again, it can only be given anew."""
    return _survey_page(at, SurveyForm(formdata=None))


def _survey_page(at: Guest, form: SurveyForm, status: int = 200) -> BaseResponse:
    if at.case.request.consent != ConsentState.APPROVED:
        raise NotFound
    answered = answers.is_answered(session(), at.case.candidate.id)
    return page("screening/candidate/survey.html", status, token=at.token, case=at.case, form=form, answered=answered)


@bp.post("/survey")
@public
@proven
def survey_post(at: Guest) -> BaseResponse:
    form = SurveyForm()
    if at.case.request.consent != ConsentState.APPROVED or not form.validate():
        return _survey_page(at, form, 422)
    answers.answer(
        session(),
        at.visit.actor,
        at.case.candidate.id,
        sex=Sex(form.sex.data),
        ethnicity=Ethnicity(form.ethnicity.data),
    )
    flash(_("Thank you. Your answers are kept apart from your check."), "good")
    return redirect(url_for("candidate.status", token=at.token), 303)
