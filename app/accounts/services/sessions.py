"""Signed-in devices: begin, find, end. The database knows only the hash of a token."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.models import Role, RoleAssignment, TenantDoor, User, UserSession, UserStatus
from app.accounts.rules import SEEN_EVERY, Granted, Method, add_up
from app.accounts.services.granting import ASSIGNMENT_COLUMNS, FLAG_COLUMNS
from app.core.clock import now, today
from app.core.config import get_settings
from app.core.db import current_tenant, fetch
from app.core.errors import NotFound
from app.core.events import Actor, Risk, record

TOKEN_BYTES = 32


class SignedIn(NamedTuple):
    """Session, user and company as one row, and what the user may do today."""

    row: Any
    granted: Granted


def new_token() -> str:
    """256 random bits, in letters that are safe in cookies and URLs."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_token(token: str) -> bytes:
    """SHA-256: enough for a random token, and the same for everybody who looks it up."""
    return hashlib.sha256(token.encode()).digest()


def open_session(
    session: Session, actor: Actor, user_id: UUID, *, method: Method, second_factor: bool = False
) -> tuple[UserSession, str]:
    """A new session of a user and its token, which is shown once and goes into the cookie."""
    token, moment = new_token(), now()
    made = UserSession(
        user_id=user_id,
        token_hash=hash_token(token),
        ip_address=actor.ip_address[:45],
        user_agent=actor.user_agent[:300],
        created_at=moment,  # one clock for everything that compares
        last_seen_at=moment,
        expires_at=moment + timedelta(hours=get_settings().session_hours),
        mfa_at=moment if second_factor else None,
        method=method.value,
    )
    session.add(made)
    session.execute(sa.update(User).where(User.id == user_id).values(last_login_at=moment, failed_attempts=0))
    record(
        session, actor, "accounts.session.opened", made, new={"method": method.value, "second_factor": second_factor}
    )
    return made, token


_FOUND: sa.Select[*tuple[Any, ...]] = (
    sa.select(
        UserSession.id.label("session_id"), UserSession.user_id, UserSession.last_seen_at, UserSession.mfa_at, UserSession.confirmed_at,
        UserSession.method, UserSession.created_at.label("opened_at"), UserSession.expires_at,
        User.email, User.display_name, User.language, User.employee_id, User.mfa_enabled, User.mfa_required,
        TenantDoor.name.label("company_name"), TenantDoor.brand_hue, TenantDoor.time_zone, TenantDoor.logo_file_id, *ASSIGNMENT_COLUMNS, *FLAG_COLUMNS,
    )
    .join(User, sa.and_(User.company_id == UserSession.company_id, User.id == UserSession.user_id))
    .outerjoin(TenantDoor, TenantDoor.id == UserSession.company_id)
    .outerjoin(RoleAssignment, sa.and_(RoleAssignment.company_id == UserSession.company_id, RoleAssignment.user_id == UserSession.user_id))
    .outerjoin(Role, sa.and_(Role.company_id == RoleAssignment.company_id, Role.id == RoleAssignment.role_id))
    .where(
        UserSession.company_id == sa.bindparam("company_id", type_=sa.Uuid),
        UserSession.token_hash == sa.bindparam("token_hash", type_=sa.LargeBinary),
        UserSession.revoked_at.is_(None),
        UserSession.expires_at > sa.bindparam("moment", type_=sa.DateTime(timezone=True)),
        UserSession.last_seen_at > sa.bindparam("idle_since", type_=sa.DateTime(timezone=True)),
        User.status == UserStatus.ACTIVE.value,
        User.deleted_at.is_(None),
        sa.func.coalesce(TenantDoor.active, sa.true()),
    )
    .order_by(RoleAssignment.id)
)  # fmt: skip
"""Built once: every request begins with it."""


def find_session(session: Session, token: str) -> SignedIn | None:
    """The live session of a token with its user, company and rights, or None. One query, a row for each role of the user."""
    moment, idle = now(), timedelta(minutes=get_settings().idle_minutes)
    asked = {
        "company_id": current_tenant(),
        "token_hash": hash_token(token),
        "moment": moment,
        "idle_since": moment - idle,
    }
    rows = session.connection().execute(_FOUND, asked).all()
    if not rows:
        return None
    return SignedIn(rows[0], add_up([row for row in rows if row.id is not None], today()))


def mark_seen(session: Session, session_id: UUID) -> None:
    """Note that the session is used. A row that another request is writing is skipped, so tabs do not wait for each other."""
    free = (
        sa.select(UserSession.id)
        .where(UserSession.id == session_id, UserSession.last_seen_at < now() - SEEN_EVERY)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    session.execute(
        sa.update(UserSession).where(UserSession.id == free).values(last_seen_at=now()),
        execution_options={"synchronize_session": False},
    )


def end_session(session: Session, actor: Actor, session_id: UUID | str, user_id: UUID | None = None) -> None:
    """End one session; with `user_id` only when it is that user's.

    Raises:
        NotFound: no such session, or somebody else's.
    """
    found = fetch(session, UserSession, session_id)
    if user_id is not None and found.user_id != user_id:
        raise NotFound
    if found.revoked_at is None:
        found.revoked_at = now()
        record(session, actor, "accounts.session.ended", found)


def end_sessions(session: Session, actor: Actor, user_id: UUID, *, reason: str, but: UUID | None = None) -> int:
    """End every session of a user (but one). Returns how many ended; records once."""
    query = sa.update(UserSession).where(UserSession.user_id == user_id, UserSession.revoked_at.is_(None))
    if but is not None:
        query = query.where(UserSession.id != but)
    ended: int = session.execute(query.values(revoked_at=now())).rowcount  # type: ignore[attr-defined]
    if ended:
        record(
            session, actor, "accounts.sessions.ended", ("user_account", user_id),
            new={"ended": ended}, reason=reason, risk=Risk.MEDIUM,
        )  # fmt: skip
    return ended


def live_sessions(session: Session, user_id: UUID) -> Sequence[Any]:
    """The devices a user is signed in on, latest first."""
    moment, idle = now(), timedelta(minutes=get_settings().idle_minutes)
    query = (
        sa.select(
            UserSession.id, UserSession.user_agent, UserSession.ip_address, UserSession.last_seen_at,
            UserSession.created_at, UserSession.method,
        )
        .where(
            UserSession.user_id == user_id, UserSession.revoked_at.is_(None), UserSession.expires_at > moment,
            UserSession.last_seen_at > moment - idle,
        )
        .order_by(UserSession.last_seen_at.desc())
        .limit(50)
    )  # fmt: skip
    return session.execute(query).all()
