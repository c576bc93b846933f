"""What a recruiter types to order a check, for one candidate or for several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Length

from app.screening.forms import words
from app.screening.rules.intake import STATES
from app.screening.rules.places import Place
from app.screening.rules.states import BillingMethod, Priority, RequestType
from app.screening.rules.words import AskStage
from app.screening.services.candidates import NewApplication, NewCandidate
from app.screening.services.ordering import NewOrder
from app.screening.services.requesting import People
from app.web.forms import Chosen, CreateForm, Date3Field, MoneyField, Optional, Required, choices

ANY = ("", _l("Choose"))
STATE_CHOICES = choices([ANY, *((state, state) for state in sorted(STATES))])
LIMITS = choices(
    [("", _l("Not sure")), ("inside", _l("Yes, inside the city")), ("outside", _l("No, outside every city"))]
)
_SHORT = Length(max=100, message=_l("Shorten this to 100 characters"))


class PersonForm(CreateForm):
    """The candidate. Stands before the job, as errors are listed in the order of the fields."""

    first_name = StringField(_l("First name"), [Required(_l("Enter the first name")), _SHORT])
    middle_name = StringField(_l("Middle name"), [Optional(), _SHORT])
    last_name = StringField(_l("Last name"), [Required(_l("Enter the last name")), _SHORT])
    email = StringField(_l("E-mail address"), [Required(_l("Enter the e-mail address: the link goes there")), _SHORT])
    phone = StringField(_l("Phone"), [Optional(), _SHORT])
    language = SelectField(_l("Language"), choices=choices([("en", _l("English")), ("es", _l("Spanish"))]))
    date_of_birth = Date3Field(_l("Date of birth"), [Optional()])
    home_state = SelectField(_l("State the candidate lives in"), [Optional()], choices=STATE_CHOICES)
    home_city = StringField(_l("City the candidate lives in"), [Optional(), _SHORT])

    def home(self) -> Place | None:
        """Unknown: the work location alone chooses the rules."""
        return Place("US", self.home_state.data, "", _text(self.home_city)) if self.home_state.data else None

    def person(self) -> NewCandidate:
        return NewCandidate(
            first_name=_text(self.first_name), middle_name=_text(self.middle_name), last_name=_text(self.last_name),
            email=_text(self.email), phone=_text(self.phone), language=self.language.data,
            date_of_birth=self.date_of_birth.data, residence=self.home(),
        )  # fmt: skip


class JobForm(CreateForm):
    """The job, the package and how it is ordered: the same for one candidate and for twenty-five."""

    position = StringField(_l("Job"), [Required(_l("Enter the job")), _SHORT])
    work_state = SelectField(_l("State"), [Chosen(_l("Choose the state"))], choices=STATE_CHOICES)
    work_county = StringField(_l("County"), [Optional(), _SHORT])
    work_city = StringField(_l("City"), [Required(_l("Enter the city: local rules depend on it")), _SHORT])
    work_limits = SelectField(_l("Is the address inside the city's limits?"), [Optional()], choices=LIMITS)
    stage = RadioField(
        _l("How far is hiring?"), [Chosen(_l("Say how far hiring is"))],
        choices=choices((one.value, words.STAGE[one]) for one in AskStage),
    )  # fmt: skip
    department = SelectField(_l("Department"), [Optional()])
    manager = SelectField(_l("Hiring manager"), [Optional()])
    starts_on = Date3Field(_l("First day of work"), [Optional()])
    salary = MoneyField(_l("Salary a year"), [Optional()])
    package = RadioField(_l("Package"), [Chosen(_l("Choose a package"))])
    request_type = SelectField(
        _l("Kind of check"), choices=choices((one.value, words.REQUEST_TYPE[one]) for one in RequestType)
    )
    priority = SelectField(
        _l("Priority"), choices=choices((one.value, words.PRIORITY[one]) for one in Priority), default=Priority.NORMAL.value
    )  # fmt: skip
    cost_center = StringField(_l("Cost center"), [Optional(), _SHORT])
    billing_method = SelectField(
        _l("Who pays"), choices=choices((one.value, words.BILLING[one]) for one in BillingMethod)
    )
    certified = BooleanField(
        _l("Certification"), [Chosen(_l("Certify the purpose: without it no report may be ordered"))]
    )

    def offer(self, packages: Sequence[Any], people: People) -> None:
        self.package.choices = choices((str(one.id), one.name) for one in packages)
        self.department.choices = choices([("", _l("None")), *people.departments])
        self.manager.choices = choices([("", _l("None")), *people.managers])

    def work(self) -> Place:
        limits = {"inside": False, "outside": True}.get(self.work_limits.data or "")
        return Place("US", self.work_state.data or "", _text(self.work_county), _text(self.work_city), limits)

    def job(self, key: UUID) -> NewApplication:
        return NewApplication(
            id=key, position=_text(self.position), work=self.work(), stage=AskStage(self.stage.data),
            department_id=_id(self.department.data), hiring_manager_user_id=_id(self.manager.data),
            starts_on=self.starts_on.data, annual_salary=self.salary.data,
        )  # fmt: skip

    def facts(self) -> NewOrder:
        return NewOrder(
            package_id=UUID(self.package.data), request_type=RequestType(self.request_type.data),
            priority=Priority(self.priority.data), cost_center=_text(self.cost_center),
            billing_method=BillingMethod(self.billing_method.data), certified=bool(self.certified.data),
        )  # fmt: skip


class OrderForm(PersonForm, JobForm):
    """One candidate and the job."""


class BulkForm(JobForm):
    lines = TextAreaField(_l("Candidates, one a line"), [Length(max=20_000)])
    file = FileField(_l("Or a CSV file"), [Optional()])


def _text(field: Any) -> str:
    return str(field.data or "").strip()


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None
