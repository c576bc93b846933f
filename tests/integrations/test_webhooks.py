"""The door for what providers send: known answers first, then everything that must not be believed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from app.integrations.webhooks.delivery import Delivery, NotBelieved, Reason
from app.integrations.webhooks.door import Events, Handshake, Received, Webhooks, receive, resource_of
from app.integrations.webhooks.kinds import (
    BasicAuth,
    BodyToken,
    HeaderToken,
    Hmac,
    Jwt,
    Over,
    SecretIs,
    Verifier,
    Written,
    covers_body,
)
from app.integrations.webhooks.verifiers import Proof, compact, signed, verify

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
VECTORS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "webhooks" / "known_answer_vectors.json"

QUICKBOOKS = Hmac("intuit-signature", Written.BASE64)
XERO = Hmac("x-xero-signature", Written.BASE64)
SLACK = Hmac(
    "X-Slack-Signature", prefix="v0=", message="v0:{timestamp}:{body}", timestamp_header="X-Slack-Request-Timestamp"
)
STANDARD = Hmac(
    "webhook-signature", Written.BASE64, "v1,", "{id}.{timestamp}.{body}", "webhook-timestamp", "webhook-id",
    secret_is=SecretIs.BASE64, several=True,
)  # fmt: skip
CHECKR = Hmac("X-Checkr-Signature", over=Over.COMPACT)
ISO = Hmac("X-Sign", message="{body}{timestamp}", timestamp_header="X-Time")


def vector(provider: str) -> dict[str, str]:
    if not VECTORS.exists():
        pytest.skip("the corpus of known answers is not beside this checkout")
    found: dict[str, str] = next(row for row in json.loads(VECTORS.read_text()) if row["provider"].startswith(provider))
    return found


def reason(verifier: Verifier, delivery: Delivery, *secrets: str, now: datetime = NOW) -> Reason:
    with pytest.raises(NotBelieved) as refused:
        verify(verifier, delivery, secrets or ("secret",), now)
    assert refused.value.__cause__ is None
    return refused.value.reason


def test_quickbooks_known_answer() -> None:
    known = vector("quickbooks")
    delivery = Delivery({"Intuit-Signature": known["signature"]}, known["body"].encode())
    assert verify(QUICKBOOKS, delivery, [known["secret"]], NOW) == Proof()
    assert signed(QUICKBOOKS, known["secret"], known["body"].encode()) == known["signature"]


def test_slack_known_answer() -> None:
    known = vector("slack")
    at = datetime.fromtimestamp(int(known["timestamp"]), UTC)
    headers = {"x-slack-signature": known["signature"], "x-slack-request-timestamp": known["timestamp"]}
    delivery = Delivery(headers, known["body"].encode())
    for seconds in (-300, 0, 300):
        assert verify(SLACK, delivery, [known["secret"]], at + timedelta(seconds=seconds)) == Proof()
    for seconds in (-301, 301):
        assert reason(SLACK, delivery, known["secret"], now=at + timedelta(seconds=seconds)) is Reason.TIMESTAMP_STALE


def test_standard_webhooks_known_answer() -> None:
    known = vector("standard-webhooks")
    at = datetime.fromtimestamp(int(known["timestamp"]), UTC)
    headers = {"webhook-id": known["id"], "webhook-timestamp": known["timestamp"]}
    for text in (known["signature"], f"v1,{'A' * 43}= v1a,xyz {known['signature']}"):
        delivery = Delivery({**headers, "webhook-signature": text}, known["body"].encode())
        assert verify(STANDARD, delivery, [known["secret"]], at) == Proof()
    other = Delivery(
        {**headers, "webhook-id": "msg_2", "webhook-signature": known["signature"]}, known["body"].encode()
    )
    assert reason(STANDARD, other, known["secret"], now=at) is Reason.SIGNATURE_WRONG
    assert reason(STANDARD, delivery, "whsec_***", now=at) is Reason.SECRET_MISSING


def test_own_known_answer() -> None:
    """RFC 4231, test case 2: HMAC-SHA256 of a short key."""
    digest = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    body = b"what do ya want for nothing?"
    assert verify(Hmac("X-Sign"), Delivery({"x-sign": digest}, body), ["Jefe"], NOW) == Proof()
    assert verify(Hmac("X-Sign"), Delivery({"x-sign": digest.upper()}, body), ["Jefe"], NOW) == Proof()


def made(verifier: Hmac, body: bytes, *, secret: str = "secret", at: datetime = NOW, event_id: str = "e1") -> Delivery:
    stamp = str(int(at.timestamp()))
    text = signed(verifier, secret, body, timestamp=stamp, event_id=event_id)
    return Delivery(
        {verifier.header: text, verifier.timestamp_header or "-": stamp, verifier.id_header or "-": event_id}, body
    )


@pytest.mark.parametrize("verifier", [QUICKBOOKS, XERO, SLACK, CHECKR, ISO], ids=lambda v: v.header)
def test_what_is_never_believed(verifier: Hmac) -> None:
    body = b'{"id": "1", "type": "x"}'
    good = made(verifier, body)
    assert verify(verifier, good, ["secret"], NOW) == Proof()
    header = verifier.header
    assert reason(verifier, Delivery({}, body)) is Reason.HEADER_MISSING
    assert reason(verifier, Delivery({**good.headers, header: "  "}, body)) is Reason.HEADER_MISSING
    for garbage in (
        "x",
        "0" * 63,
        "é" * 64,
        good.header(header) + "00",
        good.header(header)[:-2],
        "v0=",
        "no",
        "a" * 10_000,
    ):
        assert reason(verifier, Delivery({**good.headers, header: garbage}, body)) is Reason.SIGNATURE_UNREADABLE
    assert reason(verifier, good, "other") is Reason.SIGNATURE_WRONG
    assert reason(verifier, good, "") is Reason.SECRET_MISSING
    changed = Delivery(good.headers, body.replace(b"1", b"2"))
    assert reason(verifier, changed) is Reason.SIGNATURE_WRONG
    forged = made(verifier, body, secret="")
    assert reason(verifier, forged) is Reason.SIGNATURE_WRONG


@pytest.mark.parametrize("verifier", [QUICKBOOKS, XERO, SLACK, ISO], ids=lambda v: v.header)
def test_a_signature_over_the_same_json_written_anew_is_refused(verifier: Hmac) -> None:
    body = b'{ "b": 1,  "a": [1, 2] }'
    written_anew = made(verifier, compact(body))
    assert reason(verifier, Delivery(written_anew.headers, body)) is Reason.SIGNATURE_WRONG


def test_compact_json_where_the_provider_signs_that() -> None:
    pretty = '{\n  "id": "é",  "data": {"a": [1, 2.50, null]}\n}'.encode()
    written = compact(pretty)
    assert written == '{"id":"é","data":{"a":[1,2.5,null]}}'.encode()
    as_signed = made(CHECKR, written)
    assert verify(CHECKR, as_signed, ["secret"], NOW) == Proof(0, compacted=False)
    assert verify(CHECKR, Delivery(as_signed.headers, pretty), ["secret"], NOW) == Proof(0, compacted=True)
    for broken in (b"no json", b"[" * 100_000, b'{"id": "evil", ' + written[1:]):
        assert reason(CHECKR, Delivery(as_signed.headers, broken)) is Reason.BODY_UNREADABLE
    assert reason(CHECKR, Delivery(as_signed.headers, b" " * 5_000_001)) is Reason.SIGNATURE_WRONG


def test_checkr_sends_a_sentence_when_it_has_no_key() -> None:
    sentence = "This webhook has no API key, so it is not signed"
    assert reason(CHECKR, Delivery({"X-Checkr-Signature": sentence}, b"{}")) is Reason.SIGNATURE_UNREADABLE


def test_two_secrets_during_a_rotation() -> None:
    old, new = made(XERO, b"{}", secret="old"), made(XERO, b"{}", secret="new")
    assert verify(XERO, new, ["new", "old"], NOW).secret == 0
    assert verify(XERO, old, ["new", "old"], NOW).secret == 1
    assert verify(XERO, old, ["", "old"], NOW).secret == 1
    assert reason(XERO, old, "new", "") is Reason.SIGNATURE_WRONG
    assert reason(XERO, old, "", "") is Reason.SECRET_MISSING


def test_timestamps() -> None:
    def sent(stamp: str) -> Delivery:
        return Delivery({"X-Sign": signed(ISO, "secret", b"{}", timestamp=stamp), "X-Time": stamp}, b"{}")

    seconds = int(NOW.timestamp())
    for good in (
        str(seconds),
        str(seconds * 1000),
        "2026-11-25T12:04:59Z",
        "2026-11-25T11:55:01",
        "2026-11-25T07:00:00-05:00",
    ):
        assert verify(ISO, sent(good), ["secret"], NOW) == Proof()
    for stale in (str(seconds - 301), str(seconds + 301), "0", "2026-11-25T12:05:01Z", "99999999999999"):
        assert reason(ISO, sent(stale)) is Reason.TIMESTAMP_STALE
    for unreadable in ("soon", "-5", "1e9", "²", "9" * 30):
        assert reason(ISO, sent(unreadable)) is Reason.TIMESTAMP_UNREADABLE
    missing = Delivery({"X-Sign": signed(ISO, "secret", b"{}")}, b"{}")
    assert reason(ISO, missing) is Reason.TIMESTAMP_MISSING
    fresh = sent(str(seconds - 200))
    moved = Delivery({**fresh.headers, "X-Time": str(seconds)}, b"{}")
    assert reason(ISO, moved) is Reason.SIGNATURE_WRONG, "the timestamp is part of what is signed"


def test_missing_id() -> None:
    good = made(STANDARD, b"{}", secret="whsec_c2VjcmV0")
    assert verify(STANDARD, good, ["whsec_c2VjcmV0"], NOW) == Proof()
    without = {name: value for name, value in good.headers.items() if name != "webhook-id"}
    assert reason(STANDARD, Delivery(without, b"{}"), "whsec_c2VjcmV0") is Reason.HEADER_MISSING


def test_a_fixed_token_in_a_header() -> None:
    google, fadv = HeaderToken("X-Goog-Channel-Token"), HeaderToken("fadvKey", prefix="KEY ")
    assert verify(google, Delivery({"x-goog-channel-token": "secret"}, b""), ["secret"], NOW) == Proof()
    assert verify(fadv, Delivery({"fadvKey": "KEY secret"}, b""), ["secret"], NOW) == Proof()
    assert reason(google, Delivery({}, b"")) is Reason.HEADER_MISSING
    for wrong in ("Secret", "secre", "secrets", "é"):
        assert reason(google, Delivery({"X-Goog-Channel-Token": wrong}, b"")) is Reason.TOKEN_WRONG


def test_a_fixed_token_in_each_item() -> None:
    """Microsoft Graph's clientState."""
    graph = BodyToken("clientState", items="value")

    def sent(*states: Any) -> Delivery:
        return Delivery({}, json.dumps({"value": [{"clientState": state} for state in states]}).encode())

    assert verify(graph, sent("secret", "secret"), ["secret"], NOW) == Proof()
    for wrong in (("secret", "other"), ("",), (None,), (5,), ("\ud800",)):
        assert reason(graph, sent(*wrong)) is Reason.TOKEN_WRONG
    for broken in (b'{"value": []}', b'{"value": "x"}', b"{}", b"<x/>", b"\xff"):
        assert reason(graph, Delivery({}, broken)) is Reason.BODY_UNREADABLE
    assert verify(BodyToken("token"), Delivery({}, b'{"token": "secret"}'), ["secret"], NOW) == Proof()


def test_basic_auth() -> None:
    def sent(text: str) -> Delivery:
        return Delivery({"Authorization": text}, b"")

    good = "Basic " + base64.b64encode(b"user:p\xc3\xa4ss").decode()
    assert verify(BasicAuth(), sent(good), ["user:päss"], NOW) == Proof()
    assert verify(BasicAuth(), sent(good.replace("Basic", "basic")), ["user:päss"], NOW) == Proof()
    assert reason(BasicAuth(), sent(good), "user:other") is Reason.TOKEN_WRONG
    assert reason(BasicAuth(), Delivery({}, b"")) is Reason.HEADER_MISSING
    for garbage in ("Basic", "Basic ***", "Bearer abc", "Basic ", "Basic é"):
        assert reason(BasicAuth(), sent(garbage)) is Reason.SIGNATURE_UNREADABLE


@pytest.fixture(scope="module")
def key() -> RSAKey:
    made_key = rsa.generate_private_key(65537, 2048)
    text = made_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return RSAKey.import_key(text, {"kid": "k1"})


BODY = b'{"id": 1}'
JWT = Jwt(claims={"iss": "https://issuer.example", "aud": "us"}, body_hash="body_sha256")


def claims(**changes: Any) -> dict[str, Any]:
    begun = int(NOW.timestamp())
    facts = {
        "iss": "https://issuer.example", "aud": ["us", "them"], "iat": begun, "exp": begun + 60,
        "body_sha256": hashlib.sha256(BODY).hexdigest(),
    }  # fmt: skip
    return {name: value for name, value in {**facts, **changes}.items() if value is not None}


def bearing(key: Any, facts: dict[str, Any], algorithm: str = "RS256", **header: Any) -> Delivery:
    text = jwt.encode({"alg": algorithm, "kid": "k1", **header}, facts, key, [algorithm])
    return Delivery({"Authorization": f"Bearer {text}"}, BODY)


def test_jwt(key: RSAKey) -> None:
    jwks = json.dumps({"keys": [key.as_dict(private=False)]})
    assert verify(JWT, bearing(key, claims()), [jwks], NOW) == Proof()
    begun = int(NOW.timestamp())
    wrong = {
        Reason.TOKEN_WRONG: [
            {"iss": "https://evil.example"},
            {"aud": "them"},
            {"aud": None},
            {"body_sha256": "0"},
            {"body_sha256": None},
        ],
        Reason.TIMESTAMP_STALE: [{"exp": begun - 61}, {"nbf": begun + 61}, {"iat": begun + 61}],
        Reason.TIMESTAMP_UNREADABLE: [{"exp": None}, {"exp": "soon"}, {"exp": True}],
    }
    for expected, changes in wrong.items():
        for change in changes:
            assert reason(JWT, bearing(key, claims(**change)), jwks) is expected, change
    other = RSAKey.generate_key(2048, {"kid": "k1"})
    assert reason(JWT, bearing(other, claims()), jwks) is Reason.SIGNATURE_WRONG
    assert reason(JWT, Delivery({}, BODY), jwks) is Reason.HEADER_MISSING
    assert reason(JWT, Delivery({"Authorization": "Basic x"}, BODY), jwks) is Reason.SIGNATURE_UNREADABLE
    for garbage in ("Bearer x", "Bearer a.b.c", "Bearer ..", "Bearer é.é.é"):
        assert reason(JWT, Delivery({"Authorization": garbage}, BODY), jwks) is Reason.SIGNATURE_WRONG
    assert reason(JWT, bearing(key, claims()), "no key set") is Reason.SIGNATURE_WRONG


def test_jwt_confusions(key: RSAKey) -> None:
    """`none`, and HS256 with the public key as its secret."""
    jwks = json.dumps({"keys": [key.as_dict(private=False)]})
    part = [base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in ({"alg": "none"}, claims())]
    assert (
        reason(JWT, Delivery({"Authorization": f"Bearer {part[0]}.{part[1]}."}, BODY), jwks) is Reason.SIGNATURE_WRONG
    )
    head = base64.urlsafe_b64encode(json.dumps({"alg": "HS256", "kid": "k1"}).encode()).rstrip(b"=").decode()
    forged = hmac.digest(key.as_pem(private=False), f"{head}.{part[1]}".encode(), "sha256")
    text = f"Bearer {head}.{part[1]}.{base64.urlsafe_b64encode(forged).rstrip(b'=').decode()}"
    assert reason(JWT, Delivery({"Authorization": text}, BODY), jwks) is Reason.SIGNATURE_WRONG


def test_jwt_with_a_shared_secret_as_the_body() -> None:
    verifier = Jwt(header="", algorithms=("HS256",))
    secret = "s" * 32
    text = jwt.encode({"alg": "HS256"}, claims(), OctKey.import_key(secret), ["HS256"])
    assert verify(verifier, Delivery({}, text.encode() + b"\n"), [secret], NOW) == Proof()
    assert reason(verifier, Delivery({}, text.encode()), "t" * 32) is Reason.SIGNATURE_WRONG
    assert reason(verifier, Delivery({}, text.encode()), "short") is Reason.SECRET_MISSING


# The door


def door(verifier: Verifier | None = XERO, events: Events = Events(id="id", kind="type"), **more: Any) -> Webhooks:  # noqa: B008
    return Webhooks(verifier, events, "secret", **more)


def let_in(webhooks: Webhooks, body: Any, **query: str) -> Received:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    assert isinstance(webhooks.verifier, Hmac)
    sent = made(webhooks.verifier, data)
    return receive(webhooks, Delivery(sent.headers, data, query), ["secret"], NOW)


def test_slack_shakes_hands_only_when_signed() -> None:
    slack = door(SLACK, Events(id="event_id", kind="event.type"), handshake=Handshake.SLACK)
    challenge = {
        "type": "url_verification",
        "challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P",
        "token": "x",
    }
    answer = let_in(slack, challenge)
    assert (answer.response.status, answer.response.body, answer.events) == (200, challenge["challenge"], ())
    assert answer.response.content_type.startswith("text/plain")
    with pytest.raises(NotBelieved):
        receive(slack, Delivery({}, json.dumps(challenge).encode()), ["secret"], NOW)
    for odd in (None, 5, "<script>\n", "x" * 3000, ""):
        with pytest.raises(NotBelieved):
            let_in(slack, {**challenge, "challenge": odd})
    event = let_in(slack, {"type": "event_callback", "event_id": "Ev1", "event": {"type": "message"}}).events[0]
    assert (event.id, event.kind) == ("Ev1", "message")


def test_a_challenge_in_the_address_is_echoed() -> None:
    asks = door(Hmac("X-Signature"), Events(), handshake=Handshake.CHALLENGE)
    answer = receive(asks, Delivery({}, b"", {"challenge": "a1-B2"}), ["secret"], NOW)
    assert (answer.response.status, answer.response.body, answer.events) == (200, "a1-B2", ())
    queries: tuple[dict[str, str], ...] = (
        {},
        {"validationToken": "x"},
        {"": "x"},
        {"challenge": "<b>\n"},
        {"challenge": ""},
    )
    for query in queries:
        for handshake in (Handshake.CHALLENGE, Handshake.NONE):
            with pytest.raises(NotBelieved):
                receive(door(Hmac("X-Signature"), Events(), handshake=handshake), Delivery({}, b"", query), ["s"], NOW)


def test_graph_echoes_its_token() -> None:
    events = Events(
        "value", "subscriptionId+resourceData.id+changeType", "changeType", "resourceData.id", {"updated": "user"}
    )
    graph = door(BodyToken("clientState", "value"), events, handshake=Handshake.GRAPH)
    token = "Validation: Testing client application reachability for subscription Request-Id: 1&2"
    answer = receive(graph, Delivery({}, b"", {"validationToken": token}), ["secret"], NOW)
    assert (answer.response.body, answer.events, answer.proof) == (token, (), None)
    with pytest.raises(NotBelieved):
        receive(graph, Delivery({}, b"", {"validationToken": "é\n"}), ["secret"], NOW)
    item = {"clientState": "secret", "subscriptionId": "s", "changeType": "updated", "resourceData": {"id": "u7"}}
    found = receive(
        graph, Delivery({}, json.dumps({"value": [item, {**item, "changeType": "deleted"}]}).encode()), ["secret"], NOW
    ).events
    assert [(event.id, event.kind, event.subject, event.resource) for event in found] == [
        ("s:u7:updated", "updated", "u7", "user"), ("s:u7:deleted", "deleted", "u7", ""),
    ]  # fmt: skip


def test_xero_intent_to_receive() -> None:
    xero = door(XERO, Events("events", "resourceId+eventType+eventDateUtc", "eventCategory"), handshake=Handshake.XERO)
    body = {"events": [], "firstEventSequence": 0}
    answer = let_in(xero, body)
    assert (answer.response.status, answer.response.body, list(answer.events)) == (200, "", [])
    with pytest.raises(NotBelieved, match="signature-wrong"):
        receive(xero, made(XERO, json.dumps(body).encode(), secret="bad"), ["secret"], NOW)


def test_events_of_all_shapes() -> None:
    one = let_in(
        door(events=Events(id="id", kind="type", subject="data.object.id")),
        {"id": "e", "type": "t", "data": {"object": {"id": "o"}}},
    )
    assert [(event.id, event.kind, event.subject) for event in one.events] == [("e", "t", "o")]
    cloud = let_in(door(events=Events(id="id", kind="type")), [{"id": 1, "type": "a"}, {"id": 2, "type": "b"}])
    assert [event.id for event in cloud.events] == ["1", "2"]
    headers = Hmac("X-Sign")
    data = b'{"a": 1}'
    by_header = Delivery({**made(headers, data).headers, "X-Id": "h1"}, data)
    assert receive(door(headers, Events(id="header:X-Id")), by_header, ["secret"], NOW).events[0].id == "h1"
    with pytest.raises(NotBelieved, match="body-unreadable"):
        let_in(door(), [1, 2])
    with pytest.raises(NotBelieved, match="body-unreadable"):
        let_in(door(events=Events("events")), {})
    with pytest.raises(NotBelieved, match="body-unreadable"):
        let_in(door(), b"<xml/>")


def test_the_shape_a_provider_used_before() -> None:
    before = Events("notices[].facts.changed[]", kind="name", subject="id")
    both = door(events=Events(id="id", kind="type", subject="about", before=before))
    old = {
        "notices": [{"facts": {"changed": [{"name": "Bill", "id": "1"}, {"name": "Bill", "id": "2"}]}}, {"facts": {}}]
    }
    assert [(event.kind, event.subject) for event in let_in(both, old).events] == [("Bill", "1"), ("Bill", "2")]
    new = [{"id": "e", "type": "bill.updated", "about": "1"}]
    assert [(event.id, event.kind, event.subject) for event in let_in(both, new).events] == [("e", "bill.updated", "1")]


def test_an_event_without_an_id_is_known_by_its_hash() -> None:
    unnamed = door(events=Events(kind="type"))
    first, again, other = (let_in(unnamed, body).events[0].id for body in ({"a": 1}, {"a": 1}, {"a": 2}))
    assert first.startswith("sha256:")
    assert first == again != other
    missing = let_in(door(), {"id": None, "type": ["x"]}).events[0]
    assert missing.id.startswith("sha256:")
    assert missing.kind == ""


def test_an_empty_delivery_that_is_an_event() -> None:
    drive = door(
        HeaderToken("X-Goog-Channel-Token"),
        Events(id="header:X-Goog-Message-Number", kind="header:X-Goog-Resource-State"),
        empty=True,
    )
    sent = Delivery(
        {"X-Goog-Channel-Token": "secret", "X-Goog-Message-Number": "10", "X-Goog-Resource-State": "change"}, b""
    )
    assert [(event.id, event.kind) for event in receive(drive, sent, ["secret"], NOW).events] == [("10", "change")]


def test_kinds_are_matched_loosely() -> None:
    events = Events(about={"report.completed": "report", "form_i9.*": "form_i9", "invitation.*": "invitation"})
    assert [resource_of(events, kind) for kind in ("report.completed", "formI9.updated", "invitation.x", "other")] == [
        "report", "form_i9", "invitation", "",
    ]  # fmt: skip
    assert resource_of(Events(), "x") == ""


def test_the_door_stays_shut() -> None:
    with pytest.raises(NotBelieved, match="secret-missing"):
        receive(door(None), Delivery({}, b"{}"), ["secret"], NOW)
    with pytest.raises(NotBelieved, match="body-unreadable"):
        let_in(door(most_bytes=10), {"id": "x" * 20})


@settings(max_examples=300, deadline=None)
@given(
    headers=st.dictionaries(st.sampled_from(["X-Sign", "X-Time", "Authorization", "webhook-id"]), st.text(max_size=80)),
    body=st.binary(max_size=200),
)
def test_nothing_random_is_believed_and_nothing_else_is_raised(headers: dict[str, str], body: bytes) -> None:
    verifiers = (
        Hmac("X-Sign"),
        ISO,
        STANDARD,
        CHECKR,
        HeaderToken("X-Sign"),
        BodyToken("a", "b"),
        BasicAuth(),
        JWT,
        Jwt(header="", algorithms=("HS256",)),
    )
    for verifier in verifiers:
        with pytest.raises(NotBelieved):
            receive(door(verifier), Delivery(headers, body), ["a-rather-long-secret-of-ours", "b"], NOW)


@pytest.mark.parametrize(
    ("verifier", "covers"),
    [
        (Hmac("X"), True), (Jwt(body_hash="h"), True), (Jwt(), False), (BasicAuth(), False), (HeaderToken("X"), False),
        (BodyToken("x"), False), (None, False),
    ],
)  # fmt: skip
def test_which_proofs_are_over_the_bytes(verifier: Verifier | None, covers: bool) -> None:
    assert covers_body(verifier) is covers
