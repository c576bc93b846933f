"""Who is at the candidate's door: the link, and the device on which somebody proved to be the candidate.

A link alone shows who asks and for which job; everything else needs a birth date or a code besides. Tries are counted in transactions
of their own, so that a refused one is remembered; a lock ends by itself.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.rules import SEEN_EVERY, network_of
from app.accounts.services.sessions import hash_token, new_token
from app.accounts.services.throttle import too_many
from app.core.clock import now
from app.core.config import get_settings
from app.core.db import current_tenant, fetch, transaction
from app.core.events import Actor, Risk, record
from app.core.keys import keyring
from app.screening.models import Candidate, CandidateLink, CandidateSession, ScreeningRequest
from app.screening.rules.states import Proof
from app.screening.services.links import by_secret, dead

TRIES = 5
LOCK = timedelta(minutes=15)
CODE_LIVES = timedelta(minutes=10)
DAY = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Visit:
    """Attributes:
    device: the proven device; None: nobody proved anything yet.
    actor: for the audit trail.
    """

    link: CandidateLink
    request: ScreeningRequest
    device: CandidateSession | None
    actor: Actor


class Answered(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"
    LOCKED = "locked"


def visit(session: Session, secret: str, device_token: str, origin: Actor) -> Visit | None:
    """The link behind a URL with its request and, with the right cookie, the proven device; None: no such link. One query.

    Args:
        origin: company, address and browser of the visitor.
    """
    idle = now() - timedelta(minutes=get_settings().idle_minutes)
    proven = sa.and_(
        CandidateSession.company_id == CandidateLink.company_id,
        CandidateSession.link_id == CandidateLink.id,
        CandidateSession.token_hash == hash_token(device_token),
        CandidateSession.revoked_at.is_(None),
        CandidateSession.expires_at > now(),
        CandidateSession.last_seen_at > idle,
    )
    asked = sa.and_(
        ScreeningRequest.company_id == CandidateLink.company_id, ScreeningRequest.id == CandidateLink.request_id
    )
    query = (
        sa.select(CandidateLink, ScreeningRequest, CandidateSession)
        .join(ScreeningRequest, asked)
        .outerjoin(CandidateSession, proven)
        .where(by_secret(secret))
    )
    found = session.execute(query).one_or_none()
    if found is None:
        return None
    link, request, known = found
    device: CandidateSession | None = None if dead(link) else known
    return Visit(link, request, device, replace(origin, session_id=device.id if device else None))


def mark_seen(device: CandidateSession) -> None:
    """Note, once a minute, that the device is used."""
    if device.last_seen_at < now() - SEEN_EVERY:
        device.last_seen_at = now()


def check_birth_date(origin: Actor, link_id: UUID, typed: date) -> Answered:
    """Whether this is the candidate's birth date. A transaction of its own."""
    with transaction(origin.company_id) as session:
        link = _count(session, origin, link_id)
        if link is None:
            return Answered.LOCKED
        return _settle(session, origin, link, right=_candidate(session, link).date_of_birth == typed)


def check_code(origin: Actor, link_id: UUID, typed: str) -> Answered:
    """Whether this is the code that was sent; it works once. A transaction of its own."""
    digits = "".join(character for character in typed if character.isdigit())
    with transaction(origin.company_id) as session:
        link = _count(session, origin, link_id)
        if link is None:
            return Answered.LOCKED
        alive = link.code_hash is not None and link.code_expires_at is not None and link.code_expires_at > now()
        right = alive and hmac.compare_digest(bytes(link.code_hash or b""), code_hash(link, digits))
        if right:
            link.code_hash = link.code_expires_at = None
        return _settle(session, origin, link, right=right)


def _count(session: Session, origin: Actor, link_id: UUID) -> CandidateLink | None:
    """Count the try before it is looked at, so that tries at once all count. None: locked."""
    link = fetch(session, CandidateLink, link_id, lock=True)
    if link.locked_until is not None and link.locked_until > now():
        return None
    if too_many(session, "ip", network_of(origin.ip_address)):
        return None
    link.failed_tries += 1
    return link


def _settle(session: Session, origin: Actor, link: CandidateLink, *, right: bool) -> Answered:
    if right:
        link.failed_tries, link.locked_until = 0, None
        return Answered.RIGHT
    locked = link.failed_tries >= TRIES
    if locked:
        link.failed_tries, link.locked_until = 0, now() + LOCK
    record(
        session,
        origin,
        "screening.candidate.not_recognized",
        link,
        new={"locked": locked},
        risk=Risk.MEDIUM,
        success=False,
    )
    return Answered.LOCKED if locked else Answered.WRONG


def ask_for_code(origin: Actor, link_id: UUID) -> bool:
    """Have a code sent to the address we have; False when too many were asked for. The job makes it (`make_code`)."""
    with transaction(origin.company_id) as session:
        if too_many(session, "link", f"candidate|{link_id}") or too_many(
            session, "link-ip", network_of(origin.ip_address)
        ):
            return False
        record(session, origin, "screening.code.asked", fetch(session, CandidateLink, link_id))
        return True


def make_code(link: CandidateLink) -> str:
    """Six digits for the message that leaves now; the newest is the one that works."""
    code = f"{secrets.randbelow(10**6):06d}"
    link.code_hash, link.code_expires_at = code_hash(link, code), now() + CODE_LIVES
    return code


def code_hash(link: CandidateLink, code: str) -> bytes:
    """Keyed: a million codes are soon tried by who has the table, not by who lacks the key."""
    return keyring.blind(current_tenant(), f"candidate-code|{link.id}|{code}")


def open_device(session: Session, origin: Actor, link: CandidateLink, proof: Proof) -> str:
    """A proven device; the token goes into its cookie and is kept as a hash."""
    token = new_token()
    made = CandidateSession(
        link_id=link.id, token_hash=hash_token(token), proof=proof.value, ip_address=origin.ip_address[:45],
        user_agent=origin.user_agent[:300], last_seen_at=now(), expires_at=now() + DAY,
    )  # fmt: skip
    session.add(made)
    record(session, origin, "screening.candidate.recognized", link, new={"proof": proof.value})
    return token


def close_device(device: CandidateSession) -> None:
    device.revoked_at = now()


def _candidate(session: Session, link: CandidateLink) -> Candidate:
    return fetch(session, Candidate, fetch(session, ScreeningRequest, link.request_id).candidate_id)
