"""What to do after a failure: again at once, later, look first, ask a person, or nothing more. Pure; somebody else waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.integrations.failures import AuthFailed, CircuitOpen, Failure, OutcomeUnknown, RateLimited, Transient


class Safety(StrEnum):
    """What a second call of an operation does when nobody knows how the first one ended."""

    FREE = "changes nothing"  # reads, and writes of a whole value
    BY_KEY = "the provider knows our key and does it once"
    CHECK_FIRST = "look whether it is there, then decide"
    ASK = "only a person may decide"


class Next(StrEnum):
    """What the engine does now."""

    AGAIN = "again"  # in this job, after `seconds`
    LATER = "later"  # in a new job, not before `until`
    LOOK = "look first"
    ASK = "ask a person"
    SIGN_IN = "ask for new credentials"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Retry:
    """attempts and in_call_seconds: how often and how long within one job. first_seconds: the first wait; each doubles, up to
    `longest_seconds`. later_seconds: the wait before a new job when the provider names no time, doubling to `latest_seconds`.
    """

    attempts: int = 3
    in_call_seconds: float = 20
    first_seconds: float = 0.5
    longest_seconds: float = 8
    later_seconds: float = 60
    latest_seconds: float = 3600


@dataclass(frozen=True, slots=True)
class Decision:
    """next, with the seconds for AGAIN and the moment (UTC, aware) for LATER."""

    next: Next
    seconds: float = 0
    until: datetime | None = None


def decide(
    failure: Failure,
    safety: Safety,
    retry: Retry,
    *,
    attempt: int,
    elapsed: float,
    now: datetime,
    chance: float,
    earlier: int = 0,
) -> Decision:
    """attempt: how many calls this job has made. elapsed: seconds since its first. earlier: how many jobs came before.

    chance: 0 to 1, fresh for each decision; it spreads the workers. A time the provider named is never undercut.
    """
    if isinstance(failure, AuthFailed):
        return Decision(Next.SIGN_IN)
    if isinstance(failure, OutcomeUnknown) and safety in (Safety.CHECK_FIRST, Safety.ASK):
        return Decision(Next.LOOK if safety is Safety.CHECK_FIRST else Next.ASK)
    if not isinstance(failure, Transient | RateLimited | OutcomeUnknown):
        return Decision(Next.STOP)
    wait = _wait(failure, retry, attempt, now, chance)
    if attempt < retry.attempts and elapsed + wait <= retry.in_call_seconds and not isinstance(failure, CircuitOpen):
        return Decision(Next.AGAIN, seconds=wait)
    if failure.until is None:
        doubled = min(retry.later_seconds * 2.0 ** min(earlier, 30), retry.latest_seconds)
        wait = doubled * (0.5 + chance / 2)
    return Decision(Next.LATER, until=now + timedelta(seconds=wait))


def _wait(failure: Failure, retry: Retry, attempt: int, now: datetime, chance: float) -> float:
    if failure.until is not None:
        named = max((failure.until - now).total_seconds(), 0.0)
        return named + chance * min(1 + named / 10, 30)
    return min(retry.first_seconds * 2.0 ** (attempt - 1), retry.longest_seconds) * (0.5 + chance / 2)
