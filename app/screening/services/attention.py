"""What of the checks waits for somebody: for who orders, and for who judges. One query."""

from __future__ import annotations

from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.access import Can
from app.core.counts import CAP
from app.core.events import Actor
from app.screening.services import desk
from app.screening.services.desk import Waits
from app.screening.services.sifting import PROBLEMS, Filters, narrowed


class Waiting(NamedTuple):
    """Capped counts of the actor's scope, by the problem they are."""

    failed: int
    bounced: int
    expired: int
    held: int
    stale: int
    late: int


def waiting(session: Session, actor: Actor) -> tuple[Waiting | None, dict[Waits, int]]:
    """What waits for a recruiter (None: the actor is none) and for an adjudicator (empty). What still runs is read once."""
    judged: list[Any] = list(desk.counted(actor)) if actor.can(Can.ADVERSE_ACT) else []
    if not actor.can(Can.CHECK_ORDER):
        return None, _by_reason(session.connection().execute(sa.select(*judged)).one())
    columns = [sa.func.least(sa.func.count().filter(PROBLEMS[problem]()), CAP) for problem in Waiting._fields]
    row = session.connection().execute(narrowed(sa.select(*columns, *judged), actor, Filters())).one()
    return Waiting(*row[: len(columns)]), _by_reason(row[len(columns) :])


def _by_reason(counts: Any) -> dict[Waits, int]:
    return dict(zip(Waits, counts, strict=True)) if counts else {}
