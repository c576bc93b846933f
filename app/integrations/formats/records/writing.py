"""Records out, in the same shapes as they are read. A value that a format cannot carry is refused, never changed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from app.integrations.failures import Rejected
from app.integrations.formats.records.markup import write_xml
from app.integrations.formats.records.paths import Tree, as_text, put
from app.integrations.formats.records.shape import Format, Shape
from app.integrations.formats.tables import csv_text, is_formula


def write_records(rows: Sequence[Mapping[str, Any]], shape: Shape) -> bytes:
    """A file of records, each path → value, with the control total where the shape has one.

    Raises:
        Rejected: format-not-written, value-too-long, line-break, formula-like, character-not-writable, xml-…, path-blocked.
    """
    if shape.format is Format.XML:
        return _xml(rows, shape).encode()
    text = _WRITERS[shape.format](rows, shape) if shape.format in _WRITERS else _not_written()
    try:
        return text.encode(shape.characters.value)
    except UnicodeEncodeError:
        raise Rejected("character-not-writable", "A value holds a character that this encoding lacks.") from None


def tree_of(row: Mapping[str, Any]) -> Tree:
    """Paths and values as one tree. Raises `Rejected`: path-blocked."""
    tree: Tree = {}
    try:
        for path, value in row.items():
            put(tree, path, value)
    except ValueError:
        raise Rejected("path-blocked", "Two paths of the settings exclude each other.") from None
    return tree


def _not_written() -> str:
    raise Rejected("format-not-written", "Corridor reads Excel, but writes CSV instead.")


def _csv(rows: Sequence[Mapping[str, Any]], shape: Shape) -> str:
    titles = list(dict.fromkeys(path for row in rows for path in row))
    lines = [[as_text(row.get(title, "")) for title in titles] for row in rows]
    if any(is_formula(cell) for line in lines for cell in line):
        raise Rejected("formula-like", "A value begins like a formula, which a spreadsheet would run.")
    if shape.total:
        lines.append([shape.total, str(len(rows))])
    head = [titles] if shape.titles else []
    return csv_text(head + lines, shape.delimiter.sign or ",")


def _fixed(rows: Sequence[Mapping[str, Any]], shape: Shape) -> str:
    lines = [_line(row, shape) for row in rows]
    if shape.total:
        lines.append(f"{shape.total} {len(rows)}")
    return "".join(f"{line}\r\n" for line in lines)


def _line(row: Mapping[str, Any], shape: Shape) -> str:
    line = [" "] * max(last for _, last in shape.places.values())
    for name, value in row.items():
        first, last = shape.places[name]
        text = as_text(value)
        if len(text) > last - first + 1:
            raise Rejected("value-too-long", f"A value is too long for {name}.")
        if any(sign in text for sign in "\r\n"):
            raise Rejected("line-break", f"A value for {name} holds a line break.")
        line[first - 1 : first - 1 + len(text)] = text
    return "".join(line).rstrip()


def _json(rows: Sequence[Mapping[str, Any]], shape: Shape) -> str:
    trees: Any = [tree_of(row) for row in rows]
    if shape.records:
        trees = tree_of({shape.records: trees} | ({shape.total: len(rows)} if shape.total else {}))
    elif shape.total:
        raise Rejected("path-blocked", "A JSON file that is only a list has no place for its control total.")
    return json.dumps(trees, ensure_ascii=False)


def _json_lines(rows: Sequence[Mapping[str, Any]], shape: Shape) -> str:
    trees = [tree_of(row) for row in rows]
    if shape.total:
        trees.append(tree_of({shape.total: len(rows)}))
    return "".join(json.dumps(tree, ensure_ascii=False) + "\n" for tree in trees)


def _xml(rows: Sequence[Mapping[str, Any]], shape: Shape) -> str:
    root, _, below = shape.records.partition(".")
    trees = [tree_of(row) for row in rows]
    if not below and not shape.total and len(trees) == 1:
        return write_xml(root, trees[0])
    if not below:
        raise Rejected("path-blocked", "An XML file of many records needs a root element around them.")
    paths: dict[str, Any] = {below: trees}
    if shape.total:
        paths[shape.total.removeprefix(f"{root}.")] = len(rows)
    return write_xml(root, tree_of(paths))


_WRITERS = {Format.CSV: _csv, Format.FIXED_WIDTH: _fixed, Format.JSON: _json, Format.JSON_LINES: _json_lines}
