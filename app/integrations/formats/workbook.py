"""Excel workbooks (xlsx): unpacked within limits, read by calamine, formulas found. Nothing here trusts the file."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import python_calamine
from defusedxml import ElementTree

from app.integrations.failures import Refused
from app.integrations.formats.tables import BROKEN

MOST_CELLS = 8_000_000
MOST_UNPACKED = 200 * 1024 * 1024
_CELL = re.compile(rb'[\s]r="([A-Z]{1,3})(\d{1,7})"')
_OVERLAP = 64  # bytes; longer than any cell reference
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def check_workbook(data: bytes, most_unpacked: int = MOST_UNPACKED) -> None:
    """Unpack with a limit (bytes), and look how far the cells reach: a tiny file may claim a sheet that fills the memory.

    Raises `Refused`: workbook-too-large, sheet-too-wide, workbook-unreadable.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            left = most_unpacked
            for entry in archive.infolist():
                left -= _unpacked(archive, entry, left)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        raise _unreadable() from None


def workbook_rows(
    data: bytes, sheet: str = "", *, times: bool = False, most_unpacked: int = MOST_UNPACKED
) -> Iterator[list[str]]:
    """Rows from the first line on, each cell as the text a person would type. sheet: its name; empty for the first.

    times: a day with a time of day keeps it (ISO).

    Raises `Refused`: as `check_workbook`, and sheet-missing.
    """
    check_workbook(data, most_unpacked)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        known = book.sheet_names
        chosen = book.get_sheet_by_name(sheet) if sheet in known else None if sheet else book.get_sheet_by_index(0)
        rows = chosen.to_python(skip_empty_area=False) if chosen is not None else None
    except Exception:  # calamine raises its own, zip's and XML's errors
        raise _unreadable() from None
    if rows is None:
        raise Refused("sheet-missing", "The workbook has no sheet of the name in the settings.")
    for row in rows:
        yield [_text(cell, times) for cell in row]


def formulas(data: bytes, sheet: str = "") -> frozenset[tuple[int, int]]:
    """Row and column (from 1) of every cell of a sheet that is computed: its text is whatever the last program left there.

    Call it only for a workbook that `check_workbook` let through. Raises `Refused`: workbook-unreadable.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(_path_of(archive, sheet)) as stream:
            return frozenset(_formulas(stream))
    except (KeyError, ValueError, IndexError, SyntaxError, zipfile.BadZipFile, OSError):
        raise _unreadable() from None


def _formulas(stream: Any) -> Iterator[tuple[int, int]]:
    cell = ""
    for event, element in ElementTree.iterparse(stream, events=("start", "end"), forbid_dtd=True):
        kind = element.tag.rpartition("}")[2]
        if event == "start" and kind == "c":
            cell = element.get("r", "")
        elif event == "start" and kind == "f" and (found := re.fullmatch(r"([A-Z]{1,3})(\d{1,7})", cell)):
            yield int(found[2]), _column_number(found[1].encode())
        elif event == "end" and kind == "row":
            element.clear()


def _path_of(archive: zipfile.ZipFile, sheet: str) -> str:
    """Where a sheet's cells lie inside the archive: the order of names is not the order of files."""
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"), forbid_dtd=True)
    sheets = (one for one in book.iter() if one.tag.rpartition("}")[2] == "sheet")
    chosen: Any = next((one for one in sheets if not sheet or one.get("name") == sheet), {})
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"), forbid_dtd=True)
    target = {one.get("Id"): one.get("Target", "") for one in relations}[chosen.get(_RELATION)]
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> int:
    is_sheet = entry.filename.startswith("xl/worksheets/")
    size, rows, columns, tail = 0, 0, 0, b""
    with archive.open(entry) as stream:
        while chunk := stream.read(1 << 20):
            size += len(chunk)
            if size > limit:
                raise Refused(
                    "workbook-too-large",
                    "The workbook unpacks to more than 200 MB. Save only the sheet you need and upload it again.",
                )
            if is_sheet:
                rows, columns = _reach(tail + chunk, rows, columns)
                tail = chunk[-_OVERLAP:]
    if rows * columns > MOST_CELLS:
        raise Refused(
            "sheet-too-wide", "The sheet reaches further than its data. Copy the data to a new sheet and upload that."
        )
    return size


def _reach(chunk: bytes, rows: int, columns: int) -> tuple[int, int]:
    found = set(_CELL.findall(chunk))
    rows = max([rows, *(int(row) for _, row in found)])
    letters = {column for column, _ in found}
    return rows, max([columns, *(_column_number(column) for column in letters)])


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _text(cell: Any, times: bool) -> str:
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat() if times else cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _unreadable() -> Refused:
    return Refused("workbook-unreadable", BROKEN)
