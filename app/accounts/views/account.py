"""One's own account: name, language, password, second factor, devices."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.forms import CodeForm, NewPasswordForm, PreferencesForm
from app.accounts.models import User
from app.accounts.rules import Method, safe_path
from app.accounts.services.attempts import second_factor_of
from app.accounts.services.codes import (
    confirm_totp,
    disable_mfa,
    make_recovery_codes,
    prepare_totp,
    recovery_codes_left,
    totp_picture,
)
from app.accounts.services.own import is_password, set_language, set_password
from app.accounts.services.passkeys import passkeys_of
from app.accounts.services.sessions import end_session, end_sessions, live_sessions
from app.accounts.services.throttle import too_many
from app.accounts.views.blueprint import bp
from app.accounts.views.devices import device_name
from app.accounts.views.doorway import translated
from app.accounts.views.identity import drop_cookie
from app.accounts.views.step_up import step_up
from app.core.access import Can
from app.core.db import fetch, transaction
from app.core.errors import Conflict, Invalid
from app.web.access import requires
from app.web.edge import actor, session
from app.web.i18n import cookie_name as language_cookie
from app.web.pages import page


def me() -> User:
    return fetch(session(), User, g.identity.user_id)


def to_account() -> BaseResponse:
    return redirect(url_for("accounts.account"), 303)


@bp.get("/account")
@requires(Can.ACCOUNT_OWN)
def account() -> BaseResponse:
    return _page(PreferencesForm(obj=me(), formdata=None))


def _page(form: PreferencesForm, status: int = 200) -> BaseResponse:
    user = me()
    devices = [
        {"row": row, "name": device_name(row.user_agent), "here": row.id == g.identity.session_id}
        for row in live_sessions(session(), user.id)
    ]
    context: dict[str, Any] = {
        "user": user, "form": form, "devices": devices, "passkeys": passkeys_of(session(), user.id),
        "codes_left": recovery_codes_left(session(), user.id) if user.mfa_enabled else 0,
    }  # fmt: skip
    return page("accounts/account.html", status, **context)


@bp.post("/account/preferences")
@requires(Can.ACCOUNT_OWN)
def preferences_post() -> BaseResponse:
    form = PreferencesForm()
    if not form.validate():
        return _page(form, 422)
    set_language(session(), actor(), g.identity.user_id, str(form.language.data), str(form.display_name.data))
    flash(_("Saved"), "good")
    answer = to_account()
    drop_cookie(answer, language_cookie())  # the stored language counts again
    return answer


# --- password ---------------------------------------------------------------------------------------------------


def _came_by_link() -> bool:
    """Somebody who just proved their address may choose a password without the old one."""
    return g.identity.method in (Method.RESET, Method.INVITE) and g.identity.fresh


@bp.get("/account/password")
@requires(Can.ACCOUNT_OWN)
def new_password() -> BaseResponse:
    return _password_page(NewPasswordForm(formdata=None))


@bp.get("/account/welcome")
@requires(Can.ACCOUNT_OWN)
def welcome() -> BaseResponse:
    """After an invitation: a password if one likes; links by mail work without."""
    return _password_page(NewPasswordForm(formdata=None), first=True)


def _password_page(form: NewPasswordForm, status: int = 200, *, first: bool = False) -> BaseResponse:
    asks_current = bool(me().password_hash) and not _came_by_link()
    onward = safe_path(request.args.get("next"), "")
    return page(
        "accounts/new_password.html", status, form=form, asks_current=asks_current, onward=onward, first=first,
        user=me(),
    )  # fmt: skip


@bp.post("/account/password")
@requires(Can.ACCOUNT_OWN)
def new_password_post() -> BaseResponse:
    form, user = NewPasswordForm(), me()
    first = request.args.get("first") == "1"
    valid = form.validate()
    if user.password_hash and not _came_by_link() and not _is_current(user, str(form.current.data or "")):
        form.current.errors = [_("That is not your current password. Check it, or get a link by email.")]
        valid = False
    if not valid:
        return _password_page(form, 422, first=first)
    if not user.password_hash and not g.identity.fresh:
        return redirect(url_for("accounts.confirm", next=url_for("accounts.new_password")), 303)
    try:
        set_password(session(), actor(), user.id, str(form.password.data))
    except Invalid as problem:
        form.refuse(translated(problem))
        return _password_page(form, 422, first=first)
    flash(_("Your new password is saved. Other devices were signed out."), "good")
    return redirect(safe_path(request.args.get("next"), url_for("accounts.account")), 303)


def _is_current(user: User, typed: str) -> bool:
    with transaction(actor().company_id) as own:
        paused = too_many(own, "code", str(user.id))
    return not paused and is_password(session(), user.id, typed)


# --- authenticator app ------------------------------------------------------------------------------------------


@bp.get("/account/app")
@requires(Can.ACCOUNT_OWN)
@step_up
def set_up_app() -> BaseResponse:
    """The QR code. The secret was made by the button that led here, not by this page."""
    user = me()
    if user.mfa_enabled or not user.totp_secret:
        return to_account()
    return _app_page(CodeForm(formdata=None))


@bp.post("/account/app/start")
@requires(Can.ACCOUNT_OWN)
@step_up
def start_app() -> BaseResponse:
    prepare_totp(session(), g.identity.user_id)
    return redirect(url_for("accounts.set_up_app"), 303)


@bp.post("/account/app")
@requires(Can.ACCOUNT_OWN)
@step_up
def set_up_app_post() -> BaseResponse:
    form, user = CodeForm(), me()
    if user.mfa_enabled:
        raise Conflict
    if not user.totp_secret:
        return to_account()  # the button that makes the secret is there
    if not form.validate():
        return _app_page(form, 422)
    try:
        codes = confirm_totp(session(), actor(), g.identity.user_id, str(form.code.data))
    except Invalid as problem:
        form.refuse(translated(problem))
        return _app_page(form, 422)
    return page("accounts/recovery_codes.html", codes=codes, onward=url_for("accounts.account"))


def _app_page(form: CodeForm, status: int = 200) -> BaseResponse:
    user = me()
    secret = str(user.totp_secret or "")
    picture = Markup(totp_picture(secret, user.email, g.identity.company_name))  # noqa: S704 - made by segno
    return page("accounts/set_up_app.html", status, form=form, secret=secret, picture=picture, action="set_up_app_post")


@bp.post("/account/app/off")
@requires(Can.ACCOUNT_OWN)
@step_up
def app_off() -> BaseResponse:
    """Switch the app off, unless a role or an administrator asks for it."""
    user = me()
    old, user.mfa_enabled = user.mfa_enabled, False
    required = second_factor_of(session(), user.id).needed
    user.mfa_enabled = old
    if required:
        flash(_("Your role needs a second factor, so it cannot be switched off."), "warn")
        return to_account()
    disable_mfa(session(), actor(), user.id)
    flash(_("The app is switched off."), "good")
    return to_account()


@bp.post("/account/recovery-codes")
@requires(Can.ACCOUNT_OWN)
@step_up
def new_recovery_codes() -> BaseResponse:
    """Ten new codes, on this answer only."""
    if not me().mfa_enabled:
        raise Conflict
    codes = make_recovery_codes(session(), actor(), g.identity.user_id)
    return page("accounts/recovery_codes.html", codes=codes, onward=url_for("accounts.account"))


# --- devices ----------------------------------------------------------------------------------------------------


@bp.post("/account/devices/<uuid:session_id>/end")
@requires(Can.ACCOUNT_OWN)
def end_device(session_id: Any) -> BaseResponse:
    end_session(session(), actor(), session_id, g.identity.user_id)
    flash(_("That device is signed out."), "good")
    return to_account()


@bp.post("/account/devices/end-others")
@requires(Can.ACCOUNT_OWN)
def end_other_devices() -> BaseResponse:
    end_sessions(session(), actor(), g.identity.user_id, reason="by the owner", but=g.identity.session_id)
    flash(_("All other devices are signed out."), "good")
    return to_account()
