"""Documents: what a customer uploads, and the report as a PDF. Each is fetched at an address that holds for a quarter of an hour."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

from sandbox.screening.shelf import Facts, Item, written

if TYPE_CHECKING:
    from sandbox.screening.provider import Screening

LINK_SECONDS = 15 * 60


def keep(box: Screening, owner: Item, kind: str, name: str, content_type: str, data: bytes) -> Item:
    """owner: a candidate or a report."""
    facts = {
        "type": kind,
        "filename": name,
        "content_type": content_type,
        "filesize": len(data),
        "created_at": written(box.now()),
    }
    item = box.shelf.add("document", owner.account, facts, owner.id, {"secret": secrets.token_hex(16)})
    item.facts["uri"] = f"/v1/documents/{item.id}"
    box.shelf.save(item)
    box.store.run("INSERT INTO screening_files (id, data) VALUES (?, ?)", item.id, data)
    return item


def add_report_pdf(box: Screening, report: Item) -> None:
    """A new one whenever the report is completed; the newest stands last."""
    candidate = box.shelf.get("candidate", report.parent)
    assert candidate is not None
    lines = [
        "SANDBOX - nothing here is real",
        f"Consumer report {report.id}",
        f"{candidate.facts['first_name']} {candidate.facts['last_name']}",
        f"Package {report.facts['package']}, status {report.facts['status']}, result {report.facts['result']}",
        *[item["text"] for item in report.hidden["items"]],
    ]
    item = keep(box, report, "pdf_report", f"report-{report.id}.pdf", "application/pdf", pdf(lines))
    report.facts["document_ids"].append(item.id)


def shown(box: Screening, item: Item) -> Facts:
    """With an address that opens without a password, for some minutes of sandbox time."""
    until = int(box.now()) + LINK_SECONDS
    return {**item.facts, "download_uri": f"{box.base_url}/screening/files/{item.id}/{until}/{_mark(item, until)}"}


def fetch(box: Screening, key: str, until: int, mark: str) -> tuple[Item, bytes] | None:
    """The document behind an address; None when it is wrong or too late."""
    item = box.shelf.get("document", key)
    if item is None or until < box.now() or not secrets.compare_digest(mark.encode(), _mark(item, until).encode()):
        return None
    row = box.store.one("SELECT data FROM screening_files WHERE id = ?", key)
    return (item, bytes(row["data"])) if row else None


def _mark(item: Item, until: int) -> str:
    return hmac.digest(item.hidden["secret"].encode(), str(until).encode(), hashlib.sha256).hex()


def pdf(lines: list[str]) -> bytes:
    """One page of plain text."""
    shown = [line.encode("latin-1", "replace").translate(None, b"()\\") for line in lines]
    text = b"BT /F1 11 Tf 60 740 Td 16 TL " + b" ".join(b"(%s) Tj T*" % line for line in shown) + b" ET"
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(parts) + 1, table)
    return out + end + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, len(out))
