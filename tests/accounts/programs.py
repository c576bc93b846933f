"""For every test that needs a program with a token: `Caller(app, make_token(user, Can.X)[1])("GET", "/api/…")`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from uuid_utils.compat import uuid7
from werkzeug.test import TestResponse

from app.accounts.models import User
from app.accounts.rules import add_up
from app.accounts.services.granting import assignments_of
from app.accounts.services.tokens import issue, offered
from app.core.access import Can
from app.core.clock import today
from app.core.db import enter_tenant, transaction
from app.core.events import Actor


class Caller:
    """A program: each request in a context of its own, with its token."""

    def __init__(self, app: Flask, token: str = "") -> None:
        self.app, self.token = app, token

    def __call__(self, method: str, path: str, json: Any = None, **more: Any) -> TestResponse:
        enter_tenant(None)  # the test client runs in the test's context; a real request starts without a tenant
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        client: FlaskClient = self.app.test_client()
        return client.open(path, method=method, json=json, headers=headers | more.pop("headers", {}), **more)

    def with_token(self, token: str) -> Caller:
        return Caller(self.app, token)


def actor_of(user: User) -> Actor:
    """A user with the grants of this moment, as the edge makes it."""
    with transaction(user.company_id) as own:
        granted = add_up(assignments_of(own, user.id), today())
    return Actor(user.company_id, "user", user.id, label=granted.label, grants=granted.grants, places=granted.places)


def make_token(user: User, *scopes: Can, days: int = 30, name: str = "Loader") -> tuple[UUID, str]:
    """Id and secret of a new token of this user; without scopes, of everything they may give."""
    actor = actor_of(user)
    wanted = [can.value for can in scopes or offered(actor)]
    with transaction(user.company_id) as own:
        made, secret = issue(
            own, actor, token_id=uuid7(), name=name, scopes=wanted, lifetime=timedelta(days=days)
        )  # fmt: skip
    return made.id, secret
