"""Employee files: what comes in is what was written, a bad row says what to do, and a kill changes nothing."""

from __future__ import annotations

import csv
import io
import logging
import os
import signal
import subprocess
import sys
import time
import zipfile
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import openpyxl
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.access import Can
from app.core.db import transaction
from app.core.errors import Conflict, Forbidden, Invalid
from app.core.events import AuditEvent, canonical, row_mac, system
from app.core.jobs import REGISTRY, JobIntent, Run, job
from app.domains import load_jobs, people
from app.integrations.formats import tables
from app.people import services
from app.people.rules.columns import BY_FIELD, day, guess, unique_headings
from app.people.services import imports
from app.people.services.imports import reading
from tests.people import files
from tests.people.conftest import MakeActor

load_jobs()
NEED = ["Employee ID", "First Name", "Last Name", "Hire Date"]


def everybody() -> list[people.Employee]:
    with transaction() as session:
        return list(session.scalars(sa.select(people.Employee).order_by(people.Employee.employee_number)))


def problems(kept: people.PeopleImport) -> list[tuple[int, str, str]]:
    with transaction() as session:
        return [tuple(row) for row in imports.refusals(session, system("test"), kept.id)]


def one(company: UUID, **cells: str) -> tuple[people.PeopleImport, list[tuple[int, str, str]]]:
    """Check a file of one row that has these cells beside the needed ones."""
    row = {"Employee ID": "1", "First Name": "Ana", "Last Name": "Lopez", "Hire Date": "2024-01-08"} | cells
    kept = files.check(files.upload(files.csv_of([list(row.values())], list(row))))
    return kept, problems(kept)


# --- what arrives -----------------------------------------------------------------------------------------------


def test_ten_thousand_rows_arrive_as_written(company: UUID) -> None:
    rows = files.made_rows(10_000)
    kept = files.check(files.upload(files.csv_of(rows)))
    assert (kept.state, kept.rows_total, kept.rows_new, kept.rows_refused) == ("checked", 10_000, 10_000, 0)
    kept = files.apply(kept)
    assert (kept.state, kept.rows_new, kept.rows_changed, kept.rows_same) == ("applied", 10_000, 0, 0)
    found = everybody()
    assert len(found) == 10_000
    for row, person in list(zip(rows, found, strict=True))[::997]:
        assert [person.employee_number, person.first_name, person.last_name, person.work_email] == [
            row[0],
            row[1],
            row[3],
            row[7],
        ]
        assert person.ssn == row[5].replace("-", "")
        assert person.date_of_birth == date.fromisoformat(row[4])
        assert person.annual_salary == Decimal(row[17].replace(",", ""))
        assert (person.address_line1, person.zip_code) == (row[9], row[12])
    with transaction() as session:
        by_name = session.scalars(
            sa.select(people.Employee.employee_number).where(
                services.name_matches(company, rows[5][3].split("-")[0][:4])
            )
        )
        assert rows[5][0] in set(by_name)
        bosses = session.execute(
            sa.text(
                "SELECT count(*) FROM employee e JOIN employee m ON m.id = e.manager_id WHERE m.employee_number <> e.employee_number"
            )
        ).scalar_one()
        assert bosses == sum(1 for row in rows if row[18])
        assert session.scalar(sa.select(sa.func.count()).select_from(people.Department)) == 40


def test_the_same_file_again_writes_no_row(company: UUID, admin: Any) -> None:
    data = files.csv_of(files.made_rows(300))
    files.apply(files.check(files.upload(data)))
    before = {row[0]: row[1] for row in admin.execute("SELECT id, xmin::text FROM employee")}
    kept = files.apply(files.check(files.upload(data)))
    assert (kept.rows_same, kept.rows_new, kept.rows_changed) == (300, 0, 0)
    assert {row[0]: row[1] for row in admin.execute("SELECT id, xmin::text FROM employee")} == before


def test_only_changed_rows_are_written_and_their_history_kept(company: UUID, admin: Any) -> None:
    rows = files.made_rows(100)
    files.apply(files.check(files.upload(files.csv_of(rows))))
    before = {row[0]: row[1] for row in admin.execute("SELECT employee_number, xmin::text FROM employee")}
    ssn, rows[7][9], rows[7][16], rows[8][5] = rows[8][5], "2 New Street", "Lead", "999-12-3456"
    rows[9][3] = "Ito"
    kept = files.apply(files.check(files.upload(files.csv_of(rows))))
    assert (kept.rows_changed, kept.rows_same) == (3, 97)
    after = {row[0]: row[1] for row in admin.execute("SELECT employee_number, xmin::text FROM employee")}
    assert {number for number in after if after[number] != before[number]} == {rows[7][0], rows[8][0], rows[9][0]}
    person = everybody()[7]
    assert (person.address_line1, person.job_title, person.ssn) == ("2 New Street", "Lead", rows[7][5].replace("-", ""))
    with transaction() as session:
        events = {
            e.entity_id: e
            for e in session.scalars(sa.select(AuditEvent).where(AuditEvent.name == "people.employee.changed"))
        }
        seen = events[person.id]
        assert seen.phi == {
            "old": {"address_line1": rows[7][9].replace("2 New", "8 Test")},
            "new": {"address_line1": "2 New Street"},
        }
        assert (seen.old_values["job_title"], seen.new_values["job_title"]) == ("Engineer", "Lead")
        changed_ssn = events[everybody()[8].id]
        assert changed_ssn.old_values["ssn"] == f"•••-••-{ssn[-4:]}"
        found = session.scalars(sa.select(people.Employee.id).where(services.name_matches(company, "ito")))
        assert everybody()[9].id in set(found)


def test_an_edit_here_is_noticed_by_the_next_file(company: UUID) -> None:
    data = files.csv_of(files.made_rows(3))
    files.apply(files.check(files.upload(data)))
    with transaction() as session:
        services.change(session, system("test"), everybody()[0].id, city="Elsewhere")
    kept = files.check(files.upload(data))
    assert (kept.rows_changed, kept.rows_same) == (1, 2)
    files.apply(kept)
    assert everybody()[0].city == "Springfield"


def test_an_empty_cell_leaves_the_value(company: UUID) -> None:
    rows = files.made_rows(2)
    files.apply(files.check(files.upload(files.csv_of(rows))))
    rows[0][8] = rows[0][5] = ""
    rows[0][16] = "Lead"
    files.apply(files.check(files.upload(files.csv_of(rows))))
    first = everybody()[0]
    assert (first.job_title, first.phone) == ("Lead", files.made_rows(1)[0][8])
    assert first.ssn is not None


def test_leaving_and_coming_back(company: UUID) -> None:
    head = [*NEED, "Term Date", "Status"]

    def bring(left: str, status: str) -> people.Employee:
        files.apply(files.check(files.upload(files.csv_of([["1", "Ana", "Lopez", "2020-01-06", left, status]], head))))
        return everybody()[0]

    assert bring("", "Active").status == "active"
    assert bring("2024-05-31", "").status == "terminated"
    back = bring("", "active")
    assert (back.status, back.terminated_on) == ("active", None)
    with transaction() as session:
        names = set(session.scalars(sa.select(AuditEvent.name)))
        assert {"people.employee.hired", "people.employee.terminated", "people.employee.changed"} <= names


def test_somebody_who_left_long_ago_is_not_hired(company: UUID) -> None:
    head = [*NEED, "Term Date"]
    files.apply(files.check(files.upload(files.csv_of([["1", "Ana", "Lopez", "2020-01-06", "2021-01-06"]], head))))
    with transaction() as session:
        names = set(session.scalars(sa.select(AuditEvent.name)))
        assert "people.employee.hired" not in names
        assert "people.employee.recorded" in names


def test_events_and_intents_are_what_record_would_write(company: UUID) -> None:
    @job("test.greet_import", on=["people.employee.hired", "people.employee.changed"])
    def greet(run: Run) -> None: ...

    try:
        rows = files.made_rows(20)
        rows[3][0] = 'E"3\\x'  # quotes and backslashes survive JSON, COPY and the MAC
        files.apply(files.check(files.upload(files.csv_of(rows))))
        rows[4][16] = "Lead"
        files.apply(files.check(files.upload(files.csv_of(rows))))
    finally:
        from app.core import jobs

        REGISTRY.pop("test.greet_import")
        for name in ("people.employee.hired", "people.employee.changed"):
            jobs._by_event[name] = [j for j in jobs._by_event[name] if j.kind != "test.greet_import"]
    with transaction() as session:
        events = session.scalars(sa.select(AuditEvent).where(AuditEvent.entity_type == "employee")).all()
        assert len(events) == 21
        assert all(e.mac == row_mac(company, canonical(e)) for e in events)
        intents = session.scalars(sa.select(JobIntent).where(JobIntent.kind == "test.greet_import")).all()
        assert {(i.event_id, i.subject_id, i.args["employee_id"]) for i in intents} == {
            (e.id, e.entity_id, str(e.entity_id)) for e in events
        }
        assert 'E"3\\x' in {e.new_values.get("employee_number") for e in events}


# --- what is refused --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "field", "message"),
    [
        ({"First Name": ""}, "first_name", "Enter a first name"),
        ({"Employee ID": ""}, "employee_number", "Enter an employee number"),
        ({"Employee ID": "900-12-3456"}, "employee_number", "not a Social Security number"),
        ({"Hire Date": "soon"}, "hired_on", "Write the date like"),
        ({"Hire Date": "1/8/24"}, "hired_on", "4 digits"),
        ({"Hire Date": "2024-13-45"}, "hired_on", "Write a date that exists"),
        ({"SSN": "000-12-3456"}, "ssn", "never issued"),
        ({"SSN": "12"}, "ssn", "9 digits"),
        ({"DOB": "2050-01-01"}, "date_of_birth", "in the past"),
        ({"DOB": "1850-01-01"}, "date_of_birth", "year of birth"),
        ({"DOB": "2020-01-01"}, "date_of_birth", "under 14"),
        ({"Gender": "??"}, "gender", "Write male, female"),
        ({"Email": "nobody"}, "work_email", "e-mail address"),
        ({"Phone": "12"}, "phone", "area code"),
        ({"State": "Kalifornia"}, "state", "two letters"),
        ({"Zip": "12"}, "zip_code", "ZIP code"),
        ({"Salary": "lots"}, "annual_salary", "in dollars"),
        ({"Hours": "NaN"}, "weekly_hours", "number"),
        ({"Hours": "999"}, "weekly_hours", "number"),
        ({"Smoker": "maybe"}, "tobacco_user", "yes or no"),
        ({"Status": "Terminated"}, "terminated_on", "last day"),
        ({"Term Date": "2020-01-01"}, "terminated_on", "not before"),
        ({"Job Title": "x" * 300}, "job_title", "200 characters"),
        ({"First Name": "A\x07na"}, "first_name", "at most 100"),
    ],
)
def test_a_refused_row_says_what_to_do(company: UUID, cells: dict[str, str], field: str, message: str) -> None:
    kept, found = one(company, **cells)
    assert (kept.rows_refused, kept.rows_new) == (1, 0)
    assert [(number, name) for number, name, _ in found] == [(2, field)]
    assert message in found[0][2]
    for cell in cells.values():
        assert len(cell) < 3 or cell not in found[0][2]


def test_doubles_in_the_file_and_on_record(company: UUID) -> None:
    rows = files.made_rows(4)
    rows[1][0] = rows[0][0]
    rows[3][5] = rows[2][5]
    kept = files.check(files.upload(files.csv_of(rows)))
    assert {(number, field) for number, field, _ in problems(kept)} == {(3, "employee_number"), (5, "ssn")}
    files.apply(kept)
    stranger = [["X1", "Eva", "Ito", "2024-01-08", rows[0][5]]]
    assert "ssn" in problems(files.check(files.upload(files.csv_of(stranger, [*NEED, "SSN"]))))[0]


def test_a_manager_nobody_knows_is_left_out_and_found_next_time(company: UUID) -> None:
    head = [*NEED, "Manager ID"]
    rows = [["1", "Ana", "Lopez", "2024-01-08", "77"], ["2", "Ben", "Okafor", "2024-01-08", "2"]]
    kept = files.check(files.upload(files.csv_of(rows, head)))
    assert [(number, field) for number, field, _ in problems(kept)] == [(2, "manager_number"), (3, "manager_number")]
    assert (kept.rows_new, kept.rows_refused) == (2, 0)
    files.apply(kept)
    again = files.apply(files.check(files.upload(files.csv_of(rows, head))))
    assert (again.rows_same, again.rows_changed) == (2, 0)
    files.apply(files.check(files.upload(files.csv_of([["77", "Boss", "Kim", "2024-01-08", ""]], head))))
    assert files.apply(files.check(files.upload(files.csv_of(rows, head)))).rows_changed == 1
    people_now = {p.employee_number: p for p in everybody()}
    assert people_now["1"].manager_id == people_now["77"].id


def test_a_manager_whose_row_is_refused_is_tried_again(company: UUID) -> None:
    head = [*NEED, "Manager ID"]
    rows = [["1", "Ana", "Lopez", "2024-01-08", "2"], ["2", "", "Okafor", "2024-01-08", ""]]
    files.apply(files.check(files.upload(files.csv_of(rows, head))))
    rows[1][1] = "Ben"
    files.apply(files.check(files.upload(files.csv_of(rows, head))))
    first, second = everybody()
    assert first.manager_id == second.id


def test_unknown_departments_are_refused_when_asked(company: UUID) -> None:
    row = [["1", "Ana", "Lopez", "2024-01-08", "Care"]]
    data = files.csv_of(row, [*NEED, "Department"])
    kept = files.check(files.upload(data), create_missing=False)
    assert "Add it first" in problems(kept)[0][2]
    files.apply(files.check(files.upload(data)))
    files.apply(
        files.check(files.upload(files.csv_of([["2", "Ben", "Kim", "2024-01-08", " CARE "]], [*NEED, "Department"])))
    )
    assert len({person.department_id for person in everybody()}) == 1


def test_a_deleted_employee_stays_deleted(company: UUID) -> None:
    data = files.csv_of([["1", "Ana", "Lopez", "2024-01-08"]], NEED)
    files.apply(files.check(files.upload(data)))
    with transaction() as session:
        session.execute(sa.update(people.Employee).values(deleted_at=sa.func.now(), import_digest=None))
    assert "was deleted" in problems(files.check(files.upload(data)))[0][2]


# --- reading ----------------------------------------------------------------------------------------------------

NAMES = (
    st.text(st.characters(categories=["L"], include_characters="-' "), min_size=1, max_size=30)
    .map(str.strip)
    .filter(bool)
)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(NAMES, NAMES, st.dates(date(1930, 1, 1), date(2005, 1, 1))), min_size=1, max_size=8),
    delimiter=st.sampled_from(tables.DELIMITERS),
    encoding=st.sampled_from(["utf-8", "utf-8-sig"]),
)
def test_any_csv_reads_as_it_was_written(rows: list[tuple[str, str, date]], delimiter: str, encoding: str) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    table = [["No", "First", "Last", "Born"], *([str(i), a, b, d.isoformat()] for i, (a, b, d) in enumerate(rows))]
    writer.writerows(table)
    found = [cells for _, cells in reading.rows_of(text.getvalue().encode(encoding), "text/csv")]
    assert found == [[cell.strip() for cell in row] for row in table]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    for kind in ("text/csv", reading.CONTENT_TYPES["xlsx"]):
        try:
            for number, cells in reading.rows_of(data, kind):
                assert number > 0
                assert all(isinstance(cell, str) for cell in cells)
        except Invalid:
            pass


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_no_text_breaks_a_parser_or_is_repeated(text: str) -> None:
    for column in BY_FIELD.values():
        if column.parse is None:
            continue
        for given_text in (text, f"¤{text}¤"):  # no message of ours has this sign
            with suppress(ValueError):
                column.parse(given_text)
                continue
            with pytest.raises(ValueError, match=r".") as refused:
                column.parse(given_text)
            assert "¤" not in str(refused.value)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    table=st.lists(
        st.tuples(NAMES, NAMES, st.text(max_size=12), st.text(max_size=12), st.text(max_size=12)),
        min_size=1,
        max_size=5,
    )
)
def test_any_file_is_checked_to_the_end(company: UUID, table: list[tuple[str, ...]]) -> None:
    head = ["First Name", "Last Name", "SSN", "Hire Date", "Department", "Employee ID"]
    rows = [[cell.replace("\x00", "") for cell in row] + [f"H{i}"] for i, row in enumerate(table)]
    kept = files.check(files.upload(files.csv_of(rows, head)))
    assert kept.state == "checked"
    assert kept.rows_new + kept.rows_changed + kept.rows_same + kept.rows_refused == kept.rows_total


def test_windows_files_read_their_accents() -> None:
    assert tables.decoded("Núñez “A”".encode("cp1252")) == "Núñez “A”"
    assert tables.decoded(b"\x81") == "\x81"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2024-03-01", date(2024, 3, 1)),
        ("3/1/2024", date(2024, 3, 1)),
        ("20240301", date(2024, 3, 1)),
        ("2024-03-01 00:00:00", date(2024, 3, 1)),
    ],
)
def test_dates(text: str, wanted: date) -> None:
    assert day(text) == wanted


def workbook(rows: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_with_numbers_dates_and_lost_zeros(company: UUID) -> None:
    data = workbook(
        [
            [None, "Employees of Acme"][:1] + NEED + ["SSN", "Zip", "Salary", "Smoker", "Hours"],
            ["", 1001.0, "Ana", "Lopez", date(2024, 1, 8), "900-12-3456", 2139, 61500.5, True, 37.5],
            [],
            ["", 1002, "Ben", "Okafor", "1/8/2024", "900123457", "02139", "61,500", "no", 40],
        ]
    )
    kept = files.apply(files.check(files.upload(data, "people.xlsx")))
    assert (kept.rows_new, problems(kept)) == (2, [])
    first, second = everybody()
    assert (first.employee_number, first.ssn, first.zip_code, first.tobacco_user) == (
        "1001",
        "900123456",
        "02139",
        True,
    )
    assert (first.annual_salary, first.weekly_hours, first.hired_on) == (
        Decimal("61500.50"),
        Decimal("37.50"),
        second.hired_on,
    )


def bomb(sheet: bytes, name: str = "xl/worksheets/sheet1.xml") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr(name, sheet)
    return out.getvalue()


def lying(data: bytes) -> bytes:
    """The same archive, claiming that its sheet is 10 bytes."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    return data.replace(size.to_bytes(4, "little"), (10).to_bytes(4, "little"))


def test_zip_bombs_are_refused_before_they_unpack(company: UUID) -> None:
    far = b'<worksheet><sheetData><row r="1"><c r="A1"/><c  r="XFD1048576" t="n"><v>1</v></c></row></sheetData></worksheet>'
    for data in (
        bomb(b"0" * 300_000_000),
        lying(bomb(b"0" * 30_000_000)),
        bomb(far),
        bomb(b"<x/>", "nothing.xml"),
        b"PK\x05\x06" + b"\0" * 18,
    ):
        started = time.perf_counter()
        with pytest.raises(Invalid):
            files.upload(data, "people.xlsx")
        assert time.perf_counter() - started < 10


def test_a_real_limit_on_unpacking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_UNPACKED", 5_000_000)
    with pytest.raises(Invalid, match="unpacks"):
        list(reading.rows_of(bomb(b"0" * 6_000_000), reading.CONTENT_TYPES["xlsx"]))


def test_files_that_are_none(company: UUID) -> None:
    for data, name in (
        (b"a" * 200_000 + b"\n" + b"b", "a.csv"),
        (b"\xff\xfea\0b\0", "a.csv"),
        (b"a,b\n", "a.csv"),
        (b"\n\n", "a.csv"),
    ):
        with pytest.raises(Invalid):
            files.upload(data, name)
    with pytest.raises(Invalid, match="200 columns"):
        list(reading.rows_of(b",".join([b"x"] * 300), "text/csv"))


def test_a_file_that_broke_after_the_upload_fails_with_words(company: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.people.services.imports import work

    def broken(*_: Any) -> Any:
        raise Invalid(reading.BROKEN)

    for state in ("check", "apply"):
        kept = files.upload(files.csv_of(files.made_rows(1)))
        if state == "apply":
            files.check(kept)
        with monkeypatch.context() as patch:
            patch.setattr(work, "rows_of", broken)
            failed = files.check(kept) if state == "check" else files.apply(kept)
        assert (failed.state, failed.failure) == ("failed", reading.BROKEN)


# --- columns ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headings",
    [
        ["EEID", "Legal First Name", "Legal Last Name", "Original Hire Date", "Birth Date", "SSN Number", "Dept."],
        [
            "File #",
            "Last Name",
            "First Name",
            "Employee Hire Date",
            "Date Of Birth",
            "Social Security #",
            "Home Department",
        ],
        ["employeeNumber", "firstName", "lastName", "hireDate", "dateOfBirth", "ssn", "department"],
        ["Worker ID", "Given Name", "Surname", "Start Date", "DOB", "Social Security Number", "Cost Center"],
    ],
)
def test_good_guesses(headings: list[str]) -> None:
    found = guess(headings)
    assert {"employee_number", "first_name", "last_name", "hired_on", "date_of_birth", "department"} <= set(found)
    assert found["date_of_birth"] == next(
        h for h in headings if h in ("Birth Date", "Date Of Birth", "dateOfBirth", "DOB")
    )
    assert len(set(found.values())) == len(found)


def test_headings_can_be_told_apart() -> None:
    assert unique_headings(["Phone", "", "Phone", " a  b "]) == ["Phone", "Column 2", "Phone (2)", "a b"]


def test_the_steps_in_the_wrong_order_are_refused(company: UUID, actor: MakeActor) -> None:
    kept = files.upload(files.csv_of(files.made_rows(2)))
    hr = system("test")
    with transaction() as session:
        with pytest.raises(Conflict):
            imports.confirm(session, hr, kept.id)
        for mapping in ({"nonsense": "SSN"}, {"ssn": "No such column"}, {}):
            with pytest.raises(Invalid):
                imports.choose_columns(session, hr, kept.id, mapping)
        with pytest.raises(Forbidden):
            imports.recent(session, actor({Can.EMPLOYEE_VIEW: 5}))
    checked = files.check(kept)
    files.apply(checked)
    with transaction() as session:
        assert imports.confirm(session, hr, kept.id).state == "applied"
        for verb in (imports.discard, lambda *a: imports.choose_columns(*a, dict(kept.mapping))):
            with pytest.raises(Conflict):
                verb(session, hr, kept.id)
    again = files.upload(files.csv_of(files.made_rows(2)))
    with transaction() as session:
        assert (
            imports.discard(session, hr, again.id).state == imports.discard(session, hr, again.id).state == "discarded"
        )
        assert imports.upload(session, hr, b"", "x.csv", import_id=again.id).id == again.id


def test_a_job_whose_turn_is_over_does_nothing(company: UUID) -> None:
    kept = files.upload(files.csv_of(files.made_rows(2)))
    with transaction() as session:
        imports.choose_columns(session, system("test"), kept.id, dict(kept.mapping))
    with transaction() as session:
        session.execute(sa.update(people.PeopleImport).values(state="discarded"))
    files.run_next(company, "people.check_import")
    assert files.reload(kept).state == "discarded"


# --- kill -------------------------------------------------------------------------------------------------------

CHILD = """
import sys
from uuid import UUID
from app.core.db import tenant
from app.domains import load_jobs
load_jobs()
from tests.people import files
company = UUID(sys.argv[1])
print("ready", flush=True)
with tenant(company):
    files.run_next(company, "people.apply_import")
print("done", flush=True)
"""


def test_a_kill_in_the_middle_leaves_nothing_and_the_next_attempt_everything(company: UUID, admin: Any) -> None:
    rows = files.made_rows(6_000)
    kept = files.check(files.upload(files.csv_of(rows)))
    with transaction() as session:
        imports.confirm(session, system("test"), kept.id)
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(company)], stdout=subprocess.PIPE, text=True, env=os.environ
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    deadline = time.monotonic() + 60
    while files.reload(kept).rows_done == 0 and time.monotonic() < deadline:
        time.sleep(0.02)
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    assert 0 < files.reload(kept).rows_done < 6_000
    time.sleep(0.5)  # the server notices the broken connection
    assert admin.execute("SELECT count(*) FROM employee").fetchone() == (0,)
    assert admin.execute("SELECT count(*) FROM audit_event WHERE name = 'people.employee.hired'").fetchone() == (0,)
    admin.execute("UPDATE job_intent SET state = 'pending' WHERE state = 'running'")
    files.run_next(company, "people.apply_import")
    assert files.reload(kept).state == "applied"
    assert admin.execute("SELECT count(*) FROM employee").fetchone() == (6_000,)
    assert admin.execute("SELECT count(*) FROM audit_event WHERE name = 'people.employee.hired'").fetchone() == (6_000,)


def test_somebody_hired_meanwhile_makes_the_import_start_again(company: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.people.services.imports.plan import Planner

    kept = files.check(files.upload(files.csv_of(files.made_rows(3))))
    real = Planner.plan

    def plan(self: Planner, *args: Any, **more: Any) -> Any:
        found = real(self, *args, **more)
        with transaction() as session:
            services.hire(
                session,
                system("test"),
                employee_number="E0000002",
                first_name="Eva",
                last_name="Ito",
                hired_on=date(2024, 1, 8),
            )
        return found

    with monkeypatch.context() as patch:
        patch.setattr(Planner, "plan", plan)
        with transaction() as session:
            imports.confirm(session, system("test"), kept.id)
        with pytest.raises(Conflict):
            files.run_next(company, "people.apply_import")
    assert [p.first_name for p in everybody()] == ["Eva"]
    assert everybody()[0].first_name == "Eva"


# --- secrets ----------------------------------------------------------------------------------------------------


def test_a_planted_number_is_nowhere_it_must_not_be(
    company: UUID, admin: Any, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    planted = "987654321"
    head = [*NEED, "SSN", "Zip"]
    rows = [
        ["1", "Ana", "Lopez", "2024-01-08", planted, "94601"],
        ["2", "Ben", "Kim", "2024-01-08", "987-65-4321", planted],
    ]
    kept = files.apply(files.check(files.upload(files.csv_of(rows, head), f"{planted}.csv")))
    assert kept.rows_new == 1
    for (table,) in admin.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall():
        for (row,) in admin.execute(f'SELECT t::text FROM "{table}" t').fetchall():
            assert planted not in row, table
            assert planted.encode().hex() not in row, table
    seen = caplog.text + "".join(capfd.readouterr())
    assert planted not in seen
    assert "987-65-4321" not in seen
