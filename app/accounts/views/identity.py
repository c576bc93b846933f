"""From the cookie to an identity: one query, the tenant set before the first of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Request, Response, g, request
from flask_login import UserMixin

from app.accounts import services
from app.accounts.rules import FRESH, SEEN_EVERY, Granted
from app.accounts.services.links import split_token
from app.accounts.services.sessions import mark_seen
from app.core.clock import now
from app.core.config import get_settings
from app.core.db import enter_tenant
from app.core.events import Actor
from app.web.edge import session

POLL = "X-Corridor-Poll"  # a block that reloads itself must not keep a session alive


class Identity(UserMixin):
    """The signed-in person of this request."""

    def __init__(self, row: Any, actor: Actor) -> None:
        self.actor = actor
        self.user_id: UUID = row.user_id
        self.employee_id: UUID | None = row.employee_id
        self.email: str = row.email
        self.display_name: str = row.display_name or row.email
        self.language: str = row.language
        self.company_name: str = row.company_name or "Corridor"
        self.brand_hue: int = 185 if row.brand_hue is None else row.brand_hue
        self.time_zone: str = row.time_zone or "UTC"
        self.logo_url: str = logo_path(row.logo_file_id)
        self.session_id: UUID = row.session_id
        self.method: str = row.method
        self.opened_at: datetime = row.opened_at
        self.mfa_at: datetime | None = row.mfa_at
        self.confirmed_at: datetime | None = row.confirmed_at
        self.mfa_enabled: bool = row.mfa_enabled
        self.mfa_required: bool = row.mfa_required
        self.idle_seconds: int = idle_seconds()

    @property
    def name(self) -> str:
        return self.display_name

    @property
    def fresh(self) -> bool:
        """True when the person proved who they are in the last minutes; else what is sensitive asks again."""
        return max(self.opened_at, self.confirmed_at or self.opened_at) > now() - FRESH

    def get_id(self) -> str:
        return str(self.user_id)


def logo_path(file_id: UUID | None) -> str:
    """Address of a company's logo on our own origin, "" without one (`accounts.logo`, written out: every page needs it)."""
    return f"/logo/{file_id}.png" if file_id else ""


def idle_seconds() -> int:
    """What the browser counts down from: a little less than the server, whose clock is written once a minute."""
    return int(get_settings().idle_minutes * 60 - SEEN_EVERY.total_seconds())


def cookie_name() -> str:
    return "__Host-corridor" if get_settings().production else "corridor"


def set_cookie(response: Any, name: str, value: str, lifetime: timedelta) -> None:
    response.set_cookie(
        name,
        value,
        max_age=int(lifetime.total_seconds()),
        path="/",
        secure=get_settings().production or request.is_secure,
        httponly=True,
        samesite="Lax",
    )


def drop_cookie(response: Any, name: str) -> None:
    response.delete_cookie(
        name, path="/", secure=get_settings().production or request.is_secure, httponly=True, samesite="Lax"
    )


def set_session_cookie(response: Response | Any, company_id: UUID, token: str) -> None:
    """The cookie of a session; it says which company's rows to look in, and the secret."""
    set_cookie(response, cookie_name(), f"{company_id.hex}.{token}", timedelta(hours=get_settings().session_hours))


def load_identity(asked: Request) -> Identity | None:
    """Who the cookie says it is. Without a valid session the tenant is unset again, so every table is empty."""
    found = split_token(asked.cookies.get(cookie_name(), ""))
    if found is None:
        return None
    company_id, token = found
    database = session()
    enter_tenant(company_id)
    signed_in = services.find_session(database, token)
    if signed_in is None:
        leave_tenant()
        return None
    row, granted = signed_in
    if row.last_seen_at < now() - SEEN_EVERY and POLL not in asked.headers:
        mark_seen(database, row.session_id)
    return Identity(row, actor_of(row, company_id, granted))


def leave_tenant() -> None:
    """End the transaction that knows the tenant, then forget it."""
    session().rollback()
    enter_tenant(None)


def actor_of(row: Any, company_id: UUID, granted: Granted) -> Actor:
    return Actor(
        company_id=company_id,
        kind="user",
        user_id=row.user_id,
        employee_id=row.employee_id,
        label=granted.label,
        grants=granted.grants,
        places=granted.places,
        session_id=row.session_id,
        **origin(),
    )


def visitor(company_id: UUID, user_id: UUID | None = None) -> Actor:
    """Somebody at the door: no rights yet; with `user_id` once they proved who they are."""
    return Actor(company_id=company_id, kind="user", user_id=user_id, label="visitor", **origin())


def origin() -> dict[str, Any]:
    """Where the request came from."""
    return {
        "ip_address": request.remote_addr or "",
        "user_agent": (request.user_agent.string or "")[:300],
        "request_id": g.get("request_id", ""),
    }
