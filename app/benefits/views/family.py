"""Adding a family member in the middle of an enrollment."""

from __future__ import annotations

from uuid import UUID

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from app.benefits.forms.wizard import DependentForm
from app.benefits.services.desk import Desk
from app.benefits.services.submissions import WHO
from app.benefits.views.blueprint import bp
from app.benefits.views.steps import CHECK, closed, desk_at, returns_to_check, step_url
from app.core.access import Can
from app.core.errors import Invalid
from app.people import services as people
from app.web.access import requires
from app.web.edge import actor, session
from app.web.pages import page

FIELDS = (
    "first_name", "last_name", "relationship", "date_of_birth", "gender", "disabled", "ssn", "ssn_missing_reason",
)  # fmt: skip


def _show(desk: Desk, form: DependentForm, status: int = 200) -> Response:
    to = CHECK if returns_to_check() else None
    action = url_for("benefits.dependent", window_id=desk.window.id, to=to)
    return page("benefits/dependent.html", status, desk=desk, form=form, action=action, back=step_url(desk, WHO, to=to))


@bp.get("/enroll/<uuid:window_id>/family-member")
@requires(Can.ENROLL_OWN)
def dependent(window_id: UUID) -> Response:
    desk = desk_at(window_id)
    if not desk.may_choose:
        return closed(desk)
    return _show(desk, DependentForm(formdata=None, data={"last_name": desk.employee.last_name}))


@bp.post("/enroll/<uuid:window_id>/family-member")
@requires(Can.ENROLL_OWN)
def dependent_post(window_id: UUID) -> Response:
    desk = desk_at(window_id)
    if not desk.may_choose:
        return closed(desk)
    form = DependentForm()
    if not form.validate():
        return _show(desk, form, 422)
    values = {name: form[name].data for name in FIELDS}
    values["ssn_missing_reason"] = "" if values["ssn"] else values["ssn_missing_reason"]
    key = UUID(form.form_key.data)
    try:
        added = people.add_dependent(
            session(), actor(), desk.employee.id, permission=Can.ENROLL_OWN, dependent_id=key, **values
        )
    except Invalid as refused:
        # Messages of the people domain are English source texts; the catalog translates them.
        form.refuse(refused)
        return _show(desk, form, 422)
    to = CHECK if request.args.get("to") == CHECK else None
    return redirect(url_for("benefits.who", window_id=window_id, added=added.id, to=to), 303)
