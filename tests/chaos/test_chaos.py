"""Everything is killed at random while people enroll; afterwards the carriers' own books must be exact.

CHAOS_SECONDS (60), CHAOS_SEEDS (1 run), CHAOS_SEED (number of the first), CHAOS_PEOPLE (220 employees, about 500 enrollments).
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.chaos.killer import Killer, plan
from tests.chaos.stack import Stack, running
from tests.chaos.verdict import Verdict, judge, wait_healed
from tests.fixtures.parts import MakeParts

SECONDS = float(os.environ.get("CHAOS_SECONDS", "60"))
SEEDS = int(os.environ.get("CHAOS_SEEDS", "1"))
FIRST = int(os.environ.get("CHAOS_SEED", "20261123"))
PEOPLE = int(os.environ.get("CHAOS_PEOPLE", "220"))
HEAL_SECONDS = float(os.environ.get("CHAOS_HEAL", "900"))
CENSUS_SECONDS = 12


def start_programs(stack: Stack, seed: int) -> None:
    traffic = {"CHAOS_SEED": str(seed), "CHAOS_PEOPLE": str(PEOPLE)}
    stack.call("seed", **traffic)
    for slug in stack.proxies:
        stack.box.client.carrier(slug).set(census_interval_seconds=CENSUS_SECONDS, pickup_seconds=0.1)
    for name in ("worker-1", "worker-2"):
        stack.add(name, "worker")
    for name in ("dispatcher-1", "dispatcher-2"):
        stack.add(name, "dispatcher")
    stack.supervise()
    stack.wait_alive(4)
    stack.add("web", "drive", CHAOS_BEGAN=str(time.time() + 1), CHAOS_SECONDS=str(SECONDS), **traffic)


@pytest.mark.chaos
@pytest.mark.timeout(0)
@pytest.mark.parametrize("seed", range(FIRST, FIRST + SEEDS))
def test_nothing_is_lost_doubled_or_invented(own_parts: MakeParts, open_dir: Path, seed: int) -> None:
    with running(open_dir, own_parts()) as stack:
        start_programs(stack, seed)
        killer = Killer(stack, plan(seed, SECONDS))
        killer.run()
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
