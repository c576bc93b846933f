"""Signing in with a password, and signing out."""

from __future__ import annotations

from flask import redirect, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.accounts import services
from app.accounts.views.blueprint import bp
from app.accounts.views.identity import cookie_name, drop_cookie
from app.core.access import Can
from app.web.access import public, requires
from app.web.edge import actor, session
from app.web.pages import page


@bp.get("/sign-in")
@public
def sign_in() -> BaseResponse:
    return page("accounts/sign_in.html")


@bp.post("/sign-out")
@requires(Can.ACCOUNT_OWN)
def sign_out() -> BaseResponse:
    """End this session; the cookie goes, and so does what the browser kept of our pages."""
    who = actor()
    if who.session_id is not None:
        services.end_session(session(), who, who.session_id)
    answer = redirect(url_for("accounts.sign_in"), 303)
    drop_cookie(answer, cookie_name())
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer
