"""From the bytes of a CSV or Excel file to rows of text. Nothing here trusts the file."""

from __future__ import annotations

from collections.abc import Iterator

from app.core.errors import Invalid
from app.core.storage import CONTENT_TYPES, MAX_UNPACKED
from app.integrations.failures import Refused
from app.integrations.formats.tables import BROKEN, csv_rows, decoded
from app.integrations.formats.workbook import workbook_rows

MAX_COLUMNS = 200

__all__ = ["BROKEN", "Cells", "rows_of"]

Cells = list[str]


def rows_of(data: bytes, content_type: str) -> Iterator[tuple[int, Cells]]:
    """Row number as the person sees it in the file, and its cells. Empty rows are left out.

    Raises:
        Invalid: the file cannot be read, or is larger than it may be.
    """
    try:
        for number, cells in enumerate(_rows(data, content_type), 1):
            if len(cells) > MAX_COLUMNS:
                raise Invalid("The file has more than 200 columns. Keep only the ones to import.")
            if any(cells):
                yield number, cells
    except Refused as refused:
        raise Invalid(refused.reason) from None


def _rows(data: bytes, content_type: str) -> Iterator[Cells]:
    if content_type == CONTENT_TYPES["xlsx"]:
        return workbook_rows(data, most_unpacked=MAX_UNPACKED)
    return csv_rows(decoded(data))
