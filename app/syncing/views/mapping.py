"""The mapping of one integration: every field with where it comes from, and the editor of one, tried on real records."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.connections.models import Connection
from app.connections.services import manifest_of
from app.core.access import Can
from app.core.errors import Invalid
from app.integrations.api import Resource
from app.integrations.sync.records import Kind
from app.syncing.forms import DATES, TIDY, FieldForm
from app.syncing.rules import CLOSE
from app.syncing.services import looking
from app.syncing.services import mapping as services
from app.syncing.services.mapping import MappedField, Tried
from app.syncing.services.running import changes_by
from app.syncing.views.blueprint import bp
from app.syncing.views.fields import field_label
from app.syncing.views.shown import HIDDEN, head, label_in
from app.syncing.views.words import PERSONAL, Tag, problem_words
from app.web.access import requires
from app.web.edge import actor, session
from app.web.forms import choices
from app.web.pages import page


class Row(NamedTuple):
    """A field in the table. id: its name, for the link."""

    id: str
    label: str
    source: str
    tag: Tag | None


@bp.get("/<uuid:connection_id>/mapping/<resource>")
@requires(Can.SYNC_MANAGE)
def mapping(connection_id: UUID, resource: str) -> BaseResponse:
    row = looking.link(session(), actor(), connection_id)
    found, known = services.resource_of(row, resource), manifest_of(row.adapter).synced
    tabs = [
        {"label": label_in(known, one), "url": url_for("syncing.mapping", connection_id=row.id, resource=one.name), "current": one is found}
        for one in known
    ]  # fmt: skip
    rows = [_row(field) for field in services.fields_of(row, found)]
    return page(
        "syncing/mapping.html", link=head(row), resource=found.name, tabs=tabs, rows=rows, title=label_in(known, found)
    )


def _row(field: MappedField) -> Row:
    tag = (
        (_("Changed by you"), "info")
        if field.is_changed
        else (_("Cannot be empty"), "neutral")
        if field.needed
        else None
    )
    return Row(field.name, field_label(field.name), _where(field), tag)


def _where(field: MappedField) -> str:
    """Where a field comes from now, in plain words."""
    if field.change.path == "":
        return str(_("Left empty"))
    return field.change.path or usual(field)


def usual(field: MappedField) -> str:
    """Where the adapter takes a field from."""
    return str({
        "path": field.text, "words": _("%(path)s, in our words", path=field.text), "fixed": _("Always %(value)s", value=field.text),
        "worked out": _("Worked out by the adapter"), "nothing": _("The adapter does not fill it"),
    }[field.how])  # fmt: skip


@bp.get("/<uuid:connection_id>/mapping/<resource>/<name>")
@requires(Can.SYNC_MANAGE)
def mapped_field(connection_id: UUID, resource: str, name: str) -> BaseResponse:
    row = looking.link(session(), actor(), connection_id)
    found = services.resource_of(row, resource)
    field = services.field_of(row, found, name)
    form = _offered(FieldForm(formdata=None), field)
    form.show(field)
    return _page(row, found, field, form)


def _offered(form: FieldForm, field: MappedField) -> FieldForm:
    ways = [("usual", _("As the adapter does: %(how)s", how=usual(field))), ("path", _("From another place"))]
    form.use.choices = choices(ways if field.needed else [*ways, ("empty", _("Leave it empty"))])
    form.tidy.choices = choices(TIDY.items())
    form.date_format.choices = choices(DATES.items())
    return form


def _page(row: Connection, resource: Resource, field: MappedField, form: FieldForm, status: int = 200) -> BaseResponse:
    usual_now = changes_by(row, (resource,))[resource.name]
    try:
        then = services.changes_with(row, resource, field.name, form.change())
    except Invalid:
        then = usual_now  # the form says what is wrong; the records show how it is now
    raws = services.some_raw(session(), actor(), row.id, resource)
    assert resource.kind is not None
    tried = [
        _shown(one, resource.kind, field.name) for one in services.tried(resource, field.name, raws, usual_now, then)
    ]
    return page(
        "syncing/mapped_field.html", status, row=row, field=field, form=form, label=field_label(field.name), resource=resource.name,
        where={"connection_id": row.id, "resource": resource.name, "name": field.name}, tried=tried, places=services.places(raws),
        kind=label_in(manifest_of(row.adapter).synced, resource),
    )  # fmt: skip


def _shown(one: Tried, kind: Kind, name: str) -> dict[str, Any]:
    names = kind not in PERSONAL or actor().can(Can.SYNC_REVIEW)
    open_ = names and name not in CLOSE
    return {
        "who": one.label if names and one.label else one.remote_id, "now": _value(one.now, open_), "then": _value(one.then, open_),
        "problem": problem_words(one.problem), "differs": one.now != one.then,
    }  # fmt: skip


def _value(text: str, open_: bool) -> str:
    return str(_("Empty")) if not text else text if open_ else HIDDEN


@bp.post("/<uuid:connection_id>/mapping/<resource>/<name>/preview")
@requires(Can.SYNC_MANAGE)
def preview(connection_id: UUID, resource: str, name: str) -> BaseResponse:
    """The same page with what was typed, tried on real records; nothing is kept."""
    row, found, field, form = _typed(connection_id, resource, name)
    return _page(row, found, field, form, 200 if _valid(row, found, field, form) else 422)


@bp.post("/<uuid:connection_id>/mapping/<resource>/<name>")
@requires(Can.SYNC_MANAGE)
def mapped_field_post(connection_id: UUID, resource: str, name: str) -> BaseResponse:
    row, found, field, form = _typed(connection_id, resource, name)
    if not _valid(row, found, field, form):
        return _page(row, found, field, form, 422)
    services.set_field(session(), actor(), connection_id, resource, name, form.change())
    flash(_("Saved. The next sync reads all of these records anew."), "good")
    return redirect(url_for("syncing.mapping", connection_id=connection_id, resource=resource), 303)


def _typed(connection_id: UUID, resource: str, name: str) -> tuple[Connection, Resource, MappedField, FieldForm]:
    row = looking.link(session(), actor(), connection_id)
    found = services.resource_of(row, resource)
    field = services.field_of(row, found, name)
    return row, found, field, _offered(FieldForm(), field)


def _valid(row: Connection, resource: Resource, field: MappedField, form: FieldForm) -> bool:
    if not form.validate():
        return False
    try:
        services.changes_with(row, resource, field.name, form.change())
    except Invalid as problem:
        form.refuse(problem)
        return False
    return True
