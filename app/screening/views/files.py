"""Providers that work by files: what went out, what came, and files that people carry."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import UUID

from flask import flash, redirect, request, send_file, url_for
from werkzeug.wrappers import Response

from app.core.access import Can
from app.core.errors import Conflict, Invalid
from app.screening.forms.files import ResultsForm
from app.screening.forms.text import _
from app.screening.services.files import inbox, late, sending, shelf, ways
from app.screening.views import file_words as words
from app.screening.views.blueprint import bp
from app.web.access import requires
from app.web.edge import actor, session
from app.web.pages import page


@bp.get("/files/<uuid:connection_id>")
@requires(Can.CONNECTION_VIEW)
def files(connection_id: UUID) -> Response:
    connection = ways.connection(session(), actor(), connection_id)
    orders = shelf.order_files(session(), connection)
    return page(
        "screening/files.html", connection=connection, by_server=ways.by_server(connection), orders=orders, words=words,
        waiting=shelf.released(session(), connection), results=[_row(row) for row in shelf.results(session(), connection)],
        late=late.overdue_of(session(), connection), may_manage=actor().can(Can.CONNECTION_MANAGE),
        may_carry=actor().can(Can.CONNECTION_MANAGE) and actor().can(Can.CHECK_VIEW),
        failure=words.failure(connection.last_check.get("last_failure", "") if connection.error_count else ""),
    )  # fmt: skip


def _row(row: Any) -> dict[str, Any]:
    return {
        "id": row.id, "name": row.remote_name, "at": row.received_at, "state": words.RESULT_STATES[row.state],
        "rows": row.summary.get("rows"), "left_out": row.summary.get("left_out"), "unmapped": row.summary.get("unmapped"),
    }  # fmt: skip


def _back(connection_id: UUID, said: str, tone: str = "good") -> Response:
    flash(said, tone)
    return redirect(url_for("screening.files", connection_id=connection_id), 303)


@bp.post("/files/<uuid:connection_id>/now")
@requires(Can.CONNECTION_MANAGE)
def files_now(connection_id: UUID) -> Response:
    shelf.ask_now(session(), actor(), connection_id)
    return _back(connection_id, _("It is being done. Look again in a moment."), "info")


@bp.post("/order-files/<uuid:file_id>/copy")
@requires(Can.CONNECTION_MANAGE)
def order_file_copy(file_id: UUID) -> Response:
    """The look is recorded; from now on the file stays as it is."""
    try:
        name, data = sending.take_copy(session(), actor(), file_id)
    except Conflict:
        return _changed(file_id)
    response = send_file(BytesIO(data), "application/octet-stream", as_attachment=True, download_name=name)
    response.cache_control.no_store = True
    return response


@bp.post("/order-files/<uuid:file_id>/handed-over")
@requires(Can.CONNECTION_MANAGE)
def order_file_handed_over(file_id: UUID) -> Response:
    try:
        file = sending.hand_over(session(), actor(), file_id)
    except Conflict:
        return _changed(file_id)
    except Invalid as problem:
        return _back(sending.connection_of(session(), actor(), file_id), _(str(problem)), "warn")
    return _back(file.connection_id, _("The orders count as placed. Results are expected now."))


def _changed(file_id: UUID) -> Response:
    words_ = _("An order in this file was canceled, or its consent ended. A new file is written in a few minutes.")
    return _back(sending.connection_of(session(), actor(), file_id), words_, "warn")


@bp.get("/files/<uuid:connection_id>/upload")
@requires(Can.CONNECTION_MANAGE)
def upload_results(connection_id: UUID) -> Response:
    return _upload_page(connection_id, ResultsForm(formdata=None))


def _upload_page(connection_id: UUID, form: ResultsForm, status: int = 200) -> Response:
    connection = ways.connection(session(), actor(), connection_id)
    return page("screening/upload_results.html", status, connection=connection, form=form)


@bp.post("/files/<uuid:connection_id>/upload")
@requires(Can.CONNECTION_MANAGE)
def upload_results_post(connection_id: UUID) -> Response:
    """Only kept; nothing counts before it is confirmed."""
    form, sent = ResultsForm(), request.files.get("upload")
    connection = ways.connection(session(), actor(), connection_id)
    try:
        if sent is None or not sent.filename:
            raise Invalid({"upload": "Choose the provider's file"})
        draft_id = inbox.upload(session(), actor(), connection, sent.filename, sent.read())
    except Invalid as problem:
        form.refuse(Invalid({"upload": words.reason(next(iter(problem.errors.values()), str(problem)))}))
        return _upload_page(connection_id, form, 422)
    return redirect(url_for("screening.tried_results", connection_id=connection_id, draft_id=draft_id), 303)


@bp.get("/files/<uuid:connection_id>/drafts/<uuid:draft_id>")
@requires(Can.CONNECTION_MANAGE)
def tried_results(connection_id: UUID, draft_id: UUID) -> Response:
    """What the file would do, row by row."""
    connection = ways.connection(session(), actor(), connection_id)
    tried = inbox.tried(session(), actor(), connection, draft_id)
    return page(
        "screening/tried_results.html", connection=connection, tried=tried, draft_id=draft_id,
        facts=words.counts(tried.counts), rows=[words.problem(one) for one in tried.problems],
    )  # fmt: skip


@bp.post("/files/<uuid:connection_id>/drafts/<uuid:draft_id>")
@requires(Can.CONNECTION_MANAGE)
def confirm_results(connection_id: UUID, draft_id: UUID) -> Response:
    connection = ways.connection(session(), actor(), connection_id, Can.CONNECTION_MANAGE)
    item_id = inbox.confirm(session(), actor(), connection, draft_id)
    return redirect(url_for("screening.result_file", connection_id=connection_id, item_id=item_id), 303)


@bp.get("/files/<uuid:connection_id>/results/<uuid:item_id>")
@requires(Can.CONNECTION_VIEW)
def result_file(connection_id: UUID, item_id: UUID) -> Response:
    """What became of one file. No value of it is shown."""
    connection = ways.connection(session(), actor(), connection_id)
    item = shelf.result(session(), connection, item_id)
    return page(
        "screening/result_file.html", connection=connection, item=item, state=words.RESULT_STATES[item.state],
        problem=words.reason(item.problem), facts=words.counts(item.summary),
        rows=[words.problem(one) for one in item.summary.get("problems", [])],
    )  # fmt: skip
