"""Slack: a notice is posted once, whatever gets lost; a refusal inside of a 200 is a refusal; events are believed by their signature."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr, ValidationError

from app.integrations.adapters.slack.adapter import Slack, SlackConfig, open_messenger
from app.integrations.adapters.slack.manifest import MANIFEST, SlackSecrets
from app.integrations.failures import (
    AuthFailed,
    Failure,
    Forbidden,
    Gone,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    ServerFailed,
    Transient,
)
from app.integrations.ports import Message, Messenger
from app.integrations.protection.retry import Safety
from app.integrations.transports.http.calls import Answer, Call
from app.integrations.transports.http.rules import judge
from app.integrations.webhooks.delivery import Delivery, NotBelieved
from app.integrations.webhooks.door import receive
from sandbox.vendors.core import Vendor
from tests.integrations.adapters.ports import Line, Lost, known_answer, refereed, sample
from tests.integrations.http_server import Asked, HttpServer, reply

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
HELD = Message("A file <waits> & waits", "Somebody has to look.", "https://corridor.example/f?a=1&b=2", "Open <it>")
HOOKS = MANIFEST.webhooks
assert HOOKS is not None


@pytest.fixture(scope="module")
def served() -> Iterator[Vendor]:
    with refereed("slack") as vendor:
        yield vendor


@pytest.fixture
def line(served: Vendor) -> Iterator[Line]:
    served.reset()
    hints = served.hints()
    secrets = SlackSecrets(bot_token=SecretStr(hints["bot_token"]), signing_secret=SecretStr("s"))
    yield Line(served, MANIFEST, SlackConfig(channel=hints["channel"]), secrets)
    served.referee.settle()


@pytest.fixture
def slack(line: Line) -> Slack:
    assert isinstance(line.config, SlackConfig)
    return open_messenger(line.config)


def posted(line: Line) -> list[dict[str, object]]:
    return [row.facts for row in line.vendor.rows.all("message")]


def test_a_notice_arrives_as_plain_words_with_its_link(line: Line, slack: Slack) -> None:
    assert isinstance(slack, Messenger)
    ts = line.run(slack.post(HELD, "k-1"))
    [message] = posted(line)
    assert message["ts"] == ts
    assert message["text"] == "A file &lt;waits&gt; &amp; waits"
    assert message["metadata"] == {"event_type": "corridor_notice", "event_payload": {"key": "k-1"}}
    header, text, link = message["blocks"]  # type: ignore[misc]
    assert header["text"] == {"type": "plain_text", "text": HELD.title, "emoji": False}
    assert text["text"]["type"] == "plain_text"
    assert link["text"]["text"] == "<https://corridor.example/f?a=1&amp;b=2|Open &lt;it&gt;>"
    [asked] = line.vendor.asked("/chat.postMessage")
    assert asked.headers["authorization"] == f"Bearer {line.vendor.hints()['bot_token']}"
    assert "unfurl_links=false" in asked.body.decode()


def test_the_same_key_again_posts_nothing_also_when_the_answer_was_lost(line: Line, slack: Slack) -> None:
    line.lose = {"message.post": 1}
    with pytest.raises(Lost):
        line.run(slack.post(HELD, "k-1"))
    first = line.run(slack.post(HELD, "k-1"))
    assert first == line.run(slack.post(HELD, "k-1"))
    assert line.run(slack.post(HELD, "k-2")) != first
    assert len(posted(line)) == 2
    assert line.api.safety(Call("message.post", "POST", "/chat.postMessage")) is Safety.CHECK_FIRST


@pytest.mark.parametrize(
    ("word", "kind", "code"),
    [
        ("invalid_auth", AuthFailed, "token-refused"),
        ("token_revoked", AuthFailed, "token-refused"),
        ("missing_scope", Forbidden, "scope-missing"),
        ("not_in_channel", Forbidden, "bot-not-in-channel"),
        ("channel_not_found", NotFound, "channel-unknown"),
        ("is_archived", Gone, "channel-archived"),
        ("ratelimited", RateLimited, "slow-down"),
        ("service_unavailable", Transient, "busy"),
        ("fatal_error", OutcomeUnknown, "outcome-unknown"),
        ("msg_too_long", Rejected, "msg-too-long"),
        ("Something <odd>", Rejected, "rejected"),
    ],
)
def test_a_refusal_comes_with_status_200(word: str, kind: type[Failure], code: str) -> None:
    body = json.dumps({"ok": False, "error": word}).encode()
    assert MANIFEST.api is not None
    failure = judge(MANIFEST.api.rules, 200, {}, body, NOW)
    assert type(failure) is kind or isinstance(failure, kind)
    assert failure is not None
    assert failure.code == code


def test_what_the_workspace_refuses(line: Line, slack: Slack) -> None:
    line.vendor.rows.change("channel", "C0123456789", {"is_member": False})
    with pytest.raises(Forbidden, match="bot-not-in-channel"):
        line.run(slack.post(HELD, "k-1"))
    with pytest.raises(NotFound, match="channel-unknown"):
        line.run(open_messenger(SlackConfig(channel="C9999999999")).post(HELD, "k-1"))
    line.secrets = SlackSecrets(bot_token=SecretStr("xoxb-wrong"))
    with pytest.raises(AuthFailed):
        line.run(slack.post(HELD, "k-1"))
    assert posted(line) == []


def test_too_many(line: Line, slack: Slack) -> None:
    line.vendor.fault("status", "/chat.postMessage", status=429, retry_after="7")
    line.vendor.fault("status", "/chat.postMessage", status=429)
    before = datetime.now(UTC)
    waits = []
    for _ in range(2):
        with pytest.raises(RateLimited) as limited:
            line.run(slack.post(HELD, "k-1"))
        waits.append((limited.value.until - before).total_seconds())
    assert 6.5 < waits[0] < 20
    assert 29 < waits[1] < 45
    assert posted(line) == []


def test_a_broken_server_may_have_done_its_work(line: Line, slack: Slack) -> None:
    line.vendor.fault("status", "/chat.postMessage", status=500, after=True)
    with pytest.raises(OutcomeUnknown):
        line.run(slack.post(HELD, "k-1"))
    line.vendor.fault("status", "/conversations.history", status=502, body="<html>")
    with pytest.raises(ServerFailed):
        line.run(slack.post(HELD, "k-1"))
    assert line.run(slack.post(HELD, "k-1")) == posted(line)[0]["ts"]
    assert len(posted(line)) == 1


def test_a_test_of_the_connection_changes_nothing(line: Line) -> None:
    assert line.ask(line.api.resource("workspace").list()).json()["ok"] is True
    assert posted(line) == []


def test_samples_are_of_the_promised_shape(slack: Slack) -> None:
    steps = slack.post(HELD, "k-1")
    next(steps)
    with pytest.raises(StopIteration) as ended:
        steps.send(answer(sample("slack", "history")))
    assert ended.value.value == "1764100000.000100"
    steps = slack.post(HELD, "k-9")
    next(steps)
    steps.send(answer(sample("slack", "history")))
    with pytest.raises(StopIteration) as ended:
        steps.send(answer(sample("slack", "posted")))
    assert ended.value.value == "1764100000.000100"


def answer(facts: object) -> Answer:
    return Answer(200, {}, json.dumps(facts).encode())


def test_settings_say_what_to_do() -> None:
    for wrong in ("benefits", "#benefits", "", "c0123456789", "C1"):
        with pytest.raises(ValidationError):
            SlackConfig(channel=wrong)
    with pytest.raises(TypeError):
        open_messenger(SlackSecrets(bot_token=SecretStr("x")))


def test_the_published_signature_is_believed_for_five_minutes() -> None:
    vector = known_answer("slack")
    assert HOOKS is not None
    at = datetime.fromtimestamp(int(vector["timestamp"]), UTC)
    headers = {"X-Slack-Signature": vector["signature"], "X-Slack-Request-Timestamp": vector["timestamp"]}
    delivery = Delivery(headers, vector["body"].encode())
    with pytest.raises(NotBelieved, match="body-unreadable"):  # proved; this one is a form, and we take events
        receive(HOOKS, delivery, [vector["secret"]], at + timedelta(seconds=299))
    with pytest.raises(NotBelieved, match="timestamp-stale"):
        receive(HOOKS, delivery, [vector["secret"]], at + timedelta(seconds=301))
    with pytest.raises(NotBelieved, match="signature-wrong"):
        receive(HOOKS, delivery, ["other"], at)
    for missing, reason in (
        ("X-Slack-Signature", "header-missing"),
        ("X-Slack-Request-Timestamp", "timestamp-missing"),
    ):
        less = {name: value for name, value in headers.items() if name != missing}
        with pytest.raises(NotBelieved, match=reason):
            receive(HOOKS, Delivery(less, delivery.body), [vector["secret"]], at)


def test_events_and_the_question_for_our_address_come_signed(line: Line) -> None:
    got: list[Delivery] = []

    def take(asked: Asked) -> bytes:
        got.append(Delivery(asked.headers, asked.body))
        return reply()

    vendor, server = line.vendor, HttpServer(take)
    try:
        vendor.webhooks.subscribe(f"http://127.0.0.1:{server.port}/webhooks/x", "s")
        vendor.do("ask_address", {})
        vendor.do("archive", {})
        vendor.deliver()
    finally:
        server.stop()
    assert HOOKS is not None
    question, event = (receive(HOOKS, one, ["s"], vendor.clock.now()) for one in got)
    assert (question.response.body, question.events) == ("c-7", ())
    [told] = event.events
    assert (told.kind, told.subject) == ("channel_archive", "C0123456789")
    assert told.id.startswith("Ev")
