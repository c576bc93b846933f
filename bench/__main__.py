"""`python -m bench [web|paging|rss|visit|queue|pdf|export834|import834|import|crypt|webhooks|board|sync|all] [--rounds N] [--quick]`."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import time

from bench.ground import RESULTS, Ground, ground
from bench.result import Result, keep, table
from bench.usage import NOISE, Foreign, foreign_load

PARTS = {
    "web": "web", "paging": "paging", "rss": "rss", "visit": "visit", "queue": "queue", "pdf": "pdf",
    "export834": "export834", "import834": "import834", "import": "intake", "crypt": "crypt", "webhooks": "webhooks", "board": "board", "sync": "sync",
}  # fmt: skip


def main() -> int:
    """Measure, print one table, write bench/results/latest.json; 1 when a part could not be measured."""
    asked = _arguments()
    chosen = [name for name in PARTS if asked.part in (name, "all")]
    gate = foreign_load()
    if gate > NOISE:
        print(
            f"WARNING: somebody else uses {gate:.2f} cores; ratios by CPU seconds decide, where there are any.",
            flush=True,
        )
    results: list[Result] = []
    failed, worst = False, gate
    with ground(quick=asked.quick) as here:
        for name in chosen:
            foreign = Foreign([os.getpid(), *here.servers])
            found = _measured(name, here, asked.rounds)
            cores = foreign.cores()
            worst, failed = max(worst, cores), failed or not found
            for one in found:
                one.quiet = cores <= NOISE
            results += found
            if cores > NOISE:
                print(f"WARNING: during {name} others used {cores:.2f} cores.", flush=True)
    print("\n" + table(results))
    path = RESULTS / asked.out
    keep(results, path, foreign=worst, quick=asked.quick)
    print(f"\nForeign load up to {worst:.2f} cores. Written: {path}")
    return int(failed)


def _measured(name: str, here: Ground, rounds: int) -> list[Result]:
    started = time.monotonic()
    print(f"— {name}", flush=True)
    try:
        found: list[Result] = importlib.import_module(f"bench.{PARTS[name]}").measure(here, rounds)
    except Exception as problem:  # one part that fails must not take the others' numbers with it
        if os.environ.get("BENCH_TRACE"):
            raise
        print(f"  {name} failed: {type(problem).__name__}: {problem}", file=sys.stderr, flush=True)
        return []
    print(f"  {time.monotonic() - started:.0f} s", flush=True)
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("part", nargs="?", default="all", choices=[*PARTS, "all"])
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds; medians are shown (default 5)")
    parser.add_argument("--quick", action="store_true", help="200,000 employees and shorter runs")
    parser.add_argument(
        "--out", default="latest.json", help="file name under bench/results (local-*.json is ignored by git)"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
