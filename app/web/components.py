"""The `ui` namespace of every template: macros of `templates/components/`, loaded once, usable in fragments too."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any
from uuid import UUID

from flask import Flask, url_for
from jinja2 import Environment
from markupsafe import Markup, escape
from wtforms.widgets import html_params

from app.web import formats

NAMES = (
    "actions", "back", "button", "card", "chart_bar", "checkbox", "checkboxes", "choice", "data_table", "date3",
    "details", "empty", "error_summary", "field", "file", "filter_bar", "flashes", "form", "group", "heading",
    "money", "notice", "pagination", "poll", "progress", "radio_tiles", "running_total", "select",
    "signature_typed", "skip_link", "ssn", "stat", "status_tag", "steps", "summary_list", "tabs", "task_list",
    "text", "textarea", "timeline",
)  # fmt: skip

NUMERIC = ("money", "number", "percent")
NOBODY = UUID(int=0)


class Components:
    """Attribute access to the macro of the same name, read on first use (in development on every use).

    Not at start: a template module keeps the globals of the moment it is made, and others are still registering theirs.
    """

    def __init__(self, environment: Environment, *, reload: bool) -> None:
        self._environment = environment
        self._reload = reload

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in NAMES:
            raise AttributeError(name)
        macro = getattr(self._environment.get_template(f"components/{name}.html").module, name)
        if not self._reload:
            setattr(self, name, macro)
        return macro


def error_links(errors: Any) -> list[tuple[str, str]]:
    """The error summary: (id of the control to go to, message), in the order of the page.

    Args:
        errors: a form, or (field id, message) pairs. A form's own errors (`form_errors`) have no id.
    """
    if errors is None:
        return []
    if not hasattr(errors, "_fields"):
        return [(str(anchor), str(message)) for anchor, message in errors]
    links = [("", str(message)) for message in errors.form_errors]
    for field in errors:
        links.extend(_links_of(field))
    return links


def _links_of(field: Any) -> Iterable[tuple[str, str]]:
    """One link per wrong field: the first message is the one shown beside it."""
    if not field.errors:
        return []
    if field.type == "FormField":
        return error_links(field.form)
    if field.type == "FieldList":
        return [link for entry in field.entries for link in _links_of(entry)] or [(field.id, field_error(field))]
    return [(anchor(field), field_error(field))]


def anchor(field: Any) -> str:
    """The id of the control a person should land on: the first wrong part of a date, the first tile of a group."""
    parts = getattr(field, "parts", None)
    if parts:
        return str(next((part.id for part in parts() if part.bad), parts()[0].id))
    if field.type in ("RadioField", "CheckboxesField"):
        return str(next((option.id for option in field), f"{field.id}-group"))
    return str(field.id)


def field_error(field: Any) -> str:
    """The first message of a field; one thing to repair at a time."""
    return str(next(iter(field.errors), ""))


def described_by(field: Any, hint: str = "") -> Markup:
    """The `aria-describedby` attribute of a fieldset, or nothing."""
    ids = _description_ids(field, hint)
    return Markup(' aria-describedby="{}"').format(" ".join(ids)) if ids else Markup("")


def _description_ids(field: Any, hint: str) -> list[str]:
    ids = [f"{field.id}-hint"] if hint or field.description else []
    return [*ids, f"{field.id}-error"] if field.errors else ids


def control(field: Any, hint: str, css: str, extra: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes of one control: its class, its descriptions, `aria-invalid`, and what the template adds."""
    attributes: dict[str, Any] = {"class": css} if css else {}
    ids = _description_ids(field, hint)
    if ids:
        attributes["aria-describedby"] = " ".join(ids)
    if field.errors:
        attributes["aria-invalid"] = "true"
    attributes.update(extra)
    return attributes


def table_rows(columns: Sequence[Sequence[Any]], rows: Iterable[Any], link: Any, body: Any) -> Markup:
    """The rows of a data table. In Python because a list page spends most of its time here.

    Args:
        columns: (key, label), (key, label, kind) or (key, label, kind, function): what the function makes of the value is shown.
            The key is an attribute of a named tuple, a mapping key or an index.
        rows: what the query gave.
        link: row → URL of the first column, or None.
        body: the call block of the macro, for columns of kind `custom`.
    """
    found = list(rows)
    cells = [_cell(column, place, link, body, found[0]) for place, column in enumerate(columns)] if found else []
    lines = ['<tr role="row">' + "".join([cell(row) for cell in cells]) + "</tr>\n" for row in found]
    return Markup("".join(lines))  # noqa: S704  # every value in it went through escape()


def _cell(column: Sequence[Any], place: int, link: Any, body: Any, first: Any) -> Callable[[Any], str]:
    """Row → HTML of one cell; what is the same for all rows is decided here, once."""
    key, _label, kind, *turn = (*column, "text")[: max(len(column), 3)]
    opening, closing = _frame(column, kind, place)
    if kind == "custom":
        return lambda row: f"{opening}{escape(body(row, key))}{closing}"
    read, show = _reader(key, first), _showing(kind)
    shown: Callable[[Any], Any] = (lambda row: show(turn[0](read(row)))) if turn else (lambda row: show(read(row)))
    if place == 0 and link:
        return lambda row: f'{opening}<a href="{escape(str(link(row)).strip())}">{shown(row)}</a>{closing}'
    return lambda row: f"{opening}{shown(row)}{closing}"


def _reader(key: str | int, first: Any) -> Callable[[Any], Any]:
    """How a value is got out of the rows: by attribute (None where a row has none), key or index."""
    if isinstance(key, str) and not isinstance(first, Mapping):
        return lambda row: getattr(row, key, None)
    return itemgetter(key)


def _showing(kind: str) -> Callable[[Any], Any]:
    """Value → escaped HTML; a tag is written as the status_tag macro writes it."""
    if kind == "tag":
        return lambda value: (
            f'<span class="tag {escape(value[1])}">{escape(value[0])}</span>' if value else formats.EM_DASH
        )
    form = formats.KINDS[kind]
    return lambda value: escape(form(value))


def row_link(endpoint: str, parameter: str) -> Callable[[Any], str]:
    """Row → URL of a page whose one parameter is the row's `id`, a UUID. The URL is built once, not once a row."""
    values: dict[str, Any] = {parameter: NOBODY}
    head, tail = url_for(endpoint, **values).split(str(NOBODY))
    return lambda row: f"{head}{row.id}{tail}"


def _frame(column: Sequence[Any], kind: str, place: int) -> tuple[str, str]:
    """Opening and closing tag of a column's cells."""
    if place == 0:
        return '<th role="rowheader" scope="row">', "</th>"
    css = ' class="num"' if kind in NUMERIC else ' class="date"' if kind in ("date", "at") else ""
    return f'<td role="cell" data-label="{escape(column[1])}"{css}>', "</td>"


def select_box(field: Any, attributes: Mapping[str, Any]) -> Markup:
    """A select of a form. In Python, and not by WTForms's widget: a filter of 40 departments costs more than the table below it."""
    for flag in ("required", "disabled"):
        if getattr(field.flags, flag):
            attributes = {flag: True, **attributes}
    options = [_option(choice) for choice in field.iter_choices()]
    opening = html_params(id=field.id, name=field.name, **attributes)
    return Markup(f"<select {opening}>{''.join(options)}</select>")  # noqa: S704  # escaped by html_params and _option


def _option(choice: Any) -> str:
    selected = "selected " if choice.selected else ""
    return f'<option {selected}value="{escape(str(choice.value))}">{escape(choice.label)}</option>'


def lines(value: str) -> Markup:
    """Text with its line breaks kept, escaped."""
    return Markup("<br>").join(escape(line) for line in str(value).splitlines())


def init_app(app: Flask) -> None:
    """Register `ui` and the functions macros need."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(table_rows=table_rows, row_link=row_link)
    app.jinja_env.globals.update(
        error_links=error_links,
        field_error=field_error,
        described_by=described_by,
        control=control,
        select_box=select_box,
    )
    app.jinja_env.filters["lines"] = lines
    app.jinja_env.globals["ui"] = Components(app.jinja_env, reload=app.debug)
