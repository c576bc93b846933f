"""The settings of every screening adapter can be typed into a form that draws itself."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from pydantic import BaseModel, ValidationError
from werkzeug.datastructures import MultiDict

from app.connections.forms import drawn_form, typed_values
from app.connections.models import Connection
from app.core.config import get_settings
from app.core.db import transaction
from app.integrations.registry import adapter
from tests.connections import providers as p
from tests.feeds.pages import Visitor, admin_of, form_key
from tests.feeds.world import World, run_jobs
from tests.integrations.http_server import HttpServer

TYPED = {
    "accurate": {"clear_label": "HIRE"},
    "certn": {"region": "uk", "packages": 'basic = IDENTITY_VERIFICATION_1\nfull = {"CREDIT_REPORT_1": {"x": 1}}'},
    "first_advantage": {"account_id": "900000"},
    "sterling": {"api_host": "api-int.kennect.com", "billing_code": "west"},
}
SECRET = {
    "accurate": {"client_id": "i", "client_secret": "s", "webhook_password": "u:p"},
    "certn": {"api_key": "k", "webhook_secret": "w"},
    "first_advantage": {"webhook_key": "k"},
    "sterling": {"client_id": "i", "client_secret": "s", "webhook_password": "u:p"},
}


def typed(model: type[BaseModel], values: dict[str, str]) -> dict[str, Any]:
    names = list(model.model_fields)
    return typed_values(drawn_form(model, names, {}, given=MultiDict(values)), model, names)


@pytest.mark.parametrize("slug", sorted(TYPED))
def test_what_is_typed_becomes_settings(app: Any, slug: str) -> None:
    manifest = adapter(slug)
    with app.test_request_context("/"):
        config = manifest.config.model_validate(typed(manifest.config, TYPED[slug]))
        secrets = manifest.secrets.model_validate(typed(manifest.secrets, SECRET[slug]))
        again = drawn_form(manifest.config, list(manifest.config.model_fields), config.model_dump())
    first = next(iter(TYPED[slug]))
    assert str(again[first].data) == TYPED[slug][first]
    assert all(value not in repr(secrets) for value in SECRET[slug].values() if len(value) > 1)


@pytest.mark.parametrize(
    ("slug", "wrong"),
    [("certn", {"packages": "basic = identity"}), ("certn", {}), ("sterling", {"api_host": "evil.example"})],
)
def test_wrong_settings_are_refused(app: Any, slug: str, wrong: dict[str, str]) -> None:
    config = adapter(slug).config
    with app.test_request_context("/"), pytest.raises(ValidationError):
        config.model_validate(typed(config, {"region": "ca", **wrong} if slug == "certn" else wrong))


def test_sterling_gets_our_address_with_each_order(company: UUID) -> None:
    server = HttpServer(lambda _asked: None)
    server.stop()
    settings = {"api_host": "api-int.kennect.com"}
    made = p.make_connection(server, adapter="sterling", code="STE", credentials=SECRET["sterling"], settings=settings)
    callback = p.link(made.id).callback
    assert callback is not None
    assert (callback.url, callback.user_password) == (f"{get_settings().base_url}/webhooks/{made.webhook_key}", "u:p")
    assert str(made.webhook_key) not in repr(callback) + repr(p.link(made.id))
    without = {name: value for name, value in SECRET["sterling"].items() if name != "webhook_password"}
    silent = p.make_connection(server, adapter="sterling", code="ST2", credentials=without, settings=settings)
    assert p.link(silent.id).callback is None
    assert p.link(p.make_connection(server).id).callback is None, "Checkr knows our address once and for all"


@pytest.mark.parametrize("slug", sorted(TYPED))
def test_each_is_set_up_on_the_pages(app: Any, world: World, slug: str) -> None:
    dana = Visitor(app, admin_of(world.company_id))
    new = {"form_key": form_key(dana.get("/connections/new")), "name": slug, "code": "NEW", "adapter": slug}
    url = str(dana.post("/connections/new", new).headers["Location"])
    dana.post(f"{url}/settings/settings", TYPED[slug])
    dana.post(f"{url}/settings/credentials", SECRET[slug])
    html = dana.get(url)
    assert "To do" not in html
    assert "/webhooks/" in html, "the address to enter at the provider"
    with transaction() as session:
        made = session.scalars(sa.select(Connection).where(Connection.code == "NEW")).one()
    assert adapter(slug).config.model_validate(made.settings)


@pytest.mark.parametrize(
    ("slug", "settings", "path", "proof"),
    [
        ("certn", {"packages": {"basic": "IDENTITY_VERIFICATION_1"}}, "/api/public/cases/?page=1", "Api-Key k"),
        ("accurate", {}, "/candidate", "Basic aTpz"),
    ],
)
def test_their_connections_can_be_tried(
    app: Any, world: World, slug: str, settings: dict[str, Any], path: str, proof: str
) -> None:
    server = HttpServer(lambda _asked: p.answer({"results": []}))
    made = p.make_connection(
        server, adapter=slug, code="TRY", credentials=SECRET[slug], settings=settings, status="disconnected"
    )
    Visitor(app, admin_of(world.company_id)).post(f"/connections/{made.id}/check")
    run_jobs()
    server.stop()
    (asked,) = server.asked
    assert (asked.method, asked.target, asked.headers["authorization"]) == ("GET", path, proof)
    assert p.stored(made.id).status == "connected"
