"""Every adapter at which people sign in, against its own stand-in: from the button to a tested connection, and revoked again."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
from flask_babel import gettext
from pydantic import BaseModel

from app.connections.models import Connection
from app.core.config import get_settings
from app.integrations import registry
from app.integrations.auth.kinds import OAuth2Code
from app.integrations.contracts import Capability, Manifest
from sandbox.vendors.core import Vendor
from sandbox.vendors.core.serving import serving, slugs
from tests.connections import providers as p
from tests.feeds.pages import Visitor, admin_of
from tests.feeds.world import World, run_jobs

SIGNED_IN_AT = [
    slug for slug, known in registry.adapters().items() if Capability.SIGN_IN in known.capabilities and slug in slugs()
]


def filled(model: type[BaseModel], known: dict[str, str]) -> dict[str, Any]:
    """What the stand-in tells, or the example on the form, for each setting that has to be filled in."""
    return {
        name: known.get(name) or (field.examples or [""])[0]
        for name, field in model.model_fields.items()
        if name in known or field.is_required()
    }


def connect(manifest: Manifest, vendor: Vendor) -> Connection:
    assert manifest.api is not None
    client_id, client = next(iter(vendor.access.clients.items()))
    known = vendor.hints() | {"client_id": client_id, "client_secret": client.secret}
    path = urlsplit(next(iter(manifest.api.base_urls.values()))).path
    return p.make_connection(
        None, adapter=manifest.slug, name=manifest.name, code="VND", environment="production", status="disconnected",
        settings=filled(manifest.config, known), credentials=filled(manifest.secrets, known), api_endpoint_url=vendor.url + path,
    )  # fmt: skip


def test_there_are_some() -> None:
    assert len(SIGNED_IN_AT) >= 3


@pytest.mark.parametrize("slug", SIGNED_IN_AT)
def test_what_people_allow_is_said_in_spanish_too(app: Any, slug: str) -> None:
    auth = registry.adapter(slug).api.auth  # type: ignore[union-attr]
    assert isinstance(auth, OAuth2Code)
    with app.test_request_context("/?lang=es"):
        untold = [words for words in auth.scopes.values() if gettext(words) == words]
    assert not untold, f"add the Spanish to app/web/translations/es.{slug}.po"


@pytest.mark.parametrize("slug", SIGNED_IN_AT)
def test_sign_in_and_leave(app: Any, world: World, slug: str) -> None:
    dana = Visitor(app, admin_of(world.company_id))
    with serving(slug) as vendor:
        made = connect(registry.adapter(slug), vendor)
        page = f"/connections/{made.id}"
        out = dana.post(f"{page}/sign-in").headers["Location"]
        form = dict(parse_qsl(urlsplit(out).query)) | {"answer": "allow"}
        assert httpx2.get(out).status_code == 200, "its page says what is asked for"
        back = urlsplit(httpx2.post(out.partition("?")[0], data=form).headers["Location"])
        assert f"{back.scheme}://{back.netloc}" == get_settings().base_url.rstrip("/")
        assert dana.client.get(f"{back.path}?{back.query}").status_code == 303
        dana.get(page)
        run_jobs(kinds=("connections.",))
        assert p.stored(made.id).status == "connected", p.stored(made.id).last_check
        assert "is renewed by itself" in dana.get(page), "it gave a refresh token"
        dana.post(f"{page}/disconnect")
        run_jobs(kinds=("connections.",))
        assert p.stored(made.id).last_check.get("code", "") == ""
