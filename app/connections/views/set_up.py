"""The guided set-up: settings, credentials, how a provider is spoken to, safety."""

from __future__ import annotations

from uuid import UUID

from flask import flash, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.models import User, UserStatus
from app.connections import services
from app.connections.forms import ConductForm, SafetyForm, drawn_form, typed_values
from app.connections.models import Connection
from app.connections.services.sections import Section, masks, section_of
from app.connections.views.blueprint import bp
from app.connections.views.looks import ENVIRONMENTS
from app.connections.views.pages import to_page
from app.core.access import Can
from app.core.config import get_settings
from app.core.errors import Invalid, NotFound
from app.web.access import requires
from app.web.edge import actor, session
from app.web.forms import choices
from app.web.pages import page

NUMBERS = ("max_retry_attempts", "timeout_seconds", "rate_limit_per_hour")


def _section(row: Connection, name: str) -> Section:
    found = section_of(row, name)
    if found is None:
        raise NotFound
    return found


@bp.get("/<uuid:connection_id>/settings/<name>")
@requires(Can.CONNECTION_MANAGE)
def section(connection_id: UUID, name: str) -> BaseResponse:
    row = services.show(session(), actor(), connection_id, name)
    found = _section(row, name)
    form = drawn_form(found.model, found.fields, found.current(row), masks=masks(row) if found.secret else None)
    return page("connections/section.html", row=row, section=found, form=form, fields=[form[n] for n in found.fields])


@bp.post("/<uuid:connection_id>/settings/<name>")
@requires(Can.CONNECTION_MANAGE)
def section_post(connection_id: UUID, name: str) -> BaseResponse:
    row = services.get(session(), actor(), connection_id)
    found = _section(row, name)
    known = masks(row) if found.secret else None
    form = drawn_form(found.model, found.fields, found.current(row), given=request.form, masks=known)
    form.validate()
    try:
        values = typed_values(form, found.model, found.fields)
        if found.secret:
            services.set_credentials(session(), actor(), connection_id, values)
        else:
            services.configure(session(), actor(), connection_id, found.part, values)
    except Invalid as problem:
        form.refuse(Invalid({key.partition(".")[0]: text for key, text in problem.errors.items()}))
        fields = [form[n] for n in found.fields]
        return page("connections/section.html", 422, row=row, section=found, form=form, fields=fields)
    flash(_("Saved"), "good")
    return to_page(connection_id)


@bp.get("/<uuid:connection_id>/conduct")
@requires(Can.CONNECTION_MANAGE)
def conduct(connection_id: UUID) -> BaseResponse:
    row = services.show(session(), actor(), connection_id, "conduct")
    return _conduct_page(row, _with_environments(row, ConductForm(formdata=None, obj=row)))


def _with_environments(row: Connection, form: ConductForm) -> ConductForm:
    if not services.has_api(row.adapter):
        raise NotFound
    form.environment.choices = choices(
        [(known.value, ENVIRONMENTS[known.value][0]) for known in services.environments(row.adapter)]
    )
    if get_settings().production:
        del form.api_endpoint_url
    return form


def _conduct_page(row: Connection, form: ConductForm, status: int = 200) -> BaseResponse:
    return page("connections/conduct.html", status, row=row, form=form)


@bp.post("/<uuid:connection_id>/conduct")
@requires(Can.CONNECTION_MANAGE)
def conduct_post(connection_id: UUID) -> BaseResponse:
    row = services.get(session(), actor(), connection_id)
    form = _with_environments(row, ConductForm())
    if not form.validate():
        return _conduct_page(row, form, 422)
    wanted = services.Conduct(
        environment=form.environment.data, is_primary=form.is_primary.data,
        api_endpoint_url=(form.api_endpoint_url.data or "").strip() if form.api_endpoint_url else "",
        **{name: form[name].data if form[name].data is not None else -1 for name in NUMBERS},
    )  # fmt: skip
    try:
        services.set_conduct(session(), actor(), connection_id, wanted)
    except Invalid as problem:
        form.refuse(problem)
        return _conduct_page(row, form, 422)
    flash(_("Saved"), "good")
    return to_page(connection_id)


@bp.post("/<uuid:connection_id>/rotation")
@requires(Can.CONNECTION_MANAGE)
def rotation(connection_id: UUID) -> BaseResponse:
    """The end of a rotation: the provider signs with the new secret."""
    services.forget_previous(session(), actor(), connection_id)
    flash(_("From now on only the new key is believed."), "good")
    return to_page(connection_id)


@bp.get("/<uuid:connection_id>/safety")
@requires(Can.CONNECTION_MANAGE)
def safety(connection_id: UUID) -> BaseResponse:
    row = services.show(session(), actor(), connection_id, "safety")
    kept = row.compliance_settings
    form = SafetyForm(
        formdata=None, hold_people=kept.get("hold_people", 25), approver=str(kept.get("approver_user_id") or "")
    )
    return page("connections/safety.html", row=row, form=_with_people(form))


def _with_people(form: SafetyForm) -> SafetyForm:
    query = session().query(User.id, User.display_name, User.email).filter(User.status == UserStatus.ACTIVE)
    named = [(str(row.id), row.display_name or row.email) for row in query.order_by(User.display_name).limit(200)]
    form.approver.choices = choices([("", _("Nobody named")), *named])
    return form


@bp.post("/<uuid:connection_id>/safety")
@requires(Can.CONNECTION_MANAGE)
def safety_post(connection_id: UUID) -> BaseResponse:
    form = _with_people(SafetyForm())
    try:
        if not form.validate():
            raise Invalid({"hold_people": _("Enter a number")})
        approver = form.approver.data
        if approver and approver not in {choice.value for choice in form.approver.choices}:
            raise Invalid({"approver": _("Choose one of the people in the list")})
        services.set_safety(
            session(), actor(), connection_id, hold_people=form.hold_people.data or 0,
            approver_user_id=UUID(approver) if approver else None,
        )  # fmt: skip
    except Invalid as problem:
        form.hold_people.errors = []
        form.refuse(problem)
        row = services.get(session(), actor(), connection_id)
        return page("connections/safety.html", 422, row=row, form=form)
    flash(_("Saved"), "good")
    return to_page(connection_id)
