"""Pages of the drives: which documents go where, and what became of the copies."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app.connections.forms import DriveForm
from app.connections.rules import CopyState
from app.connections.services import documents as drives
from app.connections.views.blueprint import bp
from app.core.access import Can
from app.web.access import requires
from app.web.edge import actor, session
from app.web.pages import page

STATES = {
    CopyState.WAITING: (_l("Waiting"), "neutral"),
    CopyState.KEPT: (_l("Kept"), "good"),
    CopyState.FAILED: (_l("Failed"), "bad"),
}


@bp.get("/documents")
@requires(Can.CONNECTION_MANAGE)
def documents() -> Response:
    found = drives.copies(session())
    waits = any(row.state == CopyState.WAITING for row in found)
    return page(
        "connections/documents.html", drives=drives.offered(session()), copies=found, states=STATES, waits=waits,
        words=dict(DriveForm.KINDS),
    )  # fmt: skip


@bp.get("/documents/<uuid:connection_id>")
@requires(Can.CONNECTION_MANAGE)
def drive(connection_id: UUID) -> Response:
    known = drives.one(session(), connection_id)
    return page("connections/drive.html", one=known, form=DriveForm(formdata=None, data={"kinds": known.kinds}))


@bp.post("/documents/<uuid:connection_id>")
@requires(Can.CONNECTION_MANAGE)
def drive_post(connection_id: UUID) -> Response:
    form = DriveForm()
    if form.validate():
        drives.choose(session(), actor(), connection_id, form.kinds.data or [])
        flash(_("Saved"), "good")
        return redirect(url_for("connections.documents"), 303)
    return page("connections/drive.html", 422, one=drives.one(session(), connection_id), form=form)


@bp.post("/documents/copies/<uuid:copy_id>/again")
@requires(Can.CONNECTION_MANAGE)
def keep_again(copy_id: UUID) -> Response:
    drives.again(session(), actor(), copy_id)
    return redirect(url_for("connections.documents"), 303)
