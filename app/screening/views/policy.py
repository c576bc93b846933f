"""How the company screens, and its matrix of hints."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from app.core.access import Can
from app.core.errors import Invalid
from app.screening.forms.adverse import RECORD_KINDS
from app.screening.forms.governing import HINTS, MatrixForm, PolicyForm
from app.screening.forms.text import _
from app.screening.rules.states import Hint
from app.screening.rules.words import RecordKind
from app.screening.services import matrix as hints
from app.screening.services.policy import CHANGEABLE, change_policy
from app.screening.services.policy import policy as known
from app.screening.views.blueprint import bp
from app.web.access import requires
from app.web.edge import actor, session
from app.web.pages import page


@bp.get("/policy")
@requires(Can.SCREENING_CONFIGURE)
def policy() -> Response:
    return page("screening/policy.html", form=PolicyForm(formdata=None, obj=known(session())))


@bp.post("/policy")
@requires(Can.SCREENING_CONFIGURE)
def keep_policy() -> Response:
    form = PolicyForm()
    if form.validate():
        try:
            typed = {name: form[name].data for name in CHANGEABLE}
            texts = {name: (value or "").strip() for name, value in typed.items() if name.startswith("contact_")}
            change_policy(session(), actor(), typed | texts)
            flash(_("Saved"), "good")
            return redirect(url_for("screening.policy"), 303)
        except Invalid as problem:
            form.refuse(problem)
    return page("screening/policy.html", 422, form=form)


@bp.get("/matrix")
@requires(Can.SCREENING_CONFIGURE)
def matrix() -> Response:
    return _matrix_page(MatrixForm(formdata=None))


def _matrix_page(form: MatrixForm, status: int = 200) -> Response:
    return page(
        "screening/matrix.html", status, form=form, rows=hints.matrix(session(), actor()), families=hints.families(session()),
        kinds=RECORD_KINDS, hints=HINTS,
    )  # fmt: skip


@bp.post("/matrix")
@requires(Can.SCREENING_CONFIGURE)
def add_hint() -> Response:
    form = MatrixForm()
    if not form.validate():
        return _matrix_page(form, 422)
    try:
        hints.add_hint(
            session(), actor(), job_family=form.job_family.data or "", kind=RecordKind(form.record_kind.data),
            within_years=form.within_years.data, hint=Hint(form.hint.data), note=form.note.data or "",
        )  # fmt: skip
    except Invalid as problem:
        form.refuse(problem)
        return _matrix_page(form, 422)
    flash(_("The hint is added."), "good")
    return redirect(url_for("screening.matrix"), 303)


@bp.post("/matrix/<uuid:hint_id>/removal")
@requires(Can.SCREENING_CONFIGURE)
def remove_hint(hint_id: UUID) -> Response:
    hints.remove_hint(session(), actor(), hint_id)
    flash(_("The hint is removed."), "good")
    return redirect(url_for("screening.matrix"), 303)
