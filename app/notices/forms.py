"""What a person may type about notices."""

from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField

from app.web.forms import Form, Required


class TemplateForm(Form):
    subject = StringField(_l("Subject"), [Required(_l("Enter a subject"))])
    body = TextAreaField(_l("Text"), [Required(_l("Enter the text of the notice"))])
