"""A document into a shared drive: look by its name, fetch an id, make it under that id. Twice made is then refused, not doubled."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

from app.integrations.adapters.google_drive.api import API
from app.integrations.adapters.google_drive.reading import FOLDER, everywhere
from app.integrations.failures import Conflict, ContractDrift, Gone, NotFound
from app.integrations.ports import Document, Kept, Steps
from app.integrations.reading import Facts, facts_of, needed, records_in, text
from app.integrations.transports.http.calls import Answer, Call, Json, Raw

ONE_PIECE = 5 * 1024 * 1024
"""Google's limit for a multipart upload; larger files go through a session."""

_ITEM = "id,name,mimeType,md5Checksum,webViewLink"
_MADE = (("supportsAllDrives", "true"), ("fields", _ITEM))


class DriveConfig(BaseModel):
    """Nothing secret."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    client_email: str = Field(
        title="Service account",
        description="Its e-mail address. Make it a content manager of the one shared drive, and of nothing else.",
        examples=["corridor@project.iam.gserviceaccount.com"],
        pattern=r"^[a-z0-9.-]{1,80}@[a-z0-9.-]{1,120}\.gserviceaccount\.com$",
    )
    drive_id: str = Field(
        title="Shared drive",
        description="The last part of its address in the browser. A service account cannot own files outside of a shared drive.",
        examples=["0AExampleSharedDrive"],
        pattern=r"^[A-Za-z0-9_-]{8,80}$",
    )
    folder_id: str = Field(
        "",
        title="Folder",
        description="The last part of the folder's address. Empty: the top of the drive.",
        pattern=r"^([A-Za-z0-9_-]{8,80})?$",
    )


class GoogleDrive:
    """See `DocumentStore`."""

    def __init__(self, config: DriveConfig) -> None:
        self._config = config

    def keep(self, document: Document, key: str) -> Steps[Kept]:
        """A name may stand twice in a folder of Google's, so it is looked for: the same bytes are ours, others a conflict."""
        del key
        parent = self._config.folder_id or self._config.drive_id
        for name in document.folder:
            parent = yield from self._folder(name, parent)
        found = yield from self._find(document.name, parent, "!=")
        if found is not None:
            return _same(found, document.data)
        file_id = yield from _new_id()
        facts = {"id": file_id, "name": document.name, "parents": [parent], "mimeType": document.content_type}
        try:
            answer = yield from _put(facts, document)
        except (Conflict, Gone, NotFound):  # an earlier try of this very call arrived
            answer = yield Call("file.get", "GET", "/drive/v3/files/{id}", {"id": file_id}, _MADE)
        return _same(facts_of(answer.json()), document.data)

    def _folder(self, name: str, parent: str) -> Steps[str]:
        found = yield from self._find(name, parent, "=")
        if found is not None:
            return needed(found, "id")
        folder_id = yield from _new_id()
        facts = {"id": folder_id, "name": name, "parents": [parent], "mimeType": FOLDER}
        with suppress(Conflict):  # an earlier try of this very call arrived
            yield Call("folder.create", "POST", "/drive/v3/files", query=_MADE, body=Json(facts))
        return folder_id

    def _find(self, name: str, parent: str, is_folder: str) -> Steps[Facts | None]:
        """The oldest of that name, so that everybody means the same one."""
        asked = " and ".join(
            (
                f"name = '{_quoted(name)}'", f"'{_quoted(parent)}' in parents", f"mimeType {is_folder} '{FOLDER}'",
                "trashed = false",
            )
        )  # fmt: skip
        query = (
            ("corpora", "drive"), *everywhere(self._config.drive_id), ("q", asked), ("orderBy", "createdTime"),
            ("pageSize", "1"), ("fields", f"files({_ITEM})"),
        )  # fmt: skip
        answer = yield API.resource("file").list(query)
        files = records_in(facts_of(answer.json()), "files")
        return files[0] if files else None


def open_documents(config: BaseModel) -> GoogleDrive:
    """The mapping of one connection."""
    if not isinstance(config, DriveConfig):
        raise TypeError("google_drive needs a DriveConfig")
    return GoogleDrive(config)


def _new_id() -> Steps[str]:
    query = (("count", "1"), ("space", "drive"), ("type", "files"))
    answer = yield Call("id.list", "GET", "/drive/v3/files/generateIds", query=query)
    ids: Sequence[Any] = facts_of(answer.json()).get("ids") or ()
    if not ids or not isinstance(ids[0], str):
        raise ContractDrift("id-missing")
    return ids[0]


def _put(facts: dict[str, Any], document: Document) -> Steps[Answer]:
    path = "/upload/drive/v3/files"
    if len(document.data) <= ONE_PIECE:
        query = (("uploadType", "multipart"), *_MADE)
        return (yield Call("file.create", "POST", path, query=query, body=_related(facts, document), secret=True))
    headers = {"x-upload-content-type": document.content_type, "x-upload-content-length": str(len(document.data))}
    query = (("uploadType", "resumable"), *_MADE)
    opened = yield Call("upload.open", "POST", path, query=query, body=Json(facts), headers=headers)
    session = urlsplit(opened.headers.get("location", ""))
    if not session.path.endswith(path) or not session.query:
        raise ContractDrift("session-missing")
    exact = f"{path}?{session.query}"  # only the query, so that nobody leads us elsewhere with our token
    body = Raw(document.content_type, document.data)
    return (yield Call("upload.put", "PUT", path, exact=exact, body=body, secret=True))


def _related(facts: dict[str, Any], document: Document) -> Raw:
    """multipart/related (RFC 2387): what it is, then the bytes."""
    edge = f"corridor-{secrets.token_hex(16)}"
    head = (
        f"--{edge}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{json.dumps(facts)}\r\n"
        f"--{edge}\r\nContent-Type: {document.content_type}\r\n\r\n"
    )
    return Raw(f"multipart/related; boundary={edge}", head.encode() + document.data + f"\r\n--{edge}--\r\n".encode())


def _same(file: Facts, data: bytes) -> Kept:
    if text(file, "md5Checksum") != hashlib.md5(data, usedforsecurity=False).hexdigest():
        raise Conflict("name-taken")
    return Kept(needed(file, "id"), text(file, "webViewLink"))


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")
