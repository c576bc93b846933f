"""One gate in front of every call: breaker, places, rates; and one loop for what may be repeated at once."""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from app.integrations.failures import CircuitOpen, Failure, RateLimited
from app.integrations.protection import breaker as circuit
from app.integrations.protection import limits as limiting
from app.integrations.protection.breaker import Breaker, Ticket
from app.integrations.protection.limits import Concurrency, Limit, Per, Rate
from app.integrations.protection.retry import Decision, Next, Retry, Safety, decide
from app.integrations.protection.shelf import Outcome, Shelf, State
from app.integrations.transports.http.calls import Answer, Exchanged

STANDARD = Breaker()


@dataclass(frozen=True, slots=True)
class Guard:
    """provider: the adapter's slug. connection: the id of a company's link to it. The breaker is the connection's own."""

    shelf: Shelf
    provider: str
    connection: str
    limits: Sequence[Limit] = ()
    breaker: Breaker = STANDARD

    @contextmanager
    def call(self) -> Iterator[Report]:
        """Around one call; say to the report how it ended. Raises CircuitOpen or RateLimited before anything was sent."""
        token = secrets.token_hex(8)
        report = Report()
        ticket = self._knock()
        entered: list[tuple[str, Concurrency]] = []
        try:
            self._take(token, entered)
        except Failure:
            self._give_back(ticket)
            self._leave(token, entered)
            raise
        try:
            yield report
        except BaseException:
            self._give_back(ticket)
            raise
        else:
            self._tell(ticket, report)
        finally:
            self._leave(token, entered)

    def _knock(self) -> Ticket:
        ticket, now = self.shelf.change(
            self._circuit, lambda state, now: _with(now, circuit.allow(state, now, self.breaker))
        )
        if ticket.wait:
            raise CircuitOpen("circuit-open", _moment(now + ticket.wait))
        return ticket

    def _take(self, token: str, entered: list[tuple[str, Concurrency]]) -> None:
        """Places before rates: a place is given back, a call that was counted is not."""
        for key, limit in sorted(self._keyed(), key=lambda keyed: isinstance(keyed[1], Rate)):
            if isinstance(limit, Concurrency):
                self._enter(key, limit, token)
                entered.append((key, limit))
            else:
                self._admit(key, limit)

    def _enter(self, key: str, limit: Concurrency, token: str) -> None:
        wait, now = self.shelf.change(key, lambda state, now: _with(now, limiting.enter(state, now, limit, token)))
        if wait:
            raise RateLimited("own-places-taken", _moment(now + min(wait, 5)))

    def _admit(self, key: str, limit: Rate) -> None:
        wait, now = self.shelf.change(key, lambda state, now: _with(now, limiting.admit(state, now, limit)))
        if wait:
            raise RateLimited("own-rate-reached", _moment(now + wait))

    def _give_back(self, ticket: Ticket) -> None:
        self.shelf.change(self._circuit, lambda state, _now: (circuit.give_back(state, ticket), None))

    def _leave(self, token: str, entered: list[tuple[str, Concurrency]]) -> None:
        for key, _limit in entered:
            self.shelf.change(key, lambda state, _now: (limiting.leave(state, token), None))

    def _tell(self, ticket: Ticket, report: Report) -> None:
        well = not circuit.is_sick(report.failure)
        self.shelf.change(
            self._circuit, lambda state, now: (circuit.report(state, now, self.breaker, ticket, well=well), None)
        )
        if report.hold_until is not None:
            until = report.hold_until.timestamp()
            for key, limit in self._keyed():
                if isinstance(limit, Rate):
                    self.shelf.change(key, lambda state, _now: (limiting.hold(state, until), None))

    @property
    def _circuit(self) -> str:
        return f"circuit:{self.provider}:{self.connection}"

    def _keyed(self) -> list[tuple[str, Limit]]:
        """Each limit with its key; a number tells two rates of one provider apart."""
        return [
            (
                f"{type(limit).__name__.lower()}:{self.provider}:{self.connection if limit.per is Per.CONNECTION else '*'}:{n}",
                limit,
            )
            for n, limit in enumerate(self.limits)
        ]


@dataclass
class Report:
    """How a guarded call ended. Nobody says anything: well. hold_until: until then all workers keep away."""

    failure: Failure | None = None
    hold_until: datetime | None = None

    def tell(self, exchanged: Exchanged) -> None:
        """Takes over what became of the call."""
        self.failure = exchanged.failure
        self.hold_until = (
            exchanged.failure.until if isinstance(exchanged.failure, RateLimited) else exchanged.hold_until
        )


@dataclass(frozen=True, slots=True)
class Settled:
    """The answer, or the last failure with what to do about it. attempts: how often it was tried."""

    answer: Answer | None
    failure: Failure | None
    decision: Decision | None
    attempts: int


def settle(
    send: Callable[[], Exchanged],
    guard: Guard,
    safety: Safety,
    retry: Retry,
    *,
    keep: Callable[[Exchanged], None] = lambda _exchanged: None,
    sleep: Callable[[float], None] = time.sleep,
    chance: Callable[[], float] = random.random,
    earlier: int = 0,
) -> Settled:
    """Calls until there is an answer or a decision that this job cannot carry out. `keep` gets every exchange, also failed ones."""
    begun, attempts = time.monotonic(), 0
    while True:
        attempts += 1
        failure = _attempt(send, guard, keep)
        if isinstance(failure, Answer):
            return Settled(failure, None, None, attempts)
        decision = decide(
            failure, safety, retry, attempt=attempts, elapsed=time.monotonic() - begun, now=datetime.now(UTC),
            chance=chance(), earlier=earlier,
        )  # fmt: skip
        if decision.next is not Next.AGAIN:
            return Settled(None, failure, decision, attempts)
        sleep(decision.seconds)


def _attempt(send: Callable[[], Exchanged], guard: Guard, keep: Callable[[Exchanged], None]) -> Answer | Failure:
    try:
        with guard.call() as report:
            exchanged = send()
            report.tell(exchanged)
    except Failure as refused:
        return refused
    keep(exchanged)
    if exchanged.failure is not None:
        return exchanged.failure
    return exchanged.result()


def _with(now: float, changed: tuple[State, Outcome]) -> tuple[State, tuple[Outcome, float]]:
    """A change whose outcome also says what time it is on the shelf's clock."""
    state, outcome = changed
    return state, (outcome, now)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
