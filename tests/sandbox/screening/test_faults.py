"""Each fault of a request, met by the real transport, and whether the work was done behind it."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from app.integrations.failures import (
    AuthFailed,
    BrokenAnswer,
    Failure,
    Forbidden,
    OutcomeUnknown,
    RateLimited,
    ServerFailed,
    TimedOut,
    Transient,
)
from app.integrations.screening import Order
from sandbox.client import SandboxError
from sandbox.screening.client import ScreeningClient
from sandbox.screening.scenarios import SCENARIOS
from sandbox.screening.switches import FAULTS
from tests.sandbox.screening.conftest import PLACE, Line, new_key

Connect = Callable[..., Line]
WHERE = "POST /checkr/v1/invitations"

# fault → what we meet, and whether the order was made
MEETS: dict[str, tuple[type[Failure], bool]] = {
    "server_error": (ServerFailed, False),
    "unavailable": (Failure, False),
    "bad_auth": (AuthFailed, False),
    "forbidden": (Forbidden, False),
    "rate_limited": (RateLimited, False),
    "drop_before": (OutcomeUnknown, False),
    "server_error_after": (ServerFailed, True),
    "drop_after": (OutcomeUnknown, True),
    "hang_after": (TimedOut, True),
    "garbage": (BrokenAnswer, True),
    "truncated": (OutcomeUnknown, True),
    "empty": (BrokenAnswer, True),
}


def test_every_fault_is_tried() -> None:
    assert set(MEETS) | {"", "slow"} == set(FAULTS)
    assert {scenario.fault for scenario in SCENARIOS.values()} <= set(FAULTS)


@pytest.mark.parametrize("fault", MEETS)
def test_faults(screening: ScreeningClient, connect: Connect, fault: str) -> None:
    kind, done = MEETS[fault]
    line, key = connect(seconds=1), new_key()
    candidate = line.candidate()
    screening.faults(fault, where=WHERE, slow_seconds=1.5)
    with pytest.raises(kind):
        line.invite(candidate, key=key)
    assert [one["key"] for one in screening.orders()] == [key] * done
    assert screening.requests(WHERE)[0]["fault"] == fault
    again = line.invite(candidate, key=key)
    assert (screening.state()["switches"]["fault"], len(screening.orders())) == ("", 1)
    assert screening.ordered_twice() == 0, "the same key orders once"
    assert again.candidate_id == candidate
    assert [one["replayed"] for one in screening.requests(WHERE)] == [False, done]


def test_a_blind_repeat_under_another_key_is_told(screening: ScreeningClient, connect: Connect) -> None:
    line = connect(seconds=1)
    candidate = line.candidate()
    screening.faults("drop_after", where=WHERE)
    with pytest.raises(OutcomeUnknown):
        line.invite(candidate)
    line.invite(candidate)
    assert screening.ordered_twice() == 1


def test_slow(screening: ScreeningClient, line: Line) -> None:
    screening.faults("slow", where="GET /checkr/v1/packages", times=0, slow_seconds=0.3)
    for _ in range(2):
        begun = time.monotonic()
        line.send(line.checkr.list_packages())
        assert time.monotonic() - begun >= 0.3
    screening.faults("")
    begun = time.monotonic()
    line.send(line.checkr.list_packages())
    assert time.monotonic() - begun < 0.3


def test_so_many_times(screening: ScreeningClient, line: Line) -> None:
    screening.faults("server_error", times=2)
    for _ in range(2):
        with pytest.raises(ServerFailed):
            line.send(line.checkr.list_packages())
    line.send(line.checkr.list_packages())
    with pytest.raises(SandboxError, match="fault must be one of"):
        screening.faults("earthquake")


@pytest.mark.parametrize("name", [name for name, scenario in SCENARIOS.items() if scenario.fault])
def test_faults_by_scenario_strike_the_first_order(screening: ScreeningClient, connect: Connect, name: str) -> None:
    line, key = connect(seconds=1), new_key()
    screening.set(slow_seconds=1.5)
    candidate = line.candidate(name.replace("-", " ").title())
    call = line.checkr.invite(candidate, Order("essential", [PLACE]), key)
    with pytest.raises(Failure) as caught:
        line.checkr.read_invitation(line.send(call))
    expected = MEETS.get(SCENARIOS[name].fault, (TimedOut, True))[0]
    assert isinstance(caught.value, expected | Transient)
    while not screening.requests(WHERE):  # a slow one is still at work
        time.sleep(0.05)
    assert line.invite(candidate, key=key).candidate_id == candidate
    assert len(screening.orders()) == 1
