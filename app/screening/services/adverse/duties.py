"""What must follow a step, done in its transaction: rows, and events that jobs wait for."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.events import Actor
from app.screening.rules.adverse import Action, Duty
from app.screening.rules.states import DeliveryState, NoticeKind
from app.screening.rules.words import Channel
from app.screening.services import letters
from app.screening.services.basis import Basis


def perform(
    session: Session, actor: Actor, found: Basis, duty: Duty, action: Action, channels: tuple[Channel, ...]
) -> None:
    """Do one duty. The provider is told by a job after `screening.decision.made` (docs/adr/0008), and retention counts from `decided_at`."""
    if duty is Duty.SEND_NOTICE:
        _send_notice(session, actor, found, channels)
    elif duty is Duty.SEND_AGAIN:
        _send_again(session, actor, found)
    elif duty is Duty.SEND_FINAL:
        _send_final(session, actor, found)
    elif duty is Duty.TELL_CANDIDATE:
        _tell_candidate(session, actor, found, action)


def _send_notice(session: Session, actor: Actor, found: Basis, channels: tuple[Channel, ...]) -> None:
    moment = now()
    ways = letters.channels(found, channels)
    letter = letters.pre_adverse(found, ways, moment)
    request = found.case.request
    request.notified_at, request.answered_at = moment, None
    letters.make(session, actor, found.case, letter, ways)


def _send_again(session: Session, actor: Actor, found: Basis) -> None:
    """What came back goes on paper; a letter that came back goes by e-mail, if none has come back yet."""
    came_back = [notice for notice in found.letters if notice.delivery == DeliveryState.BOUNCED]
    if not came_back:
        return
    emails = any(notice.channel == Channel.EMAIL for notice in came_back)
    way = Channel.MAIL if emails else Channel.EMAIL
    letters.again(session, actor, found.case, came_back[-1], way)


def _send_final(session: Session, actor: Actor, found: Basis) -> None:
    """By every way the notice arrived by."""
    good = [Channel(n.channel) for n in found.letters if n.delivery != DeliveryState.BOUNCED]
    letters.make(session, actor, found.case, letters.final(found, now()), letters.channels(found, good))


def _tell_candidate(session: Session, actor: Actor, found: Basis, action: Action) -> None:
    key = "notice_withdrawn" if action is Action.REVISE else "adverse_canceled"
    good = [Channel(n.channel) for n in found.letters if n.delivery != DeliveryState.BOUNCED]
    letter = letters.plain(found, key, NoticeKind.CANCELED, now())
    letters.make(session, actor, found.case, letter, good or (Channel.MAIL,))
