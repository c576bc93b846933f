"""What people type into the accounts pages. Only these fields are ever read from a request."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, PasswordField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Length

from app.accounts.models import Clearance, DataAccessLevel, Training
from app.accounts.rules import SHORTEST
from app.core.access import Can, Flag, RoleType
from app.web.forms import CheckboxesField, Chosen, CreateForm, Date3Field, Form, Optional, Required, choices

LANGUAGES = choices([("en", "English"), ("es", "Español")])
EMAIL_NEEDED = _l("Enter your email address")


class CompanyForm(Form):
    """Base of the pages before anybody is signed in: which company, and where to go afterwards."""

    company = StringField(_l("Company code"), [Length(max=80)], description=_l("It is in the email that invited you."))
    next = HiddenField()


class SignInForm(CompanyForm):
    email = StringField(_l("Email address"), [Required(EMAIL_NEEDED), Length(max=254)])
    password = PasswordField(_l("Password"), [Required(_l("Enter your password"))])


class PasskeySignInForm(CompanyForm):
    credential = HiddenField(validators=[Required(_l("That passkey did not work. Try again, or sign in another way."))])


class LinkForm(CompanyForm):
    email = StringField(
        _l("Email address"), [Required(EMAIL_NEEDED), Length(max=254)], description=_l("The one your company knows.")
    )


class CodeForm(Form):
    code = StringField(_l("Code"), [Required(_l("Enter the code")), Length(max=40)])


class NewPasswordForm(Form):
    current = PasswordField(_l("Current password"))
    password = PasswordField(
        _l("New password"),
        [Required(_l("Enter a new password"))],
        description=_l(
            "At least %(count)s characters. Several words in a row are easy to remember. No other rules.",
            count=SHORTEST,
        ),
    )


class ConfirmForm(Form):
    password = PasswordField(_l("Password"))
    code = StringField(_l("Code"))
    next = HiddenField()


class PreferencesForm(Form):
    display_name = StringField(_l("Your name"), [Required(_l("Enter your name")), Length(max=200)])
    language = RadioField(_l("Language"), [Chosen(_l("Select a language"))], choices=LANGUAGES)


class PasskeyForm(Form):
    name = StringField(
        _l("Name of this passkey"),
        [Required(_l("Enter a name")), Length(max=80)],
        description=_l("So that you recognize it later: My phone, Work laptop."),
    )
    credential = HiddenField()


class ReasonForm(Form):
    reason = StringField(
        _l("Reason"), [Required(_l("Enter a reason: it is kept in the audit record")), Length(max=300)]
    )


class UserFilterForm(Form):
    q = StringField(_l("Name or email"))
    status = SelectField(_l("Status"), validate_choice=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.status.choices = choices(
            [
                ("", _l("All")),
                ("active", _l("Active")),
                ("invited", _l("Invited")),
                ("suspended", _l("Suspended")),
                ("inactive", _l("Inactive")),
            ]
        )


class InviteForm(CreateForm):
    email = StringField(_l("Email address"), [Required(_l("Enter the email address")), Length(max=254)])
    display_name = StringField(_l("Name"), [Required(_l("Enter the name")), Length(max=200)])
    language = RadioField(_l("Language of the invitation"), [Chosen()], choices=LANGUAGES, default="en")


FLAG_LABELS = {
    Flag.MANAGE_PROVIDERS: _l("Set up carriers and connections"),
    Flag.CONFIGURE_PLANS: _l("Set up plans and notice texts"),
    Flag.PROCESS_ENROLLMENTS: _l("Process enrollments"),
    Flag.APPROVE_ENROLLMENTS: _l("Approve enrollments"),
    Flag.VIEW_SENSITIVE_DATA: _l("See Social Security numbers and health data"),
    Flag.MANAGE_CONTRIBUTIONS: _l("Set what employees and company pay"),
    Flag.VIEW_REPORTS: _l("See reports"),
    Flag.EXPORT_DATA: _l("Export data"),
    Flag.MANAGE_INTEGRATIONS: _l("Manage carrier files"),
    Flag.VIEW_AUDIT_LOGS: _l("See and export the audit record"),
    Flag.HANDLE_EXCEPTIONS: _l("Resolve discrepancies"),
    Flag.APPROVE_OVERRIDES: _l("Release held carrier files"),
    Flag.MANAGE_COMPLIANCE: _l("Manage compliance cases"),
    Flag.ACCESS_PAYROLL_DATA: _l("See payroll deductions"),
    Flag.MANAGE_PEOPLE: _l("Add, change and import employees"),
    Flag.MANAGE_USERS: _l("Manage users and roles"),
    Flag.MANAGE_OPERATIONS: _l("Watch and retry background work"),
    Flag.INITIATE_CHECKS: _l("Order background checks"),
    Flag.APPROVE_CHECKS: _l("Approve background checks and set how the company screens"),
    Flag.VIEW_RESULTS: _l("Read background reports"),
    Flag.ADVERSE_ACTION: _l("Weigh records and send adverse action notices"),
    Flag.FOLLOW_CHECKS: _l("See by when a background check is done"),
}

LEVEL_LABELS = {
    DataAccessLevel.ALL: _l("Everybody in the company"),
    DataAccessLevel.REGION: _l("One region"),
    DataAccessLevel.DEPARTMENT: _l("One department"),
    DataAccessLevel.REPORTS: _l("The people who report to them"),
    DataAccessLevel.OWN: _l("Only themselves"),
    DataAccessLevel.NONE: _l("Nobody"),
}

TRAINING_LABELS = {
    Training.NOT_REQUIRED: _l("Not required"),
    Training.PENDING: _l("Pending"),
    Training.CERTIFIED: _l("Completed"),
    Training.EXPIRED: _l("Expired"),
}

CLEARANCE_LABELS = {
    Clearance.BASIC: _l("Basic"),
    Clearance.STANDARD: _l("Standard"),
    Clearance.ENHANCED: _l("Enhanced"),
    Clearance.TOP_SECRET: _l("Top secret"),
}


def _pairs(labels: dict[Any, Any]) -> Any:
    return choices([(key.value, label) for key, label in labels.items()])


class RoleForm(CreateForm):
    name = StringField(_l("Name"), [Required(_l("Enter the name of the role")), Length(max=100)])
    description = StringField(_l("Description"), [Length(max=300)])
    role_type = SelectField(_l("Kind"), choices=choices([(t.value, t.value) for t in RoleType]))
    data_access_level = RadioField(_l("Whose data"), [Chosen()], choices=_pairs(LEVEL_LABELS))
    flags = CheckboxesField(_l("What they may do"), choices=_pairs(FLAG_LABELS))
    mfa_required = BooleanField(_l("People with this role need a second factor to sign in"))
    is_active = BooleanField(_l("The role is in use"), default=True)

    def values(self) -> dict[str, Any]:
        """The columns of the role as typed."""
        chosen = set(self.flags.data or ())
        return {
            "name": self.name.data.strip(),
            "description": (self.description.data or "").strip(),
            "data_access_level": self.data_access_level.data,
            "mfa_required": self.mfa_required.data,
            "is_active": self.is_active.data,
            **{flag.value: flag.value in chosen for flag in Flag},
        }


class TokenForm(CreateForm):
    name = StringField(
        _l("Name"),
        [Required(_l("Enter a name")), Length(max=80)],
        description=_l("Which program uses it. It is shown in the audit record, so do not use a person's name."),
    )
    scopes = CheckboxesField(_l("What it may do"), [Chosen(_l("Select at least one thing the token may do"))])
    days = RadioField(
        _l("How long it works"),
        [Chosen(_l("Select how long the token works, at most a year"))],
        choices=choices([("30", _l("30 days")), ("90", _l("90 days")), ("365", _l("1 year"))]),
    )

    def offer(self, scopes: list[Can]) -> None:
        """Let choose from what the person may do."""
        self.scopes.choices = choices([(can.value, can.value) for can in scopes])


class AssignmentForm(CreateForm):
    role_id = SelectField(_l("Role"), [Chosen(_l("Select a role"))])
    department_id = SelectField(_l("Only this department"), [Optional()])
    region_id = SelectField(_l("Only this region"), [Optional()])
    expires_on = Date3Field(_l("Last day"), [Optional()])
    clearance = SelectField(_l("Clearance"), choices=_pairs(CLEARANCE_LABELS), default=Clearance.STANDARD.value)
    hipaa_training_required = BooleanField(_l("HIPAA training is required"))
    hipaa_training_status = SelectField(_l("HIPAA training"), choices=_pairs(TRAINING_LABELS))
    benefits_certification_required = BooleanField(_l("Benefits certification is required"))
    benefits_certification_status = SelectField(_l("Benefits certification"), choices=_pairs(TRAINING_LABELS))
    compliance_training_required = BooleanField(_l("Compliance training is required"))
    compliance_training_status = SelectField(_l("Compliance training"), choices=_pairs(TRAINING_LABELS))
    fcra_certification_required = BooleanField(_l("FCRA certification is required"))
    fcra_certification_status = SelectField(_l("FCRA certification"), choices=_pairs(TRAINING_LABELS))
    background_check_required = BooleanField(_l("A background check of their own is required"))
    background_check_status = SelectField(_l("Background check"), choices=_pairs(TRAINING_LABELS))
    is_active = BooleanField(_l("The role counts now"), default=True)
    notes = TextAreaField(_l("Notes"), [Optional(), Length(max=500)])

    def offer(self, roles: list[tuple[str, str]], departments: list[Any], regions: list[Any]) -> None:
        """Fill the lists of this company."""
        nothing = [("", _l("No limit"))]
        self.role_id.choices = choices(roles)
        self.department_id.choices = choices([*nothing, *departments])
        self.region_id.choices = choices([*nothing, *regions])

    def values(self) -> dict[str, Any]:
        """The columns of the assignment as typed."""
        from uuid import UUID

        places = {
            name: UUID(self._fields[name].data) if self._fields[name].data else None
            for name in ("department_id", "region_id")
        }
        skipped = ("form_key", "role_id", "department_id", "region_id")
        rest = {name: field.data for name, field in self._fields.items() if name not in skipped}
        return {**rest, **places, "notes": self.notes.data or ""}
