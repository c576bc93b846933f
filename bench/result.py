"""What a measurement says, the one table, and the file it is kept in."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

PACKAGES = "flask sqlalchemy psycopg gunicorn rq redis hiredis weasyprint cryptography jinja2 pyx12".split()


@dataclass
class Result:
    """One row of the table.

    values: the ratio (or number) of each round. sign: what the goal asks of the median, `>=` or `<=`. cpu: the same ratio from
    CPU seconds, which a busy machine hardly moves; it decides when the machine was not quiet. detail: absolute numbers.
    """

    goal_id: str
    what: str
    values: list[float]
    sign: str
    goal: float
    unit: str = ""
    cpu: list[float] = field(default_factory=list)
    detail: str = ""
    quiet: bool = True

    @property
    def median(self) -> float:
        return median(self.values) if self.values else float("nan")

    @property
    def met(self) -> bool:
        judged = self.median if self.quiet or not self.cpu else median(self.cpu)
        return judged >= self.goal if self.sign == ">=" else judged <= self.goal


def measured(result: Result) -> str:
    """`0.52 [0.50 to 0.55]`, with the CPU ratio behind it where there is one."""
    if not result.values:
        return "not measured"
    low, high = min(result.values), max(result.values)
    shown = f"{_number(result.median)}{result.unit}"
    if len(result.values) > 1:
        shown += f" [{_number(low)} to {_number(high)}]"
    return shown + (f" cpu {_number(median(result.cpu))}" if result.cpu else "")


def _number(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}" if abs(value) >= 0.1 else f"{value:.3f}"


def table(results: Sequence[Result]) -> str:
    """Every result, one line each, as Markdown."""
    rows = [("goal", "what", "measured", "wanted", "met", "absolute numbers")]
    for one in results:
        wanted = f"{'≥' if one.sign == '>=' else '≤'} {_number(one.goal)}{one.unit}"
        rows.append((one.goal_id, one.what, measured(one), wanted, "yes" if one.met else "NO", one.detail))
    widths = [max(len(row[place]) for row in rows) for place in range(5)]
    lines = [
        "| " + " | ".join([*(row[place].ljust(widths[place]) for place in range(5)), row[5]]) + " |" for row in rows
    ]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|---|", *lines[1:]])


def keep(results: Sequence[Result], path: Path, *, foreign: float, quick: bool) -> None:
    """Write the results; measurements of other subcommands in the file stay."""
    path.parent.mkdir(parents=True, exist_ok=True)
    known: dict[str, Any] = {}
    if path.exists():
        known = {row["goal_id"]: row for row in json.loads(path.read_text())["results"]}
    stamp = datetime.now(UTC).isoformat(timespec="seconds")
    for one in results:
        known[one.goal_id] = asdict(one) | {"median": one.median, "met": one.met, "measured_at": stamp, "quick": quick}
    content = {"machine": machine(), "foreign_cores": round(foreign, 3), "results": list(known.values())}
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def machine() -> dict[str, Any]:
    """What the numbers hold for."""
    return {
        "name": platform.node(),
        "date": datetime.now(UTC).date().isoformat(),
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.platform(),
        "commit": _commit(),
        "versions": {name: version(name) for name in PACKAGES},
    }


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _commit() -> str:
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return done.stdout.strip()
