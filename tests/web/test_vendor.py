"""The vendored browser code is byte for byte what `vendor.json` says."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest

from app.web.assets import HTMX, STATIC

VENDOR = STATIC / "vendor"
ENTRIES: list[dict[str, Any]] = json.loads((VENDOR / "vendor.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: str(entry["name"]))
def test_hash_and_license(entry: dict[str, Any]) -> None:
    digest = hashlib.sha384((VENDOR / entry["file"]).read_bytes()).digest()
    assert base64.b64encode(digest).decode() == entry["sha384"]
    assert (VENDOR / entry["license_file"]).exists()
    assert entry["version"] in entry["file"]


def test_every_vendored_script_is_listed() -> None:
    assert {path.name for path in VENDOR.glob("*.js")} == {entry["file"] for entry in ENTRIES}
    assert HTMX.split("/")[-1] in {entry["file"] for entry in ENTRIES}
