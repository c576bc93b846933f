"""What HR configures."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DecimalField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import HiddenInput, TextInput

from app.benefits.forms.words import CONTRIBUTION, COVERAGE, TIER_NAME
from app.benefits.rules.words import ContributionType, CoverageType, EndsAt, NetworkType, PlanTier, Tier
from app.benefits.services.plan_terms import RateRow
from app.web.forms import Chosen, CreateForm, Date3Field, Form, MoneyField, Required, choices

SHORT = Length(max=50, message=_l("Enter at most 50 characters"))


class PlanForm(Form):
    version = IntegerField(widget=HiddenInput(), default=0)
    name = StringField(_l("Name people see"), [Required(_l("Enter the name people will see")), Length(max=200)])
    coverage_type = SelectField(_l("Coverage"), choices=choices([(k.value, COVERAGE[k.value]) for k in CoverageType]))
    connection_id = SelectField(_l("Carrier"), [Chosen(_l("Select the carrier"))])
    plan_code = StringField(_l("Plan code"), [Required(_l("Enter a plan code")), SHORT])
    carrier_plan_code = StringField(
        _l("The carrier's plan code"),
        [Required(_l("Enter the code from the carrier's guide")), SHORT],
        description=_l("HD04 in the carrier's 834 guide."),
    )
    insurance_line = StringField(
        _l("Insurance line"),
        [Required(_l("Enter the line code, like HLT, PPO, DEN or VIS")), SHORT],
        description=_l("HD03 in the carrier's 834 guide, like HLT, PPO, HMO, DEN or VIS."),
    )
    group_number = StringField(_l("Group number"), [Optional(), SHORT])
    network_type = SelectField(_l("Network"), choices=choices([(k.value, k.value) for k in NetworkType]))
    plan_tier = SelectField(
        _l("Level"), choices=choices([(k.value, k.value.title()) for k in PlanTier]), default="standard"
    )
    deductible_amount = MoneyField(_l("Deductible, one person"), default=Decimal(0))
    deductible_family = MoneyField(_l("Deductible, family"), default=Decimal(0))
    out_of_pocket_max = MoneyField(
        _l("Out-of-pocket maximum, one person"), default=Decimal(0), description=_l("At most $10,000.")
    )
    out_of_pocket_max_family = MoneyField(
        _l("Out-of-pocket maximum, family"), default=Decimal(0), description=_l("At most $20,000.")
    )
    copay_amount = MoneyField(_l("Copay for a doctor visit"), default=Decimal(0))
    coinsurance_percentage = DecimalField(
        _l("Coinsurance in percent"),
        [
            InputRequired(_l("Enter a percentage from 0 to 100")),
            NumberRange(0, 100, _l("Enter a percentage from 0 to 100")),
        ],
        widget=TextInput(),
        default=Decimal(0),
    )
    contribution_type = SelectField(
        _l("Who pays"), choices=choices([(k.value, CONTRIBUTION[k.value]) for k in ContributionType])
    )
    ends_at = SelectField(
        _l("When somebody leaves, coverage ends"),
        choices=choices([(EndsAt.END_OF_MONTH.value, _l("with the month")), (EndsAt.LAST_DAY.value, _l("with the last day of work"))]),
    )  # fmt: skip
    hsa_eligible = BooleanField(_l("Can be combined with a health savings account"))
    requires_beneficiary = BooleanField(_l("Asks for beneficiaries"))
    is_active = BooleanField(_l("People can choose this plan"), default=True)

    def values(self) -> dict[str, Any]:
        """Columns of the plan."""
        found = {field.name: field.data for field in self if field.name != "version"}
        money = [field.name for field in self if field.type == "MoneyField"]
        texts = [field.name for field in self if field.type == "StringField"]
        return found | {name: found[name] or Decimal(0) for name in money} | {name: found[name] or "" for name in texts}


class NewPlanForm(PlanForm, CreateForm):
    def values(self) -> dict[str, Any]:
        return {name: value for name, value in super().values().items() if name != "form_key"}


class RatesForm(Form):
    """One premium per tier for everybody, from a day on. Bands by age or salary are set through the import."""

    effective_on = Date3Field(_l("These premiums count from"), [Required(_l("Enter the first day of these premiums"))])
    EMP = MoneyField(TIER_NAME["EMP"])
    ESP = MoneyField(TIER_NAME["ESP"])
    ECH = MoneyField(TIER_NAME["ECH"])
    FAM = MoneyField(TIER_NAME["FAM"])
    age_from = IntegerField(_l("From age"), [Optional(), NumberRange(0, 150)], default=0, widget=TextInput())
    age_to = IntegerField(_l("To age"), [Optional(), NumberRange(0, 150)], default=150, widget=TextInput())
    salary_from = MoneyField(_l("From salary"), default=Decimal(0))
    salary_to = MoneyField(_l("Below salary"), description=_l("Leave empty for no limit."))

    def rows(self) -> list[RateRow]:
        """One row per tier of this band."""
        young, old = self.age_from.data or 0, 150 if self.age_to.data is None else self.age_to.data
        least = self.salary_from.data or Decimal(0)
        return [RateRow(tier, self[tier.value].data, young, old, least, self.salary_to.data) for tier in Tier]


class ContributionForm(Form):
    effective_on = Date3Field(_l("Counts from"), [Required(_l("Enter the first day"))])
    tier = SelectField(
        _l("For"), choices=choices([("", _l("Every tier")), *((k.value, TIER_NAME[k.value]) for k in Tier)])
    )
    employee_class = StringField(
        _l("Class of employees"), [Optional(), SHORT], description=_l("Leave empty for everybody.")
    )
    how = RadioField(
        _l("How the employer's share is set"),
        [Chosen(_l("Select a percentage or a dollar amount"))],
        choices=choices([("percent", _l("A percentage of the premium")), ("flat", _l("A dollar amount each month"))]),
        default="percent",
    )
    percent = DecimalField(
        _l("Percentage"), [Optional(), NumberRange(0, 100, _l("Enter a percentage from 0 to 100"))], widget=TextInput()
    )
    flat_amount = MoneyField(_l("Amount each month"), [Optional()])
    monthly_cap = MoneyField(_l("At most each month"), [Optional()])

    def validate_how(self, field: Any) -> None:
        wanted = self.percent if field.data == "percent" else self.flat_amount
        if wanted.data is None and not "".join(wanted.raw_data or []).strip():
            raise ValidationError(str(_l("Enter the percentage or the amount below")))

    def values(self) -> dict[str, Any]:
        percent = self.percent.data if self.how.data == "percent" else None
        flat = self.flat_amount.data if self.how.data == "flat" else None
        names = ("effective_on", "tier", "employee_class", "monthly_cap")
        return {name: self[name].data or None for name in names} | {"percent": percent, "flat_amount": flat}


class EligibilityForm(Form):
    employee_classes = StringField(
        _l("Classes of employees"), description=_l("Separate with commas. Empty: everybody.")
    )
    employment_types = StringField(
        _l("Kinds of employment"), description=_l("full_time, part_time or temporary, with commas. Empty: everybody.")
    )
    region_codes = StringField(_l("Regions"), description=_l("Codes, separated with commas. Empty: everywhere."))
    min_weekly_hours = DecimalField(_l("At least so many hours a week"), [InputRequired(_l("Enter the hours, or 0")), NumberRange(0, 168)], widget=TextInput(), default=Decimal(0))  # fmt: skip
    waiting_days = IntegerField(
        _l("Waiting period in days"),
        [InputRequired(_l("Enter the days, or 0")), NumberRange(0, 90, _l("Enter a waiting period from 0 to 90 days"))],
        description=_l("At most 90 days (45 CFR 147.116)."), widget=TextInput(), default=0,
    )  # fmt: skip
    starts_first_of_month = BooleanField(_l("Coverage starts on the first of a month"))

    LISTS = ("employee_classes", "employment_types", "region_codes")

    def validate_employment_types(self, field: Any) -> None:
        known = {"full_time", "part_time", "temporary"}
        if not set(_split(field.data)) <= known:
            raise ValidationError(str(_l("Use full_time, part_time or temporary, separated with commas")))

    def values(self) -> dict[str, Any]:
        lists = {name: _split(self[name].data) for name in self.LISTS}
        rest = ("min_weekly_hours", "waiting_days", "starts_first_of_month")
        return lists | {name: self[name].data for name in rest}


def _split(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


class YearForm(CreateForm):
    name = StringField(_l("Name"), [Required(_l("Enter a name, like 2027")), SHORT])
    starts_on = Date3Field(_l("First day"), [Required(_l("Enter the first day"))])
    ends_on = Date3Field(_l("Last day"), [Required(_l("Enter the last day"))])


class CopyForm(Form):
    from_year = SelectField(_l("Copy the plans of"), [Chosen(_l("Select a plan year"))])
    percent = DecimalField(
        _l("Change every premium by, in percent"),
        [InputRequired(_l("Enter a change from -50 to 50 percent")), NumberRange(-50, 50, _l("Enter a change from -50 to 50 percent"))],
        description=_l("5 raises them by 5%, 0 keeps them. Each plan's premiums can be changed afterwards."),
        widget=TextInput(), default=Decimal(0),
    )  # fmt: skip


class OpenEnrollmentForm(Form):
    opens_on = Date3Field(_l("First day people can choose"), [Required(_l("Enter the first day"))])
    closes_on = Date3Field(_l("Last day people can choose"), [Required(_l("Enter the last day"))])
