"""What a person may type about notices."""

from datetime import time
from typing import Any

from babel.dates import format_time
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectField, StringField, TextAreaField

from app.notices.defaults import DEFAULTS
from app.notices.rules import OPERATIONAL
from app.web.forms import CheckboxesField, Form, Required, choices


class TemplateForm(Form):
    subject = StringField(_l("Subject"), [Required(_l("Enter a subject"))])
    body = TextAreaField(_l("Text"), [Required(_l("Enter the text of the notice"))])


class ChannelForm(Form):
    """What goes into one team channel."""

    kinds = CheckboxesField(
        _l("Notices"), description=_l("Only these words and a link are posted, never anything about a person.")
    )
    channel_language = SelectField(_l("Language"))

    def __init__(self, language: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds.choices = choices([(kind, DEFAULTS[kind][language][0]) for kind in OPERATIONAL])
        self.channel_language.choices = choices([("en", _l("English")), ("es", _l("Spanish"))])


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
