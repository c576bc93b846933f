"""Records: what is written reads back in every format; what is wrong is named by row and repeats nothing of the file."""

from __future__ import annotations

import io
import json
import zipfile
from contextlib import suppress
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from app.integrations.failures import Refused, Rejected
from app.integrations.formats.records import Format, Read, Shape, find, find_all, put, read_records, write_records
from app.integrations.formats.records import reading as reading_module
from app.integrations.formats.tables import is_formula

SHAPES = {
    Format.CSV: Shape(format="csv", total="END"),
    Format.JSON: Shape(format="json", records="data.orders", total="data.count"),
    Format.JSON_LINES: Shape(format="json_lines", total="count"),
    Format.XML: Shape(format="xml", records="Orders.Order", total="Orders.@count"),
    Format.FIXED_WIDTH: Shape(
        format="fixed_width", layout={"ref": "1-30", "Person.Last": "31-60", "Person.First": "61-90"}, total="END"
    ),
}
COLUMNS = ("ref", "Person.Last", "Person.First")
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=12)
VALUES = st.lists(WORDS, min_size=1, max_size=2).map(" ".join).filter(lambda text: not is_formula(text))
ROWS = st.lists(
    st.fixed_dictionaries(dict.fromkeys(COLUMNS, VALUES)).filter(lambda row: not row["ref"].upper().startswith("END")),
    min_size=1,
    max_size=6,
)


def values(read: Read) -> list[dict[str, str]]:
    assert read.problems == ()
    return [{path: find(record.tree, path) for path in COLUMNS} for record in read.records]


def excel(rows: list[list[Any]], title: str = "Sheet") -> bytes:
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("kind", SHAPES)
@settings(max_examples=150, deadline=None)
@given(rows=ROWS)
def test_what_is_written_reads_back(kind: Format, rows: list[dict[str, str]]) -> None:
    data = write_records(rows, SHAPES[kind])
    assert values(read_records(data, SHAPES[kind], COLUMNS)) == rows


@pytest.mark.parametrize("characters", ["utf-8", "utf-16", "cp1252", "latin-1"])
@pytest.mark.parametrize("kind", [Format.CSV, Format.JSON, Format.JSON_LINES, Format.FIXED_WIDTH])
def test_every_encoding_reads_back(kind: Format, characters: str) -> None:
    shape = Shape.model_validate(SHAPES[kind].model_dump() | {"characters": characters})
    rows = [{"ref": "1", "Person.Last": "Núñez", "Person.First": "Zoë"}]
    assert values(read_records(write_records(rows, shape), shape, COLUMNS)) == rows


@settings(max_examples=40, deadline=None)
@given(rows=ROWS)
def test_excel_reads_what_a_spreadsheet_wrote(rows: list[dict[str, str]]) -> None:
    cells = [[row[column] for column in COLUMNS] for row in rows]
    data = excel([list(COLUMNS), *cells, ["END", len(rows)]])
    assert values(read_records(data, Shape(format="excel", total="END"), COLUMNS)) == rows


@pytest.mark.parametrize("kind", Format)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.binary(max_size=200) | st.text(max_size=120).map(str.encode))
def test_no_bytes_break_a_reader(kind: Format, data: bytes) -> None:
    shape = SHAPES.get(kind, Shape(format="excel"))
    with suppress(Refused):
        assert read_records(data, shape, COLUMNS).rows >= 0


def test_known_answers() -> None:
    assert write_records([{"a": "1", "b": 'x,"y"'}], Shape(format="csv")) == b'a,b\r\n1,"x,""y"""\r\n'
    assert write_records([{"a.b": "1", "a.c.0": "2"}], Shape(format="json")) == b'[{"a": {"b": "1", "c": ["2"]}}]'
    shape = Shape(format="xml", records="R.O", total="R.T.N")
    made = write_records([{"@id": "7", "P.L": "O'Neil & <b>"}], shape).decode()
    assert made.endswith('<R><O id="7"><P><L>O&#x27;Neil &amp; &lt;b&gt;</L></P></O><T><N>1</N></T></R>\n')
    fixed = Shape(format="fixed_width", layout={"a": "2-4", "b": "6-8"}, total="T")
    assert write_records([{"a": "1", "b": "23"}], fixed) == b" 1   23\r\nT 1\r\n"


def test_one_xml_record_may_be_the_root() -> None:
    shape = Shape(format="xml", records="Order")
    data = write_records([{"@id": "7", "P.L": "Roe"}], shape)
    (record,) = read_records(data, shape).records
    assert (find(record.tree, "@id"), find(record.tree, "P.L")) == ("7", "Roe")
    with pytest.raises(Rejected):
        write_records([{"a": "1"}, {"a": "2"}], shape)


def test_namespaces_attributes_and_repeats() -> None:
    data = b"""<?xml version="1.0" encoding="ISO-8859-1"?><x:R xmlns:x="urn:x"><x:O id="1"><x:S k="a">\xe9</x:S><x:S>2</x:S></x:O></x:R>"""
    (record,) = read_records(data, Shape(format="xml", records="R.O")).records
    assert find(record.tree, "@id") == "1"
    assert [find(record.tree, path) for path in ("S.0", "S.0.@k", "S.1", "S.2", "S")] == ["é", "a", "2", "", ""]
    assert len(find_all(record.tree, "S") or []) == 2


def test_a_single_element_is_a_list_of_one() -> None:
    assert find_all({"a": {"b": "1"}}, "a") == [{"b": "1"}]
    assert find_all({}, "a") == []
    assert find_all({"a": "text"}, "a") is None
    assert find({"a": "1"}, "a.0") == "1"
    assert find({"a": [{"b": True}]}, "a.b") == "true"
    assert find({"a": [{"b": "1"}, {"b": "2"}]}, "a.b") == ""
    assert find({"Order No.": "1"}, "Order No.") == "1"
    assert find({"a": {"b": {}}}, "a.b") == ""


@pytest.mark.parametrize(
    "paths", [("a", "a"), ("a", "a.b"), ("a.b", "a"), ("a.1",), ("a.0", "a.0"), ("a.0", "a.0.b"), ("a.0.b", "a.c")]
)
def test_paths_that_exclude_each_other(paths: tuple[str, ...]) -> None:
    *before, last = paths
    tree: dict[str, Any] = {}
    for path in before:
        put(tree, path, "x")
    with pytest.raises(ValueError, match=r"filled twice|cannot be|is no list"):
        put(tree, last, "x")


def test_numbers_stay_as_they_were_written() -> None:
    (record,) = read_records(
        b'[{"id": 00123456789012345678901234567890}]'.replace(b"00", b""), Shape(format="json")
    ).records
    assert find(record.tree, "id") == "123456789012345678901234567890"
    (record,) = read_records(b'{"price": 1.10, "gone": null}', Shape(format="json")).records
    assert (find(record.tree, "price"), find(record.tree, "gone")) == ("1.10", "")


BOM, SECRET = b"\xef\xbb\xbf", "Roe-900-00-0001"


def test_byte_order_mark_and_trailing_spaces() -> None:
    for data, shape in (
        (BOM + b"REF ; who \r\n 7 ; x \r\n", Shape(format="csv")),
        (BOM + b'{"ref": " 7 "}\n', Shape(format="json_lines")),
        (BOM + b'[{"ref": "7"}]', Shape(format="json")),
        (BOM + b"<R><O><ref> 7 </ref></O></R>", Shape(format="xml", records="R.O")),
        (BOM + b"  7   \r\n\r\n", Shape(format="fixed_width", layout={"ref": "1-6"})),
    ):
        (record,) = read_records(data, shape, ["ref"]).records
        assert find(record.tree, "ref") == "7"


def test_only_wanted_columns_are_kept() -> None:
    (record,) = read_records(b"ref,ssn\n7,900000001\n", Shape(format="csv"), ["ref"]).records
    assert record.tree == {"ref": "7"}
    assert "7" not in repr(record)


def test_columns_by_number() -> None:
    shape = Shape(format="csv", titles=False, skip=1)
    read = read_records(b"made by X\n7,clear\n8\n", shape, ["2"])
    assert [find(record.tree, "2") for record in read.records] == ["clear"]
    assert [(problem.row, problem.code) for problem in read.problems] == [(3, "cells-missing")]


@pytest.mark.parametrize(
    ("data", "settings", "code"),
    [
        (b"", {}, "empty-file"),
        (b"\n\n", {}, "empty-file"),
        (b"ref\n", {"wanted": ["ref", "status"]}, "column-missing"),
        (b"ref,REF\n1,2\n", {}, "column-doubled"),
        (b"a\x00b\n", {}, "not-text"),
        ("ref\n\nNúñez\n".encode("cp1252"), {}, "encoding-wrong"),
        (b'ref\n"7\n8\n9\n', {}, "csv-unreadable"),
        (b"ref\n1\n2\n3\n4\n", {"most_rows": 2}, "too-many-rows"),
        (b"ref\n1\n2\n3\n", {"most_rows": 2}, "too-many-rows"),
        (b"ref\n1\n", {"total": "END"}, "total-missing"),
        (b"ref,n\n1,1\nEND,2\n", {"total": "END"}, "total-wrong"),
        (b"ref,n\n1,1\nEND,x\n", {"total": "END"}, "total-missing"),
        (b"ref,n\nEND,0\n1,1\n", {"total": "END"}, "rows-after-total"),
        (b"ref\n" + b"1\n" * 200, {"most_bytes": 100}, "file-too-large"),
        (b"{", {"format": "json"}, "json-unreadable"),
        (b"[" * 100_000, {"format": "json"}, "json-unreadable"),
        (b'[{"a": 1, "a": 2}]', {"format": "json"}, "json-unreadable"),
        (b'[{"a": NaN}]', {"format": "json"}, "json-unreadable"),
        (b'{"x": 1}', {"format": "json", "records": "data"}, "records-missing"),
        (b'"text"', {"format": "json"}, "records-missing"),
        (b"<R><O>", {"format": "xml", "records": "R.O"}, "xml-unreadable"),
        (b'<?xml version="1.0" encoding="nope"?><R/>', {"format": "xml", "records": "R.O"}, "xml-unreadable"),
        (b'<!DOCTYPE r [<!ENTITY a "b">]><R>&a;</R>', {"format": "xml", "records": "R.O"}, "xml-forbidden"),
        (b'<!DOCTYPE r SYSTEM "file:///etc/passwd"><R/>', {"format": "xml", "records": "R.O"}, "xml-forbidden"),
        (b"<a>" * 60 + b"</a>" * 60, {"format": "xml", "records": "R.O"}, "xml-too-deep"),
        (b"PK\x03\x04rubbish", {"format": "excel"}, "workbook-unreadable"),
        (b"x" * 9, {"format": "fixed_width", "layout": {"a": "1-4"}}, "column-missing"),
        (b"1\nEND 1\n2\n", {"format": "fixed_width", "layout": {"ref": "1-4"}, "total": "END"}, "rows-after-total"),
        (b'{"ref": 1}\n{"n": 1}\n{"ref": 2}\n', {"format": "json_lines", "total": "n"}, "rows-after-total"),
    ],
)
def test_refused(data: bytes, settings: dict[str, Any], code: str) -> None:
    given = dict(settings)
    wanted, most = given.pop("wanted", ["ref"]), given.pop("most_bytes", reading_module.MOST_BYTES)
    with pytest.raises(Refused) as caught:
        read_records(data, Shape.model_validate(given), wanted, most_bytes=most)
    assert caught.value.code == code
    assert "Núñez" not in str(caught.value)


def test_a_missing_quote_and_the_words_after_a_total() -> None:
    with pytest.raises(Refused, match="up to line 4"):
        read_records(b'ref\n1\n"2\n3\n', Shape(format="csv"), ["ref"])
    fixed = Shape(format="fixed_width", layout={"ref": "1-4"}, total="END")
    assert read_records(b"1\nEND000001 20261125\n", fixed, ["ref"]).rows == 1


def test_a_wrong_encoding_names_its_line() -> None:
    with pytest.raises(Refused, match="Line 3 holds characters that are not utf-8"):
        read_records("ref\n1\nNúñez\n".encode("cp1252"), Shape(format="csv"), ["ref"])


@pytest.mark.parametrize(
    ("data", "shape", "problems"),
    [
        (f"ref,who\n1\n2,{SECRET},{SECRET}\n=1,b\n4,@x\n5,-x\n6,+1 555 0100\n".encode(), {}, [
            (2, "cells-missing", ""), (3, "cells-too-many", ""), (4, "formula", "ref"), (5, "formula", "who"), (6, "formula", "who"),
        ]),
        (f'{{"ref": "1"}}\n{{"ref": "{SECRET}\n[1]\n'.encode(), {"format": "json_lines"}, [
            (2, "json-unreadable", ""), (3, "not-an-object", ""),
        ]),
        (f'[{{"ref": 1}}, "{SECRET}"]'.encode(), {"format": "json"}, [(2, "not-an-object", "")]),
        (f"<R><O><a/></O><O>{SECRET}</O></R>".encode(), {"format": "xml", "records": "R.O"}, [(2, "not-an-object", "")]),
        (f"1\n\n22 {SECRET}\n".encode(), {"format": "fixed_width", "layout": {"ref": "1-2", "who": "3-3"}}, [(3, "line-too-long", "")]),
    ],
)  # fmt: skip
def test_a_bad_row_is_named_and_the_others_are_read(data: bytes, shape: dict[str, Any], problems: list[Any]) -> None:
    read = read_records(data, Shape.model_validate(shape), ["ref", "who"])
    assert [(one.row, one.code, one.place) for one in read.problems] == problems
    assert len(read.records) == 1
    assert SECRET not in repr(read.problems)


def test_excel_formulas_dates_sheets() -> None:
    import datetime as dt

    book = openpyxl.Workbook()
    book.active.append(["ref"])
    book.create_sheet("Results")
    sheet = book["Results"]
    for row in (["ref", "at", "n"], [7, dt.datetime(2026, 1, 31, 8, 30), "=1+1"], ["=A2", dt.date(2026, 1, 31), 1.5]):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    read = read_records(out.getvalue(), Shape(format="excel", sheet="Results"), ["ref", "at"])
    assert [record.tree for record in read.records] == [{"ref": "7", "at": "2026-01-31T08:30:00"}]
    assert [(one.row, one.code, one.place) for one in read.problems] == [(3, "formula", "ref")]
    with pytest.raises(Refused, match="no sheet"):
        read_records(out.getvalue(), Shape(format="excel", sheet="Other"), ["ref"])


def test_a_workbook_that_is_a_bomb() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 250_000_000)
    with pytest.raises(Refused) as caught:
        read_records(out.getvalue(), Shape(format="excel"), ["ref"])
    assert caught.value.code == "workbook-too-large"


@pytest.mark.parametrize(
    ("row", "shape", "code"),
    [
        ({"a": "1"}, {"format": "excel"}, "format-not-written"),
        ({"a": "=1"}, {}, "formula-like"),
        ({"a": "Ł"}, {"characters": "latin-1"}, "character-not-writable"),
        ({"a": "12345"}, {"format": "fixed_width", "layout": {"a": "1-4"}}, "value-too-long"),
        ({"a": "1\n2"}, {"format": "fixed_width", "layout": {"a": "1-4"}}, "line-break"),
        ({"a b": "1"}, {"format": "xml", "records": "R.O"}, "xml-name"),
        ({"@a b": "1"}, {"format": "xml", "records": "R.O"}, "xml-name"),
        ({"a": "\x01"}, {"format": "xml", "records": "R.O"}, "xml-character"),
        ({"a": "1", "a.b": "2"}, {"format": "json"}, "path-blocked"),
        ({"a": "1"}, {"format": "json", "total": "n"}, "path-blocked"),
    ],
)
def test_what_cannot_be_written_is_refused(row: dict[str, str], shape: dict[str, Any], code: str) -> None:
    with pytest.raises(Rejected) as caught:
        write_records([row], Shape.model_validate(shape))
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"format": "fixed_width"}, "needs the places"),
        ({"format": "fixed_width", "layout": {"a": "4-1"}}, "a: write the place as first-last"),
        ({"format": "fixed_width", "layout": {"a": "1-4", "b": "4-5"}}, "share a place"),
        ({"format": "xml"}, "needs the path of its records"),
        ({"format": "xml", "records": "R O"}, "needs the path of its records"),
        ({"format": "pdf"}, "Input should be"),
    ],
)
def test_settings_say_what_is_wrong(values: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Shape.model_validate(values)


def test_written_json_is_plain_json() -> None:
    data = write_records([{"ref": "1", "yes": True, "no": None}], Shape(format="json", records="o", total="n"))
    assert json.loads(data) == {"o": [{"ref": "1", "yes": True, "no": None}], "n": 1}
