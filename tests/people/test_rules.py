"""What a person's fields may hold, and what is shown of them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from stdnum.us import ssn as us_ssn

from app.people.rules import checks
from app.people.rules.cells import csv_text, safe_cell
from app.people.rules.identity import (
    digits_of,
    looks_like_ssn,
    masked,
    possible_routing,
    possible_ssn,
    prefixes_of,
    searched_prefixes,
    words_of,
)

SETTING = checks.Setting(date(2026, 11, 23), strict=True)


@pytest.mark.parametrize(
    ("born", "on", "years"),
    [
        (date(2000, 2, 29), date(2025, 2, 28), 24),
        (date(2000, 2, 29), date(2025, 3, 1), 25),
        (date(2000, 11, 23), date(2026, 11, 23), 26),
        (date(2000, 11, 24), date(2026, 11, 23), 25),
    ],
)
def test_age(born: date, on: date, years: int) -> None:
    assert checks.age(born, on) == years


@given(st.text(alphabet="0123456789", min_size=9, max_size=9))
@example("078051120")
@example("457555462")
@example("219099999")
@example("666121234")
def test_an_ssn_is_strict_in_production(digits: str) -> None:
    assert possible_ssn(digits, strict=True) is us_ssn.is_valid(digits)
    if possible_ssn(digits, strict=False):
        assert us_ssn.is_valid(digits) or digits[0] == "9"


@pytest.mark.parametrize(
    "digits",
    [
        "",
        "12345678",
        "1234567890",
        "12345678a",
        "٠١٢٣٤٥٦٧٨",
        "900001234",
        "900120000",
        "000121234",
        "666121234",
        "123001234",
    ],
)
def test_no_ssn(digits: str) -> None:
    assert not possible_ssn(digits, strict=False)


def test_ssn_shapes() -> None:
    assert all(looks_like_ssn(text) for text in ("123-45-6789", "123 45 6789", "123456789", " 123.45.6789 "))
    assert not any(looks_like_ssn(text) for text in ("12345678", "E123456789", "Ana"))


@given(st.text())
def test_masking_never_shows_more_than_four(value: str) -> None:
    for field in ("ssn", "bank_account", "first_name", "medical_conditions"):
        shown = str(masked(field, value) or "")
        assert value == "" or len(shown.replace("•", "").replace("-", "")) <= 4
    assert masked("job_title", value) == value


def test_words_and_prefixes() -> None:
    assert words_of("Núñez-O'Neill", "", "Ana") == ["nunez", "o", "neill", "ana", "oneill"]
    assert prefixes_of("Ann") == ["an", "ann"]
    assert searched_prefixes("a an Abcdefghijklmnop") == ["an", "abcdefgh"]
    assert digits_of("a1-2") == "12"


def test_routing_numbers() -> None:
    assert possible_routing("021000021")
    assert not possible_routing("021000022")
    assert not possible_routing("21000021")


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ("bank_account", "12345678", "12"),
        ("bank_routing", "021000021", "021000022"),
        ("preferred_language", "es", "fr"),
        ("annual_salary", Decimal(1), Decimal(-1)),
        ("weekly_hours", Decimal(40), Decimal(169)),
        ("member_number", "M1", "x" * 41),
        ("allergies", "anything\nat all", None),
        ("zip_code", "94601-1234", "9460"),
        ("state", "PR", "XX"),
    ],
)
def test_fields(field: str, good: object, bad: object) -> None:
    assert checks.problems_of({field: good}, checks.EMPLOYEE, SETTING) == {}
    if bad is not None:
        assert field in checks.problems_of({field: bad}, checks.EMPLOYEE, SETTING)
    assert checks.problems_of({field: "", "unknown": 1}, checks.EMPLOYEE, SETTING) == {}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "\0", "  =", "\uff1d"])
def test_no_cell_begins_a_formula(start: str) -> None:
    assert safe_cell(f"{start}1+1").startswith("'")


@given(st.lists(st.lists(st.text(), min_size=1, max_size=4), max_size=4))
def test_no_table_begins_a_formula(rows: list[list[str]]) -> None:
    assert csv_text(rows).startswith("\ufeff")
    for row in rows:
        for cell in row:
            assert safe_cell(cell)[:1] not in ("=", "+", "-", "@", "\t", "\r", "\n", "\0")
    assert safe_cell(None) == ""
