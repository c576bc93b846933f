"""The pages of documents, one decision each; the receipt; saying no."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.core.errors import Conflict, Invalid
from app.screening.documents import Lacks, Unknown
from app.screening.forms.candidate import SignForm
from app.screening.services import consenting, receipts
from app.screening.services.cases import Case
from app.screening.services.consenting import Changed, name_on_file
from app.screening.services.journeys import Journey, asks, journey
from app.screening.services.papers import NotReady, Screen, contact
from app.screening.services.visits import Visit
from app.screening.views.candidate.blueprint import bp
from app.screening.views.candidate.door import Guest, proven
from app.web.access import public
from app.web.edge import session
from app.web.i18n import language
from app.web.pages import page

BEFORE, AFTER = 2, 1
"""Screens around the documents: landing and proof before, the receipt after."""


@bp.get("/sign")
@public
@proven
def sign(at: Guest) -> BaseResponse:
    """To the first page that is not signed yet, on whatever device."""
    return _onward(at.token, _journey(at.visit, at.case))


@bp.get("/sign/<slug>")
@public
@proven
def sign_screen(at: Guest, *, slug: str) -> BaseResponse:
    found = _journey(at.visit, at.case)
    screen = found.screen(slug) if found is not None else None
    if found is None or screen is None or found.next is None or screen.slug != found.next.slug:
        return _onward(at.token, found)
    return _page(at.token, found, screen, SignForm(formdata=None))


@bp.post("/sign/<slug>")
@public
@proven
def sign_screen_post(at: Guest, *, slug: str) -> BaseResponse:
    """Sign, or show again what changed meanwhile."""
    found = _journey(at.visit, at.case)
    screen = found.screen(slug) if found is not None else None
    if found is None or screen is None:
        return _onward(at.token, found)
    form = SignForm()
    if screen.typed_name and not form.agree.data:
        form.agree.errors = [_("Tick the box to agree, or choose “I do not agree”")]
    given = form.given((document.key for document in screen.documents), request.form)
    try:
        if form.agree.errors:
            consenting.check_name(found, screen, given)  # both problems at once
            return _page(at.token, found, screen, form, 422)
        done = consenting.sign(session(), found, screen, given)
    except Changed:
        return _page(at.token, found, screen, SignForm(formdata=None), changed=True)
    except Conflict:
        return redirect(url_for("candidate.sign", token=at.token), 303)
    except Invalid as problem:
        return _refused(at.token, found, screen, form, problem)
    return redirect(url_for("candidate.done" if done else "candidate.sign", token=at.token), 303)


def _refused(token: str, found: Journey, screen: Screen, form: SignForm, problem: Invalid) -> Response:
    """A name that is not quite ours: said gently, and where it may be right, a box to say so."""
    form.refuse(Invalid({name: message for name, message in problem.errors.items() if message}))
    return _page(token, found, screen, form, 422, confirm="confirmed" in problem.errors)


def _journey(visit: Visit, case: Case) -> Journey | None:
    """None: nothing is asked, or the papers cannot be shown yet."""
    try:
        found = journey(session(), visit, language(), case)
    except (NotReady, Unknown):
        return None
    return found if asks(case, found.package) else None


def _onward(token: str, found: Journey | None) -> BaseResponse:
    if found is None or found.next is None:
        return redirect(url_for("candidate.status", token=token), 303)
    return redirect(url_for("candidate.sign_screen", token=token, slug=found.next.slug), 303)


def _page(
    token: str,
    found: Journey,
    screen: Screen,
    form: SignForm,
    status: int = 200,
    *,
    changed: bool = False,
    confirm: bool = False,
) -> Response:
    try:
        papers = consenting.show(found, screen)
    except Lacks:
        return page("screening/candidate/not_ready.html", token=token, contact=contact(found.case))
    number = found.screens.index(next(known for known in found.screens if known.slug == screen.slug))
    template = "screening/candidate/disclosure.html" if screen.alone else "screening/candidate/sign.html"
    return page(
        template, status, token=token, screen=screen, papers=papers, form=form, changed=changed, confirm=confirm,
        number=number + BEFORE + 1, count=len(found.screens) + BEFORE + AFTER, expected=name_on_file(found.case.candidate),
        contact=contact(found.case), chosen=lambda key: f"chosen-{key}" in request.form,
    )  # fmt: skip


@bp.get("/done")
@public
@proven
def done(at: Guest) -> BaseResponse:
    """The receipt: what was signed, the PDF, and what comes next."""
    if at.case.request.consent_obtained_at is None:
        return redirect(url_for("candidate.sign", token=at.token), 303)
    rows = receipts.signed(session(), at.case.request)
    return page(
        "screening/candidate/done.html", token=at.token, case=at.case, rows=rows, ready=any(row.pdf_file_id for row in rows),
        address=consenting.masked(at.case.candidate.email), contact=contact(at.case), titles=receipts.titles(rows, language()),
    )  # fmt: skip


@bp.get("/decline")
@public
@proven
def decline(at: Guest) -> BaseResponse:
    """What saying no means, before it is said."""
    if _journey(at.visit, at.case) is None:
        return redirect(url_for("candidate.status", token=at.token), 303)
    return page("screening/candidate/decline.html", token=at.token, case=at.case, contact=contact(at.case))


@bp.post("/decline")
@public
@proven
def decline_post(at: Guest) -> BaseResponse:
    found: Any = _journey(at.visit, at.case)
    if found is not None:
        consenting.decline(session(), found)
    return redirect(url_for("candidate.status", token=at.token), 303)
