"""From an event to a receiver that verifies it: once, again until it arrives, and never to a place inside."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import Session
from standardwebhooks.webhooks import WebhookVerificationError
from uuid_utils.compat import uuid7

from app.core.access import RoleType
from app.core.clock import now
from app.core.config import get_settings
from app.core.db import tenant, transaction
from app.core.errors import Conflict, Invalid, NotFound
from app.core.jobs import JobIntent
from app.domains import load_jobs, people
from app.hooks.rules import SCHEDULE
from app.hooks.services import deliveries, endpoints
from app.hooks.services.sending import KEPT_BYTES, Message, post
from app.notices.models import Notice
from tests.accounts.sign_in import make_user
from tests.hooks.receiver import (
    Receiver,
    add_endpoint,
    admin,
    attempts,
    endpoint,
    forget_trouble,
    happen,
    stored,
    work,
)
from tests.integrations.http_server import reply
from tests.integrations.test_reach import NEVER, PRIVATE

load_jobs()


def test_an_event_arrives_signed_at_who_wants_it(company: UUID, receiver: Receiver) -> None:
    _, secret = add_endpoint(receiver.url, "employee.hired", "screening.decided")
    _, other = add_endpoint(receiver.url, "coverage.confirmed")
    subject = happen()
    happen("people.department.changed")  # not of the catalog
    work()
    (asked,) = receiver.got
    assert (asked.method, asked.target) == ("POST", "/hooks/in?from=corridor")
    assert asked.headers["content-type"] == "application/json"
    said = receiver.verified(secret)
    assert (said["type"], said["data"]) == ("employee.hired", {"object": "employee", "id": str(subject), "url": None})
    with pytest.raises(WebhookVerificationError):
        receiver.verified(other)
    (delivery,) = stored()
    assert (delivery.state, delivery.tries, delivery.last_status, delivery.last_failure) == ("delivered", 1, 204, "")
    work()
    assert len(receiver.got) == 1


def test_two_endpoints_get_the_same_message_id(company: UUID, receiver: Receiver) -> None:
    for _ in range(2):
        add_endpoint(receiver.url)
    happen()
    work()
    ids = [asked.headers["webhook-id"] for asked in receiver.got]
    assert len(ids) == 2
    assert len(set(ids)) == 1


def test_again_by_the_schedule_with_the_same_id_and_body_and_then_no_more(company: UUID, receiver: Receiver) -> None:
    _, secret = add_endpoint(receiver.url)
    receiver.says = reply(500, b"x" * 5000)
    happen()
    with time_machine.travel(now(), tick=False) as clock:
        work(("hooks.fan_out", "hooks.send"))
        for wait in SCHEDULE:
            (delivery,) = stored()
            assert delivery.next_try_at is not None
            assert wait <= delivery.next_try_at - now() <= wait * 1.1
            before = len(receiver.got)
            clock.shift(wait - timedelta(seconds=1))
            work(("hooks.send",))
            assert len(receiver.got) == before, "too early"
            clock.shift(wait * 0.1 + timedelta(seconds=1))
            forget_trouble()
            work(("hooks.send",))
            receiver.verified(secret)
    (delivery,) = stored()
    assert (delivery.state, delivery.tries, delivery.next_try_at) == ("failed", len(SCHEDULE) + 1, None)
    assert len(receiver.got) == len(attempts()) == 10
    assert {(asked.headers["webhook-id"], asked.body) for asked in receiver.got} == {
        (receiver.got[0].headers["webhook-id"], receiver.got[0].body)
    }
    assert len({asked.headers["webhook-timestamp"] for asked in receiver.got}) == 10
    assert len(attempts()[0].answer or "") == KEPT_BYTES
    with transaction() as session:
        assert session.scalars(sa.select(JobIntent.state).where(JobIntent.kind == "hooks.send")).all() == ["done"]


def test_what_arrives_late_forgets_the_failing(company: UUID, receiver: Receiver) -> None:
    made, _ = add_endpoint(receiver.url)
    receiver.says = reply(503, b"", Retry_After="600")
    happen()
    work()
    (delivery,) = stored()
    assert delivery.next_try_at is not None
    assert timedelta(minutes=9) < delivery.next_try_at - now() <= timedelta(minutes=10)
    assert endpoint(made).failing_since is not None
    receiver.says = reply(200, b"thank you")
    with time_machine.travel(now() + timedelta(minutes=11)):
        work()
    assert stored()[0].state == "delivered"
    assert endpoint(made).failing_since is None
    assert [(one.status, one.failure, one.answer) for one in attempts()] == [
        (503, "server-failed-503", None),
        (200, "", "thank you"),
    ]


def test_a_sick_endpoint_is_left_alone_and_that_costs_no_try(company: UUID, receiver: Receiver) -> None:
    add_endpoint(receiver.url)
    receiver.says = reply(500)
    for _ in range(7):
        happen()
    work()
    assert len(receiver.got) == 5
    assert sorted(one.tries for one in stored()) == [0, 0, 1, 1, 1, 1, 1]
    assert all(one.state == "waiting" for one in stored())


def test_410_switches_it_off_and_who_sets_up_connections_is_told(
    company: UUID, session: Session, receiver: Receiver
) -> None:
    root = make_user(session, company, email="root@acme.example", roles=[RoleType.SYSTEM_ADMIN])
    make_user(session, company, email="viewer@acme.example", roles=[RoleType.VIEWER])
    made, _ = add_endpoint(receiver.url)
    receiver.says = reply(410)
    happen()
    happen()
    work()
    found = endpoint(made)
    assert (found.is_active, found.stopped_by, len(receiver.got)) == (False, "gone", 1)
    assert [(one.state, one.last_failure) for one in stored()] == [("failed", "gone"), ("failed", "endpoint-off")]
    with transaction() as own:
        told = own.scalars(sa.select(Notice).where(Notice.kind == "hooks.endpoint.stopped")).all()
        assert {one.user_id for one in told} == {root.id}
        assert "localhost takes no more messages" in (told[0].body or "")
    happen()
    work()
    assert len(stored()) == 2, "an endpoint that is off is promised nothing"
    change(made, receiver.url, is_active=True)
    receiver.says = reply(204, b"")
    again(stored()[0].id)
    work()
    assert (endpoint(made).stopped_by, stored()[0].state) == ("", "delivered")


def change(endpoint_id: UUID, url: str, **how: Any) -> None:
    with transaction() as session:
        endpoints.change(
            session, admin(), endpoint_id, **{"url": url, "description": "", "kinds": ["employee.hired"]} | how
        )


def again(delivery_id: UUID) -> None:
    with transaction() as session:
        deliveries.send_again(session, admin(), delivery_id)


def test_five_days_of_failing_switch_it_off(company: UUID, receiver: Receiver) -> None:
    made, _ = add_endpoint(receiver.url)
    receiver.says = reply(404)
    with time_machine.travel(now(), tick=False) as clock:
        for _ in range(5):
            happen()
            work(("hooks.fan_out", "hooks.send"))
            clock.shift(timedelta(days=1, minutes=1))
            assert endpoint(made).is_active
        happen()
        work(("hooks.fan_out", "hooks.send"))
    assert (endpoint(made).is_active, endpoint(made).stopped_by) == (False, "failing")


def test_while_secrets_turn_both_sign(company: UUID, receiver: Receiver) -> None:
    made, first = add_endpoint(receiver.url)
    with transaction() as session:
        unseen = endpoints.rotate(session, admin(), made)
        second = endpoints.rotate(session, admin(), made)  # the page with `unseen` was lost
    happen()
    work()
    assert receiver.verified(first) == receiver.verified(second)
    with pytest.raises(WebhookVerificationError):
        receiver.verified(unseen)
    with transaction() as session:
        endpoints.end_old_secret(session, admin(), made)
    happen()
    work()
    receiver.verified(second)
    with pytest.raises(WebhookVerificationError):
        receiver.verified(first)


def test_a_redirect_is_not_followed(company: UUID, receiver: Receiver) -> None:
    add_endpoint(receiver.url)
    receiver.says = reply(307, b"", Location=receiver.url)
    happen()
    work()
    assert len(receiver.got) == 1
    (tried,) = attempts()
    assert (tried.status, tried.failure) == (307, "redirect-refused")


def test_sending_again_keeps_the_id_and_a_test_needs_no_event(company: UUID, receiver: Receiver) -> None:
    made, secret = add_endpoint(receiver.url)
    with transaction() as session:
        first = deliveries.send_test(session, admin(), made)
    work()
    assert receiver.verified(secret)["type"] == "webhook.test"
    again(first.id)
    work()
    assert len({asked.headers["webhook-id"] for asked in receiver.got}) == 1
    assert len(receiver.got) == 2
    change(made, receiver.url, is_active=False)
    with transaction() as session, pytest.raises(Conflict):
        deliveries.send_test(session, admin(), made)


def test_two_jobs_for_one_delivery_send_it_once(company: UUID, receiver: Receiver) -> None:
    made, _ = add_endpoint(receiver.url)
    with transaction() as session:
        delivery = deliveries.send_test(session, admin(), made)
        session.flush()
        first, second = (deliveries.claim(session, delivery.id) for _ in range(2))
    assert isinstance(first, Message)
    assert isinstance(second, timedelta)


def test_removing_takes_everything_along_also_under_a_running_job(company: UUID, receiver: Receiver) -> None:
    made, _ = add_endpoint(receiver.url)
    happen()
    work()
    with transaction() as session:
        late = deliveries.send_test(session, admin(), made)
        session.flush()
        claimed = deliveries.claim(session, late.id)
    assert isinstance(claimed, Message)
    with transaction() as session:
        endpoints.remove(session, admin(), made)
    assert (stored(), attempts()) == ([], [])
    with transaction() as session:
        assert deliveries.settle(session, admin(), claimed, post(claimed)) is None
    assert attempts() == []


def test_what_is_old_and_settled_is_forgotten(company: UUID, receiver: Receiver) -> None:
    add_endpoint(receiver.url)
    happen()
    work()
    receiver.says = reply(500)
    happen()
    work()
    with time_machine.travel(now() + timedelta(days=get_settings().exchange_days + 1)), transaction() as session:
        assert deliveries.forget(session) == 1
        assert deliveries.forget(session) == 0
    assert [one.state for one in stored()] == ["waiting"]
    assert len(attempts()) == 1


def test_a_twin_sees_and_gets_nothing(company: UUID, receiver: Receiver) -> None:
    made, _ = add_endpoint(receiver.url)
    happen()
    work()
    (delivery,) = stored()
    other = uuid7()
    with tenant(other):
        with transaction() as session:
            session.add(people.Company(id=other, name="Twin", slug="twin"))
        happen()
        work()
        assert stored() == []
        with transaction() as session:
            assert endpoints.endpoints(session, admin()) == []
            assert deliveries.deliveries(session, admin(), made) == []
        for ask in (endpoints.endpoint_of, endpoints.rotate, endpoints.remove, deliveries.send_test):
            with transaction() as session, pytest.raises(NotFound):
                ask(session, admin(), made)
        for ask in (deliveries.delivery_of, deliveries.send_again):
            with transaction() as session, pytest.raises(NotFound):
                ask(session, admin(), delivery.id)
    assert len(receiver.got) == 1


# --- where it may lead --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/in", "ftp://hooks.example", "https://", "https://user:pass@hooks.example", "https://hooks.example/#a",
        "https://hooks.example:8443/", "https://hooks.example/ a", "https://hooks.example\\@127.0.0.1/", "javascript:alert(1)",
        "https://0x7f.1/", "https://2130706433/", "https://0/", "https://127.1/", "https://[::ffff:127.0.0.1]/", "https://017700000001/",
        "http://localhost:8000/", "https://[fe80::1%25eth0]/", "https://hooks.example/" + "a" * 500,
        *(f"https://[{address}]/" if ":" in address else f"https://{address}/" for address in (*NEVER, *PRIVATE)),
    ],
)  # fmt: skip
def test_an_address_that_is_refused_when_it_is_entered(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(get_settings(), "environment", "production")
    with pytest.raises(Invalid) as refused:
        endpoints.checked(url)
    assert set(refused.value.errors) == {"url"}


def test_an_address_that_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(get_settings(), "environment", "production")
    for url in ("https://hooks.example/in?key=1", "https://hooks.example:443/", "https://93.184.215.14/"):
        assert endpoints.checked(f" {url} ") == url


def test_a_name_that_leads_inside_gets_nothing_and_is_not_tried_again(
    company: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(get_settings(), "environment", "production")
    message = Message(company, uuid7(), uuid7(), "msg_1", "https://hooks.example/in", ("whsec_c2VjcmV0",), "{}")
    dialed: list[Any] = []
    monkeypatch.setattr("httpcore2.SyncBackend.connect_tcp", lambda *a, **k: dialed.append(a))
    with monkeypatch.context() as patch:
        for address in (*NEVER, *PRIVATE):
            patch.setattr(
                "app.integrations.transports.reach._look_up", lambda *_a, known=address: ["93.184.215.14", known]
            )
            outcome = post(message)
            assert (address, outcome.failure, outcome.hopeless) == (address, "host-not-allowed", True)
    assert dialed == []


def test_a_name_that_turns_inside_later_fails_at_once(
    company: UUID, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_endpoint(receiver.url)
    monkeypatch.setattr(get_settings(), "environment", "production")
    happen()
    work()
    assert receiver.got == []
    assert [(one.state, one.last_failure) for one in stored()] == [("failed", "host-not-allowed")]


def test_a_plain_line_to_the_internet_is_refused(company: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    message = Message(company, uuid7(), uuid7(), "msg_1", "http://hooks.example/in", ("whsec_c2VjcmV0",), "{}")
    monkeypatch.setattr("app.integrations.transports.reach._look_up", lambda *_a: ["93.184.215.14"])
    assert post(message).failure == "tls-missing"


def test_nothing_secret_shows_when_a_message_is_printed(company: UUID) -> None:
    message = Message(company, uuid7(), uuid7(), "msg_1", "https://hooks.example/?key=k", ("whsec_c2VjcmV0",), "{}")
    assert "whsec" not in repr(message)
    assert "hooks.example" not in repr(message)


def test_secret_and_address_lie_encrypted(company: UUID, admin: Any) -> None:
    _, secret = add_endpoint("https://hooks.example/?key=verysecret")
    row = json.dumps(admin.execute("SELECT row_to_json(e) FROM hook_endpoint e").fetchone()[0])
    audit = json.dumps([str(one) for one in admin.execute("SELECT new_values FROM audit_event").fetchall()])
    for text in (secret, "verysecret", secret.encode().hex(), b"verysecret".hex()):
        assert text not in row
        assert text not in audit
