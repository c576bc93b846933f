"""The one function that moves a case."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.db import fetch
from app.core.events import Actor, Regulation, Risk, record
from app.screening.models import ScreeningRequest
from app.screening.rules import adverse as rules
from app.screening.rules.adverse import NOTIFIED, Action, Step
from app.screening.rules.outcomes import Decision
from app.screening.rules.words import Channel
from app.screening.services import clock, letters
from app.screening.services.adverse.duties import perform
from app.screening.services.adverse.facts import facts_of, judge
from app.screening.services.basis import Basis, basis
from app.screening.services.progress import refresh

_BY_ADJUDICATOR = frozenset({Action.NOTIFY, Action.RESUME, Action.REASSESS, Action.FINALIZE})


def act(
    session: Session,
    actor: Actor,
    request: ScreeningRequest,
    action: Action,
    *,
    reason: str = "",
    channels: Iterable[Channel] = (),
) -> Step:
    """Take one step of a case.

    Args:
        reason: why the adverse action ends (CANCEL). It may hold personal data and is kept encrypted.
        channels: ways the notice goes out besides those the places demand (NOTIFY).

    Raises:
        Conflict: not possible from this stage, something is missing (named in the text), or the actor's own order.
        Forbidden: the step is an adjudicator's.
    """
    session.flush()
    request = fetch(session, ScreeningRequest, request.id, lock=True)
    if action in _BY_ADJUDICATOR or (action is Action.CANCEL and request.stage in NOTIFIED):
        judge(actor, request)
    found = basis(session, request)
    step = rules.after(request.stage, action, facts_of(found, actor, reason=reason))
    old = request.stage
    request.stage, request.stage_changed_at = step.stage.value, now()
    for duty in step.duties:
        perform(session, actor, found, duty, action, tuple(channels))
    _settle_dates(actor, found, action)
    _record(session, actor, found, action, old, reason)
    clock.refresh(session, found.case)
    refresh(request)
    return step


def _settle_dates(actor: Actor, found: Basis, action: Action) -> None:
    """What a step does to the request besides its stage."""
    request = found.case.request
    if action is Action.FINALIZE:
        request.decision, request.decided_at, request.decided_by_user_id = (
            Decision.NOT_ACCEPTED.value,
            now(),
            actor.user_id,
        )
    if action in (Action.CANCEL, Action.REVISE):
        letters.void(found)
    if action is Action.REVISE:
        request.notified_at = request.answered_at = None
        _reopen(request)


def _reopen(request: ScreeningRequest) -> None:
    """A decision rested on a report that is no longer true: a person decides anew. Who was accepted stays so if it is clear now."""
    kept = request.decision == Decision.ACCEPTED and request.clear
    if not kept:
        request.decision, request.decided_at, request.decided_by_user_id = Decision.PENDING.value, None, None


def _record(session: Session, actor: Actor, found: Basis, action: Action, old: str, reason: str) -> None:
    request, candidate = found.case.request, found.case.candidate
    record(
        session, actor, "screening.case.moved", request, old={"stage": old}, new={"stage": request.stage, "action": action.value},
        phi={"reason": reason} if reason else None, person_id=candidate.id if reason else None, risk=Risk.HIGH,
        regulation=Regulation.FCRA,
    )  # fmt: skip
    if action is Action.FINALIZE:
        decided(session, actor, request)


def decided(session: Session, actor: Actor, request: ScreeningRequest) -> None:
    """Our decision, on the record; the provider is told by a job, and retention counts from it."""
    record(
        session, actor, "screening.decision.made", request, new={"decision": request.decision}, risk=Risk.HIGH,
        regulation=Regulation.FCRA,
    )  # fmt: skip
