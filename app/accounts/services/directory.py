"""Lists for administrators: users, sessions, departments and regions. Core rows, keyset pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.models import Passkey, Role, RoleAssignment, User, UserSession
from app.accounts.services.codes import disable_mfa
from app.accounts.services.roles import administrators, require_everywhere
from app.accounts.services.sessions import end_sessions
from app.accounts.services.throttle import forget_tries
from app.accounts.services.users import invite, reactivate, suspend
from app.core.access import Can
from app.core.clock import now
from app.core.config import get_settings
from app.core.db import current_tenant, fetch
from app.core.errors import Invalid, NotFound
from app.core.events import Actor, Risk, record

PAGE = 25


def list_users(
    session: Session, actor: Actor, *, words: str = "", status: str = "", after: str = "", limit: int = PAGE
) -> Sequence[Any]:
    """A page of users by address, with the names of their roles; one more than `limit` says that there is a next page.

    Args:
        after: the address of the last user shown.
    """
    require_everywhere(actor, Can.USER_MANAGE)
    names = (
        sa.select(sa.func.string_agg(Role.name, sa.literal(", ")))
        .select_from(RoleAssignment)
        .join(Role, Role.id == RoleAssignment.role_id)
        .where(RoleAssignment.user_id == User.id, RoleAssignment.is_active)
        .scalar_subquery()
    )
    query = (
        sa.select(
            User.id, User.email, User.display_name, User.status, User.mfa_enabled, User.last_login_at,
            User.locked_until, names.label("roles"),
        )
        .where(User.deleted_at.is_(None))
        .order_by(User.email)
        .limit(limit + 1)
    )  # fmt: skip
    if after:
        query = query.where(User.email > after)
    if status:
        query = query.where(User.status == status)
    if words:
        like = f"%{_escaped(words.strip().lower())}%"
        query = query.where(sa.or_(User.email.like(like), sa.func.lower(User.display_name).like(like)))
    return session.execute(query).all()


def _escaped(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def get_user(session: Session, actor: Actor, user_id: UUID | str) -> User:
    """Raises NotFound for a user of another company, or one who was deleted."""
    require_everywhere(actor, Can.USER_MANAGE)
    found = fetch(session, User, user_id)
    if found.deleted_at is not None:
        raise NotFound
    return found


def invite_user(session: Session, actor: Actor, *, email: str, display_name: str, language: str) -> User:
    require_everywhere(actor, Can.USER_MANAGE)
    return invite(session, actor, email=email, display_name=display_name, language=language)


def suspend_user(session: Session, actor: Actor, user_id: UUID | str, reason: str) -> None:
    """Raises Invalid when nobody could manage users any more."""
    user = get_user(session, actor, user_id)
    if not administrators(session, but=user.id):
        raise Invalid("This is the last person who manages users. Give that role to somebody else first.")
    suspend(session, actor, user.id, reason)


def reactivate_user(session: Session, actor: Actor, user_id: UUID | str) -> None:
    reactivate(session, actor, get_user(session, actor, user_id).id)


def reset_mfa(session: Session, actor: Actor, user_id: UUID | str, reason: str) -> None:
    """The person lost phone and recovery codes. They set up anew at their next sign-in; every device is signed out."""
    user = get_user(session, actor, user_id)
    session.execute(sa.delete(Passkey).where(Passkey.user_id == user.id))
    disable_mfa(session, actor, user.id, reason=reason)
    end_sessions(session, actor, user.id, reason="second factor reset")


def unlock(session: Session, actor: Actor, user_id: UUID | str) -> None:
    """Forget the wrong tries of a user."""
    user = get_user(session, actor, user_id)
    forget_tries(session, "account", user.email)
    forget_tries(session, "code", str(user.id))
    user.locked_until, user.failed_attempts = None, 0
    record(session, actor, "accounts.user.unlocked", user, risk=Risk.MEDIUM)


def require_mfa(session: Session, actor: Actor, user_id: UUID | str, required: bool) -> None:
    user = get_user(session, actor, user_id)
    old, user.mfa_required = user.mfa_required, required
    if old != required:
        record(
            session, actor, "accounts.user.changed", user,
            old={"mfa_required": old}, new={"mfa_required": required}, risk=Risk.HIGH,
        )  # fmt: skip


def sign_out_everywhere(session: Session, actor: Actor, user_id: UUID | str) -> int:
    user = get_user(session, actor, user_id)
    return end_sessions(session, actor, user.id, reason="by an administrator")


def open_sessions(session: Session, actor: Actor, *, after: str = "", limit: int = PAGE) -> Sequence[Any]:
    """Who is signed in right now, newest first."""
    require_everywhere(actor, Can.USER_MANAGE)
    idle = now() - timedelta(minutes=get_settings().idle_minutes)
    query = (
        sa.select(
            UserSession.id, UserSession.user_id, User.email, UserSession.ip_address, UserSession.user_agent,
            UserSession.method, UserSession.created_at, UserSession.last_seen_at,
        )
        .join(User, User.id == UserSession.user_id)
        .where(UserSession.revoked_at.is_(None), UserSession.expires_at > now(), UserSession.last_seen_at > idle)
        .order_by(UserSession.id.desc())
        .limit(limit + 1)
    )  # fmt: skip
    if after:
        try:
            query = query.where(UserSession.id < UUID(after))
        except ValueError:
            raise NotFound from None
    return session.execute(query).all()


def places(session: Session) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Departments and regions as choices (id, name), in one query.

    Their tables belong to people, above us, so they are read as plain tables.
    """
    rows = session.execute(sa.union_all(_named("department"), _named("region"))).all()
    found: dict[str, list[tuple[str, str]]] = {"department": [], "region": []}
    for table, row_id, name in sorted(rows, key=lambda row: row[2]):
        found[table].append((str(row_id), name))
    return found["department"], found["region"]


def _named(table: str) -> sa.Select[Any]:
    id_, name = sa.column("id", sa.Uuid()), sa.column("name", sa.Text())
    own = sa.column("company_id", sa.Uuid()) == current_tenant()
    inner = sa.select(sa.literal(table).label("kind"), id_, name).select_from(sa.table(table)).where(own)
    return sa.select(inner.order_by(name).limit(500).subquery())
