"""What every adapter keeps: nobody else names it, its forms draw themselves, nothing unproved is believed."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from app.connections.forms import drawn_form
from app.integrations.registry import adapters
from app.integrations.webhooks.delivery import Delivery, NotBelieved
from app.integrations.webhooks.door import receive

ROOT = Path(__file__).parents[3]
ALL = sorted(adapters())
HOOKED = [slug for slug in ALL if adapters()[slug].webhooks]
NOBODYS = {"manual", "custom_screening", "edi834", "wellness_file"}
"""Adapters that are no provider: a word of the language, or of the trade."""


@pytest.mark.parametrize("slug", sorted(set(ALL) - NOBODYS))
def test_no_file_outside_its_folder_names_it(slug: str) -> None:
    word = re.compile(rf"[\"'/]{slug}[\"'/]|adapters\.{slug}\b")
    own = ROOT / "app/integrations/adapters" / slug
    files = [*(ROOT / "app").rglob("*.py"), *(ROOT / "worker").rglob("*.py"), *(ROOT / "templates").rglob("*.html")]
    named = [str(path.relative_to(ROOT)) for path in files if own not in path.parents and word.search(path.read_text())]
    assert [name for name in named if not name.startswith("worker/demo/")] == [], (
        "the demo company alone may choose providers"
    )


@pytest.mark.parametrize("slug", ALL)
def test_its_forms_draw_themselves(app: Flask, slug: str) -> None:
    manifest = adapters()[slug]
    with app.test_request_context():
        for model in (manifest.config, manifest.secrets):
            form = drawn_form(model, list(model.model_fields), {})
            assert {field.name for field in form} >= set(model.model_fields)
            assert all(str(field.label.text) for field in form)


@pytest.mark.parametrize("slug", HOOKED)
@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"id": "evt_1", "type": "x", "value": [{"id": "1"}]}', b"\xff"])
def test_a_delivery_without_proof_is_never_believed(slug: str, body: bytes) -> None:
    webhooks = adapters()[slug].webhooks
    assert webhooks is not None
    with pytest.raises(NotBelieved):
        receive(webhooks, Delivery({}, body), ["a-secret"], datetime.now(UTC))
    for secrets in ([], ["a-secret"]):
        with pytest.raises(NotBelieved):
            receive(
                webhooks,
                Delivery({"x-signature": "sha256=00", "authorization": "Bearer x"}, body),
                secrets,
                datetime.now(UTC),
            )
