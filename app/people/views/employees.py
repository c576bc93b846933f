"""The list of people, one person, and the export."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response as FlaskResponse
from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.core.access import Can
from app.core.clock import today
from app.core.errors import Invalid
from app.people import services
from app.people.forms.company import FilterForm
from app.people.forms.people import ReasonForm
from app.people.rules.identity import looks_like_ssn
from app.people.services import Filters
from app.people.views.blueprint import _, bp
from app.web.access import requires
from app.web.edge import actor, session
from app.web.pages import page


def filters_of(values: Mapping[str, str]) -> Filters:
    return Filters(**{name: values.get(name, "")[:100] for name in Filters._fields})


@bp.get("/people")
@requires(Can.EMPLOYEE_VIEW)
def employees() -> Response:
    """The list; filters live in the URL, so a Social Security number must not get there."""
    chosen = filters_of(request.args)
    if looks_like_ssn(chosen.q):
        flash(_("Search by name or employee number. Social Security numbers do not belong in a web address."), "warn")
        return redirect(url_for("people.employees", **_kept(chosen._replace(q=""))), 303)
    found = services.listing(session(), actor(), chosen, after=request.args.get("after", "")[:40])
    form = FilterForm(formdata=request.args)
    form.offer(services.places(session(), actor()))
    first = url_for("people.employees", **_kept(chosen))
    following = url_for("people.employees", **_kept(chosen), after=found.after) if found.after else ""
    return page(
        "people/employees.html", found=found, filters=form, chosen=_kept(chosen), first=first, following=following,
        may=actor().can,
    )  # fmt: skip


def _kept(filters: Filters) -> dict[str, Any]:
    return {name: value for name, value in filters._asdict().items() if value}


@bp.post("/people/export")
@requires(Can.EMPLOYEE_EXPORT)
def export() -> Response:
    """The employees the filters select, as a file."""
    chosen = filters_of(request.form)
    try:
        text = services.export(session(), actor(), chosen)
    except Invalid as problem:
        flash(_(str(problem)), "bad")
        return redirect(url_for("people.employees", **_kept(chosen)), 303)
    return download(text, "employees.csv")


def download(text: str, name: str) -> Response:
    """A CSV file that no cache keeps and no browser opens as a page."""
    headers = {
        "Content-Disposition": f"attachment; filename={name}",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return FlaskResponse(text, mimetype="text/csv", headers=headers)


@bp.get("/people/<uuid:employee_id>")
@requires(Can.EMPLOYEE_VIEW)
def employee(employee_id: UUID) -> Response:
    found = services.profile(session(), actor(), employee_id)
    people = services.dependents(session(), actor(), found.employee.id, Can.EMPLOYEE_VIEW) if found.sensitive else []
    may = actor().can
    return page("people/employee.html", found=found, person=found.employee, dependents=people, today=today(), may=may)


@bp.get("/people/<uuid:employee_id>/ssn")
@requires(Can.SENSITIVE_VIEW)
def ssn(employee_id: UUID) -> Response:
    services.employee(session(), actor(), employee_id, Can.SENSITIVE_VIEW)
    return _ssn_page(ReasonForm(formdata=None), url_for("people.show_ssn", employee_id=employee_id), employee_id)


@bp.post("/people/<uuid:employee_id>/ssn")
@requires(Can.SENSITIVE_VIEW)
def show_ssn(employee_id: UUID) -> Response:
    """The whole number, on an answer that no cache keeps; the reason goes to the audit."""
    form, action = ReasonForm(), url_for("people.show_ssn", employee_id=employee_id)
    try:
        number = services.show_ssn(session(), actor(), employee_id, reason=form.reason.data or "")
    except Invalid as problem:
        form.refuse(problem)
        return _ssn_page(form, action, employee_id, 422)
    return _ssn_page(form, action, employee_id, number=number)


@bp.get("/people/dependents/<uuid:dependent_id>/ssn")
@requires(Can.SENSITIVE_VIEW)
def dependent_ssn(dependent_id: UUID) -> Response:
    found = services.dependent(session(), actor(), dependent_id, Can.SENSITIVE_VIEW)
    action = url_for("people.show_dependent_ssn", dependent_id=dependent_id)
    return _ssn_page(ReasonForm(formdata=None), action, found.employee_id)


@bp.post("/people/dependents/<uuid:dependent_id>/ssn")
@requires(Can.SENSITIVE_VIEW)
def show_dependent_ssn(dependent_id: UUID) -> Response:
    found = services.dependent(session(), actor(), dependent_id, Can.SENSITIVE_VIEW)
    form, action = ReasonForm(), url_for("people.show_dependent_ssn", dependent_id=dependent_id)
    try:
        number = services.show_dependent_ssn(session(), actor(), dependent_id, reason=form.reason.data or "")
    except Invalid as problem:
        form.refuse(problem)
        return _ssn_page(form, action, found.employee_id, 422)
    return _ssn_page(form, action, found.employee_id, number=number)


def _ssn_page(form: ReasonForm, action: str, employee_id: UUID, status: int = 200, number: str = "") -> Response:
    back = url_for("people.employee", employee_id=employee_id)
    return page("people/ssn.html", status, form=form, action=action, back=back, number=number)
