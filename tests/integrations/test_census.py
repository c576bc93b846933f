"""A carrier's census CSV: its own titles, its own dates, one bad cell at a time."""

from datetime import date
from decimal import Decimal

import pytest

from app.integrations.failures import Refused
from app.integrations.formats.census import census_of, read_census_csv
from app.integrations.formats.x12.eight34 import Family
from app.integrations.formats.x12.reader import read_834
from tests.integrations.people import subscriber, written

COLUMNS = {"last_name": "Surname", "ssn": "SSN", "start_on": "Eff Date", "premium": "Prem", "plan_code": "Plan"}


def test_own_titles_dates_and_money() -> None:
    data = b"\xef\xbb\xbfSSN;SURNAME;Eff Date;Prem;Plan\r\n900-00-0001;O'Neil;01/31/2026;$1,200.50;P1\r\n;;;;\r\n;Ng;2026-02-01;;\r\n"
    first, second = read_census_csv(data, COLUMNS)
    assert (first.ssn, first.last_name, first.start_on, first.premium, first.plan_code) == (
        "900000001", "O'Neil", date(2026, 1, 31), Decimal("1200.50"), "P1",
    )  # fmt: skip
    assert (second.row, second.last_name, second.premium, second.problems) == (3, "Ng", None, ())


def test_bad_cells_are_problems_of_their_row() -> None:
    (row,) = read_census_csv(b"Surname,SSN,Eff Date,Prem,Plan\nNg,,02/30/2026,lots\n", COLUMNS)
    assert row.problems == ("start_on", "premium")


def test_our_own_titles_need_no_mapping() -> None:
    (row,) = read_census_csv(b"last_name\tbirth_on\nNg\t20000229\n", {})
    assert row.birth_on == date(2000, 2, 29)


@pytest.mark.parametrize(
    ("data", "columns", "code"),
    [
        (b"", {}, "empty-file"),
        (b"a\x00b", {}, "not-text"),
        (b"Surname\nNg\n", {"last_name": "Last"}, "column-missing"),
        (b"Plan\nP\n", {"plan_code": "Plan"}, "column-missing"),
        (b"Plan\nP\n", {"shoe_size": "Plan"}, "column-unknown"),
        (b'last_name\n"' + b"x" * 200_000, {}, "csv-unreadable"),
    ],
)
def test_refused(data: bytes, columns: dict[str, str], code: str) -> None:
    with pytest.raises(Refused) as caught:
        read_census_csv(data, columns)
    assert caught.value.code == code


def test_census_of_an_834() -> None:
    rows = census_of(read_834(written(Family(subscriber()), Family(subscriber(2, coverages=()))).data))
    assert [(r.row, r.subscriber_number, r.line) for r in rows] == [
        (1, "M000001", "HLT"), (2, "M000001", "DEN"), (3, "M000002", ""),
    ]  # fmt: skip
