"""Ordering a check: one page, with what the place demands shown beside it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.core.access import Can
from app.core.errors import Conflict, Invalid
from app.screening.forms import words
from app.screening.forms.orders import JobForm, OrderForm
from app.screening.forms.text import _
from app.screening.rules.jurisdictions import Why
from app.screening.rules.words import Moment
from app.screening.services import packages, requesting
from app.screening.services.ordering import CERTIFICATION
from app.screening.services.requesting import Demand
from app.screening.views.blueprint import bp
from app.web.access import requires
from app.web.edge import actor, session
from app.web.formats import money
from app.web.pages import page

FIELDS = {"residence_state": "home_state", "package_id": "package"}
"""Names of the services → of the form."""


def ready(form: Any) -> tuple[Any, Any]:
    """A form with its choices, and what they were made from."""
    sold, people = packages.orderable(session()), requesting.people(session(), actor())
    form.offer(sold, people)
    return form, sold


def _show(form: OrderForm, sold: Any, status: int = 200) -> Response:
    place = form.work_state.data or ""
    demand = requesting.demand(session(), form.work(), form.home()) if place else None
    known = requesting.known(session(), actor(), form.email.data or "") if request.method == "POST" else None
    return page(
        "screening/order.html", status, form=form, tiles=tiles(sold), demand=shown(demand), known=known, sold=sold,
        certification=words.CERTIFICATION[CERTIFICATION],
    )  # fmt: skip


def tiles(sold: Any) -> dict[str, dict[str, Any]]:
    """Package id → what its tile says besides the name."""
    made = {}
    for one in sold:
        checks = ", ".join(str(words.CHECK[kind]) for kind in one.check_types)
        tag, tone = (_("SANDBOX"), "warn") if one.environment != "production" else (one.provider, "neutral")
        price = money(one.price) if one.price is not None else ""
        made[str(one.id)] = {"price": price, "note": checks, "tag": tag, "tone": tone, "hint": one.provider}
    return made


def shown(found: Demand | None) -> dict[str, Any] | None:
    """What a place demands, in words; None before a place is chosen."""
    if found is None:
        return None
    unknown = any(stop.why is Why.PLACE_UNKNOWN for stop in found.stops)
    return {
        "rules": [_(row.name) for row in found.ruling.rows],
        "documents": [_(document.name) for document in found.ruling.documents(Moment.BEFORE_CHECK)],
        "stage": words.STAGE[found.ruling.ask_stage], "two_stages": found.ruling.two_stages, "unknown_place": unknown,
        "stops": [words.stop({"why": stop.why.value, "subject": stop.subject}) for stop in found.stops],
    }  # fmt: skip


def refuse(form: JobForm, refused: Invalid) -> None:
    form.refuse(Invalid({FIELDS.get(name, name): message for name, message in refused.errors.items()}))


@bp.get("/order")
@requires(Can.CHECK_ORDER)
def order() -> Response:
    form, sold = ready(OrderForm(formdata=None))
    return _show(form, sold)


@bp.post("/order/preview")
@requires(Can.CHECK_ORDER)
def preview_order() -> Response:
    """The same page with what the place demands; nothing is kept. A POST, because what is typed is nobody's URL."""
    form, sold = ready(OrderForm())
    return _show(form, sold)


@bp.post("/order")
@requires(Can.CHECK_ORDER)
def order_post() -> Response:
    form, sold = ready(OrderForm())
    if not form.validate():
        return _show(form, sold, 422)
    try:
        made = requesting.request_check(
            session(), actor(), form.person(), form.job(UUID(form.form_key.data)), form.facts()
        )
    except Invalid as refused:
        refuse(form, refused)
        return _show(form, sold, 422)
    except Conflict:
        refuse(form, Invalid(_("This check of this application runs already.")))
        return _show(form, sold, 422)
    if made.stops:
        flash(_("The check has begun. It waits until the rules of the place are cleared."), "warn")
    else:
        flash(_("The check has begun. The candidate gets the link now."), "good")
    return redirect(url_for("screening.request_page", request_id=made.id), 303)
