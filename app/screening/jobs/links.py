"""The candidate's link: sent, sent again, reminded of twice, and what happens when it comes back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.db import fetch
from app.core.events import Actor, record, system
from app.core.jobs import Run, enqueue, job
from app.notices import services as notices
from app.notices.late import Late, writes
from app.notices.models import DeliveryStatus, Notice
from app.screening.documents import Unknown
from app.screening.models import Candidate, CandidateLink, JobApplication, ScreeningPackage, ScreeningRequest
from app.screening.rules.states import ConsentState
from app.screening.services import links
from app.screening.services.cases import load
from app.screening.services.gate import release
from app.screening.services.papers import lacking
from app.screening.services.rulings import rule
from app.screening.services.visits import make_code

LINK, CODE = "candidate_link", "candidate_code"
REMIND_AFTER = (timedelta(hours=12), timedelta(hours=36))
"""Twice and no more: after that a person calls (reference/screening.md §4.1)."""

BATCH = 200


FIRST = "first"


@job("screening.send_link", on=["screening.request.initiated"])
def send_link(run: Run) -> None:
    """Send the one link of a request, once its papers can be shown; the two reminders are promised with it."""
    with run.finish() as session:
        request = fetch(session, ScreeningRequest, run.subject_id, lock=True)
        _send(session, system(run.kind), request, dedupe=FIRST)


@job("screening.send_link_again", on=["screening.link.asked", "screening.consent.asked"])
def send_link_again(run: Run) -> None:
    """Somebody wants it once more."""
    with run.finish() as session:
        request = fetch(session, ScreeningRequest, run.subject_id, lock=True)
        _send(session, system(run.kind), request, dedupe=str(run.intent_id))


@job("screening.send_waiting_links", on=["screening.rule.accepted"], every="hour")
def send_waiting_links(run: Run) -> None:
    """Requests nobody was written to yet, because a rule had to be cleared or the papers lacked something."""
    with run.finish() as session:
        actor = system(run.kind)
        for request_id in _waiting(session):
            request = fetch(session, ScreeningRequest, request_id, lock=True)
            rule(session, request)
            if request.ruling_id is not None:
                release(session, actor, request)  # says anew what it waits for
                _send(session, actor, request, dedupe=FIRST)


def _waiting(session: Session) -> list[UUID]:
    written = sa.select(CandidateLink.id).where(CandidateLink.request_id == ScreeningRequest.id)
    query = sa.select(ScreeningRequest.id).where(
        ScreeningRequest.consent == ConsentState.PENDING.value,
        ScreeningRequest.canceled_at.is_(None),
        ~written.exists(),
    )
    return list(session.scalars(query.order_by(ScreeningRequest.id).limit(BATCH)))


def _send(session: Session, actor: Actor, request: ScreeningRequest, *, dedupe: str) -> None:
    if request.canceled_at is not None or not _ready(session, actor, request):
        return
    link = links.issue(session, request.id)
    candidate = fetch(session, Candidate, request.candidate_id)
    signed = request.consent == ConsentState.APPROVED
    kind = "screening.follow" if signed else "screening.link"
    _tell(session, actor, kind, link, candidate, position_of(session, request), dedupe)
    if not signed:
        for wait in REMIND_AFTER:
            key = f"{link.id}:{wait}"
            enqueue(session, "screening.remind", link.id, key=key, run_after=now() + wait)


def _ready(session: Session, actor: Actor, request: ScreeningRequest) -> bool:
    """Whether the papers can be shown; else the recruiter hears once what they lack."""
    if request.ruling_id is None:
        return False
    package = fetch(session, ScreeningPackage, request.package_id)
    try:
        lacks = lacking(load(session, request), package)
    except Unknown:
        lacks = ("text",)
    if lacks and tell_recruiter(session, actor, "screening.link_held", request, dedupe=",".join(lacks)):
        record(session, actor, "screening.link.held", request, new={"lacks": list(lacks)})
    return not lacks


@job("screening.remind")
def remind(run: Run) -> None:
    """Ask once more, unless there is nothing to ask, or the candidate wants no reminders."""
    with run.finish() as session:
        link = fetch(session, CandidateLink, run.subject_id)
        request = fetch(session, ScreeningRequest, link.request_id)
        candidate = fetch(session, Candidate, request.candidate_id)
        stopped = candidate.reminders_stopped_at is not None or link.undeliverable_at is not None or links.dead(link)
        if request.consent == ConsentState.PENDING and request.canceled_at is None and not stopped:
            actor, position = system(run.kind), position_of(session, request)
            _tell(session, actor, "screening.reminder", link, candidate, position, str(run.intent_id))


@job("screening.send_code", on=["screening.code.asked"])
def send_code(run: Run) -> None:
    """A code that proves who is at the door; it is made when the message leaves."""
    with run.finish() as session:
        link = fetch(session, CandidateLink, run.subject_id)
        request = fetch(session, ScreeningRequest, link.request_id)
        candidate = fetch(session, Candidate, request.candidate_id)
        _tell(session, system(run.kind), "screening.code", link, candidate, "", str(run.intent_id), purpose=CODE)


def _tell(
    session: Session, actor: Actor, kind: str, link: CandidateLink, candidate: Candidate, position: str, dedupe: str,
    *, purpose: str = LINK,
) -> None:  # fmt: skip
    notices.issue(
        session, actor, kind, subject=("candidate_link", link.id), outsider=outsider(candidate), link_purpose=purpose,
        context={"days": links.TO_SIGN.days, "position": position}, channels=("email",), dedupe=dedupe,
    )  # fmt: skip


def outsider(candidate: Candidate) -> notices.Outsider:
    return notices.Outsider(candidate.id, candidate.email, candidate.first_name, candidate.language)


def position_of(session: Session, request: ScreeningRequest) -> str:
    return fetch(session, JobApplication, request.application_id).position


def tell_recruiter(session: Session, actor: Actor, kind: str, request: ScreeningRequest, *, dedupe: str = "") -> bool:
    """E-mail and app. False: they heard this before, or the request has no recruiter."""
    if request.recruiter_user_id is None:
        return False
    made = notices.issue(
        session, actor, kind, subject=("screening_request", request.id), user_id=request.recruiter_user_id,
        context={"number": request.number}, link_path=f"/screening/requests/{request.id}", dedupe=dedupe,
    )  # fmt: skip
    return bool(made)


@writes(LINK)
def link_part(session: Session, notice: Notice) -> Late:
    """The button of a message to a candidate; a reminder also says where reminders stop."""
    link = fetch(session, CandidateLink, notice.subject_id)
    stop = links.url(link, notice.language, "/reminders") if notice.kind == "screening.reminder" else ""
    return Late(links.url(link, notice.language), stop=stop)


@writes(CODE)
def code_part(session: Session, notice: Notice) -> Late:
    """No link here: whoever reads the code has the page open."""
    return Late(code=make_code(fetch(session, CandidateLink, notice.subject_id, lock=True)))


@job("screening.note_sent", on=["notices.notice.sent"])
def note_sent(run: Run) -> None:
    """The link's message left."""
    with run.finish() as session:
        link = _link_behind(session, run.subject_id, {"screening.link", "screening.follow"})
        if link is not None:
            links.mark_sent(session, system(run.kind), link)


@job("screening.note_bounce", on=["notices.notice.failed"])
def note_bounce(run: Run) -> None:
    """An address that does not work: the recruiter knows at once, and no reminder follows."""
    with run.finish() as session:
        notice = fetch(session, Notice, run.subject_id)
        link = _link_behind(session, run.subject_id, None)
        if link is None or notice.status != DeliveryStatus.BOUNCED:
            return
        actor = system(run.kind)
        links.mark_undeliverable(session, actor, link)
        request = fetch(session, ScreeningRequest, link.request_id)
        tell_recruiter(session, actor, "screening.link_undeliverable", request, dedupe=str(notice.id))


def _link_behind(session: Session, notice_id: UUID, kinds: Any) -> CandidateLink | None:
    notice = fetch(session, Notice, notice_id)
    if notice.subject_type != "candidate_link" or (kinds is not None and notice.kind not in kinds):
        return None
    return fetch(session, CandidateLink, notice.subject_id, lock=True)
