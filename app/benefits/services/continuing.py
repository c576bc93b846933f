"""A coverage goes on in the same plan on other terms: at the turn of a plan year, or because somebody left it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.benefits.models import CoveredDependent, Enrollment
from app.benefits.rules.numbers import Series
from app.benefits.rules.words import CarrierStatus, Election, EnrollmentStatus, EnrollmentType
from app.benefits.services.coverage import cut_short
from app.benefits.services.making import add_coverage, beneficiaries_of, priced
from app.benefits.services.numbering import take_numbers
from app.benefits.services.offers import Household, Offer
from app.core.clock import now
from app.core.events import Actor
from app.people.models import Dependent


def staying(session: Session, household: Household, enrollment_id: UUID, on: date) -> list[Dependent]:
    """The dependents whom an enrollment covers on a day and later."""
    query = sa.select(CoveredDependent.dependent_id).where(
        CoveredDependent.enrollment_id == enrollment_id,
        sa.or_(CoveredDependent.ends_on.is_(None), CoveredDependent.ends_on >= on),
    )
    ids = set(session.scalars(query))
    return [person for person in household.dependents if person.id in ids]


def go_on(
    session: Session, actor: Actor, old: Enrollment, found: Offer, kind: EnrollmentType, starts_on: date, **more: Any
) -> Enrollment:
    """The approved enrollment that replaces the old one from a day on, with its beneficiaries; the old one ends the day before.

    Args:
        more: further columns of the new enrollment.
    """
    row = Enrollment(
        id=uuid7(),
        number=take_numbers(session, Series.ENROLLMENT, now().year, 1)[0],
        employee_id=old.employee_id,
        coverage_type=old.coverage_type,
        election=Election.KEEP.value,
        enrollment_type=kind.value,
        status=EnrollmentStatus.APPROVED.value,
        carrier_status=CarrierStatus.READY.value,
        carrier_status_at=now(),
        coverage_starts_on=starts_on,
        effective_on=starts_on,
        approved_at=now(),
        replaces_id=old.id,
        **more,
        **priced(found),
    )
    session.add(row)
    add_coverage(session, row, found, beneficiaries_of(session, old.id))
    session.flush()
    cut_short(session, actor, old, starts_on - timedelta(days=1), reason=f"replaced by {row.number}")
    return row
