"""Ordering a check: what a recruiter asks for, and what they may do with it afterwards. Placing it at the provider is `placing`."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.connections.models import Connection
from app.core.access import Can
from app.core.clock import now, today
from app.core.db import fetch
from app.core.errors import Conflict, Invalid
from app.core.events import Actor, Regulation, Risk, record
from app.integrations.screening import Status
from app.screening.models import Candidate, JobApplication, ScreeningPackage, ScreeningRequest
from app.screening.rules import limits
from app.screening.rules.adverse import NOTIFIED, Stage
from app.screening.rules.outcomes import Decision
from app.screening.rules.states import (
    BillingMethod,
    Blocker,
    Bucket,
    ConsentState,
    OrderState,
    Part,
    Priority,
    RequestStatus,
    RequestType,
)
from app.screening.services.gate import release
from app.screening.services.progress import refresh
from app.screening.services.rulings import rule

CERTIFICATION = "fcra-2026-11"
"""Version of the words a recruiter certifies (15 USC 1681b(b)(1)); `views.words` shows them."""

_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True, kw_only=True)
class NewOrder:
    """certified: the recruiter has stated the permissible purpose. part: of New York City's two stages."""

    package_id: UUID | str
    request_type: RequestType = RequestType.PRE_EMPLOYMENT
    priority: Priority = Priority.NORMAL
    cost_center: str = ""
    billing_method: BillingMethod = BillingMethod.COMPANY_PAID
    certified: bool = False
    part: Part = Part.WHOLE
    first_part_id: UUID | None = None


def order(
    session: Session, actor: Actor, candidate: Candidate, application: JobApplication, facts: NewOrder
) -> ScreeningRequest:
    """Begin a request: the candidate is asked for consent, and nothing goes to the provider before the gate is passed.

    Raises:
        Forbidden: the actor may not order.
        Invalid: the package cannot be ordered, or the purpose is not certified.
        Conflict: the same check of this application runs already.
    """
    actor.require(Can.CHECK_ORDER)
    package = _orderable(session, facts)
    _refuse_wrong_part(session, application, package, facts)
    _refuse_double(session, application, package, facts.part)
    made = _make(actor, candidate, application, package, facts)
    session.add(made)
    session.flush()
    rule(session, made)
    refresh(made)
    record(
        session, actor, "screening.request.initiated", made,
        new={"number": made.number, "package": made.screening_package, "type": made.request_type, "stops": len(made.stops)},
        regulation=Regulation.FCRA,
    )  # fmt: skip
    return made


def _orderable(session: Session, facts: NewOrder) -> ScreeningPackage:
    package = fetch(session, ScreeningPackage, facts.package_id)
    if not package.orderable or package.gone_at is not None:
        raise Invalid({"package_id": "The provider does not sell this package any more. Choose another one"})
    connection = fetch(session, Connection, package.connection_id)
    if not connection.is_active:
        raise Invalid({"package_id": "The connection to this provider is switched off. Choose another one"})
    if not facts.certified:
        raise Invalid({"certified": "Certify the purpose: without it no report may be ordered"})
    return package


def _refuse_wrong_part(
    session: Session, application: JobApplication, package: ScreeningPackage, facts: NewOrder
) -> None:
    """New York City: nothing criminal in the first stage, and a second one belongs to a first one of the same application."""
    if facts.part is Part.FIRST and package.criminal:
        raise Invalid(
            {"package_id": "The first stage holds no criminal and no driving records. Choose another package"}
        )
    if facts.part is not Part.SECOND:
        return
    first = fetch(session, ScreeningRequest, facts.first_part_id)
    if first.part != Part.FIRST or first.application_id != application.id:
        raise Conflict("the first stage is another application's")


def _refuse_double(session: Session, application: JobApplication, package: ScreeningPackage, part: Part) -> None:
    query = sa.select(ScreeningRequest.id).where(
        ScreeningRequest.application_id == application.id, ScreeningRequest.screening_package == package.slug,
        ScreeningRequest.part == part.value, ScreeningRequest.bucket != Bucket.DONE.value,
    )  # fmt: skip
    if session.scalars(query.limit(1)).first() is not None:
        raise Conflict("this check of this application runs already")


def _make(
    actor: Actor, candidate: Candidate, application: JobApplication, package: ScreeningPackage, facts: NewOrder
) -> ScreeningRequest:
    at = now()
    return ScreeningRequest(
        number=new_number(), connection_id=package.connection_id, candidate_id=candidate.id, application_id=application.id,
        package_id=package.id, request_type=facts.request_type.value, screening_package=package.slug,
        check_types=list(package.check_types), criminal=package.criminal,
        part=facts.part.value, first_part_id=facts.first_part_id, priority=facts.priority.value,
        cost_center=facts.cost_center.strip(), billing_method=facts.billing_method.value,
        total_cost=package.price or 0, currency_code=package.currency_code, initiated_by_user_id=actor.user_id,
        recruiter_user_id=application.recruiter_user_id or actor.user_id,
        hiring_manager_user_id=application.hiring_manager_user_id, department_id=application.department_id,
        region_id=application.region_id, initiated_at=at, due_on=limits.latest_completion(today()),
        certified_at=at, certified_by_user_id=actor.user_id, certification_version=CERTIFICATION,
        consent=ConsentState.PENDING.value, status=RequestStatus.INITIATED.value, bucket=Bucket.ACTIVE.value,
        blocker=Blocker.CANDIDATE.value, decision=Decision.PENDING.value, stage=Stage.GATE.value, stage_changed_at=at,
        last_event_at=at, consent_scope={}, stops=[], ordered_refs=[], due_reasons=[], looks=0, retries=0,
    )  # fmt: skip


def new_number() -> str:
    """The day, and five letters that say nothing about how many there are."""
    return f"S{today():%y%m%d}-{''.join(secrets.choice(_LETTERS) for _ in range(5))}"


def cancel(session: Session, actor: Actor, request: ScreeningRequest, reason: str) -> None:
    """End a request. An order that is out is canceled at the provider by a job (`screening.request.canceled`).

    Args:
        reason: a word of ours (`candidate_withdrew_consent`), or what the recruiter wrote.

    Raises:
        Conflict: it is over, or a notice about a possible refusal is out: then the case is ended on the adjudicator's desk.
    """
    if request.canceled_at is not None or request.bucket == Bucket.DONE:
        raise Conflict("this request is over")
    if request.stage in NOTIFIED:
        raise Conflict("a notice is out: end the case on the adjudicator's desk first")
    if not reason.strip():
        raise Invalid({"reason": "Say why the check ends"})
    request.canceled_at, request.cancel_reason = now(), reason.strip()
    request.stage, request.stage_changed_at = Stage.CANCELED.value, now()
    refresh(request)
    record(
        session, actor, "screening.request.canceled", request, new={"order": request.order_state}, reason=reason.strip(),
        risk=Risk.MEDIUM, regulation=Regulation.FCRA,
    )  # fmt: skip


def extend(session: Session, actor: Actor, request: ScreeningRequest, reason: str) -> None:
    """Let a screening run on past its last day. Raises Invalid without a reason."""
    actor.require(Can.CHECK_APPROVE)
    if not reason.strip():
        raise Invalid({"reason": "Say why the check may take longer"})
    old, request.due_on = request.due_on, limits.latest_completion(today())
    record(
        session, actor, "screening.request.extended", request, old={"due_on": old}, new={"due_on": request.due_on},
        reason=reason.strip(),
    )  # fmt: skip


def order_again(session: Session, actor: Actor, request: ScreeningRequest, reason: str) -> None:
    """A person has looked: the order never arrived, was refused for something that is repaired, or its invitation ran out.

    At most five times.

    Raises:
        Conflict: the order is neither lost, refused nor expired, or it was tried too often.
    """
    actor.require(Can.CHECK_ORDER)
    if not may_order_again(request):
        raise Conflict("only an order that was lost, refused or ran out can be placed again")
    if not limits.may_retry(request.retries, today()):
        raise Conflict("this order was tried five times; begin a new request")
    if not reason.strip():
        raise Invalid({"reason": "Say what you found at the provider"})
    request.retries += 1
    request.order_state, request.order_problem, request.ordering_at = OrderState.NONE.value, "", None
    request.provider_status, request.provider_code, request.invitation_url = Status.ORDERED.value, "", None
    record(
        session, actor, "screening.request.retried", request, new={"retries": request.retries}, reason=reason.strip(),
        risk=Risk.HIGH, regulation=Regulation.FCRA,
    )  # fmt: skip
    release(session, actor, request)


def may_order_again(request: ScreeningRequest) -> bool:
    """Whether the last order came to nothing."""
    expired = request.order_state == OrderState.PLACED and request.provider_status == Status.INVITATION_EXPIRED
    return request.canceled_at is None and (expired or request.order_state in (OrderState.UNKNOWN, OrderState.REFUSED))


def found_at_provider(
    session: Session, actor: Actor, request: ScreeningRequest, invitation_id: str, reason: str
) -> None:
    """A person has looked: the lost order did arrive, under this number. Its state is fetched by a job."""
    actor.require(Can.CHECK_ORDER)
    if request.order_state != OrderState.UNKNOWN:
        raise Conflict("nothing is lost about this order")
    if not invitation_id.strip():
        raise Invalid({"invitation_id": "Enter the provider's number of the order"})
    request.provider_invitation_id = invitation_id.strip()
    request.order_state, request.order_problem = OrderState.PLACED.value, ""
    request.submitted_at = request.submitted_at or now()
    request.next_poll_at = now()
    refresh(request)
    record(
        session, actor, "screening.request.found", request, reason=reason.strip(), risk=Risk.HIGH, regulation=Regulation.FCRA
    )  # fmt: skip
