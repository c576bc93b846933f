"""Documents in an S3-compatible service: a small real HTTP server that keeps objects in memory."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import UUID

import pytest

from app.core import storage
from app.core.config import get_settings
from app.core.db import transaction
from app.core.errors import NotFound
from tests.core.test_storage import keep

OBJECTS: dict[str, bytes] = {}


class Bucket(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        OBJECTS[self._key()] = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(200, b"", {"ETag": '"1"'})

    def do_GET(self) -> None:
        data = OBJECTS.get(self._key())
        if data is None:
            self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>", {})
        else:
            self._answer(200, data, {"ETag": '"1"', "Last-Modified": "Mon, 23 Nov 2026 00:00:00 GMT"})

    def do_DELETE(self) -> None:
        OBJECTS.pop(self._key(), None)
        self._answer(204, b"", {})

    def do_POST(self) -> None:
        """DeleteObjects of one object, the way the client asks for it."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        key = body.split("<Key>")[1].split("</Key>")[0]
        OBJECTS.pop(f"/bucket/{key}", None)
        self._answer(200, f"<DeleteResult><Deleted><Key>{key}</Key></Deleted></DeleteResult>".encode(), {})

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
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bucket)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
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
