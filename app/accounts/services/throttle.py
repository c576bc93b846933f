"""Counting tries in PostgreSQL. A count ends with its window by itself: nobody can lock somebody else out for good."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.accounts.models import Throttle
from app.accounts.rules import LIMITS, window_start
from app.core.clock import now
from app.core.db import current_tenant


def count_try(session: Session, kind: str, who: str) -> int:
    """Count one more try and return how many it makes in this window. Counting comes before trying, so tries at once all count."""
    moment = now()
    row = {
        "company_id": current_tenant(),
        "id": uuid7(),
        "key": _key(kind, who),
        "window_start": window_start(moment, LIMITS[kind].window),
        "tries": 1,
    }
    statement = (
        insert(Throttle)
        .values(**row)
        .on_conflict_do_update(index_elements=["company_id", "key", "window_start"], set_={"tries": Throttle.tries + 1})
    )
    return int(session.execute(statement.returning(Throttle.tries)).scalar_one())


def too_many(session: Session, kind: str, who: str) -> bool:
    """Count a try; True when it is beyond the limit."""
    return count_try(session, kind, who) > LIMITS[kind].limit


def take_back(session: Session, kind: str, who: str) -> None:
    """A try that succeeded does not count."""
    session.execute(
        sa.update(Throttle)
        .where(Throttle.key == _key(kind, who), Throttle.window_start == window_start(now(), LIMITS[kind].window))
        .values(tries=Throttle.tries - 1)
    )


def forget_tries(session: Session, kind: str, who: str) -> None:
    """Start from nothing: after a success, or when an administrator unlocks."""
    session.execute(sa.delete(Throttle).where(Throttle.key == _key(kind, who)))


def clear_old(session: Session) -> None:
    """Windows of yesterday say nothing any more."""
    session.execute(sa.delete(Throttle).where(Throttle.window_start < now() - 2 * LIMITS["link"].window))


def _key(kind: str, who: str) -> bytes:
    return hashlib.sha256(f"{kind}|{who}".encode()).digest()
