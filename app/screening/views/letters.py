"""Letters to print and mail, and what became of them; what letters say of agency and company."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.core.access import Can
from app.core.errors import Invalid
from app.screening.forms.adverse import AgainForm, AgencyForm, MailedForm, PolicyWordsForm, ReceivedForm
from app.screening.models import CaseNotice
from app.screening.rules.words import Channel
from app.screening.services import adverse, agency, mailing, reports
from app.screening.services import desk as lists
from app.screening.views import case_words as words
from app.screening.views.blueprint import bp
from app.screening.views.desk import pdf
from app.web.access import requires
from app.web.edge import actor, session
from app.web.pages import page


@bp.get("/letters")
@requires(Can.RECORD_VIEW)
def letters() -> BaseResponse:
    found = lists.to_mail(session(), actor(), request.args.get("after", ""))
    return page(
        "screening/letters.html", found=found, rows=[_row(*row) for row in found.rows],
        next=url_for("screening.letters", after=found.after) if found.after else "",
        first=url_for("screening.letters") if "after" in request.args else "",
    )  # fmt: skip


def _row(notice: CaseNotice, asked: Any) -> dict[str, Any]:
    state = (_("Receipt is owed"), "warn") if notice.sent_at else (_("To print and mail"), "info")
    if notice.pdf_file_id is None:
        state = (_("Being printed"), "neutral")
    return {
        "id": notice.id, "number": asked.number, "kind": words.NOTICES[notice.kind], "channel": words.WAYS[notice.channel],
        "made": notice.created_at, "state": state,
    }  # fmt: skip


@bp.get("/letters/<uuid:notice_id>")
@requires(Can.RECORD_VIEW)
def letter(notice_id: UUID) -> BaseResponse:
    return _letter_page(notice_id, MailedForm(formdata=None), ReceivedForm(formdata=None))


def _letter_page(notice_id: UUID, mailed: MailedForm, received: ReceivedForm, status: int = 200) -> BaseResponse:
    notice, asked = mailing.letter(session(), actor(), notice_id, Can.RECORD_VIEW)
    paper = Channel(notice.channel) in mailing.ON_PAPER
    again = AgainForm(formdata=None, channel=Channel.MAIL.value)
    return page(
        "screening/mail.html", status, notice=notice, asked=asked, words=words, mailed=mailed, received=received, again=again,
        waits=paper and notice.sent_at is None and notice.void_at is None,
        owed=notice.channel == Channel.TRACKED_MAIL and notice.sent_at is not None and notice.received_on is None and notice.bounced_at is None,
        live=notice.void_at is None, judges=actor().can(Can.ADVERSE_ACT) and not adverse.is_own(actor(), asked),
        kind=words.NOTICES[notice.kind], state=words.DELIVERIES[notice.delivery],
    )  # fmt: skip


@bp.post("/letters/<uuid:notice_id>/pdf")
@requires(Can.RECORD_VIEW)
def print_letter(notice_id: UUID) -> BaseResponse:
    """The printed letter. A POST, so that nothing fetches it in passing; every look is recorded."""
    notice, data = reports.letter(session(), actor(), notice_id, Can.RECORD_VIEW)
    return pdf(data, notice.document_key)


@bp.post("/letters/<uuid:notice_id>/mailed")
@requires(Can.ADVERSE_ACT)
def mail(notice_id: UUID) -> BaseResponse:
    form = MailedForm()
    if form.validate() and form.on.data:
        try:
            notice, _asked = mailing.letter(session(), actor(), notice_id, Can.ADVERSE_ACT, lock=True)
            number = str(form.tracking_number.data or "")
            mailing.mailed(session(), actor(), notice, on=form.on.data, tracking_number=number, address=form.address())
            flash(_("Noted. The clock is settled."), "good")
            return redirect(url_for("screening.letters"), 303)
        except Invalid as problem:
            form.refuse(problem)
    return _letter_page(notice_id, form, ReceivedForm(formdata=None), 422)


@bp.post("/letters/<uuid:notice_id>/received")
@requires(Can.ADVERSE_ACT)
def receive(notice_id: UUID) -> BaseResponse:
    form = ReceivedForm()
    if form.validate() and form.on.data:
        try:
            notice, _asked = mailing.letter(session(), actor(), notice_id, Can.ADVERSE_ACT, lock=True)
            mailing.received(session(), actor(), notice, on=form.on.data)
            flash(_("Noted. The clock is settled."), "good")
            return redirect(url_for("screening.letters"), 303)
        except Invalid as problem:
            form.refuse(problem)
    return _letter_page(notice_id, MailedForm(formdata=None), form, 422)


@bp.post("/letters/<uuid:notice_id>/returned")
@requires(Can.ADVERSE_ACT)
def give_back(notice_id: UUID) -> BaseResponse:
    _notice, asked = mailing.letter(session(), actor(), notice_id, Can.ADVERSE_ACT, lock=True)
    adverse.notice_bounced(session(), actor(), asked, notice_id)
    flash(_("The letter came back: the clock stands until it has gone out another way."), "good")
    return redirect(url_for("screening.case", request_id=asked.id), 303)


@bp.post("/letters/<uuid:notice_id>/again")
@requires(Can.ADVERSE_ACT)
def send_again(notice_id: UUID) -> BaseResponse:
    form = AgainForm()
    _notice, asked = mailing.letter(session(), actor(), notice_id, Can.ADVERSE_ACT, lock=True)
    if form.validate():
        mailing.send_again(session(), actor(), asked, notice_id, Channel(form.channel.data))
        flash(_("The letter goes out again."), "good")
    return redirect(url_for("screening.case", request_id=asked.id), 303)


# --- what letters say -----------------------------------------------------------------------------------------------


@bp.get("/letter-details")
@requires(Can.SCREENING_CONFIGURE)
def letter_details() -> BaseResponse:
    return _details_page()


def _details_page(form: PolicyWordsForm | None = None, status: int = 200) -> BaseResponse:
    known = agency.policy_words(session())
    form = form or PolicyWordsForm(formdata=None, **known)
    return page("screening/letter-details.html", status, form=form, agencies=agency.agencies(session()))


@bp.post("/letter-details")
@requires(Can.SCREENING_CONFIGURE)
def keep_words() -> BaseResponse:
    form = PolicyWordsForm()
    if not form.validate():
        return _details_page(form, 422)
    agency.keep_policy_words(session(), actor(), str(form.reconsideration.data or ""), str(form.cori_policy.data or ""))
    flash(_("Saved"), "good")
    return redirect(url_for("screening.letter_details"), 303)


@bp.get("/letter-details/<uuid:connection_id>")
@requires(Can.SCREENING_CONFIGURE)
def agency_details(connection_id: UUID) -> BaseResponse:
    connection = agency.provider(session(), connection_id)
    known = agency.agency(connection)
    form = AgencyForm(formdata=None, name=known.name, address=known.address, phone=known.phone, privacy=known.privacy)
    return page("screening/agency.html", form=form, connection=connection)


@bp.post("/letter-details/<uuid:connection_id>")
@requires(Can.SCREENING_CONFIGURE)
def name_agency(connection_id: UUID) -> BaseResponse:
    form, connection = AgencyForm(), agency.provider(session(), connection_id)
    if not form.validate():
        return page("screening/agency.html", 422, form=form, connection=connection)
    named = agency.Agency(
        *(str(field.data or "").strip() for field in (form["name"], form.address, form.phone, form.privacy))
    )
    agency.name_agency(session(), actor(), connection, named)
    flash(_("Saved"), "good")
    return redirect(url_for("screening.letter_details"), 303)
