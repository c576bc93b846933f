"""The outbox against a model: any order of claim, step, finish, fail, expiry, loss of Valkey, dispatch and late writers.

Real rows and the real statements; only the clock is ours (leases and due times are moved into the past by hand). The model knows who
may write. Promises: at most one writer of `done` per intent, never after somebody took over, and no intent is ever stuck.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
import redis
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from uuid_utils.compat import uuid7

from app.core.config import get_settings
from app.core.db import make_engine, tenant, transaction
from app.core.jobs import REGISTRY, LeaseLost, Repeat, Run, State, claim, enqueue, job, mark_failed, renew
from tests.core.conftest import company as company
from worker import dispatch
from worker.execute import _next
from worker.run import queue

SAFE, ASK = "model.safe", "model.ask"
MOST = 4


@dataclass
class Model:
    """One intent as it must be."""

    kind: str
    state: str = "pending"
    holder: UUID | None = None
    expired: bool = False
    attempts: int = 0
    done_by: list[UUID] = field(default_factory=list)


class Outbox(RuleBasedStateMachine):
    company: UUID
    dispatcher: sa.Engine
    valkey: redis.Redis
    admin: Any

    intents = Bundle("intents")
    runs = Bundle("runs")

    @initialize()
    def begin(self) -> None:
        self.admin.execute("DELETE FROM job_intent")
        self.valkey.flushdb()
        self.model: dict[UUID, Model] = {}

    @rule(target=intents, kind=st.sampled_from([SAFE, ASK]))
    def promise(self, kind: str) -> UUID:
        subject = uuid7()
        with tenant(self.company), transaction() as session:
            enqueue(session, kind, subject, key=str(subject))
        intent: UUID = self.admin.execute("SELECT id FROM job_intent WHERE subject_id = %s", (subject,)).fetchone()[0]
        self.model[intent] = Model(kind)
        return intent

    @rule(target=runs, intent=intents)
    def claim(self, intent: UUID) -> Run | None:
        known = self.model[intent]
        with tenant(self.company), transaction() as session:
            run = claim(session, self.company, intent)
        retakes = known.state == "running" and known.expired and known.kind == SAFE
        allowed = known.state in ("pending", "dispatched") or retakes
        assert (run is not None) == allowed, (known, run)
        if run is not None:
            known.state, known.holder, known.expired = "running", run.lease, False
            known.attempts += 1
            assert run.attempt == known.attempts
        return run

    def _mine(self, run: Run) -> bool:
        known = self.model[run.intent_id]
        return known.state == "running" and known.holder == run.lease

    @rule(run=runs)
    def finish(self, run: Run | None) -> None:
        if run is None:
            return
        may = self._mine(run)
        try:
            with run.finish():
                pass
        except LeaseLost:
            assert not may
            return
        assert may, "a late writer finished"
        known = self.model[run.intent_id]
        known.done_by.append(run.lease)
        known.state, known.holder = "done", None

    @rule(run=runs)
    def step(self, run: Run | None) -> None:
        if run is None:
            return
        may = self._mine(run)
        try:
            with run.step():
                pass
        except LeaseLost:
            assert not may
        else:
            assert may, "a late writer's step was committed"
            self.model[run.intent_id].expired = False

    @rule(run=runs, how=st.sampled_from(["failed", "later"]))
    def fail(self, run: Run | None, how: str) -> None:
        if run is None:
            return
        may, known = self._mine(run), self.model[run.intent_id]
        state = State.PENDING if how == "later" else _next(REGISTRY[run.kind], run)
        with tenant(self.company), transaction() as session:
            mark_failed(session, run, how, state=state, counts=how == "failed")
        if may:
            known.state, known.holder = state.value, None
            known.attempts -= how == "later"

    @rule(run=runs)
    def renew(self, run: Run | None) -> None:
        if run is None:
            return
        with tenant(self.company), transaction() as session:
            assert renew(session, run) == self._mine(run)
        if self._mine(run):
            self.model[run.intent_id].expired = False

    @rule(intent=intents)
    def lease_runs_out(self, intent: UUID) -> None:
        self.admin.execute("UPDATE job_intent SET lease_until = now() - interval '1 s' WHERE id = %s", (intent,))
        self.model[intent].expired = self.model[intent].state == "running"

    @rule()
    def dispatch(self) -> None:
        dispatch.dispatch_due(self.dispatcher, queue(self.valkey))
        for known in self.model.values():
            if known.state == "pending":
                known.state = "dispatched"

    @rule()
    def valkey_forgets(self) -> None:
        self.valkey.flushdb()
        self.admin.execute("UPDATE job_intent SET dispatched_at = now() - interval '1 hour' WHERE state = 'dispatched'")
        dispatch.put_back_lost(self.dispatcher, queue(self.valkey))
        for known in self.model.values():
            if known.state == "dispatched":
                known.state = "pending"

    @rule()
    def take_back(self) -> None:
        dispatch.take_back_expired(self.dispatcher)
        for known in self.model.values():
            if known.state == "running" and known.expired:
                dead = "dead" if known.attempts >= MOST else "pending"
                known.state, known.holder, known.expired = ("unknown" if known.kind == ASK else dead), None, False

    @invariant()
    def the_rows_are_the_model(self) -> None:
        rows = dict(self.admin.execute("SELECT id, state FROM job_intent").fetchall())
        assert rows == {intent: known.state for intent, known in self.model.items()}
        assert all(len(known.done_by) <= 1 for known in self.model.values()), "two wrote done"

    def teardown(self) -> None:
        """Whatever happened, a quiet system ends every intent: done, dead or with a person."""
        if not hasattr(self, "model"):
            return
        self.admin.execute("UPDATE job_intent SET lease_until = now() - interval '1 s' WHERE state = 'running'")
        dispatch.take_back_expired(self.dispatcher)
        for intent in self.model:
            with tenant(self.company), transaction() as session:
                run = claim(session, self.company, intent)
            if run is not None:
                with run.finish():
                    pass
        left = {row[0] for row in self.admin.execute("SELECT DISTINCT state FROM job_intent").fetchall()}
        assert left <= {"done", "dead", "unknown"}, "an intent was lost"


@pytest.fixture
def kinds() -> Iterator[None]:
    job(SAFE, max_attempts=MOST)(lambda run: None)
    job(ASK, repeat=Repeat.ASK, max_attempts=MOST)(lambda run: None)
    yield
    REGISTRY.pop(SAFE)
    REGISTRY.pop(ASK)


def test_any_order_of_events_keeps_the_promises(company: UUID, kinds: None, valkey: redis.Redis, admin: Any) -> None:
    engine = make_engine(get_settings().dispatch_database_url)
    here = {"company": company, "dispatcher": engine, "valkey": valkey, "admin": admin}
    machine = type("HereOutbox", (Outbox,), here)
    quick = settings(max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck))
    try:
        run_state_machine_as_test(machine, settings=quick)
    finally:
        engine.dispose()
