"""Placing an order at the provider, step by step; each step is a committed fact before the next begins, so nothing is ordered twice."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.connections.services import calling
from app.core.clock import now
from app.core.db import fetch
from app.core.events import Actor, Regulation, Risk, record
from app.core.jobs import enqueue
from app.integrations import screening
from app.screening.models import Candidate, JobApplication, ScreeningRequest, Signature
from app.screening.rules.states import OrderState
from app.screening.services import candidates
from app.screening.services.gate import missing
from app.screening.services.progress import refresh


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything the job needs once the transaction is closed.

    begun_at: an earlier attempt that may have arrived. wanted: False when it was canceled since: then it is only looked for.
    """

    link: calling.Link
    order: screening.Order = field(repr=False)
    candidate: screening.Candidate = field(repr=False)
    provider_candidate_id: str
    candidate_key: str
    order_key: str
    begun_at: datetime | None
    known_orders: frozenset[str]
    wanted: bool


def plan(session: Session, actor: Actor, request_id: UUID) -> Plan | None:
    """What to place; None when there is nothing to do any more. The gate is asked again: consent may have ended meanwhile."""
    request = fetch(session, ScreeningRequest, request_id, lock=True)
    if request.order_state not in (OrderState.RELEASED, OrderState.PLACING):
        return None
    if request.ordering_at is None and not still_wanted(session, actor, request):
        return None
    request.order_state = OrderState.PLACING.value
    return _plan(session, request)


def still_wanted(session: Session, actor: Actor, request: ScreeningRequest) -> bool:
    """The gate once more, just before an order leaves. What may not leave any more goes back to where it waits."""
    if request.canceled_at is not None:
        request.order_state = OrderState.NONE.value
        return False
    lacks = missing(session, request)
    if lacks:
        request.order_state = OrderState.NONE.value
        request.hold_reason = ",".join(lack.piece.value for lack in lacks)
        refresh(request)
        record(session, actor, "screening.request.held", request, new={"missing": request.hold_reason})
    return not lacks


def _plan(session: Session, request: ScreeningRequest) -> Plan:
    link = calling.link_of(session, request.connection_id)
    theirs, order = order_of(session, request, link.callback)
    return Plan(
        link, order, theirs, request.provider_candidate_id,
        order_key(request, "candidate"), order_key(request, "order"), request.ordering_at,
        _known_orders(session, request), request.canceled_at is None,
    )  # fmt: skip


def order_of(
    session: Session, request: ScreeningRequest, callback: screening.Callback | None = None
) -> tuple[screening.Candidate, screening.Order]:
    """Whom to screen, and what for, in the words of every provider."""
    theirs = _candidate(session, request, fetch(session, Candidate, request.candidate_id))
    work = candidates.work_place(fetch(session, JobApplication, request.application_id))
    return theirs, screening.Order(
        package=request.screening_package,
        locations=[screening.WorkLocation(work.country, work.state, work.city, county=work.county)],
        tags=[request.cost_center] if request.cost_center else [],
        candidate=theirs,
        callback=callback,
    )


def order_key(request: ScreeningRequest, what: str) -> str:
    """The same intent always has the same idempotency key; an order a person placed again has a new one. A UUID, version 4 in form."""
    text = f"{request.company_id}|{request.id}|{what}|{request.retries}"
    return str(UUID(bytes=hashlib.sha256(text.encode()).digest()[:16], version=4))


def _candidate(session: Session, request: ScreeningRequest, candidate: Candidate) -> screening.Candidate:
    copies = sa.select(Signature.id).where(Signature.request_id == request.id, Signature.copy_requested.is_(True))
    return screening.Candidate(
        reference=str(request.id), first_name=candidate.first_name, last_name=candidate.last_name, email=candidate.email,
        middle_name=candidate.middle_name or "", phone=candidate.phone or "",
        zip_code=(candidate.residence or {}).get("zip_code", ""),
        copy_requested=session.scalars(copies.limit(1)).first() is not None,
    )  # fmt: skip


def _known_orders(session: Session, request: ScreeningRequest) -> frozenset[str]:
    """Orders of the same candidate that are known, also one of ours that ran out: what a search finds besides them is the new one."""
    query = sa.select(ScreeningRequest.provider_invitation_id).where(
        ScreeningRequest.connection_id == request.connection_id, ScreeningRequest.candidate_id == request.candidate_id,
        ScreeningRequest.provider_invitation_id != "",
    )  # fmt: skip
    return frozenset(session.scalars(query))


def note_candidate(session: Session, request_id: UUID, provider_candidate_id: str) -> None:
    """The provider knows the candidate."""
    fetch(session, ScreeningRequest, request_id, lock=True).provider_candidate_id = provider_candidate_id


def note_attempt(session: Session, request_id: UUID, *, keyed: bool) -> bool:
    """About to order; False when it was canceled in this very moment.

    Args:
        keyed: the provider knows our key from the first attempt on, so that one counts; else the newest does.
    """
    request = fetch(session, ScreeningRequest, request_id, lock=True)
    if request.order_state != OrderState.PLACING or request.canceled_at is not None:
        return False
    request.ordering_at = (keyed and request.ordering_at) or now()
    return True


def note_nothing_sent(session: Session, request_id: UUID) -> None:
    """It is certain that nothing reached the provider: the next attempt begins at the gate."""
    fetch(session, ScreeningRequest, request_id, lock=True).ordering_at = None


def mark_never_arrived(session: Session, request_id: UUID) -> None:
    """It was canceled, and the provider has nothing of it."""
    request = fetch(session, ScreeningRequest, request_id, lock=True)
    request.order_state, request.ordering_at = OrderState.NONE.value, None
    refresh(request)


def mark_placed(session: Session, actor: Actor, request_id: UUID, invitation: screening.Invitation) -> None:
    """The provider has the order. Marked twice, the second changes nothing."""
    request = fetch(session, ScreeningRequest, request_id, lock=True)
    if request.order_state == OrderState.PLACED:
        return
    at = now()
    request.order_state, request.order_problem, request.submitted_at = OrderState.PLACED.value, "", at
    request.provider_invitation_id, request.provider_report_id = invitation.id, invitation.report_id
    request.provider_candidate_id = invitation.candidate_id or request.provider_candidate_id
    request.invitation_url = invitation.url
    request.provider_status, request.provider_code = invitation.status.value, invitation.code
    request.last_event_at = request.next_poll_at = at
    refresh(request)
    if request.canceled_at is not None:
        enqueue(session, "screening.take_back", request.id, key=f"late:{request.id}:{request.retries}")
    record(
        session, actor, "screening.request.ordered", request, new={"number": request.number}, regulation=Regulation.FCRA
    )  # fmt: skip


def mark_uncertain(session: Session, actor: Actor, request_id: UUID, code: str) -> None:
    """Nobody knows whether the order arrived: a person looks at the provider; nothing is repeated."""
    _end(session, actor, request_id, OrderState.UNKNOWN, code, "screening.request.uncertain")


def mark_refused(session: Session, actor: Actor, request_id: UUID, code: str) -> None:
    """The provider said no."""
    _end(session, actor, request_id, OrderState.REFUSED, code, "screening.request.refused")


def _end(session: Session, actor: Actor, request_id: UUID, state: OrderState, code: str, event: str) -> None:
    request = fetch(session, ScreeningRequest, request_id, lock=True)
    if request.order_state != OrderState.PLACING:
        return
    request.order_state, request.order_problem = state.value, code
    refresh(request)
    record(session, actor, event, request, new={"code": code}, risk=Risk.HIGH, regulation=Regulation.FCRA)
