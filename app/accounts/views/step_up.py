"""Asking again who it is before something sensitive (ASVS 7.5.1): how one signs in, who may do what."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import flash, g, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.forms import ConfirmForm
from app.accounts.models import User
from app.accounts.rules import safe_path
from app.accounts.services.codes import check_code
from app.accounts.services.own import ask_for_link, confirm_session, is_password, replace_token
from app.accounts.services.sessions import new_token
from app.accounts.services.throttle import forget_tries, too_many
from app.accounts.views.blueprint import bp
from app.accounts.views.identity import set_session_cookie
from app.core.access import Can
from app.core.db import fetch, transaction
from app.web.access import requires
from app.web.edge import actor, session
from app.web.pages import page

View = TypeVar("View", bound=Callable[..., Any])


def step_up(view: View) -> View:
    """Only somebody who proved who they are in the last 15 minutes gets through; others are asked first and come back."""

    @wraps(view)
    def asked(*args: Any, **kwargs: Any) -> Any:
        if g.identity is not None and g.identity.fresh:
            return view(*args, **kwargs)
        here = request.full_path.rstrip("?") if request.method == "GET" else _came_from()
        return redirect(url_for("accounts.confirm", next=here), 303)

    return asked  # type: ignore[return-value]


def _came_from() -> str:
    """The page whose button was pressed: a POST cannot be repeated after the question, its page can."""
    origin = request.host_url.rstrip("/")
    return safe_path((request.referrer or "").removeprefix(origin), url_for("accounts.account"))


@bp.get("/account/confirm")
@requires(Can.ACCOUNT_OWN)
def confirm() -> BaseResponse:
    return _page(ConfirmForm(request.args))


@bp.post("/account/confirm")
@requires(Can.ACCOUNT_OWN)
def confirm_post() -> BaseResponse:
    form, me = ConfirmForm(), g.identity
    if "link" in request.form:
        ask_for_link(actor(), me.email)
        flash(_("A link is on its way to your email. Open it to continue."), "info")
        return redirect(url_for("accounts.account"), 303)
    wrong = _code_is_wrong(form) if me.mfa_enabled else _password_is_wrong(form)
    if wrong:
        return _page(form, 422)
    confirm_session(session(), actor(), second_factor=me.mfa_enabled)
    token = new_token()
    replace_token(session(), me.session_id, token)
    answer = redirect(safe_path(form.next.data, url_for("accounts.account")), 303)
    set_session_cookie(answer, actor().company_id, token)
    return answer


def _code_is_wrong(form: ConfirmForm) -> bool:
    if check_code(actor(), g.identity.user_id, str(form.code.data or "")):
        return False
    form.code.errors = [_("That code does not fit, or was used already. Wait for the next one and enter it.")]
    return True


def _password_is_wrong(form: ConfirmForm) -> bool:
    """Tries count, as at the door: a stolen session must not be a way to guess the password."""
    me = str(g.identity.user_id)
    with transaction(actor().company_id) as own:
        paused = too_many(own, "code", me)
    if not paused and is_password(session(), g.identity.user_id, str(form.password.data or "")):
        forget_tries(session(), "code", me)
        return False
    form.password.errors = [_("That is not your password. Check it and try again.")]
    return True


def _page(form: ConfirmForm, status: int = 200) -> BaseResponse:
    user = fetch(session(), User, g.identity.user_id)
    return page("accounts/confirm.html", status, form=form, user=user)
