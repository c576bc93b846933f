"""What an admin enters about an endpoint."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, StringField
from wtforms.validators import Length

from app.hooks.rules import CATALOG, TEST
from app.hooks.services.addresses import LONGEST
from app.web.forms import CheckboxesField, Chosen, Form, FormKeyField, Required, choices

WORDS = {
    "employee.hired": _l("Somebody was hired"),
    "employee.changed": _l("An employee's record changed"),
    "employee.terminated": _l("An employment ends"),
    "enrollment.submitted": _l("An employee sent in benefit choices"),
    "enrollment.approved": _l("Benefit choices were approved"),
    "enrollment.rejected": _l("Benefit choices were sent back"),
    "coverage.confirmed": _l("A carrier confirmed coverage"),
    "coverage.disputed": _l("A carrier's records say something else"),
    "screening.decided": _l("A background check was decided"),
    "carrier_file.sent": _l("A file was sent to a carrier"),
    "carrier_file.overdue": _l("A carrier has not answered a file in time"),
    "sync.failed": _l("Reading from a provider failed"),
    "connection.failed": _l("A connection stopped working"),
    "connection.recovered": _l("A connection works again"),
    TEST.name: _l("A test message"),
}
"""Each kind of the catalog in words; a test holds that none is missing."""


class EndpointForm(Form):
    """An endpoint that is there already."""

    url = StringField(
        _l("Address"),
        [Required(_l("Enter the address")), Length(max=LONGEST)],
        description=_l("It begins with https:// and takes POST requests."),
    )
    description = StringField(
        _l("Description"), [Length(max=100)], description=_l("What listens there, for your colleagues.")
    )
    kinds = CheckboxesField(
        _l("Events"),
        [Chosen(_l("Select at least one event"))],
        choices=choices([(kind.name, kind.name) for kind in CATALOG]),
        description=_l("A message says what happened, to which id, and when. It never holds personal data."),
    )
    is_active = BooleanField(_l("Send messages to this endpoint"), default=True)


class NewEndpointForm(EndpointForm):
    """A new one; sending the form twice makes one endpoint."""

    is_active = None
    form_key = FormKeyField()
