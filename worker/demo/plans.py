"""Two plan years with seven plans each, their rates, contributions and rules of eligibility."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from app.benefits.rules.pricing import Rate
from app.benefits.rules.words import ContributionType
from app.domains import benefits
from app.domains import connections as links


class Offer(NamedTuple):
    code: str
    carrier: str
    coverage: str
    name: str
    line: str
    network: str
    tier: str
    summary: str
    deductible: int
    out_of_pocket: int
    copay: int
    premium: str  # monthly, employee only
    employer_percent: int
    hsa: bool = False


SIX = (
    Offer("MED-PPO", "EVERGREEN", "health", "Silver PPO", "PPO", "PPO", "standard",
          "See any doctor; pay less inside the network.", 750, 4500, 25, "612.40", 75),
    Offer("MED-HDHP", "EVERGREEN", "health", "Bronze HDHP with HSA", "PPO", "PPO", "basic",
          "Lowest cost per paycheck; you pay more until the deductible, and may save tax-free in an HSA.", 2000, 6500, 0, "431.10", 80, True),
    Offer("MED-HMO", "EVERGREEN", "health", "Gold HMO", "HMO", "HMO", "enhanced",
          "No deductible; choose a primary doctor who refers you.", 0, 3000, 20, "688.75", 70),
    Offer("DEN-PPO", "EVERGREEN", "dental", "Dental PPO", "DEN", "PPO", "standard",
          "Two cleanings a year at no cost, fillings at 80 %.", 50, 1500, 0, "41.60", 60),
    Offer("DEN-BASIC", "EVERGREEN", "dental", "Dental Basic", "DEN", "PPO", "basic",
          "Check-ups and fillings; no orthodontics.", 100, 1000, 0, "24.20", 60),
    Offer("VIS-STD", "BRIGHTLINE", "vision", "Vision Standard", "VIS", "PPO", "standard",
          "An eye test each year, frames or contact lenses every two.", 0, 500, 10, "9.80", 50),
)  # fmt: skip
LIFE = Offer(
    "LIFE-50", "HARBOR", "life", "Voluntary Life $50,000", "LIF", "Indemnity", "standard",
    "Your beneficiaries receive $50,000. The price follows your age.", 0, 0, 0, "0", 0,
)  # fmt: skip
OFFERS = (*SIX, LIFE)
AGES = ((0, 29, "2.75"), (30, 39, "4.10"), (40, 49, "9.60"), (50, 59, "24.30"), (60, 150, "52.80"))
"""What life insurance costs a month by age. A flat price would ask the young to pay for the old."""
FACTORS = {"EMP": Decimal(1), "ESP": Decimal("2.1"), "ECH": Decimal("1.85"), "FAM": Decimal("2.9")}
RAISE = Decimal("1.045")
CENT = Decimal("0.01")
NETWORKS = {"EVERGREEN": "Evergreen Choice", "BRIGHTLINE": "BrightLine Eye"}


class Year(NamedTuple):
    """A plan year, its plans in the order of `OFFERS`, and what each costs a month."""

    row: benefits.PlanYear
    plans: list[benefits.BenefitPlan]
    rates: dict[UUID, list[Rate]]


def make_years(session: Session, today: date, carriers: dict[str, links.Connection]) -> dict[int, Year]:
    """This year's plans and next year's, which cost 4.5 % more."""
    return {
        year: _year(session, year, carriers, Decimal(1) if year == today.year else RAISE)
        for year in (today.year, today.year + 1)
    }


def _year(session: Session, number: int, carriers: dict[str, links.Connection], factor: Decimal) -> Year:
    row = benefits.PlanYear(
        name=str(number), starts_on=date(number, 1, 1), ends_on=date(number, 12, 31), is_published=True
    )
    session.add(row)
    year = Year(row, [], {})
    for place, offer in enumerate(OFFERS):
        plan = _plan(session, row, offer, carriers[offer.carrier], place)
        year.plans.append(plan)
        year.rates[plan.id] = _rates(offer, row.starts_on, factor)
        session.add_all(
            benefits.PlanRate(
                plan_id=plan.id, tier=rate.tier, monthly_premium=rate.monthly_premium, effective_on=rate.effective_on,
                age_from=rate.age_from, age_to=rate.age_to,
            )
            for rate in year.rates[plan.id]
        )  # fmt: skip
    return year


def _rates(offer: Offer, day: date, factor: Decimal) -> list[Rate]:
    if offer is LIFE:
        return [Rate("EMP", (Decimal(price) * factor).quantize(CENT), day, young, old) for young, old, price in AGES]
    return [
        Rate(tier, (Decimal(offer.premium) * factor * times).quantize(CENT), day) for tier, times in FACTORS.items()
    ]


def _plan(
    session: Session, year: benefits.PlanYear, offer: Offer, carrier: links.Connection, place: int
) -> benefits.BenefitPlan:
    plan = benefits.BenefitPlan(
        plan_year_id=year.id, connection_id=carrier.id, coverage_type=offer.coverage, name=offer.name, plan_code=offer.code,
        carrier_plan_code=offer.code, insurance_line=offer.line, network_type=offer.network,
        provider_network=NETWORKS.get(offer.carrier, ""),
        plan_tier=offer.tier, summary=offer.summary, deductible_amount=Decimal(offer.deductible),
        deductible_family=Decimal(offer.deductible * 2), out_of_pocket_max=Decimal(offer.out_of_pocket),
        out_of_pocket_max_family=Decimal(offer.out_of_pocket * 2), copay_amount=Decimal(offer.copay),
        coinsurance_percentage=Decimal(0 if offer is LIFE else 20), hsa_eligible=offer.hsa, sort_order=place,
    )  # fmt: skip
    session.add(plan)
    if offer is LIFE:
        plan.coverage_amount, plan.requires_beneficiary = Decimal(50_000), True
        plan.contribution_type = ContributionType.EMPLOYEE_PAID.value
    else:
        percent = Decimal(offer.employer_percent)
        session.add(benefits.ContributionRule(plan_id=plan.id, percent=percent, effective_on=year.starts_on))
    session.add(benefits.EligibilityRule(plan_id=plan.id, min_weekly_hours=Decimal(30), starts_first_of_month=True))
    return plan
