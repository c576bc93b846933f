"""What compliance and administrators type: acceptances of rules, the policy, the matrix, filters of their lists."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import Email, Length, NumberRange, ValidationError

from app.core.clock import today
from app.screening.forms.adverse import RECORD_KINDS
from app.screening.forms.text import _
from app.screening.rules.intake import STATES
from app.screening.rules.limits import Name, limit_on, policy_problem
from app.screening.rules.retention import Kept
from app.screening.rules.states import Hint
from app.screening.services.reading import Standing
from app.web.forms import Form, Optional, Required, choices

STANDINGS: dict[str, tuple[Any, str]] = {
    Standing.UNREAD: (_l("Not read"), "warn"),
    Standing.CHANGED: (_l("Changed since it was read"), "bad"),
    Standing.ACCEPTED: (_l("Accepted by us"), "good"),
    Standing.REVIEWED: (_l("Reviewed by counsel"), "good"),
}
HINTS = {
    Hint.ELIGIBLE: _l("No objection"),
    Hint.REVIEW: _l("Look closely"),
    Hint.ESCALATE: _l("Ask a second person"),
}


CLASSES = {
    Kept.REPORT: _l("Report and records"),
    Kept.NOTICE: _l("Letters and answers"),
    Kept.DECISION: _l("Assessments"),
    Kept.CONSENT: _l("Consent and signatures"),
}


class RuleFilterForm(Form):
    state = SelectField(
        _l("State"), [Optional()], choices=choices([("", _l("All")), *((state, state) for state in sorted(STATES))]),
    )  # fmt: skip
    standing = SelectField(
        _l("Read?"), [Optional()], choices=choices([("", _l("All")), *((key, tag[0]) for key, tag in STANDINGS.items())])
    )  # fmt: skip


class AcceptForm(Form):
    """`digest`: of the words that were on the page. When they changed meanwhile, nothing is accepted."""

    digest = HiddenField()
    note = TextAreaField(
        _l("Who read it, and when"), [Required(_l("Say who read the rule, and when")), Length(max=2000)],
        description=_l("For example: read by Dana Cole of Cole & Reyes LLP on November 20, 2026, letter on file."),
    )  # fmt: skip


class WithdrawForm(Form):
    digest = HiddenField()
    reason = TextAreaField(
        _l("Why the company no longer relies on it"),
        [Required(_l("Say why the company no longer relies on it")), Length(max=2000)],
    )


class PolicyForm(Form):
    staff = IntegerField(
        _l("Employees in all"), [Optional(), NumberRange(0, 10_000_000, _l("Enter a number of people"))],
        description=_l("Many laws bind only from a number of employees. Left empty, every one of them binds."),
    )  # fmt: skip
    adverse_days = IntegerField(
        _l("Days to answer a notice"), [Required(_l("Enter the days a candidate has to answer"))],
        description=_l("Calendar days that you give by your own choice, 1 to 14. The law of the place may lengthen it, never shorten it."),
    )  # fmt: skip
    second_person = BooleanField(_l("A second person agrees before a notice goes out"))
    consent_days = IntegerField(
        _l("Days a consent holds"), [Required(_l("Enter the days a consent holds"))], description=_l("At least 30.")
    )
    stale_days = IntegerField(
        _l("Days without news before we ask"),
        [Required(_l("Enter a number of days")), NumberRange(1, 30, _l("Enter 1 to 30 days"))],
        description=_l("When a provider is silent for so long, the check is asked for again and marked on the board."),
    )
    sends_letters = BooleanField(_l("Somebody here prints and mails letters"))
    contact_name = StringField(_l("Whom candidates ask"), [Optional(), Length(max=200)])
    contact_phone = StringField(_l("Phone"), [Optional(), Length(max=60)])
    contact_email = StringField(
        _l("Email"), [Optional(), Length(max=200), Email(_l("Enter an email address like name@example.com"))]
    )

    def validate_adverse_days(self, field: Any) -> None:
        problem = policy_problem(field.data, today()) if field.data is not None else ""
        if problem:
            raise ValidationError(_(problem))

    def validate_consent_days(self, field: Any) -> None:
        least = limit_on(Name.CONSENT_DAYS_MIN, today()).amount
        if field.data is not None and not least <= field.data <= 366:
            raise ValidationError(_("Enter %(least)s to 366 days", least=least))


class MatrixForm(Form):
    job_family = StringField(
        _l("Job family"), [Optional(), Length(max=100)], description=_l("As it stands in job applications. Empty: every job.")
    )  # fmt: skip
    record_kind = SelectField(
        _l("Kind of record"), choices=choices((kind.value, label) for kind, label in RECORD_KINDS.items())
    )
    within_years = IntegerField(
        _l("Not older than, in years"), [Optional(), NumberRange(1, 99, _l("Enter 1 to 99 years"))],
        description=_l("Empty: however old it is."),
    )  # fmt: skip
    hint = SelectField(_l("Hint"), choices=choices((hint.value, label) for hint, label in HINTS.items()))
    note = StringField(
        _l("Note"), [Optional(), Length(max=500)], description=_l("What an adjudicator should think of.")
    )


class LiftForm(Form):
    reason = TextAreaField(
        _l("Who says that it may end, and for which matter"),
        [Required(_l("Say who asked, and for which matter")), Length(max=2000)],
    )
