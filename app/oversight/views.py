"""The audit viewer and the operations page."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, Flask, Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from app.core.access import Can
from app.core.events import Actor, Risk
from app.oversight import services
from app.oversight.forms import RevealForm
from app.oversight.services import AuditFilter
from app.web.access import requires
from app.web.edge import actor, session
from app.web.home import Need, attend
from app.web.pages import page

audit = Blueprint("audit", __name__, url_prefix="/audit")
operations = Blueprint("operations", __name__, url_prefix="/operations")
PAGE_SIZE = 50
RISK_TONES = {"low": "neutral", "medium": "info", "high": "warn", "critical": "bad"}
STATE_TONES = {
    "pending": "neutral",
    "dispatched": "info",
    "running": "info",
    "done": "good",
    "unknown": "warn",
    "dead": "bad",
    "canceled": "neutral",
}


def _filter() -> AuditFilter:
    args = request.args
    return AuditFilter(
        name=args.get("name", "").strip(),
        entity_id=args.get("entity", "").strip(),
        user_id=args.get("user", "").strip(),
        risk=args.get("risk", "") if args.get("risk", "") in list(Risk) else "",
        phi=args.get("phi") == "1",
        from_on=_date(args.get("from", "")),
        to_on=_date(args.get("to", "")),
    )


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _query(**more: Any) -> dict[str, Any]:
    """The filter as it stands in the URL, for links that keep it."""
    kept = {
        name: value
        for name in ("name", "entity", "user", "risk", "phi", "from", "to")
        if (value := request.args.get(name))
    }
    return kept | more


@audit.get("/events")
@requires(Can.AUDIT_VIEW)
def events() -> BaseResponse:
    rows = services.events(session(), _filter(), after=request.args.get("after", ""), limit=PAGE_SIZE)
    shown = rows[:PAGE_SIZE]
    following = url_for("audit.events", **_query(after=shown[-1].id)) if len(rows) > PAGE_SIZE else ""
    return page(
        "audit/events.html", rows=shown, wanted=_filter(), following=following, first="after" in request.args, query=_query(),
        tones=RISK_TONES, seal=services.last_seal(session()),
    )  # fmt: skip


@audit.get("/events/<uuid:event_id>")
@requires(Can.AUDIT_VIEW)
def event(event_id: UUID) -> BaseResponse:
    return page(
        "audit/event.html", event=services.event(session(), event_id), form=RevealForm(), tones=RISK_TONES, values=None
    )


@audit.post("/events/<uuid:event_id>/values")
@requires(Can.SENSITIVE_VIEW)
def reveal(event_id: UUID) -> BaseResponse:
    form, found = RevealForm(), services.event(session(), event_id)
    if not form.validate():
        return page("audit/event.html", 422, event=found, form=form, tones=RISK_TONES, values=None)
    values = services.reveal(session(), actor(), event_id, form.reason.data)
    return page("audit/event.html", event=found, form=form, tones=RISK_TONES, values=values)


@audit.post("/export")
@requires(Can.AUDIT_EXPORT)
def export() -> BaseResponse:
    lines = "".join(services.export(session(), actor(), _filter()))
    headers = {"Content-Disposition": "attachment; filename=audit-trail.csv"}
    return Response(lines, mimetype="text/csv", headers=headers)


@operations.get("/intents")
@requires(Can.OPERATIONS_VIEW)
def intents() -> BaseResponse:
    state, after = request.args.get("state", ""), request.args.get("after", "")
    rows = services.intents(session(), state=state, after=after, limit=PAGE_SIZE)
    shown = rows[:PAGE_SIZE]
    following = url_for("operations.intents", state=state or None, after=shown[-1].id) if len(rows) > PAGE_SIZE else ""
    return page(
        "operations/intents.html", rows=shown, state=state, following=following, first=bool(after), tones=STATE_TONES,
        counts=services.intent_counts(session()), processes=services.processes(session()),
    )  # fmt: skip


@operations.post("/intents/<uuid:intent_id>/retry")
@requires(Can.OPERATIONS_RETRY)
def retry(intent_id: UUID) -> BaseResponse:
    services.retry(session(), actor(), intent_id)
    flash(_("The job runs again in a moment."), "good")
    return redirect(url_for("operations.intents"), 303)


@operations.post("/intents/<uuid:intent_id>/settle")
@requires(Can.OPERATIONS_RETRY)
def settle(intent_id: UUID) -> BaseResponse:
    services.settle(session(), actor(), intent_id)
    flash(_("The job is settled and will not run again."), "good")
    return redirect(url_for("operations.intents"), 303)


def needs(database: Session, _actor: Actor) -> list[Need]:
    """What the home page says about the machine."""
    counts = services.intent_counts(database)
    return [
        Need(_("Jobs given up"), counts.get("dead", 0), url_for("operations.intents", state="dead"), _("Read why, then run again"), "bad"),
        Need(_("Jobs with unknown outcome"), counts.get("unknown", 0), url_for("operations.intents", state="unknown"), _("Look whether it happened, then decide"), "bad"),
    ]  # fmt: skip


def register(app: Flask) -> None:
    app.register_blueprint(audit)
    app.register_blueprint(operations)
    attend(app, {Can.OPERATIONS_VIEW}, needs)
