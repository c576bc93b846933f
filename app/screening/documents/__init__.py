"""The words of the law for people: consent documents, notices and letters as data, and how they become bytes.

`texts/` holds the words; README.md says how one is written and reviewed. Nothing here reads a database, and nothing is legal advice.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib import resources

from app.screening.documents import rendering
from app.screening.documents.catalog import FILES, Catalog, Unknown, parse, unreviewed
from app.screening.documents.certificate import certificate_values
from app.screening.documents.linter import Problem, problems
from app.screening.documents.markup import Value
from app.screening.documents.rendering import Lacks, agreed, lacking, render_html, render_pdf
from app.screening.documents.schema import Document, Kind
from app.screening.rules.evidence import hash_of as sha256
from app.screening.rules.jurisdictions import Ruling
from app.screening.rules.words import Moment

__all__ = [
    "FILES", "Catalog", "Document", "Kind", "Lacks", "Unknown", "Value", "agreed", "catalog", "certificate_values",
    "disclosure_problems", "document", "lacking", "missing_tokens", "needed", "render_final", "render_html", "render_pdf", "sha256",
    "unreviewed",
]  # fmt: skip


@cache
def catalog() -> Catalog:
    """Every text of the folder, read once per process.

    Raises:
        ValueError: a file cannot be used; the app must not start with it.
    """
    folder = resources.files("app.screening.documents") / "texts"
    return parse(file.read_text(encoding="utf-8") for file in folder.iterdir() if file.name.endswith(".toml"))


def document(key: str, language: str, on: date) -> Document:
    """See `Catalog.document`."""
    return catalog().document(key, language, on)


def needed(
    ruling: Ruling, moment: Moment, language: str, on: date, *, investigative: bool = False, evergreen: bool = False
) -> list[Document]:
    """See `Catalog.needed`."""
    return catalog().needed(ruling, moment, language, on, investigative=investigative, evergreen=evergreen)


def render_final(ruling: Ruling, values: Mapping[str, Value], *, language: str, on: date) -> bytes:
    """See `rendering.render_final`."""
    return rendering.render_final(catalog(), ruling, values, language=language, on=on)


def missing_tokens(ruling: Ruling, values: Mapping[str, Value], *, on: date) -> tuple[str, ...]:
    """See `rendering.missing_tokens`."""
    return rendering.missing_tokens(catalog(), ruling, values, on=on)


def disclosure_problems(text: str) -> tuple[Problem, ...]:
    """What a company must take out of its own wording of the disclosure, or say in it; empty: nothing was found. Counsel reads it anyway.

    Args:
        text: in English or Spanish, in the markup of README.md; `{employer}` for the company's name.
    """
    others = [item.body for item in catalog().documents if item.kind is not Kind.DISCLOSURE]
    return problems(text, others=others)
