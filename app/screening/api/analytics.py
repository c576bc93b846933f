"""How many checks, how long they took, what they cost, and how far candidates came with their link."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Literal
from uuid import UUID

from app.core.access import Can
from app.core.clock import today
from app.core.errors import Invalid
from app.screening.api.blueprint import bp
from app.screening.services import analytics
from app.web.api.endpoints import endpoint
from app.web.api.paging import Input, Output
from app.web.edge import actor, session
from app.web.formats import zone as zone_name


class AnalyticsQuery(Input):
    """Without dates: the last 365 days."""

    date_from: date | None = None
    date_to: date | None = None
    by: Literal["week", "month"] = "month"
    provider_id: UUID | None = None
    package: str = ""


class VolumeOut(Output):
    since: date
    total: int
    by_status: dict[str, int]


class TurnaroundOut(Output):
    """In days, from the order to the complete report. kind: provider, package or county."""

    kind: str
    name: str
    checks: int
    median_days: float
    ninth_decile_days: float


class CostOut(Output):
    """kind: cost_center, billing_method or month."""

    kind: str
    name: str
    currency: str
    checks: int
    total: Decimal
    each: Decimal


class ConsentNumbersOut(Output):
    """Checks by what became of the candidate's link."""

    begun: int
    sent: int
    bounced: int
    opened: int
    signed: int
    declined: int
    withdrawn: int
    reminded: int
    reminders: int
    signed_after_reminder: int


class AnalyticsOut(Output):
    date_from: date
    date_to: date
    volume: list[VolumeOut]
    turnaround: list[TurnaroundOut]
    cost: list[CostOut]
    consent: ConsentNumbersOut


@endpoint(bp, "GET", "/bg-check-analytics/", Can.SCREENING_ANALYZE)
def show_bg_check_analytics(query: AnalyticsQuery) -> AnalyticsOut:
    """Show numbers of background checks."""
    zone = zone_name()
    last = query.date_to or today(zone)
    first = query.date_from or last - timedelta(days=365)
    if first > last:
        raise Invalid({"date_from": "Choose a first day that is not after the last one"})
    asked = analytics.Asked(first, last, query.by, query.provider_id, query.package, zone)
    volume = analytics.volume(session(), actor(), asked)
    turnaround = analytics.turnaround(session(), actor(), asked)
    return AnalyticsOut(
        date_from=first,
        date_to=last,
        volume=[VolumeOut(since=row.since, total=row.total, by_status=row.numbers) for row in volume],
        turnaround=[
            TurnaroundOut(
                kind=row.kind, name=row.name, checks=row.checks, median_days=row.median, ninth_decile_days=row.ninth
            )
            for row in turnaround
        ],
        cost=[CostOut.model_validate(row) for row in analytics.cost(session(), actor(), asked)],
        consent=ConsentNumbersOut.model_validate(analytics.consent(session(), actor(), asked)),
    )  # fmt: skip
