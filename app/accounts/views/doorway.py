"""What the pages before sign-in share: which company, what follows the first factor, the cookies of the way in."""

from __future__ import annotations

import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import flask
from flask import current_app, g, redirect, request, url_for
from flask_babel import gettext
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.models import User
from app.accounts.rules import LIFETIME, Method, Purpose, safe_path, tidy_email
from app.accounts.services.attempts import second_factor_of
from app.accounts.services.codes import prepare_totp
from app.accounts.services.doors import Door, door_of, find_door
from app.accounts.services.links import make_token, split_token
from app.accounts.services.sessions import end_session, open_session
from app.accounts.views.identity import logo_path, set_cookie, set_session_cookie, visitor
from app.core.config import get_settings
from app.core.db import enter_tenant, fetch, transaction
from app.core.errors import Invalid
from app.web.edge import session
from app.web.pages import Brand

DEVICE_LIFETIME = timedelta(days=365)
NEXT_PAGE = {Method.RESET: "accounts.new_password", Method.INVITE: "accounts.welcome"}


def find_company(slug: str | None) -> Door | None:
    """The company of a sign-in page; its name and color then dress the page. Leaves no transaction open."""
    return _dress(find_door(session(), (slug or "").strip()))


def company_of(company_id: UUID) -> Door | None:
    return _dress(door_of(session(), company_id))


def _dress(door: Door | None) -> Door | None:
    if g.identity is None:
        session().rollback()
    if door is not None and g.identity is None:
        g.brand = Brand(door.name, door.brand_hue, logo_path(door.logo_file_id))
    return door


def checked(form: Any) -> Door | None:
    """The company of a form whose every answer can be used; else None, and the form says what is wrong."""
    door, valid = find_company(form.company.data), form.validate()
    if door is None:
        message = gettext("Check the company code. It is in the email that invited you.")
        form.company.errors = [*form.company.errors, message]
    return door if valid else None


def enter(door: Door) -> None:
    """Let the request's own session see the company, for a visitor (the edge commits it as usual)."""
    session().rollback()
    enter_tenant(door.id)


def translated(problem: Invalid) -> Invalid:
    """Services speak English; pages speak the visitor's language."""
    return Invalid({name: gettext(message) for name, message in problem.errors.items()})


# --- devices ----------------------------------------------------------------------------------------------------


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="device")


def _named(name: str) -> str:
    return f"__Host-{name}" if get_settings().production else name


def _email_mark(company_id: UUID, email: str) -> str:
    return sha256(f"{company_id.hex}|{tidy_email(email)}".encode()).hexdigest()[:32]


def known_device(company_id: UUID, email: str) -> str:
    """What this device was given when it last signed in to this account, or "". It opens nothing: tries are counted by it."""
    try:
        mark, number = _signer().loads(request.cookies.get(_named("corridor-device"), ""))
    except (BadSignature, ValueError, TypeError):
        return ""
    return str(number) if secrets.compare_digest(str(mark), _email_mark(company_id, email)) else ""


def remember_device(response: Any, company_id: UUID, email: str) -> None:
    number = known_device(company_id, email) or secrets.token_hex(16)
    value = _signer().dumps([_email_mark(company_id, email), number])
    set_cookie(response, _named("corridor-device"), str(value), DEVICE_LIFETIME)


# --- the second factor ------------------------------------------------------------------------------------------


def step_cookie() -> str:
    return _named("corridor-step")


def pending_step() -> tuple[UUID, str] | None:
    """Company and token of a sign-in that waits for its second factor."""
    return split_token(request.cookies.get(step_cookie(), ""))


def proceed(
    company_id: UUID, user_id: UUID, method: Method, next_path: str, *, second_factor: bool = False
) -> BaseResponse:
    """After the first factor: sign in, or ask for the second one."""
    with transaction(company_id) as own:
        factor = second_factor_of(own, user_id)
        if not factor.needed or second_factor:
            return signed_in(own, company_id, user_id, method, next_path, second_factor=second_factor)
        if not factor.has_code and not factor.has_passkey:
            prepare_totp(own, user_id)
        step = make_token(own, user_id, Purpose.SECOND_FACTOR, next_path, method.value)
    answer = redirect(url_for("accounts.second_factor"), 303)
    set_cookie(answer, step_cookie(), step, LIFETIME[Purpose.SECOND_FACTOR])
    return answer


def signed_in(
    own: Any, company_id: UUID, user_id: UUID, method: Method, next_path: str, *, second_factor: bool
) -> BaseResponse:
    """Open the session and go on: first to what the way in calls for, then to where the person was going."""
    if g.identity is not None and g.identity.actor.company_id == company_id:
        end_session(own, g.identity.actor, g.identity.session_id)  # the cookie is about to be replaced
    _, token = open_session(own, visitor(company_id, user_id), user_id, method=method, second_factor=second_factor)
    user = fetch(own, User, user_id)
    flask.session.clear()  # nothing of the visitor's time stays, the CSRF token neither
    answer = redirect(landing(method, next_path, bool(user.password_hash)), 303)
    set_session_cookie(answer, company_id, token)
    remember_device(answer, company_id, user.email)
    return answer


def landing(method: Method, next_path: str, has_password: bool) -> str:
    """Where a fresh session lands."""
    target = safe_path(next_path)
    if method is Method.INVITE and has_password:
        return target
    endpoint = NEXT_PAGE.get(method)
    return url_for(endpoint, next=target) if endpoint else target
