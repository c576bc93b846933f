"""Documents: what they really are, where they lie, who can read them."""

import io
import zipfile
from uuid import UUID, uuid4

import pytest
from uuid_utils.compat import uuid7

from app.core import storage
from app.core.config import get_settings
from app.core.crypto import Undecipherable
from app.core.db import fetch, tenant, transaction
from app.core.errors import Invalid, NotFound
from app.core.models import StoredFile

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40


def keep(data: bytes = b"hello", **more: object) -> StoredFile:
    with transaction() as session:
        return storage.keep(session, data, name="a.txt", content_type="text/plain", purpose="test", **more)


def workbook(size: int = 10) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "0" * size)
    return out.getvalue()


def test_a_document_reads_back_and_lies_encrypted(company: UUID) -> None:
    kept = keep(b"900-12-3456")
    with transaction() as session:
        assert storage.read(session, kept.id) == b"900-12-3456"
        assert fetch(session, StoredFile, kept.id).name == "a.txt"
    assert b"900-12-3456" not in storage.blob_store().get(kept.storage_key)


def test_another_tenant_has_no_such_document(company: UUID) -> None:
    kept = keep()
    with tenant(uuid7()), transaction() as session, pytest.raises(NotFound):
        storage.read(session, kept.id)


def test_a_changed_document_does_not_open(company: UUID) -> None:
    kept = keep()
    sealed = bytearray(storage.blob_store().get(kept.storage_key))
    sealed[-1] ^= 1
    storage.blob_store().put(kept.storage_key, bytes(sealed))
    with transaction() as session, pytest.raises(Undecipherable):
        storage.read(session, kept.id)


def test_a_deleted_document_is_not_found(company: UUID) -> None:
    from app.core.clock import now

    kept = keep()
    with transaction() as session:
        fetch(session, StoredFile, kept.id).deleted_at = now()
    with transaction() as session, pytest.raises(NotFound):
        storage.read(session, kept.id)


def test_a_missing_object_is_not_found() -> None:
    with pytest.raises(NotFound):
        storage.blob_store().get("nobody/here")


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        (b"a,b\n1,2\n", "x.csv", "text/csv"),
        (PDF, "x.PDF", "application/pdf"),
        (PNG, "x.png", "image/png"),
        (workbook(), "x.xlsx", storage.CONTENT_TYPES["xlsx"]),
    ],
)
def test_honest_uploads_pass(data: bytes, name: str, expected: str) -> None:
    assert storage.check_upload(data, name, {"csv", "pdf", "png", "xlsx"}) == expected


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (b"", "x.csv", "empty"),
        (b"MZ\x90", "x.exe", "Upload one of"),
        (b"no ending", "x", "Upload one of"),
        (PDF, "x.png", "not really PNG"),
        (PNG, "x.csv", "not really CSV"),
        (b"PK\x03\x04 not a zip", "x.xlsx", "not really XLSX"),
        (b"a" * (storage.MAX_BYTES + 1), "x.csv", "larger than 25 MB"),
        (workbook(30_000_000), "x.xlsx", "unpacks to far more"),
        (PDF, "../../x.pdf.html", "Upload one of"),
    ],
)
def test_dishonest_uploads_are_refused_with_what_to_do(data: bytes, name: str, says: str) -> None:
    with pytest.raises(Invalid, match=says):
        storage.check_upload(data, name, {"csv", "pdf", "png", "xlsx"})


def test_an_s3_address_gives_an_object_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(get_settings(), "storage_url", "s3://bucket/prefix")
    monkeypatch.setattr(get_settings(), "s3_endpoint", "http://127.0.0.1:1")
    assert isinstance(storage.blob_store(), storage.ObjectStore)


def test_a_job_that_runs_twice_means_the_same_row(company: UUID) -> None:
    file_id = uuid4()
    assert keep(file_id=file_id).id == file_id
