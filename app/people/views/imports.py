"""Employee files: upload, columns, result, progress."""

from __future__ import annotations

from uuid import UUID

from flask import request, url_for
from flask_babel import gettext
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from app.core.access import Can
from app.core.errors import Invalid
from app.people.forms.company import UploadForm, columns_form
from app.people.models import ImportState, PeopleImport
from app.people.rules.cells import csv_text
from app.people.rules.columns import BY_FIELD, COLUMNS, NEEDED
from app.people.services import imports
from app.people.views.blueprint import _, bp, key
from app.people.views.employees import download
from app.web.access import requires
from app.web.edge import actor, session
from app.web.forms import Form
from app.web.pages import page

SHOWN = 50
WORKING = (ImportState.CHECKING, ImportState.APPLYING)


@bp.get("/people/imports", endpoint="imports")
@requires(Can.EMPLOYEE_IMPORT)
def import_list() -> Response:
    return _upload_page(UploadForm())


@bp.post("/people/imports")
@requires(Can.EMPLOYEE_IMPORT)
def upload() -> Response:
    form = UploadForm()
    if not form.validate():
        return _upload_page(form, 422)
    file = request.files["file"]
    try:
        kept = imports.upload(session(), actor(), file.read(), file.filename or "", import_id=key(form))
    except Invalid as problem:
        form.refuse(Invalid({"file": str(problem)}))
        return _upload_page(form, 422)
    return redirect(url_for("people.import_columns", import_id=kept.id), 303)


def _upload_page(form: UploadForm, status: int = 200) -> Response:
    return page("people/imports.html", status, form=form, recent=imports.recent(session(), actor()), columns=COLUMNS)


@bp.get("/people/imports/<uuid:import_id>/columns")
@requires(Can.EMPLOYEE_IMPORT)
def import_columns(import_id: UUID) -> Response:
    kept = imports.import_of(session(), actor(), import_id)
    data = dict(kept.mapping) | {"create_missing": kept.create_missing}
    return _columns_page(kept, columns_form(kept.headings)(formdata=None, data=data))


@bp.post("/people/imports/<uuid:import_id>/columns")
@requires(Can.EMPLOYEE_IMPORT)
def import_columns_post(import_id: UUID) -> Response:
    kept = imports.import_of(session(), actor(), import_id)
    form = columns_form(kept.headings)()
    if not form.validate():
        return _columns_page(kept, form, 422)
    mapping = {column.field: form[column.field].data or "" for column in COLUMNS}
    try:
        imports.choose_columns(session(), actor(), import_id, mapping, create_missing=form["create_missing"].data)
    except Invalid as problem:
        form.refuse(problem)
        return _columns_page(kept, form, 422)
    return redirect(url_for("people.import_state", import_id=import_id), 303)


def _columns_page(kept: PeopleImport, form: Form, status: int = 200) -> Response:
    needed = [form[column.field] for column in COLUMNS if column.field in NEEDED]
    further = [form[column.field] for column in COLUMNS if column.field not in NEEDED]
    return page("people/import_columns.html", status, kept=kept, form=form, needed=needed, further=further)


@bp.get("/people/imports/<uuid:import_id>")
@requires(Can.EMPLOYEE_IMPORT)
def import_state(import_id: UUID) -> Response:
    return _state_page(imports.import_of(session(), actor(), import_id))


def _state_page(kept: PeopleImport, status: int = 200, problem: str = "") -> Response:
    found = [] if kept.state in WORKING else imports.refusals(session(), actor(), kept.id, limit=SHOWN + 1)
    rows = [
        {"row": _("Row %(number)s", number=r.row_number), "field": label(r.field), "message": gettext(r.message)}
        for r in found[:SHOWN]
    ]
    return page(
        "people/import_state.html", status, kept=kept, rows=rows, more=len(found) > SHOWN, working=kept.state in WORKING,
        problem=problem,
    )  # fmt: skip


def label(field: str) -> str:
    """How a person knows a field of ours."""
    return gettext(BY_FIELD[field].label) if field in BY_FIELD else ""


@bp.post("/people/imports/<uuid:import_id>/confirm")
@requires(Can.EMPLOYEE_IMPORT)
def confirm_import(import_id: UUID) -> Response:
    if request.form.get("do") == "discard":
        imports.discard(session(), actor(), import_id)
        return redirect(url_for("people.imports"), 303)
    try:
        imports.confirm(session(), actor(), import_id)
    except Invalid as problem:
        return _state_page(imports.import_of(session(), actor(), import_id), 422, gettext(str(problem)))
    return redirect(url_for("people.import_state", import_id=import_id), 303)


@bp.get("/people/imports/<uuid:import_id>/problems.csv")
@requires(Can.EMPLOYEE_IMPORT)
def import_problems(import_id: UUID) -> Response:
    """Row, column and what to do, for the person who repairs the file."""
    kept = imports.import_of(session(), actor(), import_id)
    rows = imports.refusals(session(), actor(), kept.id)
    head = (_("Row"), _("Column"), _("What to do"))
    table = [(r.row_number, kept.mapping.get(r.field) or label(r.field), gettext(r.message)) for r in rows]
    return download(csv_text([head, *table]), "problems.csv")
