"""What a person may say about bills: who a carrier is in the books, and how its bills are compared."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, StringField

from app.accounting.rules import BilledFor, CountedBy
from app.web.forms import Form, MoneyField, Optional, Required, choices

BILLED_FOR = {
    BilledFor.DUE: _l("The month it is due in"),
    BilledFor.ISSUED: _l("The month it is issued in"),
    BilledFor.NEXT: _l("The month after the one it is issued in"),
}
COUNTED_BY = {
    CountedBy.FIRST_DAY: _l("Everybody covered on the first, for the whole month"),
    CountedBy.EACH_DAY: _l("Everybody, for the days they are covered"),
}


class LinkForm(Form):
    contact = SelectField(
        _l("Who the carrier is in the books"),
        [Required(_l("Select who the carrier is in the books"))],
        validate_choice=False,
    )
    currency = StringField(
        _l("Currency of the premiums"), [Required(_l("Enter the three letters of a currency, like USD"))],
        description=_l("Bills in another currency are counted, but never added."),
    )  # fmt: skip
    billed_for = RadioField(_l("Which month a bill is for"), choices=choices(BILLED_FOR.items()))
    counted_by = RadioField(_l("Whose premium counts"), choices=choices(COUNTED_BY.items()))
    tolerance = MoneyField(
        _l("How far apart still counts as equal"), [Required(_l("Enter an amount of zero or more"))],
        description=_l("Cents come from rounding; more is worth a question."),
    )  # fmt: skip


class FilterForm(Form):
    months = SelectField(_l("How far back"), [Optional()], validate_choice=False)
    carrier = SelectField(_l("Carrier"), [Optional()], validate_choice=False)
    status = SelectField(_l("Status"), [Optional()], validate_choice=False)
