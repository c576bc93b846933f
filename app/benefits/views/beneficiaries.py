"""Who receives my life insurance: seen and changed on any day."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.benefits.forms.wizard import BeneficiariesForm
from app.benefits.forms.words import plain
from app.benefits.services import beneficiaries as services
from app.benefits.views.blueprint import bp
from app.benefits.views.text import _
from app.core.access import Can
from app.web.access import requires
from app.web.edge import actor, session
from app.web.pages import page


def _form(*, fresh: bool) -> BeneficiariesForm:
    people = [
        {"name": share.name, "relation": share.relation, "kind": share.kind.value, "percent": plain(share.percent)}
        for share in services.present(session(), actor())
    ]
    data = {"people": people or [{"percent": "100"}], "version": 0}
    return BeneficiariesForm(formdata=None, data=data) if fresh else BeneficiariesForm(data=data)


@bp.get("/beneficiaries")
@requires(Can.ENROLL_OWN)
def my_beneficiaries() -> Response:
    return page("benefits/my_beneficiaries.html", form=_form(fresh=True))


@bp.post("/beneficiaries")
@requires(Can.ENROLL_OWN)
def my_beneficiaries_post() -> Response:
    form = _form(fresh=False)
    if "add" in request.form:
        form.people.append_entry({"kind": "primary"})
        return page("benefits/my_beneficiaries.html", form=form)
    if not form.validate() or form.refuse_incomplete():
        return page("benefits/my_beneficiaries.html", 422, form=form)
    services.change(session(), actor(), form.shares())
    flash(_("Your beneficiaries are saved."), "good")
    return redirect(url_for("benefits.home"), 303)
