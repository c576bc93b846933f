"""One suite over every adapter that is told something: a delivery is believed by its proof, and by nothing else."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from app.integrations.registry import adapters
from app.integrations.webhooks.delivery import Delivery, NotBelieved, Reason
from app.integrations.webhooks.door import Handshake, Received, Webhooks, receive
from app.integrations.webhooks.kinds import BasicAuth, BodyToken, HeaderToken, Hmac, Over, Verifier, covers_body
from app.integrations.webhooks.verifiers import verify
from sandbox.vendors.core.serving import serving

HOOKS: dict[str, Webhooks] = {slug: one.webhooks for slug, one in sorted(adapters().items()) if one.webhooks}
SECRET, NOWHERE = "corridor:a-secret-of-ours", "http://127.0.0.1:1/"
CORPUS = Path(__file__).resolve().parents[4] / "shared/corpus/webhooks/known_answer_vectors.json"

HAPPENS: dict[str, Callable[[Any], Any]] = {
    "bamboohr": lambda vendor: vendor.hire("Ada", "Brook"),
    "google_drive": lambda vendor: vendor.add("new.txt", "new"),
    "quickbooks": lambda vendor: vendor.fill("1"),
    "sharepoint": lambda vendor: vendor.add("new.txt", "new"),
    "slack": lambda vendor: vendor.rows.change("channel", "C0123456789", {"is_archived": True}),
    "xero": lambda vendor: vendor.fill("1"),
}
"""What makes a stand-in tell its hooks; it signs by its own code, which knows nothing of ours."""

_HEX = hmac.digest(SECRET.encode(), b'{"id":"e-1","type":"report.completed"}', hashlib.sha256).hex()
_BASIC = {"Authorization": "Basic " + base64.b64encode(SECRET.encode()).decode()}
WRITTEN: dict[str, tuple[dict[str, str], bytes]] = {
    "accurate": (_BASIC, b'{"id":"e-1","eventType":"ORDER_UPDATED"}'),
    "certn": ({"X-Signature": _HEX}, b'{"id":"e-1","type":"report.completed"}'),
    "checkr": ({"X-Checkr-Signature": _HEX}, b'{"id":"e-1","type":"report.completed"}'),
    "first_advantage": ({"fadvKey": SECRET}, b'{"order":"o-1"}'),
    "sterling": (_BASIC, b'{"type":"screening","payload":{"id":"s-1"}}'),
}
"""Deliveries of those without a stand-in that tells, as their documentation describes them."""

SIGNED = [slug for slug, hooks in HOOKS.items() if covers_body(hooks.verifier)]
TIMED = [slug for slug in SIGNED if getattr(HOOKS[slug].verifier, "timestamp_header", "")]
SHAKING = [slug for slug, hooks in HOOKS.items() if hooks.handshake is not Handshake.NONE]


@dataclass(frozen=True)
class Told:
    """A delivery that is good at this moment."""

    hooks: Webhooks
    delivery: Delivery
    now: datetime

    def receive(
        self, delivery: Delivery | None = None, secrets: tuple[str, ...] = (SECRET,), late: float = 0
    ) -> Received:
        return receive(self.hooks, delivery or self.delivery, secrets, self.now + timedelta(seconds=late))

    def refused(
        self, delivery: Delivery | None = None, secrets: tuple[str, ...] = (SECRET,), late: float = 0
    ) -> Reason:
        with pytest.raises(NotBelieved) as caught:
            self.receive(delivery, secrets, late)
        return caught.value.reason


@pytest.fixture(scope="module")
def vendors() -> Iterator[dict[str, Any]]:
    with ExitStack() as stack:
        yield {slug: stack.enter_context(serving(slug)) for slug in HAPPENS}


Tell = Callable[[str], Told]


@pytest.fixture(scope="module")
def told(vendors: dict[str, Any]) -> Tell:
    return cache(lambda slug: _told(slug, vendors.get(slug)))


def _told(slug: str, vendor: Any) -> Told:
    if vendor is None:
        assert slug in WRITTEN, f"say here how {slug} tells: in HAPPENS, or in WRITTEN when no stand-in does"
        headers, body = WRITTEN[slug]
        return Told(HOOKS[slug], Delivery(headers, body), datetime(2026, 11, 25, 12, tzinfo=UTC))
    vendor.webhooks.subscribe(NOWHERE, SECRET, {"events": ["employee.created"], "monitorFields": [], "postFields": {}})
    HAPPENS[slug](vendor)
    sent = vendor.deliver()[0]
    return Told(HOOKS[slug], Delivery(sent.headers, sent.body), vendor.clock.now())


@pytest.mark.parametrize("slug", HOOKS)
def test_a_good_one_is_believed_and_read(told: Tell, slug: str) -> None:
    received = told(slug).receive()
    assert (received.response.status, received.response.body) == (200, "")
    assert received.proof is not None
    assert [event.id for event in received.events] != []
    assert all(event.id for event in received.events)


@pytest.mark.parametrize("slug", HOOKS)
def test_the_same_again_is_the_same_event(told: Tell, slug: str) -> None:
    """Stored once, then: `tests/connections/test_door.py::test_the_same_event_again_is_thanked_for_and_stored_once`."""
    assert told(slug).receive().events == told(slug).receive().events


@pytest.mark.parametrize("slug", HOOKS)
def test_without_its_proof_it_is_not_believed(told: Tell, slug: str) -> None:
    one = told(slug)
    for name in proving(one.hooks.verifier):
        assert any(header.lower() == name.lower() for header in one.delivery.headers), f"it is sent with {name}"
        rest = {header: text for header, text in one.delivery.headers.items() if header.lower() != name.lower()}
        assert one.refused(replace(one.delivery, headers=rest)) in (Reason.HEADER_MISSING, Reason.TIMESTAMP_MISSING)
        assert one.refused(replace(one.delivery, headers={**rest, name: ""}))
    if isinstance(one.hooks.verifier, BodyToken):
        field = one.hooks.verifier.path.encode()
        assert one.refused(replace(one.delivery, body=one.delivery.body.replace(field, b"other")))


def proving(verifier: Verifier | None) -> list[str]:
    """The headers without which nothing is proved."""
    if isinstance(verifier, Hmac):
        return [name for name in (verifier.header, verifier.timestamp_header, verifier.id_header) if name]
    if isinstance(verifier, HeaderToken):
        return [verifier.header]
    return ["Authorization"] if isinstance(verifier, BasicAuth) else []


@pytest.mark.parametrize("slug", HOOKS)
def test_the_secret_decides_and_during_a_rotation_the_old_one_too(told: Tell, slug: str) -> None:
    one = told(slug)
    assert one.refused(secrets=("corridor:another-secret",))
    assert one.refused(secrets=()) is Reason.SECRET_MISSING
    assert one.refused(secrets=("", "")) is Reason.SECRET_MISSING
    turned = one.receive(secrets=("corridor:the-new-one", SECRET))
    assert turned.proof is not None
    assert turned.proof.secret == 1


@pytest.mark.parametrize("slug", TIMED)
def test_a_stale_one_is_not_believed(told: Tell, slug: str) -> None:
    one, verifier = told(slug), HOOKS[slug].verifier
    assert isinstance(verifier, Hmac)
    assert verifier.tolerance_seconds <= 300
    for late in (verifier.tolerance_seconds + 2, -verifier.tolerance_seconds - 2):
        assert one.refused(late=late) is Reason.TIMESTAMP_STALE
    assert one.receive(late=verifier.tolerance_seconds - 2).events


@pytest.mark.parametrize("slug", SIGNED)
def test_a_body_that_was_touched_is_not_believed(told: Tell, slug: str) -> None:
    """Written anew it is the same JSON and not the same bytes. Who signs the compact form, whatever is sent, is believed by that."""
    one, verifier = told(slug), HOOKS[slug].verifier
    anew = json.dumps(json.loads(one.delivery.body), indent=1).encode()
    if isinstance(verifier, Hmac) and verifier.over is Over.COMPACT:
        received = one.receive(replace(one.delivery, body=anew))
        assert received.proof is not None
        assert received.proof.compacted
    else:
        assert one.refused(replace(one.delivery, body=anew)) is Reason.SIGNATURE_WRONG
    changed = one.delivery.body.replace(b"1", b"2")
    assert changed != one.delivery.body
    assert one.refused(replace(one.delivery, body=changed)) is Reason.SIGNATURE_WRONG


@pytest.mark.parametrize("slug", SHAKING)
def test_hands_are_shaken(vendors: dict[str, Any], told: Tell, slug: str) -> None:
    GREETINGS[HOOKS[slug].handshake](told(slug), vendors.get(slug))


def _echoed(name: str) -> Callable[[Told, Any], None]:
    def shake(one: Told, _vendor: Any) -> None:
        answered = one.receive(Delivery({}, b"", {name: "Validation: token-7"}))
        assert (answered.response.status, answered.response.body) == (200, "Validation: token-7")
        assert (answered.response.content_type, answered.events) == ("text/plain; charset=utf-8", ())
        assert one.refused(Delivery({}, b"", {name: "a\r\nSet-Cookie: x"})) is Reason.BODY_UNREADABLE

    return shake


def _signed_challenge(one: Told, vendor: Any) -> None:
    vendor.ask_address()
    sent = vendor.deliver()[-1]
    answered = one.receive(Delivery(sent.headers, sent.body))
    assert (answered.response.body, answered.events) == ("c-7", ())
    assert one.refused(Delivery({}, sent.body)) is Reason.HEADER_MISSING


def _good_and_bad(one: Told, _vendor: Any) -> None:
    body = b'{"events":[],"firstEventSequence":0,"lastEventSequence":0,"entropy":"S0m3r4Nd0mt3xt"}'
    for secret, believed in ((SECRET, True), (SECRET + "x", False)):
        mark = base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()
        asked = Delivery({"x-xero-signature": mark}, body)
        if believed:
            answered = one.receive(asked)
            assert (answered.response.status, answered.response.body, list(answered.events)) == (200, "", [])
        else:
            assert one.refused(asked) is Reason.SIGNATURE_WRONG


GREETINGS: dict[Handshake, Callable[[Told, Any], None]] = {
    Handshake.GRAPH: _echoed("validationToken"),
    Handshake.CHALLENGE: _echoed("challenge"),
    Handshake.SLACK: _signed_challenge,
    Handshake.XERO: _good_and_bad,
}


def test_published_answers_are_ours() -> None:
    """Each vector of ../shared/corpus with a signature, by the manifest of its provider alone."""
    if not CORPUS.exists():
        pytest.skip("../shared/corpus is not here")
    known = [one for one in json.loads(CORPUS.read_text()) if one.get("signature") and one["provider"] in HOOKS]
    assert {one["provider"] for one in known} == {"quickbooks", "slack"}
    for one in known:
        verifier = HOOKS[one["provider"]].verifier
        assert isinstance(verifier, Hmac)
        at = datetime.fromtimestamp(int(one.get("timestamp", 0)), UTC)
        headers = {verifier.header: one["signature"], verifier.timestamp_header or "-": one.get("timestamp", "")}
        assert verify(verifier, Delivery(headers, one["body"].encode()), [one["secret"]], at).secret == 0
        with pytest.raises(NotBelieved):
            verify(verifier, Delivery(headers, one["body"].encode() + b" "), [one["secret"]], at)
