"""P2: the first and the second visit of a phone-like browser (4x slower CPU, Lighthouse's slow 4G), by CDP."""

from __future__ import annotations

import os
import shutil
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from bench.fill import LARGE_ID, crowd
from bench.ground import Ground
from bench.people import signed_in
from bench.result import Result
from bench.routes import product, urls
from bench.server import site

SLOW_4G = {"offline": False, "latency": 562.5, "downloadThroughput": 1_474_560 / 8, "uploadThroughput": 675_000 / 8}
WATCH = """
window.__lcp = 0; window.__tbt = 0;
new PerformanceObserver(l => { for (const e of l.getEntries()) window.__lcp = e.startTime; })
  .observe({type: 'largest-contentful-paint', buffered: true});
new PerformanceObserver(l => { for (const e of l.getEntries()) window.__tbt += Math.max(0, e.duration - 50); })
  .observe({type: 'longtask', buffered: true});
"""


class Visit(NamedTuple):
    """Bytes on the wire, requests, hosts of others, largest paint and blocking time in milliseconds."""

    size: int
    requests: int
    foreign_hosts: int
    lcp: float
    tbt: float


def measure(ground: Ground, rounds: int) -> list[Result]:
    """The employee list, opened with an empty cache and again with a warm one."""
    from playwright.sync_api import sync_playwright

    ground.enter(ground.crowd)
    crowd(ground)
    path = urls(product(), LARGE_ID)["list"]
    name, _, value = signed_in(LARGE_ID, "HR_ADMIN").partition("=")
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    first, again = [], []
    with site(ground.servers, kind="gthread", threads=8) as one, sync_playwright() as playwright:
        url = f"http://127.0.0.1:{one.port}{path}"
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for _ in range(min(rounds, 3)):
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            context.add_cookies([{"name": name, "value": value, "url": url}])
            first.append(_visit(context, url))
            again.append(_visit(context, url))
            context.close()
        browser.close()
    return _results(first, again)


def _visit(context: Any, url: str) -> Visit:
    page = context.new_page()
    page.add_init_script(WATCH)
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", SLOW_4G)
    line.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    urls_seen: dict[str, str] = {}
    sizes: dict[str, int] = {}
    cached: set[str] = set()
    line.on("Network.requestWillBeSent", lambda e: urls_seen.__setitem__(e["requestId"], e["request"]["url"]))
    line.on("Network.requestServedFromCache", lambda e: cached.add(e["requestId"]))
    line.on("Network.loadingFinished", lambda e: sizes.__setitem__(e["requestId"], int(e["encodedDataLength"])))
    page.goto(url, wait_until="load")
    page.wait_for_timeout(1500)
    lcp, tbt = page.evaluate("[window.__lcp, window.__tbt]")
    page.close()
    network = {key: address for key, address in urls_seen.items() if address.startswith("http") and key not in cached}
    hosts = {urlsplit(address).netloc for address in network.values()} - {urlsplit(url).netloc}
    return Visit(sum(sizes.get(key, 0) for key in network), len(network), len(hosts), lcp, tbt)


def _results(first: list[Visit], again: list[Visit]) -> list[Result]:
    return [
        Result("P2", "first visit, bytes", [v.size / 1000 for v in first], "<=", 60, " kB"),
        Result("P2r", "first visit, requests", [float(v.requests) for v in first], "<=", 6),
        Result("P2h", "hosts of third parties", [float(v.foreign_hosts) for v in first], "<=", 0),
        Result("P2w", "repeat visit, bytes", [v.size / 1000 for v in again], "<=", 8, " kB"),
        Result("P2l", "LCP, empty cache, 4x CPU, slow 4G", [v.lcp / 1000 for v in first], "<=", 1.8, " s"),
        Result("P2m", "LCP, warm cache", [v.lcp / 1000 for v in again], "<=", 1.0, " s"),
        Result("P2t", "blocking time, first visit", [v.tbt for v in first], "<=", 50, " ms"),
    ]
