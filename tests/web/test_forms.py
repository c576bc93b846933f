"""What fields understand, what they refuse, and that a refusal says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, FieldList, FormField, StringField

from app.core.errors import Invalid
from app.web import forms
from app.web.components import error_links


@pytest.fixture(autouse=True)
def _request(tiny_app: Flask) -> Iterator[None]:
    with tiny_app.test_request_context("/"):
        yield


class Sample(forms.Form):
    pay = forms.MoneyField("Pay", maximum=Decimal("1000"))
    ssn = forms.SsnField("SSN")
    born = forms.Date3Field("Born", [forms.Optional(), forms.Between(date(1900, 1, 1), lambda: date(2026, 11, 22))])


def sent(kind: Any = Sample, **data: Any) -> Any:
    form = kind(formdata=MultiDict({key.replace("__", "-"): value for key, value in data.items()}))
    form.validate()
    return form


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("71.25", "71.25"),
        ("$71.25", "71.25"),
        ("71", "71.00"),
        ("71.5", "71.50"),
        ("0", "0.00"),
        (" 1,000.00 ", "1000.00"),
        ("$ 12", "12.00"),
    ],
)
def test_money_understood(typed: str, amount: str) -> None:
    form = sent(pay=typed)
    assert not form.pay.errors
    assert form.pay.data == Decimal(amount)
    assert isinstance(form.pay.data, Decimal)


@pytest.mark.parametrize(
    "typed", ["12,50", "1.234", "abc", "NaN", "Infinity", "1e3", "--1", "1,00,0", "٣", "1.000,50", "$", "9" * 40]
)
def test_money_refused(typed: str) -> None:
    form = sent(pay=typed)
    assert form.pay.errors == ["Enter an amount in dollars and cents, like 71.25"]
    assert form.pay.data is None
    assert form.pay._value() == typed, "what was typed is still there"


@pytest.mark.parametrize("typed", ["-1", "1000.01", "1,001"])
def test_money_has_bounds(typed: str) -> None:
    assert sent(pay=typed).pay.errors == ["Enter an amount from $0.00 to $1,000.00"]


def test_money_shows_what_is_stored() -> None:
    assert Sample(formdata=None, data={"pay": Decimal("5")}).pay._value() == "5.00"
    assert Sample(formdata=None).pay._value() == ""


@pytest.mark.parametrize("typed", ["536904399", "536-90-4399", "536 90 4399", " 536.90.4399 ", "536\u201190\u20114399"])
def test_ssn_understood(typed: str) -> None:
    assert sent(ssn=typed).ssn.data == "536904399"


@pytest.mark.parametrize("typed", ["12345", "1234567890", "abc-de-fghi", "٥٣٦٩٠٤٣٩٩"])
def test_ssn_needs_nine_digits(typed: str) -> None:
    assert sent(ssn=typed).ssn.errors == ["Enter a Social Security number with 9 digits, like 123-45-6789"]


@pytest.mark.parametrize(
    "typed", ["000-12-3456", "666-12-3456", "912-34-5678", "078-05-1120", "123-00-6789", "123-45-0000"]
)
def test_ssn_never_issued(typed: str) -> None:
    assert "never issued" in sent(ssn=typed).ssn.errors[0]


def test_a_stored_ssn_is_never_written_into_a_page() -> None:
    form = Sample(formdata=None, data={"ssn": "536904399"})
    assert "536904399" not in form.ssn()


@pytest.mark.parametrize("month", ["3", "03", "Mar", "march", "MARZO", "mar"])
def test_dates_understood(month: str) -> None:
    assert sent(born__month=month, born__day="27", born__year="1986").born.data == date(1986, 3, 27)


@pytest.mark.parametrize(
    ("parts", "message", "wrong"),
    [
        (("13", "1", "1986"), "Enter a real date, like 3 27 1986", {"month"}),
        (("2", "30", "1986"), "Enter a real date, like 3 27 1986", {"day"}),
        (("2", "x", "1986"), "Enter a real date, like 3 27 1986", {"day"}),
        (("2", "3", "86"), "Enter the year with 4 digits, like 1986", {"year"}),
        (("2", "", "1986"), "Add the day", {"day"}),
        (("", "", "1986"), "Add the month", {"month", "day"}),
        (("ma", "1", "1986"), "Enter a real date, like 3 27 1986", {"month"}),
        (("1", "1", "1850"), "Enter a date that is possible here", {"month", "day", "year"}),
        (("11", "23", "2026"), "Enter a date that is possible here", {"month", "day", "year"}),
    ],
)
def test_dates_refused(parts: tuple[str, str, str], message: str, wrong: set[str]) -> None:
    form = sent(born__month=parts[0], born__day=parts[1], born__year=parts[2])
    assert form.born.errors[0] == message
    assert {part.name for part in form.born.parts() if part.bad} == wrong
    assert tuple(part.value for part in form.born.parts()) == parts


def test_a_date_left_out_is_none_and_a_stored_one_is_shown() -> None:
    assert sent(pay="1").born.data is None
    shown = Sample(formdata=None, data={"born": date(1986, 3, 27)}).born
    assert [part.value for part in shown.parts()] == ["3", "27", "1986"]


class Needed(forms.Form):
    name = StringField("Name", [forms.Required("Enter your name")])
    born = forms.Date3Field("Born", [forms.Required("Enter the date of birth")])
    agree = BooleanField("Agree", [forms.Required("Check the box")])


def test_required_keeps_the_better_message() -> None:
    form = sent(Needed, name="  ", born__month="2", born__day="30", born__year="1986")
    assert form.name.errors == ["Enter your name"]
    assert form.born.errors == ["Enter a real date, like 3 27 1986"]
    assert form.agree.errors == ["Check the box"]
    assert error_links(form) == [
        ("name", "Enter your name"), ("born-day", "Enter a real date, like 3 27 1986"), ("agree", "Check the box"),
    ]  # fmt: skip
    assert sent(Needed).born.errors == ["Enter the date of birth"]


def test_what_a_service_refused_is_shown_by_field() -> None:
    form = Sample(formdata=None)
    form.refuse(Invalid({"ssn": "Use the number on the card", "elsewhere": "The plan is closed"}))
    assert error_links(form) == [("", "The plan is closed"), ("ssn", "Use the number on the card")]


class Inner(forms.Form):
    city = StringField("City", [forms.Required("Enter a city")])


class Outer(forms.Form):
    home = FormField(Inner)
    names = FieldList(StringField("Name", [forms.Required("Enter a name")]), min_entries=2)


def test_nested_errors_reach_their_control() -> None:
    form = sent(Outer, names__0="x", names__1="")
    assert error_links(form) == [("home-city", "Enter a city"), ("names-1", "Enter a name")]
    assert error_links([("a", "b")]) == [("a", "b")]
    assert error_links(None) == []


def test_the_one_time_key() -> None:
    class Create(forms.CreateForm):
        pass

    made = Create(formdata=None).form_key.data
    assert made != Create(formdata=None).form_key.data
    assert sent(Create, form_key=made).form_key.data == made
    forged = sent(Create, form_key="1' or 1=1")
    assert forged.form_key.errors == ["Send the form again."]
    assert len(forged.form_key._value()) == 32
