"""What a provider sells that tells nobody: typed by a person."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from app.core.access import Can
from app.core.errors import Invalid
from app.screening.forms.files import PackagesForm
from app.screening.forms.text import _
from app.screening.services import packages as sold
from app.screening.views.blueprint import bp
from app.web.access import requires
from app.web.edge import actor, session
from app.web.pages import page


def _page(connection_id: UUID, form: PackagesForm, status: int = 200) -> Response:
    connection = sold.typed_of(session(), actor(), connection_id)
    return page("screening/packages.html", status, connection=connection, form=form)


@bp.get("/packages/<uuid:connection_id>")
@requires(Can.CONNECTION_MANAGE)
def packages(connection_id: UUID) -> Response:
    sold.typed_of(session(), actor(), connection_id)
    return _page(connection_id, PackagesForm(formdata=None, lines=sold.typed_text(session(), connection_id)))


@bp.post("/packages/<uuid:connection_id>")
@requires(Can.CONNECTION_MANAGE)
def packages_post(connection_id: UUID) -> Response:
    form = PackagesForm()
    try:
        sold.keep_typed(session(), actor(), connection_id, str(form.lines.data or ""))
    except Invalid as problem:
        form.refuse(problem)
        return _page(connection_id, form, 422)
    flash(_("The packages are kept. They can be ordered now."), "good")
    return redirect(url_for("connections.connection", connection_id=connection_id), 303)
