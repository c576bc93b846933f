"""Several checks for one job: errors stand beside their lines; the recruiter says whether the good ones go ahead."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.core.access import Can
from app.core.errors import Conflict, Invalid
from app.integrations.failures import Refused
from app.integrations.formats.tables import decoded
from app.screening.forms import words
from app.screening.forms.orders import BulkForm
from app.screening.forms.text import _, plural
from app.screening.services import bulk, requesting
from app.screening.services.bulk import Line
from app.screening.services.ordering import CERTIFICATION
from app.screening.views.blueprint import bp
from app.screening.views.orders import ready, refuse, shown, tiles
from app.web.access import requires
from app.web.edge import actor, session
from app.web.pages import page

MOST_BYTES = 100_000


def _show(form: BulkForm, sold: Any, status: int = 200, lines: list[Line] | None = None) -> Response:
    demand = requesting.demand(session(), form.work(), None) if form.work_state.data else None
    wrong = [line for line in lines or [] if line.problems]
    return page(
        "screening/bulk_order.html", status, form=form, sold=sold, tiles=tiles(sold), demand=shown(demand), wrong=wrong,
        good=len(lines or []) - len(wrong), certification=words.CERTIFICATION[CERTIFICATION], said=_said,
    )  # fmt: skip


def _said(problem: str) -> str:
    """A problem of a line in the reader's language, with the name of the field in front where it has one."""
    name, sign, rest = problem.partition(": ")
    return f"{_(name)}: {_(rest)}" if sign else _(problem)


@bp.get("/bulk-order")
@requires(Can.CHECK_ORDER)
def bulk_order() -> Response:
    form, sold = ready(BulkForm(formdata=None))
    return _show(form, sold)


@bp.post("/bulk-order")
@requires(Can.CHECK_ORDER)
def bulk_order_post() -> Response:
    form, sold = ready(BulkForm())
    good = form.validate()
    lines: list[Line] = []
    try:
        source = _take_file(form)
        lines = bulk.read(form.lines.data or "", source)
    except Invalid as refused:
        refuse(form, refused)
        good = False
    if request.form.get("preview"):
        return _show(form, sold, lines=lines)
    wrong = [line for line in lines if line.problems]
    only_good = bool(request.form.get("only_good"))
    if wrong and not only_good:
        refuse(form, Invalid({"lines": "Correct the marked lines, or order the good ones only"}))
    if not good or (wrong and not only_good) or len(wrong) == len(lines):
        return _show(form, sold, 422, lines)
    return _order(form, sold, lines, wrong)


def _order(form: BulkForm, sold: Any, lines: list[Line], wrong: list[Line]) -> Response:
    chosen = [line for line in lines if not line.problems]
    key = UUID(form.form_key.data)
    try:
        with session().begin_nested():
            made = bulk.request_all(session(), actor(), chosen, form.job(key), form.facts(), key)
    except Invalid as refused:
        refuse(form, refused)
        return _show(form, sold, 422, lines)
    except Conflict:
        refuse(form, Invalid({"lines": "One of these checks runs already. Nothing was ordered"}))
        return _show(form, sold, 422, lines)
    flash(plural("%(num)d check has begun.", "%(num)d checks have begun.", len(made)), "good")
    if wrong:
        left = plural("%(num)d line was left out.", "%(num)d lines were left out.", len(wrong))
        flash(f"{left} {_('Nothing was ordered for it.')}", "warn")
    return redirect(url_for("screening.board"), 303)


def _take_file(form: BulkForm) -> str:
    """A file goes into the box, where its lines can be corrected."""
    sent = form.file.data
    if not getattr(sent, "filename", ""):
        return "paste"
    data = sent.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise Invalid({"file": "Choose a smaller file: at most 25 candidates"})
    try:
        form.lines.data = decoded(data)
    except Refused:
        raise Invalid({"file": "Choose a CSV file saved as text"}) from None
    return "file"
