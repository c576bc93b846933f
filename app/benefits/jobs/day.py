"""What jobs that follow the calendar share: the employer's date and where notices go."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from app.core.clock import today
from app.core.db import current_tenant, fetch
from app.notices.models import Channel
from app.people.models import Company

EVERYWHERE = (Channel.EMAIL, Channel.IN_APP)


def company_today(session: Session) -> date:
    """The date at the employer."""
    return today(fetch(session, Company, current_tenant()).time_zone)
