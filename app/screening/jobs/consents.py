"""After a consent: the receipt, who hears of it, and the head of the chain of evidence."""

from __future__ import annotations

from app.core.db import fetch
from app.core.errors import Unavailable
from app.core.events import system
from app.core.jobs import Retry, Run, job
from app.notices import services as notices
from app.screening.documents import render_pdf
from app.screening.jobs.links import LINK, outsider, position_of, tell_recruiter
from app.screening.models import Candidate, ScreeningRequest
from app.screening.services import evidence, links, receipts


@job("screening.make_receipt", on=["screening.consent.given"], timeout=300)
def make_receipt(run: Run) -> None:
    """Print what was signed, tie it to the chain, and mail the candidate a copy."""
    with run.step() as session:
        draft = receipts.draft(session, fetch(session, ScreeningRequest, run.subject_id))
    if draft is None:
        return
    try:
        pdf = render_pdf(draft.html, title=draft.title, language=draft.language)
    except Unavailable as away:
        raise Retry(str(away), 600) from None
    with run.finish() as session:
        file_id = receipts.keep(session, draft, pdf)
        if file_id is None:
            return
        request = fetch(session, ScreeningRequest, run.subject_id)
        notices.issue(
            session, system(run.kind), "screening.receipt", subject=("candidate_link", links.issue(session, request.id).id),
            outsider=outsider(fetch(session, Candidate, request.candidate_id)), link_purpose=LINK, attachment_id=file_id,
            context={"position": position_of(session, request)}, channels=("email",), dedupe=str(file_id),
        )  # fmt: skip


@job("screening.tell_refused", on=["screening.consent.declined", "screening.consent.withdrawn"])
def tell_refused(run: Run) -> None:
    """The recruiter hears that it stops, and no reason."""
    with run.finish() as session:
        tell_recruiter(
            session, system(run.kind), "screening.consent_refused", fetch(session, ScreeningRequest, run.subject_id)
        )


@job("screening.tell_paper", on=["screening.paper.asked"])
def tell_paper(run: Run) -> None:
    """Somebody prefers paper: a person hands it over (15 USC 7001(c)(1)(B))."""
    with run.finish() as session:
        tell_recruiter(
            session, system(run.kind), "screening.paper_wanted", fetch(session, ScreeningRequest, run.subject_id)
        )


@job("screening.seal_evidence", every="day")
def seal_evidence(run: Run) -> None:
    """The head of the chain goes into the audit trail, which is signed and copied away every five minutes."""
    with run.finish() as session:
        evidence.seal_head(session, system(run.kind))
