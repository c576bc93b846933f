"""Single sign-on: out to the identity provider and back."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

import flask
from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.rules import Method, safe_path
from app.accounts.services.oidc import Refused, Started, provider, user_of_claims
from app.accounts.views.blueprint import bp
from app.accounts.views.doorway import find_company, proceed
from app.accounts.views.identity import visitor
from app.core.errors import NotFound, Unavailable
from app.web.access import public

KEPT = "oidc"  # in Flask's signed cookie: state, nonce and verifier are of use to this browser only


@bp.get("/sign-in/oidc")
@public
def oidc_start() -> BaseResponse:
    asked, door = provider(), find_company(request.args.get("company"))
    if asked is None or door is None:
        raise NotFound
    try:
        started = asked.start()
    except Unavailable:
        return _back_to_sign_in(
            _("Your company's sign-in does not answer. Try again in a minute, or sign in another way.")
        )
    kept = asdict(started) | {"company": door.id.hex, "next": safe_path(request.args.get("next"))}
    kept.pop("url")
    flask.session[KEPT] = kept
    return redirect(started.url, 303)


@bp.get("/sign-in/oidc/back")
@public
def oidc_back() -> BaseResponse:
    asked, kept = provider(), flask.session.pop(KEPT, None)
    if asked is None:
        raise NotFound
    if not isinstance(kept, dict):
        return _back_to_sign_in(_("That took too long. Sign in again."))
    started = Started("", kept["state"], kept["nonce"], kept["verifier"])
    try:
        claims = asked.finish(request.args.to_dict(), started)
    except Unavailable:
        return _back_to_sign_in(
            _("Your company's sign-in does not answer. Try again in a minute, or sign in another way.")
        )
    except Refused:
        return _back_to_sign_in(
            _("Your company's sign-in did not confirm who you are. Try again, or sign in another way.")
        )
    company_id = UUID(kept["company"])
    user_id, second_factor = user_of_claims(visitor(company_id), asked.issuer, claims)
    if user_id is None:
        return _back_to_sign_in(_("There is no account for you here yet. Ask your administrator to invite you."))
    return proceed(company_id, user_id, Method.OIDC, kept["next"], second_factor=second_factor)


def _back_to_sign_in(message: str) -> BaseResponse:
    flash(message, "bad")
    return redirect(url_for("accounts.sign_in"), 303)
