"""Hire somebody, change them, end the employment."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from werkzeug.wrappers import Response

from app.core.access import Can
from app.core.errors import Invalid, NotFound
from app.people import services
from app.people.forms.people import EndForm, HireForm, PersonalForm, WorkFields, WorkForm
from app.people.models import Employee
from app.people.services import Profile
from app.people.views.blueprint import _, bp, id_or_none, key, manager_of, said, saved, shown, yes_no
from app.web.access import requires
from app.web.edge import actor, session
from app.web.pages import page

PERSONAL = (
    "first_name", "middle_name", "last_name", "date_of_birth", "gender", "phone", "alternate_phone", "address_line1",
    "address_line2", "city", "state", "zip_code", "marital_status", "emergency_contact_name", "emergency_contact_phone",
    "emergency_contact_relation", "preferred_language",
)  # fmt: skip
WORK = (
    "employee_number", "work_email", "job_title", "hired_on", "employment_type", "weekly_hours", "employee_class", "pay_frequency",
    "status",
)  # fmt: skip


@bp.get("/people/new")
@requires(Can.EMPLOYEE_EDIT)
def new_employee() -> Response:
    return _hire_page(HireForm())


@bp.post("/people/new")
@requires(Can.EMPLOYEE_EDIT)
def new_employee_post() -> Response:
    form = HireForm()
    _offer(form)
    if not form.validate():
        return _hire_page(form, 422)
    try:
        values = _typed(form, ("first_name", "middle_name", "last_name", "date_of_birth", "gender", "ssn")) | _work_of(
            form
        )
        hired = services.hire(session(), actor(), employee_id=key(form), **values)
    except Invalid as problem:
        form.refuse(problem)
        return _hire_page(form, 422)
    return saved(_("%(name)s was added.", name=hired.first_name), "people.employee", employee_id=hired.id)


def _hire_page(form: HireForm, status: int = 200) -> Response:
    _offer(form)
    return page("people/new_employee.html", status, form=form)


def _offer(form: WorkFields) -> None:
    form.offer(services.places(session(), actor()))


def _typed(form: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: form[name].data for name in names}


def _work_of(form: Any) -> dict[str, Any]:
    values = _typed(form, tuple(name for name in WORK if name != "status"))
    values["weekly_hours"] = values["weekly_hours"] if values["weekly_hours"] is not None else 40
    values["department_id"] = id_or_none(form.department_id.data)
    values["region_id"] = id_or_none(form.region_id.data)
    values["manager_id"] = manager_of(form.manager_number.data)
    values["annual_salary"] = form.annual_salary.data
    return values


# --- personal details -------------------------------------------------------------------------------------------


def _sensitive(employee_id: UUID) -> Profile:
    """The profile of somebody whose personal data the actor may see and change."""
    found = services.profile(session(), actor(), employee_id, Can.EMPLOYEE_EDIT)
    if not found.sensitive:
        raise NotFound
    return found


@bp.get("/people/<uuid:employee_id>/personal")
@requires(Can.EMPLOYEE_EDIT)
def personal(employee_id: UUID) -> Response:
    person = _sensitive(employee_id).employee
    data = shown(person, PERSONAL) | {"tobacco": said(person.tobacco_user)}
    return _personal_page(person, PersonalForm(formdata=None, data=data))


@bp.post("/people/<uuid:employee_id>/personal")
@requires(Can.EMPLOYEE_EDIT)
def personal_post(employee_id: UUID) -> Response:
    person, form = _sensitive(employee_id).employee, PersonalForm()
    if not form.validate():
        return _personal_page(person, form, 422)
    values = _typed(form, PERSONAL) | {"tobacco_user": yes_no(form.tobacco.data)}
    if form.ssn.data:
        values["ssn"] = form.ssn.data
    try:
        services.change(session(), actor(), employee_id, seen=form.seen.moment(), **values)
    except Invalid as problem:
        form.refuse(problem)
        return _personal_page(person, form, 422)
    return saved(_("The changes are saved."), "people.employee", employee_id=employee_id)


def _personal_page(person: Employee, form: PersonalForm, status: int = 200) -> Response:
    return page("people/personal.html", status, person=person, form=form)


# --- work -------------------------------------------------------------------------------------------------------


@bp.get("/people/<uuid:employee_id>/work")
@requires(Can.EMPLOYEE_EDIT)
def work(employee_id: UUID) -> Response:
    found = services.profile(session(), actor(), employee_id, Can.EMPLOYEE_EDIT)
    person = found.employee
    data = shown(person, WORK) | {
        "department_id": str(person.department_id or ""),
        "region_id": str(person.region_id or ""),
        "manager_number": found.manager_number,
        "annual_salary": person.annual_salary if found.sensitive else None,
    }
    return _work_page(found, WorkForm(formdata=None, data=data))


@bp.post("/people/<uuid:employee_id>/work")
@requires(Can.EMPLOYEE_EDIT)
def work_post(employee_id: UUID) -> Response:
    found, form = services.profile(session(), actor(), employee_id, Can.EMPLOYEE_EDIT), WorkForm()
    _offer(form)
    if not form.validate():
        return _work_page(found, form, 422)
    try:
        values = _work_of(form) | {"status": form.status.data}
        if not found.sensitive:
            del values["annual_salary"]
        services.change(session(), actor(), employee_id, seen=form.seen.moment(), **values)
    except Invalid as problem:
        form.refuse(problem)
        return _work_page(found, form, 422)
    return saved(_("The changes are saved."), "people.employee", employee_id=employee_id)


def _work_page(found: Profile, form: WorkForm, status: int = 200) -> Response:
    _offer(form)
    return page("people/work.html", status, found=found, person=found.employee, form=form)


# --- the end ----------------------------------------------------------------------------------------------------


@bp.get("/people/<uuid:employee_id>/end")
@requires(Can.EMPLOYEE_EDIT)
def end(employee_id: UUID) -> Response:
    person = services.employee(session(), actor(), employee_id, Can.EMPLOYEE_EDIT)
    return page("people/end.html", person=person, form=EndForm(formdata=None))


@bp.post("/people/<uuid:employee_id>/end")
@requires(Can.EMPLOYEE_EDIT)
def end_post(employee_id: UUID) -> Response:
    person, form = services.employee(session(), actor(), employee_id, Can.EMPLOYEE_EDIT), EndForm()
    if form.validate() and form.last_day.data:
        try:
            services.terminate(
                session(), actor(), employee_id, last_day=form.last_day.data, reason=form.reason.data or ""
            )
            return saved(_("The last day of work is saved."), "people.employee", employee_id=employee_id)
        except Invalid as problem:
            named = {"terminated_on": "last_day", "termination_reason": "reason"}
            form.refuse(Invalid({named.get(name, name): text for name, text in problem.errors.items()}))
    return page("people/end.html", 422, person=person, form=form)
