"""Many threads, few connections, companies alternating: a connection never remembers whose it was."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.config import get_settings
from app.core.db import make_engine, tenant
from app.people.models import Region

THREADS, TRANSACTIONS, POOL = 8, 3_000, 2
Two = tuple[UUID, UUID]


@pytest.fixture
def small_pool() -> Iterator[sa.Engine]:
    """Two connections and no more, so that every one of them serves both companies."""
    made = make_engine(get_settings().database_url, pool_size=POOL)
    made.pool._max_overflow = 0  # type: ignore[attr-defined]
    made.pool._timeout = 60  # type: ignore[attr-defined]
    yield made
    made.dispose()


@contextmanager
def one(engine: sa.Engine, company_id: UUID) -> Iterator[Session]:
    with tenant(company_id), Session(engine) as session:
        yield session


def foreign_rows(engine: sa.Engine, company_id: UUID, dice: random.Random) -> int:
    """One transaction of one company, ended in one of the ways transactions end. Returns foreign rows seen."""
    with one(engine, company_id) as session:
        seen = list(session.scalars(sa.select(Region.company_id)))
        end = dice.choice(("commit", "rollback", "savepoint", "error", "abandon"))
        if end == "savepoint":
            with session.begin_nested():
                seen += session.scalars(sa.select(Region.company_id))
            seen += session.scalars(sa.select(Region.company_id))
        if end == "error":
            with pytest.raises(sa.exc.DBAPIError):
                session.execute(sa.text("SELECT 1 / 0"))
            session.rollback()
        if end in ("commit", "rollback", "savepoint", "error"):
            session.rollback() if end == "rollback" else session.commit()
            seen += session.scalars(sa.select(Region.company_id))  # the next transaction of the same session
    assert company_id in seen
    return sum(found != company_id for found in seen)


def test_no_transaction_sees_a_row_of_another_company(
    two: Two, small_pool: sa.Engine, say: Callable[[str], None]
) -> None:
    def work(thread: int) -> int:
        dice = random.Random(thread)
        return sum(foreign_rows(small_pool, two[(n + thread) % 2], dice) for n in range(TRANSACTIONS // THREADS))

    with ThreadPoolExecutor(THREADS) as pool:
        leaks = sum(pool.map(work, range(THREADS)))
    say(f"{leaks} foreign rows in {TRANSACTIONS} transactions of {THREADS} threads over {POOL} connections")
    assert leaks == 0
    assert small_pool.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_a_connection_handed_back_belongs_to_nobody(two: Two, small_pool: sa.Engine) -> None:
    for company_id in two * 4:
        with one(small_pool, company_id) as session:
            session.scalars(sa.select(Region)).all()
    with small_pool.connect() as first, small_pool.connect() as second:
        for connection in (first, second):
            assert connection.execute(sa.text("SELECT count(*) FROM region")).scalar() == 0


def test_a_tenant_set_meanwhile_waits_for_the_next_transaction(two: Two, small_pool: sa.Engine) -> None:
    a, b = two
    with one(small_pool, a) as session:
        assert list(session.scalars(sa.select(Region.company_id))) == [a]
        with tenant(b):
            plain = session.connection().execute(sa.text("SELECT company_id FROM region"))
            assert list(plain.scalars()) == [a], "a transaction keeps the tenant it began with"
            assert list(session.scalars(sa.select(Region.company_id))) == [], "the queries' tenant is another: nothing"
