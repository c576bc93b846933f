"""The manual-fulfillment queue: what to type into a carrier's portal."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.core.access import Can
from app.core.clock import today
from app.core.errors import Invalid
from app.feeds import services
from app.feeds.forms import CompleteForm
from app.feeds.services import manual
from app.feeds.views import words
from app.feeds.views.blueprint import bp, here
from app.integrations.formats.x12.codes import TIERS
from app.people import services as people
from app.web.access import requires
from app.web.edge import actor, session
from app.web.pages import page


@bp.get("/manual-tasks")
@requires(Can.FEED_VIEW)
def manual_tasks() -> BaseResponse:
    state = "done" if request.args.get("state") == "done" else "open"
    found = manual.listed(session(), actor(), state, request.args.get("after", ""))
    rows = [
        {
            "id": row.id, "what": words.CHANGE_KINDS[row.kind], "carrier": row.carrier, "who": row.employee_number,
            "plan": row.plan, "from": row.effective_on, "due": row.due_on, "late": state == "open" and row.due_on < today(),
        }
        for row in found.rows
    ]  # fmt: skip
    tabs = [
        {"label": _("To do"), "url": url_for("feeds.manual_tasks"), "current": state == "open"},
        {"label": _("Done"), "url": url_for("feeds.manual_tasks", state="done"), "current": state == "done"},
    ]
    return page(
        "feeds/manual_tasks.html", rows=rows, found=found, tabs=tabs, state=state,
        next=here("feeds.manual_tasks", "state", after=found.after) if found.after else "",
        first=here("feeds.manual_tasks", "state") if "after" in request.args else "",
    )  # fmt: skip


@bp.get("/manual-tasks/<uuid:task_id>")
@requires(Can.FEED_VIEW)
def manual_task(task_id: UUID) -> BaseResponse:
    return _page(task_id, CompleteForm(formdata=None))


def _page(task_id: UUID, form: CompleteForm, status: int = 200) -> BaseResponse:
    found = services.task(session(), actor(), task_id)
    return page(
        "feeds/manual_task.html", status, form=form, found=found, kind=words.CHANGE_KINDS[found.change.kind],
        name=people.full_name(found.employee.first_name, found.employee.last_name), lines=_what_to_type(found),
        portal=found.connection.settings.get("portal", ""), steps=found.connection.settings.get("instructions", ""),
        may_complete=actor().can(Can.FEED_MANAGE) and found.task.state == "open", late=found.task.due_on < today(),
    )  # fmt: skip


def _what_to_type(found: manual.Task) -> list[tuple[str, Any, str]]:
    """(label, value, filter) in the order a portal asks for it."""
    told, plan = found.told, found.plan
    if told is None or plan is None:
        return []
    lines: list[tuple[str, Any, str]] = [
        (_("Plan"), f"{plan.name} ({plan.carrier_plan_code})", ""),
        (_("Coverage level"), TIERS.get(told.tier, told.tier), ""),
        (_("Starts"), told.start, "date"),
    ]
    if told.end is not None:
        lines.append((_("Last covered day"), told.end, "date"))
    return lines


@bp.post("/manual-tasks/<uuid:task_id>/done")
@requires(Can.FEED_MANAGE)
def manual_task_done(task_id: UUID) -> BaseResponse:
    form = CompleteForm()
    if not form.validate():
        return _page(task_id, form, 422)
    try:
        services.complete(session(), actor(), task_id, str(form.reference.data))
    except Invalid as problem:
        form.refuse(problem)
        return _page(task_id, form, 422)
    flash(_("Done. The carrier's next list will show whether it arrived."), "good")
    return redirect(url_for("feeds.manual_tasks"), 303)
