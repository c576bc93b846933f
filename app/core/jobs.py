"""Jobs and the outbox they wait in.

A job is declared once, next to the domain it serves, and subscribes to events. Its intents are rows of `job_intent`, written in
the business transaction; `worker/` moves them to RQ and runs them. Leases, fencing and due times use PostgreSQL's clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column
from uuid_utils.compat import uuid7

from app.core.config import get_settings
from app.core.db import Base, Tenant, choices, current_tenant, transaction


class Repeat(StrEnum):
    """What happens when it is unknown whether the effect took place (docs/operate.md, "Promises per kind")."""

    SAFE = "safe"  # repeating is harmless: database-only work, e-mail with a stable Message-ID
    KEYED = "keyed"  # the receiver removes doubles by our key (the intent id)
    CHECK = "check"  # the job looks first whether the effect is already there (SFTP: list before put)
    ASK = "ask"  # costs money or cannot be undone: state `unknown`, a person decides


class State(StrEnum):
    PENDING = "pending"
    DISPATCHED = "dispatched"
    RUNNING = "running"
    DONE = "done"
    UNKNOWN = "unknown"
    DEAD = "dead"
    CANCELED = "canceled"


class JobIntent(Tenant, Base):
    """Work promised by a committed transaction. `args` holds ids only."""

    __tablename__ = "job_intent"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "idem_key"),
        sa.Index("ix_job_intent_due", "run_after", postgresql_where=sa.text("state = 'pending'")),
        sa.Index("ix_job_intent_open", "state", "company_id", postgresql_where=sa.text("state <> 'done'")),
        choices("state", State),
        choices("repeat", Repeat),
    )

    kind: Mapped[str]
    subject_id: Mapped[UUID | None]
    args: Mapped[dict[str, Any]] = mapped_column(default=dict)
    idem_key: Mapped[str]
    event_id: Mapped[UUID | None]
    repeat: Mapped[str] = mapped_column(default=Repeat.SAFE.value)
    state: Mapped[str] = mapped_column(default=State.PENDING.value)
    attempts: Mapped[int] = mapped_column(default=0)
    run_after: Mapped[datetime] = mapped_column(server_default=sa.func.now())
    dispatched_at: Mapped[datetime | None]
    lease: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(default="")
    done_at: Mapped[datetime | None]


class LeaseLost(Exception):
    """Another worker took the intent over; this attempt's outcome must not be written."""


class Retry(Exception):
    """Raised by a job: not now, again after `seconds` (a partner is closed, a lock is held). Does not count as a failure."""

    def __init__(self, code: str, seconds: float = 30) -> None:
        super().__init__(code)
        self.code, self.seconds = code, seconds


class GiveUp(Exception):
    """Raised by a job: repeating cannot help; a person must look. `code` is stable and holds no personal data."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class OutcomeUnknown(Exception):
    """Raised by a job: the effect may have happened. With `Repeat.ASK` the intent waits for a person, else it is run again."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Run:
    """One attempt at an intent, as the job function sees it."""

    company_id: UUID
    intent_id: UUID
    kind: str
    subject_id: UUID
    args: dict[str, str]
    attempt: int
    lease: UUID

    @contextmanager
    def step(self) -> Iterator[Session]:
        """A committed transaction as the intent's tenant, which also extends the lease.

        Raises LeaseLost, with nothing written, when another attempt took over: a worker that was frozen goes no further.
        """
        with transaction(self.company_id) as session:
            yield session
            session.flush()
            if not renew(session, self):
                raise LeaseLost(self.kind)

    @contextmanager
    def finish(self) -> Iterator[Session]:
        """The last transaction: the outcome and `done` are written together, or, when the lease was lost, neither."""
        with transaction(self.company_id) as session:
            yield session
            mark_done(session, self)


@dataclass(frozen=True, slots=True)
class Job:
    kind: str
    function: Callable[[Run], None]
    on: tuple[str, ...]
    repeat: Repeat
    max_attempts: int
    timeout: int
    every: str


REGISTRY: dict[str, Job] = {}
_by_event: dict[str, list[Job]] = {}

PERIODS = ("minute", "five-minutes", "hour", "day")


def job(
    kind: str,
    *,
    on: tuple[str, ...] | list[str] = (),
    every: str = "",
    repeat: Repeat = Repeat.SAFE,
    max_attempts: int = 15,
    timeout: int = 120,
) -> Callable[[Callable[[Run], None]], Callable[[Run], None]]:
    """Declare a job: run after each event in `on`, or once per company and period (`every`), or when `enqueue`d.

    Args:
        kind: `domain.verb`, unique.
        every: "", "minute", "five-minutes", "hour" or "day"; the subject is the company.
        timeout: seconds after which the attempt is killed.
    """
    if every and every not in PERIODS:
        raise ValueError(f"unknown period {every!r}")

    def declare(function: Callable[[Run], None]) -> Callable[[Run], None]:
        known = REGISTRY.get(kind)
        if known is not None and known.function.__qualname__ != function.__qualname__:
            raise ValueError(f"two jobs are called {kind!r}")
        declared = Job(kind, function, tuple(on), repeat, max_attempts, timeout, every)
        REGISTRY[kind] = declared
        for name in declared.on:
            _by_event.setdefault(name, []).append(declared)
        return function

    return declare


def subscribers(event_name: str) -> list[Job]:
    return _by_event.get(event_name, [])


def scheduled() -> list[Job]:
    return [declared for declared in REGISTRY.values() if declared.every]


def enqueue(
    session: Session,
    kind: str,
    subject_id: UUID,
    *,
    key: str,
    args: dict[str, str] | None = None,
    run_after: datetime | None = None,
) -> None:
    """Promise a job once per `key` (the same key again changes nothing). Jobs use this to continue later; services record events."""
    declared = REGISTRY[kind]
    values: dict[str, Any] = {
        "company_id": current_tenant(),
        "id": uuid7(),
        "kind": kind,
        "subject_id": subject_id,
        "args": args or {},
        "idem_key": f"{kind}:{key}",
        "repeat": declared.repeat.value,
        "state": State.PENDING.value,
        "attempts": 0,
        "last_error": "",
    }
    if run_after is not None:
        values["run_after"] = run_after
    from sqlalchemy.dialects.postgresql import insert

    session.execute(
        insert(JobIntent).values(**values).on_conflict_do_nothing(index_elements=["company_id", "idem_key"])
    )


def claim(session: Session, company_id: UUID, intent_id: UUID) -> Run | None:
    """Take an intent for one attempt, or None when somebody else has it or it is finished."""
    lease = uuid7()
    row = session.execute(
        sa.text(
            "UPDATE job_intent SET state = 'running', lease = :lease, attempts = attempts + 1, updated_at = now(),"
            " lease_until = now() + make_interval(secs => :seconds)"
            " WHERE company_id = :company AND id = :id AND run_after <= now()"
            " AND (state IN ('pending', 'dispatched') OR (state = 'running' AND lease_until < now() AND repeat <> 'ask'))"
            " RETURNING kind, subject_id, args, attempts"
        ),
        {"lease": lease, "seconds": get_settings().lease_seconds, "company": company_id, "id": intent_id},
    ).one_or_none()
    if row is None:
        return None
    return Run(company_id, intent_id, row.kind, row.subject_id, row.args, row.attempts, lease)


def renew(session: Session, run: Run) -> bool:
    """Extend the lease; False when it was lost."""
    return _fenced(
        session, run, "lease_until = now() + make_interval(secs => :seconds)", seconds=get_settings().lease_seconds
    )


def mark_done(session: Session, run: Run) -> None:
    """Raises LeaseLost when another attempt took over, so that the surrounding transaction rolls back."""
    session.flush()
    if not _fenced(session, run, "state = 'done', done_at = now(), lease = NULL, lease_until = NULL, last_error = ''"):
        raise LeaseLost(run.kind)


def mark_failed(
    session: Session, run: Run, code: str, *, state: State, delay_seconds: float = 0, counts: bool = True
) -> None:
    """Put the intent back (`pending`), or where a person looks (`unknown`, `dead`), with a stable error code.

    Args:
        counts: False when the attempt only found that it is too early (`Retry`): it uses up none of the tries.
    """
    _fenced(
        session,
        run,
        "state = :state, last_error = :code, lease = NULL, lease_until = NULL, attempts = attempts - :early,"
        " run_after = now() + make_interval(secs => :delay)",
        state=state.value,
        code=code[:200],
        delay=delay_seconds,
        early=int(not counts),
    )


def _fenced(session: Session, run: Run, assignments: str, **values: Any) -> bool:
    result = session.execute(
        sa.text(
            f"UPDATE job_intent SET {assignments}, updated_at = now()"  # noqa: S608 - fixed fragments of this module
            " WHERE company_id = :company AND id = :id AND lease = :lease AND state = 'running'"
        ),
        {"company": run.company_id, "id": run.intent_id, "lease": run.lease, **values},
    )
    return bool(result.rowcount)  # type: ignore[attr-defined]
