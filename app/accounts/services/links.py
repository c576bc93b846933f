"""One-use tokens: made when the e-mail is written, kept as a hash, used up by a button press (never by opening the page)."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.models import OneTimeToken, User, UserStatus
from app.accounts.rules import LIFETIME, LINKS, Purpose, safe_path
from app.accounts.services.sessions import hash_token, new_token
from app.core.clock import now
from app.core.config import get_settings
from app.core.db import current_tenant, fetch


class Used(NamedTuple):
    """What a used link said."""

    user_id: UUID
    purpose: Purpose
    next_path: str
    method: str


def make_token(session: Session, user_id: UUID, purpose: Purpose, next_path: str = "", method: str = "") -> str:
    """A new one-use token, `<company>.<token>`; only its hash is kept."""
    token = new_token()
    session.add(
        OneTimeToken(
            user_id=user_id,
            purpose=purpose.value,
            token_hash=hash_token(token),
            next_path=safe_path(next_path, ""),
            method=method,
            expires_at=now() + LIFETIME[purpose],
        )
    )
    return f"{current_tenant().hex}.{token}"


def issue_link(session: Session, user_id: UUID, purpose: str, next_path: str = "/") -> str:
    """The absolute URL of a new one-use link. Called by the job that sends the e-mail: the token is never stored or queued.

    Args:
        purpose: "invite", "reset", "verify" or "sign_in".
        next_path: where the person lands afterwards; a path of this site.

    Raises:
        NotFound: no such user in this company.
        ValueError: an unknown purpose.
    """
    wanted = Purpose(purpose)
    if wanted not in LINKS:
        raise ValueError(purpose)
    fetch(session, User, user_id)
    return f"{get_settings().base_url.rstrip('/')}/sign-in/link/{make_token(session, user_id, wanted, next_path)}"


def split_token(text: str) -> tuple[UUID, str] | None:
    """Company and token of `<company>.<token>`, or None when it is not one."""
    company, _, token = text.partition(".")
    try:
        return (UUID(company), token) if 20 <= len(token) <= 100 else None
    except ValueError:
        return None


def look_at_token(session: Session, token: str, purposes: tuple[Purpose, ...] = LINKS) -> Any | None:
    """The row of a token that can be used now (id, user_id, purpose, next_path), or None. Changes nothing."""
    query = (
        sa.select(
            OneTimeToken.id, OneTimeToken.user_id, OneTimeToken.purpose, OneTimeToken.next_path, OneTimeToken.method
        )
        .join(User, User.id == OneTimeToken.user_id)
        .where(
            *_usable(token, purposes),
            User.deleted_at.is_(None),
            User.status.in_((UserStatus.ACTIVE.value, UserStatus.INVITED.value)),
        )
    )
    return session.execute(query).one_or_none()


def use_token(session: Session, token: str, purposes: tuple[Purpose, ...] = LINKS) -> Used | None:
    """Use a token up; None when it is unknown, used or expired, or its user may not sign in.

    One UPDATE decides, so of two requests at once one gets it.
    """
    if look_at_token(session, token, purposes) is None:
        return None
    row = session.execute(
        sa.update(OneTimeToken)
        .where(*_usable(token, purposes))
        .values(used_at=now())
        .returning(OneTimeToken.user_id, OneTimeToken.purpose, OneTimeToken.next_path, OneTimeToken.method)
    ).one_or_none()
    return Used(row.user_id, Purpose(row.purpose), row.next_path, row.method) if row else None


def owner_of_dead_link(session: Session, token: str) -> tuple[UUID, Purpose, str] | None:
    """Whose link this was, used or expired or not, so that a new one can be sent to them and nobody else."""
    query = sa.select(OneTimeToken.user_id, OneTimeToken.purpose, OneTimeToken.next_path).where(
        OneTimeToken.token_hash == hash_token(token), OneTimeToken.purpose.in_([purpose.value for purpose in LINKS])
    )
    row = session.execute(query).one_or_none()
    return (row.user_id, Purpose(row.purpose), row.next_path) if row else None


def burn_tokens(session: Session, user_id: UUID, *purposes: Purpose) -> None:
    """Make every open token of these purposes useless (after a password change, a suspension)."""
    session.execute(
        sa.update(OneTimeToken)
        .where(OneTimeToken.user_id == user_id, OneTimeToken.used_at.is_(None))
        .where(OneTimeToken.purpose.in_([purpose.value for purpose in purposes or tuple(Purpose)]))
        .values(used_at=now())
    )


def _usable(token: str, purposes: tuple[Purpose, ...]) -> list[sa.ColumnElement[bool]]:
    return [
        OneTimeToken.token_hash == hash_token(token),
        OneTimeToken.purpose.in_([purpose.value for purpose in purposes]),
        OneTimeToken.used_at.is_(None),
        OneTimeToken.expires_at > now(),
    ]
