"""Endpoints, what was delivered to them, and one delivery. A secret is on one answer only."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Flask, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app.core.access import Can
from app.core.clock import now
from app.core.config import get_settings
from app.core.errors import Invalid, NotFound
from app.hooks.forms import WORDS, EndpointForm, NewEndpointForm
from app.hooks.models import DeliveryState, HookEndpoint, Stop
from app.hooks.rules import body, message_id
from app.hooks.services import deliveries as sent
from app.hooks.services import endpoints as kept
from app.web.access import requires
from app.web.edge import actor, session
from app.web.pages import page

SOON = timedelta(minutes=1)
"""A page that waits for a try reloads itself only for one that is about to come; the next may be a day away."""

bp = Blueprint("hooks", __name__, url_prefix="/outbound-webhooks")

STATES = {
    DeliveryState.WAITING: (_l("Waiting"), "info"),
    DeliveryState.DELIVERED: (_l("Delivered"), "good"),
    DeliveryState.FAILED: (_l("Failed"), "bad"),
}
STOPPED = {
    Stop.PERSON: _l("Somebody switched it off."),
    Stop.GONE: _l("It answered 410: it wants no more messages."),
    Stop.FAILING: _l("Nothing arrived there for five days."),
}
REASONS = {
    "redirect-refused": _l("It redirects. Enter the address it leads to."),
    "host-not-allowed": _l("Corridor may not connect to this server."),
    "unreachable": _l("Nothing answers there."),
    "connect-timeout": _l("Nothing answers there."),
    "deadline": _l("It took too long to answer."),
    "connection-lost": _l("The connection broke before it answered."),
    "certificate-not-trusted": _l("Its certificate is not trusted."),
    "tls-failed": _l("It does not speak TLS 1.2 or newer."),
    "answer-garbled": _l("Its answer is not HTTP."),
    "answer-too-large": _l("Its answer is too long."),
    "answer-compressed": _l("It compressed its answer, though it was asked not to."),
    "endpoint-off": _l("The endpoint was off."),
    "gone": _l("It wants no more messages."),
}
"""What to say of a failure where there is more to say than the status of the answer."""


@bp.get("")
@requires(Can.CONNECTION_VIEW)
def endpoints() -> Response:
    rows = [
        {"id": one.id, "url": one.url, "description": one.description, "kinds": len(one.kinds), "state": _state(one)}
        for one in kept.endpoints(session(), actor())
    ]
    return page("hooks/endpoints.html", rows=rows)


def _state(endpoint: HookEndpoint) -> tuple[Any, str]:
    if not endpoint.is_active:
        return _("Off"), "neutral" if endpoint.stopped_by == Stop.PERSON else "bad"
    return (_("Failing"), "warn") if endpoint.failing_since else (_("On"), "good")


@bp.get("/new")
@requires(Can.CONNECTION_MANAGE)
def new_endpoint() -> Response:
    return _new_page(NewEndpointForm(formdata=None))


def _new_page(form: NewEndpointForm, status: int = 200) -> Response:
    return page("hooks/new_endpoint.html", status, form=form, words=WORDS)


@bp.post("/new")
@requires(Can.CONNECTION_MANAGE)
def new_endpoint_post() -> Response:
    form = NewEndpointForm()
    if not form.validate():
        return _new_page(form, 422)
    try:
        made, secret = kept.add(
            session(), actor(), endpoint_id=UUID(form.form_key.data), url=str(form.url.data),
            description=str(form.description.data or ""), kinds=form.kinds.data or (),
        )  # fmt: skip
    except Invalid as problem:
        form.refuse(problem)
        return _new_page(form, 422)
    return page("hooks/secret.html", endpoint=made, secret=secret)


@bp.get("/<uuid:endpoint_id>")
@requires(Can.CONNECTION_VIEW)
def endpoint(endpoint_id: UUID) -> Response:
    found = kept.endpoint_of(session(), actor(), endpoint_id)
    state, after = request.args.get("state", ""), request.args.get("after", "")
    rows = sent.deliveries(session(), actor(), endpoint_id, state=state, after=_key(after))
    shown = rows[: sent.PAGE]
    more = (
        url_for("hooks.endpoint", endpoint_id=endpoint_id, state=state or None, after=shown[-1].id)
        if len(rows) > len(shown)
        else ""
    )
    return page(
        "hooks/endpoint.html", endpoint=found, state=_state(found), stopped=STOPPED.get(Stop(found.stopped_by), ""), words=WORDS,
        rows=shown, states=STATES, wanted=state, next=more, first=after != "",
    )  # fmt: skip


def _key(after: str) -> UUID | None:
    try:
        return UUID(after) if after else None
    except ValueError:
        raise NotFound from None


@bp.get("/<uuid:endpoint_id>/edit")
@requires(Can.CONNECTION_MANAGE)
def edit_endpoint(endpoint_id: UUID) -> Response:
    found = kept.endpoint_of(session(), actor(), endpoint_id)
    return page("hooks/edit_endpoint.html", form=EndpointForm(formdata=None, obj=found), endpoint=found, words=WORDS)


@bp.post("/<uuid:endpoint_id>/edit")
@requires(Can.CONNECTION_MANAGE)
def edit_endpoint_post(endpoint_id: UUID) -> Response:
    found, form = kept.endpoint_of(session(), actor(), endpoint_id), EndpointForm()
    if form.validate():
        try:
            kept.change(
                session(), actor(), endpoint_id, url=str(form.url.data), description=str(form.description.data or ""),
                kinds=form.kinds.data or (), is_active=bool(form.is_active.data),
            )  # fmt: skip
            flash(_("Saved"), "good")
            return redirect(url_for("hooks.endpoint", endpoint_id=endpoint_id), 303)
        except Invalid as problem:
            form.refuse(problem)
    return page("hooks/edit_endpoint.html", 422, form=form, endpoint=found, words=WORDS)


@bp.post("/<uuid:endpoint_id>/secret")
@requires(Can.CONNECTION_MANAGE)
def rotate_secret(endpoint_id: UUID) -> Response:
    secret = kept.rotate(session(), actor(), endpoint_id)
    return page("hooks/secret.html", endpoint=kept.endpoint_of(session(), actor(), endpoint_id), secret=secret)


@bp.post("/<uuid:endpoint_id>/old-secret")
@requires(Can.CONNECTION_MANAGE)
def end_old_secret(endpoint_id: UUID) -> Response:
    kept.end_old_secret(session(), actor(), endpoint_id)
    flash(_("Only the new secret signs from now on."), "good")
    return redirect(url_for("hooks.endpoint", endpoint_id=endpoint_id), 303)


@bp.post("/<uuid:endpoint_id>/test")
@requires(Can.CONNECTION_MANAGE)
def send_test(endpoint_id: UUID) -> Response:
    made = sent.send_test(session(), actor(), endpoint_id)
    return redirect(url_for("hooks.delivery", delivery_id=made.id), 303)


@bp.get("/<uuid:endpoint_id>/remove")
@requires(Can.CONNECTION_MANAGE)
def remove_endpoint(endpoint_id: UUID) -> Response:
    return page("hooks/remove_endpoint.html", endpoint=kept.endpoint_of(session(), actor(), endpoint_id))


@bp.post("/<uuid:endpoint_id>/remove")
@requires(Can.CONNECTION_MANAGE)
def remove_endpoint_post(endpoint_id: UUID) -> Response:
    kept.remove(session(), actor(), endpoint_id)
    flash(_("The endpoint is removed."), "good")
    return redirect(url_for("hooks.endpoints"), 303)


@bp.get("/deliveries/<uuid:delivery_id>")
@requires(Can.CONNECTION_VIEW)
def delivery(delivery_id: UUID) -> Response:
    found, tries = sent.delivery_of(session(), actor(), delivery_id)
    soon = found.next_try_at is not None and found.next_try_at < now() + SOON
    return page(
        "hooks/delivery.html", delivery=found, tries=tries, soon=soon, states=STATES, reason=_reason, words=WORDS,
        endpoint=kept.endpoint_of(session(), actor(), found.endpoint_id), message_id=message_id(found.event_id),
        body=body(found.kind, found.occurred_at, found.subject_id, get_settings().base_url),
    )  # fmt: skip


def _reason(failure: str, status: int | None) -> str:
    """In words, empty when all went well; a code that nobody wrote words for says itself."""
    if not failure or failure in REASONS:
        return str(REASONS.get(failure, ""))
    return _("It answered %(status)s.", status=status) if status else failure


@bp.post("/deliveries/<uuid:delivery_id>/again")
@requires(Can.CONNECTION_MANAGE)
def send_again(delivery_id: UUID) -> Response:
    sent.send_again(session(), actor(), delivery_id)
    flash(_("The message is on its way again."), "good")
    return redirect(url_for("hooks.delivery", delivery_id=delivery_id), 303)


def register(app: Flask) -> None:
    """Called by the composition root."""
    app.register_blueprint(bp)
