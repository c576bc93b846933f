"""The steps of an enrollment."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
)
from wtforms.validators import Length, Optional, ValidationError
from wtforms.widgets import HiddenInput

from app.benefits.forms.words import plain
from app.benefits.rules.beneficiaries import Share, incomplete
from app.benefits.rules.words import BeneficiaryKind
from app.core.clock import today
from app.web.forms import (
    Between,
    CheckboxesField,
    Chosen,
    CreateForm,
    Date3Field,
    Form,
    Required,
    SsnField,
    choices,
)

NAME = Length(max=100, message=_l("Enter at most 100 characters"))


class StepForm(Form):
    """Every step says which version of the draft it was made from."""

    version = IntegerField(widget=HiddenInput(), default=0)

    def validate_version(self, field: Any) -> None:
        """A version nobody sent is an old one."""
        if field.data is None:
            field.data, field.errors = -1, []


class WhoForm(StepForm):
    covered = CheckboxesField(_l("Who do you want to cover besides yourself?"))


class ChooseForm(StepForm):
    """`plan` is a plan's id, `keep` or `waive`."""

    plan = RadioField()
    covered = CheckboxesField(_l("Who should this plan cover besides you?"))
    covered_shown = HiddenField(default="1")
    possible: frozenset[str] = frozenset()
    missing: Any = _l("Select a plan, or choose to waive coverage")

    def validate_plan(self, field: Any) -> None:
        """A plan that is shown but not open to the person cannot be chosen."""
        if field.data not in self.possible:
            field.errors = []
            raise ValidationError(str(self.missing))


class DependentForm(CreateForm):
    first_name = StringField(_l("First name"), [Required(_l("Enter the first name")), NAME])
    last_name = StringField(_l("Last name"), [Required(_l("Enter the last name")), NAME])
    relationship = RadioField(
        _l("Who is this to you?"),
        [Chosen(_l("Select who this person is to you"))],
        choices=choices(
            [
                ("spouse", _l("Spouse")),
                ("domestic_partner", _l("Domestic partner")),
                ("child", _l("Child")),
                ("other", _l("Other dependent")),
            ]
        ),
    )
    date_of_birth = Date3Field(
        _l("Date of birth"),
        [Required(_l("Enter the date of birth")), Between(last=today, message=_l("Enter a date of birth in the past"))],
    )
    gender = RadioField(
        _l("Gender on the insurance card"),
        [Chosen(_l("Select the gender on the insurance card"))],
        choices=choices(
            [
                ("female", _l("Female")),
                ("male", _l("Male")),
                ("other", _l("Other")),
                ("prefer_not_to_say", _l("Prefer not to say")),
            ]
        ),
    )
    disabled = BooleanField(_l("This child has a disability and depends on me"))
    ssn = SsnField(_l("Social Security number"), [Optional()])
    ssn_missing_reason = SelectField(
        _l("If there is no number yet, why?"),
        choices=choices(
            [
                ("", _l("I have entered the number")),
                ("newborn", _l("Newborn, not issued yet")),
                ("applied", _l("Applied for, not arrived yet")),
                ("none", _l("This person has no number")),
            ]
        ),
    )

    def validate_ssn_missing_reason(self, field: Any) -> None:
        """The number, or why there is none."""
        if not self.ssn.data and not self.ssn.errors and not field.data:
            raise ValidationError(str(_l("Enter the Social Security number above, or select why there is none")))


class BeneficiaryForm(Form):
    name = StringField(_l("Full name"), [NAME])
    relation = StringField(_l("Relation to you"), [NAME])
    kind = SelectField(
        _l("Class"),
        choices=choices(
            [
                ("primary", _l("Primary: is paid first")),
                ("contingent", _l("Contingent: only if no primary is alive")),
            ]
        ),
    )
    percent = StringField(_l("Share in percent"))

    def share(self) -> Share | None:
        """What was typed, or None for an empty line or a share that is no number."""
        percent = _percent(self.percent.data)
        if not (self.name.data or "").strip() or percent is None:
            return None
        relation = " ".join((self.relation.data or "").split())
        return Share(" ".join(self.name.data.split()), BeneficiaryKind(self.kind.data), percent, relation)

    @property
    def empty(self) -> bool:
        return not (self.name.data or "").strip() and not (self.percent.data or "").strip()

    def validate_name(self, field: Any) -> None:
        if not self.empty and not (field.data or "").strip():
            raise ValidationError(str(_l("Enter the name of this beneficiary")))

    def validate_percent(self, field: Any) -> None:
        if not self.empty and _percent(field.data) is None:
            raise ValidationError(str(_l("Enter a share from 0.01 to 100, like 50")))


def _percent(text: str | None) -> Decimal | None:
    plain = (text or "").replace("%", "").strip()
    try:
        value = Decimal(plain).quantize(Decimal("0.01"))
    except ArithmeticError:
        return None
    return value if 0 < value <= 100 else None


class BeneficiariesForm(StepForm):
    people = FieldList(FormField(BeneficiaryForm), min_entries=1, max_entries=10)

    def shares(self) -> list[Share]:
        return [share for entry in self.people if (share := entry.form.share()) is not None]

    def refuse_incomplete(self) -> bool:
        """Whether the shares do not add up; the first line then says what they add up to."""
        for kind, total in incomplete(self.shares()).items():
            field = self.people[0].form.percent
            word = _l("primary") if kind is BeneficiaryKind.PRIMARY else _l("contingent")
            message = _l(
                "The %(kind)s shares add up to %(total)s%%. Change them so that they make 100%%",
                kind=word,
                total=plain(total),
            )
            field.errors = [*field.errors, str(message)]
            self.people.errors = [{"percent": [str(message)]}]  # else the summary would not look inside
            return True
        return False


class SignForm(CreateForm):
    version = IntegerField(widget=HiddenInput(), default=0)
    agree = BooleanField(_l("I have read this and I agree"), [Required(_l("Check the box to agree"))])
    signature = StringField(_l("Your full name"), [Required(_l("Type your full name to sign")), NAME])


class AsOfForm(Form):
    on = Date3Field(_l("Coverage on this day"), [Optional()])
