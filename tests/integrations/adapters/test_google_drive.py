"""Google Drive: a document is kept once, whatever gets lost; the drive is read to its end, and then what changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from joserfc import jws
from pydantic import SecretStr, ValidationError

from app.integrations.adapters.google_drive.adapter import DriveConfig, GoogleDrive, open_documents
from app.integrations.adapters.google_drive.manifest import MANIFEST, DriveSecrets
from app.integrations.failures import (
    AuthFailed,
    Conflict,
    ContractDrift,
    Failure,
    Forbidden,
    Gone,
    RateLimited,
    Rejected,
    ServerFailed,
)
from app.integrations.ports import Document, DocumentStore
from app.integrations.sync.mapping import to_record
from app.integrations.sync.reading import Batch, Mode, items_of
from app.integrations.sync.records import FileRecord, Kind
from app.integrations.transports.http.rules import judge
from app.integrations.webhooks.delivery import Delivery, NotBelieved
from app.integrations.webhooks.door import receive
from sandbox.vendors.core import Vendor
from sandbox.vendors.google_drive import DRIVE, FOLDER
from tests.integrations.adapters.ports import Line, Lost, refereed, sample
from tests.integrations.http_server import Asked, HttpServer, reply

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
PAPER = Document("it's a \\ paper.pdf", "application/pdf", b"%PDF-1.7\r\n--sample--\r\n", ("2026", "Papers"))
HOOKS = MANIFEST.webhooks
assert HOOKS is not None


@pytest.fixture(scope="module")
def served() -> Iterator[Vendor]:
    with refereed("google_drive") as vendor:
        yield vendor


@pytest.fixture
def line(served: Vendor) -> Iterator[Line]:
    served.reset()
    served.rows.clear()
    hints = served.hints()
    config = DriveConfig(client_email=hints["client_email"], drive_id=hints["drive_id"])
    found = Line(served, MANIFEST, config, DriveSecrets(private_key=SecretStr(hints["private_key"])))
    found.fetch_token()
    yield found
    served.referee.settle()


def store(line: Line) -> GoogleDrive:
    assert isinstance(line.config, DriveConfig)
    return open_documents(line.config)


def files(line: Line) -> dict[str, bytes]:
    rows = line.vendor.rows.all("file")
    return {row.facts["name"]: row.facts["data"] for row in rows if row.facts["kind"] != FOLDER}


def folders(line: Line) -> list[tuple[str, str]]:
    rows = {row.id: row.facts for row in line.vendor.rows.all("file") if row.facts["kind"] == FOLDER}
    return [(facts["name"], rows.get(facts["parent"], {"name": "top"})["name"]) for facts in rows.values()]


def test_a_document_is_kept_in_folders_that_are_made_once(line: Line) -> None:
    assert isinstance(store(line), DocumentStore)
    kept = line.run(store(line).keep(PAPER, "k-1"))
    line.run(store(line).keep(Document("other.txt", "text/plain", b"x", PAPER.folder), "k-2"))
    assert files(line) == {PAPER.name: PAPER.data, "other.txt": b"x"}
    assert folders(line) == [("2026", "top"), ("Papers", "2026")]
    assert kept.url == f"https://drive.google.com/file/d/{kept.remote_id}/view"


def test_the_same_again_changes_nothing(line: Line) -> None:
    first = line.run(store(line).keep(PAPER, "k-1"))
    assert line.run(store(line).keep(PAPER, "k-1")) == first
    assert len(line.vendor.asked("/upload/*")) == 1


@pytest.mark.parametrize("operation", ["file.create", "folder.create", "id.list"])
def test_a_lost_answer_makes_no_second_one(line: Line, operation: str) -> None:
    line.lose = {operation: 1}
    with pytest.raises(Lost):
        line.run(store(line).keep(PAPER, "k-1"))
    line.run(store(line).keep(PAPER, "k-1"))
    assert files(line) == {PAPER.name: PAPER.data}
    assert len(folders(line)) == 2


@pytest.mark.parametrize("operation", ["file.create", "folder.create"])
def test_a_call_repeated_at_once_is_refused_by_its_id_and_counts_as_done(line: Line, operation: str) -> None:
    line.twice = operation
    kept = line.run(store(line).keep(Document(PAPER.name, PAPER.content_type, PAPER.data, ("2026",)), "k-1"))
    assert line.vendor.rows.get("file", kept.remote_id)
    assert files(line) == {PAPER.name: PAPER.data}
    assert folders(line) == [("2026", "top")]


def test_another_file_of_that_name_stays_alone(line: Line) -> None:
    line.run(store(line).keep(PAPER, "k-1"))
    with pytest.raises(Conflict, match="name-taken"):
        line.run(store(line).keep(Document(PAPER.name, PAPER.content_type, b"other", PAPER.folder), "k-2"))
    assert files(line) == {PAPER.name: PAPER.data}


def test_a_broken_server_may_have_done_its_work(line: Line) -> None:
    line.vendor.fault("status", "/upload/*", status=500, after=True)
    with pytest.raises(ServerFailed):
        line.run(store(line).keep(PAPER, "k-1"))
    line.run(store(line).keep(PAPER, "k-1"))
    assert files(line) == {PAPER.name: PAPER.data}


def test_a_large_file_goes_through_a_session(line: Line) -> None:
    large = Document("large.bin", "application/octet-stream", bytes(range(256)) * 21_000)
    line.run(store(line).keep(large, "k-1"))
    assert files(line) == {"large.bin": large.data}
    opened, put = line.vendor.asked("/upload/*")
    assert opened.headers["x-upload-content-length"] == "5376000"
    assert put.query["upload_id"]
    line.lose = {"upload.put": 1}
    other = Document("larger.bin", large.content_type, large.data)
    with pytest.raises(Lost):
        line.run(store(line).keep(other, "k-2"))
    line.run(store(line).keep(other, "k-2"))
    assert len(files(line)) == 2


def test_a_session_that_leads_elsewhere_is_not_followed(line: Line) -> None:
    line.vendor.fault("status", "/upload/*", status=200, body="{}")
    with pytest.raises(ContractDrift, match="session-missing"):
        line.run(store(line).keep(Document("a.bin", "x/y", b"x" * 5_300_000), "k"))


# Signing in, refusals


def test_the_account_signs_for_its_token(line: Line) -> None:
    [asked] = line.vendor.asked("/token")
    form = dict(pair.split("=") for pair in asked.body.decode().split("&"))
    assert form["grant_type"] == "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer"
    claims = json.loads(jws.extract_compact(form["assertion"].encode()).payload)
    assert claims["iss"] == line.vendor.hints()["client_email"]
    assert claims["aud"] == "https://oauth2.googleapis.com/token"
    assert claims["scope"] == "https://www.googleapis.com/auth/drive"
    line.secrets = DriveSecrets(private_key=SecretStr("no key"))
    with pytest.raises(AuthFailed, match="key-unreadable"):
        line.fetch_token()


def test_the_whole_file_of_google_is_taken_and_only_its_key_kept() -> None:
    file = json.dumps({"type": "service_account", "private_key": "-----BEGIN\nx\n", "client_email": "a@b"})
    assert DriveSecrets(private_key=SecretStr(file)).private_key.get_secret_value() == "-----BEGIN\nx\n"
    assert DriveSecrets(private_key=SecretStr("a\\nb")).private_key.get_secret_value() == "a\nb"
    for wrong in ("{", '{"private_key": 7}', "{}"):
        with pytest.raises(ValidationError):
            DriveSecrets(private_key=SecretStr(wrong))
    with pytest.raises(ValidationError):
        DriveConfig(client_email="jane@example.com", drive_id=DRIVE)
    with pytest.raises(TypeError):
        open_documents(DriveSecrets(private_key=SecretStr("x")))


@pytest.mark.parametrize(
    ("status", "reason", "kind", "code"),
    [
        (403, "rateLimitExceeded", RateLimited, "slow-down"),
        (403, "userRateLimitExceeded", RateLimited, "slow-down"),
        (429, "rateLimitExceeded", RateLimited, "slow-down"),
        (403, "insufficientFilePermissions", Forbidden, "forbidden"),
        (403, "storageQuotaExceeded", Rejected, "drive-full"),
        (401, "authError", AuthFailed, "credentials-refused"),
        (400, "invalid", Rejected, "rejected-400"),
    ],
)
def test_what_a_refusal_means(status: int, reason: str, kind: type[Failure], code: str) -> None:
    body = json.dumps({"error": {"errors": [{"reason": reason}], "code": status}}).encode()
    assert MANIFEST.api is not None
    failure = judge(MANIFEST.api.rules, status, {}, body, NOW)
    assert failure is not None
    assert (type(failure), failure.code) == (kind, code)


def test_the_sample_of_too_many_is_a_limit_and_nothing_is_lost(line: Line) -> None:
    line.vendor.fault(
        "status", "/upload/*", status=403, body=json.dumps(sample("google_drive", "too_fast")), retry_after="4"
    )
    with pytest.raises(RateLimited):
        line.run(store(line).keep(PAPER, "k-1"))
    line.run(store(line).keep(PAPER, "k-1"))
    assert files(line) == {PAPER.name: PAPER.data}


# Reading


def names(batches: list[Batch]) -> list[str]:
    return [item.raw.get("name", item.remote_id) for batch in batches for item in batch.items]


def test_the_drive_is_read_to_its_end_and_then_what_changed(line: Line) -> None:
    vendor: Any = line.vendor
    vendor.page_size = 2
    ids = [vendor.add(f"file-{number}") for number in range(5)]
    first = line.read("file", {})
    assert names(first) == [f"file-{number}" for number in range(5)]
    assert [batch.last for batch in first] == [False, False, True]
    vendor.write(ids[0], "new")
    vendor.remove(ids[1])
    vendor.trash(ids[2])
    second = line.read("file", first[-1].cursor)
    assert [(item.remote_id, item.deleted) for batch in second for item in batch.items] == [
        (ids[0], False), (ids[1], True), (ids[2], True)
    ]  # fmt: skip
    assert names(line.read("file", second[-1].cursor)) == []
    assert names(line.read("file", second[-1].cursor, Mode.FULL)) == ["file-0", "file-3", "file-4"]


def test_what_changes_while_all_is_read_is_not_missed(line: Line) -> None:
    vendor: Any = line.vendor
    vendor.page_size = 1
    ids = [vendor.add(f"file-{number}") for number in range(3)]
    [begun] = line.read("file", {}, most=1)
    vendor.write(ids[0], "changed after it was read")
    rest = line.read("file", begun.cursor)
    assert names(rest) == ["file-1", "file-2"]
    assert names(line.read("file", rest[-1].cursor)) == ["file-0"]


def test_a_dead_worker_leaves_off_where_the_next_goes_on(line: Line) -> None:
    vendor: Any = line.vendor
    vendor.page_size = 1
    cursor = dict(line.read("file", {})[-1].cursor)
    for number in range(4):
        vendor.add(f"file-{number}")
    found = []
    for _ in range(4):
        [batch] = line.read("file", cursor, most=1)
        found += names([batch])
        cursor = dict(batch.cursor)
    assert (found, batch.last) == ([f"file-{number}" for number in range(4)], True)


def test_a_mark_that_is_not_known_any_more_is_gone(line: Line) -> None:
    vendor: Any = line.vendor
    vendor.add("file")
    cursor = line.read("file", {})[-1].cursor
    vendor.forget()
    with pytest.raises(Gone, match="cursor-expired"):
        line.read("file", cursor)
    assert names(line.read("file", {})) == ["file"]


def test_the_samples_become_our_records(line: Line) -> None:
    resource = line.api.resource("file")
    folder, file = items_of(resource, sample("google_drive", "files"))
    record = to_record(Kind.FILE, resource.fields, file.remote_id, file.raw).record
    assert record == FileRecord(
        remote_id="1File", name="confirmation-0001.pdf", folder="1Folder", content_type="application/pdf", size=11
    )  # fmt: skip
    above = to_record(Kind.FILE, resource.fields, folder.remote_id, folder.raw).record
    assert isinstance(above, FileRecord)
    assert above.is_folder
    line.vendor.fault("status", "/drive/v3/changes", status=200, body=json.dumps(sample("google_drive", "changes")))
    [batch] = line.read("file", {"of": DRIVE, "token": "5"})
    assert {item.remote_id: item.deleted for item in batch.items} == {"1File": False, "1Gone": True, "1Trash": True}
    assert batch.cursor == {"of": DRIVE, "token": "9"}


# Notifications


def test_notifications_have_no_body_and_are_believed_by_the_channels_token(line: Line) -> None:
    got: list[Delivery] = []

    def take(asked: Asked) -> bytes:
        got.append(Delivery(asked.headers, asked.body))
        return reply(200)

    vendor: Any = line.vendor
    server = HttpServer(take)
    try:
        vendor.webhooks.subscribe(f"http://127.0.0.1:{server.port}/webhooks/x", "channel-token")
        vendor.webhooks.emit("sync", b"")
        vendor.add("a")
        vendor.add("b")
        vendor.deliver()
    finally:
        server.stop()
    assert HOOKS is not None
    events = [receive(HOOKS, one, ["channel-token"], NOW).events[0] for one in got]
    assert [(one.id, one.resource) for one in events] == [
        ("channel-1:1", ""), ("channel-1:2", "file"), ("channel-1:3", "file")
    ]  # fmt: skip
    with pytest.raises(NotBelieved, match="token-wrong"):
        receive(HOOKS, got[0], ["other"], NOW)
    less = {name: value for name, value in got[0].headers.items() if name != "x-goog-channel-token"}
    with pytest.raises(NotBelieved, match="header-missing"):
        receive(HOOKS, Delivery(less, b""), ["channel-token"], NOW)
