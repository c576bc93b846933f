"""Candidates as recruiters know them: how they are reached, what they applied for, which checks they have."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.core.access import Can
from app.core.errors import Invalid
from app.screening.forms import words
from app.screening.forms.requests import ContactForm
from app.screening.forms.text import _
from app.screening.services import candidate_list, consenting
from app.screening.services.candidates import change_contact, name_of
from app.screening.views.blueprint import bp, here
from app.web.access import requires
from app.web.edge import actor, session
from app.web.pages import page


@bp.get("/candidates")
@requires(Can.CHECK_ORDER)
def candidates() -> Response:
    q, after = request.args.get("q", "")[:100], request.args.get("after", "")
    rows, following = candidate_list.listing(session(), actor(), q, after)
    return page(
        "screening/candidates.html", rows=rows, q=q, clear=url_for("screening.candidates") if q else "",
        following=here("screening.candidates", "q", after=following) if following else "",
        first=here("screening.candidates", "q") if after else "",
    )  # fmt: skip


def _show(candidate_id: UUID, form: ContactForm | None = None, status: int = 200) -> Response:
    found = candidate_list.profile(session(), actor(), candidate_id)
    form = form or ContactForm(formdata=None, data=ContactForm.known(found.candidate))
    rows = [_row(one, found.applications) for one in found.requests]
    return page(
        "screening/candidate_page.html", status, found=found, form=form, name=name_of(found.candidate), rows=rows, words=words
    )  # fmt: skip


class Line(NamedTuple):
    id: UUID
    number: str
    job: str
    began: datetime
    state: tuple[str, str]


def _row(one: Any, jobs: Any) -> Line:
    job = next((job.position for job in jobs if job.id == one.application_id), "")
    return Line(one.id, one.number, job, one.initiated_at, words.status(one))


@bp.get("/candidates/<uuid:candidate_id>")
@requires(Can.CHECK_ORDER)
def candidate(candidate_id: UUID) -> Response:
    return _show(candidate_id)


@bp.post("/candidates/<uuid:candidate_id>")
@requires(Can.CHECK_ORDER)
def candidate_post(candidate_id: UUID) -> Response:
    person, form = candidate_list.candidate(session(), actor(), candidate_id), ContactForm()
    if not form.validate():
        return _show(candidate_id, form, 422)
    try:
        change_contact(session(), actor(), person, form.contact())
    except Invalid as refused:
        form.refuse(refused)
        return _show(candidate_id, form, 422)
    flash(_("The contact data are saved. A link that was sent keeps its old address until you send it again."), "good")
    return redirect(url_for("screening.candidate", candidate_id=candidate_id), 303)


@bp.post("/candidates/<uuid:candidate_id>/reminders")
@requires(Can.CHECK_ORDER)
def stop_reminders(candidate_id: UUID) -> Response:
    consenting.stop_reminders(session(), actor(), candidate_list.candidate(session(), actor(), candidate_id))
    flash(_("No more reminders go to this candidate."), "good")
    return redirect(url_for("screening.candidate", candidate_id=candidate_id), 303)
