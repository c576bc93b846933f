"""The base form and the fields every domain uses. Messages say what to do next."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from stdnum.us import ssn as us_ssn
from wtforms import Field, HiddenField, SelectMultipleField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import Optional, StopValidation, ValidationError
from wtforms.widgets import CheckboxInput, TextInput

from app.core.errors import Invalid

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTHS_ES = ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic")
LARGEST_MONEY = Decimal("99999999.99")  # Numeric(10, 2)


class Form(FlaskForm):
    """Base of every form. CSRF is checked for the whole application; the `form` macro writes the token."""

    class Meta(FlaskForm.Meta):
        csrf = False

    def refuse(self, problem: Invalid) -> None:
        """Show what a service refused, in the language of the page: by field where the form has it, above the form otherwise."""
        for name, text in problem.errors.items():
            message = gettext(text) if text else ""  # services speak English; gettext("") is the header of the catalog
            field = self._fields.get(name)
            if field is None:
                self.form_errors.append(message)
            else:
                field.errors = [*field.errors, message]


class FormKeyField(HiddenField):
    """A one-time key: made when the form is shown, kept over errors, stored under a unique constraint on success."""

    data: str | None

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Keep the submitted key, or make one."""
        super().process(formdata, data or uuid.uuid4().hex, extra_filters)

    def pre_validate(self, _form: Any) -> None:
        """A key we did not make is refused; the page is shown again with a fresh one."""
        if not re.fullmatch(r"[0-9a-f]{32}", self.data or ""):
            self.data = uuid.uuid4().hex
            raise StopValidation(gettext("Send the form again."))


class CreateForm(Form):
    """Base of forms that create something: sending one twice creates one thing."""

    form_key = FormKeyField()


class Required:
    """An answer is needed; say which: `Required(_l("Enter your first name"))`.

    Looks at what was typed, so a wrong date or number keeps its own, more useful message.
    """

    field_flags = {"required": True}
    default: Any = _l("Enter an answer")

    def __init__(self, message: Any = None) -> None:
        self.message = message or self.default

    def __call__(self, _form: Any, field: Any) -> None:
        """Raise StopValidation when nothing but white space was sent."""
        if any(not isinstance(value, str) or value.strip() for value in field.raw_data or ()):
            return
        field.errors = []
        raise StopValidation(str(self.message))


class Chosen(Required):
    """One of the choices is needed: `Chosen(_l("Select a medical plan, or choose to waive coverage"))`."""

    default = _l("Select one of the choices")


class Between:
    """A date within bounds, each a date or a function that gives one; `message` says what to enter instead."""

    def __init__(
        self,
        first: date | Callable[[], date] | None = None,
        last: date | Callable[[], date] | None = None,
        message: Any = None,
    ) -> None:
        self.first, self.last, self.message = first, last, message

    def __call__(self, _form: Any, field: Any) -> None:
        """Raise ValidationError when the date lies outside."""
        first, last = (bound() if callable(bound) else bound for bound in (self.first, self.last))
        value = field.data
        if value is None or not ((first and value < first) or (last and value > last)):
            return
        raise ValidationError(str(self.message) if self.message else gettext("Enter a date that is possible here"))


class MoneyField(StringField):
    """Dollars and cents as Decimal; `$1,234.50` and `1234.5` are both understood. Never a float."""

    widget = TextInput()

    def __init__(
        self,
        label: Any = None,
        validators: Sequence[Any] | None = None,
        *,
        minimum: Decimal = Decimal(0),
        maximum: Decimal = LARGEST_MONEY,
        **kwargs: Any,
    ) -> None:
        super().__init__(label, validators, **kwargs)
        self.minimum, self.maximum = minimum, maximum

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else f"{self.data:.2f}"

    data: Decimal | None

    def process_formdata(self, valuelist: list[str]) -> None:
        """Parse what was typed; raises ValueError with a message that says how to write it."""
        typed = (valuelist[0] if valuelist else "").strip()
        self.data = None
        if not typed:
            return
        plain = typed.replace("$", "").replace(" ", "").replace(",", "")
        if not re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{0,2})?", plain) or not _commas_make_sense(typed):
            raise ValueError(gettext("Enter an amount in dollars and cents, like 71.25"))
        try:
            amount = Decimal(plain).quantize(Decimal("0.01"))
        except InvalidOperation:
            raise ValueError(gettext("Enter an amount in dollars and cents, like 71.25")) from None
        if not self.minimum <= amount <= self.maximum:
            bounds = {"least": f"${self.minimum:,.2f}", "most": f"${self.maximum:,.2f}"}
            raise ValueError(gettext("Enter an amount from %(least)s to %(most)s", **bounds))
        self.data = amount


def _commas_make_sense(typed: str) -> bool:
    """`1,234.50` yes, `12,50` no: there a comma would silently become a hundredfold amount."""
    return "," not in typed or bool(re.fullmatch(r"-?\$?\s*[0-9]{1,3}(,[0-9]{3})+(\.[0-9]{0,2})?", typed))


class SsnField(StringField):
    """A Social Security number; spaces and dashes are accepted, `data` is the nine digits.

    A stored number is never written back into the page: only what was typed in this request is.
    """

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep the digits; raises ValueError for numbers the Social Security Administration never issues."""
        typed = (valuelist[0] if valuelist else "").strip()
        self.data = None
        if not typed:
            return
        digits = re.sub(r"[\s.\-\u2010\u2011\u2013]", "", typed)
        if not re.fullmatch(r"[0-9]{9}", digits):
            raise ValueError(gettext("Enter a Social Security number with 9 digits, like 123-45-6789"))
        if not us_ssn.is_valid(digits):
            raise ValueError(gettext("Check the Social Security number: this one is never issued"))
        self.data = digits


class Part(NamedTuple):
    """One of the three inputs of a date."""

    name: str
    id: str
    input_name: str
    label: str
    value: str
    bad: bool


class Date3Field(Field):
    """A date as month, day and year; a month may be a number or a name. `data` is a date or None."""

    widget = TextInput()
    wrong: tuple[str, ...] = ()
    data: date | None
    process_errors: Sequence[str]

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Read the three inputs `<name>-month`, `-day`, `-year` when the form was sent."""
        super().process(None, data if data is not None else self.default, extra_filters)
        self.typed: dict[str, str] = {}
        if formdata is None or not any(f"{self.name}-{part}" in formdata for part in ("month", "day", "year")):
            self._show(self.data)
            return
        self.typed = {part: formdata.get(f"{self.name}-{part}", "").strip() for part in ("month", "day", "year")}
        self.raw_data = [text for text in self.typed.values() if text]
        self.data = None
        try:
            self._parse()
        except ValueError as problem:
            self.process_errors = [*self.process_errors, str(problem)]

    def _show(self, value: date | None) -> None:
        if value is not None:
            self.typed = {"month": str(value.month), "day": str(value.day), "year": str(value.year)}

    def _parse(self) -> None:
        if not self.raw_data:
            return
        missing = tuple(part for part, text in self.typed.items() if not text)
        if missing:
            names = {"month": gettext("month"), "day": gettext("day"), "year": gettext("year")}
            self.wrong = missing
            raise ValueError(gettext("Add the %(part)s", part=names[missing[0]]))
        if not re.fullmatch(r"[0-9]{4}", self.typed["year"]):
            self.wrong = ("year",)
            raise ValueError(gettext("Enter the year with 4 digits, like 1986"))
        self.data = self._real_date()

    def _real_date(self) -> date:
        month = _month_number(self.typed["month"])
        if not month or not re.fullmatch(r"[0-9]{1,2}", self.typed["day"]):
            self.wrong = ("month",) if not month else ("day",)
            raise ValueError(gettext("Enter a real date, like 3 27 1986"))
        try:
            return date(int(self.typed["year"]), month, int(self.typed["day"]))
        except ValueError:
            self.wrong = ("day",)
            raise ValueError(gettext("Enter a real date, like 3 27 1986")) from None

    def parts(self) -> tuple[Part, ...]:
        """The three inputs for the macro; with an error and no single culprit all three are marked."""
        labels = {"month": gettext("Month"), "day": gettext("Day"), "year": gettext("Year")}
        wrong = (self.wrong or tuple(labels)) if self.errors else ()
        return tuple(
            Part(name, f"{self.id}-{name}", f"{self.name}-{name}", label, self.typed.get(name, ""), name in wrong)
            for name, label in labels.items()
        )


def _month_number(text: str) -> int:
    """1 to 12 for `3`, `03`, `March`, `mar`, `marzo`; 0 when it is no month."""
    if re.fullmatch(r"[0-9]{1,2}", text):
        return int(text) if 1 <= int(text) <= 12 else 0
    short = text.lower()[:3]
    for names in (MONTHS, MONTHS_ES):
        if len(text) >= 3 and short in names:
            return names.index(short) + 1
    return 0


def choices(pairs: Iterable[tuple[Any, Any]]) -> list[SelectChoice]:
    """(value, label) pairs as WTForms wants them; labels may be lazy translations. Plain tuples are deprecated there."""
    return [SelectChoice(value, label) for value, label in pairs]


class CheckboxesField(SelectMultipleField):
    """Several of the choices, as checkboxes."""

    option_widget = CheckboxInput()


__all__ = [
    "Between",
    "CheckboxesField",
    "Chosen",
    "CreateForm",
    "Date3Field",
    "Form",
    "FormKeyField",
    "MoneyField",
    "Optional",
    "Part",
    "Required",
    "SsnField",
    "choices",
]
