"""A candidate whose time is over is erased at the provider too, once, and a provider that forgot them already is content."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from app.connections.models import Exchange
from app.core.clock import now
from app.core.db import current_tenant, transaction
from app.core.events import AuditEvent
from app.core.jobs import enqueue
from app.screening.models import ScreeningRequest
from app.screening.rules.retention import Kept
from sandbox.launch import Running
from tests.feeds.world import run_jobs
from tests.screening import made
from tests.screening.made import Employer

DISPOSE, ERASE = "screening.dispose", "screening.erase_at_provider"


def _ordered(employer: Employer) -> UUID:
    with transaction() as session:
        request_id = made.released(session, employer).id
    run_jobs(kinds=("screening.order",))
    return request_id


def _over(request_id: UUID) -> None:
    then = now() - timedelta(days=6 * 366)
    with transaction() as session:
        session.execute(
            sa.update(ScreeningRequest).where(ScreeningRequest.id == request_id)
            .values(initiated_at=then, decided_at=then, decision="accepted")
        )  # fmt: skip
        enqueue(session, DISPOSE, current_tenant(), key=f"test:{request_id}")


def test_the_provider_forgets_the_candidate(hired: Employer, sandbox: Running) -> None:
    request_id = _ordered(hired)
    with transaction() as session:
        theirs = made.stored(session, request_id).provider_candidate_id
    assert sandbox.client.screening.get("candidate", theirs)["email"]
    _over(request_id)
    assert run_jobs(kinds=(DISPOSE,)) == [DISPOSE]
    assert run_jobs(kinds=(ERASE,)) == [ERASE]
    assert not sandbox.client.screening.get("candidate", theirs)["email"]
    with transaction() as session:
        enqueue(session, ERASE, made.stored(session, request_id).candidate_id, key="again")
    assert run_jobs(kinds=(ERASE,)) == [ERASE]
    with transaction() as session:
        names = session.scalars(sa.select(AuditEvent.name).where(AuditEvent.name.startswith("screening."))).all()
        logged = session.scalars(sa.select(Exchange).where(Exchange.subject_id == request_id)).all()
    assert logged
    assert not any(one.request_body or one.answer_body for one in logged)
    assert names.count("screening.candidate.erased_at_provider") == 2
    assert names.count("screening.request.disposed") == len(Kept)
