"""What of the checks waits for a recruiter. One query."""

from __future__ import annotations

from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.counts import capped
from app.core.db import own_company
from app.core.events import Actor
from app.screening.services.sifting import Filters, narrowed


class Waiting(NamedTuple):
    """Capped counts of the actor's scope, by the problem they are."""

    failed: int
    bounced: int
    expired: int
    held: int
    stale: int
    late: int


def waiting(session: Session, actor: Actor) -> Waiting:
    columns: list[Any] = [
        capped(narrowed(sa.select(sa.literal(1)), actor, Filters(problem=problem))) for problem in Waiting._fields
    ]
    return Waiting(*session.connection().execute(sa.select(*columns).options(own_company)).one())
