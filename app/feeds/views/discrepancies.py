"""The discrepancy inbox."""

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
from app.feeds.forms import AssignForm, DiscrepancyFilterForm, ResolveForm
from app.feeds.services import discrepancies as inbox
from app.feeds.views import words
from app.feeds.views.blueprint import bp, chosen, chosen_id, here
from app.people import services as people
from app.web.access import requires
from app.web.edge import actor, session
from app.web.forms import choices
from app.web.pages import page

FILTERS = ("state", "severity", "owner", "connection", "mine")


@bp.get("/discrepancies")
@requires(Can.DISCREPANCY_VIEW)
def discrepancies() -> BaseResponse:
    filters = inbox.Filters(
        state=chosen("state", ("open", "closed")) or "open",
        severity=chosen("severity", words.SEVERITIES),
        owner=chosen("owner", words.OWNERS),
        connection_id=chosen_id("connection"),
        mine=request.args.get("mine") == "1",
    )
    found = inbox.listed(session(), actor(), filters, request.args.get("after", ""))
    return page(
        "feeds/discrepancies.html", form=_filter_form(filters), found=found, rows=[_row(row) for row in found.rows],
        clear=url_for("feeds.discrepancies") if request.args else "", mine=filters.mine,
        next=here("feeds.discrepancies", *FILTERS, after=found.after) if found.after else "",
        first=here("feeds.discrepancies", *FILTERS) if "after" in request.args else "",
    )  # fmt: skip


def _filter_form(filters: inbox.Filters) -> DiscrepancyFilterForm:
    form = DiscrepancyFilterForm(formdata=None, state=filters.state, severity=filters.severity, owner=filters.owner)
    form.state.choices = choices([("open", _("Open")), ("closed", _("Closed"))])
    form.severity.choices = choices([("", _("Any")), *((key, tag[0]) for key, tag in words.SEVERITIES.items())])
    form.owner.choices = choices([("", _("Anybody")), *words.OWNERS.items()])
    return form


def _row(row: Any) -> dict[str, Any]:
    late = row.state == "open" and row.due_on < today()
    return {
        "id": row.id, "what": words.TITLES[row.code], "who": row.employee_number or _("Not one of ours"), "carrier": row.carrier,
        "severity": words.SEVERITIES[row.severity], "owner": row.assignee or words.OWNERS[row.owner], "due": row.due_on,
        "late": late,
    }  # fmt: skip


@bp.get("/discrepancies/<uuid:discrepancy_id>")
@requires(Can.DISCREPANCY_VIEW)
def discrepancy(discrepancy_id: UUID) -> BaseResponse:
    return _page(discrepancy_id, AssignForm(formdata=None), ResolveForm(formdata=None))


def _page(discrepancy_id: UUID, assign_form: AssignForm, resolve_form: ResolveForm, status: int = 200) -> BaseResponse:
    row, connection, who = services.look(session(), actor(), discrepancy_id)
    may_resolve = actor().can(Can.DISCREPANCY_RESOLVE) and row.state == "open"
    named = services.assignees(session())
    assign_form.assignee.choices = choices(
        [("", _("Nobody in particular")), *((str(key), name) for key, name in named)]
    )
    assign_form.assignee.data = str(row.assignee_user_id or "")
    return page(
        "feeds/discrepancy.html", status, row=row, details=row.details or {}, connection=connection,
        person=people.full_name(who.first_name, who.last_name) if who else _("Nobody of ours"),
        title=words.TITLES[row.code], advice=words.ADVICE[row.code],
        severity=words.SEVERITIES[row.severity], state=words.STATES[row.state], owner=words.OWNERS[row.owner],
        assign_form=assign_form, resolve_form=resolve_form, may_resolve=may_resolve, late=row.due_on < today(),
        assignee=next((name for key, name in named if key == row.assignee_user_id), ""),
    )  # fmt: skip


def _to(discrepancy_id: UUID) -> BaseResponse:
    return redirect(url_for("feeds.discrepancy", discrepancy_id=discrepancy_id), 303)


@bp.post("/discrepancies/<uuid:discrepancy_id>/assign")
@requires(Can.DISCREPANCY_RESOLVE)
def assign(discrepancy_id: UUID) -> BaseResponse:
    form = AssignForm()
    try:
        chosen_user = UUID(form.assignee.data) if form.assignee.data else None
        services.assign(session(), actor(), discrepancy_id, chosen_user)
    except (Invalid, ValueError):
        form.assignee.errors = [_("Choose one of the people in the list")]
        return _page(discrepancy_id, form, ResolveForm(formdata=None), 422)
    flash(_("Saved"), "good")
    return _to(discrepancy_id)


@bp.post("/discrepancies/<uuid:discrepancy_id>/resolve")
@requires(Can.DISCREPANCY_RESOLVE)
def resolve(discrepancy_id: UUID) -> BaseResponse:
    form = ResolveForm()
    if not form.validate():
        return _page(discrepancy_id, AssignForm(formdata=None), form, 422)
    try:
        services.resolve(session(), actor(), discrepancy_id, str(form.note.data))
    except Invalid as problem:
        form.refuse(problem)
        return _page(discrepancy_id, AssignForm(formdata=None), form, 422)
    flash(_("The discrepancy is closed. If the next census still shows it, it opens again."), "good")
    return _to(discrepancy_id)
