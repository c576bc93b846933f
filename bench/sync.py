"""S1 to S4: records through the sync engine against the same pages fetched raw and copied into a table; what protection costs a call;
how long adapters are. The stand-in is a process of its own."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

from bench.fill import make_company
from bench.ground import Ground
from bench.result import Result

SLUG = "bamboohr"
CALLS = 300
ADAPTERS = Path(__file__).parent.parent / "app" / "integrations" / "adapters"


def measure(ground: Ground, rounds: int) -> list[Result]:
    """Each round a company of its own: everybody arrives, then the same again; and the same requests without us."""
    ground.work_here()
    people = 200 if ground.quick else 1_000
    first, again, raw, calls = [], [], [], []
    with _stand_in(people) as hints:
        for number in range(max(2, min(rounds, 5))):
            company_id, connection_id = _connect(number, hints)
            raw.append(_raw(ground, hints))
            first.append(_run(company_id, connection_id))
            again.append(_run(company_id, connection_id))
            calls.append(_calls(company_id, connection_id))
    return [*_rates(raw, first, again), *_protection(calls), _lines()]


def _rates(
    raw: list[tuple[float, int]], first: list[tuple[float, int]], again: list[tuple[float, int]]
) -> list[Result]:
    floor, found = [count / seconds for seconds, count in raw], []
    for goal_id, what, runs, goal in (
        ("S1", "people arrive", first, 0.1),
        ("S2", "the same people again", again, 0.25),
    ):
        rate = [count / seconds for seconds, count in runs]
        ratios = [one / base for one, base in zip(rate, floor, strict=True)]
        detail = f"{median(rate):,.0f} records a second against {median(floor):,.0f} fetched raw and copied"
        found.append(Result(goal_id, f"{what}, of the same requests raw plus COPY", ratios, ">=", goal, detail=detail))
    return found


def _protection(calls: list[tuple[float, float]]) -> list[Result]:
    ms = [(guarded - bare) * 1000 for guarded, bare in calls]
    detail = f"{median(g for g, _ in calls) * 1000:.2f} against {median(b for _, b in calls) * 1000:.2f} ms a call"
    return [Result("S3", "limiter, circuit and log of exchanges, a page", ms, "<=", 10, " ms", detail=detail)]


DATA = ("manifest.py", "api.py", "settings.py", "words.py", "presets.py")
"""Files of an adapter that are data: what there is, what it is called, what can be set."""


def _lines() -> Result:
    """Of code alone: no blank lines, no comments, none of the files that are data."""
    folders = [path for path in ADAPTERS.iterdir() if (path / "manifest.py").exists()]
    counted = {path.name: sum(_code(file) for file in path.glob("*.py") if file.name not in DATA) for path in folders}
    data = {path.name: sum(_code(path / name) for name in DATA if (path / name).exists()) for path in folders}
    told = ", ".join(
        f"{name} {counted[name]} + {data[name]}" for name in sorted(counted, key=lambda name: counted[name])
    )
    over = sum(lines > 150 for lines in counted.values())
    return Result("S4", "adapters with more than 150 lines of code beside data", [float(over)], "<=", 0, detail=told)


def _code(file: Path) -> int:
    return sum(1 for line in file.read_text().splitlines() if line.strip() and not line.strip().startswith("#"))


@contextmanager
def _stand_in(people: int) -> Iterator[dict[str, str]]:
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs, people), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.kill()
        process.join()


def _serve(pipe: Any, people: int) -> None:
    from sandbox.vendors.core.serving import serving

    with serving(SLUG) as vendor:
        vendor.seed(people - 30)
        vendor.terms(token_seconds=10**9)
        scope = "offline_access employee employee:job sensitive_employee:protected_info sensitive_employee:address field time_off"
        pipe.send({**vendor.hints(), "access": vendor.access.issue("corridor", scope).access})
        multiprocessing.Event().wait()


def _connect(number: int, hints: dict[str, str]) -> tuple[UUID, UUID]:
    company_id = uuid4()
    make_company(company_id, f"Sync {number}", f"sync-{company_id.hex[:8]}")
    from app.connections.models import Connection
    from app.connections.services import calling
    from app.core.db import tenant, transaction
    from app.integrations.auth.tokens import Token

    with tenant(company_id), transaction() as session:
        made = Connection(
            adapter=SLUG, name="HR", code="HR", status="connected", settings={"company": "bench"}, api_endpoint_url=hints["api_url"],
            rate_limit_per_hour=100_000_000, credentials={"client_id": "a", "client_secret": "b"},
        )  # fmt: skip
        session.add(made)
        session.flush()
        calling.keep_token(session, made.id, Token(hints["access"], datetime.now(UTC), None))
        return company_id, made.id


def _run(company_id: UUID, connection_id: UUID) -> tuple[float, int]:
    """Seconds and records of one full run, by the job that does it. The provider's own rate is left out: it would be all we see."""
    import sqlalchemy as sa

    from app.connections.services.calling.link import Link
    from app.core.db import fetch, tenant, transaction
    from app.core.events import system
    from app.core.jobs import JobIntent
    from app.integrations.protection.limits import Rate
    from app.integrations.sync.reading import Mode
    from app.syncing import services
    from app.syncing.models import SyncRun
    from worker.execute import run_intent

    Link.limits = property(lambda _link: (Rate(10**9, 1),))  # type: ignore[assignment]
    with tenant(company_id):
        with transaction() as session:
            run_id = services.ask_run(session, system("bench"), connection_id, mode=Mode.FULL).id
        with transaction() as session:
            intent_id = session.scalars(sa.select(JobIntent.id).where(JobIntent.subject_id == run_id)).one()
        started = perf_counter()
        state = ""
        while state not in ("done", "failed", "held"):
            run_intent(str(company_id), str(intent_id))
            with transaction() as session:
                state = fetch(session, SyncRun, run_id).state
        seconds = perf_counter() - started
        with transaction() as session:
            run = fetch(session, SyncRun, run_id)
            assert run.state == "done", f"{run.state} {run.failure}"
            return seconds, run.records_processed


def _raw(ground: Ground, hints: dict[str, str]) -> tuple[float, int]:
    """The same requests with a plain client, and what came copied into a table as it is."""
    import httpx2

    from app.integrations.registry import adapter

    api = adapter(SLUG).api
    assert api is not None
    detail = dict(api.resource("employees").detail)
    started, lines, after = perf_counter(), [], ""
    headers = {"Authorization": f"Bearer {hints['access']}"}
    with httpx2.Client(base_url=hints["api_url"], headers=headers) as client:
        client.get("/meta/lists").raise_for_status()
        client.get("/meta/lists").raise_for_status()
        while True:
            page = client.get(
                "/employees", params={"page[limit]": "100", **({"page[after]": after} if after else {})}
            ).json()
            lines += [client.get(f"/employees/{one['employeeId']}", params=detail).text for one in page["data"]]
            after = page["meta"]["page"]["nextCursor"]
            if not after:
                break
    with ground.connect(ground.work) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE raw (line jsonb)")
        with cursor.copy("COPY raw (line) FROM STDIN") as copy:
            for line in lines:
                copy.write_row([json.dumps(json.loads(line))])
    return perf_counter() - started, len(lines)


def _calls(company_id: UUID, connection_id: UUID) -> tuple[float, float]:
    """Seconds of one call with and without what protects it."""
    from app.connections.services import calling
    from app.core.db import tenant, transaction

    with tenant(company_id):
        with transaction() as session:
            link = calling.link_of(session, connection_id)
        with calling.open_provider(link) as provider:
            call = provider.api.resource("employees").get("1")
            provider.ask(call)
            guarded = _timed(lambda: provider.ask(call))
            client = provider._client
            assert client is not None
            bare = _timed(lambda: client.exchange(call))
    return guarded, bare


def _timed(what: Any) -> float:
    started = perf_counter()
    for _ in range(CALLS):
        what()
    return (perf_counter() - started) / CALLS
