"""A carrier's census: who it says is covered, as CSV with the carrier's own titles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from app.integrations.failures import Refused
from app.integrations.formats.tables import csv_rows, decoded
from app.integrations.formats.x12.eight34 import File834

FIELDS = (
    "subscriber_number", "member_number", "ssn", "last_name", "first_name", "relationship", "birth_on", "line",
    "plan_code", "tier", "start_on", "end_on", "premium",
)  # fmt: skip
_REQUIRED = frozenset({"last_name"})
_DATE_FORMATS = ("%Y-%m-%d", "%m/%d/%Y", "%Y%m%d", "%m-%d-%Y", "%m/%d/%y")


@dataclass(frozen=True, slots=True)
class CensusRow:
    """One person in one plan, as the carrier has it. row: line in the file, 1 = first after the titles.

    Empty text and None mean the carrier does not say. problems: fields of this row that could not be read.
    """

    row: int
    subscriber_number: str = ""
    member_number: str = ""
    ssn: str = ""
    last_name: str = ""
    first_name: str = ""
    relationship: str = ""
    birth_on: date | None = None
    line: str = ""
    plan_code: str = ""
    tier: str = ""
    start_on: date | None = None
    end_on: date | None = None
    premium: Decimal | None = None
    problems: tuple[str, ...] = ()


def read_census_csv(data: bytes, columns: Mapping[str, str]) -> list[CensusRow]:
    """Rows of a CSV (comma, semicolon, tab or bar). `columns`: our field → the carrier's title, upper or lower case.

    Raises `Refused` when a mapped title is missing or the file is no text. A bad cell is a problem of its row only.
    """
    rows = list(csv_rows(decoded(data)))
    places = _places(rows[0] if rows else [], columns)
    return [_row(number, cells, places) for number, cells in enumerate(rows[1:], 1) if any(c.strip() for c in cells)]


def census_of(file: File834) -> list[CensusRow]:
    """An 834 audit file from the carrier, as census rows: one per coverage, or one per member without any."""
    return list(_rows_of(file))


def _rows_of(file: File834) -> Iterator[CensusRow]:
    number = 0
    for member in file.members:
        for coverage in member.coverages or (None,):
            number += 1
            yield CensusRow(
                row=number,
                subscriber_number=member.subscriber_number,
                member_number=member.member_number,
                ssn=member.ssn or "",
                last_name=member.last_name,
                first_name=member.first_name,
                relationship=member.relationship,
                birth_on=member.birth_on,
                line=coverage.line if coverage else "",
                plan_code=coverage.plan_code if coverage else "",
                tier=coverage.tier if coverage else "",
                start_on=coverage.start_on if coverage else None,
                end_on=(coverage.end_on if coverage else None) or member.ineligible_on,
                premium=coverage.premium if coverage else None,
            )


def _places(titles: list[str], columns: Mapping[str, str]) -> dict[str, int]:
    """Our field → column number."""
    known = {title.strip().casefold(): place for place, title in enumerate(titles)}
    if not known:
        raise Refused("empty-file", "The file is empty.")
    if unknown := set(columns) - set(FIELDS):
        raise Refused("column-unknown", f"The column mapping names fields Corridor does not have: {sorted(unknown)}.")
    wanted = dict(columns) or {name: name for name in FIELDS if name in known}
    if not wanted.keys() >= _REQUIRED:
        raise Refused("column-missing", "Say at least which column holds the last name.")
    missing = [title for title in wanted.values() if title.strip().casefold() not in known]
    if missing:
        raise Refused("column-missing", f"The file has no column {', '.join(sorted(missing))}.")
    return {name: known[title.strip().casefold()] for name, title in wanted.items()}


def _row(number: int, cells: list[str], places: Mapping[str, int]) -> CensusRow:
    values: dict[str, object] = {}
    problems: list[str] = []
    for name, place in places.items():
        text = cells[place].strip() if place < len(cells) else ""
        if not text:
            continue
        value = _value(name, text)
        if value is None:
            problems.append(name)
        else:
            values[name] = value
    return CensusRow(row=number, problems=tuple(problems), **values)  # type: ignore[arg-type]


def _value(name: str, text: str) -> object | None:
    if name.endswith("_on"):
        return _date(text)
    if name == "premium":
        return _money(text)
    return text.replace("-", "") if name == "ssn" else text


def _date(text: str) -> date | None:
    for pattern in _DATE_FORMATS:
        try:
            return datetime.strptime(text, pattern).date()  # noqa: DTZ007 (a calendar date has no time zone)
        except ValueError:
            continue
    return None


def _money(text: str) -> Decimal | None:
    try:
        amount = Decimal(text.replace("$", "").replace(",", ""))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None
