"""Counts that stay cheap however many rows there are."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

CAP = 1_001
"""Pages show anything above 1,000 as "1,000+"."""


def capped(query: sa.Select[Any]) -> sa.ScalarSelect[int]:
    """How many rows `query` gives, at most `CAP`, as a column of another query."""
    return sa.select(sa.func.count()).select_from(query.limit(CAP).subquery()).scalar_subquery()
