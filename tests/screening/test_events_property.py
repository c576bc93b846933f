"""Whatever happens to a report's webhooks on the way, we end where a provider that was heard in order would have brought us.

2,000 runs here, with real tables and a carrier in memory: any order, any number of copies, any loss (then the poll), answers that were
overtaken on the way. `jobs/test_events_over_http.py` does the same with real deliveries, and `test_signatures_property.py` asks what is
believed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session as OrmSession

from app.connections.services import door
from app.connections.services.door import Door
from app.core.clock import now
from app.core.db import Session, engine, fetch, transaction
from app.core.events import system
from app.integrations.adapters.checkr.manifest import WEBHOOKS
from app.integrations.webhooks.delivery import Delivery
from app.integrations.webhooks.door import receive
from app.integrations.webhooks.kinds import Hmac
from app.integrations.webhooks.verifiers import signed
from app.screening.models import CheckResult, ReportRecord, ScreeningRequest
from app.screening.services import placing, reconciling
from app.screening.services.reconciling import Look
from tests.screening import made
from tests.screening.made import Employer
from tests.screening.twin import Carrier, Event, Told

PARTS, RUNS = 4, 500  # 2,000 in all, in parts that run beside each other

Steps = tuple[int, ...]

scripts = st.lists(st.integers(0, 5), min_size=2, max_size=5).map(tuple)
"""Which of the possible moves the provider makes, one after the other."""

turns = st.sampled_from(["move", "move", "deliver", "hold", "hold", "let go"])
roads = st.lists(st.tuples(turns, st.integers(0, 9)), min_size=3, max_size=9)
"""What happens when: the provider moves; an event that was sent arrives and is looked into at once, or its answer is held up on the way;
an answer that was held up arrives. An event may arrive never, or many times."""


@dataclass
class Here:
    """Our side of the wire, inside of one transaction that is rolled back afterwards."""

    session: OrmSession
    request_id: UUID
    door: Door
    carrier: Carrier = field(default_factory=Carrier)
    held: list[tuple[Look, Told]] = field(default_factory=list)
    kept: int = 0
    overtaken: int = 0

    def deliver(self, event: Event) -> None:
        """Through the door: the signature is believed, a copy is not stored again. Each new event is looked into."""
        if self.arrive(event):
            self.look()

    def arrive(self, event: Event) -> bool:
        content = {"id": event.id, "object": "event", "type": event.kind, "data": {"object": {"id": event.subject}}}
        body = json.dumps(content, separators=(",", ":")).encode()
        assert isinstance(WEBHOOKS.verifier, Hmac)
        headers = {WEBHOOKS.verifier.header: signed(WEBHOOKS.verifier, made.KEY, body)}
        received = receive(WEBHOOKS, Delivery(headers, body), self.door.secrets, now())
        new = door.take_in(self.session, system("provider"), self.door, body, received)
        self.kept += new
        return bool(new)

    def ask(self) -> tuple[Look, Told]:
        seen = reconciling.look(self.session, self.request_id)
        assert seen is not None
        return seen, self.carrier.answer(seen)

    def look(self) -> None:
        self.take(*self.ask())

    def take(self, seen: Look, told: Told) -> None:
        """As the job does: an answer that was overtaken is asked for again."""
        applied = reconciling.apply(self.session, system("test"), seen, told.invitation, told.report, told.items)
        self.session.flush()
        if not applied:
            self.overtaken += 1
            self.look()

    def state(self) -> dict[str, Any]:
        """Everything but the times at which we heard of it."""
        request = fetch(self.session, ScreeningRequest, self.request_id)
        checks = sa.select(CheckResult.ref, CheckResult.check_status, CheckResult.result_status).order_by(
            CheckResult.ref
        )
        records = sa.select(ReportRecord.ref).where(ReportRecord.gone_at.is_(None)).order_by(ReportRecord.ref)
        axes = (
            "provider_status", "provider_result", "provider_report_id", "status", "bucket", "blocker", "clear", "includes_canceled",
            "decision", "stage", "dispute_open", "revised_at", "order_state",
        )  # fmt: skip
        return {name: getattr(request, name) for name in axes} | {
            "checks": [tuple(row) for row in self.session.execute(checks)],
            "records": list(self.session.scalars(records)),
        }


@pytest.fixture
def placed(employer: Employer) -> UUID:
    """An order the carrier in memory has."""
    carrier = Carrier()
    with transaction() as session:
        request = made.released(session, employer)
        placing.plan(session, system("test"), request.id)
        session.flush()
        placing.mark_placed(session, system("test"), request.id, carrier.invitation)
        return request.id


@contextmanager
def here(request_id: UUID) -> Iterator[Here]:
    with Session(engine(), expire_on_commit=False) as session:
        connection_id = fetch(session, ScreeningRequest, request_id).connection_id
        yield Here(session, request_id, Door(connection_id, "checkr", WEBHOOKS, [made.KEY]))
        session.rollback()


def in_order(request_id: UUID, script: Steps) -> dict[str, Any]:
    """Each event arrives once, when it is sent."""
    with here(request_id) as one:
        for step in script:
            if moves := one.carrier.moves():
                one.carrier.move(moves[step % len(moves)])
                one.deliver(one.carrier.events[-1])
        return one.state()


def travel(one: Here, script: Steps, road: list[tuple[str, int]], *, lost: bool) -> None:
    """lost: what has not arrived by the end of the road never does, and the poll is all there is."""
    steps = iter(script)

    def move() -> bool:
        for step in steps:
            if moves := one.carrier.moves():
                one.carrier.move(moves[step % len(moves)])
                return True
        return False

    for what, which in road:
        sent = one.carrier.events
        if what == "move":
            move()
        elif what == "deliver" and sent:
            one.deliver(sent[which % len(sent)])
        elif what == "hold" and sent and one.arrive(sent[which % len(sent)]):
            one.held.append(one.ask())
        elif what == "let go" and one.held:
            one.take(*one.held.pop(which % len(one.held)))
    while move():
        pass
    if not lost:
        for event in reversed(one.carrier.events):
            one.deliver(event)
    while one.held:
        one.take(*one.held.pop())
    if lost:
        one.look()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("part", range(PARTS))
def test_any_order_number_and_loss_of_events_ends_in_the_state_of_order(placed: UUID, part: int) -> None:
    wanted: dict[Steps, dict[str, Any]] = {}
    runs = overtaken = 0

    @seed(part)
    @settings(max_examples=RUNS, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(script=scripts, road=roads, lost=st.booleans())
    def run(script: Steps, road: list[tuple[str, int]], lost: bool) -> None:
        nonlocal runs, overtaken
        runs += 1
        if script not in wanted:
            wanted[script] = in_order(placed, script)
        with here(placed) as one:
            travel(one, script, road, lost=lost)
            assert one.state() == wanted[script]
            assert one.kept <= len(one.carrier.events), "a copy was stored again"
            overtaken += one.overtaken

    run()
    assert runs >= RUNS
    assert overtaken >= RUNS / 25, "answers hardly ever overtook each other: the roads are too smooth"
