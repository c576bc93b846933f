"""Rates, places, breaker and repeats: pure steps first, then many workers at once on one shelf."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.integrations.failures import (
    AuthFailed,
    BrokenAnswer,
    CircuitOpen,
    Conflict,
    ContractDrift,
    Failure,
    Gone,
    OutcomeUnknown,
    RateLimited,
    Refused,
    Rejected,
    ServerFailed,
    TimedOut,
    Transient,
    Unreachable,
)
from app.integrations.protection.breaker import Breaker, Ticket, allow, give_back, is_sick, report
from app.integrations.protection.guard import Guard, settle
from app.integrations.protection.limits import Concurrency, Per, Rate, admit, enter, hold, leave
from app.integrations.protection.retry import Decision, Next, Retry, Safety, decide
from app.integrations.protection.shelf import MemoryShelf, State
from app.integrations.transports.http.calls import Call, Reply
from app.integrations.transports.http.client import Http, HttpClient
from app.integrations.transports.http.memory import MemoryCarrier
from app.integrations.transports.http.rules import RateHeaders, Rules

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


class Clock:
    """Stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@settings(max_examples=200, deadline=None)
@given(
    waits=st.lists(st.floats(0, 3, allow_nan=False), min_size=1, max_size=150),
    count=st.integers(1, 12),
    seconds=st.sampled_from([1.0, 10.0, 60.0, 0.7]),
)
def test_no_window_holds_more_than_the_rate(waits: list[float], count: int, seconds: float) -> None:
    state: State = {}
    now, went = 12_345.678, []
    for wait in waits:
        now += wait
        state, left = admit(state, now, Rate(count, seconds))
        if left == 0:
            went.append(now)
        assert len(state) <= 12
    for end in went:
        assert len([moment for moment in went if end - seconds < moment <= end]) <= count


@settings(max_examples=100, deadline=None)
@given(bursts=st.integers(1, 30), count=st.integers(1, 5))
def test_who_waits_as_told_goes_and_soon(bursts: int, count: int) -> None:
    state: State = {}
    now = begun = 77.7
    for _ in range(bursts):
        while True:
            state, left = admit(state, now, Rate(count, 10))
            if left == 0:
                break
            now += left
    assert now - begun <= bursts / count * 11 + 11


def test_a_rate_of_nothing() -> None:
    assert admit({}, 5, Rate(0, 60)) == ({}, 60)


def test_held_by_the_provider() -> None:
    state = hold(hold(admit({}, 100, Rate(5, 10))[0], 130), 120)
    assert admit(state, 110, Rate(5, 10))[1] == 20
    state, left = admit(state, 130, Rate(5, 10))
    assert left == 0
    assert "held" not in state


def test_places() -> None:
    limit = Concurrency(2, seconds=60)
    state, first = enter({}, 0, limit, "a")
    state, again = enter(state, 1, limit, "a")
    state, second = enter(state, 2, limit, "b")
    state, third = enter(state, 3, limit, "c")
    assert (first, again, second, third) == (0, 0, 0, 58)
    assert enter(leave(leave(state, "a"), "gone"), 4, limit, "c")[1] == 0
    assert enter(state, 62, limit, "c")[1] == 0, "the place of a dead worker falls free"
    assert enter({}, 0, Concurrency(0, 60), "a")[1] == 60


def failing(state: State, now: float, times: int) -> State:
    for _ in range(times):
        state = report(state, now, Breaker(), Ticket(), well=False)
    return state


def test_breaker_opens_after_failures_in_a_row() -> None:
    state = report(failing({}, 0, 4), 0, Breaker(), Ticket(), well=True)
    assert allow(failing(state, 0, 4), 0, Breaker())[1] == Ticket()
    opened = failing(state, 0, 5)
    assert allow(opened, 10, Breaker())[1] == Ticket(wait=20)


def test_one_probe_at_a_time_then_closed_or_longer_open() -> None:
    breaker = Breaker(open_seconds=30, longest_seconds=100, probe_seconds=60)
    state = failing({}, 0, 5)
    state, probe = allow(state, 30, breaker)
    assert probe == Ticket(probe=1)
    state, other = allow(state, 31, breaker)
    assert other == Ticket(wait=59)
    sick = report(state, 32, breaker, probe, well=False)
    assert allow(sick, 33, breaker)[1].wait == 59
    well = report(state, 32, breaker, probe, well=True)
    assert allow(well, 33, breaker)[1] == Ticket()
    for expected in (60, 100, 100):
        state, probe = allow(sick, sick["opens_at"], breaker)
        begun = sick["opens_at"]
        sick = report(state, begun, breaker, probe, well=False)
        assert sick["rest"] in (expected, 100)
    assert sick["rest"] == 100


def test_late_words_change_nothing() -> None:
    breaker = Breaker()
    opened = failing({}, 0, 5)
    assert report(opened, 1, breaker, Ticket(), well=True) == opened, "a call from before the opening"
    state, lost = allow(opened, 30, breaker)
    state, second = allow(state, 90, breaker)
    assert (lost.probe, second.probe) == (1, 2), "a probe that says nothing is replaced"
    assert report(state, 91, breaker, lost, well=True) == state
    free = give_back(state, second)
    assert allow(free, 91, breaker)[1].probe == 3
    assert give_back(free, Ticket()) == free
    assert give_back(free, lost) == free
    closed = report(state, 92, breaker, second, well=True)
    assert report(closed, 93, breaker, lost, well=False) == {"probe": 2, "failures": 1}


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["ask", "well", "sick", "back", "lost"]), st.floats(0, 40)), max_size=60))
def test_never_two_probes_at_once(steps: list[tuple[str, float]]) -> None:
    """Calls come, end in any way or never, in any order; after the opening only one that still holds its place is out."""
    breaker = Breaker(failures=2, open_seconds=10, longest_seconds=40, probe_seconds=30)
    state: State = failing({}, 0, 5)
    now, out = 0.0, {}
    for what, wait in steps:
        now += wait
        if what == "ask":
            was_open = "opens_at" in state
            state, ticket = allow(state, now, breaker)
            if ticket.wait == 0 and was_open:
                assert all(begun + breaker.probe_seconds <= now for begun in out.values())
                out[ticket] = now
        elif out and what != "lost":  # who is lost says nothing, and its place expires
            ticket = next(iter(out))
            del out[ticket]
            state = (
                give_back(state, ticket) if what == "back" else report(state, now, breaker, ticket, well=what == "well")
            )
        if "opens_at" not in state:
            state, out = failing(state, now, 2), {}


@pytest.mark.parametrize(
    ("failure", "sick"),
    [
        (None, False), (Unreachable("x"), True), (TimedOut("x", None), True), (ServerFailed("x"), True), (BrokenAnswer("x"), True),
        (RateLimited("x", NOW), False), (Rejected("x"), False), (AuthFailed("x"), False), (ContractDrift("x"), False),
        (CircuitOpen("x", NOW), False),
    ],
)  # fmt: skip
def test_what_speaks_against_health(failure: Failure | None, sick: bool) -> None:
    assert is_sick(failure) is sick


def decided(failure: Failure, safety: Safety = Safety.FREE, **more: Any) -> Decision:
    facts = {"attempt": 1, "elapsed": 0.0, "now": NOW, "chance": 1.0, **more}
    return decide(failure, safety, Retry(), **facts)


@pytest.mark.parametrize(
    ("failure", "free", "by_key", "check", "ask"),
    [
        (Unreachable("x"), "again", "again", "again", "again"),
        (Transient("x"), "again", "again", "again", "again"),
        (TimedOut("x", True), "again", "again", "look first", "ask a person"),
        (ServerFailed("x"), "again", "again", "look first", "ask a person"),
        (BrokenAnswer("x"), "again", "again", "look first", "ask a person"),
        (OutcomeUnknown("x"), "again", "again", "look first", "ask a person"),
        (RateLimited("x", NOW + timedelta(seconds=2)), "again", "again", "again", "again"),
        (RateLimited("x", NOW + timedelta(hours=2)), "later", "later", "later", "later"),
        (CircuitOpen("x", NOW + timedelta(seconds=2)), "later", "later", "later", "later"),
        (AuthFailed("x"), *["ask for new credentials"] * 4),
        (Rejected("x"), *["stop"] * 4), (Conflict("x"), *["stop"] * 4), (Gone("x"), *["stop"] * 4),
        (ContractDrift("x"), *["stop"] * 4), (Refused("x", "y"), *["stop"] * 4), (Failure("x"), *["stop"] * 4),
    ],
)  # fmt: skip
def test_repeat_safety(failure: Failure, free: str, by_key: str, check: str, ask: str) -> None:
    assert [decided(failure, safety).next.value for safety in Safety] == [free, by_key, check, ask]


def test_waits_grow_and_are_spread() -> None:
    waits = [decided(Transient("x"), attempt=n, chance=c).seconds for n in (1, 2) for c in (0, 1)]
    assert waits == [0.25, 0.5, 0.5, 1.0]
    assert decided(Transient("x"), attempt=3).next is Next.LATER
    assert decided(Transient("x"), elapsed=19.9).next is Next.LATER, "the job's own deadline"
    later = [decided(Transient("x"), attempt=3, earlier=n, chance=1.0).until for n in (0, 1, 20)]
    assert later == [NOW + timedelta(seconds=seconds) for seconds in (60, 120, 3600)]


@pytest.mark.parametrize("chance", [0, 0.5, 1])
def test_a_named_time_is_never_undercut(chance: float) -> None:
    for seconds in (-5, 0, 3, 600, 86400):
        until = NOW + timedelta(seconds=seconds)
        decision = decided(RateLimited("x", until), chance=chance)
        waits = decision.until or NOW + timedelta(seconds=decision.seconds)
        assert max(until, NOW) <= waits <= max(until, NOW) + timedelta(seconds=30)
    assert decided(ServerFailed("x", NOW + timedelta(hours=1)), chance=0).until == NOW + timedelta(hours=1)


def test_a_rate_over_many_workers(clock: Clock) -> None:
    guard = Guard(MemoryShelf(clock), "checkr", "c1", [Rate(10, 60)])
    went: list[bool] = []

    def work(_n: int) -> None:
        try:
            with guard.call():
                went.append(True)
        except RateLimited as limited:
            refused.append(limited)

    refused: list[RateLimited] = []
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(100)))
    assert len(went) == 10
    assert {limited.code for limited in refused} == {"own-rate-reached"}
    assert all(limited.until.timestamp() > clock.now for limited in refused)


def test_places_over_many_workers(clock: Clock) -> None:
    guard = Guard(MemoryShelf(clock), "xero", "c1", [Concurrency(3), Rate(1000, 60)])
    inside, most, lock = 0, 0, threading.Lock()
    all_in = threading.Barrier(3)

    def work(_n: int) -> str:
        nonlocal inside, most
        try:
            with guard.call():
                with lock:
                    inside += 1
                    most = max(most, inside)
                all_in.wait(5)
                with lock:
                    inside -= 1
            return "went"
        except RateLimited as limited:
            return limited.code

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(work, range(3))) == ["went"] * 3
    assert most == 3
    with guard.call(), guard.call(), guard.call(), pytest.raises(RateLimited, match="own-places-taken"), guard.call():
        pass
    with guard.call():
        pass


def test_limits_of_a_provider_are_shared_by_its_connections(clock: Clock) -> None:
    shelf = MemoryShelf(clock)
    limits = [Rate(2, 60, Per.PROVIDER), Rate(1, 60)]
    guards = [Guard(shelf, "xero", name, limits) for name in ("a", "b", "c")]
    for guard in guards[:2]:
        with guard.call():
            pass
    for guard in guards:
        with pytest.raises(RateLimited), guard.call():
            pass


def test_only_one_probe_over_many_workers(clock: Clock) -> None:
    guard = Guard(MemoryShelf(clock), "checkr", "c1", [Concurrency(50)], Breaker(failures=3, open_seconds=30))
    for _ in range(3):
        with guard.call() as ended:
            ended.failure = ServerFailed("x")
    with pytest.raises(CircuitOpen) as opened, guard.call():
        pass
    assert opened.value.until == datetime.fromtimestamp(clock.now + 30, UTC)
    other = Guard(guard.shelf, "checkr", "c2", breaker=guard.breaker)
    with other.call():
        pass
    clock.now += 31
    let_go, went = threading.Event(), []

    def work(n: int) -> None:
        try:
            with guard.call():
                went.append(n)
                let_go.wait(5)
        except CircuitOpen:
            if not let_go.is_set() and len(refused) == 6:
                let_go.set()
            refused.append(n)

    refused: list[int] = []
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert (len(went), len(refused)) == (1, 7)
    with guard.call():
        pass


def test_a_probe_that_was_never_sent_is_given_back(clock: Clock) -> None:
    guard = Guard(MemoryShelf(clock), "p", "c", [Concurrency(1), Rate(2, 60)], Breaker(failures=1))
    with guard.call() as ended:
        ended.failure = Unreachable("x")
    clock.now += 31
    with pytest.raises(ZeroDivisionError), guard.call():
        1 / 0  # noqa: B018
    with pytest.raises(RateLimited, match="own-rate-reached"), guard.call():
        pass
    clock.now += 70
    with guard.call():
        pass
    with guard.call():
        pass


def test_a_429_holds_all_workers(clock: Clock) -> None:
    guard = Guard(MemoryShelf(clock), "p", "c", [Rate(100, 60), Concurrency(5)])
    until = datetime.fromtimestamp(clock.now + 40, UTC)
    with guard.call() as ended:
        ended.failure, ended.hold_until = RateLimited("slow-down", until), until
    with pytest.raises(RateLimited) as held, guard.call():
        pass
    assert held.value.until == until
    clock.now += 40
    with guard.call():
        pass


CALL = Call("things.read", "GET", "/things")


@pytest.fixture
def settled() -> Callable[..., Any]:
    def _settled(*replies: Reply | Failure, safety: Safety = Safety.FREE, guard: Guard | None = None) -> Any:
        waiting = iter(replies)
        kept: list[Any] = []
        slept: list[float] = []

        def respond(_asked: Any) -> Reply:
            answer = next(waiting)
            if isinstance(answer, Failure):
                raise answer
            return answer

        client = HttpClient(Http("https://api.example"), MemoryCarrier(respond))
        result = settle(
            lambda: client.exchange(CALL), guard or Guard(MemoryShelf(), "p", "c"), safety, Retry(),
            keep=kept.append, sleep=slept.append, chance=lambda: 0.0,
        )  # fmt: skip
        return result, [exchanged.record.outcome for exchanged in kept], slept

    return _settled


def test_settle_repeats_what_may_be_repeated(settled: Any) -> None:
    result, kept, slept = settled(Unreachable("down"), Reply(503, (), b""), Reply(200, (), b"1"))
    assert (result.answer.json(), result.failure, result.decision, result.attempts) == (1, None, None, 3)
    assert kept == ["down", "server-failed-503", "ok"]
    assert slept == [0.25, 0.5]


def test_the_last_call_of_a_window_holds_all_workers(clock: Clock) -> None:
    guard = Guard(MemoryShelf(clock), "p", "c", [Rate(100, 60)])
    rules = Rules(rates=RateHeaders(remaining="X-Left", reset="X-Reset"))
    spent = MemoryCarrier(lambda _asked: Reply(200, (("X-Left", "0"), ("X-Reset", "30")), b"{}"))
    at = datetime.fromtimestamp(clock.now, UTC)
    client = HttpClient(Http("https://api.example", rules=rules), spent, clock=lambda: at)
    assert settle(lambda: client.exchange(CALL), guard, Safety.FREE, Retry()).answer is not None
    with pytest.raises(RateLimited) as held, guard.call():
        pass
    assert held.value.until == at + timedelta(seconds=30)


def test_settle_hands_over_what_may_not(settled: Any) -> None:
    result, kept, slept = settled(TimedOut("deadline", True), safety=Safety.ASK)
    assert (result.answer, result.decision.next, kept, slept) == (None, Next.ASK, ["deadline"], [])
    assert settled(Reply(401, (), b""))[0].decision.next is Next.SIGN_IN
    assert settled(Reply(422, (), b""))[0].decision.next is Next.STOP
    late = settled(Reply(429, (("Retry-After", "3600"),), b""))[0]
    assert late.decision.next is Next.LATER
    assert late.decision.until > datetime.now(UTC) + timedelta(minutes=59)


def test_settle_sends_nothing_while_the_circuit_is_open(settled: Any) -> None:
    guard = Guard(MemoryShelf(), "p", "c", breaker=Breaker(failures=1))
    first = settled(Unreachable("down"), guard=guard)[0]
    assert (first.decision.next, type(first.failure)) == (Next.LATER, CircuitOpen)
    result, kept, _ = settled(guard=guard)
    assert (result.decision.next, kept, result.attempts) == (Next.LATER, [], 1)
