"""Walking through every page somebody can reach: from link to link, one representative of each route."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from playwright.sync_api import TimeoutError as TooLate
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from tests.a11y import FIND_BROKEN_LINKS, RUN_AXE, TAGS
from tests.story.eyes import AXE_SOURCE

PHONE, DESK, NARROW = {"width": 390, "height": 844}, {"width": 1280, "height": 800}, {"width": 320, "height": 640}
MOST_BYTES = 60_000
NO_PAGES = frozenset(
    {
        "benefits.document", "people.import_problems", "accounts.logo", "accounts.oidc_start", "accounts.oidc_back",
        "pages.keep_alive", "root.home", "api.openapi", "screening.export_rules", "screening.export_numbers",
    }
)  # fmt: skip
"""Links that give a file or lead elsewhere. Operations of the API (`api_…`) are no pages either."""

LINKS = "() => [...document.querySelectorAll('a[href]')].filter(a => a.origin === location.origin).map(a => a.pathname + a.search)"
BYTES = """() => {
  const page = performance.getEntriesByType("navigation")[0];
  const parts = performance.getEntriesByType("resource").filter(r => new URL(r.name).pathname.match(/\\.(css|js|png)$/));
  return page.encodedBodySize + parts.reduce((sum, part) => sum + part.encodedBodySize, 0);
}"""
SHAPE = """() => ({title: document.title, h1: document.querySelectorAll("h1").length, lang: document.documentElement.lang,
  wide: document.documentElement.scrollWidth - document.documentElement.clientWidth})"""
SPOIL = """(form) => {
  form.noValidate = true;
  for (const field of form.querySelectorAll("input, textarea, select")) {
    if (field.type === "hidden" || field.type === "submit" || field.name === "username") continue;
    if (field.matches("[type=radio], [type=checkbox]")) field.checked = false;
    else if (field.matches("select")) field.selectedIndex = 0;
    else field.value = field.matches(".date3 input") ? "99" : field.matches("[inputmode]:not([type=email])") ? "x" : "";
  }
}"""


@dataclass
class Walk:
    """What was seen, and what was wrong with it."""

    paths: dict[tuple[str, str], str] = field(default_factory=dict)  # (who, endpoint) → the address visited
    states: int = 0
    forms: list[str] = field(default_factory=list)
    lenient: list[str] = field(default_factory=list)
    heaviest: tuple[int, str] = (0, "")
    problems: list[str] = field(default_factory=list)

    def expect(self, right: object, where: str, what: str) -> None:
        if not right:
            self.problems.append(f"{where}: {what}")


class Guide:
    """Knows the routes: which endpoint an address belongs to."""

    def __init__(self, app: Flask) -> None:
        self.adapter = app.url_map.bind("localhost")
        self.all = {
            rule.endpoint
            for rule in app.url_map.iter_rules()
            if "GET" in (rule.methods or ()) and rule.endpoint not in NO_PAGES and not rule.endpoint.startswith("api_")
        }

    def endpoint(self, path: str) -> str:
        """Its name, or nothing for an address that is no page."""
        try:
            found, _values = self.adapter.match(path.partition("?")[0])
        except (HTTPException, RequestRedirect):
            return ""
        return "" if found in NO_PAGES else str(found)


def walk(page: Any, who: str, starts: list[str], guide: Guide, seen: Walk, known: set[str]) -> None:
    """Visit one page of each endpoint that links lead to. The first visitor of an endpoint looks at it in every size and theme."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    waiting, queued = list(starts), {guide.endpoint(path) for path in starts}
    while waiting:
        path = waiting.pop(0)
        answer = page.goto(path)
        endpoint = guide.endpoint(urlsplit(page.url).path)
        where = f"{who} {endpoint} {path}"
        seen.expect(answer.status == 200, where, f"status {answer.status}")
        queued.add(endpoint)
        if not endpoint or (who, endpoint) in seen.paths:
            continue
        seen.paths[who, endpoint] = path
        look(page, where, seen, every=endpoint not in known)
        known.add(endpoint)
        seen.expect(not errors, where, f"console: {errors}")
        errors.clear()
        for link in page.evaluate(LINKS):
            target = guide.endpoint(link)
            if target and target not in queued:
                queued.add(target)
                waiting.append(link)


def look(page: Any, where: str, seen: Walk, *, every: bool) -> None:
    """Title, one h1, weight and width; axe on the phone in light, or at the desk in dark as well."""
    page.evaluate(AXE_SOURCE)
    for size, theme in sights(every=every):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        seen.problems += [f"{where} {size['width']} {theme}: {found}" for found in page.evaluate(RUN_AXE, TAGS)]
        seen.states += 1
    page.set_viewport_size(NARROW)
    shape = page.evaluate(SHAPE)
    seen.expect(shape["wide"] <= 0, where, f"scrolls sideways by {shape['wide']} px at 320 px")
    seen.expect(shape["h1"] == 1, where, f"{shape['h1']} h1")
    seen.expect(len(shape["title"]) > 15 and shape["lang"], where, f"title {shape['title']!r}")
    weight = page.evaluate(BYTES)
    seen.heaviest = max(seen.heaviest, (weight, where))
    seen.expect(weight <= MOST_BYTES, where, f"{weight} bytes")
    page.set_viewport_size(PHONE)


def sights(*, every: bool) -> Iterator[tuple[dict[str, int], str]]:
    """Both sizes and both themes in two looks: what a theme may spoil is contrast, which no size changes."""
    yield PHONE, "light"
    if every:
        yield DESK, "dark"


def _wait_for_next(page: Any) -> None:
    """Until the next page has come: two are asked for at once, and the browser gives one of them up. A form may also give a file."""
    with suppress(TooLate):
        page.wait_for_function("() => !window.before && document.readyState === 'complete'", timeout=5_000)


def spoil_forms(page: Any, who: str, path: str, seen: Walk, *, skip: Callable[[str], bool]) -> None:
    """Send every form of the page with nothing right in it: status 422, and every error linked."""
    page.goto(path)
    for number in range(page.locator("main form[method=post]").count()):
        form = page.locator("main form[method=post]").nth(number)
        action = form.get_attribute("action") or path
        visible = form.locator("input:not([type=hidden]):not([type=file]), textarea, select").count()
        if not visible or skip(action) or not form.locator("button").first.is_visible():
            continue
        where = f"{who} {action}"
        form.evaluate(SPOIL)
        page.evaluate("() => { window.before = true; }")
        with page.expect_response(lambda answer: answer.request.method == "POST") as caught:
            form.locator("button:not([name])").first.click()
        status = caught.value.status
        if status != 422:
            _wait_for_next(page)
            seen.lenient.append(f"{where} ({status})")
        else:
            page.locator("#error-summary").wait_for()
            seen.problems += [f"{where}: {found}" for found in page.evaluate(FIND_BROKEN_LINKS)]
            look(page, f"{where} (errors)", seen, every=True)
            seen.forms.append(where)
        page.goto(path)
