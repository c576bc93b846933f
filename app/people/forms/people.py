"""Forms of employees and dependents."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DecimalField, HiddenField, RadioField, SelectField, StringField
from wtforms.validators import Optional

from app.core.config import get_settings
from app.people.forms.words import options
from app.people.rules.identity import possible_ssn
from app.people.rules.words import (
    STATES,
    EmployeeStatus,
    EmploymentType,
    Gender,
    MaritalStatus,
    PayFrequency,
    Relationship,
    SsnMissing,
)
from app.people.services import Places
from app.web.forms import Chosen, CreateForm, Date3Field, Form, MoneyField, Required, SsnField, choices

YES_NO = choices([("yes", _l("Yes")), ("no", _l("No"))])
STATE_CHOICES = choices([("", _l("Select a state")), *((state, state) for state in sorted(STATES))])


class PersonSsnField(SsnField):
    """Outside production the test numbers that begin with 9 pass too."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """As `SsnField`, by the rules of people."""
        digits = re.sub(r"[\s.\-\u2010\u2011\u2013]", "", (valuelist[0] if valuelist else ""))
        if not get_settings().production and possible_ssn(digits, strict=False):
            self.data = digits
        else:
            super().process_formdata(valuelist)


class HoursField(DecimalField):
    """Hours of a week; says how to write them."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Parse; raises ValueError with a message that says how to write it."""
        self.data = None
        typed = (valuelist[0] if valuelist else "").strip()
        if not typed:
            return
        try:
            self.data = Decimal(typed).quantize(Decimal("0.01"))
        except InvalidOperation:
            raise ValueError(gettext("Enter the hours of a week as a number, like 37.5")) from None


class SeenField(HiddenField):
    """When the row shown was last changed; a form sent over a newer row is refused."""

    def moment(self) -> datetime | None:
        try:
            return datetime.fromisoformat(self.data or "")
        except ValueError:
            return None


class IdentityFields(Form):
    first_name = StringField(_l("First name"), [Required(_l("Enter a first name"))])
    middle_name = StringField(_l("Middle name (optional)"))
    last_name = StringField(_l("Last name"), [Required(_l("Enter a last name"))])


class ContactFields(Form):
    phone = StringField(_l("Phone (optional)"))
    alternate_phone = StringField(_l("Other phone (optional)"))
    address_line1 = StringField(_l("Address"))
    address_line2 = StringField(_l("Apartment or suite (optional)"))
    city = StringField(_l("City"))
    state = SelectField(_l("State"), choices=STATE_CHOICES)
    zip_code = StringField(_l("ZIP code"))
    emergency_contact_name = StringField(_l("Emergency contact (optional)"))
    emergency_contact_phone = StringField(_l("Their phone (optional)"))
    emergency_contact_relation = StringField(_l("How they are related to you (optional)"))
    marital_status = SelectField(_l("Marital status"), choices=options(MaritalStatus, _l("Not given")))
    tobacco = SelectField(
        _l("Uses tobacco"), choices=choices([("", _l("Not given")), *(("yes", _l("Yes")), ("no", _l("No")))])
    )


class WorkFields(Form):
    employee_number = StringField(_l("Employee number"), [Required(_l("Enter an employee number"))])
    work_email = StringField(_l("Work email (optional)"))
    job_title = StringField(_l("Job title (optional)"))
    hired_on = Date3Field(_l("Date of hire"), [Required(_l("Enter the date of hire"))])
    employment_type = SelectField(_l("Full or part time"), choices=options(EmploymentType))
    weekly_hours = HoursField(_l("Hours per week"), [Optional()])
    employee_class = StringField(_l("Benefit class"), default="standard")
    pay_frequency = SelectField(_l("Pay frequency"), choices=options(PayFrequency))
    annual_salary = MoneyField(_l("Yearly salary (optional)"))
    department_id = SelectField(_l("Department"))
    region_id = SelectField(_l("Region"))
    manager_number = StringField(_l("Manager's employee number (optional)"))

    def offer(self, places: Places) -> None:
        """The departments and regions to choose from."""
        self.department_id.choices = _named(places.departments)
        self.region_id.choices = _named(places.regions)


class HireForm(CreateForm, IdentityFields, WorkFields):
    date_of_birth = Date3Field(_l("Date of birth"), [Required(_l("Enter the date of birth"))])
    gender = SelectField(_l("Gender"), choices=options(Gender), default=Gender.UNDISCLOSED.value)
    ssn = PersonSsnField(_l("Social Security number (optional)"))


class PersonalForm(IdentityFields, ContactFields):
    date_of_birth = Date3Field(_l("Date of birth"), [Required(_l("Enter the date of birth"))])
    gender = SelectField(_l("Gender"), choices=options(Gender))
    ssn = PersonSsnField(_l("Social Security number"))
    preferred_language = RadioField(
        _l("Language of notices"), choices=choices([("en", _l("English")), ("es", _l("Spanish"))])
    )
    seen = SeenField()


class WorkForm(WorkFields):
    status = SelectField(
        _l("Status"), choices=options([s for s in EmployeeStatus if s is not EmployeeStatus.TERMINATED])
    )
    seen = SeenField()


class MyDetailsForm(ContactFields):
    preferred_language = RadioField(
        _l("Language of notices"), choices=choices([("en", _l("English")), ("es", _l("Spanish"))])
    )
    seen = SeenField()


class EndForm(Form):
    last_day = Date3Field(_l("Last day of work"), [Required(_l("Enter the last day of work"))])
    reason = StringField(_l("Reason (optional)"), description=_l("Only people who may see sensitive data can read it."))


class DependentForm(CreateForm, IdentityFields):
    relationship = RadioField(
        _l("How is this person related?"),
        [Chosen(_l("Select how this person is related"))],
        choices=options(Relationship),
    )
    date_of_birth = Date3Field(_l("Date of birth"), [Required(_l("Enter the date of birth"))])
    gender = SelectField(_l("Gender"), choices=options(Gender), default=Gender.UNDISCLOSED.value)
    ssn = PersonSsnField(_l("Social Security number"))
    ssn_missing_reason = SelectField(
        _l("Or why there is none"), choices=options(SsnMissing, _l("There is a number")), default=""
    )  # not asked of somebody whose number is on file
    student = BooleanField(_l("Full-time student"))
    disabled = BooleanField(_l("Permanently disabled"))
    seen = SeenField()


class RemoveForm(Form):
    removed_on = Date3Field(_l("Last day as your dependent"), [Required(_l("Enter the last day"))])
    reason = StringField(_l("Why (optional)"))


class ReasonForm(Form):
    reason = StringField(
        _l("Why do you need the whole number?"), [Required(_l("Say in a few words why you need the number"))]
    )


def _named(rows: Iterable[Any]) -> list[Any]:
    return choices([("", _l("None")), *((str(row.id), row.name) for row in rows)])
