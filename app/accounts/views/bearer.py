"""Who makes a request: the person the cookie says, or under `/api` the program the Authorization header says. Never both."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Request
from flask_login import UserMixin
from werkzeug.exceptions import TooManyRequests

from app.accounts.rules import LIMITS, Granted, window_start
from app.accounts.services import tokens
from app.accounts.services.bearer import Presented, read
from app.accounts.services.throttle import too_many
from app.accounts.views.identity import Identity, load_identity, origin
from app.core.clock import now
from app.core.db import enter_tenant, transaction
from app.core.events import Actor
from app.web.api.problems import asks_api
from app.web.edge import login_manager


class Program(UserMixin):
    """A program with a token; `actor` has the token's rights, its maker's user id and the token's id as its session."""

    brand_hue, logo_url, language = 185, "", "en"

    def __init__(self, row: Any, presented: Presented, actor: Actor) -> None:
        self.actor = actor
        self.user_id: UUID = row.user_id
        self.employee_id: UUID | None = row.employee_id
        self.token_id: UUID = row.token_id
        self.name: str = row.name
        self.expires_at: datetime = row.ends_at
        self.by_jwt = presented.token_id is not None
        self.company_name: str = row.company_name or "Corridor"
        self.time_zone: str = row.time_zone or "UTC"

    def get_id(self) -> str:
        return str(self.token_id)


def load_program(asked: Request) -> Program | None:
    """The program of a valid token. The tenant comes from the token, before any query.

    What it uses up is counted in a transaction of its own, so that a request that fails counts too.

    Raises:
        TooManyRequests: more requests with this token in this minute than `LIMITS` allows.
    """
    given = asked.authorization
    presented = read(given.token or "") if given is not None and given.type == "bearer" else None
    if presented is None:
        return None
    with transaction(presented.company_id) as own:
        found = tokens.authenticate(own, presented)
        if found is None:
            return None
        refused = too_many(own, "api", str(found.row.token_id))
        tokens.note_use(own, found.row.token_id, found.row.last_used_at)
    if refused:
        raise TooManyRequests(retry_after=_seconds_left())
    enter_tenant(presented.company_id)
    return Program(found.row, presented, _actor_of(found.row, presented.company_id, found.granted))


def _seconds_left() -> int:
    window = LIMITS["api"].window
    return int((window_start(now(), window) + window - now()).total_seconds()) + 1


def _actor_of(row: Any, company_id: UUID, granted: Granted) -> Actor:
    return Actor(
        company_id=company_id, kind="user", user_id=row.user_id, employee_id=row.employee_id, label=granted.label,
        grants=granted.grants, places=granted.places, session_id=row.token_id, **origin(),
    )  # fmt: skip


def load(asked: Request) -> Identity | Program | None:
    """Flask-Login's request loader."""
    return load_program(asked) if asks_api() else load_identity(asked)


login_manager.request_loader(load)
