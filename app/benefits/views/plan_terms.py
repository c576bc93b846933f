"""Premiums, the employer's share and eligibility of a plan."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from app.benefits.forms.plans import ContributionForm, EligibilityForm, RatesForm
from app.benefits.models import BenefitPlan, PlanYear
from app.benefits.services import plan_terms as services
from app.benefits.services.catalog import PlanFacts, load_catalog
from app.benefits.views.blueprint import bp
from app.benefits.views.text import _
from app.core.access import Can
from app.core.db import fetch
from app.core.errors import Invalid
from app.web.access import requires
from app.web.edge import actor, session
from app.web.pages import page


def _facts(plan_id: UUID) -> PlanFacts:
    plan = fetch(session(), BenefitPlan, plan_id)
    catalog = load_catalog(session(), plan.plan_year_id, only_active=False)
    return next(facts for facts in catalog if facts.id == plan.id)


def _saved(plan_id: UUID, text: str) -> Response:
    flash(text, "good")
    return redirect(url_for("benefits.plan", plan_id=plan_id), 303)


@bp.get("/plans/<uuid:plan_id>/rates")
@requires(Can.PLAN_CONFIGURE)
def rates(plan_id: UUID) -> Response:
    facts = _facts(plan_id)
    starts_on = fetch(session(), PlanYear, facts.plan.plan_year_id).starts_on
    newest = max((rate.effective_on for rate in facts.rates), default=starts_on)
    now = {
        rate.tier: rate.monthly_premium for rate in facts.rates if rate.effective_on == newest and rate.age_from == 0
    }
    form = RatesForm(data={"effective_on": newest, **now})
    return page("benefits/rates.html", form=form, facts=facts)


@bp.post("/plans/<uuid:plan_id>/rates")
@requires(Can.PLAN_CONFIGURE)
def rates_post(plan_id: UUID) -> Response:
    form, facts = RatesForm(), _facts(plan_id)
    day = form.effective_on.data
    if form.validate() and day is not None:
        rows = form.rows()
        band = (rows[0].age_from, rows[0].age_to, rows[0].salary_from, rows[0].salary_to)
        others = services.other_bands(facts.rates, day, band)
        try:
            services.set_rates(session(), actor(), plan_id, day, [*others, *rows])
            return _saved(plan_id, _("Premiums saved."))
        except Invalid as refused:
            form.refuse(Invalid({"EMP": next(iter(refused.errors.values()))}))
    return page("benefits/rates.html", 422, form=form, facts=facts)


@bp.get("/plans/<uuid:plan_id>/contributions")
@requires(Can.CONTRIBUTION_MANAGE)
def contributions(plan_id: UUID) -> Response:
    facts = _facts(plan_id)
    starts_on = fetch(session(), PlanYear, facts.plan.plan_year_id).starts_on
    return page("benefits/contributions.html", form=ContributionForm(data={"effective_on": starts_on}), facts=facts)


@bp.post("/plans/<uuid:plan_id>/contributions")
@requires(Can.CONTRIBUTION_MANAGE)
def contributions_post(plan_id: UUID) -> Response:
    form, facts = ContributionForm(), _facts(plan_id)
    if form.validate():
        services.set_contribution(session(), actor(), plan_id, **form.values())
        return _saved(plan_id, _("The employer's share is saved."))
    return page("benefits/contributions.html", 422, form=form, facts=facts)


@bp.get("/plans/<uuid:plan_id>/eligibility")
@requires(Can.PLAN_CONFIGURE)
def eligibility(plan_id: UUID) -> Response:
    facts = _facts(plan_id)
    rule = facts.criteria[0] if facts.criteria else None
    data = {}
    if rule is not None:
        data = {name: ", ".join(sorted(getattr(rule, name))) for name in EligibilityForm.LISTS}
        data |= {name: getattr(rule, name) for name in ("min_weekly_hours", "waiting_days", "starts_first_of_month")}
    return page("benefits/eligibility.html", form=EligibilityForm(data=data), facts=facts)


@bp.post("/plans/<uuid:plan_id>/eligibility")
@requires(Can.PLAN_CONFIGURE)
def eligibility_post(plan_id: UUID) -> Response:
    form, facts = EligibilityForm(), _facts(plan_id)
    if form.validate():
        services.set_eligibility(session(), actor(), plan_id, **form.values())
        return _saved(plan_id, _("Saved who may choose this plan."))
    return page("benefits/eligibility.html", 422, form=form, facts=facts)
