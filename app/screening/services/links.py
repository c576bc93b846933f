"""The one link of a request: for reading and signing first, for the status page afterwards.

A link's secret is made from its id and a key that is never in the database, each time a message leaves: every message of a request
carries the same link, nothing that opens it is stored or queued, and the table knows only the hash.
"""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.services.sessions import hash_token
from app.core.access import Can
from app.core.clock import now
from app.core.config import get_settings
from app.core.db import current_tenant, fetch
from app.core.errors import Conflict
from app.core.events import Actor, record
from app.core.keys import keyring
from app.screening.models import CandidateLink, ScreeningRequest
from app.screening.rules.states import ConsentState

TO_SIGN = timedelta(days=7)
TO_FOLLOW = timedelta(days=180)
"""After the consent the link shows how things are; whoever opens it still has to prove who they are."""


def issue(session: Session, request_id: UUID, channel: str = "email") -> CandidateLink:
    """The live link of a request, or a new one. Called by the job that sends it.

    A new one takes over what the candidate had read and typed under the last.
    """
    last = newest(session, request_id)
    if last is not None and last.revoked_at is None and last.expires_at > now():
        last.channel = channel
        return last
    made = CandidateLink(
        request_id=request_id, token_hash=b"", channel=channel, expires_at=now() + TO_SIGN,
        draft=last.draft if last is not None else {},
    )  # fmt: skip
    made.token_hash = hash_token(secret_of(made))
    session.add(made)
    session.flush()
    return made


def newest(session: Session, request_id: UUID) -> CandidateLink | None:
    query = sa.select(CandidateLink).where(CandidateLink.request_id == request_id)
    return session.scalars(query.order_by(CandidateLink.id.desc()).limit(1)).first()


def secret_of(link: CandidateLink) -> str:
    """128 bits that only this application can make again."""
    made = keyring.blind(current_tenant(), f"candidate-link|{link.id}")
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def token_of(link: CandidateLink) -> str:
    """`<company>.<secret>`, as it stands in the URL."""
    return f"{current_tenant().hex}.{secret_of(link)}"


def url(link: CandidateLink, language: str, page: str = "") -> str:
    """The absolute address of a page of the candidate, in the candidate's language."""
    return f"{get_settings().base_url.rstrip('/')}/c/{token_of(link)}{page}?lang={language}"


def by_secret(secret: str) -> sa.ColumnElement[bool]:
    """The filter that finds a link by what stands in its URL."""
    return CandidateLink.token_hash == hash_token(secret)


def follow(link: CandidateLink) -> None:
    """Let a link live on as the status page's."""
    link.expires_at = max(link.expires_at, now() + TO_FOLLOW)


def resend(session: Session, actor: Actor, request: ScreeningRequest) -> None:
    """Send the link once more: the recruiter's button. An address that came back may have been corrected meanwhile.

    Raises:
        Forbidden: the actor may not order.
        Conflict: the request is over.
    """
    actor.require(Can.CHECK_ORDER)
    if request.canceled_at is not None or request.consent in (ConsentState.DECLINED, ConsentState.WITHDRAWN):
        raise Conflict("this request is over")
    forget_bounce(session, request.id)
    record(session, actor, "screening.link.asked", request, new={"number": request.number})


def send_again(session: Session, actor: Actor, link: CandidateLink) -> None:
    """The candidate's own button on a link that has run out: a new one goes to the address we have, and nowhere else."""
    request = fetch(session, ScreeningRequest, link.request_id)
    if request.canceled_at is None:
        record(session, actor, "screening.link.asked", request, new={"number": request.number, "by": "candidate"})


def forget_bounce(session: Session, request_id: UUID) -> None:
    last = newest(session, request_id)
    if last is not None:
        last.undeliverable_at = None


def mark_sent(session: Session, actor: Actor, link: CandidateLink) -> None:
    """The mail server (or gateway) took the message."""
    link.sent_at = link.sent_at or now()
    record(session, actor, "screening.link.sent", link, new={"channel": link.channel})


def mark_undeliverable(session: Session, actor: Actor, link: CandidateLink) -> None:
    """It came back: the recruiter is told at once."""
    if link.undeliverable_at is None:
        link.undeliverable_at = now()
        record(session, actor, "screening.link.bounced", link, new={"channel": link.channel})


def mark_opened(session: Session, actor: Actor, link: CandidateLink) -> None:
    if link.opened_at is None:
        link.opened_at = now()
        record(session, actor, "screening.link.opened", link)


def dead(link: Any) -> bool:
    return link.revoked_at is not None or link.expires_at <= now()
