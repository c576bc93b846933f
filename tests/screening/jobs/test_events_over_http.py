"""The promise of `test_events_property` over the real wire: the sandbox signs and sends, doubles, shuffles and loses; our door, our jobs."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.connections.models import Connection, InboxItem
from app.core.db import fetch, transaction
from app.core.jobs import enqueue
from app.screening.models import CheckResult, ReportRecord
from sandbox.launch import Running
from sandbox.screening.client import ScreeningClient
from tests.feeds.world import hurry, run_jobs
from tests.screening import made
from tests.screening.made import Employer

RUNS = 20
JOBS = ("screening.order", "screening.read_event", "screening.look")
SCRIPTS = (
    ("clear",),
    ("suspend", "resume", "consider"),
    ("pause", "resume", "clear", "dispute", "consider"),
    ("progress", "suspend", "complete_now"),
    ("progress", "cancel"),
    ("consider", "dispute", "clear"),
)
RELIABLE = {"duplicate_events": 0, "disorder_seconds": 0.0, "loss": 0.0}


@pytest.fixture
def box(hired: Employer, sandbox: Running, live_url: str) -> Iterator[ScreeningClient]:
    """The sandbox, calling our real address."""
    with transaction() as session:
        key = fetch(session, Connection, hired.connection_id).webhook_key
    sandbox.client.screening.set_webhooks(f"{live_url}/webhooks/{key}")
    yield sandbox.client.screening
    sandbox.client.screening.set_webhooks()


def _act(box: ScreeningClient, report_id: str, word: str) -> None:
    if word in ("clear", "consider"):
        box.complete(report_id, word, ["felony"] if word == "consider" else [])
    else:
        box.move("report", report_id, word)


def _live(
    box: ScreeningClient, hired: Employer, admin: Any, script: tuple[str, ...], chance: random.Random | None
) -> dict[str, Any]:
    """One order from its release to the end of the script. chance: what becomes of its events; None: all is as it should be."""
    box.set(**RELIABLE)
    with transaction() as session:
        request_id = made.released(session, hired).id
    run_jobs(kinds=JOBS)
    if chance:
        box.set(
            duplicate_events=chance.randrange(3), disorder_seconds=chance.choice((0.0, 7200.0, 36_000.0)),
            loss=chance.choice((0.0, 0.3, 1.0)), seed=chance.randrange(10**6),
        )  # fmt: skip
    report_id = box.finish_invitation(_invitation(request_id))
    for word in script:
        if chance is None or chance.random() < 0.4:
            _hear(box, admin)
        box.advance(hours=1)
        _act(box, report_id, word)
    box.advance(hours=12)
    _hear(box, admin)
    if chance:
        _poll(request_id)
    return _state(request_id)


def _invitation(request_id: UUID) -> str:
    with transaction() as session:
        return made.stored(session, request_id).provider_invitation_id


def _hear(box: ScreeningClient, admin: Any) -> None:
    box.sandbox.wait_idle(20)
    hurry(admin)
    run_jobs(kinds=JOBS)


def _poll(request_id: UUID) -> None:
    with transaction() as session:
        enqueue(session, "screening.look", request_id, key=f"poll:{request_id}")
    run_jobs(kinds=JOBS)


def _state(request_id: UUID) -> dict[str, Any]:
    """Without ids of the provider and without times."""
    with transaction() as session:
        request = made.stored(session, request_id)
        checks = sa.select(CheckResult.kind, CheckResult.check_status, CheckResult.result_status).where(
            CheckResult.request_id == request_id
        )
        records = sa.select(sa.func.count()).where(
            ReportRecord.request_id == request_id, ReportRecord.gone_at.is_(None)
        )
        names = ("provider_status", "provider_result", "status", "bucket", "blocker", "clear", "includes_canceled", "decision",
                 "stage", "dispute_open")  # fmt: skip
        return {name: getattr(request, name) for name in names} | {
            "checks": sorted(tuple(row) for row in session.execute(checks)),
            "records": session.scalar(records),
        }


@pytest.mark.timeout(300)
def test_any_order_number_and_loss_of_events_ends_in_the_state_of_order(
    box: ScreeningClient, hired: Employer, admin: Any
) -> None:
    chance = random.Random(20261125)
    wanted = {script: _live(box, hired, admin, script, None) for script in SCRIPTS}
    assert {state["provider_status"] for state in wanted.values()} == {"complete", "canceled"}
    for number in range(RUNS):
        script = SCRIPTS[number % len(SCRIPTS)]
        assert _live(box, hired, admin, script, chance) == wanted[script], f"run {number}: {script}"
    states = [delivery["state"] for event in box.events() for delivery in event["deliveries"]]
    assert states.count("lost") > RUNS
    thanked = {event["id"] for event in box.events() if any(d["state"] == "delivered" for d in event["deliveries"])}
    assert states.count("delivered") > len(thanked), "there were copies"
    with transaction() as session:
        kept = sorted(session.scalars(sa.select(InboxItem.dedupe_key)))
        assert kept == sorted(f"event:{one}" for one in thanked)
        assert set(session.scalars(sa.select(InboxItem.state))) == {"applied"}
