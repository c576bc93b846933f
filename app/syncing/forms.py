"""Forms of integrations. An empty answer leaves a thing as the adapter has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import ValidationError

from app.syncing.services.mapping import FieldChange, MappedField
from app.web.forms import CheckboxesField, Form, Optional, Required

DATES = {
    "": _l("As it is"),
    "%Y-%m-%d": "2026-12-31",
    "%m/%d/%Y": "12/31/2026",
    "%d/%m/%Y": "31/12/2026",
    "%d.%m.%Y": "31.12.2026",
    "%Y%m%d": "20261231",
    "%Y-%m-%dT%H:%M:%S": "2026-12-31T00:00:00",
    "%d %b %Y": "31 Dec 2026",
}
TIDY = {
    "trim": _l("Take needless spaces away"),
    "upper": _l("Write it in capitals"),
    "lower": _l("Write it in small letters"),
    "digits": _l("Keep the digits alone"),
}


class SearchForm(Form):
    q = StringField(_l("Name"), [Optional()])
    category = SelectField(_l("Kind"), [Optional()])
    show = SelectField(_l("Show"), [Optional()])


class ScheduleForm(Form):
    frequency = SelectField(_l("How often"))
    conflicts = RadioField(
        _l("Who is right"), description=_l("When both sides changed the same field since the last sync.")
    )
    most_gone_percent = IntegerField(
        _l("How many may be missing, in percent"), [Required(_l("Enter a percentage from 0 to 100"))],
        description=_l("When more than these are missing from a full list, the sync is held until somebody says that they are really gone."),
    )  # fmt: skip


class FieldForm(Form):
    """How one field is mapped. Steps are done in the order of the page."""

    use = RadioField(_l("Where it comes from"))
    path = StringField(
        _l("Place in the provider's record"),
        description=_l("The name of a field, like department, or of one inside another, like work.email (JMESPath)."),
    )  # fmt: skip
    tidy = CheckboxesField(_l("Tidy the text"), [Optional()])
    replace_this = StringField(_l("Replace this"), [Optional()])
    replace_by = StringField(_l("By this"), [Optional()])
    date_format = SelectField(_l("How the provider writes the date"), [Optional()])
    words = TextAreaField(
        _l("Words of the provider in ours"),
        description=_l("One a line, like: Full-Time = full_time. Capitals make no difference."),
    )  # fmt: skip
    other_words = StringField(
        _l("Every other word"), [Optional()], description=_l("Empty: a word that is not in the list leaves the field empty.")
    )  # fmt: skip
    needed = BooleanField(_l("It must be filled, else the record waits for a person"))
    pattern = StringField(_l("Pattern of the whole text"), [Optional()], description=_l("A regular expression, like [A-Z]{2}[0-9]+"))  # fmt: skip
    one_of = TextAreaField(_l("Allowed words"), [Optional()], description=_l("One a line. Empty allows every word."))

    def validate_path(self, field: StringField) -> None:
        """Another place has to be said. Raises ValidationError."""
        if self.use.data == "path" and not (field.data or "").strip():
            raise ValidationError(gettext("Enter the place, or choose what the adapter does"))

    def validate_words(self, field: TextAreaField) -> None:
        """Raises ValidationError for a line without its other side."""
        if any(line.strip() and not all(_pair(line)) for line in (field.data or "").splitlines()):
            raise ValidationError(gettext("Write one a line, with = between their word and ours"))

    def show(self, field: MappedField) -> None:
        """Fill the form with what is kept."""
        change = field.change
        self.use.data = "usual" if change.path is None else "path" if change.path else "empty"
        self.path.data = change.path or ""
        steps = {str(one["do"]): one for one in change.steps}
        self.tidy.data = [name for name in TIDY if name in steps]
        self.replace_this.data = steps.get("replace", {}).get("text", "")
        self.replace_by.data = steps.get("replace", {}).get("with", "")
        self.date_format.data = steps.get("date", {}).get("text", "")
        self.words.data = "\n".join(f"{one} = {ours}" for one, ours in steps.get("words", {}).get("table", {}).items())
        self.other_words.data = steps.get("words", {}).get("with", "")
        rules = {str(one["must"]): one for one in change.rules}
        self.needed.data = "needed" in rules
        self.pattern.data = rules.get("pattern", {}).get("text", "")
        self.one_of.data = "\n".join(rules.get("one_of", {}).get("words", ()))

    def change(self) -> FieldChange:
        """What was typed."""
        path = None if self.use.data == "usual" else self.path.data or "" if self.use.data == "path" else ""
        return FieldChange(path.strip() if path else path, tuple(self._steps()), tuple(self._rules()))

    def _steps(self) -> list[Mapping[str, Any]]:
        steps: list[Mapping[str, Any]] = [{"do": name} for name in TIDY if name in (self.tidy.data or ())]
        if self.replace_this.data:
            steps.append({"do": "replace", "text": self.replace_this.data, "with": self.replace_by.data or ""})
        if self.date_format.data:
            steps.append({"do": "date", "text": self.date_format.data})
        table = dict(_pair(line) for line in (self.words.data or "").splitlines() if line.strip())
        if table:
            steps.append({"do": "words", "table": table, "with": (self.other_words.data or "").strip()})
        return steps

    def _rules(self) -> list[Mapping[str, Any]]:
        rules: list[Mapping[str, Any]] = [{"must": "needed"}] if self.needed.data else []
        if self.pattern.data:
            rules.append({"must": "pattern", "text": self.pattern.data.strip()})
        words = [line.strip() for line in (self.one_of.data or "").splitlines() if line.strip()]
        return [*rules, {"must": "one_of", "words": words}] if words else rules


def _pair(line: str) -> tuple[str, str]:
    theirs, _equals, ours = line.partition("=")
    return theirs.strip(), ours.strip()


class MatchForm(Form):
    number = StringField(_l("Employee number"), description=_l("As it stands in the list of people."))


class LeaveOutForm(Form):
    reason = StringField(_l("Why it is left out"), description=_l("Others read this later, so name no person."))
