"""What belongs to a new enrollment: its price, the plan as it stands now, the people it covers, who receives a benefit."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.benefits.models import Beneficiary, CoverageDetails, CoveredDependent, Enrollment
from app.benefits.rules.beneficiaries import Share
from app.benefits.rules.words import BeneficiaryKind
from app.benefits.services.drafts import STALE
from app.benefits.services.offers import Offer
from app.core.errors import Conflict

COPIED = (
    "coverage_type", "plan_code", "coverage_amount", "deductible_amount", "copay_amount", "coinsurance_percentage",
    "out_of_pocket_max", "network_type", "provider_network", "plan_tier", "waiting_period_days", "limitations",
    "additional_benefits",
)  # fmt: skip


def priced(offer: Offer) -> dict[str, object]:
    """The columns of an enrollment that follow from the plan and its price.

    Raises:
        Conflict: the plan is not open to the person any more.
    """
    cost, plan = offer.cost, offer.plan
    if cost is None:
        raise Conflict(STALE)
    return {
        "plan_id": plan.id,
        "connection_id": plan.connection_id,
        "tier": offer.tier.value,
        "contribution_type": plan.contribution_type,
        "employee_contribution_amount": cost.employee,
        "employer_contribution_amount": cost.employer,
        "total_contribution_amount": cost.total,
        "monthly_premium": cost.monthly_premium,
        "auto_renewal": plan.auto_renewal,
    }


def add_coverage(session: Session, enrollment: Enrollment, offer: Offer, beneficiaries: Sequence[Share]) -> None:
    """Keep the plan as it was chosen with the people it covers; a later edit of the plan does not reach here."""
    plan = offer.plan
    copied = {name: getattr(plan, name) for name in COPIED}
    premium = enrollment.monthly_premium or Decimal(0)
    session.add(CoverageDetails(enrollment_id=enrollment.id, plan_name=plan.name, premium_amount=premium, **copied))
    for person in offer.covered:
        starts_on = max(enrollment.coverage_starts_on, person.date_of_birth or enrollment.coverage_starts_on)
        session.add(CoveredDependent(enrollment_id=enrollment.id, dependent_id=person.id, starts_on=starts_on))
    if plan.requires_beneficiary:
        session.add_all(
            Beneficiary(
                enrollment_id=enrollment.id, kind=share.kind.value, name=share.name, relation=share.relation,
                share=share.percent,
            )
            for share in beneficiaries
        )  # fmt: skip


def beneficiaries_of(session: Session, enrollment_id: UUID) -> list[Share]:
    """Who receives the benefit of an enrollment, to go on with a new one."""
    query = sa.select(Beneficiary).where(Beneficiary.enrollment_id == enrollment_id).order_by(Beneficiary.id)
    return [Share(row.name, BeneficiaryKind(row.kind), row.share, row.relation or "") for row in session.scalars(query)]
