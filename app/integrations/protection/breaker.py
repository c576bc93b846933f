"""A provider that keeps failing is left alone for a while; then one call at a time finds out whether it is well again."""

from __future__ import annotations

from dataclasses import dataclass

from app.integrations.failures import CircuitOpen, Failure, OutcomeUnknown, Transient
from app.integrations.protection.shelf import State

CLOSED = 0.0


@dataclass(frozen=True, slots=True)
class Breaker:
    """failures: so many in a row open it. open_seconds: the first rest; each probe that fails doubles it, up to the longest.

    probe_seconds: a probe that says nothing for so long is taken to be lost, and the next may go.
    """

    failures: int = 5
    open_seconds: float = 30
    longest_seconds: float = 600
    probe_seconds: float = 60


@dataclass(frozen=True, slots=True)
class Ticket:
    """Leave to call. probe: 0, or the number of the probe this call is. wait: seconds until it is worth asking; 0 when it may go."""

    probe: float = CLOSED
    wait: float = 0.0


def allow(state: State, now: float, breaker: Breaker) -> tuple[State, Ticket]:
    """Closed: go. Open: wait. Rest over: go as the only probe."""
    opens_at = state.get("opens_at", CLOSED)
    if opens_at == CLOSED:
        return state, Ticket()
    if now < opens_at:
        return state, Ticket(wait=opens_at - now)
    if now < (busy_until := state.get("probe_until", 0.0)):
        return state, Ticket(wait=busy_until - now)
    number = state.get("probe", 0.0) + 1
    return {**state, "probe": number, "probe_until": now + breaker.probe_seconds}, Ticket(probe=number)


def report(state: State, now: float, breaker: Breaker, ticket: Ticket, *, well: bool) -> State:
    """How a call ended. What an outdated probe or a call from before the opening has to say changes nothing while it is open."""
    if state.get("opens_at", CLOSED) == CLOSED:
        return _report_closed(state, now, breaker, well=well)
    if ticket.probe == CLOSED or ticket.probe != state.get("probe") or "probe_until" not in state:
        return state
    if well:
        return {"probe": ticket.probe}
    rest = min(state["rest"] * 2, breaker.longest_seconds)
    return {"opens_at": now + rest, "rest": rest, "probe": ticket.probe}


def give_back(state: State, ticket: Ticket) -> State:
    """The call was not made after all: a probe's place falls free."""
    if ticket.probe == CLOSED or ticket.probe != state.get("probe"):
        return state
    return {name: value for name, value in state.items() if name != "probe_until"}


def is_sick(failure: Failure | None) -> bool:
    """Whether an end speaks against the provider's health; a plain no, a 429 or a changed contract does not."""
    if isinstance(failure, CircuitOpen):
        return False
    return isinstance(failure, Transient | OutcomeUnknown)


def _report_closed(state: State, now: float, breaker: Breaker, *, well: bool) -> State:
    kept = {"probe": state["probe"]} if "probe" in state else {}
    if well:
        return kept
    failures = state.get("failures", 0.0) + 1
    if failures < breaker.failures:
        return {**kept, "failures": failures}
    return {**kept, "opens_at": now + breaker.open_seconds, "rest": breaker.open_seconds}
