"""What became of a letter: it was printed, it left, it arrived. Every word moves the clock."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.core import storage
from app.core.access import Can
from app.core.clock import now
from app.core.db import fetch
from app.core.errors import Conflict, Invalid
from app.core.events import Actor
from app.screening.models import CaseNotice, ScreeningRequest
from app.screening.rules.states import DeliveryState, EvidenceOf, NoticeKind
from app.screening.rules.words import Channel
from app.screening.services import adverse, clock, evidence, letters, scope
from app.screening.services.cases import load

_ONE_DAY = timedelta(days=1)
ON_PAPER = frozenset({Channel.MAIL, Channel.TRACKED_MAIL, Channel.IN_PERSON})


def printed(session: Session, notice: CaseNotice, pdf: bytes, sha256: str) -> None:
    """Keep the PDF. A letter printed already stays as it is."""
    if notice.pdf_file_id is not None:
        return
    request = fetch(session, ScreeningRequest, notice.request_id)
    file = storage.keep(
        session, pdf, name=f"{notice.document_key}.pdf", content_type="application/pdf", purpose="screening_letter",
        person_id=request.candidate_id,
    )  # fmt: skip
    session.flush()
    notice.pdf_file_id, notice.pdf_sha256 = file.id, sha256


def sent(session: Session, actor: Actor, notice: CaseNotice, *, at: datetime) -> None:
    """It left: now it is evidence, and the clock is counted anew. Saying so twice changes nothing.

    Raises:
        Conflict: nobody has printed it.
    """
    if notice.pdf_file_id is None:
        raise Conflict("this letter is not printed")
    if notice.sent_at is not None:
        return
    notice.delivery, notice.sent_at = DeliveryState.SENT.value, at
    session.flush()
    request = fetch(session, ScreeningRequest, notice.request_id)
    evidence.append(session, EvidenceOf.NOTICE, notice, person_id=request.candidate_id)
    letters.tell(session, actor, "screening.notice.sent", notice)
    _settle(session, actor, notice)


def mailed(
    session: Session,
    actor: Actor,
    notice: CaseNotice,
    *,
    on: date,
    tracking_number: str = "",
    address: dict[str, str] | None = None,
) -> None:
    """A person took a letter to the post, or handed it over. A tracking number makes it tracked mail, which counts from its receipt.

    Raises:
        Conflict: an e-mail, not printed yet, mailed already, or no longer wanted. Invalid: a day that is not possible, no address.
    """
    if Channel(notice.channel) not in ON_PAPER or notice.pdf_file_id is None:
        raise Conflict("this letter is not on paper")
    if notice.sent_at is not None or notice.void_at is not None:
        raise Conflict("this letter has left, or is no longer wanted")
    request = fetch(session, ScreeningRequest, notice.request_id, lock=True)
    case = load(session, request)
    if not case.day_of(notice.created_at) - _ONE_DAY <= on <= case.day_of(now()):
        raise Invalid({"on": "Enter the day the letter left: not before it was made, and not in the future"})
    if address:
        case.candidate.address = address
        notice.sent_to, notice.to_place = letters.address(case, Channel.MAIL), clock.to(case, Channel.MAIL)._asdict()
    if notice.channel != Channel.IN_PERSON and not notice.sent_to:
        raise Invalid({"line1": "Enter the address the letter went to"})
    if tracking_number.strip():
        notice.channel, notice.tracking_number = Channel.TRACKED_MAIL.value, tracking_number.strip()
    if notice.channel == Channel.IN_PERSON:
        notice.received_on = on
    sent(session, actor, notice, at=datetime.combine(on, time(12), ZoneInfo(case.zones[0])))


def received(session: Session, actor: Actor, notice: CaseNotice, *, on: date) -> None:
    """The carrier's receipt says when a tracked letter arrived.

    Raises:
        Conflict: it has not left, or came back. Invalid: before it left, or in the future.
    """
    if notice.sent_at is None or notice.bounced_at is not None or notice.void_at is not None:
        raise Conflict("this letter has not left, came back, or is no longer wanted")
    request = fetch(session, ScreeningRequest, notice.request_id, lock=True)
    case = load(session, request)
    if not case.today(notice.sent_at) <= on <= case.day_of(now()):
        raise Invalid({"on": "Enter the day on the receipt: not before the letter left, and not in the future"})
    notice.received_on, notice.delivery, notice.delivered_at = on, DeliveryState.DELIVERED.value, now()
    letters.tell(session, actor, "screening.notice.delivered", notice)
    _settle(session, actor, notice)


def opened(session: Session, actor: Actor, notice: CaseNotice) -> None:
    """The candidate read it on the status page. It proves receipt; the time counts from the deemed day all the same, which is later."""
    if notice.delivered_at is None and notice.void_at is None:
        notice.delivery, notice.delivered_at = DeliveryState.DELIVERED.value, now()
        letters.tell(session, actor, "screening.notice.delivered", notice)


def send_again(
    session: Session, actor: Actor, request: ScreeningRequest, notice_id: UUID, channel: Channel
) -> CaseNotice:
    """The same letter by another way, or once more.

    Raises:
        Conflict: no longer wanted, or the actor's own order.
    """
    adverse.judge(actor, request)
    notice = fetch(session, CaseNotice, notice_id, lock=True)
    if notice.request_id != request.id or notice.void_at is not None:
        raise Conflict("this letter is no longer wanted")
    made = letters.again(session, actor, load(session, request), notice, channel)
    adverse.settle(session, actor, request)
    return made


def _settle(session: Session, actor: Actor, notice: CaseNotice) -> None:
    session.flush()
    if notice.kind == NoticeKind.PRE_ADVERSE and notice.void_at is None:
        adverse.settle(session, actor, fetch(session, ScreeningRequest, notice.request_id, lock=True))


def letter(
    session: Session, actor: Actor, notice_id: UUID, permission: Can, *, lock: bool = False
) -> tuple[CaseNotice, ScreeningRequest]:
    """A letter with its request. Raises NotFound: no such letter, or outside the actor's scope."""
    notice = fetch(session, CaseNotice, notice_id, lock=lock)
    return notice, scope.request(session, actor, notice.request_id, permission, lock=lock)
