"""What of the checks waits for a recruiter. One query."""

from __future__ import annotations

from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.counts import CAP
from app.core.events import Actor
from app.screening.services.sifting import PROBLEMS, Filters, narrowed


class Waiting(NamedTuple):
    """Capped counts of the actor's scope, by the problem they are."""

    failed: int
    bounced: int
    expired: int
    held: int
    stale: int
    late: int


def waiting(session: Session, actor: Actor) -> Waiting:
    """What still runs is read once, whatever is counted."""
    columns: list[Any] = [
        sa.func.least(sa.func.count().filter(PROBLEMS[problem]()), CAP) for problem in Waiting._fields
    ]
    query = narrowed(sa.select(*columns), actor, Filters())
    return Waiting(*session.connection().execute(query).one())
