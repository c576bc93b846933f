"""Tables as text: one CSV reader for censuses, employee files and screening results. Nothing here trusts the file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from app.integrations.failures import Refused

BROKEN = "The file cannot be read. Save it again as CSV (UTF-8) or Excel workbook and upload it once more."
DELIMITERS = (",", ";", "\t", "|")
_NUMBER = re.compile(r"[+-][\d.,() -]*")


def decoded(data: bytes, encoding: str = "") -> str:
    """Text without byte order mark. encoding: empty tries UTF-8, then the Windows code page that American exports use.

    Raises `Refused`: not-text, encoding-wrong (it names the line).
    """
    text = _decoded_as(data, encoding) if encoding else _guessed(data)
    if "\x00" in text:
        raise Refused("not-text", BROKEN, text.index("\x00"))
    return text.removeprefix("\ufeff")


def _guessed(data: bytes) -> str:
    for encoding in ("utf-8", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def _decoded_as(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line, position = data.count(b"\n", 0, error.start) + 1, error.start
    reason = (
        f"Line {line} holds characters that are not {encoding}. Say which characters the file uses, or save it again."
    )
    raise Refused("encoding-wrong", reason, position)


def delimiter_of(text: str) -> str:
    """The delimiter that gives the first rows the most columns, equally many in each; where none does (a trailer), the first row decides."""

    def score(delimiter: str) -> tuple[bool, int]:
        sample = io.StringIO(text[:65536], newline="")
        widths = [len(row) for _, row in zip(range(20), csv.reader(sample, delimiter=delimiter), strict=False) if row]
        return bool(widths) and min(widths) == max(widths) > 1, widths[0] if widths else 0

    try:
        return max(DELIMITERS, key=score)
    except csv.Error as error:
        raise _unreadable() from error


def csv_rows(text: str, delimiter: str = "", *, strict: bool = False) -> Iterator[list[str]]:
    """Row after row, cells without spaces around them. strict: a quote that never ends is refused instead of swallowing the rest.

    Raises `Refused`: csv-unreadable.
    """
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter or delimiter_of(text), strict=strict)
    try:
        for row in rows:
            yield [cell.strip() for cell in row]
    except csv.Error as error:
        raise _unreadable(rows.line_num if strict else 0) from error


def csv_text(rows: Iterable[Sequence[str]], delimiter: str = ",") -> str:
    """RFC 4180, lines end in CRLF."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def is_formula(text: str) -> bool:
    """A spreadsheet would run this cell instead of showing it. Signed numbers and telephone numbers are none."""
    return text[:1] in ("=", "@", "\t", "\r") or (text[:1] in ("+", "-") and not _NUMBER.fullmatch(text))


def _unreadable(line: int = 0) -> Refused:
    words = f"The CSV file cannot be read up to line {line}: a quote is missing, or one too many." if line else BROKEN
    return Refused("csv-unreadable", words)
