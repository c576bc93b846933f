"""Who can be covered with the employee, and the tier that follows from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.benefits.rules.calendar import birthday
from app.benefits.rules.words import CoverageType, Relation, Tier

COVERS_FAMILY = frozenset(
    {
        CoverageType.HEALTH,
        CoverageType.DENTAL,
        CoverageType.VISION,
        CoverageType.ACCIDENT,
        CoverageType.CRITICAL_ILLNESS,
        CoverageType.HOSPITAL_INDEMNITY,
    }
)
"""Coverage that other people can join. Life and disability insurance follow the employee's own life and pay."""
PARTNERS = frozenset({Relation.SPOUSE, Relation.DOMESTIC_PARTNER})


class Refusal(StrEnum):
    """Why a dependent cannot be covered."""

    NOT_ACTIVE = "not_active"
    BIRTH_DATE = "birth_date"  # missing, or after the coverage starts
    TOO_OLD = "too_old"


@dataclass(frozen=True, slots=True)
class Dependent:
    """What the rules ask about a person to be covered."""

    relation: str
    born_on: date | None
    disabled: bool = False
    active: bool = True


def tier_of(relations: Iterable[str]) -> Tier:
    """The coverage tier of an employee with these people. A domestic partner counts like a spouse, anybody else like a child."""
    known = set(relations)
    partner = bool(known & PARTNERS)
    children = bool(known - PARTNERS)
    if partner:
        return Tier.FAMILY if children else Tier.EMPLOYEE_SPOUSE
    return Tier.EMPLOYEE_CHILDREN if children else Tier.EMPLOYEE


def refusal(person: Dependent, child_age_limit: int, on: date) -> Refusal | None:
    """Why the person cannot be covered from a day on, or None.

    A child is covered until the day the age limit is reached (26 by 45 CFR 147.120); a disabled child without limit.
    """
    if not person.active:
        return Refusal.NOT_ACTIVE
    if person.born_on is None:
        return Refusal.BIRTH_DATE
    if person.relation in PARTNERS or person.disabled:
        return None
    return Refusal.TOO_OLD if birthday(person.born_on, child_age_limit) <= on else None


def ages_out_on(born_on: date, child_age_limit: int) -> date:
    """The first day a child (not disabled) is no longer eligible."""
    return birthday(born_on, child_age_limit)
