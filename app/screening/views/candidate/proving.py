"""Landing, and the one step in which somebody proves to be the candidate."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.services.throttle import too_many
from app.core.clock import now
from app.core.db import fetch
from app.screening.documents import Unknown
from app.screening.forms.candidate import BirthForm, CodeForm
from app.screening.models import ScreeningPackage
from app.screening.rules.states import Proof
from app.screening.services import links, visits
from app.screening.services.consenting import masked
from app.screening.services.journeys import asks
from app.screening.services.links import mark_opened
from app.screening.services.papers import NotReady, check_words, contact, lacking
from app.screening.services.visits import Answered, Visit
from app.screening.views.candidate.blueprint import bp
from app.screening.views.candidate.door import case_of, living, open_visit, remember
from app.web.access import public
from app.web.edge import session
from app.web.i18n import language
from app.web.pages import page


@bp.get("")
@public
@living
def landing(token: str, visit: Visit) -> BaseResponse:
    """Who asks, for which job, what is checked, how long it takes, whom to call. Nothing about the candidate."""
    case = case_of(visit)
    package = fetch(session(), ScreeningPackage, case.request.package_id)
    asked = asks(case, package)
    if visit.device is not None and not asked:
        return redirect(url_for("candidate.status", token=token), 303)
    mark_opened(session(), visit.actor, visit.link)
    return page(
        "screening/candidate/landing.html", token=token, case=case, asked=asked, ready=asked and _ready(case, package),
        checks=check_words(case.request.check_types, language()), contact=contact(case), begun=visit.device is not None,
        link_until=visit.link.expires_at.astimezone(ZoneInfo(case.company.time_zone)).date(),
    )  # fmt: skip


def _ready(case: Any, package: ScreeningPackage) -> bool:
    try:
        return not lacking(case, package)
    except (NotReady, Unknown):
        return False


@bp.get("/who")
@public
@living
def who(token: str, visit: Visit) -> BaseResponse:
    """The birth date, where we know it; else a code."""
    case = case_of(visit)
    if not case.candidate.date_of_birth:
        return redirect(url_for("candidate.code", token=token, next=request.args.get("next") or None), 303)
    return _who_page(token, visit, BirthForm(formdata=None))


@bp.post("/who")
@public
@living
def who_post(token: str, visit: Visit) -> BaseResponse:
    form = BirthForm()
    if not form.validate() or form.birth.data is None:
        return _who_page(token, visit, form, 422)
    found = visits.check_birth_date(visit.actor, visit.link.id, form.birth.data)
    if found is Answered.RIGHT:
        return _enter(token, visit, Proof.BIRTH_DATE, form.next.data)
    if found is Answered.WRONG:
        form.birth.errors = [_("This is not the birth date we have. Check it, or use a code instead")]
    return _who_page(token, visit, form, 422, locked=found is Answered.LOCKED)


@bp.get("/code")
@public
@living
def code(token: str, visit: Visit) -> BaseResponse:
    """A code to the address we have: asked for with one button, typed with the next."""
    return _code_page(token, visit, CodeForm(formdata=None), sent=bool(request.args.get("sent")))


@bp.post("/code")
@public
@living
def code_post(token: str, visit: Visit) -> BaseResponse:
    if not visits.ask_for_code(visit.actor, visit.link.id):
        return _code_page(token, visit, CodeForm(formdata=None), 429, sent=True, enough=True)
    return redirect(url_for("candidate.code", token=token, sent=1, next=request.form.get("next") or None), 303)


@bp.post("/code/check")
@public
@living
def check_code(token: str, visit: Visit) -> BaseResponse:
    form = CodeForm()
    if not form.validate():
        return _code_page(token, visit, form, 422, sent=True)
    found = visits.check_code(visit.actor, visit.link.id, str(form.code.data))
    if found is Answered.RIGHT:
        return _enter(token, visit, Proof.EMAIL_CODE, form.next.data)
    if found is Answered.WRONG:
        form.code.errors = [_("This code does not work. Check the digits in the newest message, or ask for a new code")]
    return _code_page(token, visit, form, 422, sent=True, locked=found is Answered.LOCKED)


def _who_page(token: str, visit: Visit, form: BirthForm, status: int = 200, *, locked: bool = False) -> Response:
    case = case_of(visit)
    return page(
        "screening/candidate/who.html",
        status,
        token=token,
        form=form,
        contact=contact(case),
        locked=locked or _locked(visit),
    )


def _code_page(
    token: str,
    visit: Visit,
    form: CodeForm,
    status: int = 200,
    *,
    sent: bool,
    locked: bool = False,
    enough: bool = False,
) -> Response:
    case = case_of(visit)
    return page(
        "screening/candidate/code.html", status, token=token, form=form, sent=sent, contact=contact(case), enough=enough,
        address=masked(case.candidate.email), locked=locked or _locked(visit), by_birth=bool(case.candidate.date_of_birth),
    )  # fmt: skip


def _locked(visit: Visit) -> bool:
    until = visit.link.locked_until
    return until is not None and until > now()


def _enter(token: str, visit: Visit, proof: Proof, target: str | None) -> BaseResponse:
    """On to where the person was going: a page of this link and nothing else."""
    session().expire_all()  # the tries were counted in a transaction of their own
    link = fetch(session(), type(visit.link), visit.link.id)
    device_token = visits.open_device(session(), visit.actor, link, proof)
    base = url_for("candidate.landing", token=token)
    plain = "".join(letter for letter in target or "" if letter.isalnum() or letter in "-/")
    answer = redirect(f"{base}/{plain}" if plain and "//" not in plain else url_for("candidate.sign", token=token), 303)
    remember(answer, token, device_token)
    return answer


@bp.post("/again")
@public
def again(token: str) -> BaseResponse:
    """A new link in place of a dead one; the same answer for every URL."""
    visit = open_visit(token)
    if visit is not None and not too_many(session(), "link", f"candidate-again|{visit.link.request_id}"):
        links.send_again(session(), visit.actor, visit.link)
    return redirect(url_for("candidate.again_sent", token=token), 303)


@bp.get("/again/sent")
@public
def again_sent(token: str) -> Response:
    visit = open_visit(token)
    case = case_of(visit) if visit else None
    return page("screening/candidate/again_sent.html", case=case)
