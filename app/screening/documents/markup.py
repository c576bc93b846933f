"""From the markup of the texts to HTML: headings, paragraphs, lists, tables, bold, and the places where values go. Nothing else.

The result depends on its input alone, byte for byte: it is what is shown, hashed and kept. Values are escaped and never read as markup.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from babel.dates import format_date
from markupsafe import escape

from app.screening.documents.schema import PASSAGES, PLACEHOLDER

Value = str | date | Sequence[str] | Sequence[tuple[str, str]]
"""A text, a day, a list of texts, or a list of (heading, text)."""

_LOCALES = {"en": "en_US", "es": "es_US"}
_ALONE = re.compile(r"\{(\w+)\}")
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_WITH_DOT = re.compile(r"\{(\w+)\}(\.?)")
_BREAK = " // "
_HEADING = "## "


def is_empty(value: Value | None) -> bool:
    """Whether nothing is there to print. A list with one blank entry is empty: half an assessment is none."""
    if value is None:
        return True
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, date):
        return False
    parts = [part for item in value for part in ((item,) if isinstance(item, str) else item)]
    return not parts or any(not part.strip() for part in parts)


def html(markup: str, values: Mapping[str, Value], language: str, passages: str = "") -> str:
    """The blocks of a text. A block that takes an empty value is left out, and a heading with nothing under it; whether a value may be
    empty is the caller's to check.

    Args:
        passages: finished HTML for the place of the passages.
    """
    done, heading = "", ""
    for block in (block.strip() for block in re.split(r"\n\s*\n", markup)):
        printed = _block(block, values, language, passages)
        if block.startswith(_HEADING):
            heading = printed
        elif printed:
            done, heading = done + heading + printed, ""
    return done


def inline(text: str, values: Mapping[str, Value], language: str) -> str:
    """One line as HTML, values filled in."""
    marked = _BOLD.sub(r"<strong>\1</strong>", str(escape(text))).replace(_BREAK, "<br>")
    return _WITH_DOT.sub(lambda found: _dotted(_lines(_text(found[1], values, language)), found[2]), marked)


def plain(text: str, values: Mapping[str, Value], language: str) -> str:
    """One line as plain text, for a button, a label or the evidence."""
    return _WITH_DOT.sub(lambda found: _dotted(_text(found[1], values, language), found[2]), text)


def _block(block: str, values: Mapping[str, Value], language: str, passages: str) -> str:
    alone = _ALONE.fullmatch(block)
    if alone and alone[1] == PASSAGES:
        return passages
    if any(is_empty(values.get(name)) for name in PLACEHOLDER.findall(block)):
        return ""
    if alone:
        return _value(values[alone[1]], language)
    lines = block.splitlines()
    for starts, make in _MAKERS:
        if all(line.startswith(starts) for line in lines):
            return make([line.removeprefix(starts) for line in lines], lambda text: inline(text, values, language))
    return f"<p>{inline(' '.join(lines), values, language)}</p>\n"


_Inline = Callable[[str], str]


def _heading(lines: list[str], text: _Inline) -> str:
    return f"<h2>{text(' '.join(lines))}</h2>\n"


def _list(lines: list[str], text: _Inline) -> str:
    return "<ul>\n" + "".join(f"<li>{text(line)}</li>\n" for line in lines) + "</ul>\n"


def _table(lines: list[str], text: _Inline) -> str:
    head, *rows = [[text(cell.strip()) for cell in line.removesuffix("|").split("|")] for line in lines]
    columns = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>\n'
        for first, *rest in rows
    )
    return f"<table>\n<thead><tr>{columns}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>\n"


_MAKERS: tuple[tuple[str, Callable[[list[str], _Inline], str]], ...] = (
    (_HEADING, _heading),
    ("- ", _list),
    ("| ", _table),
)


def _value(value: Value, language: str) -> str:
    """A value that stands alone in its block."""
    if isinstance(value, str | date):
        parts = re.split(r"\n\s*\n", _as_text(value, language).strip())
        return "".join(f"<p>{_lines(part)}</p>\n" for part in parts)
    if isinstance(value[0], str):
        return "<ul>\n" + "".join(f"<li>{_lines(str(item))}</li>\n" for item in value) + "</ul>\n"
    pairs = [(str(pair[0]), str(pair[1])) for pair in value]
    return "".join(f"<p><strong>{escape(name)}</strong><br>{_lines(text)}</p>\n" for name, text in pairs)


def _dotted(value: str, dot: str) -> str:
    """A sentence that ends with "Inc." has its period already."""
    return value if value.endswith(".") else value + dot


def _text(name: str, values: Mapping[str, Value], language: str) -> str:
    """A value inside a sentence.

    Raises:
        TypeError: a list, which needs a block of its own.
    """
    value = values.get(name, "")
    if not isinstance(value, str | date):
        raise TypeError(f"{name} is a list and stands inside a sentence")
    return _as_text(value, language)


def _as_text(value: str | date, language: str) -> str:
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n")
    return str(format_date(value, "long", locale=_LOCALES[language]))


def _lines(text: str) -> str:
    return str(escape(text.strip())).replace("\n", "<br>")
