"""HR's queue of signed enrollments."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import Response as FlaskResponse
from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.benefits import services
from app.benefits.forms.decisions import QueueForm
from app.benefits.services import queue_export
from app.benefits.services.plans import carriers
from app.benefits.services.queue import queue as load_queue
from app.benefits.services.queue import queue_count
from app.benefits.views.blueprint import bp
from app.benefits.views.text import _, plural
from app.core.access import Can
from app.core.errors import Invalid
from app.web.access import requires
from app.web.edge import actor, session
from app.web.forms import choices
from app.web.pages import page

PARAMETERS = ("status", "carrier", "kind", "overdue")


def _form() -> QueueForm:
    form = QueueForm(request.args)
    named = [(str(key), name) for key, name in carriers(session())]
    form.carrier.choices = choices([("", _("Every carrier")), *named])
    return form


def _show(status: int = 200, problem: str = "") -> Response:
    form = _form()
    filters = form.filters()
    after = request.args.get("after", "")
    rows, following = load_queue(session(), actor(), filters, after)
    kept: dict[str, Any] = {name: request.args[name] for name in PARAMETERS if request.args.get(name)}
    may_approve = actor().can(Can.ENROLLMENT_APPROVE) and filters.status in ("submitted", "")
    return page(
        "benefits/queue.html", status, form=form, rows=rows, total=queue_count(session(), actor(), filters),
        following=url_for("benefits.queue", **kept, after=following) if following else "",
        first=url_for("benefits.queue", **kept) if after else "", here=url_for("benefits.queue", **kept, after=after or None),
        clear=url_for("benefits.queue") if kept else "", may_approve=may_approve, problem=problem,
        approve_action=url_for("benefits.approve_many", **kept),
        export_action=url_for("benefits.export_queue", **kept) if actor().can(Can.EMPLOYEE_EXPORT) and rows else "",
    )  # fmt: skip


@bp.get("/enrollments")
@requires(Can.ENROLLMENT_VIEW)
def queue() -> Response:
    return _show()


@bp.post("/enrollments/export")
@requires(Can.EMPLOYEE_EXPORT)
def export_queue() -> Response:
    """What the filters of the URL select, as a file."""
    actor().require(Can.ENROLLMENT_VIEW)
    try:
        text = queue_export.export(session(), actor(), _form().filters())
    except Invalid as refused:
        return _show(422, _(str(refused)))
    headers = {"Content-Disposition": "attachment; filename=enrollments.csv", "Cache-Control": "no-store"}
    return FlaskResponse(text, mimetype="text/csv", headers=headers)


@bp.post("/enrollments/approvals")
@requires(Can.ENROLLMENT_APPROVE)
def approve_many() -> Response:
    try:
        result = services.approve_all(session(), actor(), request.form.getlist("submission"))
    except Invalid as refused:
        return _show(422, _(str(refused)))
    kept: dict[str, Any] = {name: request.args[name] for name in PARAMETERS if request.args.get(name)}
    if result.approved:
        done = plural("%(num)d enrollment approved.", "%(num)d enrollments approved.", result.approved)
        flash(done, "good")
    for code, count in Counter(code for _key, code in result.left).items():
        flash(_left(code, count), "warn")
    return redirect(url_for("benefits.queue", **kept), 303)


def _left(code: str, count: int) -> str:
    why = {
        "conflict": _("somebody decided meanwhile"),
        "forbidden": _("nobody decides about their own benefits"),
    }.get(code, _("not found"))
    return plural("%(num)d was left as it is: %(why)s.", "%(num)d were left as they are: %(why)s.", count, why=why)
