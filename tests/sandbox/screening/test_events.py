"""Events on their way: signature, repeats, and each switch, received by a real server and read by the real door."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from app.integrations.webhooks.delivery import Delivery
from app.integrations.webhooks.door import receive
from app.integrations.webhooks.verifiers import Proof
from sandbox.client import NotIdle, Sandbox
from sandbox.screening.client import ScreeningClient
from tests.sandbox.screening.conftest import HOOKS, KEY, Line, Receiver


def test_the_envelope(box: Sandbox, line: Line, receiver: Receiver) -> None:
    candidate = line.candidate()
    box.wait_idle()
    asked = receiver.server.asked[0]
    event = json.loads(asked.body)
    assert list(event) == ["id", "object", "type", "created_at", "webhook_url", "data", "account_id"]
    assert (event["object"], event["type"], event["account_id"]) == ("event", "candidate.created", "corridor")
    assert event["data"]["object"]["id"] == candidate
    assert event["webhook_url"] == receiver.server.url + "/hook"
    assert asked.body == json.dumps(event, separators=(",", ":")).encode(), "compact"
    assert asked.headers["user-agent"].startswith("Checkr-Webhook/")
    assert len(asked.headers["x-checkr-signature"]) == 64


def test_repeated_until_somebody_says_yes(
    box: Sandbox, screening: ScreeningClient, line: Line, receiver: Receiver
) -> None:
    receiver.refuse = 2
    line.candidate()
    box.wait_idle()
    assert len(receiver.server.asked) == 1
    with pytest.raises(NotIdle):
        box.wait_idle(0.2, with_delayed=True)
    screening.advance(seconds=61)
    box.wait_idle()
    screening.advance(seconds=61)
    box.wait_idle()
    assert len(receiver.server.asked) == 3
    delivery = screening.events()[0]["deliveries"][0]
    assert delivery["state"] == "delivered"
    assert [attempt["answer"] for attempt in delivery["attempts"]] == [503, 503, 200]
    assert len({event.id for event in receiver.believed()}) == 1
    screening.advance(hours=2)
    box.wait_idle(with_delayed=True)
    assert len(receiver.server.asked) == 3


def test_given_up_after_a_day(box: Sandbox, screening: ScreeningClient, line: Line) -> None:
    screening.set_webhooks("http://127.0.0.1:9/nobody")
    line.candidate()
    for _ in range(40):
        screening.advance(hours=1)
        box.wait_idle()
    delivery = screening.events()[0]["deliveries"][0]
    assert (delivery["state"], len(delivery["attempts"])) == ("given_up", 34)
    assert "refused" in str(delivery["attempts"][0]["answer"])


def test_duplicates(box: Sandbox, screening: ScreeningClient, line: Line, receiver: Receiver) -> None:
    screening.set(duplicate_events=2)
    line.candidate()
    box.wait_idle()
    events = receiver.believed()
    assert len(events) == 3
    assert len({event.id for event in events}) == 1


def test_disorder(box: Sandbox, screening: ScreeningClient, line: Line, receiver: Receiver) -> None:
    screening.set(disorder_seconds=60, seed=3)
    report = line.order(line.candidate()).id
    for _ in range(6):
        screening.progress(report)
    screening.complete(report)
    box.wait_idle()
    assert receiver.server.asked == [], "the window is open"
    screening.advance(seconds=61)
    box.wait_idle(with_delayed=True)
    made = [event["id"] for event in screening.events()][::-1]
    came = [event.id for event in receiver.believed()]
    assert len(made) == 9
    assert sorted(came) == sorted(made)
    assert came != made


def test_loss(box: Sandbox, screening: ScreeningClient, line: Line, receiver: Receiver) -> None:
    screening.set(lose_next=1)
    report = line.order(line.candidate()).id
    box.wait_idle()
    assert receiver.kinds() == ["report.created"]
    lost = screening.events("candidate.created")[0]
    assert [delivery["state"] for delivery in lost["deliveries"]] == ["lost"]
    screening.send_again(lost["id"])
    box.wait_idle()
    assert receiver.kinds()[-1] == "candidate.created"
    screening.set(loss=1)
    screening.complete(report)
    box.wait_idle(with_delayed=True)
    assert len(receiver.server.asked) == 2
    screening.set(loss=0.5, seed=5)
    for _ in range(20):
        screening.complete(report)
    box.wait_idle(with_delayed=True)
    assert 2 < len(receiver.server.asked) < 22


def test_delay(box: Sandbox, screening: ScreeningClient, line: Line, receiver: Receiver) -> None:
    screening.set(delay_seconds=600)
    line.candidate()
    box.wait_idle()
    assert receiver.server.asked == []
    screening.advance(minutes=11)
    box.wait_idle(with_delayed=True)
    assert receiver.kinds() == ["candidate.created"]


@pytest.mark.parametrize(
    ("switch", "reason"),
    [
        ("wrong_signature", "signature-wrong"),
        ("no_signature", "header-missing"),
        ("sentence_signature", "signature-unreadable"),
    ],
)
def test_signatures_nobody_should_believe(
    box: Sandbox, screening: ScreeningClient, line: Line, receiver: Receiver, switch: str, reason: str
) -> None:
    screening.set(**{switch: True})
    line.candidate()
    box.wait_idle()
    assert receiver.refused() == [reason]


def test_a_body_that_was_written_anew(box: Sandbox, screening: ScreeningClient, line: Line, receiver: Receiver) -> None:
    screening.set(spaced_body=True)
    line.candidate()
    box.wait_idle()
    assert HOOKS is not None
    asked = receiver.server.asked[0]
    delivery = Delivery(asked.headers, asked.body)
    assert receive(HOOKS, delivery, [KEY], datetime.now(UTC)).proof == Proof(compacted=True)


def test_basic_auth_in_the_address(box: Sandbox, screening: ScreeningClient, line: Line, receiver: Receiver) -> None:
    screening.set_webhooks(receiver.server.url.replace("http://", "http://us%40er:pass@"))
    line.candidate()
    box.wait_idle()
    assert receiver.server.asked[0].headers["authorization"] == "Basic dXNAZXI6cGFzcw=="
    assert "pass" not in screening.events()[0]["deliveries"][0]["url"]
