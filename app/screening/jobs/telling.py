"""The provider is told of our decision where that sends nobody a letter (docs/adr/0008)."""

from __future__ import annotations

from app.connections.services import calling
from app.core.db import fetch
from app.core.events import Regulation, record, system
from app.core.jobs import Repeat, Run, job
from app.integrations.screening import Ability
from app.screening.models import ScreeningRequest
from app.screening.rules.outcomes import Decision


@job("screening.tell_provider", on=["screening.decision.made"], repeat=Repeat.SAFE)
def tell_provider(run: Run) -> None:
    """Say that we accept the person. A refusal is not told through an interface: providers would send notices of their own."""
    with run.step() as session:
        request = fetch(session, ScreeningRequest, run.subject_id)
        if request.decision != Decision.ACCEPTED or request.clear or not request.provider_report_id:
            return
        report, link = request.provider_report_id, calling.http_link(session, request.connection_id)
    if link is None:
        return
    with calling.open_provider(link, about=("screening_request", run.subject_id), earlier=run.attempt - 1) as to:
        if Ability.ACCEPT not in to.screening.abilities:
            return
        calling.take(to.ask(to.screening.engage(report)))
    with run.finish() as session:
        request = fetch(session, ScreeningRequest, run.subject_id)
        record(
            session, system(run.kind), "screening.provider.told", request, new={"decision": request.decision},
            regulation=Regulation.FCRA,
        )  # fmt: skip
