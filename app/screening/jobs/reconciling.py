"""What providers say is fetched and applied: after each event, and every few hours without one."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.connections import services as connections
from app.connections.models import Connection, InboxItem, InboxState
from app.connections.services import calling
from app.core.clock import now
from app.core.db import fetch
from app.core.events import system
from app.core.jobs import Retry, Run, enqueue, job
from app.integrations.failures import NotFound
from app.integrations.protection.retry import Next
from app.integrations.registry import adapter
from app.integrations.screening import Ability, AdverseItem, Invitation, Report, Result, Status
from app.screening.models import ScreeningRequest
from app.screening.services import reconciling, rulings
from app.screening.services.gate import release
from app.screening.services.reconciling import Look

PATIENCE = timedelta(minutes=15)
"""How long an event about something we do not know yet is looked at again: its order may just be being written down."""


@job("screening.read_event", on=["connections.event.received"], max_attempts=30)
def read_event(run: Run) -> None:
    """Find out what an event is about and look at it. The event itself is never believed."""
    with run.step() as session:
        item = fetch(session, InboxItem, run.subject_id)
        connection = fetch(session, Connection, item.connection_id)
        if item.state != InboxState.RECEIVED or adapter(connection.adapter).screening is None:
            return
        about = _about(session, connection.id, item.resource, item.resource_ref)
        fresh = now() - item.received_at < PATIENCE
    if item.resource == "package":
        _packages_changed(run, connection.id)
        return
    if about is None:
        about = _asked(run, connection.id, item.resource, item.resource_ref)
    if not about and fresh:
        raise Retry("subject-unknown", 30)
    with run.finish() as session:
        for request_id in about:
            enqueue(session, "screening.look", request_id, key=f"event:{run.subject_id}:{request_id}")
        state = InboxState.APPLIED if about else InboxState.UNMAPPED
        problem = "" if about else "Nobody here ordered what this is about. Look at it in the provider's portal."
        connections.mark(session, system(run.kind), item.id, state, kind="event", problem=problem)


def _packages_changed(run: Run, connection_id: UUID) -> None:
    """What the provider sells is read anew."""
    with run.finish() as session:
        enqueue(session, "screening.read_packages", connection_id, key=f"event:{run.subject_id}")
        connections.mark(session, system(run.kind), run.subject_id, InboxState.APPLIED, kind="event")


def _about(session: Session, connection_id: UUID, resource: str, ref: str) -> list[UUID] | None:
    """Requests the event is about; None when only the provider can say."""
    if resource in ("report", "invitation", "candidate"):
        return list(reconciling.found_by(session, connection_id, resource, ref)) or None
    return [] if resource != "adverse_action" else None


def _asked(run: Run, connection_id: UUID, resource: str, ref: str) -> list[UUID]:
    """By the report an adverse action or an unknown report belongs to."""
    with run.step() as session:
        link = calling.link_of(session, connection_id)
    with calling.open_provider(link, about=("inbox_item", run.subject_id), earlier=run.attempt - 1) as to:
        candidate_id = _candidate_of(to, resource, ref)
    with run.step() as session:
        return list(reconciling.found_by(session, connection_id, "candidate", candidate_id))


def _candidate_of(to: calling.Provider, resource: str, ref: str) -> str:
    """Empty when the provider does not know it either."""
    if not ref or resource not in ("report", "invitation"):
        return ""
    report = resource == "report"
    settled = to.ask(to.screening.get_report(ref) if report else to.screening.get_invitation(ref))
    if isinstance(settled.failure, NotFound):
        return ""
    answer = calling.take(settled)
    return (to.screening.read_report(answer) if report else to.screening.read_invitation(answer)).candidate_id


@job("screening.look", on=["screening.request.ordered", "screening.request.found"], max_attempts=60, timeout=300)
def look(run: Run) -> None:
    """Fetch one request's invitation and report and apply them."""
    with run.step() as session:
        seen = reconciling.look(session, run.subject_id)
        link = calling.http_link(session, seen.connection_id) if seen else None
    if seen is None or link is None:
        return
    with calling.open_provider(link, about=("screening_request", seen.request_id), earlier=run.attempt - 1) as to:
        invitation, report = _fetched(to, seen)
        items, expected_on = _more(to, report)
    with run.step() as session:
        applied = reconciling.apply(session, system(run.kind), seen, invitation, report, items, expected_on)
    if not applied:
        raise Retry("answer-overtaken", 1)
    with run.finish():
        pass


def _fetched(to: calling.Provider, seen: Look) -> tuple[Invitation | None, Report | None]:
    invitation, report_id = None, seen.report_id
    if not report_id:
        answer = calling.take(to.ask(to.screening.get_invitation(seen.invitation_id)))
        invitation = to.screening.read_invitation(answer)
        report_id = invitation.report_id
    if not report_id:
        return invitation, None
    return invitation, to.screening.read_report(calling.take(to.ask(to.screening.get_report(report_id))))


def _more(to: calling.Provider, report: Report | None) -> tuple[tuple[AdverseItem, ...] | None, date | None]:
    """The records of a report that wants review, and when an open one is expected. That nobody knows when is an answer too."""
    if report is None:
        return None, None
    abilities = to.screening.abilities
    judged = report.status in (Status.COMPLETE, Status.DISPUTE) and Ability.RECORDS in abilities
    if judged and report.result is Result.CONSIDER:
        return _records(to, report.id), None
    if judged and report.result is Result.CLEAR:
        return (), None  # what an earlier version of the report held is gone
    if report.status is Status.IN_PROGRESS and report.expected_on is None and Ability.ETA in abilities:
        answer = to.ask(to.screening.get_eta(report.id)).answer
        return None, to.screening.read_eta(answer) if answer else None
    return None, None


def _records(to: calling.Provider, report_id: str) -> tuple[AdverseItem, ...] | None:
    """None when the provider does not tell them now (a live dispute, for one): what else the report says must not wait for that."""
    settled = to.ask(to.screening.list_adverse_items(report_id))
    if settled.decision is not None and settled.decision.next is Next.STOP:
        return None
    return to.screening.read_adverse_items(calling.take(settled))


@job("screening.poll", every="hour")
def poll(run: Run) -> None:
    """Look at every open request that has been silent: events get lost."""
    with run.finish() as session:
        for request_id in reconciling.due_looks(session):
            enqueue(session, "screening.look", request_id, key=f"poll:{request_id}:{now():%Y%m%d%H}")


@job("screening.release_again", on=["screening.rule.accepted"])
def release_again(run: Run) -> None:
    """A rule was accepted: requests that stopped for it are ruled anew, and go on where nothing else is missing."""
    with run.finish() as session:
        for request_id in rulings.reopen_waiting(session):
            enqueue(session, "screening.release", request_id, key=f"{run.intent_id}:{request_id}")


@job("screening.release")
def release_one(run: Run) -> None:
    """Try the gate again."""
    with run.finish() as session:
        release(session, system(run.kind), fetch(session, ScreeningRequest, run.subject_id, lock=True))


@job("screening.stage_moved", on=["screening.application.moved"])
def stage_moved(run: Run) -> None:
    """Hiring went on: checks of the application that waited for it try the gate again."""
    with run.finish() as session:
        for request_id in reconciling.waiting_of(session, run.subject_id):
            enqueue(session, "screening.release", request_id, key=f"{run.intent_id}:{request_id}")
