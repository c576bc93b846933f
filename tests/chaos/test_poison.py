"""Jobs that break their process, in real workers: each is dead after its tries, and the others keep flowing."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import pytest

from tests.chaos import POISON_TRIES
from tests.chaos.stack import Stack, running
from tests.fixtures.parts import MakeParts

POISON = ("segfault", "abort", "killed", "loop", "hog", "exit", "nobody-knows")
GOOD = 120
PROMISE = (
    "INSERT INTO job_intent (company_id, id, kind, subject_id, args, idem_key, repeat, state, attempts, last_error)"
    " VALUES (%s, gen_random_uuid(), %s, gen_random_uuid(), '{}', gen_random_uuid()::text, 'safe', 'pending', 0, '') RETURNING id"
)
OPEN = "SELECT count(*) FROM job_intent WHERE kind LIKE 'poison.%' AND state NOT IN ('done', 'dead')"
DELAY = "SELECT extract(epoch FROM done_at - created_at)::float8 FROM job_intent WHERE kind = 'poison.good'"


def pour(stack: Stack) -> None:
    """Good ones all the time, and poison between them."""
    for number in range(GOOD):
        if number % 10 == 0 and number // 10 < len(POISON):
            stack.query(PROMISE, stack.company, f"poison.{POISON[number // 10]}")
        stack.query(PROMISE, stack.company, "poison.good")
        time.sleep(0.1)


@pytest.mark.chaos
@pytest.mark.timeout(0)
def test_poison_is_dead_after_its_tries_and_the_others_flow(own_parts: MakeParts, open_dir: Path) -> None:
    with running(open_dir, own_parts()) as stack:
        for name in ("worker-1", "worker-2"):
            stack.add(name, "worker", CHAOS_JOBS="tests.chaos.poison_jobs")
        stack.add("dispatcher-1", "dispatcher", CHAOS_JOBS="tests.chaos.poison_jobs")
        stack.supervise()
        stack.wait_alive(3)
        pour(stack)
        deadline = time.monotonic() + 120
        while stack.query(OPEN)[0][0] and time.monotonic() < deadline:
            time.sleep(0.5)
        rows = {
            kind.removeprefix("poison."): (state, attempts, code)
            for kind, state, attempts, code in stack.query(
                "SELECT kind, state, attempts, last_error FROM job_intent WHERE kind <> 'poison.good'"
                " AND kind LIKE 'poison.%'"
            )
        }
        delays = sorted(row[0] or 1e9 for row in stack.query(DELAY))
        starts = sum(program.starts for program in stack.named("worker"))
    cuts = statistics.quantiles(delays, n=100)
    result = (
        f"\npoison: {rows}\n  others: {len(delays)}, p50 {cuts[49]:.2f} s, p99 {cuts[98]:.2f} s, max {delays[-1]:.2f} s"
    )
    print(result)  # noqa: T201 - the result
    assert {state for state, *_ in rows.values()} == {"dead"}, rows
    tries = {name: attempts for name, (_, attempts, _) in rows.items()}
    assert tries == dict.fromkeys(POISON, POISON_TRIES) | {"nobody-knows": 1}
    assert rows["nobody-knows"][2] == "unknown-kind"
    assert len(delays) == GOOD
    assert delays[-1] < 60, "the others waited for the poison"
    assert starts == 2, "no worker died of a job"
