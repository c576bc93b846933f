"""Users, for administrators: list, invite, suspend, unlock, second factor, open sessions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from app.accounts import services
from app.accounts.forms import InviteForm, ReasonForm, UserFilterForm
from app.accounts.services import directory
from app.accounts.services.granting import assignments_of
from app.accounts.services.roles import require_everywhere
from app.accounts.services.sessions import end_session, live_sessions
from app.accounts.views.blueprint import bp
from app.accounts.views.devices import device_name
from app.accounts.views.doorway import translated
from app.accounts.views.looks import assignment_rows, status_tag
from app.accounts.views.step_up import step_up
from app.core.access import Can
from app.core.errors import Invalid
from app.web.access import requires
from app.web.edge import actor, session
from app.web.pages import page


@bp.get("/users")
@requires(Can.USER_MANAGE)
def users() -> BaseResponse:
    form = UserFilterForm(request.args)
    words, status, after = str(form.q.data or ""), str(form.status.data or ""), request.args.get("after", "")
    found = directory.list_users(session(), actor(), words=words, status=status, after=after)
    shown = found[: directory.PAGE]
    rows = [
        {
            "id": row.id, "email": row.email, "name": row.display_name, "roles": row.roles,
            "status": status_tag(row.status, row.locked_until), "mfa": _("On") if row.mfa_enabled else _("Off"),
            "last": row.last_login_at,
        }
        for row in shown
    ]  # fmt: skip
    filters: dict[str, Any] = {"q": words, "status": status}
    more = url_for("accounts.users", **filters, after=shown[-1].email) if len(found) > len(shown) else ""
    return page(
        "accounts/users.html", form=form, rows=rows, next=more,
        first=url_for("accounts.users", **filters) if after else "", clear=url_for("accounts.users") if any(filters.values()) else "",
    )  # fmt: skip


@bp.get("/users/invite")
@requires(Can.USER_MANAGE)
def invite_user() -> BaseResponse:
    return page("accounts/invite_user.html", form=InviteForm(formdata=None))


@bp.post("/users/invite")
@requires(Can.USER_MANAGE)
def invite_user_post() -> BaseResponse:
    form = InviteForm()
    if not form.validate():
        return page("accounts/invite_user.html", 422, form=form)
    try:
        made = directory.invite_user(
            session(), actor(), email=str(form.email.data), display_name=str(form.display_name.data),
            language=str(form.language.data),
        )  # fmt: skip
    except Invalid as problem:
        form.refuse(translated(problem))
        return page("accounts/invite_user.html", 422, form=form)
    flash(_("The invitation is on its way. Now choose a role, unless they only choose their own benefits."), "good")
    return to_user(made.id)


def to_user(user_id: UUID) -> BaseResponse:
    return redirect(url_for("accounts.user", user_id=user_id), 303)


@bp.get("/users/<uuid:user_id>")
@requires(Can.USER_MANAGE)
def user(user_id: UUID) -> BaseResponse:
    return _user_page(user_id, ReasonForm(formdata=None))


def _user_page(user_id: UUID, form: ReasonForm, status: int = 200) -> BaseResponse:
    found = directory.get_user(session(), actor(), user_id)
    devices = [{"row": row, "name": device_name(row.user_agent)} for row in live_sessions(session(), found.id)]
    return page(
        "accounts/user.html", status, user=found, form=form, devices=devices, own=found.id == actor().user_id,
        status_word=status_tag(found.status, found.locked_until),
        assignments=assignment_rows(assignments_of(session(), found.id)),
    )  # fmt: skip


def _with_reason(user_id: UUID, act: Any, done: str) -> BaseResponse:
    """Run what needs a reason; without one, or when refused, the page says what is missing."""
    form = ReasonForm()
    if not form.validate():
        return _user_page(user_id, form, 422)
    try:
        act(session(), actor(), user_id, str(form.reason.data))
    except Invalid as problem:
        session().rollback()
        form.refuse(translated(problem))
        return _user_page(user_id, form, 422)
    flash(done, "good")
    return to_user(user_id)


@bp.post("/users/<uuid:user_id>/suspend")
@requires(Can.USER_MANAGE)
@step_up
def suspend_user(user_id: UUID) -> BaseResponse:
    return _with_reason(user_id, directory.suspend_user, _("The user is suspended and signed out everywhere."))


@bp.post("/users/<uuid:user_id>/reset-mfa")
@requires(Can.USER_MANAGE)
@step_up
def reset_user_mfa(user_id: UUID) -> BaseResponse:
    return _with_reason(
        user_id, directory.reset_mfa, _("The second factor is removed. They set it up anew when they sign in.")
    )


@bp.post("/users/<uuid:user_id>/reactivate")
@requires(Can.USER_MANAGE)
@step_up
def reactivate_user(user_id: UUID) -> BaseResponse:
    directory.reactivate_user(session(), actor(), user_id)
    flash(_("The user may sign in again."), "good")
    return to_user(user_id)


@bp.post("/users/<uuid:user_id>/unlock")
@requires(Can.USER_MANAGE)
def unlock_user(user_id: UUID) -> BaseResponse:
    directory.unlock(session(), actor(), user_id)
    flash(_("The pause is over: they can try their password again."), "good")
    return to_user(user_id)


@bp.post("/users/<uuid:user_id>/invite-again")
@requires(Can.USER_MANAGE)
def invite_again(user_id: UUID) -> BaseResponse:
    found = directory.get_user(session(), actor(), user_id)
    services.invite(session(), actor(), email=found.email, display_name=found.display_name, next_path=found.invited_to)
    flash(_("A new invitation is on its way."), "good")
    return to_user(user_id)


@bp.post("/users/<uuid:user_id>/require-mfa")
@requires(Can.USER_MANAGE)
@step_up
def require_user_mfa(user_id: UUID) -> BaseResponse:
    directory.require_mfa(session(), actor(), user_id, request.form.get("required") == "1")
    flash(_("Saved"), "good")
    return to_user(user_id)


@bp.post("/users/<uuid:user_id>/sign-out")
@requires(Can.USER_MANAGE)
def sign_out_user(user_id: UUID) -> BaseResponse:
    ended = directory.sign_out_everywhere(session(), actor(), user_id)
    flash(ngettext("%(num)d device is signed out.", "%(num)d devices are signed out.", ended), "good")
    return to_user(user_id)


@bp.get("/sessions")
@requires(Can.USER_MANAGE)
def sessions() -> BaseResponse:
    """Who is signed in right now."""
    after = request.args.get("after", "")
    found = directory.open_sessions(session(), actor(), after=after)
    shown = found[: directory.PAGE]
    rows = [
        {
            "id": row.id, "email": row.email, "user_id": row.user_id, "device": device_name(row.user_agent),
            "ip": row.ip_address, "since": row.created_at, "seen": row.last_seen_at,
        }
        for row in shown
    ]  # fmt: skip
    more = url_for("accounts.sessions", after=shown[-1].id) if len(found) > len(shown) else ""
    return page("accounts/sessions.html", rows=rows, next=more, first=url_for("accounts.sessions") if after else "")


@bp.post("/sessions/<uuid:session_id>/end")
@requires(Can.USER_MANAGE)
def end_user_session(session_id: UUID) -> BaseResponse:
    require_everywhere(actor(), Can.USER_MANAGE)
    end_session(session(), actor(), session_id)
    flash(_("That device is signed out."), "good")
    return redirect(url_for("accounts.sessions"), 303)
