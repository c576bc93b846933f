"""What coverage costs: the rate that applies, the employer's share, and both per paycheck.

Money is Decimal dollars, rounded half up to the cent. Per paycheck, the total and the employee's part are each rounded once and the
employer's part is the rest, so the two always add up to the total. Over a year the rounded deductions drift from twelve monthly
shares by at most half a cent per paycheck (26 cents for weekly pay); `yearly_drift` says by how much, payroll settles it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from app.benefits.rules.words import ContributionType, Tier

PAYCHECKS = {"weekly": 52, "biweekly": 26, "semimonthly": 24, "monthly": 12}
CENT = Decimal("0.01")
OLDEST = 150


def cents(amount: Decimal) -> Decimal:
    """Rounded half up to the cent."""
    return amount.quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Rate:
    """Monthly premium of a tier for an age band (inclusive) and a salary band (from inclusive, to exclusive)."""

    tier: str
    monthly_premium: Decimal
    effective_on: date
    age_from: int = 0
    age_to: int = OLDEST
    salary_from: Decimal = Decimal(0)
    salary_to: Decimal | None = None

    def fits(self, tier: Tier, age: int | None, salary: Decimal | None, on: date) -> bool:
        """Whether the rate applies. An unknown age or salary fits only a rate without that band."""
        return self.tier == tier and self.effective_on <= on and self._fits_age(age) and self._fits_salary(salary)

    def _fits_age(self, age: int | None) -> bool:
        if age is None:
            return self.age_from == 0 and self.age_to >= OLDEST
        return self.age_from <= age <= self.age_to

    def _fits_salary(self, salary: Decimal | None) -> bool:
        if salary is None:
            return self.salary_from == 0 and self.salary_to is None
        return self.salary_from <= salary and (self.salary_to is None or salary < self.salary_to)


def rate_on(rates: Iterable[Rate], tier: Tier, age: int | None, salary: Decimal | None, on: date) -> Rate | None:
    """The rate of a day: of those that fit, the newest; of several of one day, the narrowest band. None: not priced."""
    fitting = [rate for rate in rates if rate.fits(tier, age, salary, on)]
    return max(fitting, key=lambda rate: (rate.effective_on, rate.age_from, rate.salary_from), default=None)


@dataclass(frozen=True, slots=True)
class Contribution:
    """What the employer pays: a share in percent, or a flat monthly amount, up to a monthly cap."""

    effective_on: date
    tier: str | None = None
    employee_class: str | None = None
    percent: Decimal | None = None
    flat_amount: Decimal | None = None
    monthly_cap: Decimal | None = None

    def of(self, premium: Decimal) -> Decimal:
        """Monthly dollars of a monthly premium; never more than the premium (§6.3: at most 100 %)."""
        share = self.flat_amount or Decimal(0)
        if self.percent is not None:
            share = cents(premium * self.percent / 100)
        if self.monthly_cap is not None:
            share = min(share, self.monthly_cap)
        return max(Decimal(0), min(share, premium))


def contribution_on(rules: Iterable[Contribution], tier: Tier, employee_class: str, on: date) -> Contribution | None:
    """The most specific rule in force: for class and tier, then for the class, then for the tier, then for all; the newest of those."""
    fitting = [
        rule
        for rule in rules
        if rule.effective_on <= on and rule.tier in (None, tier) and rule.employee_class in (None, employee_class)
    ]
    return max(fitting, key=_specificity, default=None)


def _specificity(rule: Contribution) -> tuple[bool, bool, date]:
    return rule.employee_class is not None, rule.tier is not None, rule.effective_on


@dataclass(frozen=True, slots=True)
class Cost:
    """One coverage: monthly and per paycheck. `employee + employer == total`, to the cent."""

    monthly_premium: Decimal
    monthly_employee: Decimal
    paychecks: int
    total: Decimal
    employee: Decimal
    employer: Decimal

    @property
    def yearly_drift(self) -> Decimal:
        """Dollars the year's deductions are above (or below) twelve monthly shares."""
        return self.employee * self.paychecks - self.monthly_employee * 12


def cost(
    monthly_premium: Decimal,
    contribution: Contribution | None,
    pay_frequency: str,
    contribution_type: str = ContributionType.PRE_TAX,
) -> Cost:
    """Split a monthly premium between employee and employer, per paycheck.

    Raises:
        KeyError: unknown pay frequency.
    """
    paychecks = PAYCHECKS[pay_frequency]
    employer = contribution.of(monthly_premium) if contribution else Decimal(0)
    if contribution_type == ContributionType.EMPLOYER_PAID:
        employer = monthly_premium
    elif contribution_type == ContributionType.EMPLOYEE_PAID:
        employer = Decimal(0)
    monthly_employee = monthly_premium - employer
    total = cents(monthly_premium * 12 / paychecks)
    employee = cents(monthly_employee * 12 / paychecks)
    return Cost(monthly_premium, monthly_employee, paychecks, total, employee, total - employee)
