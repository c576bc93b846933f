"""Result files in Corridor's own layout."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

COLUMNS = (
    "version", "provider", "provider_ref", "our_ref", "package", "screening_type", "screening_ref", "status_raw", "result_raw",
    "event_at", "completed_at", "report_file", "sha256",
)  # fmt: skip


def results(rows: Sequence[dict[str, str]]) -> bytes:
    """A result file: one row for each event, and the control total. Raises ValueError for an unknown column."""
    if unknown := {name for row in rows for name in row} - set(COLUMNS):
        raise ValueError(f"Unknown column: {', '.join(sorted(unknown))}.")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([row.get(name, "1" if name == "version" else "") for name in COLUMNS] for row in rows)
    writer.writerow(["TOTAL", str(len(rows))])
    return text.getvalue().encode()
