"""A plain provider of this machine with one long list, for what depends on pages and nothing else."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from pydantic import BaseModel

from app.connections.models import Connection
from app.connections.services import providers
from app.core.db import transaction
from app.integrations import registry
from app.integrations.api import Api, Deletes, Environment, Resource
from app.integrations.auth.kinds import NoAuth
from app.integrations.contracts import Category, Manifest
from app.integrations.paging import ByOffset
from app.integrations.protection.limits import Rate
from app.integrations.sync.reading import Since
from app.integrations.sync.records import Kind
from tests.integrations.http_server import Asked, HttpServer, reply


class Nothing(BaseModel):
    """Nothing to set."""


def manifest(count: int = 500) -> Manifest:
    things = Resource(
        "things", "/things/{id}", "/things", records="data", pages=ByOffset(count=count, total="total"), total="total", kind=Kind.POSITION,
        fields={"name": "name"}, since=Since(query="since", overlap_seconds=0), gone="deleted", deletes=Deletes.DIFF,
    )  # fmt: skip
    api = Api(
        base_urls={Environment.PRODUCTION: "https://things.example"}, auth=NoAuth(), limits=(Rate(10**9, 1),), resources=(things,)
    )  # fmt: skip
    return Manifest(
        slug="things",
        name="Things",
        category=Category.HRIS,
        docs="https://things.example",
        owner="corridor",
        config=Nothing,
        api=api,
    )


def install(monkeypatch: pytest.MonkeyPatch, made: Manifest) -> None:
    known = dict(registry.adapters()) | {made.slug: made}
    monkeypatch.setattr(providers.registry, "adapter", known.__getitem__)


class Source:
    """The rows of the provider. pages: how often each page was asked for. before: called before a page is answered; what it gives is
    said instead, and an empty one hangs up.
    """

    def __init__(self, count: int, before: Callable[[int], bytes | None] = lambda _offset: None) -> None:
        self.rows = [{"id": str(number), "name": f"Thing {number}", "at": 0} for number in range(count)]
        self.pages: Counter[int] = Counter()
        self.before, self.now = before, 1_000_000_000
        self.server = HttpServer(self.respond)

    def respond(self, asked: Asked) -> bytes | None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(asked.target).query).items()}
        offset, limit = int(query.get("offset", 0)), int(query.get("limit", 500))
        self.pages[offset] += 1
        refused = self.before(offset)
        if refused is not None:
            return refused or None
        rows: list[dict[str, Any]] = [row for row in self.rows if _changed(row, query.get("since", ""))]
        body = json.dumps({"data": rows[offset : offset + limit], "total": len(rows)}).encode()
        return reply(200, body, Content_Type="application/json", Date=formatdate(self.now, usegmt=True))

    def change(self, remote_id: str, name: str) -> None:
        row = next(row for row in self.rows if row["id"] == remote_id)
        row.update(name=name, at=self.now)


def _changed(row: dict[str, Any], since: str) -> bool:
    from datetime import datetime

    return not since or row["at"] >= datetime.fromisoformat(since).timestamp()


def connect(url: str) -> UUID:
    with transaction() as session:
        made = Connection(
            adapter="things", name="Things", code="THINGS", status="connected", api_endpoint_url=url, rate_limit_per_hour=10**8,
            max_retry_attempts=0,
        )  # fmt: skip
        session.add(made)
        session.flush()
        return made.id
