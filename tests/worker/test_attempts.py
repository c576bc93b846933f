"""What counts as an attempt, who may write, and how long a lease is kept alive."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from uuid_utils.compat import uuid7

from app.core.config import get_settings
from app.core.db import transaction
from app.core.jobs import REGISTRY, JobIntent, LeaseLost, Retry, Run, claim, enqueue, job
from tests.core.conftest import company as company
from worker import execute
from worker.execute import run_intent


@pytest.fixture(autouse=True)
def _forget() -> Any:
    yield
    for kind in [kind for kind in REGISTRY if kind.startswith("test.")]:
        REGISTRY.pop(kind)


def promise(kind: str) -> UUID:
    with transaction() as session:
        enqueue(session, kind, uuid7(), key="1")
    with transaction() as session:
        return session.scalars(sa.select(JobIntent.id)).one()


def row() -> tuple[str, str, int]:
    with transaction() as session:
        return tuple(session.execute(sa.select(JobIntent.state, JobIntent.last_error, JobIntent.attempts)).one())


def test_waiting_for_a_partner_uses_up_no_tries(company: UUID) -> None:
    """Thirty looks at a closed partner, then one failure: still pending, and the pause is the first one."""

    def waits(run: Run) -> None:
        if len(looks) < 30:
            looks.append(run.attempt)
            raise Retry("closed", 0)
        raise ValueError

    looks: list[int] = []
    job("test.waits", max_attempts=3)(waits)
    intent = promise("test.waits")
    for _ in range(31):
        run_intent(str(company), str(intent))
    assert set(looks) == {1}
    assert row() == ("pending", "ValueError", 1)


def test_a_frozen_worker_goes_no_further_than_its_next_step(company: UUID, admin: Any) -> None:
    """Its lease was taken while it slept: the step is rolled back, and the effect after it never happens."""

    def slow(run: Run) -> None:
        admin.execute("UPDATE job_intent SET lease = gen_random_uuid()")
        with run.step() as session:
            session.execute(sa.text("UPDATE company SET name = 'written by the late one'"))
        reached.append("the effect")

    reached: list[str] = []
    job("test.slow")(slow)
    run_intent(str(company), str(promise("test.slow")))
    assert reached == []
    with transaction() as session:
        assert session.execute(sa.text("SELECT name FROM company")).scalar() == "Acme"


def test_a_step_extends_the_lease(company: UUID, admin: Any) -> None:
    job("test.long")(lambda run: None)
    intent = promise("test.long")
    with transaction() as session:
        run = claim(session, company, intent)
    assert run is not None
    admin.execute("UPDATE job_intent SET lease_until = now() - interval '1 second'")
    with run.step():
        pass
    assert admin.execute("SELECT lease_until > now() FROM job_intent").fetchone() == (True,)
    admin.execute("UPDATE job_intent SET state = 'pending', lease = NULL")
    with pytest.raises(LeaseLost), run.step():
        pass


def test_a_hung_attempt_is_not_kept_alive_for_ever(company: UUID, admin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A work horse without a parent hangs in C code: nobody kills it, so its lease must end by itself."""
    monkeypatch.setattr(execute, "TIMEOUT_GRACE", 0)
    monkeypatch.setattr(get_settings(), "lease_seconds", 2)
    seen: list[bool] = []

    def hangs(_run: Run) -> None:
        time.sleep(4.5)
        seen.append(admin.execute("SELECT lease_until < now() FROM job_intent").fetchone()[0])

    job("test.hangs", timeout=1)(hangs)
    run_intent(str(company), str(promise("test.hangs")))
    assert seen == [True]


def test_the_code_of_a_library_s_error_is_its_name(company: UUID) -> None:
    """SQLAlchemy's own codes (`e3q8`) say nothing to the person who reads the list."""

    def fails(run: Run) -> None:
        raise sa.exc.OperationalError("SELECT", {}, ValueError("away"))

    job("test.away")(fails)
    run_intent(str(company), str(promise("test.away")))
    assert row() == ("pending", "OperationalError", 1)
