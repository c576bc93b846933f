"""Filters of the list of cases."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from app.web.forms import Form, Optional


class CaseFilterForm(Form):
    stage = SelectField(_l("Stage"), [Optional()], validate_choice=False)
    state = SelectField(_l("State"), [Optional()], validate_choice=False)
