"""A try to sign in with a password.

Each part is a short transaction of its own, committed whatever the answer is: a refused try must be remembered, and Argon2
must not run while a connection is held. The answer is the same for a wrong password, an unknown address and a suspended account.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.models import Passkey, User, UserStatus
from app.accounts.rules import LIMITS, network_of, tidy_email
from app.accounts.services import passwords
from app.accounts.services.granting import role_asks_second_factor
from app.accounts.services.throttle import count_try, forget_tries, take_back
from app.accounts.services.users import find_user
from app.core.clock import now
from app.core.db import fetch, transaction
from app.core.events import Actor, Risk, record


class Outcome(StrEnum):
    WRONG = "wrong"
    PAUSED = "paused"
    RIGHT = "right"


class Candidate(NamedTuple):
    """Whom the typed address means, if anybody."""

    user_id: UUID | None
    password_hash: str | None
    active: bool


def try_password(actor: Actor, email: str, password: str, device: str = "") -> tuple[Outcome, UUID | None]:
    """Whether this password opens this account now.

    Args:
        actor: the visitor; says company and address.
        device: what a device that signed in to this account before remembers (counted apart, so that a stranger's wrong
            passwords do not pause the owner); "" for an unknown device.
    """
    key = ("device", device) if device else ("account", tidy_email(email))
    with transaction(actor.company_id) as session:
        allowed = _count(session, actor, key, email)
        candidate = _candidate(session, email)
    if not allowed:
        return Outcome.PAUSED, None
    fits = passwords.verify(candidate.password_hash, password) and candidate.active
    with transaction(actor.company_id) as session:
        if not fits or candidate.user_id is None:
            _remember_failure(session, actor, candidate.user_id)
            return Outcome.WRONG, None
        _remember_success(session, actor, candidate, key, password)
    return Outcome.RIGHT, candidate.user_id


def _count(session: Session, actor: Actor, key: tuple[str, str], email: str) -> bool:
    """Count the try for account (or device) and address; False when either has had too many."""
    by_account = count_try(session, *key)
    by_ip = count_try(session, "ip", network_of(actor.ip_address))
    if by_account == LIMITS[key[0]].limit + 1:
        _announce_pause(session, actor, email)
    return by_account <= LIMITS[key[0]].limit and by_ip <= LIMITS["ip"].limit


def _announce_pause(session: Session, actor: Actor, email: str) -> None:
    """The first try beyond the limit: the owner is told, once per window."""
    user = find_user(session, email)
    if user is None:
        return
    user.locked_until = now() + LIMITS["account"].window
    record(
        session, actor, "accounts.user.paused", user,
        new={"minutes": int(LIMITS["account"].window / timedelta(minutes=1))}, risk=Risk.MEDIUM, success=False,
    )  # fmt: skip


def _candidate(session: Session, email: str) -> Candidate:
    user = find_user(session, email)
    if user is None:
        return Candidate(None, None, False)
    return Candidate(user.id, user.password_hash, user.status == UserStatus.ACTIVE.value)


def _remember_failure(session: Session, actor: Actor, user_id: UUID | None) -> None:
    if user_id is not None:
        session.execute(sa.update(User).where(User.id == user_id).values(failed_attempts=User.failed_attempts + 1))
    record(session, actor, "accounts.sign_in.failed", ("user_account", user_id), risk=Risk.MEDIUM, success=False)


def _remember_success(
    session: Session, actor: Actor, candidate: Candidate, key: tuple[str, str], password: str
) -> None:
    forget_tries(session, *key)
    take_back(session, "ip", network_of(actor.ip_address))
    user = fetch(session, User, candidate.user_id)
    user.failed_attempts, user.locked_until = 0, None
    if passwords.is_outdated(candidate.password_hash or ""):
        user.password_hash = passwords.hash_password(password)


class SecondFactor(NamedTuple):
    """What must follow the first factor."""

    needed: bool
    has_code: bool
    has_passkey: bool


def second_factor_of(session: Session, user_id: UUID) -> SecondFactor:
    """Whether a user needs a second factor, and which ones they have. A user who set one up always needs it."""
    user = fetch(session, User, user_id)
    has_passkey = session.execute(sa.select(Passkey.id).where(Passkey.user_id == user_id).limit(1)).first() is not None
    required = user.mfa_required or user.mfa_enabled or role_asks_second_factor(session, user_id)
    return SecondFactor(required, user.mfa_enabled, has_passkey)
