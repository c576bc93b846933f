"""Users: invite, change, suspend, unlock."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email
from sqlalchemy.orm import Session

from app.accounts.models import User, UserStatus
from app.accounts.rules import safe_path, tidy_email
from app.accounts.services.links import burn_tokens
from app.accounts.services.sessions import end_sessions
from app.core.db import fetch
from app.core.errors import Conflict, Invalid
from app.core.events import Actor, Risk, record


def find_user(session: Session, email: str) -> User | None:
    """The user of this address who was not deleted."""
    query = sa.select(User).where(User.email == tidy_email(email), User.deleted_at.is_(None))
    return session.scalars(query).one_or_none()


def invite(
    session: Session,
    actor: Actor,
    *,
    email: str,
    display_name: str,
    employee_id: UUID | None = None,
    language: str = "en",
    next_path: str = "/",
) -> User:
    """Make a user and record `accounts.user.invited`; a job then sends the link.

    Inviting an address that has a user again sends a new link to that user and changes nothing else.

    Raises:
        Invalid: not an e-mail address.
    """
    known = find_user(session, _checked_email(email))
    if known is None:
        known = User(
            email=tidy_email(email),
            display_name=display_name.strip()[:200],
            employee_id=employee_id,
            language=language if language in ("en", "es") else "en",
        )
        session.add(known)
        session.flush()
    elif employee_id is not None and known.employee_id is None:
        known.employee_id = employee_id
    known.invited_to = safe_path(next_path)
    record(session, actor, "accounts.user.invited", known, new={"language": known.language})
    return known


def _checked_email(email: str) -> str:
    try:
        return str(validate_email(email.strip(), check_deliverability=False).normalized)
    except EmailNotValidError:
        raise Invalid({"email": "Enter an email address like name@company.com"}) from None


def suspend(session: Session, actor: Actor, user_id: UUID | str, reason: str) -> User:
    """Nobody signs in as this user any more; open sessions and links end at once.

    Raises:
        Conflict: oneself.
    """
    user = fetch(session, User, user_id, lock=True)
    if user.id == actor.user_id:
        raise Conflict
    return _set_status(session, actor, user, UserStatus.SUSPENDED, reason)


def reactivate(session: Session, actor: Actor, user_id: UUID | str, reason: str = "") -> User:
    user = fetch(session, User, user_id, lock=True)
    known = user.email_verified_at is not None or user.password_hash is not None
    return _set_status(session, actor, user, UserStatus.ACTIVE if known else UserStatus.INVITED, reason)


def _set_status(session: Session, actor: Actor, user: User, status: UserStatus, reason: str) -> User:
    old = user.status
    if old == status.value:
        return user
    user.status = status.value
    if status is UserStatus.SUSPENDED:
        end_sessions(session, actor, user.id, reason="suspended")
        burn_tokens(session, user.id)
    name = "suspended" if status is UserStatus.SUSPENDED else "reactivated"
    record(
        session, actor, f"accounts.user.{name}", user,
        old={"status": old}, new={"status": status.value}, reason=reason, risk=Risk.HIGH,
    )  # fmt: skip
    return user
