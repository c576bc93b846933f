"""The recruiter's board: who blocks, what is late, what is mine to do."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import Response as FlaskResponse
from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.core.access import Can
from app.core.errors import Invalid
from app.screening.forms import words
from app.screening.forms.board import PARAMETERS, BoardForm, SaveViewForm
from app.screening.forms.text import _
from app.screening.rules.states import Bucket
from app.screening.services import board_export, saved_views
from app.screening.services.board import SAVED, Choices, choices
from app.screening.services.board import board as load
from app.screening.services.sifting import Counts, Filters, counts
from app.screening.views.blueprint import bp, here
from app.web.access import requires
from app.web.edge import actor, session
from app.web.pages import page


def _asked() -> tuple[BoardForm, Filters, Choices]:
    form, offered = BoardForm(request.args), choices(session(), actor())
    form.offer(offered)
    return form, form.filters(request.args.get("bucket", "")), offered


def _show(status: int = 200, problem: str = "", saving: SaveViewForm | None = None) -> Response:
    form, filters, offered = _asked()
    after = request.args.get("after", "")
    rows, following = load(session(), actor(), filters, after)
    found = counts(session(), actor(), filters)
    kept = [name for name in PARAMETERS if request.args.get(name)]
    bare = "screening.board"
    return page(
        "screening/board.html", status, form=form, rows=rows, counts=found, words=words, tabs=_tabs(filters, found), problem=problem,
        views=_views(offered), saving=saving or SaveViewForm(formdata=None), may_order=actor().can(Can.CHECK_ORDER),
        following=here(bare, *PARAMETERS, after=following) if following else "", first=here(bare, *PARAMETERS) if after else "",
        here=here(bare, *PARAMETERS, after=after or None), clear=url_for(bare) if set(kept) - {"bucket"} else "",
        save_action=here("screening.save_view", *PARAMETERS), bucket=filters.bucket, filtered=bool(set(kept) - {"bucket"}),
        export_action=here("screening.export_board", *PARAMETERS) if actor().can(Can.EMPLOYEE_EXPORT) and rows else "",
        more=bool({"recruiter", "package", "provider", "priority", "order"} & set(kept)),
        nothing=not rows and not (found.active or found.review or found.done),
    )  # fmt: skip


def _tabs(filters: Filters, found: Counts) -> list[dict[str, Any]]:
    narrowed = filters.mine or filters.problem or filters.blocker
    numbers = {Bucket.ACTIVE: found.active, Bucket.REVIEW: found.review, Bucket.DONE: None}
    tabs = [
        {
            "label": words.BUCKET[bucket], "url": url_for("screening.board", bucket=bucket.value), "count": number,
            "current": not narrowed and filters.bucket == bucket,
        }
        for bucket, number in numbers.items()
    ]  # fmt: skip
    mine = {
        "label": _("Needs me"), "url": url_for("screening.board", mine="y"), "count": found.mine, "current": filters.mine
    }  # fmt: skip
    return [mine, *tabs] if actor().can(Can.CHECK_ORDER) else tabs


def _views(offered: Choices) -> list[dict[str, str]]:
    return [
        {"id": key, "name": name, "url": f"{url_for('screening.board')}?{query}"} for key, name, query in offered.views
    ]


@bp.get("")
@requires(Can.CHECK_VIEW)
def board() -> Response:
    return _show()


@bp.post("/export")
@requires(Can.EMPLOYEE_EXPORT)
def export_board() -> Response:
    """What the filters of the URL select, as a file."""
    actor().require(Can.CHECK_VIEW)
    try:
        text = board_export.export(session(), actor(), _asked()[1])
    except Invalid as refused:
        return _show(422, _(str(refused)))
    headers = {"Content-Disposition": "attachment; filename=background-checks.csv", "Cache-Control": "no-store"}
    return FlaskResponse(text, mimetype="text/csv", headers=headers)


@bp.post("/views")
@requires(Can.CHECK_VIEW)
def save_view() -> Response:
    """The filters of the URL, under a name."""
    form = SaveViewForm()
    if not form.validate():
        return _show(422, saving=form)
    query = urlsplit(here("screening.board", *PARAMETERS)).query
    try:
        saved_views.save_view(session(), actor(), SAVED, str(form.name.data), query, PARAMETERS)
    except Invalid as refused:
        form.refuse(refused)
        return _show(422, saving=form)
    flash(_("The view is saved."), "good")
    return redirect(here("screening.board", *PARAMETERS), 303)


@bp.post("/views/<uuid:view_id>/deletion")
@requires(Can.CHECK_VIEW)
def delete_view(view_id: UUID) -> Response:
    saved_views.delete_view(session(), actor(), view_id)
    flash(_("The view is deleted."), "good")
    return redirect(url_for("screening.board"), 303)
