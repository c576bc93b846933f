"""What a person may type about feeds."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import SelectField, StringField, TextAreaField

from app.web.forms import Form, Optional, Required


class ReasonForm(Form):
    """Releasing, canceling: always with a reason."""

    reason = StringField(
        _l("Reason"), [Required(_l("Say why. The reason is kept with the file"))], description=_l("Kept with the file.")
    )


class ResolveForm(Form):
    note = TextAreaField(
        _l("What was done"),
        [Required(_l("Say what was done. The note is kept with the discrepancy"))],
        description=_l("Whom you asked, what the answer was. No medical details."),
    )


class AssignForm(Form):
    assignee = SelectField(_l("Who takes care of it"), [Optional()], validate_choice=False)


class CompleteForm(Form):
    reference = StringField(
        _l("Confirmation number"),
        [Required(_l("Enter the confirmation number the portal showed, or the date and your initials"))],
        description=_l("As the carrier's portal showed it."),
    )


class CensusForm(Form):
    upload = FileField(
        _l("The carrier's file"), description=_l("A CSV with the columns of this connection, or an 834 audit file.")
    )


class FileFilterForm(Form):
    state = SelectField(_l("State"), [Optional()], validate_choice=False)
    connection = SelectField(_l("Carrier"), [Optional()], validate_choice=False)


class DiscrepancyFilterForm(Form):
    state = SelectField(_l("State"), [Optional()], validate_choice=False)
    severity = SelectField(_l("Severity"), [Optional()], validate_choice=False)
    owner = SelectField(_l("Whose turn"), [Optional()], validate_choice=False)
