"""Letters are printed, added to the evidence and sent; what became of them moves the clock."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import storage
from app.core.db import fetch
from app.core.errors import Unavailable
from app.core.events import system
from app.core.jobs import Retry, Run, job
from app.notices import services as notices
from app.notices.late import Late, writes
from app.notices.models import DeliveryStatus, Notice
from app.notices.services import Outsider
from app.screening import documents
from app.screening.models import Candidate, CaseNotice, ScreeningRequest
from app.screening.rules.words import Channel
from app.screening.services import adverse, links, mailing
from app.screening.services.phrases import phrase

LETTER = "screening-letter"
"""Purpose of the button in an e-mail about a letter: the letter behind the candidate's link."""


class Printed(NamedTuple):
    html: bytes
    title: str
    language: str


@job("screening.letter", on=["screening.notice.made"], timeout=180)
def letter(run: Run) -> None:
    """Print a letter and, by e-mail, tell the candidate that it waits. Paper waits on the page of letters to mail."""
    with run.step() as session:
        printed = _unprinted(session, run.subject_id)
    if printed is not None:
        try:
            pdf = documents.render_pdf(printed.html, title=printed.title, language=printed.language)
        except Unavailable as away:
            raise Retry(away.code, 600) from None
        with run.step() as session:
            row = fetch(session, CaseNotice, run.subject_id, lock=True)
            mailing.printed(session, row, pdf, documents.sha256(pdf))
    with run.finish() as session:
        _announce(session, run, fetch(session, CaseNotice, run.subject_id, lock=True))


def _unprinted(session: Session, notice_id: UUID) -> Printed | None:
    row = fetch(session, CaseNotice, notice_id)
    if row.pdf_file_id is not None or row.content_file_id is None:
        return None
    return Printed(storage.read(session, row.content_file_id), phrase("title", row.language), row.language)


def _announce(session: Session, run: Run, row: CaseNotice) -> None:
    """The e-mail says that there is a letter, and not what is in it."""
    if row.channel != Channel.EMAIL or row.sent_at is not None or row.void_at is not None:
        return
    request = fetch(session, ScreeningRequest, row.request_id)
    person = fetch(session, Candidate, request.candidate_id)
    made = notices.issue(
        session, system(run.kind), "screening.letter", subject=(CaseNotice.__tablename__, row.id), context={},
        outsider=Outsider(person.id, row.sent_to, person.first_name, person.language), link_purpose=LETTER,
        channels=("email",),
    )  # fmt: skip
    if made:
        session.flush()
        row.notice_id = made[0].id


@writes(LETTER)
def to_letter(session: Session, notice: Notice) -> Late:
    """The candidate's own link, made in the moment the message leaves."""
    assert notice.subject_id is not None
    row = fetch(session, CaseNotice, notice.subject_id)
    link = links.issue(session, row.request_id)
    links.follow(link)
    return Late(link=links.url(link, notice.language, f"/letters/{row.id}"))


@job("screening.letter_sent", on=["notices.notice.sent"])
def letter_sent(run: Run) -> None:
    """The mail server took the message: the letter is sent. Messages of another kind need nothing."""
    with run.finish() as session:
        notice = fetch(session, Notice, run.subject_id)
        row = _about(session, notice)
        if row is not None and notice.sent_at is not None:
            mailing.sent(session, system(run.kind), row, at=notice.sent_at)


@job("screening.letter_failed", on=["notices.notice.failed"])
def letter_failed(run: Run) -> None:
    """It could not be delivered: the clock stops, and the letter goes by post."""
    with run.finish() as session:
        notice = fetch(session, Notice, run.subject_id)
        row = _about(session, notice)
        if row is not None and notice.status in (DeliveryStatus.BOUNCED, DeliveryStatus.FAILED):
            request = fetch(session, ScreeningRequest, row.request_id, lock=True)
            adverse.notice_bounced(session, system(run.kind), request, row.id)


def _about(session: Session, notice: Notice) -> CaseNotice | None:
    if notice.subject_type != CaseNotice.__tablename__ or notice.kind != "screening.letter":
        return None
    return fetch(session, CaseNotice, notice.subject_id, lock=True)
