"""What the provider says arrives: by events in any order and number, or by the poll alone."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import random
from contextvars import copy_context
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask

from app.connections.models import InboxItem
from app.core.db import transaction
from app.core.events import system
from app.core.jobs import enqueue
from app.screening.models import CheckResult, ReportRecord, ScreeningRequest
from app.screening.rules.states import Blocker, Bucket, RequestStatus
from app.screening.services import reconciling
from sandbox.launch import Running
from tests.feeds.world import hurry, run_jobs
from tests.screening import made
from tests.screening.made import Employer

JOBS = ("screening.order", "screening.look", "screening.read_event", "screening.poll")


@pytest.fixture
def placed(hired: Employer) -> UUID:
    with transaction() as session:
        request_id = made.released(session, hired).id
    run_jobs(kinds=JOBS)
    return request_id


def _kept(request_id: UUID) -> ScreeningRequest:
    with transaction() as session:
        return made.stored(session, request_id)


def _axes(request_id: UUID) -> tuple[str, ...]:
    one = _kept(request_id)
    return one.provider_status, one.provider_result, one.status, one.bucket, one.blocker


def _look_again(admin: Any) -> None:
    admin.execute("UPDATE screening_request SET next_poll_at = now() - interval '1 hour'")
    with transaction() as session:
        for request_id in reconciling.due_looks(session):
            enqueue(session, "screening.look", request_id, key=f"again:{random.random()}")
    run_jobs(kinds=JOBS)


def test_an_ordinary_life_by_polling_alone(placed: UUID, sandbox: Running, admin: Any) -> None:
    assert _axes(placed) == ("waiting_candidate", "none", "submitted", "active", "candidate")
    report_id = sandbox.client.screening.finish_invitation(_kept(placed).provider_invitation_id)
    _look_again(admin)
    assert _axes(placed) == ("in_progress", "none", "in_progress", "active", "provider")
    assert _kept(placed).provider_report_id == report_id
    sandbox.client.screening.complete(report_id)
    _look_again(admin)
    assert _axes(placed) == ("complete", "clear", "completed", "review", "us")
    request = _kept(placed)
    assert request.clear is True
    assert request.decision == "pending"  # a person decides, also when all is clear
    with transaction() as session:
        rows = session.scalars(sa.select(CheckResult).where(CheckResult.request_id == placed)).all()
        assert {row.result_status for row in rows if row.reportable} == {"clear"}
        assert [row.check_type for row in rows if not row.reportable] == ["identity_verification"]


def test_records_are_kept_for_the_adjudicator(placed: UUID, sandbox: Running, admin: Any) -> None:
    report_id = sandbox.client.screening.finish_invitation(_kept(placed).provider_invitation_id)
    sandbox.client.screening.complete(report_id, "consider", ["felony", "misdemeanor"])
    _look_again(admin)
    assert _axes(placed) == ("complete", "consider", "completed", "review", "us")
    assert _kept(placed).clear is False
    with transaction() as session:
        assert len(session.scalars(sa.select(ReportRecord).where(ReportRecord.request_id == placed)).all()) == 2


def test_clear_is_never_inferred(placed: UUID, sandbox: Running, admin: Any) -> None:
    report_id = sandbox.client.screening.finish_invitation(_kept(placed).provider_invitation_id)
    sandbox.client.screening.complete(report_id, "clear", includes_canceled=True)
    _look_again(admin)
    request = _kept(placed)
    assert (request.provider_result, request.clear) == ("clear", False)
    sandbox.client.screening.set_status(report_id, "finished_somehow", "clear")
    _look_again(admin)
    request = _kept(placed)
    assert (request.provider_status, request.clear) == ("unmapped", False)
    assert (request.status, request.blocker) == (RequestStatus.ON_HOLD, Blocker.US)


@pytest.mark.parametrize(
    ("verb", "axes"),
    [
        ("suspend", ("candidate_action", "none", "in_progress", "active", "candidate")),
        ("pause", ("client_action", "none", "on_hold", "active", "us")),
        ("cancel", ("canceled", "none", "canceled", "done", "nobody")),
    ],
)
def test_what_else_may_happen(placed: UUID, sandbox: Running, admin: Any, verb: str, axes: tuple[str, ...]) -> None:
    report_id = sandbox.client.screening.finish_invitation(_kept(placed).provider_invitation_id)
    getattr(sandbox.client.screening, verb)(report_id)
    _look_again(admin)
    assert _axes(placed) == axes


def test_an_expired_invitation_waits_for_us(placed: UUID, sandbox: Running, admin: Any) -> None:
    sandbox.client.screening.expire_invitation(_kept(placed).provider_invitation_id)
    _look_again(admin)
    assert _axes(placed) == ("invitation_expired", "none", "on_hold", "active", "us")


def test_an_answer_that_was_overtaken_is_thrown_away_and_asked_for_again(placed: UUID) -> None:
    with transaction() as session:
        early, late = reconciling.look(session, placed), reconciling.look(session, placed)
    assert early is not None
    assert late is not None
    with transaction() as session:
        assert reconciling.apply(session, system("test"), late, None, None) is True
    with transaction() as session:
        assert reconciling.apply(session, system("test"), early, None, None) is False


def _bodies(sandbox: Running) -> list[str]:
    """The newest first, as Checkr writes them: compact."""
    return [json.dumps(event["body"], separators=(",", ":")) for event in sandbox.client.screening.events()]


def _deliver(app: Flask, admin: Any, body: str, key: str) -> int:
    path = admin.execute("SELECT webhook_key FROM connection").fetchone()[0]
    signature = hmac.new(key.encode(), body.encode(), hashlib.sha256).hexdigest()
    headers = {"X-Checkr-Signature": signature, "Content-Type": "application/json"}
    post = app.test_client().post
    # A request leaves no tenant behind; ours must survive it.
    return copy_context().run(post, f"/webhooks/{path}", data=body.encode(), headers=headers).status_code


def test_every_order_and_number_of_events_ends_in_the_same_state(
    app: Flask, placed: UUID, sandbox: Running, admin: Any
) -> None:
    """All permutations of three events, each doubled, some lost: after the poll the state is the provider's."""
    key = sandbox.screening["api_key"]
    report_id = sandbox.client.screening.finish_invitation(_kept(placed).provider_invitation_id)
    sandbox.client.screening.suspend(report_id)
    sandbox.client.screening.resume(report_id)
    sandbox.client.screening.complete(report_id, "consider", ["felony"])
    bodies = _bodies(sandbox)[:4]
    before = _axes(placed)
    assert before[0] == "waiting_candidate"
    for order in itertools.permutations(bodies, 2):
        for body in (*order, *order):
            assert _deliver(app, admin, body, key) == 200
        hurry(admin)
        run_jobs(kinds=JOBS)
        assert _axes(placed) == ("complete", "consider", "completed", "review", "us")
    with transaction() as session:
        assert len(session.scalars(sa.select(InboxItem)).all()) == len(bodies)  # each once, however often it came
        assert len(session.scalars(sa.select(ReportRecord)).all()) == 1
    assert _kept(placed).bucket == Bucket.REVIEW


def test_an_event_with_another_signature_is_not_stored(app: Flask, placed: UUID, sandbox: Running, admin: Any) -> None:
    sandbox.client.screening.finish_invitation(_kept(placed).provider_invitation_id)
    assert _deliver(app, admin, _bodies(sandbox)[0], "somebody else's key") == 401
    with transaction() as session:
        assert session.scalars(sa.select(InboxItem)).all() == []
