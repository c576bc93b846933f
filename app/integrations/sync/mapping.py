"""From a provider's record to ours: paths, words and steps, first those of the manifest, then what an administrator changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from app.integrations.sync.records import MODELS, Kind, Record

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Codes:
    """A word of theirs in ours. path: jmespath. otherwise: for a word that is not listed; None leaves the field empty.

    Words are compared without case.
    """

    path: str
    words: Mapping[str, Any]
    otherwise: Any = None


@dataclass(frozen=True, slots=True)
class Const:
    """Always the same."""

    value: Any


Found = str | Codes | Const | Callable[[Raw], Any]
"""Where a field comes from: a jmespath, words, a fixed value, or a function of the record."""

Fields = Mapping[str, Found]


def negated(path: str) -> Callable[[Raw], Any]:
    """The amount there, below zero: what is given back lowers what was billed."""

    def read(raw: Raw) -> Any:
        found = at(raw, path)
        return None if found in (None, "") else -Decimal(str(found))

    read.__qualname__ = f"negated({path})"  # what the fingerprint of a mapping knows it by
    return read


class Step(BaseModel):
    """One thing an administrator does to a value: `trim`, `upper`, `lower`, `digits`, `date` (with `text` as strptime format),
    `replace` (`text` by `with`), `words` (`table`, else `with`)."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    do: str = Field(pattern=r"^(trim|upper|lower|digits|date|replace|words)$")
    text: str = Field("", max_length=200)
    with_: str = Field("", alias="with", max_length=200)
    table: dict[str, str] = Field(default_factory=dict)


class Rule(BaseModel):
    """What a value must be: `needed`, `pattern` (the whole text, a regular expression), `one_of`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    must: str = Field(pattern=r"^(needed|pattern|one_of)$")
    text: str = Field("", max_length=200)
    words: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _compiles(self) -> Rule:
        try:
            re.compile(self.text)
        except re.error:
            raise ValueError("this is no regular expression") from None
        return self


@dataclass(frozen=True, slots=True)
class Changes:
    """What an administrator changed about one resource. paths: our field → jmespath, empty to leave it out."""

    paths: Mapping[str, str] = field(default_factory=dict)
    steps: Mapping[str, Sequence[Step]] = field(default_factory=dict)
    rules: Mapping[str, Sequence[Rule]] = field(default_factory=dict)


UNCHANGED = Changes()


@dataclass(frozen=True, slots=True)
class Mapped:
    """record: None when something is wrong. problems: our field → what is wrong, without the value."""

    record: Record | None
    problems: Mapping[str, str]
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)


def to_record(kind: Kind, fields: Fields, remote_id: str, raw: Raw, changes: Changes = UNCHANGED) -> Mapped:
    """Our record of theirs. Raises nothing: what does not fit is a problem of this one record."""
    model, values, problems = MODELS[kind], dict[str, Any](remote_id=remote_id), dict[str, str]()
    for name in model.model_fields:
        if name == "remote_id" or (name not in fields and name not in changes.paths):
            continue
        try:
            values[name] = _value(name, fields, raw, changes)
        except (ValueError, TypeError, LookupError, AttributeError, JMESPathError):
            problems[name] = "cannot be read"
            continue
        broken = next((rule for rule in changes.rules.get(name, ()) if not _keeps(rule, values[name])), None)
        if broken is not None:
            problems[name] = _BROKEN[broken.must]
    try:
        record = model.model_validate({name: value for name, value in values.items() if value is not None})
    except ValidationError as error:
        for item in error.errors(include_url=False, include_context=False, include_input=False):
            place = str(item["loc"][0]) if item["loc"] else "remote_id"
            problems.setdefault(place, "is missing" if item["type"] in _MISSING else "does not fit")
        record = None
    return Mapped(None if problems else record, problems, values)


_MISSING = ("missing", "string_too_short")
_BROKEN = {"needed": "must be filled", "pattern": "breaks a rule", "one_of": "is not one of the allowed words"}


def _value(name: str, fields: Fields, raw: Raw, changes: Changes) -> Any:
    if name in changes.paths:
        path = changes.paths[name]
        value = at(raw, path) if path else None
    else:
        value = _found(fields[name], raw)
    for step in changes.steps.get(name, ()):
        value = _stepped(step, value)
    return value


def _found(source: Found, raw: Raw) -> Any:
    if isinstance(source, Const):
        return source.value
    if isinstance(source, Codes):
        word = at(raw, source.path)
        words = {str(theirs).casefold(): ours for theirs, ours in source.words.items()}
        return None if word is None else words.get(_text(word).casefold(), source.otherwise)
    return at(raw, source) if isinstance(source, str) else source(raw)


def at(raw: Raw, path: str) -> Any:
    """What stands at a jmespath; numbers and yes-or-no as texts, since ids are texts. Raises `JMESPathError`."""
    found = _compiled(path).search(raw)
    return str(found) if isinstance(found, int | float) and not isinstance(found, bool) else found


@lru_cache(maxsize=2000)
def _compiled(path: str) -> Any:
    return jmespath.compile(path)


def path_fault(path: str) -> str:
    """Why a path cannot be used; empty for a good one."""
    try:
        _compiled(path)
    except JMESPathError:
        return "This is no path. Write the name of a field, like department, or of one inside another, like work.email"
    return ""


def _stepped(step: Step, value: Any) -> Any:
    if value is None:
        return None
    text = _text(value)
    match step.do:
        case "trim":
            return " ".join(text.split())
        case "upper":
            return text.upper()
        case "lower":
            return text.lower()
        case "digits":
            return re.sub(r"\D", "", text)
        case "date":
            return datetime.strptime(text, step.text).date()  # noqa: DTZ007 a day has no zone
        case "replace":
            return text.replace(step.text, step.with_) if step.text else text
    words = {theirs.casefold(): ours for theirs, ours in step.table.items()}
    return words.get(text.casefold(), step.with_ or None)


def _keeps(rule: Rule, value: Any) -> bool:
    if value in (None, ""):
        return rule.must != "needed"
    if rule.must == "pattern":
        return re.fullmatch(rule.text, _text(value)) is not None
    return rule.must != "one_of" or _text(value) in rule.words


def _text(value: Any) -> str:
    return (
        value if isinstance(value, str) else ("true" if value else "false") if isinstance(value, bool) else str(value)
    )
