"""Dependents: the same pages for HR (of anybody in scope) and for people themselves."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import url_for
from werkzeug.wrappers import Response

from app.core.access import Can
from app.core.clock import today
from app.core.errors import Invalid, NotFound
from app.people import services
from app.people.forms.people import DependentForm, RemoveForm
from app.people.models import Dependent
from app.people.views.blueprint import _, bp, key, saved
from app.web.access import requires
from app.web.edge import actor, session
from app.web.pages import page

FIELDS = ("first_name", "middle_name", "last_name", "relationship", "date_of_birth", "gender", "student", "disabled")


def own_id() -> UUID:
    """The employee who is signed in.

    Raises:
        NotFound: the user is no employee.
    """
    found = actor().employee_id
    if found is None:
        raise NotFound
    return found


@bp.get("/people/<uuid:employee_id>/dependents/new")
@requires(Can.EMPLOYEE_EDIT)
def new_dependent(employee_id: UUID) -> Response:
    services.employee(session(), actor(), employee_id, Can.EMPLOYEE_EDIT)
    return _form_page(
        DependentForm(), url_for("people.new_dependent_post", employee_id=employee_id), _home(employee_id)
    )


@bp.post("/people/<uuid:employee_id>/dependents/new")
@requires(Can.EMPLOYEE_EDIT)
def new_dependent_post(employee_id: UUID) -> Response:
    return _add(employee_id, Can.EMPLOYEE_EDIT, url_for("people.new_dependent_post", employee_id=employee_id))


@bp.get("/me/dependents/new")
@requires(Can.ENROLL_OWN)
def my_new_dependent() -> Response:
    own_id()
    return _form_page(DependentForm(), url_for("people.my_new_dependent_post"), _home(None))


@bp.post("/me/dependents/new")
@requires(Can.ENROLL_OWN)
def my_new_dependent_post() -> Response:
    return _add(own_id(), Can.ENROLL_OWN, url_for("people.my_new_dependent_post"))


def _home(employee_id: UUID | None) -> str:
    """Where dependents are listed: the person's page for HR, the own page otherwise."""
    return url_for("people.employee", employee_id=employee_id) if employee_id else url_for("people.my_dependents")


def _back(permission: Can, employee_id: UUID) -> str:
    return _home(employee_id if permission is Can.EMPLOYEE_EDIT else None)


def _form_page(form: DependentForm, action: str, back: str, status: int = 200, **more: Any) -> Response:
    return page("people/dependent.html", status, form=form, action=action, back=back, **more)


def _values(form: DependentForm) -> dict[str, Any]:
    values = {name: form[name].data for name in FIELDS}
    if form.ssn.data or form.ssn_missing_reason.data:
        values |= {"ssn": form.ssn.data, "ssn_missing_reason": form.ssn_missing_reason.data or ""}
    return values


def _add(employee_id: UUID, permission: Can, action: str) -> Response:
    form = DependentForm()
    if form.validate():
        try:
            added = services.add_dependent(
                session(), actor(), employee_id, permission=permission, dependent_id=key(form), **_values(form)
            )
            return _done(_("%(name)s was added.", name=added.first_name), permission, employee_id)
        except Invalid as problem:
            form.refuse(problem)
    return _form_page(form, action, _back(permission, employee_id), 422)


def _done(message: str, permission: Can, employee_id: UUID) -> Response:
    if permission is Can.EMPLOYEE_EDIT:
        return saved(message, "people.employee", employee_id=employee_id)
    return saved(message, "people.my_dependents")


# --- change -----------------------------------------------------------------------------------------------------


@bp.get("/people/dependents/<uuid:dependent_id>")
@requires(Can.EMPLOYEE_EDIT)
def dependent(dependent_id: UUID) -> Response:
    return _shown(dependent_id, Can.EMPLOYEE_EDIT, url_for("people.dependent_post", dependent_id=dependent_id))


@bp.post("/people/dependents/<uuid:dependent_id>")
@requires(Can.EMPLOYEE_EDIT)
def dependent_post(dependent_id: UUID) -> Response:
    return _change(dependent_id, Can.EMPLOYEE_EDIT, url_for("people.dependent_post", dependent_id=dependent_id))


@bp.get("/me/dependents/<uuid:dependent_id>")
@requires(Can.ENROLL_OWN)
def my_dependent(dependent_id: UUID) -> Response:
    return _shown(dependent_id, Can.ENROLL_OWN, url_for("people.my_dependent_post", dependent_id=dependent_id))


@bp.post("/me/dependents/<uuid:dependent_id>")
@requires(Can.ENROLL_OWN)
def my_dependent_post(dependent_id: UUID) -> Response:
    return _change(dependent_id, Can.ENROLL_OWN, url_for("people.my_dependent_post", dependent_id=dependent_id))


def _found(dependent_id: UUID, permission: Can) -> Dependent:
    """A dependent that is still one. HR needs the right to sensitive data as well: every field here is."""
    found = services.dependent(session(), actor(), dependent_id, permission)
    if found.removed_on is not None:
        raise NotFound
    if permission is Can.EMPLOYEE_EDIT:
        services.profile(session(), actor(), found.employee_id, Can.SENSITIVE_VIEW)
    return found


def _shown(dependent_id: UUID, permission: Can, action: str) -> Response:
    found = _found(dependent_id, permission)
    data = {name: getattr(found, name) for name in FIELDS}
    data |= {"ssn_missing_reason": found.ssn_missing_reason, "seen": found.updated_at.isoformat()}
    form = DependentForm(formdata=None, data=data)
    return _form_page(form, action, _back(permission, found.employee_id), person=found, **_links(found, permission))


def _links(found: Dependent, permission: Can) -> dict[str, Any]:
    own = permission is Can.ENROLL_OWN
    endpoint = "people.my_dependent_end" if own else "people.dependent_end"
    return {"remove": url_for(endpoint, dependent_id=found.id)}


def _change(dependent_id: UUID, permission: Can, action: str) -> Response:
    found, form = _found(dependent_id, permission), DependentForm()
    if form.validate():
        try:
            services.change_dependent(
                session(), actor(), dependent_id, permission=permission, seen=form.seen.moment(), **_values(form)
            )
            return _done(_("The changes are saved."), permission, found.employee_id)
        except Invalid as problem:
            form.refuse(problem)
    back = _back(permission, found.employee_id)
    return _form_page(form, action, back, 422, person=found, **_links(found, permission))


# --- remove -----------------------------------------------------------------------------------------------------


@bp.get("/people/dependents/<uuid:dependent_id>/end")
@requires(Can.EMPLOYEE_EDIT)
def dependent_end(dependent_id: UUID) -> Response:
    return _end_page(_found(dependent_id, Can.EMPLOYEE_EDIT), Can.EMPLOYEE_EDIT)


@bp.post("/people/dependents/<uuid:dependent_id>/end")
@requires(Can.EMPLOYEE_EDIT)
def dependent_end_post(dependent_id: UUID) -> Response:
    return _end(dependent_id, Can.EMPLOYEE_EDIT)


@bp.get("/me/dependents/<uuid:dependent_id>/end")
@requires(Can.ENROLL_OWN)
def my_dependent_end(dependent_id: UUID) -> Response:
    return _end_page(_found(dependent_id, Can.ENROLL_OWN), Can.ENROLL_OWN)


@bp.post("/me/dependents/<uuid:dependent_id>/end")
@requires(Can.ENROLL_OWN)
def my_dependent_end_post(dependent_id: UUID) -> Response:
    return _end(dependent_id, Can.ENROLL_OWN)


def _end_page(found: Dependent, permission: Can, form: RemoveForm | None = None, status: int = 200) -> Response:
    own = permission is Can.ENROLL_OWN
    action = url_for("people.my_dependent_end_post" if own else "people.dependent_end_post", dependent_id=found.id)
    form = form or RemoveForm(formdata=None, data={"removed_on": today()})
    back = url_for("people.my_dependent" if own else "people.dependent", dependent_id=found.id)
    return page("people/dependent_end.html", status, person=found, form=form, action=action, back=back)


def _end(dependent_id: UUID, permission: Can) -> Response:
    found, form = services.dependent(session(), actor(), dependent_id, permission), RemoveForm()
    if not form.validate():
        return _end_page(found, permission, form, 422)
    services.remove_dependent(
        session(),
        actor(),
        dependent_id,
        permission=permission,
        removed_on=form.removed_on.data,
        reason=form.reason.data or "",
    )
    return _done(_("%(name)s was removed.", name=found.first_name), permission, found.employee_id)
