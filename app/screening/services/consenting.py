"""Consent: an answer to each document with the bytes it was given to, tied to the chain of evidence in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import storage
from app.core.clock import now
from app.core.db import fetch
from app.core.errors import Conflict, Invalid
from app.core.events import Actor, Regulation, Risk, record
from app.integrations.zones import time_zones
from app.screening.documents import Kind
from app.screening.models import Candidate, CandidateLink, ScreeningRequest, Signature
from app.screening.rules import evidence as rules
from app.screening.rules.adverse import NOTIFIED
from app.screening.rules.signatures import SIGNS, WORDS, NameMatch, compare_names
from app.screening.rules.states import Answer, Bucket, ConsentState, EvidenceOf, OrderState
from app.screening.services import evidence, gate, links, ordering
from app.screening.services.journeys import Journey, note_opened, opened_at
from app.screening.services.papers import Paper, Screen, consent_ends_at, render
from app.screening.services.progress import refresh

WITHDREW = "candidate_withdrew_consent"
LONGEST_WAIT = timedelta(hours=12)


class Changed(Exception):
    """What is on the screen is not what would be signed: show it again. Nothing was stored."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """What came with the button.

    Attributes:
        shown: document key → hash of the bytes that were on the page.
        confirmed: the person said that a name nearly like ours is right. chosen: the box beside a choice, by document key.
        read_ago: seconds since the end of the text came into view; None where the page could not tell.
    """

    shown: Mapping[str, str]
    typed_name: str = ""
    confirmed: bool = False
    chosen: Mapping[str, bool] = field(default_factory=dict)
    read_ago: float | None = None
    time_zone: str = ""


def show(journey: Journey, screen: Screen) -> tuple[Paper, ...]:
    """The documents of a screen as they stand, and a note of when they were opened. Raises documents.Lacks."""
    papers = render(journey.case, screen)
    note_opened(journey.visit.link, journey.scope, [paper.sha256 for paper in papers])
    return papers


def sign(session: Session, journey: Journey, screen: Screen, given: Given) -> bool:
    """Answer the documents of one screen. True: that was the last one, and the consent is given.

    Sending the same button twice signs once.

    Raises:
        Changed: a document changed between showing and signing, or was never shown on this link.
        Invalid: the typed name is not the candidate's, or is close and not confirmed.
        Conflict: another screen comes first, or the device proved nothing.
    """
    link = fetch(session, CandidateLink, journey.visit.link.id, lock=True)
    if journey.is_signed(screen):
        return False
    if journey.next is None or journey.next.slug != screen.slug or journey.visit.device is None:
        raise Conflict("another page comes first")
    papers = render(journey.case, screen)
    if any(given.shown.get(p.document.key) != p.sha256 or opened_at(link, p.sha256) is None for p in papers):
        raise Changed
    match = check_name(journey, screen, given)
    if _signed_meanwhile(session, link, papers):
        return False
    for place, paper in enumerate(papers, screen.place):
        answer = Answer.AGREED if paper.document.kind in _AGREED else Answer.ACKNOWLEDGED
        _store(session, journey, paper, place, given, answer, match if paper.document.typed_name else None)
    done = journey.screens[-1].slug == screen.slug
    if done:
        _finish(session, journey)
    return done


_AGREED = frozenset({Kind.ESIGN_CONSENT, Kind.AUTHORIZATION})


def _signed_meanwhile(session: Session, link: CandidateLink, papers: tuple[Paper, ...]) -> bool:
    """Two taps at once: the second one waited for the lock and finds the first one's work."""
    begun = datetime.fromisoformat((link.draft or {})["begun_at"])
    query = sa.select(Signature.id).where(
        Signature.link_id == link.id, Signature.content_sha256.in_([paper.sha256 for paper in papers]),
        Signature.answer != Answer.DECLINED.value, Signature.submitted_at >= begun,
    )  # fmt: skip
    return session.scalars(query.limit(1)).first() is not None


def check_name(journey: Journey, screen: Screen, given: Given) -> NameMatch | None:
    """How near the typed name is; None where none is asked for.

    Raises:
        Invalid: it does not sign. `confirmed` is named when confirming it would.
    """
    if not screen.typed_name:
        return None
    if not given.typed_name.strip():
        raise Invalid({"typed_name": "Type your full name to sign"})
    match = compare_names(given.typed_name, name_on_file(journey.case.candidate))
    if match in SIGNS or (match is NameMatch.CLOSE and given.confirmed):
        return match
    errors = {"typed_name": WORDS[match]}
    raise Invalid(errors | {"confirmed": ""} if match is NameMatch.CLOSE else errors)


def name_on_file(candidate: Candidate) -> str:
    parts = (candidate.first_name, candidate.middle_name, candidate.last_name)
    return " ".join(part for part in parts if part)


def _store(
    session: Session, journey: Journey, paper: Paper, place: int, given: Given, answer: Answer, match: NameMatch | None
) -> Signature:
    """One answer: the bytes, the row, the record, the link of the chain."""
    visit, document, at = journey.visit, paper.document, now()
    device = visit.device
    if device is None:
        raise Conflict("the device proved nothing")
    content = storage.keep(
        session, paper.html, name=f"{document.key}.html", content_type="text/html", purpose="consent",
        person_id=journey.case.candidate.id,
    )  # fmt: skip
    opened = opened_at(visit.link, paper.sha256) or at
    row = Signature(
        request_id=visit.request.id, candidate_id=journey.case.candidate.id, session_id=device.id, link_id=visit.link.id,
        screen=place, document_key=document.key, document_version=document.version, language=document.language,
        content_sha256=paper.sha256, content_file_id=content.id, answer=answer.value,
        intent=paper.intent if answer is not Answer.DECLINED else f"Declined: {paper.intent}",
        opened_at=opened, scrolled_at=_scrolled(opened, at, given.read_ago), submitted_at=at, time_zone=_zone(given.time_zone, journey.case.company.time_zone),
        typed_name=given.typed_name.strip() if match else None, name_match=match.value if match else "",
        copy_requested=given.chosen.get(document.key, False) if document.choice else None,
        ip_address=visit.actor.ip_address[:45], user_agent=visit.actor.user_agent[:300], proof=device.proof,
        jurisdictions=[rule.key for rule in journey.case.ruling.rows] if journey.case.ruling else [],
    )  # fmt: skip
    session.add(row)
    facts = rules.facts_of(_facts(journey, paper, row))
    evidence.append(session, EvidenceOf.SIGNATURE, row, record=facts, person_id=journey.case.candidate.id)
    return row


def _zone(said: str, else_: str) -> str:
    """The zone of the person's device, when it is one; else the company's."""
    return said if said in time_zones() else else_


def _scrolled(opened: datetime, submitted: datetime, read_ago: float | None) -> datetime | None:
    if read_ago is None or not 0 <= read_ago <= LONGEST_WAIT.total_seconds():
        return None
    return max(opened, submitted - timedelta(seconds=read_ago))


def _facts(journey: Journey, paper: Paper, row: Signature) -> rules.Signature:
    case, document = journey.case, paper.document
    return rules.Signature(
        signature_id=str(row.id), request_id=str(row.request_id), document_key=row.document_key, document_version=row.document_version, language=row.language,
        asked_language=document.asked, document_sha256=row.content_sha256,
        screens=tuple(known.key for known in journey.documents), screen=row.screen, opened_at=row.opened_at,
        scrolled_at=row.scrolled_at, submitted_at=row.submitted_at, time_zone=row.time_zone, typed_name=row.typed_name or "",
        name_on_file=name_on_file(case.candidate) if row.typed_name else "", intent=row.intent, choice=paper.choice,
        copy_requested=row.copy_requested, ip=row.ip_address, user_agent=row.user_agent,
        identity={
            "link": str(row.link_id), "candidate": str(row.candidate_id), "proof": row.proof, "sent_to": masked(case.candidate.email),
            "channel": journey.visit.link.channel,
        },
        session_id=str(row.session_id), jurisdictions=tuple(row.jurisdictions),
        rules_version=case.ruling.version if case.ruling else "", answer=row.answer,
    )  # fmt: skip


def masked(email: str) -> str:
    """`a•••@example.com`: enough to recognize one's own address, too little to write to."""
    name, _, host = email.partition("@")
    return f"{name[:1]}•••@{host}"


def _finish(session: Session, journey: Journey) -> None:
    """Every document is signed: the consent is given, for what the papers say, and the order may be tried."""
    visit, request = journey.visit, fetch(session, ScreeningRequest, journey.visit.request.id, lock=True)
    request.consent, request.consent_obtained_at = ConsentState.APPROVED.value, now()
    request.consent_expires_at = consent_ends_at(journey.case)
    request.consent_scope = dict(journey.scope)
    visit.link.draft = {}
    links.follow(visit.link)
    refresh(request)
    record(
        session, visit.actor, "screening.consent.given", request,
        new={"expires_at": request.consent_expires_at, "documents": journey.scope["documents"]},
        person_id=journey.case.candidate.id, regulation=Regulation.FCRA,
    )  # fmt: skip
    gate.release(session, visit.actor, request)


def decline(session: Session, journey: Journey) -> None:
    """Not agreed. Documents that are on the screen are kept with the answer; the check does not go on.

    Raises:
        Conflict: there is nothing to decline any more.
    """
    visit = journey.visit
    request = fetch(session, ScreeningRequest, visit.request.id, lock=True)
    if request.consent != ConsentState.PENDING or request.canceled_at is not None:
        raise Conflict("there is nothing to decline")
    screen = journey.next
    papers = render(journey.case, screen) if screen is not None else ()
    for place, paper in enumerate(papers, screen.place if screen else 1):
        if opened_at(visit.link, paper.sha256) is not None:
            _store(session, journey, paper, place, Given(shown={}), Answer.DECLINED, None)
    request.consent = ConsentState.DECLINED.value
    refresh(request)
    record(session, visit.actor, "screening.consent.declined", request, risk=Risk.MEDIUM, regulation=Regulation.FCRA)


def may_withdraw(request: ScreeningRequest) -> bool:
    """Whether there is still something to stop. Once a notice is out a person ends the case; what was reported stays on record."""
    over = request.canceled_at is not None or request.bucket == Bucket.DONE
    return request.consent == ConsentState.APPROVED and not over and request.stage not in NOTIFIED


def withdraw(session: Session, actor: Actor, request: ScreeningRequest) -> None:
    """Take the consent back: the open order is canceled at the provider, the recruiter hears it without a reason.

    Raises:
        Conflict: there is nothing to stop any more (`may_withdraw`).
    """
    if not may_withdraw(request):
        raise Conflict("there is nothing to stop any more")
    request.consent = ConsentState.WITHDRAWN.value
    record(session, actor, "screening.consent.withdrawn", request, risk=Risk.MEDIUM, regulation=Regulation.FCRA)
    ordering.cancel(session, actor, request, WITHDREW)


def ask_again(session: Session, actor: Actor, request: ScreeningRequest) -> None:
    """Ask for a new consent before an order, because the last one ran out or was given for something else. The link is sent again.

    Raises:
        Conflict: the order is out, or the candidate has said no.
    """
    if request.canceled_at is not None or request.order_state != OrderState.NONE:
        raise Conflict("the order is out, or this request is over")
    if request.consent not in (ConsentState.PENDING, ConsentState.APPROVED):
        raise Conflict("the candidate has said no")
    request.consent = ConsentState.PENDING.value
    refresh(request)
    record(session, actor, "screening.consent.asked", request, regulation=Regulation.FCRA)


def want_paper(session: Session, actor: Actor, request: ScreeningRequest) -> None:
    """The candidate prefers paper (15 USC 7001(c)(1)(B)): the recruiter is told; nothing else changes."""
    record(session, actor, "screening.paper.asked", request, regulation=Regulation.FCRA)


def stop_reminders(session: Session, actor: Actor, candidate: Candidate) -> None:
    """No more reminders, for any check of this person. Saying so twice changes nothing."""
    if candidate.reminders_stopped_at is None:
        candidate.reminders_stopped_at = now()
        record(session, actor, "screening.reminders.stopped", candidate)
