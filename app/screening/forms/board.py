"""Filters of the board, and the name under which they are kept."""

from __future__ import annotations

from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import Length

from app.screening.forms import words
from app.screening.rules.states import Bucket, Priority
from app.screening.services.board import Choices
from app.screening.services.sifting import PROBLEMS, Filters
from app.web.forms import Form, Required, choices

PARAMETERS = ("bucket", "mine", "problem", "blocker", "package", "provider", "recruiter", "priority", "q", "order")


class BoardForm(Form):
    """Filters in the URL. A word nobody knows means none."""

    q = StringField(_l("Name, e-mail, job or number"))
    problem = SelectField(_l("What is wrong"))
    blocker = SelectField(_l("Waiting for"))
    package = SelectField(_l("Package"))
    provider = SelectField(_l("Provider"))
    recruiter = SelectField(_l("Recruiter"))
    priority = SelectField(_l("Priority"))
    order = SelectField(_l("Order"))
    mine = BooleanField(_l("Needs me"))

    def offer(self, found: Choices) -> None:
        any_ = ("", _l("Any"))
        self.problem.choices = choices([any_, *((key, words.PROBLEM[key]) for key in PROBLEMS)])
        self.blocker.choices = choices([any_, *((key, word) for key, word in words.BLOCKER.items() if key != "nobody")])
        self.package.choices = choices([any_, *found.packages])
        self.provider.choices = choices([any_, *found.providers])
        self.recruiter.choices = choices([any_, *found.recruiters])
        self.priority.choices = choices([any_, *((one.value, words.PRIORITY[one]) for one in Priority)])
        self.order.choices = choices([("", _l("Newest first")), ("oldest", _l("Oldest first"))])

    def filters(self, bucket: str) -> Filters:
        """What the service understands."""
        for field in self:
            if isinstance(field, SelectField) and str(field.data or "") not in {
                str(one.value) for one in field.iter_choices()
            }:
                field.data = ""
        known = bucket if bucket in set(Bucket) else Bucket.ACTIVE.value
        return Filters(
            known, bool(self.mine.data), self.problem.data or "", self.blocker.data or "", _id(self.package.data),
            _id(self.provider.data), _id(self.recruiter.data), self.priority.data or "", (self.q.data or "")[:100],
            self.order.data == "oldest",
        )  # fmt: skip


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None


class SaveViewForm(Form):
    name = StringField(
        _l("Name of this view"),
        [Required(_l("Give the view a name")), Length(max=60, message=_l("Shorten the name to 60 characters"))],
    )
