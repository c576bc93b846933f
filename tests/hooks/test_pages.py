"""The pages of an admin: add, look, test, rotate, switch off, remove; and who may not."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.accounts.models import User
from app.core.access import RoleType
from app.core.clock import now
from app.core.db import tenant
from tests.a11y import assert_accessible, assert_errors_linked
from tests.accounts.pages import counted, events, post, shown
from tests.accounts.sign_in import make_user, sign_in, sign_in_browser
from tests.hooks.receiver import Receiver, add_endpoint, endpoint, happen, stored, work
from tests.integrations.http_server import reply

HOME = "/outbound-webhooks"
SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{43}=")


@pytest.fixture
def root(client: FlaskClient, session: Session, company: UUID) -> User:
    user = make_user(session, company, email="root@acme.example", roles=[RoleType.SYSTEM_ADMIN])
    sign_in(client, user)
    return user


def form(receiver: Receiver, **change: Any) -> dict[str, Any]:
    asked = {"url": receiver.url, "description": "Warehouse", "kinds": ["employee.hired"], "form_key": uuid7().hex}
    return asked | change


@pytest.mark.queries
def test_adding_one_shows_the_secret_once(client: FlaskClient, root: User, company: UUID, receiver: Receiver) -> None:
    assert "No endpoint yet" in shown(client.get(HOME))
    assert f'href="{HOME}"' in client.get("/connections").text
    sent = form(receiver)
    answer = post(client, f"{HOME}/new", sent)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    secret = SECRET.search(answer.text)
    assert secret is not None
    assert post(client, f"{HOME}/new", sent).status_code == 409
    page = f"{HOME}/{UUID(sent['form_key'])}"
    with tenant(company):
        for _ in range(30):
            happen()
        work(("hooks.fan_out",))
    for path in (HOME, page, f"{page}/edit", f"{page}?state=waiting&after={stored_in(company)[20].id}"):
        with counted() as statements:
            opened = client.get(path)
        assert (opened.status_code, len(statements) <= 6) == (200, True), path
        assert secret[0] not in opened.text
    assert client.get(f"{page}?after=nonsense").status_code == 404
    assert [one.new_values["host"] for one in events(company, "hooks.endpoint.added")] == ["localhost"]


def stored_in(company: UUID) -> Any:
    with tenant(company):
        return stored()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"url": ""}, "Enter the address"), ({"url": "http://hooks.example"}, "Enter an address like"), ({"kinds": []}, "Select at least one event"),
        ({"url": "https://10.0.0.1/"}, "public internet"), ({"url": "https://a.example:8443"}, "Use port 443"), ({"kinds": ["made.up"]}, "valid choice"),
        ({"description": "x" * 101}, "100"),
    ],
)  # fmt: skip
def test_what_the_form_refuses(
    client: FlaskClient, root: User, company: UUID, receiver: Receiver, change: dict[str, Any], said: str
) -> None:
    answer = post(client, f"{HOME}/new", form(receiver, **change))
    assert answer.status_code == 422
    assert said in shown(answer)
    assert "No endpoint yet" in shown(client.get(HOME))


def test_from_a_test_message_to_removing(client: FlaskClient, root: User, company: UUID, receiver: Receiver) -> None:
    with tenant(company):
        made, secret = add_endpoint(receiver.url)
    page = f"{HOME}/{made}"
    receiver.says = reply(500, b"<b>out of order</b>")
    sent = post(client, f"{page}/test").headers["Location"]
    assert "Not tried yet" in shown(client.get(sent))
    with tenant(company):
        work()
    delivery = client.get(sent)
    assert "&lt;b&gt;out of order" in delivery.text
    assert 'hx-trigger="every 5s"' in delivery.text
    with time_machine.travel(now() - timedelta(minutes=4)):
        assert 'hx-trigger="every' not in client.get(sent).text, "the next try is minutes away"
    assert "It answered 500." in shown(delivery)
    receiver.says = reply(200)
    assert post(client, f"{sent}/again").status_code == 303
    with tenant(company):
        work()
    assert "Delivered" in shown(client.get(f"{page}?state=delivered"))
    assert receiver.verified(secret)["type"] == "webhook.test"
    rotated = SECRET.search(post(client, f"{page}/secret").text)
    assert rotated is not None
    assert rotated[0] != secret
    assert "Two secrets sign" in shown(client.get(page))
    assert post(client, f"{page}/old-secret").status_code == 303
    off = form(receiver, kinds=["screening.decided"])
    assert post(client, f"{page}/edit", off).status_code == 303  # the box is not checked
    assert "No messages are sent" in shown(client.get(page))
    with tenant(company):
        assert (endpoint(made).is_active, endpoint(made).kinds) == (False, ["screening.decided"])
    assert post(client, f"{page}/test").status_code == 409
    assert client.get(f"{page}/remove").status_code == 200
    assert post(client, f"{page}/remove").status_code == 303
    assert client.get(page).status_code == client.get(sent).status_code == 404


def test_who_may_look_and_who_may_not(
    client: FlaskClient, session: Session, root: User, company: UUID, receiver: Receiver
) -> None:
    with tenant(company):
        made, _ = add_endpoint(receiver.url)
    page = f"{HOME}/{made}"
    sign_in(client, make_user(session, company, email="s@acme.example", roles=[RoleType.BENEFITS_SPECIALIST]))
    looked = client.get(page)
    assert looked.status_code == 200
    assert "Send a test message" not in looked.text
    for path in ("test", "secret", "old-secret", "edit", "remove"):
        assert post(client, f"{page}/{path}").status_code == 403
    sign_in(client, make_user(session, company, email="v@acme.example", roles=[RoleType.VIEWER]))
    assert client.get(HOME).status_code == client.get(page).status_code == 403


@pytest.mark.browser
def test_a_look_on_phone_and_desk(
    new_page: Any, live_url: str, session: Session, company: UUID, receiver: Receiver
) -> None:
    root = make_user(session, company, email="root@acme.example", roles=[RoleType.SYSTEM_ADMIN])
    phone = new_page(phone=True)
    sign_in_browser(phone, root, live_url)
    phone.goto(f"{HOME}/new")
    phone.get_by_role("button", name="Add the endpoint").click()
    assert_errors_linked(phone)
    assert_accessible(phone)
    phone.get_by_label("Address").fill(receiver.url)
    phone.get_by_label("employee.hired").check(force=True)
    phone.get_by_role("button", name="Add the endpoint").click()
    phone.locator("#secret").wait_for()
    assert_accessible(phone)
    phone.get_by_role("link", name="I have saved it").click()
    phone.get_by_role("button", name="Send a test message").click()
    phone.get_by_text("Not tried yet").wait_for()
    with tenant(company):
        work()
    phone.reload()  # the page asks again by itself, but only after five seconds
    phone.get_by_text("204").first.wait_for()
    assert_accessible(phone)
    desk = new_page(viewport={"width": 1280, "height": 800}, color_scheme="dark")
    sign_in_browser(desk, root, live_url)
    desk.goto(HOME)
    assert_accessible(desk)
    desk.get_by_role("link", name=receiver.url).click()
    desk.get_by_role("heading", name="Deliveries").wait_for()
    assert_accessible(desk)
    desk.get_by_role("link", name="Change").click()
    desk.get_by_label("Address").fill("http://hooks.example")
    desk.get_by_role("button", name="Save").click()
    assert_errors_linked(desk)
    assert_accessible(desk)
