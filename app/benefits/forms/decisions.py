"""HR's queue and decisions."""

from __future__ import annotations

from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, TextAreaField
from wtforms.validators import Length

from app.benefits.services.queue import Filters
from app.web.forms import Form, Required, choices


class QueueForm(Form):
    """Filters in the URL. A word nobody knows means the default."""

    status = SelectField(
        _l("Status"),
        choices=choices(
            [
                ("submitted", _l("Waiting for HR")),
                ("on_hold", _l("On hold")),
                ("approved", _l("Approved")),
                ("rejected", _l("Sent back")),
                ("canceled", _l("Canceled")),
                ("all", _l("Every status")),
            ]
        ),
        default="submitted",
    )
    carrier = SelectField(_l("Carrier"), default="")
    kind = SelectField(
        _l("Type"),
        choices=choices(
            [("", _l("Every type")), ("new_hire", _l("New hire")), ("open_enrollment", _l("Open enrollment")),
             ("qualifying_life_event", _l("Life event"))]
        ),
        default="",
    )  # fmt: skip
    overdue = BooleanField(_l("Only overdue (over 3 days)"))

    def filters(self) -> Filters:
        """What the service understands."""
        self.validate()
        for field in (self.status, self.carrier, self.kind):
            if field.errors:
                field.data, field.errors = field.default, []
        status = "" if self.status.data == "all" else self.status.data
        carrier = UUID(self.carrier.data) if self.carrier.data else None
        return Filters(status, carrier, self.kind.data, bool(self.overdue.data))


class RejectForm(Form):
    reason = TextAreaField(
        _l("What should the employee change?"),
        [Required(_l("Enter a reason. The employee reads it and knows what to change")),
         Length(max=1000, message=_l("Shorten the reason to 1,000 characters"))],
    )  # fmt: skip
