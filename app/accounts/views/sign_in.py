"""Signing in with a password or a passkey, and signing out."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, g, jsonify, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.accounts import services
from app.accounts.forms import PasskeySignInForm, SignInForm
from app.accounts.rules import Method, safe_path
from app.accounts.services.attempts import Outcome, try_password
from app.accounts.services.oidc import provider
from app.accounts.services.passkeys import sign_in_options, try_passkey
from app.accounts.views.blueprint import bp
from app.accounts.views.doorway import checked, enter, find_company, known_device, proceed
from app.accounts.views.identity import cookie_name, drop_cookie, visitor
from app.core.access import Can
from app.core.errors import NotFound
from app.web.access import public, requires
from app.web.edge import actor, session
from app.web.pages import page


@bp.get("/sign-in")
@public
def sign_in() -> BaseResponse:
    if g.identity is not None:
        return redirect(safe_path(request.args.get("next")), 303)
    form = SignInForm(request.args)
    form.password.data = ""
    return _page(form)


@bp.post("/sign-in")
@public
def sign_in_post() -> BaseResponse:
    form = SignInForm()
    door = checked(form)
    if door is None:
        return _page(form, 422)
    email = str(form.email.data)
    outcome, user_id = try_password(visitor(door.id), email, str(form.password.data), known_device(door.id, email))
    if outcome is Outcome.RIGHT and user_id is not None:
        return proceed(door.id, user_id, Method.PASSWORD, form.next.data or "/")
    return _refused(form, outcome)


def _refused(form: SignInForm, outcome: Outcome) -> BaseResponse:
    """One answer for a wrong password, an unknown address and a suspended account; one for a pause, whoever is meant."""
    if outcome is Outcome.PAUSED:
        form.form_errors.append(_("Too many tries. Wait 15 minutes, or get a sign-in link by email."))
        return _page(form, 429)
    form.form_errors.append(
        _("The email address or password is not right. Check both, or get a sign-in link by email.")
    )
    return _page(form, 422)


def _page(form: SignInForm, status: int = 200) -> BaseResponse:
    door = find_company(form.company.data)
    return page("accounts/sign_in.html", status, form=form, door=door, single_sign_on=provider() is not None)


@bp.post("/sign-in/passkey/options")
@public
def passkey_options() -> Response:
    """The question for the authenticator (JSON, asked by passkeys.js)."""
    door = find_company(request.form.get("company"))
    if door is None:
        raise NotFound
    enter(door)
    return jsonify(sign_in_options(session()))


@bp.post("/sign-in/passkey")
@public
def passkey_sign_in() -> BaseResponse:
    form = PasskeySignInForm()
    door = find_company(form.company.data)
    user_id = None
    if door is not None and form.validate():
        user_id = try_passkey(visitor(door.id), _answer(form.credential.data))
    if door is None or user_id is None:
        again = SignInForm()
        again.form_errors.append(_("That passkey did not work. Try again, or sign in another way."))
        return _page(again, 422)
    return proceed(door.id, user_id, Method.PASSKEY, form.next.data or "/", second_factor=True)


def _answer(text: str | None) -> dict[str, Any]:
    try:
        found = json.loads(text or "")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


@bp.post("/sign-out")
@requires(Can.ACCOUNT_OWN)
def sign_out() -> BaseResponse:
    """End this session. Our pages are never stored by the browser, so nothing of it stays."""
    who = actor()
    if who.session_id is not None:
        services.end_session(session(), who, who.session_id)
    answer = redirect(url_for("accounts.sign_in"), 303)
    drop_cookie(answer, cookie_name())
    return answer
