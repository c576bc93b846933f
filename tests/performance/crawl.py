"""Every GET page somebody can reach: the routes without arguments, then the links the pages hold, two of each endpoint."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

OF_EACH = 2
NO_PAGES = ("assets.", "dev.", "gallery.", "health.", "pages.keep_alive", "static")


class Seen(NamedTuple):
    """A page with what it cost: the statements of the second visit, when caches are warm."""

    endpoint: str
    path: str
    body: bytes
    wire: int
    statements: list[Any]


class Links(HTMLParser):
    """`href`s to follow and files the page loads."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.files: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "a":
            self.links.append(found.get("href", ""))
        elif tag == "link" and found.get("rel") in ("stylesheet", "icon", "preload"):
            self.files.append(found.get("href", ""))
        elif tag in ("script", "img", "iframe", "video") and found.get("src"):
            self.files.append(found["src"])


def links_of(body: bytes) -> Links:
    parsed = Links()
    parsed.feed(body.decode())
    return parsed


def crawl(app: Flask, cookie: str, statements: list[Any]) -> Iterator[Seen]:
    """Pages in the order they are found. Anything but HTML with status 200 is left out, errors of ours are not."""
    client = app.test_client(use_cookies=False)
    headers = {"Cookie": cookie, "Accept-Encoding": "gzip"}
    plain = {"Cookie": cookie}
    waiting = [rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]
    seen: Counter[str] = Counter()
    known: set[str] = set()
    while waiting:
        path = waiting.pop(0)
        endpoint = _endpoint(app, path)
        if not endpoint or path in known or seen[endpoint] >= OF_EACH or endpoint.startswith(NO_PAGES):
            continue
        known.add(path)
        answer = client.get(path, headers=plain)
        assert answer.status_code < 500, f"{path} answered {answer.status_code}"
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        seen[endpoint] += 1
        statements.clear()
        packed = client.get(path, headers=headers)
        yield Seen(endpoint, path, answer.data, len(packed.data), list(statements))
        waiting += [link for link in links_of(answer.data).links if link.startswith("/")]


def _endpoint(app: Flask, path: str) -> str:
    parts = urlsplit(path)
    try:
        endpoint, _ = app.url_map.bind("localhost").match(parts.path, method="GET")
    except (HTTPException, RequestRedirect):
        return ""
    return str(endpoint)
