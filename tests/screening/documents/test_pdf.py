"""The PDF twin: tagged, in the language of its text, and the same bytes in every process."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import time
from pathlib import Path

import pikepdf

from app.screening import documents
from app.screening.documents import render_html, render_pdf
from tests.screening.documents.values import DAY, FULL

ROOT = Path(__file__).resolve().parents[3]

PRINT = """
import hashlib, sys
from app.screening.documents import render_pdf
print(hashlib.sha256(render_pdf(sys.stdin.buffer.read(), title="Título", language="es")).hexdigest())
"""


def consent(language: str) -> bytes:
    keys = ("esign_consent", "fcra_disclosure", "ca_icraa_disclosure", "authorization")
    return b"".join(render_html(documents.document(key, language, DAY), FULL) for key in keys)


def elsewhere(html: bytes, seed: str, zone: str) -> str:
    run = subprocess.run(
        [sys.executable, "-c", PRINT], input=html, capture_output=True, check=True, cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone},
    )  # fmt: skip
    return run.stdout.decode().strip()


def test_two_processes_on_other_days_of_the_clock_print_the_same_bytes() -> None:
    html = consent("es")
    here = hashlib.sha256(render_pdf(html, title="Título", language="es")).hexdigest()
    first = elsewhere(html, "1", "UTC")
    time.sleep(1.1)  # a moment written into the file would differ now
    assert here == first == elsewhere(html, "77", "Pacific/Honolulu")


def test_another_letter_is_another_file() -> None:
    html = consent("en")
    other = html.replace(b"Plain Sight", b"Plain Light")
    assert html != other
    assert render_pdf(html, title="T", language="en") != render_pdf(other, title="T", language="en")


def test_it_is_tagged_and_each_text_begins_a_page() -> None:
    with pikepdf.open(io.BytesIO(render_pdf(consent("es"), title="Sus documentos", language="es"))) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "es"
        assert str(pdf.docinfo["/Title"]) == "Sus documentos"
        assert not {"/CreationDate", "/ModDate"} & set(pdf.docinfo.keys())
        assert len(pdf.pages) >= 4
        kinds = set()

        def walk(node: pikepdf.Object) -> None:
            if isinstance(node, pikepdf.Array):
                for child in node:  # type: ignore[attr-defined]
                    walk(child)
            elif isinstance(node, pikepdf.Dictionary):
                if "/S" in node:
                    kinds.add(str(node.S))
                if "/K" in node:
                    walk(node.K)

        walk(pdf.Root.StructTreeRoot.K)
        assert {"/H1", "/H2", "/P", "/L", "/LI"} <= kinds
