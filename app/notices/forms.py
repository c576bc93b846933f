"""What a person may type about notices."""

from datetime import time
from typing import Any

from babel.dates import format_time
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, StringField, TextAreaField

from app.web.forms import Form, Required, choices


class TemplateForm(Form):
    subject = StringField(_l("Subject"), [Required(_l("Enter a subject"))])
    body = TextAreaField(_l("Text"), [Required(_l("Enter the text of the notice"))])


class PreferencesForm(Form):
    """How one person is told."""

    email_reminders = BooleanField(_l("Reminders to choose"))
    email_news = BooleanField(_l("Good news about my benefits"))
    quiet = BooleanField(_l("Keep quiet hours"))
    quiet_from = SelectField(_l("Quiet from"), coerce=int)
    quiet_to = SelectField(_l("until"), coerce=int)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hours = [(hour, format_time(time(hour), "short", locale=get_locale())) for hour in range(24)]
        self.quiet_from.choices = self.quiet_to.choices = choices(hours)

    def values(self) -> dict[str, Any]:
        """As the service wants them."""
        return {field.name: field.data for field in self}
