"""Which deliveries of Checkr's are believed, exactly (manifest: `Over.COMPACT`; reference §5.3).

Believed: the signature fits the bytes as they came, or the same JSON without the blanks between its parts and with every character
written as itself. So a proxy that indents, or writes é as \\u00e9, does no harm. Nothing else fits: not another order of names, another
value, a name more or less or twice, another key, the signature of another delivery, or a signature over blanks that are gone.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.integrations.adapters.checkr.manifest import WEBHOOKS
from app.integrations.webhooks.delivery import Delivery, NotBelieved, Reason
from app.integrations.webhooks.door import Received, receive
from app.integrations.webhooks.kinds import Hmac
from app.integrations.webhooks.verifiers import signed

KEY, OTHER = "sk_live_0123456789abcdef", "sk_live_fedcba9876543210"
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
RUNS = settings(max_examples=500, deadline=None)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
events = st.builds(
    lambda more, key, subject: {"id": key, "type": "report.completed", "data": {"object": {"id": subject, "more": more}}},
    values, st.text("0123456789abcdef", min_size=24, max_size=24), st.text("0123456789abcdef", min_size=24, max_size=24),
)  # fmt: skip


def compact(event: Any, **options: Any) -> bytes:
    return json.dumps(event, separators=(",", ":"), ensure_ascii=False, **options).encode()


def sign(body: bytes, key: str = KEY) -> str:
    assert isinstance(WEBHOOKS.verifier, Hmac)
    return signed(WEBHOOKS.verifier, key, body)


def says_the_same(body: bytes, event: Any) -> bool:
    try:
        return compact(json.loads(body)) == compact(event)
    except ValueError:
        return False


def deliver(body: bytes, signature: str | None, *secrets: str) -> Received:
    headers = {"X-Checkr-Signature": signature} if signature is not None else {}
    return receive(WEBHOOKS, Delivery(headers, body), secrets or (KEY,), NOW)


def refused(body: bytes, signature: str | None, *secrets: str) -> Reason:
    with pytest.raises(NotBelieved) as why:
        deliver(body, signature, *secrets)
    return why.value.reason


@RUNS
@given(events)
def test_the_bytes_as_they_were_signed_are_believed(event: dict[str, Any]) -> None:
    received = deliver(compact(event), sign(compact(event)))
    assert [one.id for one in received.events] == [event["id"]]
    assert received.proof is not None
    assert received.proof.compacted is False


@RUNS
@given(events, st.sampled_from([{"indent": 1}, {"indent": "\t"}, {"separators": (", ", ": ")}]), st.booleans())
def test_blanks_and_escapes_that_were_added_on_the_way_do_no_harm(
    event: dict[str, Any], style: dict[str, Any], ascii_only: bool
) -> None:
    body = json.dumps(event, ensure_ascii=ascii_only, **style).encode()
    received = deliver(body, sign(compact(event)))
    assert received.proof is not None
    assert received.proof.compacted is True
    assert [one.subject for one in received.events] == [event["data"]["object"]["id"]]


@RUNS
@given(events, st.sampled_from([{"indent": 1}, {"separators": (", ", ": ")}]))
def test_a_signature_over_blanks_holds_only_with_these_blanks(event: dict[str, Any], style: dict[str, Any]) -> None:
    """Re-serialized the other way round: what was signed is not what came, and is no compact form either."""
    body = json.dumps(event, ensure_ascii=False, **style).encode()
    assert deliver(body, sign(body)).proof is not None
    assert refused(compact(event), sign(body)) is Reason.SIGNATURE_WRONG


@RUNS
@given(events)
def test_another_order_of_names_is_another_text(event: dict[str, Any]) -> None:
    turned = dict(reversed(event.items()))
    assert refused(compact(turned), sign(compact(event))) is Reason.SIGNATURE_WRONG


@RUNS
@given(events, events)
def test_the_signature_of_another_delivery_proves_nothing(event: dict[str, Any], other: dict[str, Any]) -> None:
    assume(event != other)
    assert refused(compact(event), sign(compact(other))) is Reason.SIGNATURE_WRONG
    assert refused(compact(event), sign(compact(event), OTHER)) is Reason.SIGNATURE_WRONG


@RUNS
@given(events, st.data())
def test_one_changed_byte_is_refused(event: dict[str, Any], data: st.DataObject) -> None:
    body, signature = bytearray(compact(event)), sign(compact(event))
    place = data.draw(st.integers(0, len(body) - 1))
    body[place] ^= data.draw(st.integers(1, 255))
    assume(not says_the_same(bytes(body), event))  # \\u001f written as \\u001F
    assert refused(bytes(body), signature) in (Reason.SIGNATURE_WRONG, Reason.BODY_UNREADABLE)
    at = data.draw(st.integers(0, len(signature) - 1))
    other = data.draw(st.sampled_from("0123456789abcdef").filter(lambda digit: digit != signature[at]))
    assert refused(compact(event), signature[:at] + other + signature[at + 1 :]) is Reason.SIGNATURE_WRONG


@RUNS
@given(events, st.sampled_from(["", " ", "Create an API key to sign your webhooks", "0" * 63, "0" * 66, "g" * 64]))
def test_without_a_readable_signature_nothing_is_believed(event: dict[str, Any], text: str) -> None:
    assert refused(compact(event), None) is Reason.HEADER_MISSING
    found = refused(compact(event), text)
    assert found is (Reason.SIGNATURE_UNREADABLE if text.strip() else Reason.HEADER_MISSING)


@RUNS
@given(events)
def test_without_a_key_of_ours_nothing_is_believed(event: dict[str, Any]) -> None:
    assert refused(compact(event), sign(compact(event), ""), "") is Reason.SECRET_MISSING


@RUNS
@given(events)
def test_a_name_that_stands_twice_is_refused_unless_these_very_bytes_were_signed(event: dict[str, Any]) -> None:
    """Of two values under one name a reader would see one, and the signature another."""
    twice = compact(event)[:-1] + b',"id":"another"}'
    assert refused(twice, sign(compact(event | {"id": "another"}))) in (Reason.BODY_UNREADABLE, Reason.SIGNATURE_WRONG)


@RUNS
@given(events)
def test_while_a_key_is_changed_both_hold_and_no_third(event: dict[str, Any]) -> None:
    body = compact(event)
    for number, key in enumerate((KEY, OTHER)):
        received = deliver(body, sign(body, key), KEY, OTHER)
        assert received.proof is not None
        assert received.proof.secret == number
    assert refused(body, sign(body, "sk_live_a third"), KEY, OTHER) is Reason.SIGNATURE_WRONG
