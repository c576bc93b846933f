"""New York City's second stage: criminal and driving records, once the first is accepted and the offer is made."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from app.core.access import Can
from app.core.db import fetch
from app.core.errors import Conflict, Invalid, NotFound
from app.screening.forms import words
from app.screening.forms.requests import SecondPartForm
from app.screening.forms.text import _
from app.screening.models import Candidate, JobApplication, ScreeningRequest
from app.screening.rules.outcomes import Decision
from app.screening.rules.states import Part
from app.screening.services import ordering, packages, scope
from app.screening.services.ordering import CERTIFICATION, NewOrder
from app.screening.views.blueprint import bp
from app.screening.views.orders import refuse, tiles
from app.web.access import requires
from app.web.edge import actor, session
from app.web.pages import page


def _first(request_id: UUID, *, lock: bool = False) -> ScreeningRequest:
    """The accepted first part. Raises NotFound for anything else."""
    found = scope.request(session(), actor(), request_id, Can.CHECK_ORDER, lock=lock)
    if found.part != Part.FIRST or found.decision != Decision.ACCEPTED:
        raise NotFound
    return found


def _ready(form: SecondPartForm) -> tuple[SecondPartForm, list[Any]]:
    sold = [one for one in packages.orderable(session()) if one.criminal]
    form.offer(sold)
    return form, sold


def _show(first: ScreeningRequest, form: SecondPartForm, sold: list[Any], status: int = 200) -> Response:
    return page(
        "screening/second_part.html", status, first=first, form=form, sold=sold, tiles=tiles(sold),
        certification=words.CERTIFICATION[CERTIFICATION],
    )  # fmt: skip


@bp.get("/requests/<uuid:request_id>/second-part")
@requires(Can.CHECK_ORDER)
def second_part(request_id: UUID) -> Response:
    return _show(_first(request_id), *_ready(SecondPartForm(formdata=None)))


@bp.post("/requests/<uuid:request_id>/second-part")
@requires(Can.CHECK_ORDER)
def second_part_post(request_id: UUID) -> Response:
    first = _first(request_id, lock=True)
    form, sold = _ready(SecondPartForm())
    if not form.validate():
        return _show(first, form, sold, 422)
    facts = NewOrder(
        package_id=UUID(form.package.data),
        certified=bool(form.certified.data),
        part=Part.SECOND,
        first_part_id=first.id,
    )
    candidate = fetch(session(), Candidate, first.candidate_id)
    application = fetch(session(), JobApplication, first.application_id)
    try:
        made = ordering.order(session(), actor(), candidate, application, facts)
    except Invalid as refused:
        refuse(form, refused)
        return _show(first, form, sold, 422)
    except Conflict:
        refuse(form, Invalid("The second part of this check runs already"))
        return _show(first, form, sold, 422)
    flash(_("The second part has begun. The candidate gets the link now."), "good")
    return redirect(url_for("screening.request_page", request_id=made.id), 303)
