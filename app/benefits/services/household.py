"""An employee with family, pay and place, as the rules of eligibility and price see them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.benefits.services.offers import Household
from app.core.access import Can
from app.core.events import Actor
from app.people import services as people
from app.people.models import Employee, Region


def household_of(session: Session, actor: Actor, employee: Employee) -> Household:
    """Opened once per decision: each field is a decryption."""
    code = session.scalar(sa.select(Region.code).where(Region.id == employee.region_id)) or ""
    return Household.of(employee, code, people.dependents(session, actor, employee.id, Can.ENROLL_OWN))
