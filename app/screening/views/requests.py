"""One request: where it stands, who must move, what happened, and what may be done. Never what a report says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.core.access import Can
from app.core.errors import Conflict, Invalid
from app.screening.forms import words
from app.screening.forms.requests import FORMS
from app.screening.forms.text import _
from app.screening.models import ScreeningRequest
from app.screening.rules.adverse import NOTIFIED
from app.screening.rules.outcomes import Decision
from app.screening.rules.states import Bucket, ConsentState, OrderState, Part, RequestStatus
from app.screening.rules.words import AskStage
from app.screening.services import candidates, consenting, holding, links, ordering, raw_events, scope
from app.screening.services.request_page import Facts, facts, history
from app.screening.views import request_words
from app.screening.views.blueprint import bp
from app.web.access import requires
from app.web.edge import actor, session
from app.web.pages import page

Act = Callable[[ScreeningRequest, Any], None]


def _forms(found: Facts, filled: dict[str, Any]) -> dict[str, Any]:
    made = {name: filled.get(name) or kind(formdata=None, prefix=f"{name}-") for name, kind in FORMS.items()}
    if "stage" not in filled:
        made["stage"].offer(found.application.stage)
    if "address" not in filled:
        made["address"].email.data = found.candidate.email
    return made


def _show(request_id: UUID, status: int = 200, **filled: Any) -> Response:
    found = facts(session(), actor(), request_id)
    wrong = next((form for form in filled.values() if form.errors or form.form_errors), None)
    return page(
        "screening/request_page.html", status, found=found, row=found.row, words=words, forms=_forms(found, filled), wrong=wrong,
        opened=next(iter(filled), ""), may=may(found), missing=words.missing(found.request.hold_reason),
        stops=[words.stop(stop) for stop in found.request.stops], events=request_words.timeline(history(session(), found.request)),
        problem=request_words.problem(found.request.order_problem),
    )  # fmt: skip


def may(found: Facts) -> dict[str, bool]:
    """What this person may do with it now."""
    asked, row = found.request, found.row
    orders, approves = actor().can(Can.CHECK_ORDER), actor().can(Can.CHECK_APPROVE)
    running = row.bucket == Bucket.ACTIVE
    waits = asked.order_state == OrderState.NONE and asked.canceled_at is None and running
    answers = asked.consent in (ConsentState.PENDING, ConsentState.APPROVED)
    return {
        "send": orders and running and answers and not row.stopped,
        "ask": orders and waits and asked.consent == ConsentState.APPROVED and "consent" in asked.hold_reason.split(","),
        "address": orders and row.bounced,
        "cancel": orders and running and asked.stage not in NOTIFIED,
        "extend": approves and running,
        "again": orders and running and ordering.may_order_again(asked),
        "found": orders and running and asked.order_state == OrderState.UNKNOWN,
        "stage": orders and asked.canceled_at is None and found.application.stage != AskStage.OFFER,
        "second": orders and asked.part == Part.FIRST and asked.decision == Decision.ACCEPTED
        and asked.status == RequestStatus.COMPLETED,
        "hold": approves and not asked.legal_hold and asked.disposed_at is None,
        "raw": actor().can(Can.CONNECTION_VIEW),
    }  # fmt: skip


@bp.get("/requests/<uuid:request_id>")
@requires(Can.CHECK_VIEW)
def request_page(request_id: UUID) -> Response:
    return _show(request_id)


@bp.get("/requests/<uuid:request_id>/provider-events")
@requires(Can.CONNECTION_VIEW)
def provider_events(request_id: UUID) -> Response:
    """On demand: what went over the wire."""
    asked, found = raw_events.raw_events(session(), actor(), request_id)
    return page("screening/provider_events.html", asked=asked, events=found, reads=actor().can(Can.RECORD_VIEW))


def _act(request_id: UUID, permission: Can, name: str, act: Act, done: str) -> Response:
    """Check the form of that name, do it to the locked request, and show the page again."""
    found = scope.request(session(), actor(), request_id, permission, lock=True)
    form = FORMS[name](prefix=f"{name}-")
    if name == "stage":
        form.offer(facts(session(), actor(), request_id).application.stage)
    if not form.validate():
        return _show(request_id, 422, **{name: form})
    try:
        act(found, form)
    except Invalid as refused:
        form.refuse(refused)
        return _show(request_id, 422, **{name: form})
    except Conflict:
        form.refuse(Invalid(_("This is not possible any more: the request has moved on. Look at where it stands now.")))
        return _show(request_id, 422, **{name: form})
    return _back(request_id, done)


def _back(request_id: UUID, done: str, tone: str = "good") -> Response:
    flash(done, tone)
    return redirect(url_for("screening.request_page", request_id=request_id), 303)


@bp.post("/requests/<uuid:request_id>/cancel")
@requires(Can.CHECK_ORDER)
def cancel_request(request_id: UUID) -> Response:
    def act(found: ScreeningRequest, form: Any) -> None:
        ordering.cancel(session(), actor(), found, form.reason.data)

    return _act(request_id, Can.CHECK_ORDER, "cancel", act, _("The check is canceled."))


@bp.post("/requests/<uuid:request_id>/extend")
@requires(Can.CHECK_APPROVE)
def extend_request(request_id: UUID) -> Response:
    def act(found: ScreeningRequest, form: Any) -> None:
        ordering.extend(session(), actor(), found, form.reason.data)

    return _act(request_id, Can.CHECK_APPROVE, "extend", act, _("The check may run on."))


@bp.post("/requests/<uuid:request_id>/order-again")
@requires(Can.CHECK_ORDER)
def order_again(request_id: UUID) -> Response:
    def act(found: ScreeningRequest, form: Any) -> None:
        ordering.order_again(session(), actor(), found, form.reason.data)

    return _act(request_id, Can.CHECK_ORDER, "again", act, _("The order is placed again."))


@bp.post("/requests/<uuid:request_id>/found")
@requires(Can.CHECK_ORDER)
def found_at_provider(request_id: UUID) -> Response:
    def act(found: ScreeningRequest, form: Any) -> None:
        ordering.found_at_provider(session(), actor(), found, form.invitation_id.data, form.reason.data)

    return _act(request_id, Can.CHECK_ORDER, "found", act, _("The order is taken over. Its state is being fetched."))


@bp.post("/requests/<uuid:request_id>/hold")
@requires(Can.CHECK_APPROVE)
def hold_request(request_id: UUID) -> Response:
    def act(found: ScreeningRequest, form: Any) -> None:
        holding.place_hold(session(), actor(), found, form.reason.data)

    return _act(
        request_id,
        Can.CHECK_APPROVE,
        "hold",
        act,
        _("Everything of this request is kept until compliance lifts the hold."),
    )


@bp.post("/requests/<uuid:request_id>/stage")
@requires(Can.CHECK_ORDER)
def change_stage(request_id: UUID) -> Response:
    def act(found: ScreeningRequest, form: Any) -> None:
        candidates.change_stage(session(), actor(), found.application_id, AskStage(form.stage.data))

    return _act(
        request_id, Can.CHECK_ORDER, "stage", act, _("The stage of hiring is kept. What waited for it is tried again.")
    )


@bp.post("/requests/<uuid:request_id>/address")
@requires(Can.CHECK_ORDER)
def correct_address(request_id: UUID) -> Response:
    def act(found: ScreeningRequest, form: Any) -> None:
        person = facts(session(), actor(), request_id).candidate
        contact = candidates.Contact(
            email=form.email.data,
            phone=person.phone or "",
            language=person.language,
            texts_allowed=person.texts_allowed,
        )
        candidates.change_contact(session(), actor(), person, contact)
        links.resend(session(), actor(), found)

    return _act(request_id, Can.CHECK_ORDER, "address", act, _("The address is corrected and the link is sent again."))


@bp.post("/requests/<uuid:request_id>/link")
@requires(Can.CHECK_ORDER)
def send_link(request_id: UUID) -> Response:
    """The same link once more; or, when the consent no longer holds, the documents anew."""
    found = scope.request(session(), actor(), request_id, Can.CHECK_ORDER, lock=True)
    try:
        if request.form.get("anew"):
            consenting.ask_again(session(), actor(), found)
        else:
            links.resend(session(), actor(), found)
    except Conflict:
        return _back(
            request_id,
            _("This is not possible any more: the request has moved on. Look at where it stands now."),
            "warn",
        )
    return _back(request_id, _("The link is sent again."))
