"""Operations about the token itself."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from flask import Flask, g

from app.accounts.services import tokens
from app.core.access import EVERYBODY, Can
from app.core.errors import Forbidden
from app.web.api.endpoints import blueprint, endpoint
from app.web.api.paging import Output
from app.web.edge import actor, session

bp = blueprint("accounts", "Tokens")


class Me(Output):
    """A token and what it may do now."""

    token_id: UUID
    name: str
    company: str
    acts_for: UUID
    """The user who made the token; its rights are never more than theirs."""
    scopes: list[str]
    expires_at: datetime


class ShortToken(Output):
    """A JWT, sent like the token it was made from."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a word of RFC 6749
    expires_in: int
    """Seconds."""


@endpoint(bp, "GET", "/me/", Can.ACCOUNT_OWN)
def who_am_i() -> Me:
    """Which token this is, and what it may do now."""
    me = g.identity
    return Me(
        token_id=me.token_id, name=me.name, company=me.company_name, acts_for=me.user_id, scopes=sorted(set(me.actor.grants) - EVERYBODY), expires_at=me.expires_at
    )  # fmt: skip


@endpoint(bp, "POST", "/tokens/", Can.ACCOUNT_OWN, repeats=True)
def exchange_token() -> ShortToken:
    """Exchange an API token for a JWT that lives 15 minutes.

    A JWT is not exchanged for another: send the API token.
    """
    if g.identity.by_jwt:
        raise Forbidden
    text, lives = tokens.exchange(session(), actor(), g.identity.token_id, g.identity.expires_at)
    return ShortToken(access_token=text, expires_in=int(lives.total_seconds()))


def register(app: Flask) -> None:
    app.register_blueprint(bp)
