"""Control numbers: one persistent sequence per connection and usage, taken in the transaction of the file row; never reset."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.core.db import current_tenant
from app.feeds.models import ControlNumber


def take_number(session: Session, connection_id: UUID, usage: str) -> int:
    """The next ISA13 and GS06. Two transactions cannot take the same; one that rolls back leaves no gap."""
    values = {
        "company_id": current_tenant(),
        "id": uuid7(),
        "connection_id": connection_id,
        "usage": usage,
        "next_number": 1,
    }
    session.execute(
        insert(ControlNumber)
        .values(**values)
        .on_conflict_do_nothing(index_elements=["company_id", "connection_id", "usage"])
    )
    row = session.scalars(
        sa.select(ControlNumber)
        .where(ControlNumber.connection_id == connection_id, ControlNumber.usage == usage)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    taken = row.next_number
    row.next_number = taken + 1
    session.flush()
    return taken
