"""docs/adapters.md, followed to the letter: one folder (and its stand-in) makes an adapter, and nothing else changes."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.integrations.contracts import Capability, Manifest
from app.integrations.registry import IncompleteAdapter, load_adapters
from app.integrations.sync.mapping import to_record
from app.integrations.sync.reading import Batch, Mode
from app.integrations.sync.records import EmployeeRecord, Employment, Kind
from sandbox.vendors.core import serving as vendors
from tests.integrations.contract import served

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "adapters.md").read_text()
FILES = dict(re.findall(r"`([\w/.]+)`\n```\w+\n(.*?)```", PAGE, re.S))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What the page says to write, under another root."""
    root = tmp_path_factory.mktemp("followed")
    for name, text in FILES.items():
        path = root / name.replace("app/integrations/adapters", "followed_adapters").replace(
            "sandbox/vendors", "followed_vendors"
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for package in ("followed_adapters", "followed_vendors"):
        (root / package / "__init__.py").touch()
    sys.path.insert(0, str(root))
    yield root
    sys.path.remove(str(root))


@pytest.fixture(scope="module")
def pebble(folder: Path) -> Manifest:
    return load_adapters(folder / "followed_adapters", "followed_adapters")["pebble"]


def test_the_page_writes_five_files() -> None:
    assert sorted(FILES) == [
        "app/integrations/adapters/pebble/README.md", "app/integrations/adapters/pebble/__init__.py",
        "app/integrations/adapters/pebble/manifest.py", "app/integrations/adapters/pebble/samples/person.json", "sandbox/vendors/pebble.py",
    ]  # fmt: skip


def test_what_it_can_is_derived(pebble: Manifest) -> None:
    assert pebble.capabilities == {Capability.API, Capability.SYNC}
    assert pebble.offers == {"read:people"}


def test_its_sample_is_in_our_words(pebble: Manifest) -> None:
    raw = json.loads(FILES["app/integrations/adapters/pebble/samples/person.json"])
    record = to_record(Kind.EMPLOYEE, pebble.synced[0].fields, raw["id"], raw).record
    assert isinstance(record, EmployeeRecord)
    assert (record.work_email, record.status, record.terminated_on) == ("ida@pebble.example", Employment.ACTIVE, None)


def test_a_word_nobody_mapped_is_unknown(pebble: Manifest) -> None:
    raw = {"name": {"given": "A", "family": "B"}, "state": "sabbatical"}
    record = to_record(Kind.EMPLOYEE, pebble.synced[0].fields, "p-2", raw).record
    assert isinstance(record, EmployeeRecord)
    assert record.status is Employment.UNKNOWN


def test_the_contract_holds_over_real_sockets(pebble: Manifest, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = importlib.import_module("followed_vendors.pebble").VENDOR
    monkeypatch.setattr(vendors, "vendor_class", lambda _slug: kind)
    monkeypatch.setattr(served, "adapters", lambda: {"pebble": pebble})
    with vendors.serving("pebble") as vendor:
        line = served.joined("pebble", vendor)
        batches = line.read("people", {}, Mode.FULL)
        assert [len(batch.items) for batch in batches] == [2, 2, 1]
        rest = line.read("people", batches[0].cursor, Mode.FULL)
        assert ids(rest) == ["3", "4", "5"]
        vendor.clock.advance(3600)
        vendor.rows.change("people", "4", {"state": "left", "left": "2026-01-31"})
        assert ids(line.read("people", {"mark": vendor.clock.now().isoformat()})) == ["4"]


def ids(batches: list[Batch]) -> list[str]:
    return [item.remote_id for batch in batches for item in batch.items]


def test_its_form_draws_itself(pebble: Manifest, app: Any) -> None:
    from app.connections.forms import drawn_form

    with app.test_request_context():
        form = drawn_form(pebble.config, list(pebble.config.model_fields), {})
        assert [str(field.label.text) for field in form if field.name == "account"] == ["Account"]


@pytest.mark.parametrize("missing", ["manifest.py", "README.md", "samples"])
def test_an_incomplete_folder_stops_the_start(folder: Path, tmp_path: Path, missing: str) -> None:
    subprocess.run(["cp", "-r", str(folder / "followed_adapters" / "pebble"), str(tmp_path / "pebble")], check=True)
    subprocess.run(["rm", "-r", str(tmp_path / "pebble" / missing)], check=True)
    with pytest.raises(IncompleteAdapter, match=f"lacks {missing}"):
        load_adapters(tmp_path, "nowhere")
