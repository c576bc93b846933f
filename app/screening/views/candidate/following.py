"""The status page behind the same link: how things are, what is needed, letters, the report, the candidate's own words, stopping."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, flash, make_response, redirect, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.views.identity import drop_cookie
from app.core import storage
from app.core.clock import now
from app.core.errors import Conflict, Invalid, NotFound
from app.screening.forms.candidate import StatementForm, WithdrawForm
from app.screening.models import CaseNotice
from app.screening.rules.clocks import Kind
from app.screening.services import adverse, clock, consenting, mailing, receipts, reports, standing
from app.screening.services.agency import agency
from app.screening.services.cases import Case
from app.screening.services.journeys import asks, package_of
from app.screening.services.papers import check_words, contact
from app.screening.services.visits import Visit, close_device
from app.screening.views.candidate import words
from app.screening.views.candidate.blueprint import bp
from app.screening.views.candidate.door import Guest, case_of, cookie_name, living, open_visit, proven
from app.web.access import public
from app.web.edge import session
from app.web.i18n import language
from app.web.pages import page

UPLOADS = frozenset({"pdf", "png", "jpg"})


@bp.get("/status")
@public
@proven
def status(at: Guest) -> BaseResponse:
    """One page for everything after the consent; its block looks again by itself while something may happen."""
    asked = at.case.request.order_state == "none" and at.case.request.canceled_at is None
    if asked and asks(at.case, package_of(session(), at.case)):
        return redirect(url_for("candidate.landing", token=at.token), 303)
    rows = receipts.signed(session(), at.case.request)
    copy = any(row.copy_requested for row in rows)
    where = standing.where(at.case.request)
    return page(
        "screening/candidate/status.html", token=at.token, case=at.case, where=where, say=words.status(where, at.case),
        moving=where in standing.MOVING, expected=standing.expected(at.case), steps=_steps(at.case),
        letters=standing.letters(session(), at.case.request), letter_words=words.letter, contact=contact(at.case), agency=agency(at.case.connection),
        receipt=any(row.pdf_file_id for row in rows), report=standing.may_have_report(at.case.request, copy_requested=copy),
        answerable=standing.answerable(at.case.request), may_withdraw=consenting.may_withdraw(at.case.request), signed=bool(rows),
    )  # fmt: skip


def _steps(case: Case) -> list[tuple[str, bool]]:
    """Kinds of search in words, each once: finished when all of its kind are."""
    done: dict[str, bool] = {}
    for kind, finished in standing.steps(session(), case.request):
        done[kind] = done.get(kind, True) and finished
    return list(zip(check_words(list(done), language()) if done else (), done.values(), strict=True))


@bp.get("/letters/<uuid:notice_id>")
@public
@proven
def letter(at: Guest, *, notice_id: UUID) -> BaseResponse:
    """A letter with the exact words that were sent, until when to answer and why then, and what came with it."""
    found = _letter(at.case, notice_id)
    mailing.opened(session(), at.visit.actor, found)
    reports.viewed(session(), at.visit.actor, at.case.request)
    html = storage.read(session(), found.content_file_id) if found.content_file_id else b""
    reasons = [clock.reason_of(kept) for kept in at.case.request.due_reasons]
    return page(
        "screening/candidate/letter.html", token=at.token, case=at.case, letter=found, html=Markup(html.decode()),  # noqa: S704  our own bytes
        title=words.letter(found.kind), answerable=standing.answerable(at.case.request) and found.kind == "pre_adverse",
        reasons=[words.reason(reason) for reason in reasons], contact=contact(at.case),
    )  # fmt: skip


def _letter(case: Case, notice_id: UUID) -> CaseNotice:
    for found in standing.letters(session(), case.request):
        if found.id == notice_id:
            return found
    raise NotFound


@bp.get("/letters/<uuid:notice_id>/papers/<int:number>")
@public
@proven
def letter_paper(at: Guest, *, notice_id: UUID, number: int) -> Response:
    """The letter as PDF (0), or a paper that came with it."""
    found = _letter(at.case, notice_id)
    files = [found.pdf_file_id, *(item.get("file_id") for item in found.attachments)]
    if number >= len(files) or not files[number]:
        raise NotFound
    reports.viewed(session(), at.visit.actor, at.case.request)
    return _pdf(UUID(str(files[number])), f"letter-{number}.pdf")


@bp.get("/signed.pdf")
@public
@proven
def signed_pdf(at: Guest) -> Response:
    """What the candidate signed."""
    file_id = receipts.receipt_id(session(), at.case.request)
    if file_id is None:
        raise NotFound
    return _pdf(file_id, "signed-documents.pdf")


@bp.get("/report.pdf")
@public
@proven
def report_pdf(at: Guest) -> Response:
    """The agency's report, once it is the candidate's to take from here."""
    copy = any(row.copy_requested for row in receipts.signed(session(), at.case.request))
    if at.case.request.report_file_id is None or not standing.may_have_report(at.case.request, copy_requested=copy):
        raise NotFound
    reports.viewed(session(), at.visit.actor, at.case.request)
    return _pdf(at.case.request.report_file_id, "report.pdf")


def _pdf(file_id: UUID, name: str) -> Response:
    answer = make_response(storage.read(session(), file_id))
    answer.mimetype = "application/pdf"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@bp.get("/problem")
@public
@proven
def problem(at: Guest) -> BaseResponse:
    """Something is wrong: the agency corrects its report; the employer hears the candidate's own words."""
    return _problem_page(at.token, at.case, StatementForm(formdata=None))


@bp.post("/problem")
@public
@proven
def problem_post(at: Guest) -> BaseResponse:
    form = StatementForm()
    if not form.validate():
        return _problem_page(at.token, at.case, form, 422)
    try:
        file_id = _upload(at.case, request.files.get("file"))
    except Invalid as refused:
        form.file.errors = [_(message) for message in refused.errors.values()]
        return _problem_page(at.token, at.case, form, 422)
    adverse.answered(
        session(), at.visit.actor, at.case.request, Kind(form.kind.data), str(form.text.data).strip(), file_id=file_id
    )
    flash(_("We have your words. They are kept with your check, and a person reads them."), "good")
    return redirect(url_for("candidate.status", token=at.token), 303)


def _upload(case: Case, sent: Any) -> UUID | None:
    if sent is None or not sent.filename:
        return None
    data = sent.read()
    kind = storage.check_upload(data, sent.filename, UPLOADS)
    kept = storage.keep(
        session(),
        data,
        name=sent.filename[-120:],
        content_type=kind,
        purpose="screening_answer",
        person_id=case.candidate.id,
    )
    session().flush()
    return kept.id


def _problem_page(token: str, case: Case, form: StatementForm, status_code: int = 200) -> Response:
    return page(
        "screening/candidate/problem.html", status_code, token=token, case=case, form=form, agency=agency(case.connection),
        contact=contact(case), answerable=standing.answerable(case.request),
    )  # fmt: skip


@bp.get("/withdraw")
@public
@proven
def withdraw(at: Guest) -> BaseResponse:
    """What stopping means, before the one click that does it."""
    return _withdraw_page(at.token, at.case, WithdrawForm(formdata=None))


@bp.post("/withdraw")
@public
@proven
def withdraw_post(at: Guest) -> BaseResponse:
    form = WithdrawForm()
    if not form.validate():
        return _withdraw_page(at.token, at.case, form, 422)
    if form.what.data == "paper":
        consenting.want_paper(session(), at.visit.actor, at.case.request)
        flash(_("We told %(company)s that you want paper.", company=at.case.company.name), "good")
    else:
        try:
            consenting.withdraw(session(), at.visit.actor, at.case.request)
        except Conflict:
            return redirect(url_for("candidate.withdraw", token=at.token), 303)
    return redirect(url_for("candidate.status", token=at.token), 303)


def _withdraw_page(token: str, case: Case, form: WithdrawForm, status_code: int = 200) -> Response:
    return page(
        "screening/candidate/withdraw.html", status_code, token=token, case=case, form=form, contact=contact(case),
        may_withdraw=consenting.may_withdraw(case.request),
    )  # fmt: skip


@bp.get("/reminders")
@public
@living
def reminders(token: str, visit: Visit) -> BaseResponse:
    """From a reminder: no more of them, in one click and without proof. Opening the page changes nothing: scanners open pages."""
    case = case_of(visit)
    return page(
        "screening/candidate/reminders.html", token=token, stopped=case.candidate.reminders_stopped_at is not None, contact=contact(case)
    )  # fmt: skip


@bp.post("/reminders")
@public
@living
def reminders_post(token: str, visit: Visit) -> BaseResponse:
    consenting.stop_reminders(session(), visit.actor, case_of(visit).candidate)
    return redirect(url_for("candidate.reminders", token=token), 303)


@bp.get("/keep-alive")
@public
def keep_alive(token: str) -> Response:
    """Any request extends the device's time; this one does nothing else. 401 when it is over."""
    visit = open_visit(token)
    alive = visit is not None and visit.device is not None
    if visit is not None and visit.device is not None:
        visit.device.last_seen_at = now()
    return make_response("", 204 if alive else 401)


@bp.post("/leave")
@public
@proven
def leave(at: Guest) -> BaseResponse:
    """Forget this device: for a phone or computer that others use."""
    if at.visit.device is not None:
        close_device(at.visit.device)
    answer = redirect(url_for("candidate.landing", token=at.token), 303)
    drop_cookie(answer, cookie_name(at.token))
    return answer
