"""The second step of a sign-in: a code of the app, a recovery code, a passkey; or setting the app up when it is required."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.forms import CodeForm
from app.accounts.models import User
from app.accounts.rules import Method, Purpose
from app.accounts.services.attempts import SecondFactor, second_factor_of
from app.accounts.services.codes import check_code, confirm_totp, totp_picture
from app.accounts.services.links import look_at_token, use_token
from app.accounts.views.blueprint import bp
from app.accounts.views.doorway import company_of, pending_step, signed_in, step_cookie, translated
from app.accounts.views.identity import drop_cookie, visitor
from app.core.db import fetch, transaction
from app.core.errors import Invalid
from app.web.access import public
from app.web.pages import page

STEP = (Purpose.SECOND_FACTOR,)


@bp.get("/sign-in/second-factor")
@public
def second_factor() -> BaseResponse:
    return _page(CodeForm(formdata=None))


@bp.post("/sign-in/second-factor")
@public
def second_factor_post() -> BaseResponse:
    step, form = pending_step(), CodeForm()
    waiting = _waiting(step)
    if step is None or waiting is None:
        return _too_late()
    if not form.validate():
        return _page(form, 422)
    user_id, factor = waiting
    if not factor.has_code and not factor.has_passkey:
        return _set_up(step, user_id, form)
    if not check_code(visitor(step[0], user_id), user_id, str(form.code.data)):
        form.code.errors = [_("That code does not fit, or was used already. Wait for the next one and enter it.")]
        return _page(form, 422)
    with transaction(step[0]) as own:
        return _finish(own, step)


def _set_up(step: tuple[UUID, str], user_id: UUID, form: CodeForm) -> BaseResponse:
    """The first code of a new app: sign in and show the recovery codes once."""
    try:
        with transaction(step[0]) as own:
            codes = confirm_totp(own, visitor(step[0], user_id), user_id, str(form.code.data))
            answer = _finish(own, step)
    except Invalid as problem:
        form.refuse(translated(problem))
        return _page(form, 422)
    shown = page("accounts/recovery_codes.html", codes=codes, onward=answer.headers["Location"])
    for cookie in answer.headers.getlist("Set-Cookie"):
        shown.headers.add("Set-Cookie", cookie)
    return shown


def _finish(own: Session, step: tuple[UUID, str]) -> BaseResponse:
    used = use_token(own, step[1], STEP)
    if used is None:
        return _too_late()
    answer = signed_in(own, step[0], used.user_id, Method(used.method), used.next_path, second_factor=True)
    drop_cookie(answer, step_cookie())
    return answer


def _waiting(step: tuple[UUID, str] | None) -> tuple[UUID, SecondFactor] | None:
    if step is None or company_of(step[0]) is None:
        return None
    with transaction(step[0]) as own:
        row = look_at_token(own, step[1], STEP)
        return (row.user_id, second_factor_of(own, row.user_id)) if row else None


def _too_late() -> BaseResponse:
    flash(_("That took too long, or another tab signed in. Sign in again."), "info")
    answer = redirect(url_for("accounts.sign_in"), 303)
    drop_cookie(answer, step_cookie())
    return answer


def _page(form: CodeForm, status: int = 200) -> BaseResponse:
    step = pending_step()
    waiting = _waiting(step)
    if step is None or waiting is None:
        return _too_late()
    user_id, factor = waiting
    door = company_of(step[0])
    context: dict[str, Any] = {"form": form, "factor": factor, "door": door}
    if factor.has_code or factor.has_passkey:
        return page("accounts/second_factor.html", status, **context)
    with transaction(step[0]) as own:
        user = fetch(own, User, user_id)
        secret = str(user.totp_secret)
        picture = Markup(totp_picture(secret, user.email, door.name if door else ""))  # noqa: S704 - made by segno
    return page(
        "accounts/set_up_app.html", status, **context, secret=secret, picture=picture, action="second_factor_post"
    )
