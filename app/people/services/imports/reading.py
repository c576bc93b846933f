"""From the bytes of a CSV or Excel file to rows of text. Nothing here trusts the file."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import python_calamine

from app.core.errors import Invalid
from app.core.storage import CONTENT_TYPES, MAX_UNPACKED

DELIMITERS = (",", ";", "\t", "|")
MAX_COLUMNS = 200
MAX_CELLS = 8_000_000
_CELL = re.compile(rb'[\s]r="([A-Z]{1,3})(\d{1,7})"')
_OVERLAP = 64  # bytes; longer than any cell reference
BROKEN = "The file cannot be read. Save it again as CSV (UTF-8) or Excel workbook and upload it once more."

Cells = list[str]


def rows_of(data: bytes, content_type: str) -> Iterator[tuple[int, Cells]]:
    """Row number as the person sees it in the file, and its cells. Empty rows are left out.

    Raises:
        Invalid: the file cannot be read, or is larger than it may be.
    """
    found = _workbook_rows(data) if content_type == CONTENT_TYPES["xlsx"] else _csv_rows(data)
    for number, cells in enumerate(found, 1):
        if len(cells) > MAX_COLUMNS:
            raise Invalid("The file has more than 200 columns. Keep only the ones to import.")
        if any(cells):
            yield number, cells


# --- CSV --------------------------------------------------------------------------------------------------------


def decoded(data: bytes) -> str:
    """UTF-8 with or without a byte order mark, else the Windows code page that American exports use."""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def delimiter_of(text: str) -> str:
    """The delimiter that gives the first rows the most columns, equally many in each."""

    def score(delimiter: str) -> tuple[bool, int]:
        sample = io.StringIO(text[:65536], newline="")
        widths = [len(row) for _, row in zip(range(20), csv.reader(sample, delimiter=delimiter), strict=False) if row]
        return bool(widths) and min(widths) == max(widths) > 1, max(widths, default=0)

    return max(DELIMITERS, key=score)


def _csv_rows(data: bytes) -> Iterator[Cells]:
    try:
        text = decoded(data)
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text)):
            yield list(map(str.strip, row))
    except csv.Error:
        raise Invalid(BROKEN) from None


# --- Excel ------------------------------------------------------------------------------------------------------


def check_workbook(data: bytes) -> None:
    """Unpack with a limit, and look how far the cells reach: a tiny file may claim a sheet that fills the memory.

    Raises:
        Invalid: too large, or not a workbook.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            left = MAX_UNPACKED
            for entry in archive.infolist():
                left -= _unpacked(archive, entry, left)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        raise Invalid(BROKEN) from None


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> int:
    is_sheet = entry.filename.startswith("xl/worksheets/")
    size, rows, columns, tail = 0, 0, 0, b""
    with archive.open(entry) as stream:
        while chunk := stream.read(1 << 20):
            size += len(chunk)
            if size > limit:
                raise Invalid(
                    "The workbook unpacks to more than 200 MB. Save only the sheet you need and upload it again."
                )
            if is_sheet:
                rows, columns = _reach(tail + chunk, rows, columns)
                tail = chunk[-_OVERLAP:]
    if rows * columns > MAX_CELLS:
        raise Invalid("The sheet reaches further than its data. Copy the data to a new sheet and upload that.")
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


def _workbook_rows(data: bytes) -> Iterator[Cells]:
    check_workbook(data)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except Exception:  # calamine raises its own, zip's and XML's errors
        raise Invalid(BROKEN) from None
    for row in rows:
        yield [_text(cell) for cell in row]


def _text(cell: Any) -> str:
    """A cell as the text a person would type."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)
