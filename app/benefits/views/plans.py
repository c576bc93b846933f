"""The plans of a year and their details."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.benefits.forms.plans import NewPlanForm, PlanForm
from app.benefits.models import BenefitPlan, PlanYear
from app.benefits.services import plans as services
from app.benefits.services.catalog import load_catalog
from app.benefits.views.blueprint import bp
from app.benefits.views.text import _
from app.core.access import Can
from app.core.db import fetch
from app.core.errors import Conflict, Invalid
from app.web.access import requires
from app.web.edge import actor, session
from app.web.forms import choices
from app.web.pages import page


@bp.get("/plans")
@requires(Can.PLAN_VIEW)
def plans() -> Response:
    years = services.years(session())
    wanted = request.args.get("year", "")
    year = next((year for year in years if str(year.id) == wanted), years[0] if years else None)
    rows = services.plan_rows(session(), year.id) if year else []
    return page("benefits/plans.html", years=years, year=year, rows=rows)


def carrier_choices(form: PlanForm) -> None:
    form.connection_id.choices = choices([(str(key), name) for key, name in services.carriers(session())])


@bp.get("/years/<uuid:year_id>/plans/new")
@requires(Can.PLAN_CONFIGURE)
def new_plan(year_id: UUID) -> Response:
    form = NewPlanForm()
    carrier_choices(form)
    return page("benefits/new_plan.html", form=form, year=fetch(session(), PlanYear, year_id))


@bp.post("/years/<uuid:year_id>/plans/new")
@requires(Can.PLAN_CONFIGURE)
def new_plan_post(year_id: UUID) -> Response:
    form, year = NewPlanForm(), fetch(session(), PlanYear, year_id)
    carrier_choices(form)
    if form.validate():
        try:
            with session().begin_nested():
                made = services.make_plan(session(), actor(), year_id, **_typed(form))
            flash(_("%(name)s is made. Enter its premiums next.", name=made.name), "good")
            return redirect(url_for("benefits.rates", plan_id=made.id), 303)
        except Invalid as refused:
            form.refuse(refused)
        except Conflict as conflict:
            form.refuse(Invalid({"plan_code": str(conflict)}))
    return page("benefits/new_plan.html", 422, form=form, year=year)


def _typed(form: PlanForm) -> dict[str, Any]:
    values = form.values()
    return values | {"connection_id": UUID(values["connection_id"])}


@bp.get("/plans/<uuid:plan_id>")
@requires(Can.PLAN_VIEW)
def plan(plan_id: UUID) -> Response:
    found = fetch(session(), BenefitPlan, plan_id)
    catalog = load_catalog(session(), found.plan_year_id, only_active=False)
    facts = next(facts for facts in catalog if facts.id == found.id)
    return page("benefits/plan.html", plan=found, facts=facts, year=fetch(session(), PlanYear, found.plan_year_id))


@bp.get("/plans/<uuid:plan_id>/details")
@requires(Can.PLAN_CONFIGURE)
def plan_details(plan_id: UUID) -> Response:
    found = fetch(session(), BenefitPlan, plan_id)
    form = PlanForm(obj=found)
    carrier_choices(form)
    form.connection_id.data = str(found.connection_id)
    return page("benefits/plan_details.html", form=form, plan=found)


@bp.post("/plans/<uuid:plan_id>/details")
@requires(Can.PLAN_CONFIGURE)
def plan_details_post(plan_id: UUID) -> Response:
    form, found = PlanForm(), fetch(session(), BenefitPlan, plan_id)
    carrier_choices(form)
    if form.validate():
        try:
            version = -1 if form.version.data is None else form.version.data
            with session().begin_nested():
                services.change_plan(session(), actor(), plan_id, version=version, **_typed(form))
            flash(_("Saved. What people chose before keeps its own copy."), "good")
            return redirect(url_for("benefits.plan", plan_id=plan_id), 303)
        except Invalid as refused:
            form.refuse(refused)
        except Conflict as conflict:
            form.refuse(Invalid(str(conflict)))
            return page("benefits/plan_details.html", 409, form=form, plan=found)
    return page("benefits/plan_details.html", 422, form=form, plan=found)
