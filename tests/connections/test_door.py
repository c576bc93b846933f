"""The webhook door, with the signatures a provider really makes."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask

from app.connections import services
from app.connections.models import Connection, InboxItem
from app.connections.services import door, providers
from app.core import storage
from app.core.db import enter_tenant, tenant, transaction
from app.core.events import AuditEvent
from app.core.jobs import JobIntent
from app.core.models import StoredFile
from app.integrations import registry
from app.integrations.adapters.checkr import manifest
from app.integrations.webhooks.door import Handshake
from app.integrations.webhooks.kinds import Hmac, Over
from app.integrations.webhooks.verifiers import compact, signed
from tests.connections import providers as p
from tests.feeds.world import person_actor
from tests.integrations.http_server import HttpServer

CHECKR = Hmac("X-Checkr-Signature", over=Over.COMPACT)
EVENT = {
    "id": "ev_1", "object": "event", "type": "report.completed", "created_at": "2026-11-25T12:00:00Z",
    "data": {"object": {"id": "rep_1", "object": "report", "ssn": "123-45-6789"}},
}  # fmt: skip
BODY = json.dumps(EVENT, separators=(",", ":")).encode()


@pytest.fixture
def made(company: UUID) -> Connection:
    server = HttpServer(lambda _asked: None)
    server.stop()
    return p.make_connection(server)


class Sender:
    """A provider: it has an address and a key, no cookies."""

    def __init__(self, app: Flask, made: Connection) -> None:
        self.app, self.url, self.company_id = app, f"/webhooks/{made.webhook_key}", made.company_id

    def send(self, body: bytes = BODY, signature: str | None = None, key: str = p.KEY, url: str = "") -> Any:
        signature = signed(CHECKR, key, body) if signature is None else signature
        headers = {"Content-Type": "application/json", "User-Agent": "Checkr-Webhook/1"}
        if signature:
            headers["X-Checkr-Signature"] = signature
        answer = self.app.test_client().post(url or self.url, data=body, headers=headers)
        enter_tenant(self.company_id)
        assert "Set-Cookie" not in answer.headers
        return answer


@pytest.fixture
def checkr(app: Flask, made: Connection) -> Sender:
    return Sender(app, made)


def arrived() -> list[InboxItem]:
    with transaction() as session:
        return list(session.scalars(sa.select(InboxItem).order_by(InboxItem.id)))


def counted() -> dict[str, int]:
    with transaction() as session:
        return {
            model.__tablename__: session.scalar(sa.select(sa.func.count()).select_from(model)) or 0
            for model in (InboxItem, StoredFile)
        }


def test_a_delivery_is_stored_as_it_came_and_a_job_is_called(checkr: Sender, made: Connection) -> None:
    answer = checkr.send()
    assert (answer.status_code, answer.data) == (200, b"")
    (item,) = arrived()
    assert (item.event_kind, item.resource, item.resource_ref) == ("report.completed", "report", "rep_1")
    assert (item.source, item.state, item.proof) == ("webhook", "received", {"secret": 0, "compacted": False})
    assert (item.dedupe_key, item.connection_id) == ("event:ev_1", made.id)
    with transaction() as session:
        assert storage.read(session, item.file_id) == BODY
        event = session.scalars(sa.select(AuditEvent).where(AuditEvent.name == "connections.event.received")).one()
        assert (event.entity_id, event.actor_kind, event.actor_label) == (item.id, "provider", "checkr")
        kinds = session.scalars(sa.select(JobIntent.kind).where(JobIntent.subject_id == item.id)).all()
    assert sorted(kinds) == ["screening.read_event", "syncing.take_event"], "whoever reads files is not bothered"


def test_the_same_event_again_is_thanked_for_and_stored_once(checkr: Sender) -> None:
    assert [checkr.send().status_code for _ in range(3)] == [200] * 3
    assert counted() == {"inbox_item": 1, "stored_file": 1}
    other = json.dumps(EVENT | {"id": "ev_2"}, separators=(",", ":")).encode()
    assert checkr.send(other).status_code == 200
    assert counted() == {"inbox_item": 2, "stored_file": 2}


def test_the_same_event_eight_times_at_once(app: Flask, made: Connection) -> None:
    def send(_: int) -> int:
        return int(Sender(app, made).send().status_code)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(send, range(8))) == [200] * 8
    assert counted() == {"inbox_item": 1, "stored_file": 1}


def forged(body: bytes) -> str:
    return signed(CHECKR, "another key", body)


@pytest.mark.parametrize(
    ("body", "signature", "reason"),
    [
        (BODY, "", "header-missing"),
        (BODY, forged(BODY), "signature-wrong"),
        (BODY.replace(b"ev_1", b"ev_9"), signed(CHECKR, p.KEY, BODY), "signature-wrong"),
        (BODY, "Please create an API key to check the authenticity of our webhooks.", "signature-unreadable"),
        (b"not json", signed(CHECKR, p.KEY, b"not json"), "body-unreadable"),
    ],
)
def test_what_nobody_proved_is_not_believed(
    checkr: Sender, made: Connection, body: bytes, signature: str, reason: str, capfd: Any
) -> None:
    for _ in range(2):
        answer = checkr.send(body, signature)
        assert (answer.status_code, answer.data) == (401, b"")
    assert counted() == {"inbox_item": 0, "stored_file": 0}
    stored = p.stored(made.id)
    assert (stored.webhook_refused, stored.webhook_refusal) == (2, reason)
    with transaction() as session:
        refused = session.scalars(sa.select(AuditEvent).where(AuditEvent.name == "connections.webhook.refused")).all()
    assert [event.new_values for event in refused] == [{"reason": reason}], "a flood makes one row an hour"
    assert "123-45-6789" not in "".join(capfd.readouterr())


def test_a_body_written_anew_on_the_way_is_believed_only_as_the_same_json(checkr: Sender) -> None:
    pretty = json.dumps(EVENT, indent=2).encode()
    assert compact(pretty) == BODY
    assert checkr.send(pretty, signed(CHECKR, p.KEY, BODY)).status_code == 200
    assert arrived()[0].proof == {"secret": 0, "compacted": True}
    turned = json.dumps(dict(reversed(EVENT.items())), separators=(",", ":")).encode()
    assert checkr.send(turned, signed(CHECKR, p.KEY, BODY)).status_code == 401


def test_during_a_rotation_both_secrets_are_believed_until_a_person_ends_it(checkr: Sender, made: Connection) -> None:
    new = "sk_live_fedcba9876543210"
    with transaction() as session:
        services.set_credentials(session, person_actor(), made.id, {"api_key": new, "webhook_key": ""})
    first, second = (json.dumps(EVENT | {"id": name}, separators=(",", ":")).encode() for name in ("ev_2", "ev_3"))
    assert checkr.send(first).status_code == 200
    assert checkr.send(second, key=new).status_code == 200
    assert [item.proof["secret"] for item in arrived()] == [1, 0]
    with transaction() as session:
        services.forget_previous(session, person_actor(), made.id)
    assert checkr.send().status_code == 401
    assert checkr.send(second, key=new).status_code == 200


def test_a_secret_of_its_own_goes_before_the_api_key(checkr: Sender, made: Connection) -> None:
    with transaction() as session:
        services.set_credentials(session, person_actor(), made.id, {"api_key": "", "webhook_key": "partner-secret"})
        services.forget_previous(session, person_actor(), made.id)
    assert checkr.send().status_code == 401
    assert checkr.send(key="partner-secret").status_code == 200


def test_without_a_secret_nothing_is_believed(app: Flask, company: UUID) -> None:
    server = HttpServer(lambda _asked: None)
    server.stop()
    made = p.make_connection(server, credentials={})
    assert Sender(app, made).send(key="").status_code == 401
    assert p.stored(made.id).webhook_refusal == "secret-missing"


def test_too_large(checkr: Sender, made: Connection) -> None:
    body = b'{"x": "' + b"a" * 1_000_000 + b'"}'
    answer = checkr.send(body)
    assert (answer.status_code, answer.data) == (413, b"")
    assert counted()["inbox_item"] == 0


def test_a_form_is_bytes_too(checkr: Sender, app: Flask) -> None:
    """Nothing on the way may parse the body and use it up."""
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Checkr-Signature": signed(CHECKR, p.KEY, BODY)}
    assert app.test_client().post(checkr.url, data=BODY, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "key", ["x", "é", "A" * 42, "A" * 43, "A" * 44, "==="], ids=lambda key: f"{len(key)}-{key[:3]}"
)
def test_an_unknown_key_is_nobody_s(checkr: Sender, key: str) -> None:
    assert checkr.send(url=f"/webhooks/{key}").status_code == 404
    assert counted()["inbox_item"] == 0


def test_a_key_with_another_company_s_number_is_nobody_s(checkr: Sender, made: Connection) -> None:
    from uuid_utils.compat import uuid7

    other = uuid7()
    key = door.new_key(other)[:22] + str(made.webhook_key)[22:]
    assert checkr.send(url=f"/webhooks/{key}").status_code == 404
    with tenant(other), transaction() as session:
        assert door.find_door(session, str(made.webhook_key)) is None


def test_keys_say_whose_they_are_and_nobody_guesses_the_rest(company: UUID) -> None:
    keys = {door.new_key(company) for _ in range(100)}
    assert len(keys) == 100
    assert {door.company_of(key) for key in keys} == {company}


def test_a_connection_without_webhooks_has_no_door(app: Flask, company: UUID) -> None:
    server = HttpServer(lambda _asked: None)
    server.stop()
    made = p.make_connection(server, adapter="manual", code="MAN", credentials={})
    assert Sender(app, made).send().status_code == 404


@pytest.mark.parametrize(
    ("handshake", "name"), [(Handshake.GRAPH, "validationToken"), (Handshake.CHALLENGE, "challenge")]
)
def test_a_handshake_only_where_the_manifest_has_one(
    app: Flask, checkr: Sender, made: Connection, monkeypatch: pytest.MonkeyPatch, handshake: Handshake, name: str
) -> None:
    from dataclasses import replace

    assert app.test_client().get(f"{checkr.url}?{name}=abc").status_code == 404
    asking = replace(manifest.MANIFEST, webhooks=replace(manifest.WEBHOOKS, handshake=handshake))
    monkeypatch.setattr(providers.registry, "adapter", (dict(registry.adapters()) | {"checkr": asking}).__getitem__)
    answer = app.test_client().get(f"{checkr.url}?{name}=abc")
    assert (answer.status_code, answer.data, answer.mimetype) == (200, b"abc", "text/plain")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert app.test_client().get(f"{checkr.url}?other=abc").status_code == 404
    assert app.test_client().get(f"/webhooks/x?{name}=abc").status_code == 404
    enter_tenant(made.company_id)
    assert counted()["inbox_item"] == 0


def test_bytes_without_a_signature_are_kept_without_the_ssn(app: Flask, company: UUID) -> None:
    """Sterling sends it in clear, and proves nothing but that it knows a password."""
    server = HttpServer(lambda _asked: None)
    server.stop()
    secrets = {"client_id": "i", "client_secret": "s", "webhook_password": "hook:secret"}
    made = p.make_connection(
        server, adapter="sterling", credentials=secrets, settings={"api_host": "api-int.kennect.com"}
    )
    sent = {"type": "screening", "payload": {"id": "7", "candidate": {"ssn": "219099999", "dob": "1972-09-21"}}}
    client = app.test_client()
    for password, status in (("wrong", 401), ("secret", 200), ("secret", 200)):
        assert client.post(f"/webhooks/{made.webhook_key}", json=sent, auth=("hook", password)).status_code == status
    enter_tenant(company)
    (item,) = arrived()
    assert (item.resource, item.resource_ref) == ("report", "7")
    with transaction() as session:
        kept = storage.read(session, item.file_id)
    assert b"219099999" not in kept
    assert b"1972-09-21" not in kept
    assert json.loads(kept)["payload"]["id"] == "7"


def test_few_statements(checkr: Sender, made: Connection) -> None:
    checkr.send()
    seen: list[str] = []
    from app.core.db import engine

    def watch(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    sa.event.listen(engine(), "before_cursor_execute", watch)
    try:
        checkr.send()
        again = list(seen)
        seen.clear()
        checkr.send(json.dumps(EVENT | {"id": "ev_5"}, separators=(",", ":")).encode())
    finally:
        sa.event.remove(engine(), "before_cursor_execute", watch)
    assert len(again) == 2, again
    assert len(seen) == 5, seen
