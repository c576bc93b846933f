"""What was in force on a day, out of everything ever chosen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Protocol, TypeVar

from app.benefits.rules.words import EnrollmentStatus

COUNTS = frozenset({EnrollmentStatus.APPROVED, EnrollmentStatus.ACTIVE, EnrollmentStatus.TERMINATED})


class Dated(Protocol):
    """A stretch of coverage (or of waived coverage)."""

    @property
    def coverage_type(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def coverage_starts_on(self) -> date: ...
    @property
    def coverage_ends_on(self) -> date | None: ...
    @property
    def created_at(self) -> datetime: ...


D = TypeVar("D", bound=Dated)


def in_force(item: Dated, on: date) -> bool:
    """Both its first and its last day belong to a stretch."""
    started = item.coverage_starts_on <= on
    return item.status in COUNTS and started and (item.coverage_ends_on is None or on <= item.coverage_ends_on)


def as_of(items: Iterable[D], on: date) -> dict[str, D]:
    """Per coverage type the stretch in force on a day; of several the one that started last, then the one made last."""
    found: dict[str, D] = {}
    for item in sorted(items, key=lambda item: (item.coverage_starts_on, item.created_at)):
        if in_force(item, on):
            found[item.coverage_type] = item
    return found
