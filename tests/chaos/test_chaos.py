"""Everything is killed at random while people enroll and are screened; afterwards the carriers' and screeners' own books must be exact.

CHAOS_SECONDS (60), CHAOS_SEEDS (1 run), CHAOS_SEED (number of the first), CHAOS_PEOPLE (220 employees, about 500 enrollments),
CHAOS_ORDERS (300 checks at the provider with idempotency keys, and 90 at one without).
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.chaos import trouble
from tests.chaos.hiring import KEYED
from tests.chaos.killer import Killer, plan
from tests.chaos.stack import Stack, running
from tests.chaos.verdict import Verdict, judge, wait_healed, wait_ordered
from tests.fixtures.parts import MakeParts

SECONDS = float(os.environ.get("CHAOS_SECONDS", "60"))
SEEDS = int(os.environ.get("CHAOS_SEEDS", "1"))
FIRST = int(os.environ.get("CHAOS_SEED", "20261123"))
PEOPLE = int(os.environ.get("CHAOS_PEOPLE", "220"))
ORDERS = int(os.environ.get("CHAOS_ORDERS", "300"))
HEAL_SECONDS = float(os.environ.get("CHAOS_HEAL", "900"))
CENSUS_SECONDS = 12
TROUBLED_SECONDS = (
    240  # until every order has settled, and at most so long after the last kill are the screening providers still ill
)


def start_programs(stack: Stack, seed: int) -> None:
    traffic = {"CHAOS_SEED": str(seed), "CHAOS_PEOPLE": str(PEOPLE), "CHAOS_ORDERS": str(ORDERS)}
    stack.call("seed", **traffic)
    for slug in stack.proxies:
        stack.box.client.carrier(slug).set(census_interval_seconds=CENSUS_SECONDS, pickup_seconds=0.1)
    for name in ("worker-1", "worker-2"):
        stack.add(name, "worker")
    for name in ("dispatcher-1", "dispatcher-2"):
        stack.add(name, "dispatcher")
    stack.supervise()
    stack.wait_alive(4)
    traffic |= {"CHAOS_BEGAN": str(time.time() + 1), "CHAOS_SECONDS": str(SECONDS)}
    stack.add("web", "drive", **traffic)
    stack.add("web-candidates", "apply", **traffic)
    stack.add("web-door", "door")
    ((key,),) = stack.query("SELECT webhook_key FROM connection WHERE code = %s", KEYED)
    stack.box.client.screening.set_webhooks(f"http://127.0.0.1:{stack.door_port}/webhooks/{key}")


@pytest.mark.chaos
@pytest.mark.timeout(0)
@pytest.mark.parametrize("seed", range(FIRST, FIRST + SEEDS))
def test_nothing_is_lost_doubled_or_invented(own_parts: MakeParts, open_dir: Path, seed: int) -> None:
    with running(open_dir, own_parts()) as stack:
        start_programs(stack, seed)
        killer = Killer(stack, plan(seed, SECONDS))
        troubles = trouble.Troublemaker(stack.box.client, trouble.plan(seed, SECONDS), seed)
        troubles.start()
        killer.run()
        wait_ordered(stack, TROUBLED_SECONDS)
        troubles.end()
        over = time.monotonic()
        left = wait_healed(stack, HEAL_SECONDS)
        healed = time.monotonic() - over
        verdict = judge(stack, Verdict(seed, killer.done, healed, left))
        print(f"\n{verdict}")  # noqa: T201 - the result
        keep_logs(stack, verdict)
    check(verdict)


def keep_logs(stack: Stack, verdict: Verdict) -> None:
    """CHAOS_KEEP names a folder for the logs and the verdict of each run."""
    if folder := os.environ.get("CHAOS_KEEP"):
        kept = Path(folder) / str(verdict.seed)
        kept.mkdir(parents=True, exist_ok=True)
        for log in stack.log.iterdir():
            (kept / log.name).write_bytes(log.read_bytes())
        (kept / "verdict.txt").write_text(str(verdict))


def check(verdict: Verdict) -> None:
    told = str(verdict)
    assert not verdict.left, told
    assert verdict.lost == [], told
    assert verdict.ghost == [], told
    assert verdict.twice == [], told
    assert verdict.wrong_table == [], told
    assert verdict.refusals == [], told
    assert verdict.unacknowledged == [], f"{verdict.unacknowledged}\n{told}"
    assert verdict.mail_lost == 0, told
    assert verdict.trail == "whole", told
    assert verdict.approved > 0, told
    assert not verdict.bad_intents, told
    checks = verdict.checks
    assert checks.orders.total() > 0, told
    for wrong in (checks.lost, checks.ghost, checks.twice, checks.untold, checks.uncommitted):
        assert wrong == [], f"{wrong}\n{told}"
    assert checks.orders[KEYED, "placed"] >= ORDERS, told
    assert {state for code, state in checks.orders if code == KEYED} == {"placed"}, told
    assert checks.faults.total() >= ORDERS / 20, told
    assert checks.differs == [], f"{checks.differs}\n{told}"
    assert checks.not_applied == [], f"{checks.not_applied}\n{told}"
    assert checks.events["applied"] > 0, told
