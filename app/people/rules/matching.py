"""Who a record of an HR system is among our employees. Sure, doubtful or new; a doubt is for a person, never guessed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from app.people.rules.identity import words_of


class Verdict(StrEnum):
    SURE = "sure"
    DOUBTFUL = "doubtful"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Somebody:
    """What two descriptions of a person are compared by."""

    first_name: str
    last_name: str
    date_of_birth: date | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of ours. by: what is equal: `ssn`, `number`, `email`. linked: the provider already has another record for this person."""

    employee_id: UUID
    somebody: Somebody
    by: frozenset[str]
    linked: bool


@dataclass(frozen=True, slots=True)
class Match:
    """why: a sentence for the person who decides; free of personal data."""

    verdict: Verdict
    employee_id: UUID | None = None
    why: str = ""


NEW = Match(Verdict.NEW)


def match(theirs: Somebody, candidates: Sequence[Candidate]) -> Match:
    """A shared e-mail address alone joins nobody: two people may share one. A shared number with another name or birthday is a doubt."""
    near = [one for one in candidates if not (one.linked and one.by == {"email"})]
    if not near:
        return NEW
    if len(near) > 1:
        return Match(
            Verdict.DOUBTFUL, why="Several employees have a number or address of this record. Choose the right one"
        )
    only = near[0]
    if only.linked:
        return Match(
            Verdict.DOUBTFUL,
            only.employee_id,
            "The provider has two records for what is one employee here. Choose what to do",
        )
    if _differ(only.somebody.date_of_birth, theirs.date_of_birth):
        return Match(
            Verdict.DOUBTFUL, only.employee_id, "An employee has the same number or address, and another date of birth"
        )
    if same_name(only.somebody, theirs):
        return Match(Verdict.SURE, only.employee_id)
    if (
        "ssn" in only.by
        and only.somebody.date_of_birth is not None
        and only.somebody.date_of_birth == theirs.date_of_birth
    ):
        return Match(Verdict.SURE, only.employee_id)  # a new name: married, or spelled otherwise
    return Match(Verdict.DOUBTFUL, only.employee_id, "An employee has the same number or address, and another name")


def _differ(one: date | None, other: date | None) -> bool:
    return one is not None and other is not None and one != other


def same_name(one: Somebody, other: Somebody) -> bool:
    """Accents, apostrophes, hyphens, case and a second name make no difference."""
    first, first_other = set(words_of(one.first_name)), set(words_of(other.first_name))
    last, last_other = set(words_of(one.last_name)), set(words_of(other.last_name))
    return bool(first & first_other) and bool(last & last_other)
