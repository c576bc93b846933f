"""Numbers people quote on the phone: `E-2026-000123` for an enrollment, `S-2026-000123` for a submission."""

from __future__ import annotations

import re
from enum import StrEnum

_FORM = re.compile(r"([ES])-(\d{4})-(\d{6,})")


class Series(StrEnum):
    ENROLLMENT = "E"
    SUBMISSION = "S"


def number(series: Series, year: int, count: int) -> str:
    """Unique per company because the count of a series and year is. Six digits, more when they are used up."""
    if count < 1 or not 1 <= year <= 9999:
        raise ValueError("a number counts from 1")
    return f"{series.value}-{year:04d}-{count:06d}"


def parse(text: str) -> tuple[Series, int, int] | None:
    """(series, year, count) of a typed number, or None."""
    found = _FORM.fullmatch(text.strip().upper())
    return (Series(found[1]), int(found[2]), int(found[3])) if found else None
