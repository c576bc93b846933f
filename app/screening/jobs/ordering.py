"""Orders leave, and are taken back."""

from __future__ import annotations

from datetime import timedelta

from app.connections import services as connections
from app.connections.models import Connection
from app.connections.services import calling
from app.core.clock import now
from app.core.db import fetch
from app.core.events import system
from app.core.jobs import Repeat, Retry, Run, job
from app.integrations.failures import AuthFailed, ContractDrift, Failure, RateLimited, Rejected, Transient
from app.integrations.protection.guard import Settled
from app.integrations.protection.retry import Next, Safety
from app.integrations.screening import Ability, Invitation
from app.screening.models import ScreeningRequest
from app.screening.rules.states import OrderState
from app.screening.services import placing
from app.screening.services.placing import Plan

LOOK_AFTER = timedelta(seconds=60)
"""How long a provider may take to list an order it took; until then, not finding it proves nothing."""

REPAIR_WAIT = 300.0
"""Seconds before an order asks again whether somebody has repaired the connection."""


@job("screening.order", on=["screening.request.released"], repeat=Repeat.KEYED, max_attempts=60, timeout=300)
def order(run: Run) -> None:
    """Place one released order. A request in another state needs nothing."""
    with run.step() as session:
        connection = fetch(session, Connection, fetch(session, ScreeningRequest, run.subject_id).connection_id)
        by_files = not connections.speaks_http(connection)  # then `screening.send_orders` gathers it
        plan = None if by_files else placing.plan(session, system(run.kind), run.subject_id)
    if plan is None:
        return
    with calling.open_provider(plan.link, about=("screening_request", run.subject_id), earlier=run.attempt - 1) as to:
        placed = _place(run, plan, to)
    if placed is not None:
        with run.finish() as session:
            placing.mark_placed(session, system(run.kind), run.subject_id, placed)


def _place(run: Run, plan: Plan, to: calling.Provider) -> Invitation | None:
    """The order as the provider took it; None when it was refused or nobody knows, which is written down."""
    candidate_id = _candidate(run, plan, to)
    if candidate_id is None:
        return None
    try:
        call = to.screening.invite(candidate_id, plan.order, plan.order_key)
    except Rejected as refused:
        _cannot_be_made(run, plan, refused.code)
        return None
    safety = to.api.safety(call, hours_since_first=_hours(plan))
    keyed = safety in (Safety.BY_KEY, Safety.FREE)
    if plan.begun_at is not None and not (keyed and plan.wanted):
        return _look(run, plan, to, candidate_id, safety)
    return _send(run, plan, to, candidate_id, keyed=keyed)


def _send(run: Run, plan: Plan, to: calling.Provider, candidate_id: str, *, keyed: bool) -> Invitation | None:
    with run.step() as session:
        wanted = placing.note_attempt(session, run.subject_id, keyed=keyed)
    if not wanted:
        raise Retry("canceled-meanwhile", 5)
    call = to.screening.invite(candidate_id, plan.order, plan.order_key)
    settled = to.ask(call, hours_since_first=_hours(plan))
    if settled.answer is None:
        return _failed(run, plan, settled)
    try:
        return to.screening.read_invitation(settled.answer)
    except ContractDrift as drift:  # it was done, but we cannot say under which number
        _uncertain(run, drift.code)
        return None


def _cannot_be_made(run: Run, plan: Plan, code: str) -> None:
    """The adapter makes no call of this order: a rule of the provider or of the settings. Nothing was sent, unless earlier."""
    if plan.begun_at is not None:
        _uncertain(run, code)
        return
    with run.finish() as session:
        placing.mark_refused(session, system(run.kind), run.subject_id, code)


def _uncertain(run: Run, code: str) -> None:
    with run.finish() as session:
        placing.mark_uncertain(session, system(run.kind), run.subject_id, code)


def _failed(run: Run, plan: Plan, settled: Settled) -> Invitation | None:
    """What is certain is written down; what is not waits for a person or for a look at the provider."""
    failure, then = _why(settled)
    if then is Next.ASK:
        _uncertain(run, failure.code)
        return None
    if then is Next.LOOK:
        raise Retry(failure.code, LOOK_AFTER.total_seconds())
    nothing_sent = isinstance(failure, Transient | RateLimited | AuthFailed) and settled.attempts <= 1
    if plan.begun_at is None and nothing_sent:
        with run.step() as session:
            placing.note_nothing_sent(session, run.subject_id)
    if then in (Next.LATER, Next.SIGN_IN):
        _wait(settled)
    with run.finish() as session:
        placing.mark_refused(session, system(run.kind), run.subject_id, failure.code)
    return None


def _why(settled: Settled) -> tuple[Failure, Next]:
    assert settled.failure is not None
    assert settled.decision is not None
    return settled.failure, settled.decision.next


def _wait(settled: Settled) -> None:
    """Raises Retry: later, or once somebody has repaired the connection. Costs no try."""
    failure, _ = _why(settled)
    until = settled.decision.until if settled.decision else None
    raise Retry(failure.code, max((until - now()).total_seconds(), 1) if until else REPAIR_WAIT)


def _candidate(run: Run, plan: Plan, to: calling.Provider) -> str | None:
    """The provider's id of the candidate; empty where it keeps none, None when it refused."""
    if plan.provider_candidate_id or Ability.CANDIDATES not in to.screening.abilities:
        return plan.provider_candidate_id
    settled = to.ask(to.screening.make_candidate(plan.candidate, plan.candidate_key), hours_since_first=_hours(plan))
    if settled.answer is None:
        return _failed_candidate(run, settled)
    found = to.screening.read_candidate(settled.answer)
    with run.step() as session:
        placing.note_candidate(session, run.subject_id, found)
    return found


def _failed_candidate(run: Run, settled: Settled) -> str | None:
    """A candidate made twice costs nothing and is asked for again; only a refusal ends the order."""
    failure, then = _why(settled)
    if then is not Next.STOP:
        _wait(settled)
    with run.finish() as session:
        placing.mark_refused(session, system(run.kind), run.subject_id, failure.code)
    return None


def _look(run: Run, plan: Plan, to: calling.Provider, candidate_id: str, safety: Safety) -> Invitation | None:
    """An earlier attempt may have arrived: find it, or let a person find it. Never order blindly."""
    if safety is Safety.ASK or Ability.FIND_ORDERS not in to.screening.abilities:
        _uncertain(run, "attempt-interrupted")
        return None
    found = set(to.screening.read_found(calling.take(to.ask(to.screening.find_orders(candidate_id, plan.order)))))
    ours = sorted(found - plan.known_orders)
    if len(ours) > 1:
        _uncertain(run, "found-several")
        return None
    if ours:
        return to.screening.read_invitation(calling.take(to.ask(to.screening.get_invitation(ours[0]))))
    assert plan.begun_at is not None
    if now() - plan.begun_at < LOOK_AFTER:
        raise Retry("looking-for-it", 30)
    if plan.wanted:
        return _send(run, plan, to, candidate_id, keyed=False)
    with run.finish() as session:
        placing.mark_never_arrived(session, run.subject_id)
    return None


def _hours(plan: Plan) -> float:
    return (now() - plan.begun_at).total_seconds() / 3600 if plan.begun_at else 0


@job("screening.take_back", on=["screening.request.canceled"], repeat=Repeat.SAFE)
def take_back(run: Run) -> None:
    """Cancel at the provider what a person canceled here; a provider that cannot is told by a person, in its portal."""
    with run.step() as session:
        request = fetch(session, ScreeningRequest, run.subject_id)
        if request.order_state != OrderState.PLACED or not request.provider_invitation_id:
            return
        invitation, link = request.provider_invitation_id, calling.http_link(session, request.connection_id)
    if link is None:
        return
    with calling.open_provider(link, about=("screening_request", run.subject_id), earlier=run.attempt - 1) as to:
        if Ability.CANCEL in to.screening.abilities:
            calling.take(to.ask(to.screening.cancel_invitation(invitation)))
