"""A document into a library: look whether it is there, then put it, in one piece or in several."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote

from pydantic import BaseModel

from app.integrations.adapters.sharepoint.api import SharePointConfig
from app.integrations.adapters.sharepoint.reading import find_drive
from app.integrations.failures import Conflict, NotFound, Rejected, Transient
from app.integrations.ports import Document, Kept, Steps
from app.integrations.reading import Facts, facts_of, needed, text
from app.integrations.transports.http.calls import Answer, Call, Json, Raw, elsewhere

ONE_PIECE = 4 * 1024 * 1024 - 1
"""Larger files go in pieces."""

PIECE = 16 * 320 * 1024
"""Graph wants multiples of 320 KiB."""

_ITEM = "id,name,size,file,webUrl"
_UNUSABLE = re.compile(r'[\\/:*?"<>|\x00-\x1f]|^[\s~]|[\s.]$')


class SharePoint:
    """See `DocumentStore`."""

    def __init__(self, config: SharePointConfig) -> None:
        self._config = config

    def keep(self, document: Document, key: str) -> Steps[Kept]:
        """What is there under this name with these bytes is ours; Graph has no idempotency key, and a taken name is refused."""
        del key
        drive = yield from find_drive(self._config.site, self._config.library)
        place = _place(drive, [*self._config.folder.split("/"), *document.folder, document.name])
        try:
            found = yield Call("file.find", "GET", "/drives/{drive}/root:/{path}:", exact=f"{place}:?$select={_ITEM}")
        except NotFound:
            answer = yield from self._put(place, document)
            return _kept(facts_of(answer.json()))
        item = facts_of(found.json())
        if not _same(item, document.data):
            raise Conflict("name-taken")
        return _kept(item)

    def _put(self, place: str, document: Document) -> Steps[Answer]:
        if len(document.data) <= ONE_PIECE:
            return (
                yield Call(
                    "file.put",
                    "PUT",
                    "/drives/{drive}/root:/{path}:/content",
                    exact=f"{place}:/content?@microsoft.graph.conflictBehavior=fail",
                    body=Raw(document.content_type, document.data),
                    secret=True,
                )
            )
        opened = yield Call(
            "upload.open",
            "POST",
            "/drives/{drive}/root:/{path}:/createUploadSession",
            exact=f"{place}:/createUploadSession",
            body=Json({"item": {"@microsoft.graph.conflictBehavior": "fail"}}),
            secret=True,  # the address of the session is one
        )
        url = needed(facts_of(opened.json()), "uploadUrl")
        for call in _pieces(url, document):
            answer = yield call
        return answer


def open_documents(config: BaseModel) -> SharePoint:
    """The mapping of one connection."""
    if not isinstance(config, SharePointConfig):
        raise TypeError("sharepoint needs a SharePointConfig")
    return SharePoint(config)


def quick_xor(data: bytes) -> str:
    """Microsoft's QuickXorHash, base64: byte i goes in at bit 11·i of 160, and the length into the last eight bytes.

    Bytes that are 160 apart go in at the same place, so the file is first folded to 160 bytes.
    """
    folded = 0
    for start in range(0, len(data), 160):
        folded ^= int.from_bytes(data[start : start + 160].ljust(160, b"\0"), "little")
    ring = 0
    for number, byte in enumerate(folded.to_bytes(160, "little")):
        shifted = byte << (number * 11 % 160)
        ring ^= (shifted | shifted >> 160) & ((1 << 160) - 1)
    return base64.b64encode((ring ^ len(data) << 96).to_bytes(20, "little")).decode()


def _place(drive: str, parts: list[str]) -> str:
    """Raises `Rejected` for a name that SharePoint does not take."""
    used = [part for part in parts if part]
    if any(_UNUSABLE.search(part) or part in (".", "..") for part in used):
        raise Rejected("name-unusable", "SharePoint does not take this name for a file or folder.")
    return f"/drives/{quote(drive, safe='!')}/root:/{quote('/'.join(used))}"


def _same(item: Facts, data: bytes) -> bool:
    if "file" not in item or str(item.get("size")) != str(len(data)):
        return False
    known = text((item["file"] or {}).get("hashes") or {}, "quickXorHash")
    if not known:
        raise Transient("hash-not-ready")  # SharePoint computes it a little later
    return known == quick_xor(data)


def _kept(item: Facts) -> Kept:
    return Kept(needed(item, "id"), text(item, "webUrl"))


def _pieces(url: str, document: Document) -> Iterator[Call]:
    """To the address the session gave us, which lies on another host and knows us by itself."""
    size = len(document.data)
    for start in range(0, size, PIECE):
        piece = document.data[start : start + PIECE]
        headers = {"content-range": f"bytes {start}-{start + len(piece) - 1}/{size}"}
        call = elsewhere(url, "upload.put", "PUT", Raw("application/octet-stream", piece), headers)
        yield replace(call, secret=True)
