"""Intent → dispatcher → RQ → effect, with real Valkey and PostgreSQL."""

from collections.abc import Iterator
from uuid import UUID

import pytest
import redis
import sqlalchemy as sa
from rq import SimpleWorker
from rq.serializers import JSONSerializer
from uuid_utils.compat import uuid7

from app.core.config import get_settings
from app.core.db import make_engine, transaction
from app.core.jobs import REGISTRY, GiveUp, JobIntent, Repeat, Run, claim, enqueue, job
from tests.core.conftest import company as company
from worker import dispatch
from worker.execute import run_intent
from worker.run import queue

EFFECTS: list[UUID] = []


@pytest.fixture
def dispatcher(company: UUID) -> Iterator[sa.Engine]:
    EFFECTS.clear()
    made = make_engine(get_settings().dispatch_database_url)
    yield made
    made.dispose()
    for kind in [kind for kind in REGISTRY if kind.startswith("test.")]:
        REGISTRY.pop(kind)


def states() -> list[tuple[str, str, int]]:
    with transaction() as session:
        rows = session.execute(sa.select(JobIntent.state, JobIntent.last_error, JobIntent.attempts)).all()
        return [tuple(row) for row in rows]


def promise(kind: str, key: str = "1") -> UUID:
    with transaction() as session:
        enqueue(session, kind, uuid7(), key=key)
    with transaction() as session:
        return session.scalars(sa.select(JobIntent.id)).one()


def work(valkey: redis.Redis) -> None:
    SimpleWorker([queue(valkey)], connection=valkey, serializer=JSONSerializer).work(burst=True)


def test_an_intent_is_dispatched_run_and_done(company: UUID, dispatcher: sa.Engine, valkey: redis.Redis) -> None:
    @job("test.note")
    def note(run: Run) -> None:
        EFFECTS.append(run.intent_id)

    intent = promise("test.note")
    assert dispatch.dispatch_due(dispatcher, queue(valkey)) == 1
    work(valkey)
    assert EFFECTS == [intent]
    assert states() == [("done", "", 1)]
    run_intent(str(company), str(intent))
    assert EFFECTS == [intent], "a second delivery has no second effect"


def test_the_same_key_promises_once(company: UUID, dispatcher: sa.Engine) -> None:
    job("test.once")(lambda run: None)
    promise("test.once")
    promise("test.once")
    assert len(states()) == 1


def test_what_valkey_lost_is_queued_again(
    company: UUID, dispatcher: sa.Engine, valkey: redis.Redis, admin: object
) -> None:
    job("test.lost")(lambda run: EFFECTS.append(run.intent_id))
    promise("test.lost")
    dispatch.dispatch_due(dispatcher, queue(valkey))
    valkey.flushdb()
    admin.execute("UPDATE job_intent SET dispatched_at = now() - interval '1 hour'")
    assert dispatch.put_back_lost(dispatcher, queue(valkey)) == 1
    dispatch.dispatch_due(dispatcher, queue(valkey))
    work(valkey)
    assert len(EFFECTS) == 1
    assert states()[0][0] == "done"


def test_a_waiting_intent_is_not_queued_twice(
    company: UUID, dispatcher: sa.Engine, valkey: redis.Redis, admin: object
) -> None:
    job("test.waits")(lambda run: None)
    promise("test.waits")
    dispatch.dispatch_due(dispatcher, queue(valkey))
    admin.execute("UPDATE job_intent SET dispatched_at = now() - interval '1 hour'")
    assert dispatch.put_back_lost(dispatcher, queue(valkey)) == 0
    assert queue(valkey).count == 1


def promise_many(kind: str, number: int) -> None:
    with transaction() as session:
        for place in range(number):
            enqueue(session, kind, uuid7(), key=str(place))


def test_many_due_share_work_horses_and_each_is_an_attempt_of_its_own(
    company: UUID, dispatcher: sa.Engine, valkey: redis.Redis
) -> None:
    @job("test.many")
    def many(run: Run) -> None:
        EFFECTS.append(run.intent_id)
        if len(EFFECTS) == 3:
            raise GiveUp("test-third")

    promise_many("test.many", 83)
    assert dispatch.dispatch_due(dispatcher, queue(valkey)) == 83
    assert queue(valkey).count == 9  # eight times ten and the rest
    work(valkey)
    assert len(set(EFFECTS)) == len(EFFECTS) == 83
    assert sorted(states())[0] == ("dead", "test-third", 1)
    assert states().count(("done", "", 1)) == 82


def test_those_of_a_dead_horse_that_were_not_begun_are_queued_again(
    company: UUID, dispatcher: sa.Engine, valkey: redis.Redis, admin: object
) -> None:
    job("test.many")(lambda run: EFFECTS.append(run.intent_id))
    promise_many("test.many", 80)
    dispatch.dispatch_due(dispatcher, queue(valkey))
    admin.execute("UPDATE job_intent SET dispatched_at = now() - interval '1 hour'")
    assert dispatch.put_back_lost(dispatcher, queue(valkey)) == 0, "all of them wait in the queue"
    queued = queue(valkey).jobs[0]
    queued.delete()
    assert dispatch.put_back_lost(dispatcher, queue(valkey)) == 10
    dispatch.dispatch_due(dispatcher, queue(valkey))
    work(valkey)
    assert len(set(EFFECTS)) == len(EFFECTS) == 80


@pytest.mark.parametrize(("repeat", "expected"), [(Repeat.SAFE, "pending"), (Repeat.ASK, "unknown")])
def test_a_dead_worker_s_intent_comes_back_or_waits_for_a_person(
    company: UUID, dispatcher: sa.Engine, admin: object, repeat: Repeat, expected: str
) -> None:
    job("test.dies", repeat=repeat)(lambda run: None)
    intent = promise("test.dies")
    with transaction() as session:
        assert claim(session, company, intent) is not None
    admin.execute("UPDATE job_intent SET lease_until = now() - interval '1 second'")
    assert dispatch.take_back_expired(dispatcher) == 1
    assert states()[0][0] == expected


def test_a_late_writer_is_fenced(company: UUID, dispatcher: sa.Engine, admin: object) -> None:
    def slow(run: Run) -> None:
        admin.execute("UPDATE job_intent SET lease = gen_random_uuid()")
        with run.finish() as session:
            session.execute(sa.text("UPDATE company SET name = 'written by the late one'"))

    job("test.slow")(slow)
    run_intent(str(company), str(promise("test.slow")))
    with transaction() as session:
        assert session.execute(sa.text("SELECT name FROM company")).scalar() == "Acme"


def test_failures_leave_a_code_and_no_text(company: UUID, dispatcher: sa.Engine) -> None:
    def fails(run: Run) -> None:
        raise ValueError("SSN 900-12-3456")

    job("test.fails")(fails)
    run_intent(str(company), str(promise("test.fails")))
    assert states() == [("pending", "ValueError", 1)]


def test_giving_up_is_dead(company: UUID, dispatcher: sa.Engine) -> None:
    def gives_up(run: Run) -> None:
        raise GiveUp("carrier-code-unknown")

    job("test.gives-up")(gives_up)
    run_intent(str(company), str(promise("test.gives-up")))
    assert states() == [("dead", "carrier-code-unknown", 1)]


def test_a_scheduled_job_starts_once_per_period(company: UUID, dispatcher: sa.Engine) -> None:
    job("test.nightly", every="day")(lambda run: None)
    with transaction() as session:
        session.execute(
            sa.text(
                "INSERT INTO tenant_door (id, slug, name, brand_hue, active) VALUES (:i, 'acme', 'Acme', 185, true)"
            ),
            {"i": company},
        )
    for _ in range(2):
        dispatch.Clock().tick(dispatcher)
    with transaction() as session:
        assert session.scalar(sa.select(sa.func.count()).where(JobIntent.kind == "test.nightly")) == 1
