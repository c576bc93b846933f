"""Plan years and open enrollment."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from app.benefits.forms.plans import CopyForm, OpenEnrollmentForm, YearForm
from app.benefits.models import EnrollmentWindow, PlanYear
from app.benefits.rules.windows import WindowState, state_on
from app.benefits.services import plan_copy, windows
from app.benefits.services import plans as services
from app.benefits.services.turn import MOST
from app.benefits.services.turn import turn as load_turn
from app.benefits.views.blueprint import bp
from app.benefits.views.text import _, plural
from app.core.access import Can
from app.core.clock import today
from app.core.db import fetch
from app.core.errors import Conflict, Invalid
from app.web.access import requires
from app.web.edge import actor, session
from app.web.forms import choices
from app.web.pages import page


def _show(form: YearForm, status: int = 200) -> Response:
    shared = services.shared_windows(session())
    found = [(window, state_on(window.opens_on, window.closes_on, today())) for window in shared]
    by_year: dict[UUID, list[tuple[EnrollmentWindow, WindowState]]] = {}
    for window, state in found:
        by_year.setdefault(window.plan_year_id, []).append((window, state))
    ends = plan_copy.without_successor(session(), today())
    return page("benefits/years.html", status, form=form, years=services.years(session()), windows=by_year, ends=ends)


@bp.get("/years")
@requires(Can.PLAN_CONFIGURE)
def years() -> Response:
    return _show(YearForm())


@bp.post("/years")
@requires(Can.PLAN_CONFIGURE)
def years_post() -> Response:
    form = YearForm()
    starts_on, ends_on = form.starts_on.data, form.ends_on.data
    if not form.validate() or starts_on is None or ends_on is None:
        return _show(form, 422)
    try:
        with session().begin_nested():
            made = services.make_year(
                session(), actor(), name=str(form.name.data), starts_on=starts_on, ends_on=ends_on
            )
    except Invalid as refused:
        form.refuse(refused)
        return _show(form, 422)
    except Conflict as conflict:
        form.refuse(Invalid({"name": str(conflict)}))
        return _show(form, 422)
    flash(_("%(name)s is made. Add its plans, then publish it.", name=made.name), "good")
    return redirect(url_for("benefits.years"), 303)


@bp.post("/years/<uuid:year_id>/publication")
@requires(Can.PLAN_CONFIGURE)
def publish(year_id: UUID) -> Response:
    year = services.publish_year(session(), actor(), year_id)
    flash(_("%(name)s is published. People can see its plans.", name=year.name), "good")
    return redirect(url_for("benefits.years"), 303)


@bp.get("/years/<uuid:year_id>/turn")
@requires(Can.ENROLLMENT_VIEW)
def turn(year_id: UUID) -> Response:
    """How the year began for people who chose nothing."""
    year = fetch(session(), PlanYear, year_id)
    return page("benefits/turn.html", year=year, found=load_turn(session(), actor(), year), most=MOST)


def _copy_form(year: PlanYear) -> CopyForm:
    form = CopyForm()
    others = [one for one in services.years(session()) if one.id != year.id]
    form.from_year.choices = choices([(str(one.id), one.name) for one in others])
    return form


@bp.get("/years/<uuid:year_id>/copy")
@requires(Can.PLAN_CONFIGURE)
def copy_plans(year_id: UUID) -> Response:
    year = fetch(session(), PlanYear, year_id)
    return page("benefits/copy_plans.html", form=_copy_form(year), year=year)


@bp.post("/years/<uuid:year_id>/copy")
@requires(Can.PLAN_CONFIGURE)
def copy_plans_post(year_id: UUID) -> Response:
    year = fetch(session(), PlanYear, year_id)
    form = _copy_form(year)
    if form.validate():
        try:
            made = plan_copy.copy_plans(
                session(), actor(), year.id, form.from_year.data, form.percent.data or Decimal(0)
            )
        except Invalid as refused:
            form.refuse(refused)
        else:
            flash(
                plural("%(num)d plan copied. Check its premiums.", "%(num)d plans copied. Check their premiums.", made),
                "good",
            )
            return redirect(url_for("benefits.plans", year=year.id), 303)
    return page("benefits/copy_plans.html", 422, form=form, year=year)


@bp.get("/years/<uuid:year_id>/open-enrollment")
@requires(Can.PLAN_CONFIGURE)
def open_enrollment(year_id: UUID) -> Response:
    return page("benefits/open_enrollment.html", form=OpenEnrollmentForm(), year=fetch(session(), PlanYear, year_id))


@bp.post("/years/<uuid:year_id>/open-enrollment")
@requires(Can.PLAN_CONFIGURE)
def open_enrollment_post(year_id: UUID) -> Response:
    form, year = OpenEnrollmentForm(), fetch(session(), PlanYear, year_id)
    opens_on, closes_on = form.opens_on.data, form.closes_on.data
    if form.validate() and opens_on and closes_on:
        try:
            windows.open_enrollment(session(), actor(), year_id, opens_on=opens_on, closes_on=closes_on, on=today())
            flash(_("Open enrollment is planned. Everybody is invited on its first day."), "good")
            return redirect(url_for("benefits.years"), 303)
        except Invalid as refused:
            form.refuse(refused)
        except Conflict as conflict:
            form.refuse(Invalid({"opens_on": str(conflict)}))
    return page("benefits/open_enrollment.html", 422, form=form, year=year)
