"""What the recruiter hears of an order: it ran out, or is complete (lost and refused ones: `watching`). Never what a report says."""

from __future__ import annotations

from app.core.db import fetch
from app.core.events import system
from app.core.jobs import Run, job
from app.integrations.screening import Status
from app.screening.jobs.links import tell_recruiter
from app.screening.models import ScreeningRequest


@job("screening.tell_expired", on=["screening.report.changed"])
def tell_expired(run: Run) -> None:
    """The candidate did not fill in the provider's form in time."""
    with run.finish() as session:
        request = fetch(session, ScreeningRequest, run.subject_id)
        if request.provider_status == Status.INVITATION_EXPIRED and request.canceled_at is None:
            tell_recruiter(
                session, system(run.kind), "screening.invitation_expired", request, dedupe=str(request.retries)
            )


@job("screening.tell_complete", on=["screening.report.completed"])
def tell_complete(run: Run) -> None:
    """Complete, and nothing more: the same words whatever was found."""
    with run.finish() as session:
        request = fetch(session, ScreeningRequest, run.subject_id)
        tell_recruiter(session, system(run.kind), "screening.report_complete", request)
