"""The company's settings: facts, look, departments and regions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import request, url_for
from werkzeug.wrappers import Response

from app.core.access import Can
from app.core.errors import Invalid, NotFound
from app.people import services
from app.people.forms.company import CompanyForm, DepartmentForm, LogoForm, PlaceForm
from app.people.models import Department, Region
from app.people.rules.identity import masked
from app.people.services import Place
from app.people.services.company import FIELDS
from app.people.views.blueprint import _, bp, id_or_none, key, saved
from app.web.access import requires
from app.web.edge import actor, session
from app.web.pages import page

FACTS = tuple(name for name in sorted(FIELDS) if name != "tax_id")


@bp.get("/company")
@requires(Can.COMPANY_EDIT)
def company() -> Response:
    row = services.company(session(), actor())
    return _company_page(
        CompanyForm(formdata=None, data={name: getattr(row, name) for name in FACTS}), LogoForm(formdata=None)
    )


@bp.post("/company")
@requires(Can.COMPANY_EDIT)
def company_post() -> Response:
    form = CompanyForm()
    if form.validate():
        values = {name: form[name].data for name in FACTS}
        if form.tax_id.data:
            values["tax_id"] = form.tax_id.data
        try:
            services.change_company(session(), actor(), **values)
            return saved(_("The changes are saved."), "people.company")
        except Invalid as problem:
            form.refuse(problem)
    return _company_page(form, LogoForm(formdata=None), 422)


@bp.post("/company/logo")
@requires(Can.COMPANY_EDIT)
def company_logo_post() -> Response:
    form = LogoForm()
    if form.validate():
        file = request.files["logo"]
        try:
            services.set_logo(session(), actor(), file.read(), file.filename or "")
            return saved(_("The logo is saved."), "people.company")
        except Invalid as problem:
            form.refuse(problem)
    row = services.company(session(), actor())
    facts = CompanyForm(formdata=None, data={name: getattr(row, name) for name in FACTS})
    return _company_page(facts, form, 422)


def _company_page(form: CompanyForm, logo_form: LogoForm, status: int = 200) -> Response:
    row = services.company(session(), actor())
    return page(
        "people/company.html", status, row=row, form=form, logo_form=logo_form, tax_id=masked("tax_id", row.tax_id),
        failed=logo_form if logo_form.errors else form,
    )  # fmt: skip


@bp.post("/company/logo/removal")
@requires(Can.COMPANY_EDIT)
def remove_logo() -> Response:
    services.remove_logo(session(), actor())
    return saved(_("The logo is removed."), "people.company")


# --- departments and regions ------------------------------------------------------------------------------------


@bp.get("/company/places")
@requires(Can.COMPANY_EDIT)
def places() -> Response:
    return page("people/places.html", places=services.places(session(), actor()))


@bp.get("/company/departments/new")
@requires(Can.COMPANY_EDIT)
def new_department() -> Response:
    return _place_page(DepartmentForm(), url_for("people.new_department_post"))


@bp.post("/company/departments/new")
@requires(Can.COMPANY_EDIT)
def new_department_post() -> Response:
    return _save(DepartmentForm(), Department, None, url_for("people.new_department_post"))


@bp.get("/company/departments/<uuid:place_id>")
@requires(Can.COMPANY_EDIT)
def department(place_id: UUID) -> Response:
    found = _found(services.places(session(), actor()).departments, place_id)
    data = {"name": found.name, "code": found.code, "region_id": str(found.region_id or "")}
    return _place_page(
        DepartmentForm(formdata=None, data=data), url_for("people.department_post", place_id=place_id), found
    )


@bp.post("/company/departments/<uuid:place_id>")
@requires(Can.COMPANY_EDIT)
def department_post(place_id: UUID) -> Response:
    _found(services.places(session(), actor()).departments, place_id)
    return _save(DepartmentForm(), Department, place_id, url_for("people.department_post", place_id=place_id))


@bp.get("/company/regions/new")
@requires(Can.COMPANY_EDIT)
def new_region() -> Response:
    return _place_page(PlaceForm(), url_for("people.new_region_post"))


@bp.post("/company/regions/new")
@requires(Can.COMPANY_EDIT)
def new_region_post() -> Response:
    return _save(PlaceForm(), Region, None, url_for("people.new_region_post"))


@bp.get("/company/regions/<uuid:place_id>")
@requires(Can.COMPANY_EDIT)
def region(place_id: UUID) -> Response:
    found = _found(services.places(session(), actor()).regions, place_id)
    form = PlaceForm(formdata=None, data={"name": found.name, "code": found.code})
    return _place_page(form, url_for("people.region_post", place_id=place_id), found)


@bp.post("/company/regions/<uuid:place_id>")
@requires(Can.COMPANY_EDIT)
def region_post(place_id: UUID) -> Response:
    _found(services.places(session(), actor()).regions, place_id)
    return _save(PlaceForm(), Region, place_id, url_for("people.region_post", place_id=place_id))


def _found(rows: list[Place], place_id: UUID) -> Place:
    found = next((row for row in rows if row.id == place_id), None)
    if found is None:
        raise NotFound
    return found


def _place_page(form: PlaceForm, action: str, found: Place | None = None, status: int = 200) -> Response:
    _offer(form)
    return page("people/place.html", status, form=form, action=action, found=found)


def _offer(form: PlaceForm) -> None:
    if isinstance(form, DepartmentForm):
        form.offer(services.places(session(), actor()).regions)


def _save(form: PlaceForm, model: type[Department] | type[Region], place_id: UUID | None, action: str) -> Response:
    _offer(form)
    if form.validate():
        values: dict[str, Any] = {"name": form.name.data or "", "code": form.code.data or ""}
        if isinstance(form, DepartmentForm):
            values["region_id"] = id_or_none(form.region_id.data)
        try:
            services.save_place(session(), actor(), model, place_id or key(form), **values)
            return saved(_("%(name)s is saved.", name=values["name"]), "people.places")
        except Invalid as problem:
            form.refuse(problem)
    return _place_page(form, action, None, 422)
