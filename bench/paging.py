"""W6: a page far into the list costs what the first one costs, and a million rows what a thousand cost."""

from __future__ import annotations

from statistics import median
from time import process_time
from uuid import UUID

from bench.fill import LARGE_ID, SMALL_ID, crowd
from bench.ground import Ground
from bench.load import request_of
from bench.people import signed_in
from bench.result import Result
from bench.routes import product, urls
from bench.server import Burst, site

FAR = 10_000  # the page that is compared with the first


def measure(ground: Ground, rounds: int) -> list[Result]:
    """Whole requests over HTTP, and the database's part alone."""
    ground.enter(ground.crowd)
    crowd(ground)
    app = product()
    first = urls(app, LARGE_ID)["list"]
    page = min(FAR, ground.people // 25 - 2)
    cursor = f"E{page * 25 - 1:07d}"
    large, small = signed_in(LARGE_ID, "HR_ADMIN"), signed_in(SMALL_ID, "HR_ADMIN")
    sent = {
        "first": request_of(first, cookie=large),
        "far": request_of(f"{first}?after={cursor}", cookie=large),
        "small": request_of(first, cookie=small),
    }
    found: dict[str, list[Burst]] = {name: [] for name in sent}
    with site(ground.servers) as one:
        for request in sent.values():
            one.burst(request, seconds=0.3)
        for _ in range(rounds):
            for name, request in sent.items():
                found[name].append(one.burst(request, seconds=0.7 if ground.quick else 1.5))
    return [
        _against("W6", f"list page {page:,} against page 1, whole request", found, "far", "first", 1.5),
        _database(LARGE_ID, cursor, page, rounds),
        _against("W6n", f"list of {ground.people:,} rows against 1,000", found, "first", "small", 1.3),
    ]


def _against(goal_id: str, what: str, found: dict[str, list[Burst]], name: str, floor: str, goal: float) -> Result:
    pairs = list(zip(found[name], found[floor], strict=True))
    times = [a.shot.percentile(0.5) / b.shot.percentile(0.5) for a, b in pairs]
    detail = f"p50 {median(a.shot.percentile(0.5) for a, _ in pairs):.2f} against {median(b.shot.percentile(0.5) for _, b in pairs):.2f} ms"
    return Result(goal_id, what, times, "<=", goal, "x", cpu=[a.cpu_ms / b.cpu_ms for a, b in pairs], detail=detail)


def _database(company_id: UUID, cursor: str, page: int, rounds: int) -> Result:
    """The service call alone: one query, 25 rows, names decrypted."""
    ratios = []
    for _ in range(rounds):
        near, far = _listing_ms(company_id, ""), _listing_ms(company_id, cursor)
        ratios.append(far / near)
    return Result(
        "W6s",
        f"the list service: page {page:,} against page 1 (CPU)",
        ratios,
        "<=",
        1.5,
        "x",
        detail=f"page 1 {near:.2f} ms",
    )


def _listing_ms(company_id: UUID, after: str) -> float:
    from app.core.db import transaction
    from app.core.events import system
    from app.people.services.listing import Filters, listing

    with transaction(company_id) as session:
        actor = system("bench", company_id)
        listing(session, actor, Filters(), after=after)
        started = process_time()
        for _ in range(30):
            listing(session, actor, Filters(), after=after)
        return (process_time() - started) / 30 * 1000
