"""What an adapter finds out with the new token is kept with it, and stands in addresses and headers of every later call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from app.connections.models import Connection
from app.connections.services import calling
from app.connections.services.calling import open_provider
from app.core.db import transaction
from app.integrations.auth.tokens import Token
from app.integrations.failures import Rejected
from app.integrations.transports.http.calls import Answer, Call
from tests.connections import providers as p
from tests.connections import signing as s
from tests.connections.test_sign_in import back, go, signed_in, token
from tests.feeds.pages import Visitor, admin_of
from tests.feeds.world import World, run_jobs


def chosen(_token: Token, ask: Callable[[Call], Answer]) -> str:
    found = ask(Call("things.list", "GET", "/things")).json()["data"]
    if len(found) != 1:
        raise Rejected("sign-in-incomplete")
    return str(found[0])


@pytest.fixture
def books(monkeypatch: pytest.MonkeyPatch) -> Iterator[s.Books]:
    made, manifest = s.Books(), s.books(replace(s.CODE, asks={"unit": chosen}))
    assert manifest.api is not None
    s.install(monkeypatch, replace(manifest, api=replace(manifest.api, headers={"X-Unit": "{unit}"})))
    yield made
    made.server.stop()


@pytest.fixture
def dana(app: Any, world: World) -> Visitor:
    return Visitor(app, admin_of(world.company_id))


@pytest.fixture
def row(dana: Visitor, books: s.Books) -> Connection:
    return s.connect(books.server)


def test_it_goes_with_every_call(dana: Visitor, books: s.Books, row: Connection) -> None:
    books.says["/v3/4620/things"] = p.answer({"data": ["north"]})
    signed_in(dana, books, row)
    kept = token()
    assert kept is not None
    assert kept.extra == {"realmId": "4620", "unit": "north"}
    with transaction() as session:
        link = calling.link_of(session, row.id)
    with open_provider(link) as provider:
        assert provider.ask(Call("things.list", "GET", "/things")).answer is not None
    first, *later = [one.headers.get("x-unit") for one in books.server.asked if one.target.endswith("/things")]
    assert first is None
    assert set(later) == {"north"}


@pytest.mark.parametrize(
    ("says", "told"),
    [(p.answer({"data": ["north", "south"]}), "choose one"), (p.answer({}, 429), "asked too often"), (p.answer({}, 401), "accept the credentials")],
)  # fmt: skip
def test_nobody_is_signed_in_when_it_stays_unknown(
    dana: Visitor, books: s.Books, row: Connection, says: bytes, told: str
) -> None:
    books.says["/v3/4620/things"] = says
    back(dana, books.allow(go(dana, row)))
    run_jobs(kinds=("connections.",))
    kept = token()
    assert kept is None or kept.issued_at is None
    assert told in dana.get(f"/connections/{row.id}")
