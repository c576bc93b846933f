"""What may be done with a request: each form has its own prefix, as they share a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, StringField
from wtforms.validators import Length

from app.screening.forms import words
from app.screening.models import Candidate
from app.screening.rules.words import AskStage
from app.screening.services.candidates import Contact
from app.web.forms import Chosen, CreateForm, Form, Optional, Required, choices

_SHORT = Length(max=200, message=_l("Shorten this to 200 characters"))


class ReasonForm(Form):
    """Kept in the history of the request, where colleagues read it."""

    reason = StringField(_l("Reason"), [Required(_l("Say why. The reason stays in the history")), _SHORT])


class FoundForm(ReasonForm):
    invitation_id = StringField(
        _l("The provider's number of the order"), [Required(_l("Enter the provider's number of the order")), _SHORT]
    )


class StageForm(Form):
    stage = SelectField(_l("Hiring has come to"), [Chosen(_l("Say how far hiring is"))])

    def offer(self, reached: str) -> None:
        """It only goes forward."""
        stages = list(AskStage)
        later = stages[stages.index(AskStage(reached)) + 1 :]
        self.stage.choices = choices((one.value, words.STAGE[one]) for one in later)


class ContactForm(Form):
    email = StringField(_l("E-mail address"), [Required(_l("Enter the e-mail address: the link goes there")), _SHORT])
    phone = StringField(_l("Phone"), [Optional(), _SHORT])
    language = SelectField(_l("Language"), choices=choices([("en", _l("English")), ("es", _l("Spanish"))]))
    texts_allowed = BooleanField(_l("The candidate agreed to text messages"))

    def contact(self) -> Contact:
        return Contact(
            email=str(self.email.data or ""), phone=str(self.phone.data or ""), language=self.language.data,
            texts_allowed=bool(self.texts_allowed.data),
        )  # fmt: skip

    @staticmethod
    def known(candidate: Candidate) -> dict[str, Any]:
        names = ("email", "phone", "language", "texts_allowed")
        return {name: getattr(candidate, name) for name in names}


class AddressForm(Form):
    """The link came back: one field, and it is sent again."""

    email = StringField(_l("E-mail address"), [Required(_l("Enter the e-mail address: the link goes there")), _SHORT])


class SecondPartForm(CreateForm):
    package = RadioField(_l("Package of the second part"), [Chosen(_l("Choose a package"))])
    certified = BooleanField(
        _l("Certification"), [Chosen(_l("Certify the purpose: without it no report may be ordered"))]
    )

    def offer(self, packages: Sequence[Any]) -> None:
        self.package.choices = choices((str(one.id), one.name) for one in packages)


FORMS: dict[str, type[Form]] = {
    "cancel": ReasonForm, "extend": ReasonForm, "again": ReasonForm, "hold": ReasonForm, "found": FoundForm, "stage": StageForm,
    "address": AddressForm,
}  # fmt: skip
