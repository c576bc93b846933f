"""How the company screens. Read here by everybody; changed on the policy page."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.core.db import current_tenant
from app.screening.models import ScreeningPolicy


def policy(session: Session) -> ScreeningPolicy:
    """The company's policy; one that was never set holds the defaults, and is not saved by reading it."""
    company_id = current_tenant()
    found = session.get(ScreeningPolicy, (company_id, company_id))
    return found if found is not None else defaults()


def defaults() -> ScreeningPolicy:
    """What holds while nobody has set anything; in no session."""
    company_id = current_tenant()
    return ScreeningPolicy(
        id=company_id, company_id=company_id, staff=None, second_person=False, adverse_days=7, consent_days=90, stale_days=3,
        sends_letters=False, contact_name="", contact_phone="", contact_email="", reconsideration="", cori_policy="",
    )  # fmt: skip
