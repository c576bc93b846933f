"""A screening provider through the pages: from nothing to a tested connection, with keys that are never sent back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import BaseModel, Field

from app.connections import services
from app.connections.models import Connection
from app.connections.services import checking
from app.connections.services.sections import MASKED_FROM, _plain_sections, masks
from app.core.config import get_settings
from app.core.db import transaction
from app.core.errors import Conflict
from app.core.events import AuditEvent
from tests.a11y import assert_accessible
from tests.accounts.sign_in import sign_in_browser
from tests.connections import providers as p
from tests.feeds.pages import Visitor, admin_of, form_key
from tests.feeds.world import World, person_actor, run_jobs
from tests.integrations.http_server import Asked, HttpServer, reply

CONDUCT = {
    "environment": "staging", "api_endpoint_url": "", "max_retry_attempts": "2", "timeout_seconds": "20",
    "rate_limit_per_hour": "500",
}  # fmt: skip


@pytest.fixture
def dana(app: Any, world: World) -> Visitor:
    return Visitor(app, admin_of(world.company_id))


class Checkr:
    def __init__(self) -> None:
        self.say: Callable[[Asked], Any] = lambda _asked: p.answer({"data": [], "next_href": None})
        self.server = HttpServer(lambda asked: self.say(asked))


@pytest.fixture
def checkr() -> Iterator[Checkr]:
    made = Checkr()
    yield made
    made.server.stop()


def row(code: str = "CHK") -> Connection:
    with transaction() as session:
        return session.scalars(sa.select(Connection).where(Connection.code == code)).one()


def make(dana: Visitor, code: str = "CHK") -> str:
    key = form_key(dana.get("/connections/new"))
    new = {"form_key": key, "name": "Checkr", "code": code, "adapter": "checkr"}
    return str(dana.post("/connections/new", new).headers["Location"])


def test_the_catalog_tells_carriers_from_screening_providers(dana: Visitor) -> None:
    html = dana.get("/connections/new")
    places = [
        html.index(text) for text in ("Benefits carriers", 'value="edi834"', "Background screening", 'value="checkr"')
    ]
    assert places == sorted(places)
    key = form_key(html)
    dana.post("/connections/new", {"form_key": key, "name": "Checkr", "code": "CHK"}, status=422)


def test_from_nothing_to_a_tested_connection(dana: Visitor, checkr: Checkr) -> None:
    url = make(dana)
    made = row()
    assert (made.integration_method, made.authentication_type, made.data_format) == ("API", "API Key", "JSON")
    assert (made.provider_type, made.environment, made.sync_frequency) == ("checkr", "staging", "Real-time")
    html = dana.get(url)
    assert "SANDBOX" in html
    assert f"{get_settings().base_url}/webhooks/{made.webhook_key}" in html
    assert "Safety" not in html, "holding files is for carriers"
    assert "Go to parallel" not in html
    dana.post(f"{url}/check", status=422)
    page = dana.post(f"{url}/settings/credentials", {"api_key": p.KEY, "webhook_key": ""})
    html = page.get_data(as_text=True) + dana.get(url) + dana.get(f"{url}/settings/credentials")
    assert p.KEY not in html
    assert p.KEY[-4:] in html
    assert p.KEY[-5:] not in html
    dana.post(f"{url}/conduct", CONDUCT | {"api_endpoint_url": checkr.server.url})
    dana.post(f"{url}/check")
    assert "We are trying" in dana.get(url), "the web request only asks"
    assert checkr.server.asked == []
    run_jobs()
    assert "The provider answers and accepts the credentials" in dana.get(url)
    assert row().status == "connected"
    assert [asked.method for asked in checkr.server.asked] == ["GET"]
    assert "Sandbox" in dana.get("/connections")
    with transaction() as session:
        events = list(session.scalars(sa.select(AuditEvent).where(AuditEvent.entity_id == made.id)))
    assert {"created", "viewed", "credentials-changed", "conduct-changed", "checked"} <= {
        event.name.rpartition(".")[2] for event in events
    }
    assert p.KEY not in str([vars(event) for event in events])


@pytest.mark.parametrize(
    ("said", "words", "state"),
    [
        (p.answer({"error": "Bad authentication error"}, 401), "does not accept the key", "error"),
        (p.answer({"error": "account is not approved for production"}, 403), "has not approved your account", "disconnected"),
        (reply(503), "trouble of its own", "disconnected"),
        (reply(429), "asked too often", "disconnected"),
        (b"nonsense\r\n\r\n", "Code: answer-garbled", "disconnected"),
    ],
    ids=["key", "approval", "down", "busy", "garbage"],
)  # fmt: skip
def test_each_failure_says_what_to_do(dana: Visitor, checkr: Checkr, said: bytes, words: str, state: str) -> None:
    checkr.say = lambda _asked: said
    made = p.make_connection(checkr.server, status="disconnected")
    dana.post(f"/connections/{made.id}/check")
    run_jobs()
    html = dana.get(f"/connections/{made.id}")
    assert words in html
    assert row().status == state
    assert len(checkr.server.asked) == 1, "a test is one request"


def test_a_broken_connection_is_repaired_by_a_test(dana: Visitor, checkr: Checkr) -> None:
    made = p.make_connection(checkr.server, status="error")
    dana.post(f"/connections/{made.id}/check")
    run_jobs()
    assert row().status == "connected"
    with transaction() as session:
        names = session.scalars(sa.select(AuditEvent.name).where(AuditEvent.entity_id == made.id)).all()
    assert "connections.connection.recovered" in names


def test_a_test_ends_within_ten_seconds(world: World, checkr: Checkr) -> None:
    checkr.say = lambda _asked: (time.sleep(12), reply())[1]
    made, began = p.make_connection(checkr.server), time.monotonic()
    checked = checking.check_api(p.link(made.id, trying=True))
    assert (checked.state, checked.code) == ("failed", "deadline")
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("environment", "moon"), ("max_retry_attempts", "6"), ("max_retry_attempts", "x"), ("max_retry_attempts", ""),
        ("timeout_seconds", "0"), ("timeout_seconds", "121"), ("rate_limit_per_hour", "0"),
        ("api_endpoint_url", "https://elsewhere.example"), ("api_endpoint_url", "ftp://127.0.0.1"),
        ("api_endpoint_url", "http://[::1"),
    ],
)  # fmt: skip
def test_conduct_is_checked(dana: Visitor, checkr: Checkr, field: str, typed: str) -> None:
    made = p.make_connection(checkr.server)
    url = f"/connections/{made.id}/conduct"
    assert 'value="3"' in dana.get(url), "filled with what is stored"
    dana.post(url, CONDUCT | {field: typed}, status=422)
    assert row().max_retry_attempts == 3


def test_conduct_is_kept_and_another_world_is_tested_anew(dana: Visitor, checkr: Checkr) -> None:
    made = p.make_connection(checkr.server)
    url = f"/connections/{made.id}/conduct"
    same = CONDUCT | {"api_endpoint_url": checkr.server.url}
    dana.post(url, same)
    stored = row()
    assert (stored.max_retry_attempts, stored.timeout_seconds, stored.rate_limit_per_hour) == (2, 20, 500)
    assert stored.status == "connected", "patience needs no new test"
    dana.post(url, CONDUCT | {"environment": "production"})
    assert (row().status, row().environment, row().last_check) == ("disconnected", "production", {})
    assert "SANDBOX" not in dana.get(f"/connections/{made.id}")
    link = p.link(made.id)
    assert link.api.retry.attempts == 3
    assert link.api.deadline_seconds == 20


def test_only_one_provider_of_a_kind_comes_first(dana: Visitor, checkr: Checkr, world: World) -> None:
    p.make_connection(checkr.server, is_primary=True)
    other = p.make_connection(checkr.server, code="CHK2")
    with transaction() as session:
        carrier = session.get(Connection, (world.company_id, world.connection.id))
        assert carrier is not None
        carrier.is_primary = True
    dana.post(f"/connections/{other.id}/conduct", CONDUCT | {"is_primary": "y"})
    assert [row(code).is_primary for code in ("CHK", "CHK2", "EVG")] == [False, True, True]


def test_no_sandbox_address_in_production(
    dana: Visitor, checkr: Checkr, monkeypatch: pytest.MonkeyPatch, world: World
) -> None:
    made = p.make_connection(checkr.server)
    monkeypatch.setattr(get_settings(), "environment", "production")
    with transaction() as session, pytest.raises(Exception, match="not in production"):
        services.set_conduct(
            session, person_actor(), made.id, services.Conduct("staging", False, 1, 10, 100, "http://127.0.0.1:1")
        )


def test_conduct_is_for_providers_with_an_api(dana: Visitor, world: World) -> None:
    dana.get(f"/connections/{world.connection.id}/conduct", status=404)
    with transaction() as session, pytest.raises(Conflict):
        services.set_conduct(
            session, person_actor(), world.connection.id, services.Conduct("staging", False, 1, 10, 100)
        )


def test_a_key_is_replaced_on_the_page(dana: Visitor, checkr: Checkr) -> None:
    made = p.make_connection(checkr.server)
    url = f"/connections/{made.id}"
    dana.post(f"{url}/rotation", status=409)
    dana.post(f"{url}/settings/credentials", {"api_key": "sk_live_fedcba9876543210", "webhook_key": ""})
    html = dana.get(url)
    assert "The key is being replaced" in html
    assert "sk_live" not in html
    assert p.link(made.id).secrets.api_key.get_secret_value() == "sk_live_fedcba9876543210"  # type: ignore[attr-defined]
    dana.post(f"{url}/settings/credentials", {"api_key": "", "webhook_key": ""})
    assert "The key is being replaced" in dana.get(url), "saving nothing ends nothing"
    dana.post(f"{url}/rotation")
    assert "The key is being replaced" not in dana.get(url)
    assert row().credentials == {"api_key": "sk_live_fedcba9876543210"}


def test_refused_deliveries_are_told(dana: Visitor, checkr: Checkr) -> None:
    made = p.make_connection(checkr.server)
    assert "Go to parallel" not in dana.get(f"/connections/{made.id}"), (
        "phases are for files, also where the row says test"
    )
    dana.client.post(f"/webhooks/{made.webhook_key}", data=b"{}", headers={"X-Checkr-Signature": "00" * 32})
    html = dana.get(f"/connections/{made.id}")
    assert "1 refused; the last one came signed with another key" in html
    assert "No message yet." in html


def test_only_the_end_of_a_long_key_is_shown(world: World, checkr: Checkr) -> None:
    short = p.make_connection(checkr.server, credentials={"api_key": "k" * (MASKED_FROM - 1)})
    assert masks(short) == {"api_key": "••••"}
    assert masks(world.connection) == {"password": "••••"}, "four letters of a password are too many"


def test_feeds_do_not_poll_a_screening_provider(world: World, checkr: Checkr) -> None:
    from app.core.jobs import enqueue

    made = p.make_connection(checkr.server)
    with transaction() as session:
        enqueue(session, "feeds.poll_due", world.company_id, key="now")
    run_jobs()
    assert row().next_poll_at is None
    assert checkr.server.asked == []
    assert p.stored(made.id).last_sync_at is None


class Inner(BaseModel):
    path: str = Field("", title="Path")


class Outer(BaseModel):
    way: str = Field("", title="Way")
    inside: Inner = Field(default_factory=Inner, title="Interface")
    perhaps: Inner | None = Field(None, title="Perhaps")


def test_parts_of_settings_have_pages_of_their_own() -> None:
    drawn = [(one.name, one.title, one.part, one.fields) for one in _plain_sections(Outer)]
    assert drawn == [
        ("settings", "Settings", "", ["way"]),
        ("inside", "Interface", "inside", ["path"]),
        ("perhaps", "Perhaps", "perhaps", ["path"]),
    ]


@pytest.mark.browser
@pytest.mark.parametrize("small", [False, True], ids=["desk", "phone"])
def test_every_page_fits_and_is_accessible(
    world: World, checkr: Checkr, new_page: Any, live_url: str, small: bool
) -> None:
    made = p.make_connection(
        checkr.server, webhook_refused=2, webhook_refusal="header-missing",
        credentials={"api_key": p.KEY, "previous": {"webhook_key": "old"}},
    )  # fmt: skip
    page = new_page(phone=small)
    sign_in_browser(page, admin_of(world.company_id), live_url)
    for address in ("", "/new", f"/{made.id}", f"/{made.id}/conduct", f"/{made.id}/settings/credentials"):
        assert page.goto(f"/connections{address}").status == 200, address
        assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"), address
        assert_accessible(page)


@pytest.mark.browser
def test_in_spanish(world: World, checkr: Checkr, new_page: Any, live_url: str) -> None:
    made = p.make_connection(checkr.server)
    page = new_page()
    sign_in_browser(page, admin_of(world.company_id), live_url)
    page.goto(f"/connections/{made.id}?lang=es")
    assert "PRUEBAS" in page.inner_text("main")
