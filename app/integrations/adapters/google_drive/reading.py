"""What is in a shared drive and what changed: first the mark, then the files, later only the changes since the mark."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.integrations.failures import ContractDrift
from app.integrations.reading import Facts, facts_of, needed, records_in, text
from app.integrations.sync.reading import Batch, Item, Mode, Reading, items_of
from app.integrations.transports.http.calls import Call

FOLDER = "application/vnd.google-apps.folder"
ONE = "id,name,mimeType,size,parents,trashed"
PAGE = "1000"

FIELDS: dict[str, Any] = {
    "name": "name",
    "folder": "parents[0]",
    "content_type": "mimeType",
    "size": "size",
    "is_folder": lambda raw: raw.get("mimeType") == FOLDER,
}


def everywhere(drive_id: str) -> tuple[tuple[str, str], ...]:
    """What every list of a shared drive has to say."""
    return (("driveId", drive_id), ("supportsAllDrives", "true"), ("includeItemsFromAllDrives", "true"))


def read_files(reading: Reading) -> Iterator[Batch]:
    """The cursor: `of` whose drive, `token` where changes begin; while all files are read also `page`, the next page of them.

    The mark is fetched before the files are: what changes meanwhile is read again later instead of never.
    """
    config: Any = reading.config
    cursor = dict(reading.cursor)
    if cursor.get("of") != config.drive_id:
        cursor = {}
    if "page" in cursor or reading.mode is Mode.FULL or "token" not in cursor:
        yield from _everything(reading, config.drive_id, cursor)
    else:
        yield from _changes(reading, config.drive_id, str(cursor["token"]))


def _everything(reading: Reading, drive_id: str, cursor: dict[str, Any]) -> Iterator[Batch]:
    page = str(cursor.get("page", ""))
    mark = str(cursor["token"]) if page else _mark(reading, drive_id)
    fixed = (
        ("corpora", "drive"), *everywhere(drive_id), ("q", "trashed = false"), ("pageSize", PAGE),
        ("fields", f"nextPageToken,files({ONE})"),
    )  # fmt: skip
    while True:
        call = reading.resource.list((*fixed, *((("pageToken", page),) if page else ())))
        document = facts_of(reading.ask(call).json())
        following = _following(document, page)
        items = items_of(reading.resource, document)
        place = {"of": drive_id, "token": mark}
        yield Batch(items, place | ({"page": following} if following else {}), last=not following)
        if not following:
            return
        page = following


def _mark(reading: Reading, drive_id: str) -> str:
    query = (("driveId", drive_id), ("supportsAllDrives", "true"))
    answer = reading.ask(Call("mark.get", "GET", "/drive/v3/changes/startPageToken", query=query))
    return needed(facts_of(answer.json()), "startPageToken")


def _changes(reading: Reading, drive_id: str, token: str) -> Iterator[Batch]:
    fixed = (
        *everywhere(drive_id), ("pageSize", PAGE), ("includeRemoved", "true"),
        ("fields", f"nextPageToken,newStartPageToken,changes(changeType,fileId,removed,file({ONE}))"),
    )  # fmt: skip
    while True:
        call = Call("change.list", "GET", "/drive/v3/changes", query=(*fixed, ("pageToken", token)))
        document = facts_of(reading.ask(call).json())
        items = {item.remote_id: item for item in map(_changed, records_in(document, "changes")) if item is not None}
        following = _following(document, token)
        token = following or needed(document, "newStartPageToken")
        yield Batch(list(items.values()), {"of": drive_id, "token": token}, last=not following)
        if not following:
            return


def _changed(change: Facts) -> Item | None:
    """None for a change of the drive itself."""
    if text(change, "changeType") == "drive":
        return None
    file = change.get("file") or {}
    gone = change.get("removed") is True or file.get("trashed") is True
    return Item(needed(change, "fileId"), file, deleted=gone)


def _following(document: Facts, page: str) -> str:
    following = text(document, "nextPageToken")
    if following and following == page:
        raise ContractDrift("paging-in-a-circle")
    return following
