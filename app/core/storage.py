"""Documents: encrypted before they leave the process, under random keys, in a folder or an S3-compatible service.

A file is checked for what it really is before it is kept; a name's ending is only a claim.
"""

from __future__ import annotations

import hashlib
import io
import os
import secrets
import zipfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import puremagic
from sqlalchemy.orm import Session

from app.core.clock import now
from app.core.config import get_settings
from app.core.crypto import decrypt_bytes, encrypt_bytes
from app.core.db import current_tenant, fetch
from app.core.errors import Invalid, NotFound, Unavailable
from app.core.models import StoredFile

MAX_BYTES = 25 * 1024 * 1024
MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 100

CONTENT_TYPES = {
    "csv": "text/csv",
    "txt": "text/plain",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
}


class BlobStore(Protocol):
    """Bytes by key. `put` is atomic: a reader sees the whole object or none. A store that is away raises `Unavailable`."""

    def put(self, key: str, data: bytes) -> None: ...
    def get(self, key: str) -> bytes: ...
    def delete(self, key: str) -> None: ...


class FolderStore:
    """A local folder; each object is written aside, flushed and renamed."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, key: str, data: bytes) -> None:
        path = self.root / key
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)

    def get(self, key: str) -> bytes:
        try:
            return (self.root / key).read_bytes()
        except FileNotFoundError:
            raise NotFound from None

    def delete(self, key: str) -> None:
        (self.root / key).unlink(missing_ok=True)


class ObjectStore:
    """An S3-compatible service through obstore. Credentials come from its own environment (`AWS_*`) or instance role."""

    def __init__(self, bucket: str, prefix: str, *, endpoint: str, region: str) -> None:
        from obstore.store import S3Store

        options: Any = {"region": region}
        if endpoint:
            options |= {"endpoint": endpoint, "virtual_hosted_style_request": False}
        client: Any = {"allow_http": endpoint.startswith("http://"), "connect_timeout": "5s", "timeout": "60s"}
        patience: Any = {"max_retries": 2, "retry_timeout": timedelta(seconds=20)}  # a person waits; jobs come again
        self._store = S3Store(bucket, prefix=prefix or None, client_options=client, retry_config=patience, **options)

    def put(self, key: str, data: bytes) -> None:
        import obstore

        with _answering():
            obstore.put(self._store, key, data)

    def get(self, key: str) -> bytes:
        import obstore

        with _answering():
            return bytes(obstore.get(self._store, key).bytes())

    def delete(self, key: str) -> None:
        import obstore

        with _answering():
            obstore.delete(self._store, key)


@contextmanager
def _answering() -> Iterator[None]:
    """The service's troubles as ours; their texts hold addresses and keys of objects and stay inside."""
    from obstore.exceptions import BaseError

    try:
        yield
    except FileNotFoundError:
        raise NotFound from None
    except BaseError as trouble:
        raise Unavailable(f"the document store does not answer ({type(trouble).__name__})") from None


def blob_store() -> BlobStore:
    """The configured back end (`STORAGE_URL`)."""
    settings = get_settings()
    if settings.storage_url.startswith("s3://"):
        bucket, _, prefix = settings.storage_url.removeprefix("s3://").partition("/")
        return ObjectStore(bucket, prefix, endpoint=settings.s3_endpoint, region=settings.s3_region)
    return FolderStore(Path(settings.storage_url))


def keep(
    session: Session,
    data: bytes,
    *,
    name: str,
    content_type: str,
    purpose: str,
    person_id: UUID | None = None,
    file_id: UUID | None = None,
) -> StoredFile:
    """Store a document and add its row to the session. Rolled back, the row is gone and the bytes are unreadable litter.

    Args:
        name: as the person knows it; kept encrypted.
        person_id: whose document it is; it is then encrypted under that person's own key and can be shredded.
        file_id: given by a job that may run twice, so that both attempts mean the same row.
    """
    row = StoredFile(
        id=file_id,
        storage_key="",
        name=name,
        content_type=content_type,
        size=len(data),
        sha256=hashlib.sha256(data).digest(),
        purpose=purpose,
        person_id=person_id,
    )
    row.storage_key = f"{row.company_id.hex}/{secrets.token_hex(2)}/{secrets.token_hex(16)}"
    sealed = encrypt_bytes(row.company_id, _aad(row), data, person_id)
    try:
        blob_store().put(row.storage_key, sealed)
    except OSError as error:
        raise Unavailable("documents cannot be stored right now") from error
    session.add(row)
    return row


def read(session: Session, file_id: UUID) -> bytes:
    """The bytes of a stored document of the current tenant.

    Raises:
        NotFound: no such document, or it was deleted.
        app.core.crypto.Undecipherable: altered, or its key was destroyed.
    """
    row = fetch(session, StoredFile, file_id)
    if row.deleted_at is not None:
        raise NotFound
    return decrypt_bytes(current_tenant(), _aad(row), blob_store().get(row.storage_key))


def destroy(session: Session, file_id: UUID) -> None:
    """Destroy the bytes of a document; its row stays as evidence. Destroying twice changes nothing.

    The bytes go first: rolled back or killed, the row still says that they are there, and the next try says it right.
    """
    row = fetch(session, StoredFile, file_id, lock=True)
    if row.deleted_at is None:
        blob_store().delete(row.storage_key)
        row.deleted_at = now()


def reseal(row: StoredFile, number: int) -> bool:
    """Encrypt a document anew when its key is older than `number` (rotation); the old bytes go once the new ones are kept."""
    old_key = row.storage_key
    sealed = blob_store().get(old_key)
    if int.from_bytes(sealed[1:5], "big") >= number:
        return False
    plain = decrypt_bytes(row.company_id, _aad(row), sealed)
    row.storage_key = f"{old_key.rsplit('/', 1)[0]}/{secrets.token_hex(16)}"
    blob_store().put(row.storage_key, encrypt_bytes(row.company_id, _aad(row), plain, row.person_id))
    return True


def _aad(row: StoredFile) -> str:
    return f"v1|stored_file|content|{row.company_id}|{row.id}"


def check_upload(data: bytes, name: str, allowed: Collection[str]) -> str:
    """The content type of an upload that really is one of `allowed` endings.

    Raises:
        Invalid: too large, empty, another type than its name says, or an archive that unpacks without end.
    """
    ending = name.rsplit(".", 1)[-1].lower().replace("jpeg", "jpg") if "." in name else ""
    listed = ", ".join(sorted(e.upper() for e in allowed))
    if ending not in allowed:
        raise Invalid(f"This kind of file cannot be used. Upload one of: {listed}.")
    if not data:
        raise Invalid("The file is empty. Choose another one.")
    if len(data) > MAX_BYTES:
        raise Invalid("The file is larger than 25 MB. Split it or compress the images in it.")
    if not _is_really(ending, data):
        raise Invalid(f"The file is not really {ending.upper()}. Save it again as one of: {listed}.")
    return CONTENT_TYPES[ending]


def _is_really(ending: str, data: bytes) -> bool:
    if ending in ("csv", "txt"):
        return b"\x00" not in data[:65536] and not _magic(data).startswith(
            ("image/", "application/pdf", "application/zip")
        )
    if ending == "xlsx":
        return _is_sane_workbook(data)
    return _magic(data) == CONTENT_TYPES[ending]


def _magic(data: bytes) -> str:
    try:
        return str(puremagic.from_string(data[:65536], mime=True))
    except (puremagic.PureError, ValueError):
        return ""


def _is_sane_workbook(data: bytes) -> bool:
    """A ZIP with a workbook inside that does not unpack to more than 200 MB or a hundred times its size."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
    except zipfile.BadZipFile:
        return False
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > 2000 or unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * max(len(data), 1024):
        raise Invalid(
            "The workbook unpacks to far more than its size. Save only the sheet you need and upload it again."
        )
    return any(entry.filename == "xl/workbook.xml" for entry in entries)
