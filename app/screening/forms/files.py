"""What a person may give us about a provider that works by files."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import TextAreaField

from app.web.forms import Form


class ResultsForm(Form):
    upload = FileField(_l("The provider's result file"), description=_l("In the layout of this connection's settings."))


class PackagesForm(Form):
    lines = TextAreaField(
        _l("Packages"),
        description=_l(
            "One per line: the provider's name = yours | searches. Like: BASIC = Basic check | county_criminal, ssn_trace."
            " Without searches it counts as holding criminal records."
        ),
    )
