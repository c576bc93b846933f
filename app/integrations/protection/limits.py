"""How often and how much at once a provider may be asked, counted over all workers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import floor

from app.integrations.protection.shelf import State

PARTS = 10  # of a window: more would count finer and keep more numbers
_HELD = "held"


class Per(StrEnum):
    """Whose calls are counted together."""

    CONNECTION = "connection"
    PROVIDER = "provider"


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` calls in any `seconds`."""

    count: int
    seconds: float
    per: Per = Per.CONNECTION


@dataclass(frozen=True, slots=True)
class Concurrency:
    """At most `count` calls at once. seconds: after which a call of a worker that died no longer counts."""

    count: int
    seconds: float = 120
    per: Per = Per.CONNECTION


Limit = Rate | Concurrency


def admit(state: State, now: float, rate: Rate) -> tuple[State, float]:
    """The new state, and 0 when the call may go or the seconds until it is worth asking again.

    The window slides by tenths. A tenth counts until the last moment of it is `rate.seconds` ago, so the rate holds in every
    window whatever its edges; it costs at most a tenth of what would be allowed.
    """
    length = rate.seconds / PARTS
    current = floor(now / length)
    counts = {part: n for part, n in _parts(state).items() if current - PARTS <= part <= current}
    held = state.get(_HELD, 0.0)
    if now < held:
        return state, held - now
    excess = sum(counts.values()) + 1 - rate.count
    if excess <= 0:
        counts[current] = counts.get(current, 0) + 1
        return {str(part): n for part, n in counts.items()}, 0.0
    for part in sorted(counts):
        excess -= counts[part]
        if excess <= 0:
            return state, max((part + PARTS + 1) * length - now, 0.001)
    return state, rate.seconds  # a rate below one: nothing may ever go


def hold(state: State, until: float) -> State:
    """Nobody goes before `until`: the provider said so itself. A hold never shortens another."""
    return {**state, _HELD: max(until, state.get(_HELD, 0.0))}


def enter(state: State, now: float, limit: Concurrency, lease: str) -> tuple[State, float]:
    """Takes a place for `lease`. The new state, and 0 or the seconds after which the oldest place falls free by itself."""
    live = {holder: ends for holder, ends in state.items() if ends > now}
    if lease in live or len(live) < limit.count:
        return {**live, lease: now + limit.seconds}, 0.0
    return live, min(live.values(), default=now + limit.seconds) - now


def leave(state: State, lease: str) -> State:
    """Gives the place back; one that expired is no failure."""
    return {holder: ends for holder, ends in state.items() if holder != lease}


def _parts(state: State) -> Mapping[int, float]:
    return {int(name): n for name, n in state.items() if name != _HELD}
