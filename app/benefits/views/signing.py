"""The end of an enrollment: check, sign, and the confirmation that stays."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, send_file, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.benefits import services
from app.benefits.forms.wizard import SignForm
from app.benefits.forms.words import plain
from app.benefits.rules.progress import SETTLED
from app.benefits.rules.words import Election
from app.benefits.services.desk import Desk, Line
from app.benefits.services.drafts import CLOSED
from app.benefits.services.overview import own_submission, submission_rows
from app.benefits.services.submissions import BENEFICIARIES, WHO, employee_name
from app.benefits.services.timeline import steps
from app.benefits.views import words
from app.benefits.views.blueprint import bp
from app.benefits.views.steps import CHECK, SIGN, closed, desk_at, frame, stale_notice, step_title, step_url
from app.benefits.views.story import story
from app.benefits.views.text import _
from app.core import storage
from app.core.access import Can
from app.core.errors import Conflict, Invalid, NotFound
from app.core.events import record_read
from app.web.access import requires
from app.web.edge import actor, session
from app.web.formats import money
from app.web.i18n import language
from app.web.pages import page


def describe(line: Line) -> str:
    """`Silver PPO, for you and Leo`, or what waiving means."""
    if line.election is None:
        return _("Not answered yet")
    if line.offer is None:
        return _("No coverage")
    names = [person.first_name for person in line.offer.covered]
    whom = _("for you and %(people)s", people=", ".join(names)) if names else _("for you")
    kept = _("Keep") + " " if line.election is Election.KEEP else ""
    return f"{kept}{line.offer.plan.name}, {whom}"


def _answers(desk: Desk) -> list[dict[str, Any]]:
    everybody = [
        person.first_name for person in desk.household.dependents if str(person.id) in (desk.answers.who or [])
    ]
    who = _("You") if not everybody else _("You and %(people)s", people=", ".join(everybody))
    rows = [_answer(desk, WHO, who if desk.answers.who is not None else _("Not answered yet"))]
    for line in desk.lines():
        cost = _("%(amount)s per paycheck", amount=money(line.employee_cost)) if line.offer else ""
        rows.append(_answer(desk, line.coverage_type, describe(line), cost))
    if desk.needs_beneficiary:
        shares = ", ".join(f"{share.name} {plain(share.percent)}%" for share in desk.answers.beneficiaries)
        rows.append(_answer(desk, BENEFICIARIES, shares or _("Not answered yet")))
    return rows


def _answer(desk: Desk, step: str, value: str, cost: str = "") -> dict[str, Any]:
    change = step_url(desk, step, to=CHECK)
    return {"label": step_title(step), "value": value, "cost": cost, "change": change}


@bp.get("/enroll/<uuid:window_id>/check")
@requires(Can.ENROLL_OWN)
def check(window_id: UUID) -> BaseResponse:
    desk = desk_at(window_id)
    if not desk.may_choose:
        return closed(desk)
    missing = [(step_title(step), step_url(desk, step, to=CHECK)) for step in services.unanswered(desk)]
    return page("benefits/check.html", answers=_answers(desk), missing=missing, **frame(desk, CHECK))


def statement(desk: Desk) -> list[str]:
    """What is signed, paragraph by paragraph, in the language of the page."""
    parts = [f"{words.coverage(line.coverage_type)}: {describe(line)}" for line in desk.lines()]
    return [
        _("I, %(name)s, choose these benefits: %(choices)s.", name=employee_name(desk), choices="; ".join(parts)),
        _(
            "I agree that %(amount)s is taken from each paycheck for them, from the day each coverage starts.",
            amount=money(desk.total),
        ),
        _(
            "I understand that I cannot change these choices before the next open enrollment unless my life changes, for"
            " example by marriage, birth or loss of other coverage."
        ),
        _("The people I want to cover are who I say they are, and what I entered is true."),
    ]


def _show_sign(desk: Desk, form: SignForm, status: int = 200, stale: str = "") -> Response:
    shown = frame(desk, SIGN) | {"stale": stale}
    return page(
        "benefits/sign.html", status, form=form, paragraphs=statement(desk), expected=employee_name(desk), **shown
    )


@bp.get("/enroll/<uuid:window_id>/sign")
@requires(Can.ENROLL_OWN)
def sign(window_id: UUID) -> BaseResponse:
    desk = desk_at(window_id)
    if not desk.may_choose:
        return closed(desk)
    if desk.draft is None or services.unanswered(desk):
        return redirect(step_url(desk, CHECK), 303)
    return _show_sign(desk, SignForm(formdata=None, data={"version": desk.version}))


@bp.post("/enroll/<uuid:window_id>/sign")
@requires(Can.ENROLL_OWN)
def sign_post(window_id: UUID) -> BaseResponse:
    form, desk = SignForm(), desk_at(window_id)
    if not form.validate():
        return _show_sign(desk, form, 422)
    text = "\n".join(statement(desk))
    try:
        made = services.submit(
            session(), actor(), window_id, form_key=str(form.form_key.data), signature=str(form.signature.data),
            signed_text=text, version=form.version.data or 0, language=language(),
        )  # fmt: skip
    except Invalid as refused:
        form.refuse(refused)
        return _show_sign(desk, form, 422)
    except Conflict as conflict:
        return _refused(desk, str(conflict))
    return redirect(url_for("benefits.confirmation", number=made.number), 303)


def _refused(desk: Desk, why: str) -> BaseResponse:
    if why == CLOSED:
        return closed(desk)
    flash(stale_notice(), "warn")
    return redirect(step_url(desk, CHECK), 303)


@bp.get("/confirmation/<number>")
@requires(Can.ENROLL_OWN)
def confirmation(number: str) -> Response:
    made = own_submission(session(), actor(), number)
    rows, names = submission_rows(session(), made.id)
    told = story(steps(session(), [made.id, *(row.id for row in rows)]), rows)
    waits = made.confirmation_file_id is None and made.status != "canceled"
    settled = all(row.progress in SETTLED for row in rows) and not waits
    return page(
        "benefits/confirmation.html", made=made, rows=rows, story=told, settled=settled, people=names, waits=waits
    )


@bp.get("/confirmation/<number>/document")
@requires(Can.ENROLL_OWN)
def document(number: str) -> BaseResponse:
    made = own_submission(session(), actor(), number)
    if made.confirmation_file_id is None:
        raise NotFound
    data = storage.read(session(), made.confirmation_file_id)
    record_read(session(), actor(), "benefits.confirmation.downloaded", made, person_id=made.employee_id)
    return send_file(BytesIO(data), "application/pdf", as_attachment=True, download_name=f"{made.number}.pdf")
