"""W1 to W5 and W7: real pages with a signed-in session, against a constant route and a bare Jinja page of the same worker."""

from __future__ import annotations

from statistics import median

from bench.fill import LARGE_ID, crowd
from bench.ground import Ground
from bench.people import as_browser, signed_in
from bench.queries import queries_of
from bench.result import Result
from bench.routes import product, requests_of, urls
from bench.server import Burst, Site, site

ROLES = ("HR_ADMIN", "AUDITOR")
Rounds = dict[str, list[Burst]]


def measure(ground: Ground, rounds: int) -> list[Result]:
    """Every web goal, sync worker first, then the thread worker that production uses."""
    ground.enter(ground.crowd)
    crowd(ground)
    app = product()
    paths = urls(app, LARGE_ID)
    cookie = as_browser(app, signed_in(LARGE_ID, *ROLES), paths["list"])
    sent = requests_of(paths, cookie)
    seconds = 1.0 if ground.quick else 2.0
    with site(ground.servers) as one:
        alone = _rounds(one, sent, rounds, seconds)
        crowded = _rounds(one, {"list": sent["list"]}, rounds, seconds, connections=8)
    with site(ground.servers, kind="gthread", threads=8) as threaded:
        gthread = _rounds(threaded, {name: sent[name] for name in ("page", "list")}, rounds, seconds)
    with site(ground.servers, workers=2) as two:
        double = _rounds(two, {"list": sent["list"]}, rounds, seconds, connections=8)
    results = _ratios(alone, paths) + _steadiness(alone, crowded)
    results.append(_against("W1g", f"GET {paths['list']}, one gthread worker, of (b)", gthread, "list", "page", 0.45))
    speedup = [b.shot.rate / a.shot.rate for a, b in zip(crowded["list"], double["list"], strict=True)]
    results.append(
        Result("W7", "two sync workers against one, c=8", speedup, ">=", 1.7, "x", detail=_rate(double["list"]))
    )
    return results + _queries(app, paths, cookie)


def _rounds(where: Site, sent: dict[str, str], rounds: int, seconds: float, connections: int = 1) -> Rounds:
    """Interleaved: every round fires each request once, so that a slow minute hits all of them alike."""
    for request in sent.values():
        where.burst(request, seconds=0.3)
    found: Rounds = {name: [] for name in sent}
    for _ in range(rounds):
        for name, request in sent.items():
            found[name].append(where.burst(request, connections=connections, seconds=seconds))
    return found


def _ratios(alone: Rounds, paths: dict[str, str]) -> list[Result]:
    results = [
        _against("W1", f"GET {paths['list']} of (b) bare Jinja page", alone, "list", "page", 0.45),
        _against("W1a", f"GET {paths['list']} of (a) constant route", alone, "list", "constant", 0.13),
        _against("W3", "the list as htmx fragment, of (b)", alone, "fragment", "page", 0.55),
        _against("-", "floor: (b) of (a)", alone, "page", "constant", 0.0),
    ]
    if "detail" in alone:
        what = "employee page with its audit row, of (b)"
        results.insert(2, _against("W2", what, alone, "detail", "page", 0.35))
    size = alone["fragment"][-1].shot.wire_bytes / 1000
    results.append(Result("W3b", "the fragment on the wire, gzip", [size], "<=", 5.0, " kB"))
    return results


def _against(goal_id: str, what: str, bursts: Rounds, name: str, floor: str, goal: float) -> Result:
    pairs = list(zip(bursts[name], bursts[floor], strict=True))
    return Result(
        goal_id, what, [a.shot.rate / b.shot.rate for a, b in pairs], ">=", goal,
        cpu=[b.cpu_ms / a.cpu_ms for a, b in pairs], detail=_rate(bursts[name]),
    )  # fmt: skip


def _rate(bursts: list[Burst]) -> str:
    rate, web = median(b.shot.rate for b in bursts), median(b.web_ms for b in bursts)
    return f"{rate:,.0f} req/s, CPU ms {web:.2f} web + {median(b.database_ms for b in bursts):.2f} PG"


def _steadiness(alone: Rounds, crowded: Rounds) -> list[Result]:
    results = []
    for connections, bursts in ((1, alone["list"]), (8, crowded["list"])):
        spread = [b.shot.percentile(0.99) / b.shot.percentile(0.5) for b in bursts]
        middle = median(b.shot.percentile(0.5) for b in bursts)
        what = f"list, p99 of p50 at c={connections}"
        results.append(Result(f"W5/{connections}", what, spread, "<=", 2.0, "x", detail=f"p50 {middle:.2f} ms"))
    return results


def _queries(app: object, paths: dict[str, str], cookie: str) -> list[Result]:
    counts = {name: float(len(queries_of(app, path, cookie))) for name, path in paths.items()}
    results = [Result("W4", "queries of the list", [counts["list"]], "<=", 4)]
    if "detail" in counts:
        results.append(Result("W4d", "queries of the employee page", [counts["detail"]], "<=", 6))
    return results
