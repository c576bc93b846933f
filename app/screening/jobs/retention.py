"""What is kept of a case is destroyed when its time is over, here and at the provider."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.connections.services import calling
from app.core.db import fetch
from app.core.events import Regulation, Risk, record, system
from app.core.jobs import Repeat, Run, job
from app.integrations.failures import Gone, NotFound
from app.integrations.screening import Ability
from app.screening.models import Candidate, ScreeningRequest
from app.screening.services import retention


@job("screening.dispose", every="day", timeout=3600)
def dispose(run: Run) -> None:
    """A few cases in each transaction, until nothing is due."""
    while True:
        with run.step() as session:
            made = retention.dispose_due(session, system(run.kind))
        if not made:
            break
    with run.finish():
        pass


@job("screening.erase_at_provider", on=["screening.candidate.erased"], repeat=Repeat.SAFE, timeout=300)
def erase_at_provider(run: Run) -> None:
    """Have each provider that can delete what identifies the candidate; one that forgot them already has done it."""
    with run.step() as session:
        known = _known(session, run.subject_id)
    for candidate_id, link in known:
        with calling.open_provider(link, about=("candidate", run.subject_id), earlier=run.attempt - 1) as to:
            settled = to.ask(to.screening.erase_candidate(candidate_id))
            if not isinstance(settled.failure, NotFound | Gone):
                calling.take(settled)
    with run.finish() as session:
        if known:
            candidate = fetch(session, Candidate, run.subject_id)
            record(
                session, system(run.kind), "screening.candidate.erased_at_provider", candidate, new={"providers": len(known)},
                risk=Risk.MEDIUM, regulation=Regulation.FCRA,
            )  # fmt: skip


def _known(session: Session, candidate_id: UUID) -> list[tuple[str, calling.Link]]:
    """What connections that can erase call the candidate."""
    query = (
        sa.select(ScreeningRequest.connection_id, ScreeningRequest.provider_candidate_id)
        .where(ScreeningRequest.candidate_id == candidate_id, ScreeningRequest.provider_candidate_id != "")
        .distinct()
    )
    rows = session.execute(query).all()
    links = [(row.provider_candidate_id, calling.http_link(session, row.connection_id)) for row in rows]
    return [(theirs, link) for theirs, link in links if link is not None and _erases(link)]


def _erases(link: calling.Link) -> bool:
    factory = link.manifest.screening
    return factory is not None and Ability.ERASE in factory(link.config).abilities
