"""What is told to others: signed, repeated, lost, doubled, disordered."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime

import httpx2
import pytest

from sandbox.vendors.bamboohr import BambooHR
from sandbox.vendors.core import Delivery, Hook
from tests.sandbox.vendors.conftest import Receiver

NEW = ["employee.created", "employee.updated", "employee.deleted"]
MONITORED = ["firstName", "jobTitle"]


@pytest.fixture
def secret(bamboo: BambooHR, http: httpx2.Client, receiver: Receiver) -> str:
    sent = {"name": "n", "url": receiver.url, "format": "json", "events": NEW, "monitorFields": MONITORED}
    made = http.post("/api/v1/webhooks", json=sent)
    assert made.status_code == 201
    assert "privateKey" not in http.get(f"/api/v1/webhooks/{made.json()['id']}").json()
    return str(made.json()["privateKey"])


def kinds(receiver: Receiver) -> list[str]:
    return [json.loads(one.body)["type"] for one in receiver.came]


def test_the_signature_is_that_of_a_recorded_delivery(bamboo: BambooHR) -> None:
    """Body, timestamp, key and signature of a real delivery, from the tests of an open-source connector of 2022."""
    body = (
        b'{"employees":[{"changedFields":["First name"],"fields":{"Employee #":{"value":"300"},'
        b'"First name":{"value":"Tefi"},"Last name":{"value":"Adams"}},"id":"5"}]}'
    )
    bamboo.clock.set(datetime.fromtimestamp(1658248023, UTC))
    proof = bamboo.sign(Delivery("1", Hook("1", "", ""), "", body), "123b929362d51613054f71e5e5d4bf2c")
    assert proof == {
        "X-BambooHR-Timestamp": "1658248023",
        "X-BambooHR-Signature": "56491dd9c2b352bc5f4fc627159aae20ddff9c8cb19f239a6de6771dc5310bac",
    }


def test_a_hire_is_told_twice_and_signed(bamboo: BambooHR, receiver: Receiver, secret: str) -> None:
    id = bamboo.hire("Ada", "Brook")
    assert receiver.came == []  # nothing leaves before `deliver`
    bamboo.deliver()
    assert kinds(receiver) == ["employee.created", "employee.updated"]
    for one in receiver.came:
        signed = one.body + one.headers["x-bamboohr-timestamp"].encode()
        assert one.headers["x-bamboohr-signature"] == hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        assert json.loads(one.body)["data"]["employeeId"] == id
        assert b"Ada" not in one.body
    assert json.loads(receiver.came[1].body)["data"]["changedFields"] == ["firstName", "jobTitle"]


def test_only_fields_somebody_watches_are_told(bamboo: BambooHR, receiver: Receiver, secret: str) -> None:
    bamboo.change("7", "city", "Reno")
    bamboo.change("7", "jobTitle", "Lead")
    bamboo.delete("7")
    bamboo.deliver()
    assert kinds(receiver) == ["employee.updated", "employee.deleted"]


def test_what_holds_later_is_told_later_and_listed_now(
    bamboo: BambooHR, http: httpx2.Client, receiver: Receiver, secret: str
) -> None:
    day = bamboo.clock.today().toordinal() + 5
    on = type(bamboo.clock.today()).fromordinal(day).isoformat()
    before = bamboo.clock.now().isoformat().replace("+00:00", "Z")
    bamboo.change("7", "jobTitle", "Lead", on)
    bamboo.deliver()
    assert kinds(receiver) == []
    assert http.get("/api/v1/employees/changed", params={"since": before}).json()["employees"].keys() == {"7"}
    asked = "/api/v1/employees/7?fields=jobTitle"
    assert http.get(asked).json()["jobTitle"] == "Engineer"
    assert http.get(asked + "&onlyCurrent=false").json()["jobTitle"] == "Lead"
    bamboo.clock.advance(5 * 86400)
    bamboo.deliver()
    assert kinds(receiver) == ["employee.updated"]
    assert http.get(asked).json()["jobTitle"] == "Lead"


def test_what_fails_is_tried_again_and_what_is_refused_is_not(
    bamboo: BambooHR, receiver: Receiver, secret: str
) -> None:
    bamboo.delete("7")
    receiver.statuses = [503, 500, 200]
    for _ in range(4):
        bamboo.deliver()
    assert bamboo.webhooks.log[-1].answers == [503, 500, 200]
    bamboo.delete("8")
    receiver.statuses = [400]
    bamboo.deliver()
    bamboo.deliver()
    assert (bamboo.webhooks.log[-1].state, bamboo.webhooks.log[-1].answers) == ("given_up", [400])


def test_events_double_get_lost_and_change_places(bamboo: BambooHR, receiver: Receiver, secret: str) -> None:
    bamboo.webhooks.switch(lose_next=1, duplicates=1, shuffle=True)
    for id in ("7", "8", "9", "10"):
        bamboo.delete(id)
    bamboo.deliver()
    ids = [json.loads(one.body)["data"]["employeeId"] for one in receiver.came]
    assert sorted(ids) == ["10", "10", "8", "8", "9", "9"]
    assert ids != ["8", "8", "9", "9", "10", "10"]
    assert [one.state for one in bamboo.webhooks.log[:2]] == ["lost", "lost"]


def test_a_signature_may_be_wrong_or_missing(bamboo: BambooHR, receiver: Receiver, secret: str) -> None:
    for switch in ("wrong_signature", "no_signature"):
        bamboo.webhooks.switch(wrong_signature=False, no_signature=False)
        bamboo.webhooks.switch(**{switch: True})
        bamboo.delete("7" if switch == "wrong_signature" else "8")
        bamboo.deliver()
    wrong, none = receiver.came
    signed = wrong.body + wrong.headers["x-bamboohr-timestamp"].encode()
    assert wrong.headers["x-bamboohr-signature"] != hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    assert not any(name.startswith("x-bamboohr") for name in none.headers)


def test_the_old_shape_brings_the_fields_that_were_asked_for(
    bamboo: BambooHR, http: httpx2.Client, receiver: Receiver
) -> None:
    sent = {
        "name": "old", "url": receiver.url, "format": "json", "monitorFields": ["firstName"],
        "postFields": {"firstName": "First name"},
    }  # fmt: skip
    assert http.post("/api/v1/webhooks", json=sent).status_code == 201
    bamboo.change("7", "firstName", "Amaranta")
    bamboo.deliver()
    told = json.loads(receiver.came[0].body)["employees"][0]
    assert told == {
        "id": "7", "action": "Updated", "changedFields": ["First Name"], "fields": {"First name": {"value": "Amaranta"}},
    }  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "http://public.example"},
        {"format": "form-encoded"},
        {"events": ["employee.updated"], "monitorFields": []},
        {"events": ["employee.created", "employee_with_fields.created"]},
    ],
)
def test_a_hook_that_cannot_be_is_refused(bamboo: BambooHR, http: httpx2.Client, wrong: dict[str, object]) -> None:
    sent = {"name": "n", "url": "https://x.example", "format": "json", "events": ["employee.created"], **wrong}
    assert http.post("/api/v1/webhooks", json=sent).status_code == 400
    assert not bamboo.webhooks.hooks


def test_the_log_tells_of_deliveries_or_says_429_inside_a_200(
    bamboo: BambooHR, http: httpx2.Client, receiver: Receiver, secret: str
) -> None:
    bamboo.throttle_log()
    answer = http.get("/api/v1/webhooks/1/log")
    assert (answer.status_code, answer.json()["error"]["code"]) == (200, 429)
    assert http.get("/api/v1/webhooks/1/log").json() == []
    receiver.statuses = [503, 200]
    bamboo.delete("7")
    bamboo.deliver()
    failed = http.get("/api/v1/webhooks/1/log").json()[0]
    assert (failed["statusCode"], failed["employeeIds"], failed["lastSuccess"]) == ("503", ["7"], "Webhook Not Found")
    bamboo.deliver()
    assert http.get("/api/v1/webhooks/1/log").json()[0]["statusCode"] == "200"
    assert http.get("/api/v1/webhooks").json()["webhooks"][0]["lastSent"]


def test_only_who_made_a_hook_may_end_it(
    http: httpx2.Client, signed_in: httpx2.Client, secret: str, bamboo: BambooHR
) -> None:
    assert signed_in.delete("/api/v1/webhooks/1").status_code == 403
    assert http.delete("/api/v1/webhooks/1").status_code == 200
    assert http.delete("/api/v1/webhooks/1").status_code == 404
    assert http.get("/api/v1/webhooks").json() == {"webhooks": []}
