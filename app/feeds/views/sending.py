"""What a person may set going: a file now, a look at the carrier's folder, a census by hand; and what arrived."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.core.access import Can
from app.core.errors import Conflict, Invalid
from app.feeds import services
from app.feeds.forms import CensusForm
from app.feeds.services import arriving
from app.feeds.services.carriers import connection_or_404
from app.feeds.services.releasing import WAITS
from app.feeds.views import words
from app.feeds.views.blueprint import bp, chosen, chosen_id, here
from app.web.access import requires
from app.web.edge import actor, session
from app.web.pages import page


def _to_list() -> BaseResponse:
    return redirect(url_for("feeds.files"), 303)


@bp.post("/carriers/<uuid:connection_id>/send")
@requires(Can.FEED_MANAGE)
def send_now(connection_id: UUID) -> BaseResponse:
    kind = request.form.get("kind", "")
    try:
        services.ask_for_file(session(), actor(), connection_id, kind=kind if kind in ("full", "change") else "")
    except Conflict as why:
        if str(why) != WAITS:
            raise
        flash(
            _("A file for this carrier waits to leave already. Send what changed since then after it has left."), "warn"
        )
        return _to_list()
    flash(_("The file is being made. It appears in the list in a moment, if there is anything to say."), "good")
    return _to_list()


@bp.post("/carriers/<uuid:connection_id>/check")
@requires(Can.FEED_MANAGE)
def check_now(connection_id: UUID) -> BaseResponse:
    arriving.ask_for_poll(session(), actor(), connection_id)
    flash(_("We are looking into the carrier's folder."), "good")
    return redirect(url_for("feeds.inbox", connection=connection_id), 303)


@bp.post("/carriers/<uuid:connection_id>/again")
@requires(Can.FEED_MANAGE)
def try_again(connection_id: UUID) -> BaseResponse:
    count = services.try_again(session(), actor(), connection_id)
    flash(_("%(count)s changes are ready for the next file.", count=count), "good")
    return _to_list()


@bp.get("/carriers/<uuid:connection_id>/census")
@requires(Can.FEED_MANAGE)
def census(connection_id: UUID) -> BaseResponse:
    return _census_page(connection_id, CensusForm(formdata=None))


def _census_page(connection_id: UUID, form: CensusForm, status: int = 200) -> BaseResponse:
    return page("feeds/census.html", status, form=form, connection=connection_or_404(session(), connection_id))


@bp.post("/carriers/<uuid:connection_id>/census")
@requires(Can.FEED_MANAGE)
def census_post(connection_id: UUID) -> BaseResponse:
    form, sent = CensusForm(), request.files.get("upload")
    try:
        if sent is None or not sent.filename:
            raise Invalid({"upload": _("Choose the carrier's file")})
        new = arriving.take_upload(session(), actor(), connection_id, sent.filename, sent.read())
    except Invalid as problem:
        form.upload.errors = list(problem.errors.values())
        return _census_page(connection_id, form, 422)
    said = (
        _("The file arrived. What it says is compared with ours now.") if new else _("This very file is here already.")
    )
    flash(said, "good" if new else "info")
    return redirect(url_for("feeds.inbox", connection=connection_id), 303)


@bp.get("/inbox")
@requires(Can.FEED_VIEW)
def inbox() -> BaseResponse:
    """Everything that came from carriers, and what became of it."""
    state, connection_id = chosen("state", words.INBOX_STATES), chosen_id("connection")
    found = arriving.listed(session(), actor(), state, connection_id, request.args.get("after", ""))
    tabs = [{"label": _("All"), "url": url_for("feeds.inbox"), "current": not state}]
    tabs += [
        {"label": tag[0], "url": url_for("feeds.inbox", state=key), "current": state == key}
        for key, tag in words.INBOX_STATES.items()
    ]
    return page(
        "feeds/inbox.html", rows=[_arrived(row) for row in found.rows], tabs=tabs, found=found,
        moving=any(row.state == "received" for row in found.rows) or "connection" in request.args,
        next=here("feeds.inbox", "state", "connection", after=found.after) if found.after else "",
        first=here("feeds.inbox", "state", "connection") if "after" in request.args else "",
    )  # fmt: skip


def _arrived(row: Any) -> dict[str, Any]:
    return {
        "at": row.received_at, "carrier": row.carrier, "kind": words.INBOX_KINDS.get(row.kind, row.kind),
        "state": words.INBOX_STATES[row.state], "told": row.problem or _summary(row.kind, row.summary),
    }  # fmt: skip


def _summary(kind: str, summary: dict[str, Any]) -> Any:
    if kind == "acknowledgement":
        return _(
            "Answers to our files: %(known)s, new: %(changed)s",
            known=summary["known"],
            changed=summary["changed"],
        )
    if kind in ("census", "verify"):
        return _(
            "Rows: %(rows)s. Discrepancies: %(opened)s new, %(closed)s closed. Coverages confirmed: %(confirmed)s",
            rows=summary["rows"], opened=summary["opened"], closed=summary["closed"], confirmed=summary["confirmed"],
        )  # fmt: skip
    return ""
