"""An adapter that was written as docs/adapters.md says is in the catalog, draws its forms and brings people, with no other file changed."""

from __future__ import annotations

import importlib
from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.connections.models import Connection
from app.core.db import transaction
from app.integrations import registry
from app.integrations.contracts import Manifest
from app.people.models import Employee
from sandbox.vendors.core import serving as vendors
from tests.feeds.pages import Visitor
from tests.feeds.world import run_jobs
from tests.integrations.contract.test_one_folder import folder as folder
from tests.integrations.contract.test_one_folder import pebble as pebble


@pytest.fixture
def installed(pebble: Manifest, monkeypatch: pytest.MonkeyPatch) -> Manifest:
    known = dict(registry.adapters()) | {"pebble": pebble}
    monkeypatch.setattr(registry, "adapters", lambda: known)
    return pebble


def test_from_the_folder_to_people(admin: Visitor, installed: Manifest, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = importlib.import_module("followed_vendors.pebble").VENDOR
    monkeypatch.setattr(vendors, "vendor_class", lambda _slug: kind)
    assert "Pebble" in admin.get("/integrations")
    with vendors.serving("pebble") as vendor:
        hints = vendor.hints()
        made = {"adapter": "pebble", "name": "Our people", "code": "PEB", "form_key": uuid4().hex}
        here = admin.post("/connections/new", made, page="/connections/new?adapter=pebble").headers["Location"]
        assert "Account" in admin.get(f"{here}/settings/settings")
        with transaction() as session:
            row = session.scalars(sa.select(Connection).where(Connection.adapter == "pebble")).one()
            row.settings, row.api_endpoint_url = {"account": hints["account"]}, hints["api_url"]
            row.credentials = {"key": hints["key"]}
        admin.post(f"{here}/check", page=here)
        run_jobs(kinds=("connections.",))
        assert "It works" in admin.get(here)
        there = here.replace("/connections/", "/integrations/")
        admin.post(f"{there}/sync", {"what": "rehearsal"}, page=there)
        run_jobs(kinds=("syncing.",))
        form = {"frequency": "Daily", "conflicts": "provider", "most_gone_percent": "5", "go": "activate"}
        admin.post(f"{there}/schedule", form, page=f"{there}/schedule")
        run_jobs(kinds=("syncing.",))
    with transaction() as session:
        names = sorted(row.last_name for row in session.scalars(sa.select(Employee)))
    assert names == [f"Family{number}" for number in range(1, 6)]
