"""R1 to R5: the recruiter's board over 100,000 background checks: what runs, what is mine to do, a name, a page far into what is done."""

from __future__ import annotations

from statistics import median
from urllib.parse import quote
from uuid import UUID, uuid4

from bench.fill import make_company
from bench.fill_checks import fill_checks
from bench.ground import Ground
from bench.load import request_of
from bench.people import signed_in
from bench.queries import queries_of
from bench.result import Result
from bench.routes import product
from bench.server import Burst, site

CHECKS = 100_000
FAR = 2_000  # the page of what is done that is compared with its first


def measure(ground: Ground, rounds: int) -> list[Result]:
    """Whole pages of somebody who recruits, against the bare Jinja page of the same worker."""
    ground.enter(ground.work)
    company_id = uuid4()
    make_company(company_id, "Meridian Works", f"board-{company_id.hex[-8:]}")
    cookie = signed_in(company_id, "RECRUITER")
    fill_checks(ground, company_id, _newest_user(ground, company_id), CHECKS)
    app = product()
    with app.test_request_context():
        board = app.url_for("screening.board")
    paths = {
        "active": board, "mine": f"{board}?mine=y", "name": f"{board}?q={quote('Castillo')}", "done": f"{board}?bucket=done",
        "far": f"{board}?bucket=done&after={_position(ground, company_id)}",
    }  # fmt: skip
    sent = {"page": request_of("/bench/page")} | {name: request_of(path, cookie=cookie) for name, path in paths.items()}
    found: dict[str, list[Burst]] = {name: [] for name in sent}
    with site(ground.servers) as one:
        for request in sent.values():
            one.burst(request, seconds=0.3)
        for _ in range(rounds):
            for name, request in sent.items():
                found[name].append(one.burst(request, seconds=1.0 if ground.quick else 2.0))
    queries = {name: float(len(queries_of(app, path, cookie))) for name, path in paths.items()}
    return [
        _of_page("R1", f"recruiter's board, {CHECKS:,} checks: what runs, of (b)", found, "active", 0.05),
        _of_page("R2", "what needs me, of (b)", found, "mine", 0.05),
        _of_page("R3", "a name, of (b)", found, "name", 0.008),
        _of_page("R4", "what is done, of (b)", found, "done", 0.05),
        _against("R5", f"page {FAR:,} of what is done against its first", found, "far", "done", 1.5),
        Result("R6", "queries of the board, at most", [max(queries.values())], "<=", 6),
    ]


def _of_page(goal_id: str, what: str, found: dict[str, list[Burst]], name: str, goal: float) -> Result:
    pairs = list(zip(found[name], found["page"], strict=True))
    return Result(
        goal_id, what, [a.shot.rate / b.shot.rate for a, b in pairs], ">=", goal,
        cpu=[b.cpu_ms / a.cpu_ms for a, b in pairs], detail=_times(found[name]),
    )  # fmt: skip


def _against(goal_id: str, what: str, found: dict[str, list[Burst]], name: str, floor: str, goal: float) -> Result:
    pairs = list(zip(found[name], found[floor], strict=True))
    times = [a.shot.percentile(0.5) / b.shot.percentile(0.5) for a, b in pairs]
    return Result(
        goal_id, what, times, "<=", goal, "x", cpu=[a.cpu_ms / b.cpu_ms for a, b in pairs], detail=_times(found[name])
    )


def _times(bursts: list[Burst]) -> str:
    p50, p95 = (median(burst.shot.percentile(share) for burst in bursts) for share in (0.5, 0.95))
    web, database = median(burst.web_ms for burst in bursts), median(burst.database_ms for burst in bursts)
    return f"p50 {p50:.1f} ms, p95 {p95:.1f} ms, CPU ms {web:.2f} web + {database:.2f} PG"


def _newest_user(ground: Ground, company_id: UUID) -> UUID:
    with ground.connect(ground.work) as admin:
        row = admin.execute(
            "SELECT id FROM user_account WHERE company_id = %s ORDER BY id DESC LIMIT 1", (company_id,)
        ).fetchone()
    assert row is not None
    return UUID(str(row[0]))


def _position(ground: Ground, company_id: UUID) -> UUID:
    """The last line of the page before."""
    query = (
        "SELECT id FROM screening_request WHERE company_id = %s AND bucket = 'done' ORDER BY id DESC OFFSET %s LIMIT 1"
    )
    with ground.connect(ground.work) as admin:
        row = admin.execute(query, (company_id, (FAR - 1) * 25 - 1)).fetchone()
    assert row is not None
    return UUID(str(row[0]))
