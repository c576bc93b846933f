"""Forms of connections. What an adapter wants to know is drawn from its pydantic model, field by field."""

from __future__ import annotations

import re
from enum import Enum
from types import UnionType
from typing import Any, Union, get_args, get_origin

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from wtforms import (
    BooleanField,
    DecimalField,
    Field,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)

from app.core.errors import Invalid
from app.web.forms import CheckboxesField, CreateForm, Form, Optional, Required, choices

CHOICES = re.compile(r"^\^\(([A-Za-z0-9 |]*)\)\$$")
LONG = ("private_key", "certificate", "host_key", "instructions", "columns")


class NewForm(CreateForm):
    """A new connection."""

    adapter = RadioField(_l("Kind of connection"), [Required(_l("Choose what you want to connect"))])
    name = StringField(
        _l("Provider's name"), [Required(_l("Enter the provider's name"))], description=_l("As your people know it.")
    )
    code = StringField(
        _l("Short code"),
        [Required(_l("Enter a short code"))],
        description=_l("2 to 20 letters and digits, like EVERGREEN."),
    )


class PhaseForm(Form):
    confirm = StringField(_l("Type the code of this connection to go live"))


class ConductForm(Form):
    """How a provider with an API is spoken to."""

    environment = SelectField(
        _l("Environment"),
        description=_l("Each has credentials of its own. In the sandbox nothing is real and nothing costs money."),
    )
    api_endpoint_url = StringField(
        _l("Sandbox address"), [Optional()], description=_l("A stand-in on this machine, instead of the provider.")
    )
    is_primary = BooleanField(_l("Use this provider first, before others of its kind"))
    max_retry_attempts = IntegerField(
        _l("Retries"),
        description=_l("How often one request is tried again at once, 0 to 5. Later tries come by themselves."),
    )
    timeout_seconds = IntegerField(_l("Longest wait for an answer"), description=_l("In seconds, 1 to 120."))
    rate_limit_per_hour = IntegerField(
        _l("Most requests in an hour"),
        description=_l("The provider's own limits are kept besides. Fewer requests make checks slower, not lost."),
    )


class RegionForm(Form):
    data_region = SelectField(
        _l("Where the provider keeps this data"),
        description=_l("As its contract says. A label for your people: nothing is routed by it."),
    )


class DriveForm(Form):
    """Which documents go into one drive."""

    KINDS = (("benefits.confirmation", _l("Confirmations of benefit choices")),)
    kinds = CheckboxesField(_l("Documents"), choices=choices(KINDS))


class SafetyForm(Form):
    hold_people = IntegerField(
        _l("Hold a file from this many lost people on"),
        [Optional()],
        description=_l("Besides the percentage of the dialect. 0 switches this limit off."),
    )
    approver = SelectField(
        _l("Who releases held files"),
        [Optional()],
        validate_choice=False,
        description=_l("Nobody named: anybody who may release, but never the one who made the file."),
    )


def drawn_form(
    model: type[BaseModel],
    names: list[str],
    current: dict[str, Any],
    *,
    given: Any = None,
    masks: dict[str, str] | None = None,
) -> Form:
    """A form with one field per setting of the model, filled with what is stored now. Secrets are never filled in.

    masks: what may be said of a stored secret, by field.
    """
    fields = {name: _field(name, model.model_fields[name], (masks or {}).get(name, "")) for name in names}
    drawn = type("DrawnForm", (Form,), fields)
    shown = {name: _shown(model.model_fields[name], current.get(name, PydanticUndefined)) for name in names}
    form: Form = drawn(given, data=shown) if given is not None else drawn(formdata=None, data=shown)
    return form


def _plain(annotation: Any) -> Any:
    """The type without `| None`."""
    if get_origin(annotation) in (Union, UnionType):
        return next((part for part in get_args(annotation) if part is not type(None)), str)
    return annotation


def _field(name: str, info: FieldInfo, mask: str = "") -> Field:
    kind, title, hint = _plain(info.annotation), _(info.title or name), _hint(info)
    if mask:
        kept = _("Stored: %(mask)s. Leave empty to keep it.", mask=mask)
        hint = f"{hint} {kept}".strip()
    if isinstance(kind, type) and issubclass(kind, bool):
        return BooleanField(title, description=hint)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return SelectField(title, choices=choices([(item.value, item.value) for item in kind]), description=hint)
    if isinstance(kind, type) and issubclass(kind, int):
        return IntegerField(title, [Optional()], description=hint)
    if isinstance(kind, type) and issubclass(kind, float):
        return DecimalField(title, [Optional()], places=None, description=hint)
    if get_origin(kind) is dict:
        return TextAreaField(title, [Optional()], description=hint)
    words = _choices(info)
    if words is not None:
        return SelectField(title, choices=choices([(word, word or _("not sent")) for word in words]), description=hint)
    if name in LONG:
        return TextAreaField(title, [Optional()], description=hint)
    if kind is SecretStr:
        return PasswordField(title, [Optional()], description=hint)
    return StringField(title, description=hint)


def _hint(info: FieldInfo) -> str:
    example = next((str(item) for item in info.examples or ()), "")
    text = _(info.description) if info.description else ""
    if get_origin(info.annotation) is dict:
        text += " " + _("One per line: ours = theirs.")
    return f"{text} {_('Like: %(example)s', example=example)}".strip() if example else text


def _choices(info: FieldInfo) -> list[str] | None:
    """The words of a pattern such as ^(4|RX)$, or None when it is no list of words."""
    pattern = next((item.pattern for item in info.metadata if getattr(item, "pattern", None)), "")
    found = CHOICES.match(pattern or "")
    return found.group(1).split("|") if found else None


def _shown(info: FieldInfo, value: Any) -> Any:
    kind = _plain(info.annotation)
    if kind is SecretStr:
        return ""
    if value is PydanticUndefined:
        value = None if info.is_required() else info.get_default(call_default_factory=True)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return "\n".join(f"{key} = {_pair(item)}" for key, item in value.items())
    return value


def _pair(item: Any) -> str:
    if isinstance(item, dict):
        return " ".join(part for part in (item.get("line", ""), item.get("code", "")) if part)
    return str(item)


def typed_values(form: Form, model: type[BaseModel], names: list[str]) -> dict[str, Any]:
    """What was typed, in the shape the model stores.

    Raises:
        Invalid: field → what to do, for what cannot even be read.
    """
    values: dict[str, Any] = {}
    for name in names:
        field, info = form[name], model.model_fields[name]
        if field.errors:
            raise Invalid({name: _("Enter a number")})
        values[name] = _typed(name, info, field.data)
    return values


def _typed(name: str, info: FieldInfo, data: Any) -> Any:
    kind = _plain(info.annotation)
    if get_origin(kind) is dict:
        return _lines(name, data or "", pairs=issubclass(get_args(kind)[1], BaseModel))
    if data is None or data == "":
        required = info.is_required() or info.default is None
        return (
            ("" if kind is str or kind is SecretStr else None)
            if required
            else _shown(info, PydanticUndefined)
            if kind in (int, float)
            else ""
        )
    if kind is float:
        return float(data)
    return data.strip() if isinstance(data, str) else data


def _lines(name: str, text: str, *, pairs: bool) -> dict[str, Any]:
    """`ours = theirs` per line; with `pairs`, theirs is the line code and the plan code."""
    found: dict[str, Any] = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        ours, sign, theirs = (part.strip() for part in line.partition("="))
        if not (sign and ours and theirs):
            raise Invalid({name: _("Write each line as: ours = theirs")})
        word, _space, rest = theirs.partition(" ")
        found[ours] = {"line": word, "code": rest.strip()} if pairs else theirs
    return found
