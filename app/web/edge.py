"""What happens to every request: id, tenant, identity, permission; and after it: commit or roll back.

The edge commits on 2xx and 3xx and rolls back otherwise. Nothing else in the web process commits, except the audit row of a
refusal, which must survive the roll-back.
"""

from __future__ import annotations

from typing import Any

import structlog
from flask import Flask, Response, abort, g, request, url_for
from flask_login import LoginManager, current_user
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7
from werkzeug.wrappers import Response as BaseResponse

from app.core.access import Can
from app.core.db import enter_tenant, transaction
from app.core.events import Actor, Risk, record
from app.web.access import PUBLIC, access_of
from app.web.api.problems import asks_api
from app.web.database import db
from app.web.pages import Brand, sign_in_first

login_manager = LoginManager()
NO_IDENTITY = (
    "assets.asset_file",
    "assets.brand_css",
    "accounts.logo",
    "api.openapi",
    "health.healthz",
    "health.readyz",
    "health.metrics",
    "webhooks.deliver",
    "webhooks.greet",
)


def session() -> Session:
    """The request's database session (one transaction per request)."""
    scoped: Session = db.session()
    return scoped


def actor() -> Actor:
    """Who makes this request.

    Raises:
        werkzeug.exceptions.Unauthorized: nobody is signed in.
    """
    if g.identity is None:
        abort(401)
    signed_in: Actor = g.identity.actor
    return signed_in


def init_app(app: Flask) -> None:
    login_manager.session_protection = None  # sessions are rows of ours, not Flask's cookie
    login_manager.init_app(app)
    app.before_request(begin)
    app.after_request(finish)
    app.teardown_request(forget)


def begin() -> BaseResponse | None:
    """Identify, then hold the request against what its view declares."""
    g.request_id = request.headers.get("X-Request-Id", "")[:64] or str(uuid7())
    structlog.contextvars.bind_contextvars(request_id=g.request_id)
    g.identity = None
    if request.endpoint is None:
        return None
    access = access_of(_app(), request.endpoint)
    if request.endpoint in NO_IDENTITY:
        return None
    g.identity = current_user._get_current_object() if current_user.is_authenticated else None
    if g.identity is not None:
        g.brand = Brand(g.identity.company_name, g.identity.brand_hue, g.identity.logo_url)
    if access is PUBLIC:
        return None
    if g.identity is None:
        return ask_to_sign_in()
    if not g.identity.actor.can(access):
        record_refusal(g.identity.actor, access)
        abort(403)
    return None


def ask_to_sign_in() -> BaseResponse:
    """To the sign-in page and back again; an htmx request is told to navigate, so no page lands inside a fragment.
    A program is told to send a token."""
    if asks_api():
        abort(401)
    target = request.full_path.rstrip("?") if request.method == "GET" else "/"
    return sign_in_first(url_for("accounts.sign_in", next=target))


def record_refusal(refused: Actor, access: Any) -> None:
    """A denied attempt is an audit row of its own transaction."""
    permission = access.value if isinstance(access, Can) else str(access)
    _record_attempt(refused, "access.request.denied", {"permission": permission})


def record_forged(kind: str) -> None:
    """A request that somebody signed in sent without wanting to, or to get round a check: no token, or another site's (ASVS 16.3.3).

    Without a session there is no company whose trail could hold it; such refusals are counted in /metrics.
    """
    if g.get("identity") is not None:
        _record_attempt(g.identity.actor, "access.request.forged", {"kind": kind, "endpoint": request.endpoint or ""})


def _record_attempt(tried: Actor, name: str, new: dict[str, str]) -> None:
    with transaction(tried.company_id) as own:
        record(own, tried, name, ("route", None), new=new, risk=Risk.MEDIUM, success=False)


def finish(response: Response) -> Response:
    if response.status_code < 400:
        db.session.commit()
    else:
        db.session.rollback()
    response.headers["X-Request-Id"] = getattr(g, "request_id", "")
    return response


def forget(_error: BaseException | None) -> None:
    db.session.remove()
    enter_tenant(None)
    structlog.contextvars.clear_contextvars()


def _app() -> Flask:
    from flask import current_app

    return current_app._get_current_object()  # type: ignore[attr-defined, no-any-return]
