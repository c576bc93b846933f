"""In a real Chromium: sign-in and account pages with and without JavaScript, axe, linked errors, a passkey of the browser."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pyotp
import pytest
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.access import RoleType
from tests.a11y import assert_accessible, assert_errors_linked
from tests.accounts.sign_in import PASSWORD, make_user, sign_in_browser
from tests.accounts.test_links import link
from tests.accounts.test_second_factor import secret_of

pytestmark = pytest.mark.browser


@pytest.fixture
def ana(session: Session, company: UUID) -> User:
    return make_user(session, company, email="ana@acme.example", display_name="Ana Lopez")


def type_in(page: Any, password: str = PASSWORD) -> None:
    page.get_by_label("Email address").fill("ana@acme.example")
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_signing_in_and_out(either: Any, ana: User) -> None:
    page = either
    page.goto("/account")
    type_in(page, "wrong wrong wrong")
    assert "not right" in page.locator("#error-summary").inner_text()
    type_in(page)
    page.wait_for_url("**/account")
    assert page.get_by_role("heading", level=1).inner_text() == "Your account"
    page.locator("summary", has_text="Menu").click()
    page.get_by_role("button", name="Sign out").last.click()
    page.wait_for_url("**/sign-in")
    page.goto("/account")
    page.wait_for_url(lambda url: "/sign-in?next=" in url)


def test_an_invitation_on_a_phone(either: Any, ana: User) -> None:
    page = either
    page.goto(link(ana, "invite", "/account"))
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/account")
    page.goto("/account/password")
    page.get_by_label("New password").fill("short")
    page.get_by_role("button", name="Save password").click()
    assert_error(page, "at least 15")
    page.get_by_label("New password").fill("copper-lantern-sailing-0414")
    page.get_by_role("button", name="Save password").click()
    page.wait_for_url("**/account")
    assert "new password is saved" in page.locator("main").inner_text()


def assert_error(page: Any, words: str) -> None:
    assert words in page.locator("#error-summary").inner_text()


def test_the_way_through_the_second_factor(either: Any, session: Session, company: UUID) -> None:
    user = make_user(session, company, email="ana@acme.example", roles=[RoleType.SYSTEM_ADMIN])
    page = either
    page.goto("/sign-in")
    type_in(page)
    page.wait_for_url("**/sign-in/second-factor")
    assert page.locator(".qr svg").bounding_box()["width"] > 150
    page.get_by_role("textbox", name="Code").fill(pyotp.TOTP(secret_of(user)).now())
    page.get_by_role("button", name="Continue").click()
    assert page.locator("main ol li").count() == 10
    page.get_by_role("link", name="I have saved them").click()
    page.goto("/users")
    assert page.get_by_role("heading", level=1).inner_text() == "Users and roles"


def test_a_passkey_of_the_browser(desktop: Any, ana: User, live_url: str) -> None:
    page = desktop
    wire = page.context.new_cdp_session(page)
    wire.send("WebAuthn.enable")
    wire.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True,
        }},
    )  # fmt: skip
    sign_in_browser(page, ana, live_url)
    page.goto("/account/passkeys/new")
    page.get_by_label("Name of this passkey").fill("Laptop")
    page.get_by_role("button", name="Make the passkey").click()
    page.wait_for_url("**/account")
    assert "Laptop" in page.locator("main").inner_text()
    page.context.clear_cookies()
    page.goto("/sign-in?next=/account")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/account")
    wire.send("WebAuthn.disable")


def test_a_passkey_that_is_not_there_says_so(desktop: Any, ana: User) -> None:
    page = desktop
    wire = page.context.new_cdp_session(page)
    wire.send("WebAuthn.enable")
    wire.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": False, "automaticPresenceSimulation": True,
        }},
    )  # fmt: skip
    page.goto("/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_text("That passkey did not work").wait_for()


def test_without_javascript_no_passkey_is_offered(phone_without_js: Any, ana: User) -> None:
    phone_without_js.goto("/sign-in")
    assert not phone_without_js.get_by_role("button", name="Sign in with a passkey").is_visible()


OUTSIDE = ("/sign-in", "/sign-in/link", "/sign-in/link/sent", "/sign-in/link/nothing")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_door_is_accessible(new_page: Any, ana: User, scheme: str) -> None:
    page = new_page(phone=True, color_scheme=scheme)
    for path in (*OUTSIDE, link(ana, "invite")):
        page.goto(path)
        assert_accessible(page)
    for path, button in (("/sign-in", "Sign in"), ("/sign-in/link", "Send the link")):
        page.goto(path)
        page.get_by_role("button", name=button, exact=True).click()
        assert_accessible(page)
        assert_errors_linked(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_own_and_administrator_pages_are_accessible(
    new_page: Any, session: Session, company: UUID, live_url: str, scheme: str
) -> None:
    root = make_user(session, company, email="root@acme.example", roles=[RoleType.SYSTEM_ADMIN])
    bo = make_user(session, company, email="bo@acme.example", roles=[RoleType.VIEWER])
    page = new_page(phone=scheme == "dark", color_scheme=scheme)
    sign_in_browser(page, root, live_url)
    for path in (
        "/account", "/account/password", "/account/passkeys/new", "/account/confirm", "/users", "/users/invite",
        f"/users/{bo.id}", f"/users/{bo.id}/roles/new", "/roles", "/roles/new", "/roles/access-map", "/sessions",
    ):  # fmt: skip
        page.goto(path)
        assert_accessible(page)
    for path, button in (
        ("/account/password", "Save password"), ("/account/confirm", "Continue"), ("/users/invite", "Send the invitation"),
        ("/roles/new", "Save role"), (f"/users/{bo.id}", "Suspend this user"),
    ):  # fmt: skip
        page.goto(path)
        page.get_by_role("button", name=button).click()
        page.locator("#error-summary").wait_for()
        assert_accessible(page)
        assert_errors_linked(page)


def test_the_door_speaks_spanish(phone: Any, ana: User) -> None:
    phone.goto("/sign-in?lang=es")
    text = phone.locator("main").inner_text()
    assert "Iniciar sesión" in text
    assert not re.search(r"\b(the|your|with)\b", text)
    phone.goto("/sign-in/link")
    assert not re.search(r"\b(the|your|with)\b", phone.locator("main").inner_text())
