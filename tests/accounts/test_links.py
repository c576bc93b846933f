"""One-use links: opening burns nothing, the button does, once; dead links offer a new one and reveal nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.accounts import services
from app.accounts.models import OneTimeToken, User, UserStatus
from app.accounts.rules import Purpose
from app.accounts.services.links import split_token, use_token
from app.core.clock import now
from app.core.config import get_settings
from app.core.db import fetch, tenant, transaction
from app.core.errors import Invalid, NotFound
from app.core.events import system
from tests.accounts.pages import events, intents, post, shown, stable
from tests.accounts.sign_in import PASSWORD, make_user, sign_in

pytestmark = pytest.mark.usefixtures("mid_window")
NEW = "copper-lantern-sailing-0414"


@pytest.fixture
def ana(session: Session, company: UUID) -> User:
    return make_user(session, company, email="ana@acme.example")


def link(user: User, purpose: str = "reset", next_path: str = "/") -> str:
    with transaction(user.company_id) as own:
        url = services.issue_link(own, user.id, purpose, next_path)
    base = get_settings().base_url
    assert url.startswith(base)
    return url.removeprefix(base)


def test_the_token_is_nowhere_in_the_database(ana: User, company: UUID) -> None:
    token = link(ana).rpartition(".")[2]
    with transaction(company) as own:
        row = own.execute(sa.text("SELECT * FROM one_time_token")).one()
    assert token not in str(row)
    assert len(token) == 43


def test_opening_the_page_burns_nothing_and_changes_nothing(client: FlaskClient, ana: User, company: UUID) -> None:
    path = link(ana, "sign_in")
    for _ in range(3):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "Continue" in shown(answer)
        assert client.head(path).status_code == 200
    with transaction(company) as own:
        assert own.scalars(sa.select(OneTimeToken.used_at)).one() is None
    assert post(client, path).status_code == 303
    assert client.get("/account").status_code == 200


def test_a_link_works_once(client: FlaskClient, ana: User) -> None:
    path = link(ana, "sign_in", "/account")
    assert post(client, path).headers["Location"] == "/account"
    again = post(client.application.test_client(), path)
    assert again.status_code == 410
    assert "no longer works" in shown(again)


def test_of_two_presses_at_once_one_signs_in(ana: User, company: UUID) -> None:
    found = split_token(link(ana).rpartition("/")[2])
    assert found is not None

    def press() -> bool:
        with transaction(company) as own:
            return use_token(own, found[1]) is not None

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(lambda _: press(), range(4))) == [False, False, False, True]


@pytest.mark.parametrize(("purpose", "hours"), [("invite", 24 * 7), ("reset", 1), ("verify", 48), ("sign_in", 0.5)])
def test_a_link_ends(client: FlaskClient, ana: User, purpose: str, hours: float) -> None:
    path = link(ana, purpose)
    with time_machine.travel(now() + timedelta(hours=hours, seconds=-30)):
        assert client.get(path).status_code == 200
    with time_machine.travel(now() + timedelta(hours=hours, seconds=30)):
        assert client.get(path).status_code == 410
        assert post(client, path).status_code == 410


def test_dead_and_invented_links_look_the_same(client: FlaskClient, ana: User) -> None:
    used = link(ana, "sign_in")
    post(client.application.test_client(), used)
    invented = f"/sign-in/link/{ana.company_id.hex}.{'a' * 43}"
    one, two = client.get(used), client.get(invented)
    assert one.status_code == two.status_code == 410
    strip = lambda answer, path: stable(answer).replace(path, "").replace(path.rpartition("/")[2], "")  # noqa: E731
    assert strip(one, used) == strip(two, invented)
    three, four = post(client, f"{used}/again"), post(client, f"{invented}/again")
    assert (three.status_code, three.headers["Location"]) == (four.status_code, four.headers["Location"])
    assert len(intents(ana.company_id, "accounts.send_again")) == 1


@pytest.mark.parametrize(
    "token", ["x", "nothing.here", f"{uuid7().hex}.{'a' * 43}"], ids=["letter", "words", "company"]
)
def test_nonsense_is_a_dead_link(client: FlaskClient, ana: User, token: str) -> None:
    assert client.get(f"/sign-in/link/{token}").status_code == 410
    assert post(client, f"/sign-in/link/{token}").status_code == 410
    assert post(client, f"/sign-in/link/{token}/again").status_code == 303


def test_a_new_link_is_one_tap_and_at_most_four_an_hour(client: FlaskClient, ana: User, company: UUID) -> None:
    path = link(ana, "invite", "/benefits")
    with time_machine.travel(now() + timedelta(days=8)):
        for _ in range(6):
            answer = post(client, f"{path}/again", follow_redirects=True)
            assert "on its way" in shown(answer)
    assert len(intents(company, "accounts.send_again")) == 4


def test_asking_for_a_link_answers_the_same_for_everybody(
    client: FlaskClient, session: Session, ana: User, company: UUID
) -> None:
    make_user(session, company, email="gone@acme.example", status=UserStatus.SUSPENDED.value)
    make_user(session, company, email="new@acme.example", status=UserStatus.INVITED.value, password=None)
    answers = set()
    for email in ("ana@acme.example", "gone@acme.example", "new@acme.example", "nobody@acme.example"):
        answer = post(client, "/sign-in/link", {"email": email}, follow_redirects=True)
        answers.add((answer.status_code, stable(answer)))
    assert len(answers) == 1
    assert [len(intents(company, kind)) for kind in ("accounts.send_reset", "accounts.send_invitation")] == [1, 1]
    assert len(events(company, "accounts.link.refused")) == 2


def test_asking_names_what_is_missing(client: FlaskClient, session: Session, ana: User) -> None:
    answer = post(client, "/sign-in/link", {"email": " "})
    assert answer.status_code == 422
    assert 'href="#email"' in answer.text
    make_user(session, uuid7(), email="bo@other.example")
    answer = post(client, "/sign-in/link", {"email": "ana@acme.example", "company": "nope"})
    assert 'href="#company"' in answer.text


def test_a_reset_leads_to_a_new_password_and_signs_other_devices_out(client: FlaskClient, ana: User) -> None:
    other = client.application.test_client()
    sign_in(other, ana)
    open_reset, other_reset = link(ana), link(ana)
    answer = post(client, open_reset)
    assert answer.headers["Location"] == "/account/password?next=/"
    page = client.get("/account/password?next=/")
    assert "Current password" not in page.text
    assert (
        post(client, "/account/password?next=/", {"password": NEW}, page="/account/password").headers["Location"] == "/"
    )
    assert other.get("/account").status_code == 303, "other devices are signed out"
    assert client.get(other_reset).status_code == 410, "other reset links are dead"
    fresh = client.application.test_client()
    assert post(fresh, "/sign-in", {"email": ana.email, "password": PASSWORD}).status_code == 422
    assert post(fresh, "/sign-in", {"email": ana.email, "password": NEW}).status_code == 303
    assert len(intents(ana.company_id, "accounts.warn_changed")) == 1


def test_an_hour_after_a_reset_link_the_old_password_is_asked_for(client: FlaskClient, ana: User) -> None:
    post(client, link(ana))
    with time_machine.travel(now() + timedelta(minutes=16)):
        assert "Current password" in client.get("/account/password").text
        answer = post(client, "/account/password", {"password": NEW}, page="/account/password")
        assert answer.status_code == 422


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("short words", "at least 15 characters"),
        ("x" * 201, "at most 200"),
        ("passwordpassword", "easy to guess"),
        ("qwertyuiopasdfgh", "easy to guess"),
        ("aaaaaaaaaaaaaaaaaaaa", "easy to guess"),
        ("Summer2026Summer!", "easy to guess"),
        ("ana-acme-2026-acme", "your name, address or company"),
    ],
)
def test_guessable_passwords_are_refused_with_a_reason(
    client: FlaskClient, ana: User, password: str, says: str
) -> None:
    post(client, link(ana))
    answer = post(client, "/account/password", {"password": password}, page="/account/password")
    assert answer.status_code == 422
    assert says in shown(answer)


@pytest.mark.parametrize(
    "password", ["x7Kp qué 日本語 ñandú vuela", "kettle marble orbit", "z" * 10 + "kLm pq9 wer tya" * 5]
)
def test_long_unicode_and_spaces_are_welcome(client: FlaskClient, ana: User, password: str) -> None:
    post(client, link(ana))
    assert post(client, "/account/password", {"password": password}, page="/account/password").status_code == 303
    fresh = client.application.test_client()
    assert post(fresh, "/sign-in", {"email": ana.email, "password": password}).status_code == 303


def test_an_invitation_makes_the_account_and_a_password_is_optional(client: FlaskClient, company: UUID) -> None:
    with transaction(company) as own:
        user = services.invite(
            own,
            system("test"),
            email=" Bo@Acme.example ",
            display_name="Bo",
            next_path="/account?welcome=1",
            language="es",
        )
    assert (user.email, user.status, user.invited_to) == ("bo@acme.example", "invited", "/account?welcome=1")
    answer = post(client, link(user, "invite", user.invited_to))
    assert answer.headers["Location"] == "/account/welcome?next=/account?welcome%3D1"
    page = client.get(answer.headers["Location"])
    assert "/account?welcome=1" in page.text
    assert '<html lang="es">' in page.text
    with transaction(company) as own:
        again = fetch(own, User, user.id)
        assert again.status == "active"
        assert again.email_verified_at is not None
    names = [event.name for event in events(company)]
    assert names == [
        "accounts.user.invited", "accounts.user.activated", "accounts.email.verified", "accounts.session.opened",
    ]  # fmt: skip
    short = post(client, "/account/password?first=1&next=/account", {"password": "short"}, page="/account/password")
    assert short.status_code == 422
    assert (
        post(client, "/account/password?next=/account", {"password": NEW}, page="/account/password").status_code == 303
    )


def test_inviting_again_keeps_the_user_and_refuses_nonsense(session: Session, company: UUID) -> None:
    with transaction(company) as own:
        one = services.invite(own, system("test"), email="bo@acme.example", display_name="Bo", next_path="//evil")
        two = services.invite(own, system("test"), email="BO@acme.example", display_name="Other", next_path="/b")
        assert one.id == two.id
        assert (two.display_name, two.invited_to) == ("Bo", "/b")
        with pytest.raises(Invalid):
            services.invite(own, system("test"), email="not an address", display_name="X", next_path="/")
    assert len(intents(company, "accounts.send_invitation")) == 2


def test_a_link_of_a_suspended_user_is_dead(client: FlaskClient, ana: User, company: UUID) -> None:
    path = link(ana)
    with transaction(company) as own:
        services.suspend(own, system("test"), ana.id, "left")
    assert client.get(path).status_code == 410
    assert post(client, path).status_code == 410


def test_only_links_are_issued_and_only_for_users_of_the_company(ana: User, company: UUID) -> None:
    with transaction(company) as own:
        for purpose in ("second_factor", "nonsense"):
            with pytest.raises(ValueError, match=purpose):
                services.issue_link(own, ana.id, purpose, "/")
    with tenant(uuid7()), transaction() as own, pytest.raises(NotFound):
        services.issue_link(own, ana.id, Purpose.RESET, "/")


def test_a_link_used_while_signed_in_ends_the_old_session(client: FlaskClient, ana: User) -> None:
    sign_in(client, ana)
    old = client.get_cookie("corridor").value
    post(client, link(ana, "sign_in"))
    assert client.get_cookie("corridor").value != old
    client.set_cookie("corridor", old)
    assert client.get("/account").status_code == 303
