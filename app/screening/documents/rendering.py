"""Texts and values become the exact bytes that are shown, hashed and kept, and those bytes become a PDF, the same one every time.

The bytes are one `<article>`: a page puts it into its `main` as it is, and `render_pdf` prints it. Several of them, one after the other,
make one PDF in which each begins a page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from markupsafe import escape

from app.notices import pdf
from app.screening.documents import markup
from app.screening.documents.catalog import Catalog, Unknown
from app.screening.documents.markup import Value
from app.screening.documents.schema import Document
from app.screening.rules.jurisdictions import Ruling


class Lacks(ValueError):
    """Values that a text must print are empty. `names` says which; never what the others hold."""

    def __init__(self, key: str, names: Iterable[str]) -> None:
        self.key, self.names = key, tuple(names)
        super().__init__(f"{key} lacks {', '.join(self.names)}")


def lacking(document: Document, values: Mapping[str, Value]) -> tuple[str, ...]:
    """Names of the values the text still needs."""
    return tuple(name for name in document.required if markup.is_empty(values.get(name)))


def render_html(document: Document, values: Mapping[str, Value], passages: Iterable[Document] = ()) -> bytes:
    """The article, in UTF-8. Values the text does not take are not looked at, so one mapping serves a whole case.

    Raises:
        Lacks: a required value is empty, of the text or of a passage.
    """
    parts = tuple(passages)
    for part in (document, *parts):
        names = lacking(part, values)
        if names:
            raise Lacks(part.key, names)
    language = document.language
    inner = "".join(_passage(part, values, language) for part in parts)
    title = markup.inline(document.title, values, language)
    body = markup.html(document.body, values, language, inner)
    opening = f'<article class="legal" lang="{language}" data-document="{document.key}" data-version="{escape(document.version)}">'
    return f"{opening}\n<h1>{title}</h1>\n{body}</article>\n".encode()


def _passage(part: Document, values: Mapping[str, Value], around: str) -> str:
    other = "" if part.language == around else f' lang="{part.language}"'
    title = markup.inline(part.title, values, part.language)
    return f"<section{other}>\n<h2>{title}</h2>\n{markup.html(part.body, values, part.language)}</section>\n"


def agreed(document: Document, values: Mapping[str, Value]) -> tuple[str, str]:
    """The sentence a person agrees to and the words beside the box, as plain text; either may be empty."""
    return markup.plain(document.intent, values, document.language), markup.plain(
        document.choice, values, document.language
    )


def render_final(book: Catalog, ruling: Ruling, values: Mapping[str, Value], *, language: str, on: date) -> bytes:
    """The final notice with a passage for every detail the rows of the case demand (15 USC 1681m(a), and the places).

    Raises:
        Lacks: a detail is empty. Unknown: a row demands one we have no words for. Either way nothing goes out.
    """
    passages = [book.passage(token, language, on) for token in ruling.final_tokens]
    return render_html(book.document("final_notice", language, on), values, passages)


def missing_tokens(book: Catalog, ruling: Ruling, values: Mapping[str, Value], *, on: date) -> tuple[str, ...]:
    """Names of the details that the final notice still lacks, as the gate wants them (`adverse.Facts.tokens`)."""
    return tuple(token for token in ruling.final_tokens if _is_missing(book, token, values, on))


def _is_missing(book: Catalog, token: str, values: Mapping[str, Value], on: date) -> bool:
    try:
        return bool(lacking(book.passage(token, "en", on), values))
    except Unknown:
        return True


def render_pdf(html: bytes, *, title: str, language: str) -> bytes:
    """A tagged PDF of one article or several. The same input gives the same bytes, in any process, with one version of WeasyPrint.

    The file holds no date, no random name and no identifier; a test prints one in two processes and compares.

    Raises:
        Unavailable: the PDF engine is missing (see `app.notices.pdf.render`).
    """
    page = (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{escape(title)}</title></head>\n'
        f"<body><main>\n{html.decode()}</main></body></html>\n"
    )
    return pdf.render(page, title=title, language=language)
