"""Who can be covered with the employee, and the tier that follows from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from app.benefits.rules.calendar import birthday, end_of_month
from app.benefits.rules.words import CoverageType, EndsAt, Relation, Tier

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
    if stays_a_child(person.relation, disabled=person.disabled):
        return None
    return Refusal.TOO_OLD if birthday(person.born_on, child_age_limit) <= on else None


WARN_DAYS = (
    60,
    14,
)  # before the last covered day; 60 days is also how long a plan of one's own can be found afterwards
TELL_DAYS = 14  # so long before the last day the end is settled and the carrier told


def last_covered_day(born_on: date, child_age_limit: int, ends_at: str) -> date:
    """A child's last day under a plan: the end of the month of the birthday, or the day before it, as the plan says."""
    grown = birthday(born_on, child_age_limit)
    return grown - timedelta(days=1) if ends_at == EndsAt.LAST_DAY else end_of_month(grown)


def stays_a_child(relation: str, *, disabled: bool) -> bool:
    """Nobody whose age matters: a partner, or somebody with a disability who depends on the employee."""
    return relation in PARTNERS or disabled


def warning_due(last_day: date, today: date) -> int | None:
    """Which warning (60 or 14 days before) is due by now; None too early and once it is over."""
    left = (last_day - today).days
    return min((stage for stage in WARN_DAYS if 0 <= left <= stage), default=None)
