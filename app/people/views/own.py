"""What people see and change about themselves."""

from __future__ import annotations

from werkzeug.wrappers import Response

from app.core.access import Can
from app.core.clock import today
from app.core.errors import Invalid
from app.people import services
from app.people.forms.people import MyDetailsForm
from app.people.views.blueprint import _, bp, said, saved, shown, yes_no
from app.people.views.dependents import own_id
from app.web.access import requires
from app.web.edge import actor, session
from app.web.pages import page

FIELDS = (
    "phone", "alternate_phone", "address_line1", "address_line2", "city", "state", "zip_code", "marital_status",
    "emergency_contact_name", "emergency_contact_phone", "emergency_contact_relation", "preferred_language",
)  # fmt: skip


@bp.get("/me")
@requires(Can.ENROLL_OWN)
def my_details() -> Response:
    found = services.profile(session(), actor(), own_id(), Can.ENROLL_OWN)
    return page("people/my_details.html", found=found, person=found.employee)


@bp.get("/me/contact")
@requires(Can.ENROLL_OWN)
def my_contact() -> Response:
    person = services.employee(session(), actor(), own_id(), Can.ENROLL_OWN)
    data = shown(person, FIELDS) | {"tobacco": said(person.tobacco_user)}
    return page("people/my_contact.html", form=MyDetailsForm(formdata=None, data=data))


@bp.post("/me/contact")
@requires(Can.ENROLL_OWN)
def my_contact_post() -> Response:
    form = MyDetailsForm()
    if form.validate():
        values = {name: form[name].data for name in FIELDS} | {"tobacco_user": yes_no(form.tobacco.data)}
        try:
            services.change(session(), actor(), own_id(), permission=Can.ENROLL_OWN, seen=form.seen.moment(), **values)
            return saved(_("The changes are saved."), "people.my_details")
        except Invalid as problem:
            form.refuse(problem)
    return page("people/my_contact.html", 422, form=form)


@bp.get("/me/dependents")
@requires(Can.ENROLL_OWN)
def my_dependents() -> Response:
    found = services.dependents(session(), actor(), own_id(), Can.ENROLL_OWN)
    return page("people/my_dependents.html", dependents=found, today=today())
