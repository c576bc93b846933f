"""Accepting, going back to review, and starting the clock."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.core.access import Can
from app.core.clock import now
from app.core.db import fetch
from app.core.errors import Conflict
from app.core.events import Actor
from app.integrations.screening import Status
from app.screening.models import ScreeningRequest
from app.screening.rules.adverse import Action, Stage, allowed, may_decide
from app.screening.rules.clocks import Due
from app.screening.rules.outcomes import Decision
from app.screening.services import clock
from app.screening.services.adverse.facts import judge
from app.screening.services.adverse.moving import act, decided
from app.screening.services.basis import basis
from app.screening.services.progress import refresh


def accept(session: Session, actor: Actor, request: ScreeningRequest) -> None:
    """Our decision: the report does not stand in the way. A clear report may be accepted by whoever orders, any other by an adjudicator.

    Raises:
        Conflict: the report is not complete, a notice is out, it is decided already, or the actor's own order.
    """
    session.flush()
    request = fetch(session, ScreeningRequest, request.id, lock=True)
    nothing_to_weigh = request.clear and (actor.can(Can.CHECK_ORDER) or actor.can(Can.CHECK_APPROVE))
    if not nothing_to_weigh:
        judge(actor, request)
    if actor.kind != "user" or request.decision != Decision.PENDING:
        raise Conflict("a person decides, and only once")
    if request.provider_status != Status.COMPLETE or request.canceled_at is not None:
        raise Conflict("the report is not complete")
    if not may_decide(request.stage, Decision.ACCEPTED):
        raise Conflict("a notice is out: end the adverse action first, and say why")
    request.decision, request.decided_at, request.decided_by_user_id = Decision.ACCEPTED.value, now(), actor.user_id
    decided(session, actor, request)
    refresh(request)


def revise(session: Session, actor: Actor, request: ScreeningRequest) -> None:
    """The provider changed the report: the case goes back to review, and a notice that is out no longer counts.

    The caller has stored what the report says now (`records.keep`, `revised_at`).
    """
    if Action.REVISE in allowed(request.stage) and request.canceled_at is None:
        act(session, actor, request, Action.REVISE)


def settle(session: Session, actor: Actor, request: ScreeningRequest) -> None:
    """A letter went out or arrived: count anew, and start the clock once every way is covered."""
    found = basis(session, request)
    due = clock.refresh(session, found.case)
    if request.stage == Stage.PRE_ADVERSE and isinstance(due, Due):
        act(session, actor, request, Action.START_CLOCK)
    refresh(request)
