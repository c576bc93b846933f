"""What was refused at the door is on record, when it is known whose door; and what a browser keeps afterwards."""

from __future__ import annotations

import json
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.access import RoleType
from app.core.clock import now
from app.core.db import transaction
from app.core.events import AuditEvent
from tests.accounts.conftest import company as company
from tests.accounts.pages import post
from tests.accounts.sign_in import PASSWORD, make_user, sign_in, sign_in_browser

FORGED = "access.request.forged"


@pytest.fixture
def bo(session: Session, company: UUID) -> User:
    return make_user(session, company, email="bo.planted@acme.example", display_name="Bo Planted")


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def forged(company: UUID) -> list[tuple[str, str, UUID | None]]:
    query = sa.select(AuditEvent).where(AuditEvent.name == FORGED).order_by(AuditEvent.id)
    with transaction(company) as own:
        return [(e.new_values["kind"], e.new_values["endpoint"], e.actor_user_id) for e in own.scalars(query)]


def test_a_forged_request_of_somebody_signed_in_is_recorded(client: FlaskClient, bo: User, company: UUID) -> None:
    path, where = "/account/devices/end-others", "accounts.end_other_devices"
    assert client.post(path).status_code in (303, 400)
    sign_in(client, bo)
    assert client.post(path).status_code == 400
    assert client.post(path, headers={"X-CSRFToken": "made-up"}).status_code == 400
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        assert post(client, path, headers=headers).status_code == 403
    assert forged(company) == [
        ("token", where, bo.id), ("token", where, bo.id), ("other-site", where, bo.id), ("other-site", where, bo.id),
    ]  # fmt: skip
    assert post(client, path).status_code == 303
    assert len(forged(company)) == 4, "an honest one is not"


class Passwords(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.kinds: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input" and any(word in str(given.get("name")) for word in ("password", "current", "passphrase")):
            self.kinds[str(given["name"])] = str(given.get("type"))


def test_what_is_secret_is_masked_while_it_is_typed(client: FlaskClient, bo: User) -> None:
    seen: dict[str, str] = {}
    for path in ("/sign-in", "/account/password", "/account/confirm"):
        reader = Passwords()
        reader.feed(client.get(path).text)
        seen |= reader.kinds
        sign_in(client, bo)
    assert {"password", "current"} <= set(seen)
    assert set(seen.values()) == {"password"}


def test_a_password_does_not_end_by_itself(client: FlaskClient, bo: User, company: UUID) -> None:
    """Changed when somebody wants it or it is known to be lost, never by the calendar (ASVS 6.2.10)."""
    with time_machine.travel(now() + timedelta(days=3_650)):
        answer = post(client, "/sign-in", {"email": bo.email, "password": PASSWORD, "company": "acme"})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/")
        assert "password" not in str(client.get("/").headers.get("Location"))
        assert client.get("/account").status_code == 200


STORAGE = """async () => JSON.stringify({
  local: Object.entries(localStorage), session: Object.entries(sessionStorage),
  databases: (await indexedDB.databases()).map((found) => found.name), caches: await caches.keys(),
  workers: (await navigator.serviceWorker.getRegistrations()).length,
})"""


def test_nothing_personal_stays_in_the_browser(desktop: Any, live_url: str, session: Session, company: UUID) -> None:
    """After a journey over pages with names, a form half filled in, and signing out."""
    user = make_user(session, company, email="dana.planted@acme.example", display_name="Dana Planted",
                     roles=(RoleType.HR_ADMIN, RoleType.BENEFITS_ADMIN))  # fmt: skip
    sign_in_browser(desktop, user, live_url)
    for path in (
        "/",
        "/account",
        "/people?q=Planted",
        "/people/new",
        "/benefits/enrollments",
        "/feeds",
        "/notices/mine",
    ):
        desktop.goto(path)
        for field in desktop.locator("main input[type=text]:visible").all()[:3]:
            field.fill("900-11-4329")
    desktop.goto("/account")
    kept = json.loads(desktop.evaluate(STORAGE))
    assert (kept["databases"], kept["caches"], kept["workers"], kept["session"]) == ([], [], 0, [])
    assert all(value.isdecimal() for _name, value in kept["local"]), "a moment in milliseconds at most"
    text = json.dumps(kept).lower()
    assert not any(word in text for word in ("planted", "acme", "4329", str(user.id)))
