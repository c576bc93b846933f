"""HR's page of one employee's coverage, as of any day."""

from __future__ import annotations

from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from app.benefits.forms.wizard import AsOfForm
from app.benefits.services.standing import standing
from app.benefits.views.blueprint import bp
from app.core.access import Can
from app.core.clock import today
from app.people.services import full_name
from app.web.access import requires
from app.web.edge import actor, session
from app.web.pages import page


@bp.get("/people/<uuid:employee_id>")
@requires(Can.ENROLLMENT_VIEW)
def coverage(employee_id: UUID) -> Response:
    form = AsOfForm(request.args, meta={"csrf": False})
    form.validate()
    on = form.on.data or today()
    found = standing(session(), actor(), employee_id, on)
    name = full_name(found.employee.first_name, found.employee.last_name)
    return page("benefits/coverage.html", 422 if form.errors else 200, form=form, on=on, found=found, name=name)
