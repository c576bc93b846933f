"""One contract over the whole registry: a new adapter is tested by existing."""

import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from app.integrations import failures
from app.integrations.adapters.edi834.adapter import Edi834Config, build_feed
from app.integrations.auth.oauth import whole_address
from app.integrations.contracts import Capability, CarrierFeed, FileTransport, Manifest
from app.integrations.failures import Failure, RateLimited, Refused, Rejected
from app.integrations.protection.retry import Safety
from app.integrations.registry import IncompleteAdapter, adapter, adapters, load_adapters
from app.integrations.transports.sftp import SftpSecrets
from app.integrations.webhooks.delivery import Delivery, NotBelieved
from app.integrations.webhooks.door import receive
from tests.integrations.people import CONTROL, CREATED_AT, batch, profile

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize("manifest", adapters().values(), ids=lambda m: m.slug)
def test_manifest_is_complete(manifest: Manifest) -> None:
    assert manifest.capabilities
    assert issubclass(manifest.config, BaseModel)
    assert issubclass(manifest.secrets, BaseModel)
    manifest.config.model_json_schema()
    secret_names = {name for name in manifest.config.model_fields if "password" in name or "secret" in name}
    assert secret_names == set()


@pytest.mark.parametrize("manifest", adapters().values(), ids=lambda m: m.slug)
def test_samples_are_read(manifest: Manifest) -> None:
    if manifest.feed is None:
        return
    feed = manifest.feed(Edi834Config(profile=profile(members_per_set=3)))
    folder = Path(sys.modules[type(feed).__module__].__file__ or "").parent / "samples"
    readable = {
        "834": lambda d: feed.check(d, TODAY) == [],
        "999": feed.read_acknowledgement,
        "ta1": feed.read_acknowledgement,
    }
    assert all(readable[path.suffix[1:]](path.read_bytes()) for path in folder.iterdir())


@pytest.mark.parametrize("manifest", [m for m in adapters().values() if m.webhooks], ids=lambda m: m.slug)
def test_webhooks_believe_nothing_unproved(manifest: Manifest) -> None:
    assert manifest.webhooks is not None
    for body in (b"", b"{}", b"[]", b"garbage"):
        with pytest.raises(NotBelieved):
            receive(manifest.webhooks, Delivery({}, body), ["secret"], CREATED_AT)


@pytest.mark.parametrize("manifest", [m for m in adapters().values() if m.api], ids=lambda m: m.slug)
def test_every_call_of_a_manifest_can_be_made(manifest: Manifest) -> None:
    assert manifest.api is not None
    calls = [operation.call(key="k") for operation in manifest.api.operations]
    calls += [resource.get("7") for resource in manifest.api.resources if resource.path]
    calls += [resource.list() for resource in manifest.api.resources if resource.listing]
    whole = any(
        whole_address(url) for url in manifest.api.base_urls.values()
    )  # the address itself is the secret: nothing follows it
    assert all(call.path.startswith("/") or (whole and not call.path) for call in calls)
    assert all(manifest.api.safety(call) is Safety.FREE for call in calls if call.method == "GET")


def test_capabilities_are_derived() -> None:
    assert adapter("manual").capabilities == {Capability.MANUAL}
    assert Capability.MANUAL not in adapter("edi834").capabilities
    assert Capability.WRITE_ENROLLMENT in adapter("edi834").capabilities
    with pytest.raises(KeyError):
        adapter("none")


def test_feed_writes_checks_and_reads() -> None:
    feed = build_feed(Edi834Config(profile=profile()))
    assert isinstance(feed, CarrierFeed)
    result = feed.write(batch(), CONTROL)
    assert feed.check(result.data, TODAY, name=result.name) == []
    assert [row.line for row in feed.read_census(result.data)] == ["HLT", "DEN", "HLT", "HLT"]
    assert [row.last_name for row in feed.read_census(b"last_name\nSmith\n")] == ["Smith"]
    assert feed.check(b"rubbish", TODAY)


@pytest.mark.parametrize("changes", [{"pgp_required": True}, {"transport": "as2"}, {}])
def test_what_is_not_built_is_refused_before_sending(changes: dict[str, Any]) -> None:
    open_files = adapter("edi834").open_files
    assert open_files is not None
    with pytest.raises(Rejected):
        open_files(Edi834Config(profile=profile(**changes)), SftpSecrets())


def test_files_open_when_a_server_is_set() -> None:
    open_files = adapter("edi834").open_files
    assert open_files is not None
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
    config = Edi834Config.model_validate(
        {
            "profile": profile().model_dump(),
            "sftp": {"host": "sftp.example", "username": "u", "host_key": f"{key} comment"},
        }
    )
    assert isinstance(open_files(config, SftpSecrets()), FileTransport)
    assert config.sftp is not None
    assert config.sftp.host_key == key


MANIFEST = """
from pydantic import BaseModel, Field
from app.integrations.contracts import Category, Manifest
class Config(BaseModel):
    portal: str = Field("", title="{title}")
MANIFEST = Manifest(slug="{slug}", name="{name}", category=Category.CARRIER, docs="https://docs.example", owner="me", config=Config, manual={manual})
"""


def made(folder: Path, **changes: Any) -> Path:
    """An adapter folder named `sample` under a fresh package."""
    home = folder / "sample"
    (home / "samples").mkdir(parents=True)
    for name in ("__init__.py", "README.md"):
        (home / name).touch()
    facts = {"slug": "sample", "name": "Sample", "title": "Portal", "manual": True, **changes}
    (home / "manifest.py").write_text(MANIFEST.format(**facts))
    return home


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Any:
    package = "fresh_" + "".join(c for c in request.node.name if c.isalnum())
    folder = tmp_path / package
    folder.mkdir()
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    return folder, lambda: load_adapters(folder, package)


def test_a_new_folder_is_a_new_adapter(load: Any) -> None:
    folder, loaded = load
    made(folder)
    (folder / "__pycache__").mkdir(exist_ok=True)
    assert list(loaded()) == ["sample"]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"slug": "other"}, "slug must be the name of the folder"),
        ({"name": ""}, "name and owner"),
        ({"title": ""}, "settings without a title: portal"),
        ({"manual": False}, "it can do nothing"),
    ],
)
def test_incomplete_manifests_stop_the_start(load: Any, changes: dict[str, Any], fault: str) -> None:
    folder, loaded = load
    made(folder, **changes)
    with pytest.raises(IncompleteAdapter, match=fault):
        loaded()


@pytest.mark.parametrize("lacking", ["README.md", "manifest.py", "MANIFEST"])
def test_incomplete_folders_stop_the_start(load: Any, lacking: str) -> None:
    folder, loaded = load
    home = made(folder)
    if lacking == "MANIFEST":
        (home / "manifest.py").write_text("")
    else:
        (home / lacking).unlink()
    with pytest.raises(IncompleteAdapter, match=lacking):
        loaded()


def test_failures_are_typed_and_quiet() -> None:
    kinds = [kind for kind in vars(failures).values() if isinstance(kind, type) and issubclass(kind, Failure)]
    assert len(kinds) == 18
    assert all(kind.advice for kind in kinds)
    assert RateLimited("slow-down", CREATED_AT).until == CREATED_AT
    assert str(Refused("code", "Plain words.", 7)) == "code at 7: Plain words."
    assert str(Rejected("code", "advice")) == "code"


def test_nothing_here_imports_the_rest_of_the_house() -> None:
    root = Path(failures.__file__).parent
    for path in root.rglob("*.py"):
        for line in path.read_text().splitlines():
            if line.startswith(("from app", "import app")):
                assert line.startswith("from app.integrations"), f"{path}: {line}"
