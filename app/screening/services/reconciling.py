"""What a provider says becomes our rows, whatever the order in which it was heard. A webhook is only a hint: the object is fetched again.

An answer counts only if no other one was applied since it was asked for (`looks`): else it may be the older one, and is asked for anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.connections.models import Connection
from app.core.clock import now, today
from app.core.db import fetch
from app.core.events import Actor, Regulation, Risk, record
from app.integrations.screening import AdverseItem, Check, Invitation, Report, Status
from app.screening.models import CheckResult, ScreeningRequest
from app.screening.rules import mapping, outcomes
from app.screening.rules.states import Bucket, OrderState, ResultStatus
from app.screening.services import adverse, records
from app.screening.services.progress import refresh

EVERY = timedelta(hours=6)
"""How often an open request is looked at when no event comes."""


@dataclass(frozen=True, slots=True)
class Look:
    """What to fetch, and how much had been applied when it was decided to."""

    request_id: UUID
    connection_id: UUID
    invitation_id: str
    report_id: str
    looks: int


def look(session: Session, request_id: UUID) -> Look | None:
    """What to ask the provider about a request; None when nothing is open there."""
    request = fetch(session, ScreeningRequest, request_id)
    if request.order_state != OrderState.PLACED or not (request.provider_report_id or request.provider_invitation_id):
        return None
    return Look(
        request.id, request.connection_id, request.provider_invitation_id, request.provider_report_id, request.looks
    )  # fmt: skip


def found_by(session: Session, connection_id: UUID, resource: str, ref: str) -> Sequence[UUID]:
    """Requests an event is about, by the provider's id of report, invitation or candidate."""
    column = {
        "report": ScreeningRequest.provider_report_id,
        "invitation": ScreeningRequest.provider_invitation_id,
        "candidate": ScreeningRequest.provider_candidate_id,
    }[resource]
    query = sa.select(ScreeningRequest.id).where(ScreeningRequest.connection_id == connection_id, column == ref)
    return session.scalars(query.order_by(ScreeningRequest.id)).all() if ref else []


def apply(
    session: Session,
    actor: Actor,
    seen: Look,
    invitation: Invitation | None,
    report: Report | None,
    items: Sequence[AdverseItem] | None = None,
    expected_on: date | None = None,
) -> bool:
    """Write what the provider said; False when another answer came in between and it must be asked again.

    Args:
        items: the records a notice can name; None: they were not asked for.
    """
    request = fetch(session, ScreeningRequest, seen.request_id, lock=True)
    if request.looks != seen.looks:
        return False
    request.looks += 1
    request.next_poll_at = now() + EVERY
    if invitation is not None and report is None:
        _apply_invitation(session, actor, request, invitation)
    if report is not None:
        _apply_report(session, actor, request, report)
    if items is not None:
        records.keep(session, request, items)
    if expected_on is not None:
        request.estimated_completion_on = expected_on
    return True


def apply_pushed(session: Session, actor: Actor, request: ScreeningRequest, report: Report) -> None:
    """Write what a file says; `report` is everything that any file said of this order. The caller holds the row's lock.

    Whatever was asked for before is thrown away. What happened before the report was complete for the first time is no revision of it.
    """
    request.looks += 1
    if request.completed_at is None:
        request.revised_at = None
    _apply_report(session, actor, request, report)


def _apply_invitation(session: Session, actor: Actor, request: ScreeningRequest, invitation: Invitation) -> None:
    old = request.provider_status
    request.provider_status, request.provider_code = invitation.status.value, invitation.code
    request.provider_report_id = invitation.report_id or request.provider_report_id
    if invitation.url:
        request.invitation_url = invitation.url
    refresh(request)
    _told(session, actor, request, old)


def _apply_report(session: Session, actor: Actor, request: ScreeningRequest, report: Report) -> None:
    old, was_complete = request.provider_status, request.provider_status == Status.COMPLETE
    revised = (
        report.revised_at is not None and request.revised_at is not None and report.revised_at > request.revised_at
    )
    request.provider_report_id, request.provider_status = report.id, report.status.value
    request.provider_result, request.includes_canceled = report.result.value, report.includes_canceled
    request.provider_code = " ".join(filter(None, (report.codes.get("status"), report.codes.get("result"))))
    request.ordered_refs = sorted(report.ordered)
    request.revised_at = report.revised_at or request.revised_at
    request.estimated_completion_on = report.expected_on or request.estimated_completion_on
    court = _keep_checks(session, request, report.checks)
    request.clear = outcomes.is_clear(_as_rules(report))
    refresh(request, court=court)
    _told(session, actor, request, old)
    _follow(session, actor, request, was_complete=was_complete, revised=revised)


def _as_rules(report: Report) -> outcomes.Report:
    """The report as the rule reads it: without what is no part of a consumer report."""
    counted = tuple(
        outcomes.Check(check.ref, check.status, check.result) for check in report.checks if check.reportable
    )
    return outcomes.Report(report.status, report.result, report.ordered, counted, report.includes_canceled)


def _keep_checks(session: Session, request: ScreeningRequest, checks: Sequence[Check]) -> bool:
    """Write each search; returns whether an open one waits for a court."""
    query = sa.select(CheckResult).where(CheckResult.request_id == request.id)
    known = {row.ref: row for row in session.scalars(query)}
    for check in checks:
        row = known.get(check.ref)
        if row is None:
            row = CheckResult(request_id=request.id, ref=check.ref, kind=check.kind, delay_reason="")
            session.add(row)
        _fill(row, check)
        known[check.ref] = row
    return any(row.delay_reason.startswith("court") and row.completed_at is None for row in known.values())


def _fill(row: CheckResult, check: Check) -> None:
    row.check_type = mapping.check_type(check.kind).value
    row.criminal = mapping.check_type(check.kind) in mapping.BEHIND_THE_WALL
    row.reportable = check.reportable
    row.provider_status, row.provider_result, row.provider_code = check.status.value, check.result.value, check.code
    row.check_status = mapping.check_status(check.status).value
    result = mapping.result_status(check.status, check.result)
    if row.result_status != result.value:
        row.result_status, row.severity = result.value, mapping.severity(result).value
        row.recommendation = mapping.recommendation(result).value
        row.review_required = result not in (ResultStatus.CLEAR, ResultStatus.PENDING_REVIEW)
        row.reviewed_at = row.reviewed_by_user_id = None
    if check.status is Status.COMPLETE and row.completed_at is None:
        row.completed_at, row.checked_on = now(), today()


def _told(session: Session, actor: Actor, request: ScreeningRequest, old: str) -> None:
    """The provider's status moved: one event, for the trail and for whoever waits."""
    if request.provider_status == old:
        return
    request.last_event_at = now()
    risk = Risk.HIGH if request.provider_status == Status.UNMAPPED else Risk.LOW
    record(
        session, actor, "screening.report.changed", request, old={"status": old}, new={"status": request.provider_status},
        risk=risk, regulation=Regulation.FCRA,
    )  # fmt: skip


def _follow(session: Session, actor: Actor, request: ScreeningRequest, *, was_complete: bool, revised: bool) -> None:
    """What a change of the report means for the case."""
    if request.provider_status == Status.DISPUTE and not request.dispute_open:
        adverse.dispute_opened(session, actor, request, _dispute_ref(request), today())
    elif request.dispute_open and request.provider_status == Status.COMPLETE:
        adverse.dispute_closed(session, actor, request, _dispute_ref(request), today())
    if request.provider_status != Status.COMPLETE:
        return
    if revised:
        adverse.revise(session, actor, request)
    if revised or not was_complete:
        name = "screening.report.revised" if revised else "screening.report.completed"
        record(session, actor, name, request, new={"number": request.number}, regulation=Regulation.FCRA)


def _dispute_ref(request: ScreeningRequest) -> str:
    return f"provider:{request.provider_report_id}"


def waiting_of(session: Session, application_id: UUID) -> Sequence[UUID]:
    """Requests of an application that have not gone out yet."""
    query = sa.select(ScreeningRequest.id).where(
        ScreeningRequest.application_id == application_id, ScreeningRequest.order_state == OrderState.NONE.value,
        ScreeningRequest.canceled_at.is_(None),
    )  # fmt: skip
    return session.scalars(query.order_by(ScreeningRequest.id)).all()


def due_looks(session: Session, limit: int = 500) -> Sequence[UUID]:
    """Open requests nobody has heard of for a while, the longest silent first."""
    query = (
        sa.select(ScreeningRequest.id)
        .join(Connection, Connection.id == ScreeningRequest.connection_id)
        .where(
            sa.func.coalesce(Connection.settings["method"].astext, "api") == "api",  # files come by themselves
            ScreeningRequest.next_poll_at <= now(), ScreeningRequest.order_state == OrderState.PLACED.value,
            ScreeningRequest.bucket != Bucket.DONE.value,
        )
        .order_by(ScreeningRequest.next_poll_at)
        .limit(limit)
    )  # fmt: skip
    return session.scalars(query).all()
