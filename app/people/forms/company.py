"""Forms of the company, its places, and employee files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from zoneinfo import available_timezones

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FileField, IntegerField, SelectField, StringField
from wtforms.validators import Optional

from app.people.forms.people import STATE_CHOICES
from app.people.forms.words import options
from app.people.rules.columns import COLUMNS, NEEDED
from app.people.rules.words import EmployeeStatus, PayFrequency
from app.people.services import Place, Places
from app.web.forms import CreateForm, Date3Field, Form, Required, choices

ZONES = sorted(z for z in available_timezones() if z.startswith(("America/", "Pacific/", "US/")))


class CompanyForm(Form):
    name = StringField(_l("Company name"), [Required(_l("Enter the company's name"))])
    tax_id = StringField(_l("Employer Identification Number (EIN)"))
    industry = StringField(_l("Industry (optional)"))
    group_number = StringField(_l("Group number at your carriers"))
    pay_frequency = SelectField(_l("Pay frequency"), choices=options(PayFrequency))
    new_hire_days = IntegerField(_l("Days new employees have to enroll"), [Optional()])
    time_zone = SelectField(_l("Time zone"), choices=choices([(zone, zone.replace("_", " ")) for zone in ZONES]))
    primary_contact_name = StringField(_l("Contact person"))
    primary_contact_email = StringField(_l("Contact email"))
    primary_contact_phone = StringField(_l("Contact phone"))
    address_line1 = StringField(_l("Address"))
    address_line2 = StringField(_l("Suite (optional)"))
    city = StringField(_l("City"))
    state = SelectField(_l("State"), choices=STATE_CHOICES)
    zip_code = StringField(_l("ZIP code"))
    contract_starts_on = Date3Field(_l("Contract starts (optional)"))
    contract_ends_on = Date3Field(_l("Contract ends (optional)"))
    brand_hue = IntegerField(_l("Color of your pages"), [Optional()])


class LogoForm(Form):
    logo = FileField(_l("Logo"), [Required(_l("Choose an image"))], description=_l("A PNG or JPEG image."))


class PlaceForm(CreateForm):
    name = StringField(_l("Name"), [Required(_l("Enter a name"))])
    code = StringField(
        _l("Code"), [Required(_l("Enter a code"))], description=_l("Short, as your payroll writes it, like OPS.")
    )


class DepartmentForm(PlaceForm):
    region_id = SelectField(_l("Region"))

    def offer(self, regions: Iterable[Place]) -> None:
        self.region_id.choices = choices([("", _l("None")), *((str(region.id), region.name) for region in regions)])


class FilterForm(Form):
    q = StringField(_l("Name or employee number"))
    status = SelectField(_l("Status"), choices=options(EmployeeStatus, _l("All")))
    department = SelectField(_l("Department"))
    region = SelectField(_l("Region"))

    def offer(self, places: Places) -> None:
        for field, rows in ((self.department, places.departments), (self.region, places.regions)):
            field.choices = choices([("", _l("All")), *((str(row.id), row.name) for row in rows)])


class UploadForm(CreateForm):
    file = FileField(
        _l("Employee file"), [Required(_l("Choose a file"))], description=_l("A CSV file or an Excel workbook.")
    )


def columns_form(headings: Sequence[str]) -> type[Form]:
    """A form with one select per field of ours, offering the columns of the file."""
    offered = choices([("", _l("Not in the file")), *((heading, heading) for heading in headings)])
    fields: dict[str, Any] = {
        column.field: SelectField(
            _l(column.label),  # every label is a message of `rules.columns`
            [Required(_l("Choose the column that holds this"))] if column.field in NEEDED else [],
            choices=offered,
        )
        for column in COLUMNS
    }
    fields["create_missing"] = BooleanField(
        _l("Add departments and regions that Corridor does not know yet"), default=True
    )
    return type("ColumnsForm", (Form,), fields)
