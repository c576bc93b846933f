"""API tokens: issue, list, revoke, and find the one a program shows. The database knows only the hash of a secret."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.models import ApiToken, Role, RoleAssignment, TenantDoor, User, UserStatus
from app.accounts.rules import LONGEST_TOKEN, NEVER_BY_TOKEN, SEEN_EVERY, Granted, add_up, within
from app.accounts.services.bearer import Presented, make_jwt, make_secret
from app.accounts.services.granting import ASSIGNMENT_COLUMNS, FLAG_COLUMNS
from app.core.access import Can, Scope
from app.core.clock import now, today
from app.core.db import current_tenant, fetch
from app.core.errors import Conflict, Invalid, NotFound
from app.core.events import Actor, Risk, record
from app.core.models import ApiAnswer

PAGE = 25


class Authenticated(NamedTuple):
    """Token, its maker and the company as one row, and what the token may do right now."""

    row: Any
    granted: Granted


def offered(actor: Actor) -> list[Can]:
    """The scopes somebody may put into a token: what they may do themselves, less what no program is given."""
    return sorted(set(actor.grants) - NEVER_BY_TOKEN)


def issue(
    session: Session, actor: Actor, *, token_id: UUID, name: str, scopes: Collection[str], lifetime: timedelta
) -> tuple[ApiToken, str]:
    """A new token and its secret, which is shown this once.

    Args:
        token_id: made with the form, so that a form sent twice makes one token.

    Raises:
        Conflict: the form was sent before; its secret cannot be shown again.
        Invalid: no name, no scope or one the actor does not hold, or a lifetime over a year.
    """
    actor.require(Can.TOKEN_MANAGE)
    _check(actor, name, scopes, lifetime)
    if session.get(ApiToken, (current_tenant(), token_id)) is not None:
        raise Conflict
    secret, token_hash, prefix = make_secret()
    made = ApiToken(
        id=token_id, name=name.strip(), token_hash=token_hash, prefix=prefix, scopes=sorted(set(scopes)),
        created_by_user_id=actor.user_id, expires_at=now() + lifetime,
    )  # fmt: skip
    session.add(made)
    shown = {"name": made.name, "scopes": made.scopes, "expires_at": made.expires_at}
    record(session, actor, "accounts.api_token.issued", made, new=shown, risk=Risk.HIGH)
    return made, secret


def _check(actor: Actor, name: str, scopes: Collection[str], lifetime: timedelta) -> None:
    errors = {}
    if not 1 <= len(name.strip()) <= 80:
        errors["name"] = "Enter a name of at most 80 letters"
    if not scopes:
        errors["scopes"] = "Select at least one thing the token may do"
    elif not set(scopes) <= set(offered(actor)):
        errors["scopes"] = "Select only what you may do yourself"
    if not timedelta() < lifetime <= LONGEST_TOKEN:
        errors["days"] = "Select how long the token works, at most a year"
    if errors:
        raise Invalid(errors)


def list_tokens(session: Session, actor: Actor, *, after: str = "", limit: int = PAGE) -> Sequence[Any]:
    """A page of tokens, newest first; one more than `limit` says that there is a next page. Who manages users sees everybody's."""
    actor.require(Can.TOKEN_MANAGE)
    query = (
        sa.select(
            ApiToken.id, ApiToken.name, ApiToken.prefix, ApiToken.scopes, ApiToken.expires_at, ApiToken.last_used_at,
            ApiToken.revoked_at, ApiToken.created_at, User.email,
        )
        .join(User, User.id == ApiToken.created_by_user_id)
        .order_by(ApiToken.id.desc())
        .limit(limit + 1)
    )  # fmt: skip
    if not _manages_all(actor):
        query = query.where(ApiToken.created_by_user_id == actor.user_id)
    if after:
        try:
            query = query.where(ApiToken.id < UUID(after))
        except ValueError:
            raise NotFound from None
    return session.execute(query).all()


def _manages_all(actor: Actor) -> bool:
    return actor.scope(Can.USER_MANAGE) is Scope.ALL


def revoke(session: Session, actor: Actor, token_id: UUID | str) -> None:
    """End a token, and every JWT made from it, at once. Raises NotFound for one the actor does not see."""
    actor.require(Can.TOKEN_MANAGE)
    found = fetch(session, ApiToken, token_id, lock=True)
    if found.created_by_user_id != actor.user_id and not _manages_all(actor):
        raise NotFound
    if found.revoked_at is None:
        found.revoked_at = now()
        record(session, actor, "accounts.api_token.revoked", found, old={"name": found.name}, risk=Risk.HIGH)


def authenticate(session: Session, presented: Presented) -> Authenticated | None:
    """The live token that is shown, with what it may do, or None. One query, a row for each role of its maker."""
    which = ApiToken.token_hash == presented.token_hash if presented.token_hash else ApiToken.id == presented.token_id
    rows = session.execute(_FOUND.where(which, ApiToken.expires_at > now())).all()
    if not rows:
        return None
    maker = add_up([row for row in rows if row.id is not None], today())
    return Authenticated(rows[0], within(maker, rows[0].scopes, rows[0].name))


_FOUND: sa.Select[*tuple[Any, ...]] = (
    sa.select(
        ApiToken.id.label("token_id"), ApiToken.name, ApiToken.scopes, ApiToken.expires_at.label("ends_at"), ApiToken.last_used_at,
        ApiToken.created_by_user_id.label("user_id"), User.employee_id, TenantDoor.name.label("company_name"), TenantDoor.time_zone,
        *ASSIGNMENT_COLUMNS, *FLAG_COLUMNS,
    )
    .join(User, sa.and_(User.company_id == ApiToken.company_id, User.id == ApiToken.created_by_user_id))
    .outerjoin(TenantDoor, TenantDoor.id == ApiToken.company_id)
    .outerjoin(RoleAssignment, sa.and_(RoleAssignment.company_id == ApiToken.company_id, RoleAssignment.user_id == User.id))
    .outerjoin(Role, sa.and_(Role.company_id == RoleAssignment.company_id, Role.id == RoleAssignment.role_id))
    .where(
        ApiToken.revoked_at.is_(None),
        User.status == UserStatus.ACTIVE.value,
        User.deleted_at.is_(None),
        sa.func.coalesce(TenantDoor.active, sa.true()),
    )
    .order_by(RoleAssignment.id)
)  # fmt: skip


def note_use(session: Session, token_id: UUID, last_used_at: datetime | None) -> None:
    """Remember that the token is used, once a minute at most."""
    if last_used_at is None or last_used_at < now() - SEEN_EVERY:
        session.execute(sa.update(ApiToken).where(ApiToken.id == token_id).values(last_used_at=now()))


def exchange(session: Session, actor: Actor, token_id: UUID, expires_at: datetime) -> tuple[str, timedelta]:
    """A JWT for a token, and how long it lives."""
    made = make_jwt(token_id, expires_at)
    record(session, actor, "accounts.api_token.exchanged", ("api_token", token_id))
    return made


def clear_answers(session: Session) -> None:
    """Answers kept under an Idempotency-Key are of no use after their day."""
    session.execute(sa.delete(ApiAnswer).where(ApiAnswer.expires_at < now()))
