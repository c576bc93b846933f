"""Authenticator app, recovery codes, step-up."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pyotp
import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.accounts.models import RecoveryCode, User
from app.accounts.services.codes import matching_step
from app.core.access import RoleType
from app.core.clock import now
from app.core.db import fetch, transaction
from tests.accounts.pages import events, intents, post, shown
from tests.accounts.sign_in import PASSWORD, make_user, sign_in
from tests.accounts.test_links import link

pytestmark = pytest.mark.usefixtures("mid_window")
ROOT = "root@acme.example"


@pytest.fixture
def root(session: Session, company: UUID) -> User:
    """Somebody whose role asks for a second factor, which they have not set up yet."""
    return make_user(session, company, email=ROOT, roles=[RoleType.SYSTEM_ADMIN])


def secret_of(user: User) -> str:
    with transaction(user.company_id) as own:
        return str(fetch(own, User, user.id).totp_secret)


def first_step(client: FlaskClient, **more: str) -> Any:
    return post(client, "/sign-in", {"email": ROOT, "password": PASSWORD, **more})


def type_code(client: FlaskClient, code: str) -> Any:
    return post(client, "/sign-in/second-factor", {"code": code}, page="/sign-in/second-factor")


def set_up(client: FlaskClient, user: User) -> list[str]:
    """Sign in for the first time and return the recovery codes."""
    first_step(client)
    page = type_code(client, pyotp.TOTP(secret_of(user)).now())
    assert page.status_code == 200
    return re.findall(r"<code>([a-z0-9-]{14})</code>", page.text)


def test_a_role_asks_for_the_app_at_the_first_sign_in(client: FlaskClient, root: User, company: UUID) -> None:
    answer = first_step(client, next="/users")
    assert answer.headers["Location"] == "/sign-in/second-factor"
    assert client.get("/account").status_code == 303, "the password alone opens nothing"
    page = client.get("/sign-in/second-factor")
    assert "<svg" in page.text
    assert "style=" not in page.text.partition("<main")[2]
    assert type_code(client, "000000").status_code == 422
    done = type_code(client, pyotp.TOTP(secret_of(root)).now())
    codes = re.findall(r"<code>([a-z0-9-]{14})</code>", done.text)
    assert len(set(codes)) == 10
    assert 'href="/users"' in done.text
    assert client.get("/users").status_code == 200
    assert len(intents(company, "accounts.warn_changed")) == 1


def test_the_secret_and_the_codes_are_not_in_the_database(client: FlaskClient, root: User, admin: Any) -> None:
    codes = set_up(client, root)
    dump = str(
        admin.execute("SELECT * FROM user_account").fetchall() + admin.execute("SELECT * FROM recovery_code").fetchall()
    )
    assert secret_of(root) not in dump
    assert not any(code in dump or code.replace("-", "") in dump for code in codes)


def test_the_same_code_twice_is_refused(client: FlaskClient, root: User) -> None:
    set_up(client, root)
    totp = pyotp.TOTP(secret_of(root))
    with time_machine.travel(now() + timedelta(minutes=2), tick=False):
        code = totp.at(int(now().timestamp()))
        one, two = client.application.test_client(), client.application.test_client()
        for browser in (one, two):
            first_step(browser)
        assert type_code(one, code).status_code == 303
        refused = type_code(two, code)
        assert refused.status_code == 422
        assert "used already" in shown(refused)


def test_one_step_early_or_late_is_fine_two_are_not() -> None:
    secret = pyotp.random_base32()
    totp = pyotp.TOTP(secret)
    moment = int(now().timestamp())
    step = moment // 30
    with time_machine.travel(moment, tick=False):
        for off, fits in ((-2, False), (-1, True), (0, True), (1, True), (2, False)):
            found = matching_step(secret, totp.at(moment + 30 * off), None)
            assert found == (step + off if fits else None)
        assert matching_step(secret, totp.at(moment), step) is None
        assert matching_step(secret, f" {totp.at(moment)[:3]} {totp.at(moment)[3:]} ", step - 1) == step


def test_a_recovery_code_works_once_and_is_announced(client: FlaskClient, root: User, company: UUID) -> None:
    codes = set_up(client, root)
    other = client.application.test_client()
    first_step(other)
    assert type_code(other, codes[3].upper().replace("-", " ")).status_code == 303
    again = client.application.test_client()
    first_step(again)
    assert type_code(again, codes[3]).status_code == 422
    assert len(events(company, "accounts.recovery_code.used")) == 1
    with transaction(company) as own:
        assert len(own.scalars(sa.select(RecoveryCode).where(RecoveryCode.used_at.is_(None))).all()) == 9


def test_codes_cannot_be_guessed(client: FlaskClient, root: User) -> None:
    set_up(client, root)
    other = client.application.test_client()
    first_step(other)
    for _ in range(8):
        assert type_code(other, "123456").status_code == 422
    with time_machine.travel(now() + timedelta(seconds=61)):
        assert type_code(other, pyotp.TOTP(secret_of(root)).at(int(now().timestamp()))).status_code == 422, "paused"


def test_a_reset_link_does_not_skip_the_second_factor(client: FlaskClient, root: User) -> None:
    set_up(client, root)
    other = client.application.test_client()
    assert post(other, link(root)).headers["Location"] == "/sign-in/second-factor"
    assert other.get("/account/password").status_code == 303
    with time_machine.travel(now() + timedelta(minutes=1)):
        done = type_code(other, pyotp.TOTP(secret_of(root)).at(int(now().timestamp())))
        assert done.headers["Location"] == "/account/password?next=/"


def test_the_step_ends_after_ten_minutes_and_is_used_once(client: FlaskClient, root: User) -> None:
    first_step(client)
    with time_machine.travel(now() + timedelta(minutes=11)):
        assert client.get("/sign-in/second-factor").headers["Location"] == "/sign-in"
        late = post(client, "/sign-in/second-factor", {"code": "1"})
        assert late.headers["Location"] == "/sign-in"
    client.set_cookie("corridor-step", "nonsense")
    assert client.get("/sign-in/second-factor").status_code == 303


def test_an_empty_code_says_so(client: FlaskClient, root: User) -> None:
    first_step(client)
    assert "Enter the code" in shown(type_code(client, " "))


def test_the_account_page_switches_the_app_on_and_off(client: FlaskClient, session: Session, company: UUID) -> None:
    user = make_user(session, company, email="bo@acme.example")
    sign_in(client, user)
    assert client.get("/account/app").headers["Location"] == "/account", "no secret was made yet"
    for code in ("", "000000"):
        assert post(client, "/account/app", {"code": code}).headers["Location"] == "/account", code
    assert post(client, "/account/app/start").headers["Location"] == "/account/app"
    assert "<svg" in client.get("/account/app").text
    assert post(client, "/account/app", {"code": ""}).status_code == 422
    assert post(client, "/account/app", {"code": "000000"}).status_code == 422
    done = post(client, "/account/app", {"code": pyotp.TOTP(secret_of(user)).now()})
    assert len(re.findall(r"<code>([a-z0-9-]{14})</code>", done.text)) == 10
    assert post(client, "/account/app", {"code": "000000"}).status_code == 409
    assert post(client, "/account/app/start").status_code == 409
    assert "10 recovery codes are left" in shown(client.get("/account"))
    new = post(client, "/account/recovery-codes")
    assert len(re.findall(r"<code>([a-z0-9-]{14})</code>", new.text)) == 10
    post(client, "/account/app/off")
    with transaction(company) as own:
        again = fetch(own, User, user.id)
        assert (again.mfa_enabled, again.totp_secret) == (False, None)
        assert own.scalars(sa.select(RecoveryCode)).all() == []
    assert post(client, "/account/recovery-codes").status_code == 409


def test_what_a_role_requires_cannot_be_switched_off(client: FlaskClient, root: User) -> None:
    set_up(client, root)
    answer = post(client, "/account/app/off", follow_redirects=True)
    assert "cannot be switched off" in shown(answer)
    assert "On" in shown(client.get("/account"))


def test_what_is_sensitive_asks_again_after_15_minutes(client: FlaskClient, session: Session, company: UUID) -> None:
    user = make_user(session, company, email="bo@acme.example")
    sign_in(client, user)
    with time_machine.travel(now() + timedelta(minutes=16)):
        answer = client.get("/account/passkeys/new")
        assert answer.headers["Location"] == "/account/confirm?next=/account/passkeys/new"
        asked = post(client, "/account/app/start", headers={"Referer": "http://localhost/account"})
        assert asked.headers["Location"] == "/account/confirm?next=/account"
        form = {"next": "/account/passkeys/new"}
        assert 'type="password"' in client.get("/account/confirm").text
        assert post(client, "/account/confirm", {"password": "wrong", **form}).status_code == 422
        before = client.get_cookie("corridor").value
        done = post(client, "/account/confirm", {"password": PASSWORD, **form})
        assert done.headers["Location"] == "/account/passkeys/new"
        assert client.get_cookie("corridor").value != before, "a session whose rights grew has a new secret"
        assert client.get("/account/passkeys/new").status_code == 200


def test_a_step_up_takes_the_code_of_whoever_has_the_app(client: FlaskClient, root: User) -> None:
    set_up(client, root)
    with time_machine.travel(now() + timedelta(minutes=16)):
        assert "authenticator app" in shown(client.get("/account/confirm"))
        assert post(client, "/account/confirm", {"password": PASSWORD}).status_code == 422
        code = pyotp.TOTP(secret_of(root)).at(int(now().timestamp()))
        assert post(client, "/account/confirm", {"code": code}).status_code == 303


def test_a_step_up_without_password_goes_by_mail(client: FlaskClient, session: Session, company: UUID) -> None:
    user = make_user(session, company, email="bo@acme.example", password=None)
    sign_in(client, user)
    with time_machine.travel(now() + timedelta(minutes=16)):
        assert "Send the link" in shown(client.get("/account/confirm"))
        post(client, "/account/confirm", {"link": "1"})
        assert len(intents(company, "accounts.send_reset")) == 1
        answer = post(client, "/account/password", {"password": "copper-lantern-sailing-0414"}, page="/account")
        assert answer.headers["Location"].startswith("/account/confirm"), "no first password from a forgotten tab"


def test_guessing_the_password_from_a_stolen_session_is_paused(
    client: FlaskClient, session: Session, company: UUID
) -> None:
    user = make_user(session, company, email="bo@acme.example")
    sign_in(client, user)
    for _ in range(8):
        assert post(client, "/account/confirm", {"password": "wrong"}).status_code == 422
    assert post(client, "/account/confirm", {"password": PASSWORD}).status_code == 422
    change = {"current": PASSWORD, "password": "copper-lantern-sailing-0414"}
    assert post(client, "/account/password", change, page="/account").status_code == 422


def test_a_password_is_changed_with_the_current_one(client: FlaskClient, session: Session, company: UUID) -> None:
    user = make_user(session, company, email="bo@acme.example")
    sign_in(client, user)
    change = {"current": PASSWORD, "password": "copper-lantern-sailing-0414"}
    assert post(client, "/account/password", {**change, "current": "x"}, page="/account").status_code == 422
    assert post(client, "/account/password", {"current": PASSWORD}, page="/account").status_code == 422
    assert post(client, "/account/password", change, page="/account").headers["Location"] == "/account"
    assert client.get("/account").status_code == 200, "this device stays"


def test_own_devices_can_be_signed_out_but_not_foreign_ones(
    client: FlaskClient, session: Session, company: UUID
) -> None:
    from app.accounts.models import UserSession

    user, other = (
        make_user(session, company, email="bo@acme.example"),
        make_user(session, company, email="cy@acme.example"),
    )
    phone, tablet = client.application.test_client(), client.application.test_client()
    for browser in (client, phone, tablet):
        sign_in(browser, user)
    foreign = client.application.test_client()
    sign_in(foreign, other)
    with transaction(company) as own:
        ids = dict(
            own.execute(
                sa.select(UserSession.user_id, sa.func.max(sa.cast(UserSession.id, sa.Text))).group_by(
                    UserSession.user_id
                )
            ).all()
        )
    assert post(client, f"/account/devices/{ids[other.id]}/end").status_code == 404
    assert foreign.get("/account").status_code == 200
    assert post(client, f"/account/devices/{ids[user.id]}/end").status_code == 303
    assert tablet.get("/account").status_code == 303
    assert phone.get("/account").status_code == 200
    post(client, "/account/devices/end-others")
    assert phone.get("/account").status_code == 303
    assert client.get("/account").status_code == 200


def test_preferences_need_a_name(client: FlaskClient, session: Session, company: UUID) -> None:
    sign_in(client, make_user(session, company, email="bo@acme.example"))
    answer = post(client, "/account/preferences", {"display_name": " ", "language": "fr"})
    assert answer.status_code == 422
