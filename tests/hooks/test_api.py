"""The same by a program."""

from __future__ import annotations

from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.core.access import Can, RoleType
from app.core.db import tenant
from tests.accounts.programs import Caller, make_token
from tests.accounts.sign_in import make_user
from tests.hooks.receiver import Receiver, happen, work
from tests.integrations.http_server import reply

ALL = "/api/webhook-endpoints"


@pytest.fixture
def root(session: Session, company: UUID) -> User:
    return make_user(session, company, email="root@acme.example", roles=[RoleType.SYSTEM_ADMIN])


@pytest.fixture
def call(app: Flask, root: User) -> Caller:
    return Caller(app, make_token(root, Can.CONNECTION_VIEW, Can.CONNECTION_MANAGE)[1])


def test_from_adding_to_removing(call: Caller, company: UUID, receiver: Receiver) -> None:
    made = call("POST", ALL, json={"url": receiver.url, "kinds": ["employee.hired"]})
    assert made.status_code == 201
    secret, one = made.json["secret"], f"{ALL}/{made.json['id']}"
    assert call("GET", one).json == made.json | {"secret": None}
    assert [row["id"] for row in call("GET", ALL).json["items"]] == [made.json["id"]]
    receiver.says = reply(500)
    with tenant(company):
        subjects = [str(happen()) for _ in range(3)]
        work()
    first = call("GET", f"{one}/deliveries?limit=2&state=waiting").json
    rest = call("GET", f"{one}/deliveries?limit=2&state=waiting&after={first['next']}").json
    found = [*first["items"], *rest["items"]]
    assert ([row["subject_id"] for row in found], rest["next"]) == (subjects[::-1], None)
    assert {row["last_status"] for row in found} == {500}
    receiver.says = reply(204, b"")
    again = call("POST", f"/api/webhook-deliveries/{found[0]['id']}/again")
    assert (again.status_code, again.json["state"], again.json["message_id"]) == (
        202,
        "waiting",
        found[0]["message_id"],
    )
    rotated = call("POST", f"{one}/secret").json["secret"]
    assert call("POST", f"{one}/test").status_code == 202
    with tenant(company):
        work(("hooks.send",))
    assert receiver.verified(secret) == receiver.verified(rotated)
    assert call("DELETE", f"{one}/old-secret").status_code == 204
    off = call("PUT", one, json={"is_active": False}).json
    assert (off["is_active"], off["stopped_by"], off["kinds"]) == (False, "person", ["employee.hired"])
    assert call("POST", f"{one}/test").status_code == 409
    assert call("DELETE", one).status_code == 204
    assert call("GET", one).status_code == call("GET", f"{one}/deliveries").status_code == 404


def test_what_is_refused(call: Caller, root: User, receiver: Receiver) -> None:
    wrong = call("POST", ALL, json={"url": "https://10.0.0.1/", "kinds": ["made.up"]})
    assert (wrong.status_code, set(wrong.json["error"]["fields"])) == (422, {"url", "kinds"})
    made = call("POST", ALL, json={"url": receiver.url, "kinds": ["employee.hired"]}).json["id"]
    looks = call.with_token(make_token(root, Can.CONNECTION_VIEW)[1])
    assert looks("GET", f"{ALL}/{made}").status_code == 200
    for method, path in (
        ("PUT", ""),
        ("DELETE", ""),
        ("POST", "/secret"),
        ("POST", "/test"),
        ("DELETE", "/old-secret"),
    ):
        assert looks(method, f"{ALL}/{made}{path}", json={} if method == "PUT" else None).status_code == 403
