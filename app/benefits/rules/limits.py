"""Bounds a plan must keep, with their sources. They change by year, so each is effective-dated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Limit:
    effective_on: date
    amount: Decimal
    source: str


OUT_OF_POCKET = (Limit(date(2020, 1, 1), Decimal(10_000), "benefits specification §6.3"),)
CONTRIBUTION_PERCENT = (Limit(date(2020, 1, 1), Decimal(100), "benefits specification §6.3"),)
WAITING_DAYS = (Limit(date(2014, 1, 1), Decimal(90), "45 CFR 147.116"),)
FAMILY_FACTOR = 2  # 45 CFR 156.130: the family maximum is twice the one for self-only coverage


def limit_on(limits: tuple[Limit, ...], on: date) -> Limit:
    """The limit in force on a day; the first one for any day before it."""
    return max((limit for limit in limits if limit.effective_on <= on), key=lambda x: x.effective_on, default=limits[0])


def plan_problems(values: Mapping[str, Any], on: date) -> dict[str, str]:
    """Field → what to do, for amounts of a plan that break a rule. Empty when all is well."""
    most = limit_on(OUT_OF_POCKET, on).amount
    problems: dict[str, str] = {}
    if values["out_of_pocket_max"] > most:
        problems["out_of_pocket_max"] = "Lower the out-of-pocket maximum to $10,000 or less"
    if values["out_of_pocket_max_family"] > most * FAMILY_FACTOR:
        problems["out_of_pocket_max_family"] = "Lower the family out-of-pocket maximum to $20,000 or less"
    if values["out_of_pocket_max"] and values["deductible_amount"] > values["out_of_pocket_max"]:
        problems["deductible_amount"] = "Lower the deductible: it cannot be more than the out-of-pocket maximum"
    if values["out_of_pocket_max_family"] and values["deductible_family"] > values["out_of_pocket_max_family"]:
        problems["deductible_family"] = "Lower the family deductible: it cannot be more than the family maximum"
    return problems


def contribution_problem(percent: Decimal | None, flat_amount: Decimal | None) -> str:
    """Why a contribution rule cannot be kept, or an empty text."""
    if (percent is None) == (flat_amount is None):
        return "Enter either a percentage or a dollar amount for the employer's share"
    if percent is not None and not 0 <= percent <= limit_on(CONTRIBUTION_PERCENT, date.max).amount:
        return "Enter a percentage from 0 to 100"
    return ""
