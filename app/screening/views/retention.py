"""How long things are kept, what goes next, what is held, and the certificates of what was destroyed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from app.core.access import Can
from app.core.clock import today
from app.screening.forms.governing import CLASSES, LiftForm
from app.screening.forms.text import _, plural
from app.screening.rules.retention import Kept, Period, periods
from app.screening.services import holding, scope
from app.screening.services import retention as keeping
from app.screening.views.blueprint import bp
from app.web.access import requires
from app.web.edge import actor, session
from app.web.pages import page


@bp.get("/retention")
@requires(Can.COMPLIANCE_MANAGE)
def retention() -> Response:
    return page(
        "screening/retention.html", classes=CLASSES, periods=[_period(one) for kept in Kept for one in periods(kept, today())],
        due=keeping.preview(session(), actor()), held=keeping.held(session(), actor()),
        certificates=[_certificate(row) for row in keeping.certificates(session(), actor())],
    )  # fmt: skip


def _period(one: Period) -> dict[str, Any]:
    where = ", ".join((*one.where.counties, *one.where.cities, one.where.state)) if one.where else _("Everywhere")
    years = plural("%(num)s year", "%(num)s years", one.years)
    return {"kept": CLASSES[one.kept], "years": years, "where": where, "source": one.source}


def _certificate(row: Any) -> dict[str, Any]:
    kept, _sep, policy = row.policy.partition("; ")
    return {
        "number": row.number,
        "kept": CLASSES[Kept(kept)],
        "policy": policy,
        "items": row.items,
        "at": row.disposed_at,
    }


@bp.get("/retention/holds/<uuid:request_id>")
@requires(Can.COMPLIANCE_MANAGE)
def hold(request_id: UUID) -> Response:
    return _hold_page(request_id, LiftForm(formdata=None))


def _hold_page(request_id: UUID, form: LiftForm, status: int = 200) -> Response:
    asked = scope.request(session(), actor(), request_id, Can.COMPLIANCE_MANAGE)
    return page("screening/hold.html", status, form=form, asked=asked)


@bp.post("/retention/holds/<uuid:request_id>")
@requires(Can.COMPLIANCE_MANAGE)
def lift_hold(request_id: UUID) -> Response:
    form = LiftForm()
    if not form.validate():
        return _hold_page(request_id, form, 422)
    asked = scope.request(session(), actor(), request_id, Can.COMPLIANCE_MANAGE, lock=True)
    holding.lift_hold(session(), actor(), asked, str(form.reason.data))
    flash(_("The hold is lifted. What is over goes with the next night."), "good")
    return redirect(url_for("screening.retention"), 303)
