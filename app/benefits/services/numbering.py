"""Numbers in sequence, taken in the transaction that uses them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.benefits.models import NumberSeries
from app.benefits.rules.numbers import Series, number
from app.core.db import current_tenant


def take_numbers(session: Session, series: Series, year: int, count: int) -> list[str]:
    """The next `count` numbers of a series. The row stays locked until the transaction ends, so take them late."""
    row = insert(NumberSeries).values(
        company_id=current_tenant(), id=uuid7(), series=series.value, year=year, last=count
    )
    raised = row.on_conflict_do_update(
        index_elements=["company_id", "series", "year"],
        set_={"last": NumberSeries.last + count, "updated_at": sa.func.now()},
    )
    last = session.execute(raised.returning(NumberSeries.last)).scalar_one()
    return [number(series, year, last - count + place) for place in range(1, count + 1)]
