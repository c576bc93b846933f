"""SharePoint: a document is kept once, whatever gets lost; a library is read to its end, and then what changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import RSAKey
from pydantic import SecretStr, ValidationError

from app.integrations.adapters.sharepoint.adapter import SharePoint, open_documents, quick_xor
from app.integrations.adapters.sharepoint.api import SharePointConfig, SignIn, make_api
from app.integrations.adapters.sharepoint.manifest import MANIFEST, SharePointSecrets
from app.integrations.auth.proof import thumbprint
from app.integrations.failures import (
    AuthFailed,
    Conflict,
    ContractDrift,
    Forbidden,
    Gone,
    RateLimited,
    Rejected,
    ServerFailed,
    Transient,
)
from app.integrations.ports import Document, DocumentStore
from app.integrations.sync.mapping import to_record
from app.integrations.sync.reading import Batch, Mode, items_of
from app.integrations.sync.records import FileRecord, Kind
from app.integrations.webhooks.delivery import Delivery, NotBelieved
from app.integrations.webhooks.door import receive
from sandbox.vendors.core import Client, Vendor
from tests.integrations.adapters.certificates import rsa_certificate
from tests.integrations.adapters.ports import Line, Lost, refereed, sample
from tests.integrations.http_server import Asked, HttpServer, reply

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
PAPER = Document("confirmation 0001.pdf", "application/pdf", b"%PDF-1.7 sample", ("2026", "Q&A, 100 percent"))
HOOKS = MANIFEST.webhooks
assert HOOKS is not None


@pytest.fixture(scope="module")
def served() -> Iterator[Vendor]:
    with refereed("sharepoint") as vendor:
        yield vendor


@pytest.fixture
def line(served: Vendor) -> Iterator[Line]:
    served.reset()
    served.rows.clear()
    yield signed_in(served)
    served.referee.settle()


def signed_in(vendor: Vendor, **changes: Any) -> Line:
    hints = vendor.hints()
    facts = {name: hints[name] for name in ("tenant", "client_id", "site_url")}
    config = SharePointConfig(**facts, **({"sign_in": SignIn.SECRET, "folder": "Corridor"} | changes))
    line = Line(vendor, MANIFEST, config, SharePointSecrets(client_secret=SecretStr(hints["client_secret"])))
    line.fetch_token()
    return line


def store(line: Line) -> SharePoint:
    assert isinstance(line.config, SharePointConfig)
    return open_documents(line.config)


def files(line: Line) -> dict[str, bytes]:
    rows = line.vendor.rows.all("item")
    return {row.facts["name"]: row.facts["data"] for row in rows if row.facts["data"] is not None}


def test_a_document_is_kept_below_the_folder(line: Line) -> None:
    assert isinstance(store(line), DocumentStore)
    kept = line.run(store(line).keep(PAPER, "k-1"))
    assert files(line) == {PAPER.name: PAPER.data}
    assert kept.url.endswith("/Corridor/2026/Q%26A%2C%20100%20percent/confirmation%200001.pdf")
    put = line.vendor.asked("*/content", "PUT")
    assert [one.headers["content-type"] for one in put] == ["application/pdf"]
    assert put[0].headers["user-agent"].startswith("NONISV|Corridor|")


def test_the_same_again_changes_nothing_also_when_the_answer_was_lost(line: Line) -> None:
    line.lose = {"file.put": 1}
    with pytest.raises(Lost):
        line.run(store(line).keep(PAPER, "k-1"))
    first = line.run(store(line).keep(PAPER, "k-1"))
    assert line.run(store(line).keep(PAPER, "k-1")) == first
    assert len(line.vendor.asked("*/content", "PUT")) == 1


def test_a_broken_server_may_have_done_its_work(line: Line) -> None:
    line.vendor.fault("status", "*/content", status=500, after=True)
    with pytest.raises(ServerFailed):
        line.run(store(line).keep(PAPER, "k-1"))
    line.run(store(line).keep(PAPER, "k-1"))
    assert files(line) == {PAPER.name: PAPER.data}


def test_another_file_of_that_name_is_not_overwritten(line: Line) -> None:
    line.run(store(line).keep(PAPER, "k-1"))
    for data in (b"%PDF-1.7 sampel", b"%PDF"):  # of the same length, too
        with pytest.raises(Conflict, match="name-taken"):
            line.run(store(line).keep(Document(PAPER.name, PAPER.content_type, data, PAPER.folder), "k-2"))
    assert files(line) == {PAPER.name: PAPER.data}


def test_a_file_without_its_hash_is_asked_for_again_later(line: Line) -> None:
    line.run(store(line).keep(PAPER, "k-1"))
    line.vendor.hashes = False  # type: ignore[attr-defined]
    with pytest.raises(Transient, match="hash-not-ready"):
        line.run(store(line).keep(PAPER, "k-1"))


def test_a_large_file_goes_in_pieces_without_our_credentials(line: Line) -> None:
    large = Document("large.bin", "application/octet-stream", bytes(range(256)) * 21_000)  # 5.1 MB
    kept = line.run(store(line).keep(large, "k-1"))
    assert files(line) == {"large.bin": large.data}
    pieces = line.vendor.asked("/upload/*", "PUT")
    assert [one.headers["content-range"] for one in pieces] == [
        "bytes 0-5242879/5376000",
        "bytes 5242880-5375999/5376000",
    ]
    assert all("authorization" not in one.headers for one in pieces)
    assert kept.remote_id


def test_a_large_file_that_broke_off_begins_again(line: Line) -> None:
    large = Document("large.bin", "application/octet-stream", b"x" * 5_300_000)
    line.lose = {"upload.put": 1}
    with pytest.raises(Lost):
        line.run(store(line).keep(large, "k-1"))
    assert files(line) == {}
    line.run(store(line).keep(large, "k-1"))
    assert files(line) == {"large.bin": large.data}


@pytest.mark.parametrize("name", ["a/b.pdf", "a:b.pdf", "..", "a?.pdf", "~a.pdf", "a.", "a\n.pdf"])
def test_a_name_that_cannot_be_one(line: Line, name: str) -> None:
    with pytest.raises(Rejected, match="name-unusable"):
        line.run(store(line).keep(Document(name, "text/plain", b"x"), "k"))
    assert files(line) == {}


def test_a_library_is_found_by_its_name(served: Vendor) -> None:
    served.reset()
    served.rows.clear()
    line = signed_in(served, library="archive", folder="")
    line.run(store(line).keep(PAPER, "k"))
    assert {row.facts["drive"] for row in served.rows.all("item")} == {"b!archive"}
    other = signed_in(served, library="nothing")
    with pytest.raises(Rejected, match="library-unknown"):
        other.run(store(other).keep(PAPER, "k"))


def test_quick_xor_by_published_answers() -> None:
    known = {b"": "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", b"\x4a": "SgAAAAAAAAAAAAAAAQAAAAAAAAA=",
             bytes.fromhex("a9a029123eba97"): "qQBFCiTgA11cAgAABwAAAAAAAAA=", b"hello world": "aCgDG9jwBhDc4Q1yawMZAAAAAAA="}  # fmt: skip
    assert {data: quick_xor(data) for data in known} == known


# Signing in


def test_a_certificate_proves_the_application(served: Vendor) -> None:
    served.reset()
    certificate, private_key = rsa_certificate()
    key = RSAKey.import_key(private_key)
    client = served.hints()["client_id"]
    served.access.clients[client] = Client("", "", key.as_pem(private=False).decode())
    facts = {name: served.hints()[name] for name in ("tenant", "client_id", "site_url")}
    secrets = SharePointSecrets(private_key=SecretStr(private_key), certificate=SecretStr(certificate))
    line = Line(served, MANIFEST, SharePointConfig(**facts), secrets)
    line.fetch_token()
    assert line.ask(line.api.resource("site").list()).json()["name"] == "benefits"
    [asked] = served.asked("*/token")
    form = dict(pair.split("=") for pair in asked.body.decode().split("&"))
    header = jws.extract_compact(form["client_assertion"].encode()).headers()
    assert header == {"alg": "PS256", "typ": "JWT", "x5t#S256": thumbprint(certificate)}
    assert form["scope"] == "https%3A%2F%2Fgraph.microsoft.com%2F.default"


def test_wrong_secrets_and_missing_rights(line: Line) -> None:
    line.secrets = SharePointSecrets(client_secret=SecretStr("wrong"))
    with pytest.raises(AuthFailed, match="grant-refused"):
        line.fetch_token()
    line.secrets = SharePointSecrets()
    with pytest.raises(AuthFailed, match="credentials-missing"):
        line.fetch_token()
    line.vendor.access.revoke_family()
    with pytest.raises(AuthFailed):
        line.run(store(line).keep(PAPER, "k"))
    line = signed_in(line.vendor)
    line.vendor.fault("status", "*/content", status=403)
    with pytest.raises(Forbidden):
        line.run(store(line).keep(PAPER, "k"))


def test_too_many(line: Line) -> None:
    line.vendor.fault("status", "/sites/*", status=429, retry_after="9")
    line.vendor.fault("status", "/sites/*", status=429)
    before = datetime.now(UTC)
    waits = []
    for _ in range(2):
        with pytest.raises(RateLimited) as limited:
            line.run(store(line).keep(PAPER, "k"))
        waits.append((limited.value.until - before).total_seconds())
    assert 8 < waits[0] < 25 < waits[1]


def test_settings(served: Vendor) -> None:
    facts = {name: served.hints()[name] for name in ("tenant", "client_id")}
    for wrong in (
        "https://contoso.example/sites/x",
        "http://contoso.sharepoint.com",
        "https://contoso.sharepoint.com/sites/a/b",
    ):
        with pytest.raises(ValidationError):
            SharePointConfig(**facts, site_url=wrong)
    root = SharePointConfig(**facts, site_url="https://contoso.sharepoint.com/")
    assert make_api(root).resource("site").listing == "/sites/contoso.sharepoint.com"
    assert make_api(SharePointConfig.model_construct()) is MANIFEST.api
    with pytest.raises(TypeError):
        open_documents(SharePointSecrets())


# Reading


def names(batches: list[Batch]) -> list[str]:
    return [item.raw.get("name", item.remote_id) for batch in batches for item in batch.items]


def test_a_library_is_read_to_its_end_and_then_what_changed(line: Line) -> None:
    vendor: Any = line.vendor
    vendor.page_size = 2
    ids = [vendor.add(f"A/file-{number}.txt", "x") for number in range(4)]
    first = line.read("file", {})
    assert names(first) == ["A", "file-0.txt", "file-1.txt", "file-2.txt", "file-3.txt"]
    assert [batch.last for batch in first] == [False, False, True]
    vendor.rename(ids[0], "new.txt")
    vendor.rename(ids[0], "newer.txt")
    vendor.remove(ids[1])
    [second] = line.read("file", first[-1].cursor)
    assert [(item.remote_id, item.deleted) for item in second.items] == [(ids[0], False), (ids[1], True)]
    assert second.items[0].raw["name"] == "newer.txt"
    assert line.read("file", second.cursor)[0].items == []
    assert len(line.read("file", second.cursor, Mode.FULL)) == 3


def test_a_dead_worker_leaves_off_where_the_next_goes_on(line: Line) -> None:
    vendor: Any = line.vendor
    vendor.page_size = 1
    for number in range(5):
        vendor.add(f"file-{number}.txt", "x")
    found, cursor, runs = list[str](), dict[str, Any](), 0
    while "delta" not in cursor:
        [batch] = line.read("file", cursor, Mode.FULL, most=1)
        found += [item.raw["name"] for item in batch.items]
        cursor, runs = dict(batch.cursor), runs + 1
    assert (found, runs) == ([f"file-{number}.txt" for number in range(5)], 6)  # the root is a page of its own
    assert len(vendor.asked("*/drive")) == 1


def test_an_old_link_is_gone(line: Line) -> None:
    vendor: Any = line.vendor
    vendor.add("file.txt", "x")
    cursor = line.read("file", {})[-1].cursor
    vendor.expire()
    with pytest.raises(Gone, match="cursor-expired"):
        line.read("file", cursor)
    assert names(line.read("file", {})) == ["file.txt"]


def test_another_library_begins_anew(line: Line) -> None:
    vendor: Any = line.vendor
    vendor.add("here.txt", "x")
    vendor.add("there.txt", "x", "b!archive")
    cursor = line.read("file", {})[-1].cursor
    other = signed_in(vendor, library="Archive")
    assert names(other.read("file", cursor)) == ["there.txt"]


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/drives/b!documents/root/children",
        "https://graph.microsoft.com/v1.0/users/delta()?token=x",
        "",
    ],
)
def test_a_link_that_leads_elsewhere_is_not_followed(line: Line, link: str) -> None:
    body = json.dumps({"value": [], "@odata.nextLink": link})
    line.vendor.fault("status", "/drives/*/root/delta*", status=200, body=body)
    with pytest.raises(ContractDrift):
        line.read("file", {})


def test_the_sample_becomes_our_records() -> None:
    resource = make_api(SharePointConfig.model_construct()).resource("file")
    items = items_of(resource, sample("sharepoint", "delta"))
    assert [(item.remote_id, item.deleted) for item in items][-1] == ("01GONE", True)
    mapped = to_record(Kind.FILE, resource.fields, "01FILE", items[2].raw)
    assert mapped.record == FileRecord(
        remote_id="01FILE", name="confirmation-0001.pdf", folder="Compliance papers", content_type="application/pdf", size=11
    )  # fmt: skip
    folder = to_record(Kind.FILE, resource.fields, "01FOLDER", items[1].raw).record
    assert isinstance(folder, FileRecord)
    assert folder.is_folder


# Notifications


def test_notifications_are_believed_by_their_client_state(line: Line) -> None:
    got: list[Delivery] = []

    def take(asked: Asked) -> bytes:
        got.append(Delivery(asked.headers, asked.body))
        return reply(202)

    vendor: Any = line.vendor
    server = HttpServer(take)
    try:
        vendor.webhooks.subscribe(f"http://127.0.0.1:{server.port}/webhooks/x", "client-state")
        vendor.add("file.txt", "x")
        vendor.deliver()
    finally:
        server.stop()
    assert HOOKS is not None
    [told] = receive(HOOKS, got[0], ["client-state"], NOW).events
    assert (told.kind, told.resource) == ("updated", "file")
    later = receive(HOOKS, got[0], ["client-state"], NOW + timedelta(minutes=1)).events[0]
    assert later.id != told.id  # the next change is told in the same words
    with pytest.raises(NotBelieved, match="token-wrong"):
        receive(HOOKS, got[0], ["other"], NOW)


def test_every_item_needs_its_client_state_and_the_handshake_is_echoed() -> None:
    assert HOOKS is not None
    good = sample("sharepoint", "notification")
    less = {"value": [*good["value"], {"changeType": "updated", "resource": "x"}]}
    for body in (less, {"value": []}):
        with pytest.raises(NotBelieved):
            receive(HOOKS, Delivery({}, json.dumps(body).encode()), ["client-state-sample"], NOW)
    echoed = receive(HOOKS, Delivery({}, b"", {"validationToken": "Validation: x+y"}), [], NOW)
    assert (echoed.response.status, echoed.response.body, echoed.events) == (200, "Validation: x+y", ())
