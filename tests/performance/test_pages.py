"""What every page may cost: statements, bytes, requests. Nothing here measures time, so nothing here can flake."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.core.keys import keyring
from tests.fixtures.slot import Slot
from tests.performance.crawl import Seen, crawl, links_of
from tests.performance.world import make_world, statements

__all__ = ["statements"]

MOST = 6  # statements of any page, the two of the identity included
MOST_BYTES = 60_000
MOST_REQUESTS = 6

pytestmark = pytest.mark.long


def _counts(pages: list[Seen]) -> dict[str, int]:
    """The most statements of each endpoint."""
    found: dict[str, int] = {}
    for page in pages:
        found[page.endpoint] = max(found.get(page.endpoint, 0), len(page.statements))
    return found


@pytest.mark.queries
def test_no_page_sends_more_than_six_statements_however_many_rows(
    app: Flask, database: Slot, monkeypatch: pytest.MonkeyPatch, statements: list[Any]
) -> None:
    counts = {}
    for size in (7, 25, 100):
        database.empty()
        keyring.forget()
        _, cookie = make_world(size, monkeypatch)
        counts[size] = _counts(list(crawl(app, cookie, statements)))
    assert len(counts[25]) > 20, "the crawl found too few pages"
    growing = {name: (counts[25][name], n) for name, n in counts[100].items() if counts[25].get(name, n) != n}
    assert not growing, f"statements grow with the rows (25 → 100): {growing}"
    too_many = {name: n for name, n in counts[100].items() if n > MOST}
    assert not too_many, f"more than {MOST} statements: {too_many}"


def test_first_load_of_every_page_is_small_and_ours(
    app: Flask, monkeypatch: pytest.MonkeyPatch, statements: list[Any]
) -> None:
    _, cookie = make_world(30, monkeypatch)
    client = app.test_client()
    sizes: dict[str, int] = {}
    for page in crawl(app, cookie, statements):
        files = [file for file in links_of(page.body).files if not file.startswith("data:")]
        foreign = [file for file in files if not file.startswith("/")]
        assert not foreign, f"{page.path} loads from elsewhere: {foreign}"
        assert len(files) + 1 <= MOST_REQUESTS, f"{page.path} needs {len(files) + 1} requests"
        for file in files:
            if file not in sizes:
                sizes[file] = len(client.get(file, headers={"Accept-Encoding": "gzip"}).data)
        total = page.wire + sum(sizes[file] for file in files)
        assert total <= MOST_BYTES, f"{page.path} loads {total:,} bytes"
