"""Who takes what was read. A domain says it for its kinds; syncing knows none of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.events import Actor
from app.integrations.sync.records import Kind, Record
from app.syncing.rules import Conflicts


class Outcome(StrEnum):
    """What taking a record did."""

    MADE = "made"
    CHANGED = "changed"
    SAME = "same"
    WAITS = "waits"
    DOUBTFUL = "doubtful"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Taken:
    """local_id: our row. changes: field → [before, after], with what is sensitive masked. problems: field → what to do, without the
    value. due_on: for WAITS, the day to take it again.
    """

    outcome: Outcome
    local_id: UUID | None = None
    changes: Mapping[str, list[Any]] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Remote:
    """A record to be taken. before: as it was last taken, by field. gone: the provider has it no more; `record` is how it last was.

    decided: a person's answer to a doubt: the id of our row, or None for "a new one".
    """

    connection_id: UUID
    record: Record = field(repr=False)
    local_id: UUID | None
    before: Mapping[str, Any] = field(repr=False)
    conflicts: Conflicts
    gone: bool
    find: Callable[[Kind, str], UUID | None] = field(repr=False)
    decided: bool = False


class Taker(Protocol):
    def __call__(self, session: Session, actor: Actor, remote: Remote, /) -> Taken:
        """Bring our row in step. Taking the same twice changes nothing. Raises `Invalid`: the record is quarantined."""


@dataclass(frozen=True, slots=True)
class Row:
    """One of our rows, for a person who decides whether a record is it. number: what it is named by, when typed."""

    id: UUID
    number: str
    label: str = field(repr=False)


class Finder(Protocol):
    def __call__(self, session: Session, actor: Actor, told: Record | None, typed: str) -> list[Row]:
        """Our rows that have the number typed; with nothing typed those that share something with the record. Only what the actor
        may see with `SYNC_REVIEW`.
        """


_TAKERS: dict[Kind, Taker] = {}
_FINDERS: dict[Kind, Finder] = {}


def takes(kind: Kind, taker: Taker, *, find: Finder | None = None) -> None:
    """Records of this kind go to this function of a domain. Called once, where the domain's services are loaded.

    find: how a person in doubt names one of the domain's rows. Without it a doubt can only be answered by "a new one".
    """
    _TAKERS[kind] = taker
    if find is not None:
        _FINDERS[kind] = find


def finder_of(kind: Kind) -> Finder | None:
    """None: nobody can name rows of this kind."""
    return _FINDERS.get(kind)


def taker_of(kind: Kind) -> Taker | None:
    """None: records of this kind are kept and nothing more."""
    return _TAKERS.get(kind)
