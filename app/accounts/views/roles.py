"""Roles, who has them, and the access map. Changing rights asks for a step-up."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.forms import FLAG_LABELS, LEVEL_LABELS, AssignmentForm, RoleForm
from app.accounts.models import DataAccessLevel, Role, RoleAssignment
from app.accounts.rules import flags_of
from app.accounts.services import directory, roles
from app.accounts.views.blueprint import bp
from app.accounts.views.doorway import translated
from app.accounts.views.step_up import step_up
from app.accounts.views.users import to_user
from app.core.access import EVERYBODY, GRANTS, Can, Flag
from app.core.db import fetch
from app.core.errors import Invalid, NotFound
from app.web.access import requires
from app.web.edge import actor, session
from app.web.pages import page


@bp.get("/roles", endpoint="roles")
@requires(Can.ROLE_MANAGE)
def list_roles() -> BaseResponse:
    people = roles.people_per_role(session())
    rows = [
        {
            "id": role.id, "name": role.name, "description": role.description or role.role_type,
            "level": LEVEL_LABELS[DataAccessLevel(role.data_access_level)], "people": people.get(role.id, 0),
            "state": (_("In use"), "good") if role.is_active else (_("Not in use"), "neutral"),
        }
        for role in roles.list_roles(session())
    ]  # fmt: skip
    return page("accounts/roles.html", rows=rows)


@bp.get("/roles/new")
@requires(Can.ROLE_MANAGE)
def new_role() -> BaseResponse:
    return page("accounts/role.html", form=RoleForm(formdata=None), role=None)


@bp.post("/roles/new")
@requires(Can.ROLE_MANAGE)
@step_up
def new_role_post() -> BaseResponse:
    form = RoleForm()
    if form.validate():
        try:
            roles.add_role(session(), actor(), form.values(), str(form.role_type.data))
        except Invalid as problem:
            form.refuse(translated(problem))
        else:
            flash(_("The role is saved."), "good")
            return redirect(url_for("accounts.roles"), 303)
    return page("accounts/role.html", 422, form=form, role=None)


@bp.get("/roles/<uuid:role_id>")
@requires(Can.ROLE_MANAGE)
def role(role_id: UUID) -> BaseResponse:
    found = fetch(session(), Role, role_id)
    form = RoleForm(formdata=None, obj=found, data={"flags": [flag.value for flag in flags_of(found)]})
    return page("accounts/role.html", form=form, role=found)


@bp.post("/roles/<uuid:role_id>")
@requires(Can.ROLE_MANAGE)
@step_up
def role_post(role_id: UUID) -> BaseResponse:
    form = RoleForm()
    form.role_type.data = fetch(session(), Role, role_id).role_type  # the kind of a role never changes
    if form.validate():
        try:
            roles.change_role(session(), actor(), role_id, form.values())
        except Invalid as problem:
            session().rollback()
            form.refuse(translated(problem))
        else:
            flash(_("The role is saved. It acts on the next page everybody opens."), "good")
            return redirect(url_for("accounts.roles"), 303)
    return page("accounts/role.html", 422, form=form, role=fetch(session(), Role, role_id))


# --- assignments ------------------------------------------------------------------------------------------------


def _form(**kwargs: Any) -> AssignmentForm:
    form = AssignmentForm(**kwargs)
    departments, regions = directory.places(session())
    active = [(str(one.id), one.name) for one in roles.list_roles(session()) if one.is_active]
    form.offer(active, departments, regions)
    return form


def _assignment_page(
    user_id: UUID, form: AssignmentForm, found: RoleAssignment | None, status: int = 200
) -> BaseResponse:
    user = directory.get_user(session(), actor(), user_id)
    return page("accounts/assignment.html", status, form=form, user=user, assignment=found)


def _assignment(user_id: UUID, assignment_id: UUID) -> RoleAssignment:
    found = fetch(session(), RoleAssignment, assignment_id)
    if found.user_id != user_id:
        raise NotFound
    return found


@bp.get("/users/<uuid:user_id>/roles/new")
@requires(Can.ROLE_MANAGE)
def new_assignment(user_id: UUID) -> BaseResponse:
    return _assignment_page(user_id, _form(formdata=None), None)


@bp.post("/users/<uuid:user_id>/roles/new")
@requires(Can.ROLE_MANAGE)
@step_up
def new_assignment_post(user_id: UUID) -> BaseResponse:
    return _save(user_id, _form(), None)


@bp.get("/users/<uuid:user_id>/roles/<uuid:assignment_id>")
@requires(Can.ROLE_MANAGE)
def assignment(user_id: UUID, assignment_id: UUID) -> BaseResponse:
    found = _assignment(user_id, assignment_id)
    places = {name: str(getattr(found, name) or "") for name in ("role_id", "department_id", "region_id")}
    form = _form(formdata=None, obj=_Shown(found, places))
    return _assignment_page(user_id, form, found)


class _Shown:
    """A row for a form, its ids as the words of their lists."""

    def __init__(self, row: Any, words: dict[str, str]) -> None:
        self._row, self._words = row, words

    def __getattr__(self, name: str) -> Any:
        return self._words[name] if name in self._words else getattr(self._row, name)


@bp.post("/users/<uuid:user_id>/roles/<uuid:assignment_id>")
@requires(Can.ROLE_MANAGE)
@step_up
def assignment_post(user_id: UUID, assignment_id: UUID) -> BaseResponse:
    found, form = _assignment(user_id, assignment_id), _form()
    form.role_id.data = str(found.role_id)  # another role is another assignment
    return _save(user_id, form, found)


def _save(user_id: UUID, form: AssignmentForm, found: RoleAssignment | None) -> BaseResponse:
    if form.validate():
        try:
            roles.assign_role(session(), actor(), user_id, str(form.role_id.data), form.values())
        except Invalid as problem:
            session().rollback()
            form.refuse(translated(problem))
        else:
            flash(_("Saved. It acts on the next page they open."), "good")
            return to_user(user_id)
    return _assignment_page(user_id, form, found, 422)


@bp.post("/users/<uuid:user_id>/roles/<uuid:assignment_id>/withdraw")
@requires(Can.ROLE_MANAGE)
@step_up
def withdraw_assignment(user_id: UUID, assignment_id: UUID) -> BaseResponse:
    try:
        roles.withdraw_role(session(), actor(), user_id, assignment_id)
    except Invalid as problem:
        session().rollback()
        flash(next(iter(translated(problem).errors.values())), "bad")
        return to_user(user_id)
    flash(_("The role is taken away and the person is signed out."), "good")
    return to_user(user_id)


# --- the map ----------------------------------------------------------------------------------------------------


@bp.get("/roles/access-map")
@requires(Can.ROLE_MANAGE)
def access_map() -> BaseResponse:
    """Who may do what, on one page for printing: this company's roles, not only the ones Corridor starts with."""
    rows = [
        {
            "name": one.name,
            "level": LEVEL_LABELS[DataAccessLevel(one.data_access_level)],
            "flags": [FLAG_LABELS[flag] for flag in Flag if flag in flags_of(one)],
            "cans": sorted({can.value for flag in flags_of(one) for can in GRANTS[flag]}),
        }
        for one in roles.list_roles(session())
        if one.is_active
    ]
    return page("accounts/access_map.html", rows=rows, everybody=sorted(can.value for can in EVERYBODY))
