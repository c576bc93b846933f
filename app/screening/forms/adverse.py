"""What an adjudicator may type about records, letters and answers."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Length

from app.screening.rules.states import Choice
from app.screening.rules.words import Channel, RecordKind
from app.web.forms import CheckboxesField, Chosen, Date3Field, Form, Optional, Required, choices

RECORD_KINDS = {
    RecordKind.FELONY: _l("Felony conviction"),
    RecordKind.MISDEMEANOR: _l("Misdemeanor conviction"),
    RecordKind.INFRACTION: _l("Infraction or violation"),
    RecordKind.ARREST: _l("Arrest without a conviction"),
    RecordKind.SEALED: _l("Sealed or expunged"),
    RecordKind.JUVENILE: _l("Juvenile record"),
    RecordKind.DIVERSION: _l("Diversion or deferred"),
    RecordKind.DECRIMINALIZED: _l("No longer a crime"),
    RecordKind.CIVIL_SUIT: _l("Civil suit or judgment"),
    RecordKind.BANKRUPTCY: _l("Bankruptcy"),
    RecordKind.CREDIT_HISTORY: _l("Credit history"),
    RecordKind.OTHER: _l("Something else"),
}
CHOICES = {Choice.RELIED_ON: _l("The decision rests on it"), Choice.SET_ASIDE: _l("It is set aside")}
CHANNELS = {
    Channel.EMAIL: _l("E-mail with a link to the letter"),
    Channel.MAIL: _l("Mail"),
    Channel.TRACKED_MAIL: _l("Tracked mail"),
    Channel.IN_PERSON: _l("Handed over in person"),
}


def _pairs(words: dict[Any, Any]) -> Any:
    return choices([(key.value, label) for key, label in words.items()])


class RecordForm(Form):
    kind = SelectField(
        _l("What it is"), choices=_pairs(RECORD_KINDS), default=RecordKind.OTHER.value,
        description=_l("It decides which limits of the places hold."),
    )  # fmt: skip
    happened_on = Date3Field(_l("The day the years count from"), [Optional()])
    choice = RadioField(_l("What you make of it"), [Chosen()], choices=_pairs(CHOICES))
    reason = TextAreaField(_l("Why"), [Required(_l("Say why. The reason is kept with the record")), Length(max=4000)])


class AssessmentForm(Form):
    """Made by `assessment_form`: one answer for each factor of the case's rules."""

    adverse = RadioField(
        _l("Where it leads"), [Chosen()],
        choices=choices([("yes", _l("We may not go on with this person")), ("no", _l("Nothing here stands in the way"))]),
    )  # fmt: skip
    reasoning = TextAreaField(
        _l("How you come to your view of the whole"),
        [Required(_l("Write how you come to your view of the whole")), Length(max=8000)],
    )


def assessment_form(factors: tuple[str, ...], words: Any, **how: Any) -> AssessmentForm:
    """A form with a field for each factor, `factor_0` and on, before the view of the whole.

    Args:
        words: gives a factor in the language of the page.
    """
    fields = {
        f"factor_{place}": TextAreaField(
            words(factor), [Required(_l("%(factor)s: write what you weighed", factor=words(factor))), Length(max=4000)]
        )
        for place, factor in enumerate(factors)
    }
    made: AssessmentForm = type("CaseAssessmentForm", (AssessmentForm,), fields)(**how)
    return made


def weighed(form: AssessmentForm, factors: tuple[str, ...]) -> dict[str, str]:
    return {factor: str(form[f"factor_{place}"].data or "") for place, factor in enumerate(factors)}


class ChannelsForm(Form):
    channels = CheckboxesField(
        _l("How the letter goes out"),
        choices=_pairs(CHANNELS),
        description=_l("A way the place demands is taken in any case."),
    )


class EndForm(Form):
    reason = TextAreaField(
        _l("Why it ends"),
        [Required(_l("Write down why. The candidate is told that it ended, not why")), Length(max=2000)],
    )


class AnswerForm(Form):
    kind = RadioField(
        _l("What the candidate says"), [Chosen()],
        choices=choices([
            ("dispute_announced", _l("Something in the report is wrong")),
            ("evidence_announced", _l("Something speaks for them, or they will send something")),
        ]),
    )  # fmt: skip
    text = TextAreaField(_l("In their words"), [Required(_l("Write down what they said")), Length(max=8000)])


class MailedForm(Form):
    on = Date3Field(_l("The day it left"), [Required(_l("Enter the day the letter left"))])
    tracking_number = StringField(
        _l("Tracking number"), [Optional(), Length(max=100)],
        description=_l("With one the time counts from the day on the receipt, without from the day the rules assume."),
    )  # fmt: skip
    line1 = StringField(_l("Street and number"), [Optional(), Length(max=200)])
    city = StringField(_l("City"), [Optional(), Length(max=100)])
    state = StringField(_l("State, two letters"), [Optional(), Length(max=2)])
    zip_code = StringField(_l("ZIP code"), [Optional(), Length(max=10)])

    def address(self) -> dict[str, str]:
        """Empty when nothing was typed: then the address on file counts."""
        typed = {name: str(self[name].data or "").strip() for name in ("line1", "city", "state", "zip_code")}
        return typed | {"state": typed["state"].upper(), "country": "US"} if any(typed.values()) else {}


class ReceivedForm(Form):
    on = Date3Field(_l("The day on the receipt"), [Required(_l("Enter the day on the receipt"))])


class AgainForm(Form):
    channel = SelectField(_l("By"), choices=_pairs(CHANNELS))


class ReportForm(Form):
    upload = FileField(_l("The report as PDF"), description=_l("From the provider's portal, complete and unchanged."))


class AgencyForm(Form):
    """How letters name the agency of a connection, 15 USC 1681m(a)(3)(A)."""

    name = StringField(
        _l("Name of the agency"), [Required(_l("Enter the name as the report shows it")), Length(max=200)]
    )
    address = TextAreaField(_l("Postal address"), [Required(_l("Enter the postal address")), Length(max=500)])
    phone = StringField(
        _l("Phone"), [Required(_l("Enter the phone, toll-free if it works nationwide")), Length(max=60)]
    )
    privacy = StringField(
        _l("Where it states its privacy practices"), [Optional(), Length(max=300)],
        description=_l("A web address or a phone. California's disclosure prints it."),
    )  # fmt: skip


class PolicyWordsForm(Form):
    reconsideration = TextAreaField(
        _l("How a candidate asks you to look again"), [Optional(), Length(max=2000)],
        description=_l("California's final notice prints it. Say so if you have no such way."),
    )  # fmt: skip
    cori_policy = TextAreaField(
        _l("Your policy on criminal records in Massachusetts"), [Optional(), Length(max=20000)],
        description=_l("803 CMR 2.20 wants it sent with the notice."),
    )  # fmt: skip
