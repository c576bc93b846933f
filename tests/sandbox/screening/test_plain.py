"""Plainscreen: nothing that would make a blind repeat safe."""

from __future__ import annotations

import httpx2
import pytest

from sandbox.client import Sandbox, SandboxError
from sandbox.launch import Running
from sandbox.screening.client import ScreeningClient
from tests.sandbox.screening.conftest import Receiver

ORDER = {"reference": "req-1", "first_name": "Jo", "last_name": "Reyes", "email": "jo@example.com", "package": "BASIC"}


@pytest.fixture
def plain(running: Running, screening: ScreeningClient) -> httpx2.Client:
    facts = running.screening
    return httpx2.Client(base_url=facts["plain_url"], auth=(facts["plain_user"], facts["plain_password"]))


def test_order_and_result(screening: ScreeningClient, plain: httpx2.Client) -> None:
    made = plain.post("/orders", json=ORDER)
    assert made.status_code == 201
    key = made.json()["id"]
    assert (made.json()["status"], made.json()["result"]) == ("RECEIVED", None)
    screening.complete_plain(key, "REVIEW")
    found = plain.get(f"/orders/{key}").json()
    assert (found["status"], found["result"]) == ("COMPLETED", "REVIEW")
    with pytest.raises(SandboxError, match="PASS, REVIEW or FAIL"):
        screening.complete_plain(key, "fine")
    assert plain.get("/orders/nothing").status_code == 404
    assert plain.post("/orders", json={}).status_code == 422
    assert httpx2.get(f"{plain.base_url}orders", auth=("plain", "wrong")).status_code == 401


def test_time_and_scenario(screening: ScreeningClient, plain: httpx2.Client) -> None:
    clear = plain.post("/orders", json=ORDER).json()["id"]
    found = plain.post("/orders", json=ORDER | {"last_name": "Consider", "reference": "req-2"}).json()["id"]
    screening.advance(days=3)
    assert [plain.get(f"/orders/{key}").json()["result"] for key in (clear, found)] == ["PASS", "REVIEW"]


def test_a_repeat_orders_twice_even_with_a_key(screening: ScreeningClient, plain: httpx2.Client) -> None:
    screening.faults("drop_after", where="POST /plainscreen/orders")
    with pytest.raises(httpx2.TransportError):
        plain.post("/orders", json=ORDER, headers={"Idempotency-Key": "k"})
    looked_up = plain.get("/orders", params={"reference": "req-1"}).json()
    assert len(looked_up) == 1, "who looks first finds it"
    assert screening.ordered_twice() == 0
    plain.post("/orders", json=ORDER, headers={"Idempotency-Key": "k"})
    assert screening.ordered_twice() == 1
    assert len(plain.get("/orders", params={"reference": "req-1"}).json()) == 2
    assert [one["provider"] for one in screening.orders()] == ["plainscreen"] * 2


def test_callbacks_without_a_signature(
    box: Sandbox, screening: ScreeningClient, plain: httpx2.Client, receiver: Receiver
) -> None:
    screening.set_webhooks()
    screening.set_webhooks(receiver.server.url, account="plain")
    key = plain.post("/orders", json=ORDER).json()["id"]
    screening.move("order", key, "cancel")
    box.wait_idle()
    screening.set_webhooks(account="plain")
    assert [asked.body for asked in receiver.server.asked] == [
        b'{"orderId": "%s", "reference": "req-1", "status": "%s"}' % (key.encode(), status)
        for status in (b"RECEIVED", b"CANCELED")
    ]
    assert "x-checkr-signature" not in receiver.server.asked[0].headers
