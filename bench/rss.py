"""P3: what a web worker holds after a thousand requests."""

from __future__ import annotations

from bench.fill import LARGE_ID, crowd
from bench.ground import Ground
from bench.load import fire, request_of
from bench.people import signed_in
from bench.result import Result
from bench.routes import product, urls
from bench.server import site
from bench.usage import rss_mib

REQUESTS = 1_000


def measure(ground: Ground, _rounds: int) -> list[Result]:
    """Lists and employee pages alternate until a thousand were answered, as production runs it (gthread, 8 threads)."""
    ground.enter(ground.crowd)
    crowd(ground)
    paths = urls(product(), LARGE_ID)
    cookie = signed_in(LARGE_ID, "HR_ADMIN")
    with site(ground.servers, kind="gthread", threads=8) as one:
        before = max(rss_mib(pid) for pid in one.workers())
        answered = 0
        while answered < REQUESTS:
            for path in paths.values():
                answered += len(fire(one.port, request_of(path, cookie=cookie), connections=4, seconds=1.0).times)
        after = max(rss_mib(pid) for pid in one.workers())
    detail = f"{before:.0f} MiB after the start, {answered:,} requests"
    return [Result("P3", "RSS of a web worker after 1,000 requests", [after], "<=", 120, " MiB", detail=detail)]
