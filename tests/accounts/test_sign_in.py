"""The front door: right and wrong passwords, pauses, cookies, where one lands; nobody learns who has an account."""

from __future__ import annotations

import statistics
import time
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.accounts.models import Throttle, User, UserSession, UserStatus
from app.accounts.services import passwords
from app.core.access import RoleType
from app.core.clock import now
from app.core.db import fetch, tenant, transaction
from tests.accounts.pages import events, intents, post, shown, stable
from tests.accounts.sign_in import PASSWORD, make_user, sign_in

pytestmark = pytest.mark.usefixtures("mid_window")
ANA = "ana@acme.example"


def enter(client: FlaskClient, password: str = PASSWORD, email: str = ANA, **more: str) -> object:
    return post(client, "/sign-in", {"email": email, "password": password, **more}, page="/sign-in")


@pytest.fixture
def ana(session: Session, company: UUID) -> User:
    return make_user(session, company, email=ANA)


def test_the_right_password_signs_in_and_goes_where_one_was_going(
    client: FlaskClient, ana: User, company: UUID
) -> None:
    answer = enter(client, next="/account?x=1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account?x=1")
    assert "ana@acme.example" in client.get("/account").text
    assert [event.name for event in events(company)] == ["accounts.session.opened"]
    with transaction(company) as own:
        row = own.scalars(sa.select(UserSession)).one()
        assert row.method == "password"
        assert len(row.token_hash) == 32


def test_the_cookie_is_http_only_lax_and_holds_256_bits(client: FlaskClient, ana: User) -> None:
    answer = enter(client)
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("corridor="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie
    assert len(cookie.split("=", 1)[1].split(";")[0].partition(".")[2]) == 43


def test_the_cookie_is_host_only_and_secure_in_production(
    client: FlaskClient, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.core.config import get_settings

    monkeypatch.setattr(get_settings(), "environment", "production")
    answer = enter(client)
    cookies = [c for c in answer.headers.getlist("Set-Cookie") if not c.startswith("corridor_form")]
    assert {c.split("=")[0] for c in cookies} == {"__Host-corridor", "__Host-corridor-device"}
    assert all("Secure" in c and "Path=/" in c and "Domain" not in c for c in cookies)


def test_every_sign_in_makes_another_token_and_another_csrf_token(client: FlaskClient, ana: User) -> None:
    enter(client)
    first = client.get_cookie("corridor").value
    form = client.get_cookie("corridor_form")
    client.delete_cookie("corridor")
    enter(client)
    assert client.get_cookie("corridor").value != first
    assert (
        form is None
        or client.get_cookie("corridor_form") is None
        or form.value != client.get_cookie("corridor_form").value
    )


@pytest.mark.parametrize(
    "away", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\nb"]
)
def test_a_link_does_not_lead_away(client: FlaskClient, ana: User, away: str) -> None:
    assert enter(client, next=away).headers["Location"] == "/"


def refused_emails(session: Session, company: UUID) -> dict[str, str]:
    make_user(session, company, email="suspended@acme.example", status=UserStatus.SUSPENDED.value)
    make_user(session, company, email="invited@acme.example", status=UserStatus.INVITED.value, password=None)
    return {
        "wrong": ANA, "unknown": "nobody@acme.example", "suspended": "suspended@acme.example",
        "invited": "invited@acme.example",
    }  # fmt: skip


def test_wrong_unknown_suspended_and_invited_look_the_same(
    client: FlaskClient, session: Session, ana: User, company: UUID
) -> None:
    answers = {}
    for kind, email in refused_emails(session, company).items():
        answer = enter(client, "not the password at all" if kind == "wrong" else PASSWORD, email)
        answers[kind] = (answer.status_code, stable(answer).replace(email, ""))
    assert len(set(answers.values())) == 1
    assert answers["wrong"][0] == 422
    assert "not right" in answers["wrong"][1]
    assert {event.success for event in events(company, "accounts.sign_in.failed")} == {False}


def test_known_and_unknown_take_the_same_time(client: FlaskClient, ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.accounts import rules

    for kind in ("account", "ip"):
        monkeypatch.setitem(rules.LIMITS, kind, rules.Counted(100_000, timedelta(minutes=15)))
    from app.accounts.services.attempts import try_password
    from app.accounts.views.identity import Actor

    actor = Actor(company_id=ana.company_id, kind="user")
    took: dict[str, list[float]] = {ANA: [], "nobody@acme.example": []}
    for _ in range(60):
        for email, times in took.items():
            start = time.perf_counter()
            try_password(actor, email, "wrong wrong wrong")
            times.append(time.perf_counter() - start)
    known, unknown = (statistics.median(times) for times in took.values())
    assert abs(known - unknown) / max(known, unknown) < 0.15


def test_after_ten_wrong_passwords_even_the_right_one_waits(client: FlaskClient, ana: User, company: UUID) -> None:
    for _ in range(10):
        assert enter(client, "wrong wrong wrong").status_code == 422
    for _ in range(3):
        assert enter(client).status_code == 429
    assert len(intents(company, "accounts.warn_paused")) == 1, "the owner is told once"
    with time_machine.travel(now() + timedelta(minutes=16)):
        assert enter(client).status_code == 303, "a pause ends by itself"


def test_an_unknown_address_is_paused_like_a_known_one(client: FlaskClient, ana: User) -> None:
    for _ in range(10):
        enter(client, "wrong wrong wrong", "nobody@acme.example")
        enter(client, "wrong wrong wrong")
    one, two = enter(client, "x", "nobody@acme.example"), enter(client, "x")
    assert one.status_code == two.status_code == 429
    assert stable(one).replace("nobody@acme.example", "") == stable(two).replace(ANA, "")


def test_a_stranger_cannot_lock_the_owner_out_of_a_known_device(client: FlaskClient, ana: User) -> None:
    enter(client)
    client.delete_cookie("corridor")
    stranger = client.application.test_client()
    for _ in range(12):
        enter(stranger, "wrong wrong wrong")
    assert enter(stranger).status_code == 429
    assert enter(client).status_code == 303


def test_a_forged_device_cookie_is_no_known_device(client: FlaskClient, ana: User) -> None:
    client.set_cookie("corridor-device", "WyJhIiwiYiJd.forged")
    for _ in range(10):
        enter(client, "wrong wrong wrong")
    assert enter(client).status_code == 429


def test_one_address_cannot_try_a_hundred_accounts(client: FlaskClient, ana: User) -> None:
    from app.accounts.services.throttle import count_try

    with transaction(ana.company_id) as own:
        for _ in range(100):
            count_try(own, "ip", "127.0.0.1")
    assert enter(client).status_code == 429
    other = client.application.test_client()
    token_page = other.get("/sign-in", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    from tests.accounts.pages import TOKEN

    answer = other.post(
        "/sign-in", data={"email": ANA, "password": PASSWORD}, environ_base={"REMOTE_ADDR": "192.0.2.7"},
        headers={"X-CSRFToken": TOKEN.search(token_page.text).group(1)},
    )  # fmt: skip
    assert answer.status_code == 303


def test_a_success_forgets_the_wrong_tries(client: FlaskClient, ana: User, company: UUID) -> None:
    for _ in range(9):
        enter(client, "wrong wrong wrong")
    assert enter(client).status_code == 303
    with transaction(company) as own:
        assert fetch(own, User, ana.id).failed_attempts == 0
        assert own.scalars(sa.select(Throttle.tries)).all() == [9], "only the address remembers"


def test_an_old_hash_is_made_anew_at_sign_in(client: FlaskClient, ana: User, company: UUID) -> None:
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with transaction(company) as own:
        own.execute(sa.update(User).values(password_hash=weak))
    assert enter(client).status_code == 303
    with transaction(company) as own:
        stored = own.scalars(sa.select(User.password_hash)).one()
    assert stored != weak
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.verify(stored, PASSWORD)


def test_a_broken_hash_is_a_wrong_password() -> None:
    assert not passwords.verify("not a hash", PASSWORD)


def test_empty_fields_are_named_and_linked(client: FlaskClient, ana: User) -> None:
    answer = post(client, "/sign-in", {}, page="/sign-in")
    assert answer.status_code == 422
    assert "Enter your email address" in answer.text
    assert 'href="#password"' in answer.text
    assert "<title>Error:" in answer.text


def test_a_password_is_never_written_back(client: FlaskClient, ana: User) -> None:
    assert "hunter-secret-typed" not in enter(client, "hunter-secret-typed").text


def test_several_companies_ask_for_the_code(client: FlaskClient, session: Session, ana: User) -> None:
    make_user(session, uuid7(), email="bo@other.example")
    assert "Company code" in client.get("/sign-in").text
    answer = enter(client)
    assert answer.status_code == 422
    assert "Check the company code" in shown(answer)
    assert enter(client, company="ACME ").status_code == 303


def test_the_sign_in_page_carries_the_name_of_its_company(client: FlaskClient, ana: User) -> None:
    page = client.get("/sign-in?company=acme")
    assert "Acme</title>" in page.text
    assert "/brand/185.css" in page.text


def test_who_is_signed_in_needs_no_sign_in_page(client: FlaskClient, ana: User) -> None:
    sign_in(client, ana)
    assert client.get("/sign-in?next=/account").headers["Location"] == "/account"


def test_without_a_session_every_own_page_asks_to_sign_in(client: FlaskClient, ana: User) -> None:
    answer = client.get("/account")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/sign-in?next=")


def test_a_post_without_csrf_token_is_refused(client: FlaskClient, ana: User) -> None:
    assert client.post("/sign-in", data={"email": ANA, "password": PASSWORD}).status_code == 400


def test_extra_fields_change_nothing(client: FlaskClient, session: Session, ana: User, company: UUID) -> None:
    evil = {"company_id": str(uuid7()), "status": "active", "role": "SYSTEM_ADMIN", "is_admin": "1", "id": str(uuid7())}
    enter(client, **evil)
    post(client, "/account/preferences", {"display_name": "Ana", "language": "es", "mfa_required": "1", **evil})
    with tenant(company):
        session.expire_all()
        user = fetch(session, User, ana.id)
        assert (user.display_name, user.language, user.mfa_required, user.email) == ("Ana", "es", False, ANA)
        session.rollback()


def test_leaving_ends_the_session_for_the_old_cookie_too(client: FlaskClient, ana: User) -> None:
    sign_in(client, ana)
    old = client.get_cookie("corridor").value
    assert post(client, "/sign-out").headers["Location"] == "/sign-in"
    assert client.get_cookie("corridor") is None
    client.set_cookie("corridor", old)
    assert client.get("/account").status_code == 303


def test_a_session_ends_after_20_idle_minutes_and_12_hours(client: FlaskClient, ana: User) -> None:
    sign_in(client, ana)
    start = now()
    with time_machine.travel(start + timedelta(minutes=19)):
        assert client.get("/account").status_code == 200
    with time_machine.travel(start + timedelta(minutes=38)):
        assert client.get("/account").status_code == 200
    with time_machine.travel(start + timedelta(minutes=59)):
        assert client.get("/account").status_code == 303
    sign_in(client, ana)
    for minutes in range(15, 12 * 60, 15):
        with time_machine.travel(start + timedelta(minutes=minutes)):
            assert client.get("/account").status_code == 200
    with time_machine.travel(start + timedelta(hours=12, minutes=1)):
        assert client.get("/account").status_code == 303


def test_a_block_that_reloads_itself_keeps_nobody_signed_in(client: FlaskClient, ana: User) -> None:
    sign_in(client, ana)
    start = now()
    for minutes in (10, 19):
        with time_machine.travel(start + timedelta(minutes=minutes)):
            assert client.get("/account", headers={"X-Corridor-Poll": "1"}).status_code == 200
    with time_machine.travel(start + timedelta(minutes=21)):
        assert client.get("/account").status_code == 303


def test_a_role_change_acts_on_the_next_request(client: FlaskClient, session: Session, company: UUID) -> None:
    user = make_user(session, company, email="root@acme.example", roles=[RoleType.SYSTEM_ADMIN])
    sign_in(client, user)
    assert client.get("/users").status_code == 200
    from app.accounts.models import RoleAssignment

    with transaction(company) as own:
        own.execute(sa.update(RoleAssignment).values(is_active=False))
    assert client.get("/users").status_code == 403
