"""Signing in at a provider, and leaving it."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.connections import services
from app.connections.forms import PhaseForm
from app.connections.services import sign_in
from app.connections.views.blueprint import bp
from app.connections.views.looks import advice
from app.connections.views.pages import connection_page, to_page
from app.core.access import Can
from app.core.errors import Conflict, Invalid
from app.web.access import requires
from app.web.edge import actor, session
from app.web.pages import page


@bp.post("/<uuid:connection_id>/sign-in")
@requires(Can.CONNECTION_MANAGE)
def sign_in_post(connection_id: UUID) -> BaseResponse:
    """Out to the provider's page, in the same window."""
    try:
        url = sign_in.begin(session(), actor(), connection_id)
    except Invalid as problem:
        return connection_page(connection_id, PhaseForm(formdata=None), 422, _(str(problem)))
    return redirect(url, 303)


@bp.get("/oauth")
@requires(Can.CONNECTION_MANAGE)
def oauth() -> BaseResponse:
    """Back from whichever provider. The code goes on by no address: it waits, encrypted, for the job that uses it."""
    came = sign_in.come_back(session(), actor(), request.args.to_dict())
    if came.problem:
        flash(advice({"code": came.problem}), "bad")
    if came.connection_id is None:
        return redirect(url_for("connections.connections"), 303)
    return to_page(came.connection_id)


@bp.get("/<uuid:connection_id>/disconnect")
@requires(Can.CONNECTION_MANAGE)
def disconnect(connection_id: UUID) -> BaseResponse:
    row = services.get(session(), actor(), connection_id)
    if not services.may_leave(session(), row):
        raise Conflict("the connection is not connected")
    return page("connections/disconnect.html", row=row, signing=sign_in.shown(session(), row))


@bp.post("/<uuid:connection_id>/disconnect")
@requires(Can.CONNECTION_MANAGE)
def disconnect_post(connection_id: UUID) -> BaseResponse:
    services.disconnect(session(), actor(), connection_id)
    flash(_("Disconnected. Token and credentials are deleted."), "good")
    return to_page(connection_id)
