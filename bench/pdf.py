"""D1 and D2: tagged PDF notices through outbox, dispatcher and our worker, against WeasyPrint in this process."""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from bench.fill import make_company
from bench.ground import Ground
from bench.letter import letter
from bench.result import Result
from bench.team import next_stamp, processes, promise, wait_printed
from bench.usage import cpu_seconds
from bench.work import PRINTED, STAMPS
from worker.stack.state import CHECKOUT


def measure(ground: Ground, rounds: int) -> list[Result]:
    """Rates in documents a second. One document a job is what the product does today."""
    ground.enter(ground.work)
    company_id = uuid4()
    make_company(company_id, "Print Works", f"print-{company_id.hex[:8]}")
    from worker.run import connect

    valkey, many = connect(), 20 if ground.quick else 60
    valkey.delete(STAMPS)  # of a run that was interrupted
    rounds = min(rounds, 3)
    here, single, batched = [], [], []
    with processes(("worker.dispatch",), ("bench.work", "product")) as pids:
        _warm(company_id, valkey, 1)
        for _ in range(rounds):  # by turns, so that a busy minute of the machine hits all three
            here.append(_in_process(many))
            single.append(_queued(company_id, valkey, pids, many, 1))
            batched.append(_queued(company_id, valkey, pids, many, 10))
    with processes(("worker.dispatch",), ("bench.work", "product"), ("bench.work", "product")) as pids:
        _warm(company_id, valkey, 2)
        double = [_queued(company_id, valkey, pids, 2 * many, 1) for _ in range(rounds)]
    default = _default_rate(valkey, max(4, many // 8))
    results = _rates(here, single, batched, double, default)
    return [*results, *_alone(ground, rounds)]


class Pace(NamedTuple):
    """Documents a second, and a CPU second (of worker and dispatcher together)."""

    rate: float
    by_cpu: float


def _rates(
    here: list[Pace], single: list[Pace], batched: list[Pace], double: list[Pace], default: Pace
) -> list[Result]:
    one = median(pace.rate for pace in single)
    shown = f"a second: here {median(pace.rate for pace in here):.1f}, queue {one:.1f}, ten a job {median(pace.rate for pace in batched):.1f}, rq worker {default.rate:.1f}"
    return [
        _against("D1", "notices through our queue, one a job, of in-process", single, here, 0.85, detail=shown),
        _against("D1b", "the same, ten a job", batched, here, 0.85),
        _against("D1r", "one a job, against the default `rq worker`", single, [default] * len(single), 4, "x"),
        Result("D2", "two workers against one", [pace.rate / one for pace in double], ">=", 1.7, "x"),
    ]


def _against(
    goal_id: str, what: str, ours: list[Pace], theirs: list[Pace], goal: float, unit: str = "", detail: str = ""
) -> Result:
    pairs = list(zip(ours, theirs, strict=True))
    rates, by_cpu = [a.rate / b.rate for a, b in pairs], [a.by_cpu / b.by_cpu for a, b in pairs]
    return Result(goal_id, what, rates, ">=", goal, unit, cpu=by_cpu, detail=detail)


def _in_process(many: int) -> Pace:
    from app.notices.pdf import render

    render(letter(0), title="Notice", language="en")
    started, cpu = time.perf_counter(), time.process_time()
    for number in range(many):
        render(letter(number), title="Notice", language="en")
    return Pace(many / (time.perf_counter() - started), many / (time.process_time() - cpu))


def _warm(company_id: UUID, valkey: Any, workers: int) -> None:
    """Until every worker has taken a job."""
    for _ in range(workers * 2):
        promise(company_id, "bench.stamp", 1)
        next_stamp(valkey)
    time.sleep(3)  # a second worker may still be importing


def _queued(company_id: UUID, valkey: Any, pids: list[int], many: int, each: int) -> Pace:
    valkey.delete(PRINTED)
    started, cpu = time.monotonic(), cpu_seconds(pids)
    promise(company_id, "bench.print", many // each, {"count": str(each)})
    wait_printed(valkey, many)
    return Pace(many / (time.monotonic() - started), many / (cpu_seconds(pids) - cpu))


def _default_rate(valkey: Any, many: int) -> Pace:
    """`rq worker` with the same documents, one a job, directly enqueued."""
    from worker.run import queue

    with processes(("bench.work", "default")) as pids:
        into = queue(valkey)
        valkey.delete(PRINTED)
        into.enqueue("bench.work.print_plain", 1, result_ttl=0)
        wait_printed(valkey, 1)
        started, cpu = time.monotonic(), cpu_seconds(pids)
        for _ in range(many):
            into.enqueue("bench.work.print_plain", 1, result_ttl=0)
        wait_printed(valkey, many + 1)
        return Pace(many / (time.monotonic() - started), many / (cpu_seconds(pids) - cpu))


def _alone(ground: Ground, rounds: int) -> list[Result]:
    """Growth of one long-lived process, and what PDF/UA costs."""
    count = 120 if ground.quick else 1_000
    done = subprocess.run(
        [sys.executable, "-m", "bench.work", "grow", str(count)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=True,
    )
    early, late = (float(word) for word in done.stdout.split())
    ratios = [_cpu_of("pdf/ua-1") / _cpu_of(None) for _ in range(rounds)]
    grown = f"{early:.0f} → {late:.0f} MiB over {count:,}"
    return [
        Result("D2m", "growth of one process over 1,000 notices", [late - early], "<=", 15, " MiB", detail=grown),
        Result("D2u", "PDF/UA against plain PDF, CPU", ratios, "<=", 1.10, "x"),
    ]


def _cpu_of(variant: str | None) -> float:
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration

    from app.notices.pdf import STYLE

    fonts = FontConfiguration()
    style = weasyprint.CSS(string=STYLE.read_text(), font_config=fonts)
    options: dict[str, Any] = {"pdf_variant": variant, "pdf_tags": True} if variant else {}
    started = time.process_time()
    for number in range(8):
        weasyprint.HTML(string=letter(number)).render(stylesheets=[style], font_config=fonts).write_pdf(**options)
    return time.process_time() - started
