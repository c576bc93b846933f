"""Time as the application sees it. Leases and anything two machines compare use PostgreSQL's `now()` instead."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """Aware UTC time."""
    return datetime.now(UTC)


def today(zone: str = "America/New_York") -> date:
    """The calendar date at the employer (IANA zone name)."""
    return datetime.now(ZoneInfo(zone)).date()
