"""Documents in an S3-compatible service: a small real HTTP server that checks signatures and keeps objects in memory."""

import hashlib
import hmac
import re
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.core import storage
from app.core.config import get_settings
from app.core.db import transaction
from app.core.errors import NotFound, Unavailable
from tests.core.test_storage import keep

OBJECTS: dict[str, bytes] = {}
SECRET = "a-secret-of-the-bucket"


class Bucket(BaseHTTPRequestHandler):
    """PUT, GET, DELETE and DeleteObjects by AWS Signature Version 4, as the service's documentation describes it."""

    protocol_version = "HTTP/1.1"
    broken = False

    def do_PUT(self) -> None:
        if (body := self._body()) is not None:
            OBJECTS[self._key()] = body
            self._answer(200, b"", {"ETag": '"1"'})

    def do_GET(self) -> None:
        if self._body() is None:
            return
        data = OBJECTS.get(self._key())
        if data is None:
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>", {})
        else:
            self._answer(200, data, {"ETag": '"1"', "Last-Modified": "Mon, 23 Nov 2026 00:00:00 GMT"})

    def do_DELETE(self) -> None:
        if self._body() is None:
            return
        OBJECTS.pop(self._key(), None)
        self._answer(204, b"", {})

    def do_POST(self) -> None:
        """DeleteObjects of one object, the way the client asks for it."""
        if (asked := self._body()) is None:
            return
        body = asked.decode()
        key = body.split("<Key>")[1].split("</Key>")[0]
        OBJECTS.pop(f"/bucket/{key}", None)
        self._answer(200, f"<DeleteResult><Deleted><Key>{key}</Key></Deleted></DeleteResult>".encode(), {})

    def _body(self) -> bytes | None:
        """The request's body, or None when it was refused and answered."""
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        if self.broken:
            self._answer(503, b"<Error><Code>SlowDown</Code></Error>", {})
        elif not self._signed(body):
            self._answer(403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>", {})
        else:
            return body
        return None

    def _signed(self, body: bytes) -> bool:
        told = dict(re.findall(r"(Credential|SignedHeaders|Signature)=([^,]+)", self.headers["Authorization"] or ""))
        if told.get("Credential", "").split("/")[0] != "a-key":
            return False
        scope = told["Credential"].split("/")[1:]
        digest = self.headers["x-amz-content-sha256"]
        if digest not in ("UNSIGNED-PAYLOAD", hashlib.sha256(body).hexdigest()):
            return False
        names = told["SignedHeaders"].split(";")
        asked = urlsplit(self.path)
        query = "&".join(sorted(part if "=" in part else f"{part}=" for part in asked.query.split("&") if part))
        headers = "".join(f"{name}:{self.headers[name].strip()}\n" for name in names)
        request = "\n".join([self.command, asked.path, query, headers, ";".join(names), digest])
        hashed = hashlib.sha256(request.encode()).hexdigest()
        text = "\n".join(["AWS4-HMAC-SHA256", self.headers["x-amz-date"], "/".join(scope), hashed])
        key = f"AWS4{SECRET}".encode()
        for part in (*scope, text):
            key = hmac.digest(key, part.encode(), hashlib.sha256)
        return hmac.compare_digest(key.hex(), told["Signature"])

    def _key(self) -> str:
        return self.path.split("?")[0]

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Quiet."""


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    OBJECTS.clear()
    monkeypatch.setattr(Bucket, "broken", False)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bucket)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setattr(get_settings(), "storage_url", "s3://bucket/corridor")
    monkeypatch.setattr(get_settings(), "s3_endpoint", f"http://127.0.0.1:{server.server_port}")
    yield
    server.shutdown()
    server.server_close()


def test_a_document_goes_there_encrypted_and_comes_back(company: UUID, bucket: None) -> None:
    kept = keep(b"900-12-3456")
    assert list(OBJECTS) == [f"/bucket/corridor/{kept.storage_key}"]
    assert b"900-12-3456" not in OBJECTS[f"/bucket/corridor/{kept.storage_key}"]
    with transaction() as session:
        assert storage.read(session, kept.id) == b"900-12-3456"


def test_what_is_not_there_is_not_found(bucket: None) -> None:
    with pytest.raises(NotFound):
        storage.blob_store().get("nobody")


def test_what_is_deleted_is_gone(company: UUID, bucket: None) -> None:
    kept = keep()
    storage.blob_store().delete(kept.storage_key)
    assert OBJECTS == {}


def test_a_wrong_secret_is_refused_there_and_said_so_here(
    company: UUID, bucket: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    with pytest.raises(Unavailable, match=r"PermissionDeniedError|UnauthenticatedError"):
        keep()
    assert OBJECTS == {}


@pytest.mark.parametrize("trouble", ["broken", "away"])
def test_a_store_in_trouble_is_unavailable_soon_and_nothing_is_half_there(
    company: UUID, bucket: None, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    kept = keep()
    if trouble == "broken":
        monkeypatch.setattr(Bucket, "broken", True)
    else:
        monkeypatch.setattr(get_settings(), "s3_endpoint", "http://127.0.0.1:1")
    began = time.monotonic()
    with pytest.raises(Unavailable) as refused:
        keep()
    with pytest.raises(Unavailable), transaction() as session:
        storage.read(session, kept.id)
    assert time.monotonic() - began < 40
    assert "127.0.0.1" not in str(refused.value)
    assert kept.storage_key not in str(refused.value)
    with transaction() as session:
        assert session.query(storage.StoredFile).count() == 1


def test_readiness_names_the_store(client: FlaskClient, bucket: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.get("/readyz").text == "ready\n"
    monkeypatch.setattr(Bucket, "broken", True)
    assert client.get("/readyz").text == "not ready: storage\n"
