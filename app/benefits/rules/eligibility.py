"""Who may choose a plan, and the first day it can cover."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from app.benefits.rules.calendar import first_of_month_from

MAX_WAITING_DAYS = 90  # 45 CFR 147.116: coverage starts on the 91st day at the latest


@dataclass(frozen=True, slots=True)
class Worker:
    """What eligibility asks about an employee."""

    employee_class: str
    employment_type: str
    region_code: str
    weekly_hours: Decimal
    hired_on: date


@dataclass(frozen=True, slots=True)
class Criteria:
    """One eligibility rule; empty sets mean everybody."""

    employee_classes: frozenset[str] = frozenset()
    employment_types: frozenset[str] = frozenset()
    region_codes: frozenset[str] = frozenset()
    min_weekly_hours: Decimal = Decimal(0)
    waiting_days: int = 0
    starts_first_of_month: bool = True


class Reason(StrEnum):
    """Why somebody may not choose a plan."""

    CLASS = "class"
    TYPE = "type"
    REGION = "region"
    HOURS = "hours"
    WAITING = "waiting"
    NO_RATE = "no_rate"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`starts_on` is the first day of coverage; with Reason.WAITING the day the waiting period ends."""

    reasons: tuple[Reason, ...]
    starts_on: date

    @property
    def eligible(self) -> bool:
        return not self.reasons


def first_covered_day(hired_on: date, waiting_days: int, first_of_month: bool) -> date:
    """The waiting period's end, moved to the first of a month if the plan says so, never past the 91st day."""
    waited = hired_on + timedelta(days=waiting_days)
    start = first_of_month_from(waited) if first_of_month else waited
    return min(start, hired_on + timedelta(days=MAX_WAITING_DAYS))


def missing(rule: Criteria, worker: Worker) -> tuple[Reason, ...]:
    """What of one rule the employee does not meet."""
    checks = (
        (Reason.CLASS, not rule.employee_classes or worker.employee_class in rule.employee_classes),
        (Reason.TYPE, not rule.employment_types or worker.employment_type in rule.employment_types),
        (Reason.REGION, not rule.region_codes or worker.region_code in rule.region_codes),
        (Reason.HOURS, worker.weekly_hours >= rule.min_weekly_hours),
    )
    return tuple(reason for reason, met in checks if not met)


def judge(
    rules: Sequence[Criteria], worker: Worker, *, not_before: date, year_ends_on: date, waited: bool = False
) -> Verdict:
    """Whether the employee may choose the plan; meeting one of several rules is enough, the earliest start counts.

    Args:
        not_before: first day the window offers (a plan year's start, or today for a new hire).
        year_ends_on: coverage of this plan year cannot start later.
        waited: the employee is covered already, so that no waiting period begins again.
    """
    verdicts = [_judge_one(rule, worker, not_before, year_ends_on, waited=waited) for rule in rules or [Criteria()]]
    return min(verdicts, key=lambda verdict: (len(verdict.reasons), verdict.starts_on))


def _judge_one(rule: Criteria, worker: Worker, not_before: date, year_ends_on: date, *, waited: bool) -> Verdict:
    first = first_covered_day(worker.hired_on, rule.waiting_days, rule.starts_first_of_month)
    starts_on = not_before if waited else max(first, not_before)
    reasons = missing(rule, worker)
    if not reasons and starts_on > year_ends_on:
        reasons = (Reason.WAITING,)
    return Verdict(reasons, starts_on)
