"""Which rules bind a case, what they demand together, and when nobody but a person may go on.

Every row that matches the work location or the residence applies, and the strictest of each demand wins (reference/screening.md §3.2).
A place without a row, a place not known well enough, or a row no counsel has read stops the case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from app.screening.rules.places import Place
from app.screening.rules.rulebook import Rulebook
from app.screening.rules.schema import Coverage, Document, Lookback, Row, digest, row_of
from app.screening.rules.words import AskStage, Channel, Level, Moment

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Employment:
    """What the coverage tests ask. None: not known, and then every rule counts as binding.

    Attributes:
        weekly_hours: average hours a week inside the place of work.
        exemptions: names out of `Coverage.exempt_roles` that somebody has claimed for this job, with reasons kept elsewhere.
    """

    staff: int | None = None
    weekly_hours: Decimal | None = None
    exemptions: frozenset[str] = frozenset()


class Why(StrEnum):
    NO_ROW = "no_row"
    PLACE_UNKNOWN = "place_unknown"
    UNREVIEWED = "unreviewed"


WORDS: Mapping[Why, str] = {
    Why.NO_ROW: "%(subject)s: we have no rules for this place. Ask counsel before going on",
    Why.PLACE_UNKNOWN: "%(subject)s: say in which city and county the address lies, and whether inside the city's limits",
    Why.UNREVIEWED: "%(subject)s: no counsel has read this rule yet",
}


@dataclass(frozen=True, slots=True)
class Stop:
    """One thing a person must look at. `digest` names the text of an unreviewed row, which may be accepted for a case."""

    why: Why
    subject: str
    digest: str = ""

    def __str__(self) -> str:
        return WORDS[self.why] % {"subject": self.subject}


@dataclass(frozen=True, slots=True)
class Ruling:
    """All that the places of a case demand, together. Rows are ordered from the widest place to the narrowest."""

    rows: tuple[Row, ...]

    @property
    def ask_stage(self) -> AskStage:
        return max((row.ask_stage for row in self.rows), key=list(AskStage).index, default=AskStage.OFFER)

    @property
    def two_stages(self) -> bool:
        return any(row.two_stages for row in self.rows)

    @property
    def factors(self) -> tuple[str, ...]:
        return _once(factor for row in self.rows for factor in row.factors)

    @property
    def final_tokens(self) -> tuple[str, ...]:
        return _once(token for row in self.rows for token in row.final_tokens)

    @property
    def send_by(self) -> tuple[Channel, ...]:
        return _once(channel for row in self.rows for channel in row.send_by)

    @property
    def lookbacks(self) -> tuple[tuple[Row, Lookback], ...]:
        return tuple((row, lookback) for row in self.rows for lookback in row.lookbacks)

    def documents(self, due: Moment) -> tuple[Document, ...]:
        """Each document once, however many rows ask for it."""
        found = {document.key: document for row in self.rows for document in row.documents if document.due is due}
        return tuple(found.values())

    @property
    def version(self) -> str:
        """SHA-256 over all rows, with the state of their review: what a case freezes."""
        return digest([row.as_json() for row in self.rows])

    def freeze(self) -> dict[str, Any]:
        """Plain values to keep with the case, so that a later change of the data files changes nothing for it."""
        return {"version": self.version, "rows": [row.as_json() for row in self.rows]}


@dataclass(frozen=True, slots=True)
class StopsForPerson:
    """The case must not go on by itself. `provisional` is what would apply, for the person who decides."""

    stops: tuple[Stop, ...]
    provisional: Ruling


def thaw(frozen: Mapping[str, Any]) -> Ruling:
    """The ruling a case froze.

    Raises:
        ValueError: the rows are not the ones whose hash was kept.
    """
    if digest(frozen["rows"]) != frozen["version"]:
        raise ValueError("the frozen rules of this case were changed")
    return Ruling(tuple(row_of(values) for values in frozen["rows"]))


def decide(
    book: Rulebook,
    on: date,
    *,
    work: Place,
    residence: Place,
    employment: Employment,
    accepted: frozenset[str] = frozenset(),
) -> Ruling | StopsForPerson:
    """What binds a case that begins on a day.

    Args:
        accepted: digests of unreviewed rows which somebody with the right to do so has read and accepted for this company. It lapses
            by itself when a word of the row changes. A missing row cannot be accepted.
    """
    rows = book.in_force(on)
    places = tuple(dict.fromkeys((work, residence)))
    bound = _ordered(
        row for row in rows
        if _covers(row.coverage, employment) and any(row.where.contains(place) is not False for place in places)
    )  # fmt: skip
    ruling = Ruling(tuple(row for row in bound if any(row.where.contains(place) for place in places)))
    stops = (
        *(Stop(Why.NO_ROW, str(place)) for place in places if not _known(rows, place)),
        *(Stop(Why.PLACE_UNKNOWN, str(place)) for place in places if _undecided(bound, place)),
        *(
            Stop(Why.UNREVIEWED, row.name, row.digest)
            for row in ruling.rows
            if not (row.reviewed or row.digest in accepted)
        ),
    )
    return StopsForPerson(stops, ruling) if stops else ruling


def _known(rows: Iterable[Row], place: Place) -> bool:
    """A federal row alone is no knowledge of a state."""
    return any(row.level is Level.STATE and row.where.contains(place) for row in rows)


def _undecided(rows: Iterable[Row], place: Place) -> bool:
    return any(row.where.contains(place) is None for row in rows)


def _covers(coverage: Coverage, employment: Employment) -> bool:
    if employment.staff is not None and employment.staff < coverage.min_staff:
        return False
    if employment.weekly_hours is not None and employment.weekly_hours < coverage.min_weekly_hours:
        return False
    return not employment.exemptions & set(coverage.exempt_roles)


def _ordered(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(sorted(rows, key=lambda row: (list(Level).index(row.level), row.key)))


def _once(items: Iterable[_T]) -> tuple[_T, ...]:
    return tuple(dict.fromkeys(items))
