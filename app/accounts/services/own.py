"""What people do with their own account: password, language, links by mail."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.models import OneTimeToken, User, UserSession, UserStatus
from app.accounts.rules import (
    LONGEST,
    SHORTEST,
    Purpose,
    WeakPassword,
    network_of,
    password_weakness,
    tidy_email,
)
from app.accounts.services import passwords
from app.accounts.services.doors import door_of
from app.accounts.services.links import Used, burn_tokens, owner_of_dead_link
from app.accounts.services.sessions import end_sessions, hash_token
from app.accounts.services.throttle import forget_tries, too_many
from app.accounts.services.users import find_user
from app.core.clock import now
from app.core.db import current_tenant, fetch, transaction
from app.core.errors import Invalid
from app.core.events import Actor, Risk, record

WEAKNESS = {
    WeakPassword.SHORT: f"Use at least {SHORTEST} characters. Several words in a row are easy to remember.",
    WeakPassword.LONG: f"Use at most {LONGEST} characters.",
    WeakPassword.COMMON: "This password is easy to guess. Use several words that do not belong together.",
    WeakPassword.CONTEXT: "This password contains your name, address or company. Use words that have nothing to do with you.",
}


def check_new_password(session: Session, user: User, password: str) -> None:
    """Raises Invalid when a password is too easy to guess."""
    door = door_of(session, current_tenant())
    words = (user.email, user.display_name, door.name if door else "")
    weakness = password_weakness(password, passwords.common_passwords(), words)
    if weakness is not None:
        raise Invalid({"password": WEAKNESS[weakness]})


def set_password(session: Session, actor: Actor, user_id: UUID, password: str) -> None:
    """A new password. Every other device is signed out and open links stop working; the person is told by mail.

    Raises:
        Invalid: too easy to guess.
    """
    user = fetch(session, User, user_id, lock=True)
    check_new_password(session, user, password)
    first = user.password_hash is None
    user.password_hash, user.password_changed_at = passwords.hash_password(password), now()
    user.locked_until, user.failed_attempts = None, 0
    forget_tries(session, "account", user.email)
    burn_tokens(session, user.id, Purpose.RESET, Purpose.SECOND_FACTOR)
    end_sessions(session, actor, user.id, reason="password changed", but=actor.session_id)
    record(session, actor, "accounts.password.changed", user, new={"first": first}, risk=Risk.HIGH)


def is_password(session: Session, user_id: UUID, password: str) -> bool:
    """True when this is the user's password (for a step-up). Tries count like second-factor codes."""
    return passwords.verify(fetch(session, User, user_id).password_hash, password)


def confirm_session(session: Session, actor: Actor, *, second_factor: bool) -> None:
    """Note that the person proved again who they are."""
    values = {"confirmed_at": now()} | ({"mfa_at": now()} if second_factor else {})
    session.execute(sa.update(UserSession).where(UserSession.id == actor.session_id).values(**values))
    record(session, actor, "accounts.session.confirmed", ("user_session", actor.session_id))


def replace_token(session: Session, session_id: UUID, token: str) -> None:
    """A session whose rights grew gets a new secret (ASVS 7.2.4)."""
    session.execute(sa.update(UserSession).where(UserSession.id == session_id).values(token_hash=hash_token(token)))


def set_language(session: Session, actor: Actor, user_id: UUID, language: str, display_name: str) -> None:
    """How the person is spoken to."""
    user = fetch(session, User, user_id)
    old = {"language": user.language}
    user.language, user.display_name = language, display_name.strip()[:200] or user.display_name
    record(session, actor, "accounts.user.changed", user, old=old, new={"language": language})


# --- links by mail ----------------------------------------------------------------------------------------------


def ask_for_link(actor: Actor, email: str) -> None:
    """Send a link to this address if an account has it; nobody learns whether. A transaction of its own: requests count."""
    with transaction(actor.company_id) as session:
        allowed = _may_ask(session, actor, tidy_email(email))
        user = find_user(session, email)
        events = {
            UserStatus.ACTIVE.value: "accounts.password.reset_requested",
            UserStatus.INVITED.value: "accounts.user.invited",
        }
        name = events.get(user.status, "") if user is not None and allowed else ""
        subject = user if name else ("user_account", None)
        record(session, actor, name or "accounts.link.refused", subject, risk=Risk.MEDIUM, success=bool(name))


def ask_again(actor: Actor, token: str) -> None:
    """Send a new link to the owner of a dead one, if it ever was ours; nobody learns whether."""
    with transaction(actor.company_id) as session:
        owner = owner_of_dead_link(session, token)
        who = str(owner[0]) if owner else hash_token(token).hex()
        if not _may_ask(session, actor, who) or owner is None:
            record(session, actor, "accounts.link.refused", ("user_account", None), risk=Risk.MEDIUM, success=False)
            return
        dead = session.scalars(sa.select(OneTimeToken).where(OneTimeToken.token_hash == hash_token(token))).one()
        record(session, actor, "accounts.link.requested", dead, risk=Risk.MEDIUM)


def _may_ask(session: Session, actor: Actor, who: str) -> bool:
    by_account = too_many(session, "link", who)
    by_ip = too_many(session, "link-ip", network_of(actor.ip_address))
    return not by_account and not by_ip


def arrive_by_link(session: Session, actor: Actor, used: Used) -> User:
    """A link was used: the address is proved, an invitation is accepted."""
    user = fetch(session, User, used.user_id, lock=True)
    if user.status == UserStatus.INVITED.value:
        user.status = UserStatus.ACTIVE.value
        record(session, actor, "accounts.user.activated", user, old={"status": "invited"}, new={"status": "active"})
    if user.email_verified_at is None:
        user.email_verified_at = now()
        record(session, actor, "accounts.email.verified", user)
    return user
