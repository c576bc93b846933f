"""Control numbers: one persistent sequence per connection and usage, taken in the transaction of the file row; never reset."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.connections.models import Connection
from app.core.db import current_tenant
from app.core.events import Actor, Risk, record
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


class Series(NamedTuple):
    """Where the numbers of one connection and usage stand."""

    carrier: str
    usage: str
    next_number: int


def series(session: Session) -> list[Series]:
    """The company's sequences, by carrier."""
    query = (
        sa.select(Connection.name, ControlNumber.usage, ControlNumber.next_number)
        .join(Connection, Connection.id == ControlNumber.connection_id)
        .order_by(Connection.name, ControlNumber.usage)
    )
    return [Series._make(row) for row in session.execute(query)]


def move_ahead(session: Session, actor: Actor, by: int) -> None:
    """Leave out `by` numbers of every sequence: after a restore, the carriers know numbers that this database has forgotten.

    Raises:
        ValueError: `by` is not positive; a sequence never goes back.
    """
    if by <= 0:
        raise ValueError("control numbers only go ahead")
    for row in session.scalars(sa.select(ControlNumber).order_by(ControlNumber.id).with_for_update()):
        old, row.next_number = row.next_number, row.next_number + by
        new = {"next_number": row.next_number, "usage": row.usage}
        record(session, actor, "feeds.numbers.moved", row, old={"next_number": old}, new=new, risk=Risk.HIGH)
