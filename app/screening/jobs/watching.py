"""Timers are rows: every hour somebody is told what is due. No job takes a step that a person must take."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.clock import today
from app.core.db import fetch
from app.core.events import system
from app.core.jobs import Run, job
from app.notices import services as notices
from app.screening.models import CaseNotice, ScreeningRequest
from app.screening.rules.adverse import NOTIFIED
from app.screening.rules.outcomes import Decision
from app.screening.rules.states import OrderState
from app.screening.services import watching
from app.screening.services.watching import Overdue


@job("screening.watch_cases", every="hour")
def watch_cases(run: Run) -> None:
    """Whose time to answer is over, which dispute takes long, which report is late: each is told once."""
    with run.finish() as session:
        for found in watching.answered_out(session):
            _tell(session, run, "screening.case.due", found, watching.judges(session, found.request))
        for found in watching.disputed_long(session, today()):
            _tell(session, run, "screening.case.disputed", found, watching.judges(session, found.request))
        for found in watching.not_complete(session, today()):
            people = watching.orderers(session, found.request)
            _tell(session, run, "screening.report.late", found, people, path=f"/screening/requests/{found.request.id}")


@job("screening.tell_review", on=["screening.report.completed", "screening.report.revised"])
def tell_review(run: Run) -> None:
    """A report that is not clear waits for an adjudicator."""
    with run.finish() as session:
        request = fetch(session, ScreeningRequest, run.subject_id)
        if not request.clear and request.decision == Decision.PENDING:
            found = Overdue(request, f"review:{request.revised_at}")
            _tell(session, run, "screening.case.review", found, watching.judges(session, request))


@job("screening.tell_not_ordered", on=["screening.request.uncertain", "screening.request.refused"])
def tell_not_ordered(run: Run) -> None:
    """Nobody knows whether an order arrived, or the provider said no: whoever asked for it has to look."""
    with run.finish() as session:
        request = fetch(session, ScreeningRequest, run.subject_id)
        if request.order_state in (OrderState.UNKNOWN, OrderState.REFUSED):
            kind, people = f"screening.order.{request.order_state}", watching.orderers(session, request)
            found = Overdue(request, str(run.intent_id))
            _tell(session, run, kind, found, people, path=f"/screening/requests/{request.id}")


@job("screening.tell_answered", on=["screening.case.answered"])
def tell_answered(run: Run) -> None:
    """The candidate or the provider has said something in a case."""
    with run.finish() as session:
        request = fetch(session, ScreeningRequest, run.subject_id)
        if request.stage in NOTIFIED:
            _tell(
                session,
                run,
                "screening.case.answered",
                Overdue(request, str(run.intent_id)),
                watching.judges(session, request),
            )


@job("screening.tell_bounced", on=["screening.notice.bounced"])
def tell_bounced(run: Run) -> None:
    """A letter came back."""
    with run.finish() as session:
        row = fetch(session, CaseNotice, run.subject_id)
        request = fetch(session, ScreeningRequest, row.request_id)
        found = Overdue(request, f"bounced:{row.id}")
        _tell(
            session, run, "screening.case.bounced", found, watching.judges(session, request), path="/screening/letters"
        )


def _tell(session: Session, run: Run, kind: str, found: Overdue, people: Iterable[UUID], path: str = "") -> None:
    for user_id in people:
        notices.issue(
            session, system(run.kind), kind, subject=("screening_request", found.request.id),
            context={"number": found.request.number, "days": found.days}, user_id=user_id,
            link_path=path or f"/screening/cases/{found.request.id}", dedupe=found.mark,
        )  # fmt: skip
