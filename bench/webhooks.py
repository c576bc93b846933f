"""H1 to H3: webhooks at the door, signed as Checkr signs them, against a bare route that only reads the body, in the same gunicorn."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from statistics import median
from uuid import UUID, uuid4

from bench.fill import make_company
from bench.ground import Ground
from bench.load import posted
from bench.result import Result
from bench.server import Burst, site

CONNECTIONS = 8
KEY = "sk_bench_0123456789abcdef"
PER_SECOND = 3000
"""More deliveries than any server here could answer are written beforehand, so that each is a new event."""


def measure(ground: Ground, rounds: int) -> list[Result]:
    """New events, the same event over and over, forged ones; eight connections, one thread worker as in production."""
    ground.enter(ground.work)
    key, seconds = _door(), 1.0 if ground.quick else 2.0
    written = _deliveries(key)
    (same,) = _take(written, 1)
    path = f"/webhooks/{key}"
    forged = [posted(path, body, {"X-Checkr-Signature": "0" * 64}) for body in (_body(-1),)]
    found: dict[str, list[Burst]] = {name: [] for name in ("bare", "new", "again", "forged")}
    with site(ground.servers, kind="gthread", threads=8) as one:
        bare = [posted("/bench/body", _body(0), {"X-Checkr-Signature": "0" * 64})]
        one.burst([same], seconds=0.3)
        for _ in range(rounds):
            fresh = _take(written, int(PER_SECOND * seconds))
            for name, requests in (("bare", bare), ("new", fresh), ("again", [same])):
                found[name].append(one.burst(requests, connections=CONNECTIONS, seconds=seconds))
            found["forged"].append(one.burst(forged, connections=CONNECTIONS, seconds=seconds, wanted=401))
    _each_once(ground, found["new"])
    return [
        _rate("H1", "webhooks accepted, new events, of a bare route", found, "new", 0.05),
        _late("H1p", "the same, p99 to the answer, of the bare route's", found, "new", 25),
        _rate("H2", "the same event again and again, of a bare route", found, "again", 0.12),
        _rate("H3", "forged ones turned away, of a bare route", found, "forged", 0.08),
    ]


def _rate(goal_id: str, what: str, found: dict[str, list[Burst]], name: str, goal: float) -> Result:
    pairs = list(zip(found[name], found["bare"], strict=True))
    rate = median(a.shot.rate for a, _ in pairs)
    detail = f"{rate:,.0f} a second, CPU ms {median(a.web_ms for a, _ in pairs):.2f} web + {median(a.database_ms for a, _ in pairs):.2f} PG"
    return Result(
        goal_id, what, [a.shot.rate / b.shot.rate for a, b in pairs], ">=", goal,
        cpu=[b.cpu_ms / a.cpu_ms for a, b in pairs], detail=detail,
    )  # fmt: skip


def _late(goal_id: str, what: str, found: dict[str, list[Burst]], name: str, goal: float) -> Result:
    pairs = [
        (a.shot.percentile(0.99), b.shot.percentile(0.99)) for a, b in zip(found[name], found["bare"], strict=True)
    ]
    detail = f"p99 {median(a for a, _ in pairs):.1f} against {median(b for _, b in pairs):.1f} ms, c={CONNECTIONS}"
    return Result(goal_id, what, [a / b for a, b in pairs], "<=", goal, "x", detail=detail)


def _door() -> str:
    """A company with a Checkr connection; returns the end of its address."""
    company_id = uuid4()
    make_company(company_id, "Meridian Works", f"hooks-{company_id.hex[-8:]}")
    from app.connections.models import Connection
    from app.connections.services import door
    from app.core.db import tenant, transaction

    with tenant(company_id), transaction() as session:
        made = Connection(adapter="checkr", name="Checkr", code="CHK", status="connected", credentials={"api_key": KEY})
        made.webhook_key = door.new_key(company_id)
        session.add(made)
        return made.webhook_key


def _deliveries(key: str) -> Iterator[str]:
    """Requests without end, each with an event of its own."""
    from app.integrations.adapters.checkr.manifest import WEBHOOKS
    from app.integrations.webhooks.kinds import Hmac
    from app.integrations.webhooks.verifiers import signed

    verifier = WEBHOOKS.verifier
    assert isinstance(verifier, Hmac)
    for number in count():
        body = _body(number)
        yield posted(f"/webhooks/{key}", body, {verifier.header: signed(verifier, KEY, body.encode())})


def _body(number: int) -> str:
    """As long as Checkr's: a report with its links, 1.2 kB."""
    links = {f"search_{place}_id": UUID(int=place).hex[:24] for place in range(18)}
    report = {"id": f"{number % 1000:024x}", "object": "report", "status": "complete", "result": "clear", **links}
    told = {
        "id": f"{number + 1:024x}",
        "object": "event",
        "type": "report.completed",
        "created_at": "2026-11-25T12:00:00Z",
    }
    return json.dumps(told | {"data": {"object": report}, "account_id": "corridor"}, separators=(",", ":"))


def _take(written: Iterator[str], size: int) -> list[str]:
    return [next(written) for _ in range(size)]


def _each_once(ground: Ground, bursts: list[Burst]) -> None:
    """What was thanked for is stored: as many rows and promised jobs as answers, or the numbers mean nothing."""
    answered = sum(len(burst.shot.times) for burst in bursts) + 1
    with ground.connect(ground.work) as admin:
        for table in ("inbox_item", "job_intent WHERE kind = 'screening.read_event'"):
            row = admin.execute(f"SELECT count(*) FROM {table}").fetchone()
            if row != (answered,):
                raise RuntimeError(f"{answered} deliveries were thanked for, {table} has {row}")
