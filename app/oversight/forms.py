"""What a person may type when looking at the trail."""

from flask_babel import lazy_gettext as _l
from wtforms import StringField

from app.web.forms import Form, Required


class RevealForm(Form):
    reason = StringField(_l("Why do you need to see it?"), [Required(_l("Say why you need to see the values"))])
