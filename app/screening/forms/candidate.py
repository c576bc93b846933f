"""What a candidate may type."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, RadioField, StringField, TextAreaField, ValidationError
from wtforms.validators import Length

from app.core.clock import today
from app.screening.rules.clocks import Kind
from app.screening.services.consenting import Given
from app.web.forms import Between, Chosen, CreateForm, Date3Field, Form, Required, choices

LONGEST_STATEMENT = 5_000


class BirthForm(Form):
    """next: the page the person was going to."""

    next = HiddenField()
    birth = Date3Field(
        _l("Date of birth"),
        [
            Required(_l("Enter your date of birth")),
            Between(date(1900, 1, 1), today, _l("Enter a date of birth in the past")),
        ],
    )


class CodeForm(Form):
    next = HiddenField()
    code = StringField(_l("Code"), [Required(_l("Enter the code from the message"))])

    def validate_code(self, field: Any) -> None:
        """Spaces and dashes are how people copy numbers."""
        if not re.fullmatch(r"[0-9]{6}", re.sub(r"[\s-]", "", field.data or "")):
            raise ValidationError(str(_l("The code has 6 digits")))


class SignForm(Form):
    """The button of a page of documents. Which documents, and the boxes beside them, are read from their own names."""

    read_ago = HiddenField()
    time_zone = HiddenField()
    typed_name = StringField(_l("Your full name"), [Length(max=200)])
    agree = BooleanField()
    confirmed = BooleanField(_l("My name is spelled the way I typed it"))

    def given(self, keys: Iterable[str], sent: Any) -> Given:
        """What came with the button, for these documents.

        Args:
            sent: the request's own form fields.
        """
        known = tuple(keys)
        return Given(
            shown={key: sent.get(f"shown-{key}", "") for key in known},
            typed_name=self.typed_name.data or "",
            confirmed=bool(self.confirmed.data),
            chosen={key: f"chosen-{key}" in sent for key in known},
            read_ago=_seconds(self.read_ago.data),
            time_zone=self.time_zone.data or "",
        )


def _seconds(text: str | None) -> float | None:
    return float(text) if text and re.fullmatch(r"[0-9]{1,6}(\.[0-9])?", text) else None


class WithdrawForm(Form):
    what = RadioField(
        _l("What would you like?"),
        [Chosen(_l("Select what you would like"))],
        choices=choices(
            [
                ("stop", _l("Stop the background check and take back my permission")),
                ("paper", _l("Go on, but with paper instead of this screen")),
            ]
        ),
    )


class StatementForm(CreateForm):
    """The candidate's own words about the report."""

    kind = RadioField(
        _l("What is it about?"),
        [Chosen(_l("Select what it is about"))],
        choices=choices(
            [
                (Kind.DISPUTE_ANNOUNCED.value, _l("Something in the report is wrong")),
                (Kind.EVIDENCE_ANNOUNCED.value, _l("I want to explain something, or show what speaks for me")),
            ]
        ),
    )
    text = TextAreaField(
        _l("In your own words"),
        [
            Required(_l("Write what you want to tell us")),
            Length(max=LONGEST_STATEMENT, message=_l("Shorten it to 5,000 letters; the rest fits into a file")),
        ],
    )
    file = FileField(_l("A photo or file"))
