"""One row of law: what a place demands, from when to when, by which source, and whether counsel has read it.

The rows themselves are data (`app/screening/jurisdictions/*.toml`). Every class here is frozen and checks itself when made; a row that
contradicts itself raises `pydantic.ValidationError`. The shape follows reference/screening.md §3.2 and §3.5.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import ConfigDict, NonNegativeInt, PositiveInt, TypeAdapter
from pydantic.dataclasses import dataclass

from app.screening.rules.places import Pattern
from app.screening.rules.words import AskStage, Channel, Level, Moment, Reach, RecordKind, StartsFrom, Trigger, Unit

EXACT = ConfigDict(extra="forbid")

_NOT_OF_THE_RULE = frozenset({"reviewed", "reviewed_by", "reviewed_on", "doubt"})


@dataclass(frozen=True, kw_only=True, config=EXACT)
class Coverage:
    """Whom a rule binds. What is not known about an employer or a job counts as covered.

    Attributes:
        min_staff: employees the employer must have, wherever they work.
        min_weekly_hours: average hours a week of the job inside the place.
        exempt_roles: names of exemptions of this rule; one that is claimed for the job takes the job out.
    """

    min_staff: NonNegativeInt = 0
    min_weekly_hours: Decimal = Decimal(0)
    exempt_roles: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, config=EXACT)
class Document:
    key: str
    name: str
    due: Moment


@dataclass(frozen=True, kw_only=True, config=EXACT)
class Receipt:
    """When a notice counts as received: `days` after it was sent."""

    channel: Channel
    reach: Reach | None = None
    days: NonNegativeInt
    unit: Unit

    def __post_init__(self) -> None:
        if self.channel not in (Channel.EMAIL, Channel.MAIL):
            raise ValueError(
                "a tracked letter and a hand-over have a real date; only e-mail and untracked mail are deemed"
            )


@dataclass(frozen=True, kw_only=True, config=EXACT)
class Wait:
    """How long a candidate may answer before a decision becomes final."""

    days: PositiveInt
    unit: Unit
    starts: StartsFrom
    receipts: tuple[Receipt, ...] = ()
    receipt_source: str = ""

    def __post_init__(self) -> None:
        if self.starts is StartsFrom.SENT:
            return
        for channel in (Channel.EMAIL, Channel.MAIL):
            for reach in Reach:
                self.receipt(channel, reach)

    def receipt(self, channel: Channel, reach: Reach) -> Receipt:
        """The row for a channel; one that names where the letter goes comes before one that does not."""
        for wanted in (reach, None):
            for known in self.receipts:
                if known.channel is channel and known.reach is wanted:
                    return known
        raise ValueError(f"says nothing about when {channel.value}, {reach.value}, is received")


@dataclass(frozen=True, kw_only=True, config=EXACT)
class Extension:
    """More time, given once, when one of the triggers happens before the first period is over."""

    triggers: tuple[Trigger, ...]
    days: PositiveInt
    unit: Unit


@dataclass(frozen=True, kw_only=True, config=EXACT)
class Lookback:
    """Records that may not be considered: older than `years`; 0 years: never.

    Attributes:
        salary_below: the limit holds only for jobs that pay less than this a year; None: for every job.
    """

    record: RecordKind
    years: NonNegativeInt
    salary_below: Decimal | None = None


@dataclass(frozen=True, kw_only=True, config=EXACT)
class Row:
    """A rule of one place for one span of time.

    Attributes:
        short: the place in a few letters, as the page says it ("CA").
        two_stages: everything but criminal and driving records comes first and is closed before the offer (New York City).
        send_by: channels a notice must take, all of them; empty: any one will do.
        doubt: why no counsel has approved the row yet; empty once one has.
    """

    key: str
    name: str
    short: str
    level: Level
    where: Pattern
    effective_from: date
    effective_to: date | None = None
    coverage: Coverage = Coverage()
    ask_stage: AskStage = AskStage.ANY_TIME
    two_stages: bool = False
    documents: tuple[Document, ...] = ()
    factors: tuple[str, ...] = ()
    wait: Wait | None = None
    extensions: tuple[Extension, ...] = ()
    send_by: tuple[Channel, ...] = ()
    lookbacks: tuple[Lookback, ...] = ()
    final_tokens: tuple[str, ...] = ()
    sources: tuple[str, ...]
    reviewed: bool
    reviewed_by: str = ""
    reviewed_on: date | None = None
    doubt: str = ""

    def __post_init__(self) -> None:
        problem = _problem(self)
        if problem:
            raise ValueError(f"{self.key}: {problem}")

    def in_force(self, on: date) -> bool:
        """Both days of the span belong to it."""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)

    def as_json(self) -> dict[str, Any]:
        """Plain values that `row_of` reads back."""
        return dict(_ROW.dump_python(self, mode="json"))

    @property
    def digest(self) -> str:
        """SHA-256 of what the rule says. The note about its review is left out: counsel approves these words, not the note."""
        return digest({name: value for name, value in self.as_json().items() if name not in _NOT_OF_THE_RULE})


def _problem(row: Row) -> str:
    """What contradicts itself in a row, or an empty text."""
    if row.effective_to is not None and row.effective_to < row.effective_from:
        return "ends before it begins"
    if not row.sources or not all(row.sources):
        return "names no source"
    if row.level is not row.where.level:
        return f"is {row.level.value} but its place is a {row.where.level.value}"
    if row.extensions and row.wait is None:
        return "extends a wait that it does not have"
    if row.reviewed != bool(row.reviewed_by) or row.reviewed != (row.reviewed_on is not None):
        return "a review needs who and when, and only a review has them"
    if row.reviewed == bool(row.doubt):
        return "an unreviewed row says why, a reviewed one has no doubt left"
    return ""


_ROW: TypeAdapter[Row] = TypeAdapter(Row)


def row_of(values: Mapping[str, Any]) -> Row:
    """A row from a data file or from a frozen case.

    Raises:
        pydantic.ValidationError: a word is unknown, something is missing, or the row contradicts itself.
    """
    return _ROW.validate_python(values)


def digest(values: Any) -> str:
    """SHA-256 (hex) of plain values, whatever the order of their names."""
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
