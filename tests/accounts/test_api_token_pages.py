"""The pages of API tokens: list, make, revoke; with and without JavaScript."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.accounts.models import ApiToken, User
from app.core.access import Can, RoleType
from app.core.clock import now
from app.core.db import transaction
from tests.a11y import assert_accessible, assert_errors_linked
from tests.accounts.pages import counted, post, shown
from tests.accounts.programs import Caller, make_token
from tests.accounts.sign_in import make_user, sign_in, sign_in_browser

SECRET = re.compile(r"crd_[0-9a-f]{32}_[A-Za-z0-9_-]{43}")
SCOPES = ["connections:connection:view", "feeds:file:view"]


@pytest.fixture
def root(client: FlaskClient, session: Session, company: UUID) -> User:
    user = make_user(session, company, email="root@acme.example", roles=[RoleType.SYSTEM_ADMIN])
    sign_in(client, user)
    return user


def form(**change: Any) -> dict[str, Any]:
    return {"name": "Loader", "scopes": SCOPES, "days": "90", "form_key": uuid7().hex, **change}


def made(company: UUID) -> list[ApiToken]:
    with transaction(company) as own:
        return list(own.scalars(sa.select(ApiToken).order_by(ApiToken.id)))


@pytest.mark.queries
def test_making_one_shows_the_secret_once(client: FlaskClient, root: User, company: UUID) -> None:
    page = client.get("/api-tokens/new")
    assert page.status_code == 200
    offered = set(re.findall(r'name="scopes" value="([^"]+)"|value="([^"]+)"[^>]*name="scopes"', page.text))
    names = {one or other for one, other in offered}
    assert set(SCOPES) <= names
    assert not names & {"accounts:user:manage", "accounts:token:manage", "accounts:account:own", "people:employee:view"}
    sent = form()
    answer = post(client, "/api-tokens/new", sent)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    secret = SECRET.search(answer.text)
    assert secret is not None
    found = made(company)[0]
    assert (found.name, found.scopes, found.created_by_user_id) == ("Loader", SCOPES, root.id)
    assert found.expires_at - now() == pytest.approx(timedelta(days=90), abs=timedelta(minutes=1))
    again = post(client, "/api-tokens/new", sent)
    assert (again.status_code, len(made(company))) == (409, 1)
    with counted() as statements:
        listed = client.get("/api-tokens")
    assert len(statements) <= 4
    assert secret[0] not in listed.text
    assert f"crd_…{found.prefix}…" in shown(listed)
    assert Caller(client.application, secret[0])("GET", "/api/me").json["name"] == "Loader"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": ""}, "Enter a name"), ({"scopes": []}, "Select at least one"), ({"days": ""}, "Select how long"), ({"days": "9999"}, "Not a valid choice"),
        ({"scopes": ["benefits:enrollment:approve"]}, "valid choice"), ({"scopes": ["accounts:user:manage"]}, "valid choice"),
    ],
)  # fmt: skip
def test_what_the_form_refuses(
    client: FlaskClient, root: User, company: UUID, change: dict[str, Any], said: str
) -> None:
    answer = post(client, "/api-tokens/new", form(**change))
    assert (answer.status_code, made(company)) == (422, [])
    assert said in shown(answer)


def test_revoking_one(client: FlaskClient, root: User, company: UUID) -> None:
    token_id, secret = make_token(root)
    assert "Works" in shown(client.get("/api-tokens"))
    assert post(client, f"/api-tokens/{token_id}/revoke").status_code == 303
    page = shown(client.get("/api-tokens"))
    assert "The token is revoked" in page
    assert "Works" not in page
    assert Caller(client.application, secret)("GET", "/api/me").status_code == 401
    assert post(client, f"/api-tokens/{uuid7()}/revoke").status_code == 404


def test_a_new_one_asks_again_who_it_is(client: FlaskClient, root: User, company: UUID) -> None:
    with time_machine.travel(now() + timedelta(minutes=16)):
        assert client.get("/api-tokens/new").headers["Location"].startswith("/account/confirm")
        assert post(client, "/api-tokens/new", form()).headers["Location"].startswith("/account/confirm")
    assert made(company) == []


def test_who_may_not_make_tokens_sees_none_of_it(
    client: FlaskClient, session: Session, root: User, company: UUID
) -> None:
    viewer = make_user(session, company, email="v@acme.example", roles=[RoleType.VIEWER])
    maker = make_user(session, company, email="m@acme.example", roles=[RoleType.BENEFITS_ADMIN])
    token_id, _ = make_token(root)
    sign_in(client, viewer)
    assert "API tokens" not in client.get("/account").text
    for path in ("/api-tokens", "/api-tokens/new"):
        assert client.get(path).status_code == 403
    assert post(client, f"/api-tokens/{token_id}/revoke", page="/account").status_code == 403
    sign_in(client, maker)
    assert "API tokens" in client.get("/account").text
    page = client.get("/api-tokens")
    assert (page.status_code, "No tokens yet" in page.text, "/roles" in page.text) == (200, True, False)
    assert post(client, f"/api-tokens/{token_id}/revoke", page="/account").status_code == 404


def fill_in(page: Any) -> None:
    page.get_by_label("Name", exact=True).fill("Warehouse")
    page.get_by_label("feeds:file:view").check(force=True)
    page.get_by_label("90 days").check(force=True)
    page.get_by_role("button", name="Make the token").click()


@pytest.fixture
def signed_in(session: Session, company: UUID, live_url: str) -> Any:
    root = make_user(session, company, email="root@acme.example", roles=[RoleType.SYSTEM_ADMIN])
    make_token(root, Can.FEED_VIEW, name="Older")
    return lambda page: sign_in_browser(page, root, live_url)


@pytest.mark.browser
def test_from_making_to_revoking_in_a_browser(either: Any, signed_in: Any) -> None:
    page = either
    signed_in(page)
    page.goto("/api-tokens")
    page.get_by_role("link", name="New token").click()
    fill_in(page)
    assert SECRET.fullmatch(page.locator("#secret").inner_text())
    page.get_by_role("link", name="I have saved it").click()
    page.get_by_role("button", name="Revoke Warehouse").click()
    assert "The token is revoked" in page.locator("main").inner_text()


@pytest.mark.browser
def test_each_page_is_accessible(phone: Any, signed_in: Any) -> None:
    signed_in(phone)
    phone.goto("/api-tokens")
    assert_accessible(phone)
    phone.goto("/api-tokens/new")
    assert_accessible(phone)
    phone.get_by_role("button", name="Make the token").click()
    assert_errors_linked(phone)
    assert_accessible(phone)
    fill_in(phone)
    phone.locator("#secret").wait_for()
    assert_accessible(phone)
    phone.goto("/api/docs")
    assert_accessible(phone)
    phone.locator("summary", has_text="What goes in").first.click()
    assert_accessible(phone)


@pytest.mark.browser
def test_the_secret_is_copied_by_one_press(new_page: Any, signed_in: Any) -> None:
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    signed_in(page)
    page.goto("/api-tokens/new")
    fill_in(page)
    page.get_by_role("button", name="Copy", exact=True).click()
    page.get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#secret").inner_text()
