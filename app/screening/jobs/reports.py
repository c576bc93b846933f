"""The provider's report as a file: what a candidate gets a copy of, and what an adjudicator reads."""

from __future__ import annotations

from app.connections.services import calling
from app.core.db import fetch
from app.core.events import system
from app.core.jobs import Retry, Run, job
from app.integrations.screening import Ability, StoredDocument
from app.screening.models import ScreeningRequest
from app.screening.services import reports

KINDS = ("pdf_report", "report")


@job("screening.fetch_report", on=["screening.report.completed", "screening.report.revised"], timeout=300)
def fetch_report(run: Run) -> None:
    """Keep the report as it is now. A provider that has none to fetch leaves it to a person, who uploads it."""
    with run.step() as session:
        request = fetch(session, ScreeningRequest, run.subject_id)
        if not request.provider_report_id:
            return
        report_id, link = request.provider_report_id, calling.http_link(session, request.connection_id)
    if link is None:
        return
    with calling.open_provider(link, about=("screening_request", run.subject_id), earlier=run.attempt - 1) as to:
        if Ability.DOCUMENTS not in to.screening.abilities:
            return
        found = _found(to, report_id)
        if found is None:
            raise Retry("report-not-there", 60)
        data = found.data or calling.take(to.fetch(found.url, "documents.fetch")).body
    with run.finish() as session:
        reports.keep(session, system(run.kind), run.subject_id, data)


def _found(to: calling.Provider, report_id: str) -> StoredDocument | None:
    """The newest PDF among the documents of a report."""
    report = to.screening.read_report(calling.take(to.ask(to.screening.get_report(report_id))))
    documents = [
        to.screening.read_document(calling.take(to.ask(to.screening.get_document(one)))) for one in report.documents
    ]
    printed = [
        one for one in documents if one.content_type == "application/pdf" and (one.kind in KINDS or len(documents) == 1)
    ]
    return printed[-1] if printed else None
