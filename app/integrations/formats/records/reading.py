"""From the bytes of a file to records. What is wrong with a row is a problem with its number; nothing of the row is repeated."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from app.integrations.failures import Refused
from app.integrations.formats.records.markup import read_xml
from app.integrations.formats.records.paths import Tree, find
from app.integrations.formats.records.shape import Format, Shape
from app.integrations.formats.tables import csv_rows, decoded, is_formula
from app.integrations.formats.workbook import formulas, workbook_rows

MOST_BYTES = 64 * 1024 * 1024
_Cells = list[str]
_NO_CELLS: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class Problem:
    """row: as a person counts it in the file. place: column or path of the settings. reason: plain words, nothing from the file."""

    row: int
    code: str
    reason: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """row: line, row of the sheet, or place in the list, from 1."""

    row: int
    tree: Tree = field(repr=False)


@dataclass(frozen=True, slots=True)
class Read:
    """What could be read, and what could not."""

    records: tuple[Record, ...]
    problems: tuple[Problem, ...]

    @property
    def rows(self) -> int:
        """Of the file, good or not; without titles and control total."""
        return len({one.row for one in self.records} | {one.row for one in self.problems})


_Found = tuple[list[Record | Problem], str | None]


def read_records(data: bytes, shape: Shape, wanted: Collection[str] = (), *, most_bytes: int = MOST_BYTES) -> Read:
    """Every record of a file. wanted: the columns needed; a file of columns without one of them is refused, and others are not kept.

    Raises:
        Refused: file-too-large, too-many-rows, empty-file, encoding-wrong, not-text, csv-unreadable, workbook-…, sheet-…,
            json-…, xml-…, column-missing, column-doubled, records-missing, total-missing, total-wrong, rows-after-total.
    """
    if len(data) > most_bytes:
        raise Refused("file-too-large", f"The file is larger than {most_bytes // 1024 // 1024} MB.")
    if shape.format in _COLUMNS:
        found, told = _COLUMNS[shape.format](data, shape, wanted)
    else:
        found, told = _TREES[shape.format](data, shape)
    read = Read(
        tuple(one for one in found if isinstance(one, Record)), tuple(one for one in found if isinstance(one, Problem))
    )
    if read.rows > shape.most_rows:
        raise Refused("too-many-rows", f"The file has more than {shape.most_rows} rows.")
    if shape.total and (told is None or not told.isdecimal()):
        raise Refused("total-missing", "The file lacks its control total: perhaps it was cut off.")
    if shape.total and told is not None and int(told) != read.rows:
        raise Refused("total-wrong", f"By its control total the file has {int(told)} rows, but it has {read.rows}.")
    return read


# --- columns ----------------------------------------------------------------------------------------------------


def _csv(data: bytes, shape: Shape, wanted: Collection[str]) -> _Found:
    text = decoded(data, shape.characters.value)
    return _flat(csv_rows(text, shape.delimiter.sign, strict=True), shape, wanted)


def _excel(data: bytes, shape: Shape, wanted: Collection[str]) -> _Found:
    rows = list(workbook_rows(data, shape.sheet, times=True))
    return _flat(rows, shape, wanted, formulas(data, shape.sheet))


def _flat(
    rows: Iterable[_Cells], shape: Shape, wanted: Collection[str], computed: frozenset[tuple[int, int]] = _NO_CELLS
) -> _Found:
    numbered = ((n, cells) for n, cells in enumerate(rows, 1) if n > shape.skip and any(cells))
    titles = next(numbered, (0, []))[1] if shape.titles else None
    if titles == []:
        raise Refused("empty-file", "The file is empty.")
    places = _places(titles, wanted)
    width = len(titles) if titles else 1 + max(places.values(), default=0)
    found: list[Record | Problem] = []
    told: str | None = None
    for row, cells in _limited(numbered, shape):
        if told is not None:
            raise Refused("rows-after-total", "Rows follow the control total.")
        if shape.total and cells[0].casefold() == shape.total.casefold():
            told = next((cell for cell in cells[1:] if cell), "")
        else:
            found += _row(row, cells, places, width if titles else 0, computed)
    return found, told


def _places(titles: _Cells | None, wanted: Collection[str]) -> dict[str, int]:
    """Wanted column → its place in a row."""
    if titles is None:
        return {name: int(name) - 1 for name in wanted if name.isdecimal() and int(name)}
    known = [title.casefold() for title in titles]
    doubled = sorted(name for name in wanted if known.count(name.casefold()) > 1)
    missing = sorted(name for name in wanted if name.casefold() not in known)
    if missing:
        raise Refused("column-missing", f"The file has no column {', '.join(missing)}.")
    if doubled:
        raise Refused("column-doubled", f"The file has more than one column {', '.join(doubled)}.")
    return {name: known.index(name.casefold()) for name in wanted}


def _row(
    row: int, cells: _Cells, places: dict[str, int], width: int, computed: frozenset[tuple[int, int]]
) -> Iterator[Record | Problem]:
    if len(cells) <= max(places.values(), default=0) or len(cells) < width:
        yield Problem(row, "cells-missing", "This row has fewer cells than it should: perhaps it was cut off.")
        return
    if width and any(cells[width:]):
        yield Problem(row, "cells-too-many", "This row has more cells than there are titles.")
        return
    bad = [name for name, at in places.items() if (row, at + 1) in computed or is_formula(cells[at])]
    for name in bad:
        yield Problem(row, "formula", "This cell holds a formula. Save the file with values only.", name)
    if not bad:
        yield Record(row, {name: cells[at] for name, at in places.items()})


def _fixed(data: bytes, shape: Shape, wanted: Collection[str]) -> _Found:
    places, end = shape.places, max(last for _, last in shape.places.values())
    unknown = sorted(set(wanted) - places.keys())
    if unknown:
        raise Refused("column-missing", f"The settings give no place in the line for {', '.join(unknown)}.")
    lines = enumerate(decoded(data, shape.characters.value).split("\n"), 1)
    found: list[Record | Problem] = []
    told: str | None = None
    for row, line in _limited(((n, line.rstrip("\r")) for n, line in lines if n > shape.skip and line.strip()), shape):
        if told is not None:
            raise Refused("rows-after-total", "Rows follow the control total.")
        if shape.total and line.startswith(shape.total):
            told = next(iter(line.removeprefix(shape.total).split()), "")
        elif line[end:].strip():
            found.append(Problem(row, "line-too-long", f"This line is longer than {end} characters."))
        else:
            tree = {name: line[first - 1 : last].strip() for name, (first, last) in places.items() if name in wanted}
            found.append(Record(row, tree))
    return found, told


def _limited(rows: Iterable[tuple[int, Any]], shape: Shape) -> Iterator[tuple[int, Any]]:
    """One row more than allowed may be a control total."""
    for count, row in enumerate(rows):
        if count > shape.most_rows:
            raise Refused("too-many-rows", f"The file has more than {shape.most_rows} rows.")
        yield row


# --- trees ------------------------------------------------------------------------------------------------------


def _json(data: bytes, shape: Shape) -> _Found:
    try:
        document = _parsed(decoded(data, shape.characters.value))
    except _NotJson as error:
        raise Refused("json-unreadable", f"The JSON file cannot be read; look at line {error.line}.") from None
    found = _reach(document, shape.records)
    if isinstance(found, dict):
        found = [found]
    if not isinstance(found, list):
        raise Refused("records-missing", "The file has no list of records where the settings say.")
    told = find(document, shape.total) if shape.total and isinstance(document, dict) else None
    return _objects(enumerate(found, 1)), told


def _json_lines(data: bytes, shape: Shape) -> _Found:
    lines = enumerate(decoded(data, shape.characters.value).split("\n"), 1)
    found: list[Record | Problem] = []
    told: str | None = None
    for row, line in _limited(((n, line) for n, line in lines if n > shape.skip and line.strip()), shape):
        if told is not None:
            raise Refused("rows-after-total", "Rows follow the control total.")
        try:
            parsed = _parsed(line)
        except _NotJson:
            found.append(Problem(row, "json-unreadable", "This line is not JSON: perhaps it was cut off."))
            continue
        if shape.total and isinstance(parsed, dict) and find(parsed, shape.total):
            told = find(parsed, shape.total)
        else:
            found += _objects([(row, parsed)])
    return found, told


def _xml(data: bytes, shape: Shape) -> _Found:
    found, told = read_xml(data, shape.records, shape.total)
    return _objects(enumerate(found, 1)), told


def _objects(found: Iterable[tuple[int, Any]]) -> list[Record | Problem]:
    return [
        Record(row, one)
        if isinstance(one, dict)
        else Problem(row, "not-an-object", "This record has no fields: it is a single value.")
        for row, one in found
    ]


def _reach(document: Any, path: str) -> Any:
    """What stands at a path of names; the document itself for an empty one."""
    for name in path.split(".") if path else ():
        document = document.get(name) if isinstance(document, dict) else None
    return document


class _NotJson(Exception):
    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def _parsed(text: str) -> Any:
    """Numbers stay text, as they were written. A name that comes twice, NaN and endless nesting are refused."""
    try:
        return json.loads(
            text, parse_int=str, parse_float=str, parse_constant=_refuse_constant, object_pairs_hook=_named_once
        )
    except json.JSONDecodeError as error:
        line = error.lineno
    except (ValueError, RecursionError):
        line = 1
    raise _NotJson(line)


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def _named_once(pairs: list[tuple[str, Any]]) -> Tree:
    tree = dict(pairs)
    if len(tree) != len(pairs):
        raise ValueError("a name comes twice")
    return tree


_COLUMNS = {Format.CSV: _csv, Format.EXCEL: _excel, Format.FIXED_WIDTH: _fixed}
_TREES = {Format.JSON: _json, Format.JSON_LINES: _json_lines, Format.XML: _xml}
