"""API tokens: who has which, a new one, the end of one. The secret is on one answer only."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.forms import TokenForm
from app.accounts.services import tokens
from app.accounts.views.blueprint import bp
from app.accounts.views.doorway import translated
from app.accounts.views.step_up import step_up
from app.core.access import Can
from app.core.clock import now
from app.core.errors import Invalid
from app.web.access import requires
from app.web.edge import actor, session
from app.web.pages import page

DOMAINS = {
    "people": _l("People"), "benefits": _l("Benefits"), "feeds": _l("Carrier feeds"), "connections": _l("Connections"),
    "screening": _l("Background checks"), "notices": _l("Notices"), "audit": _l("Audit"), "operations": _l("Operations"),
    "reports": _l("Reports"), "payroll": _l("Payroll"), "compliance": _l("Compliance"),
}  # fmt: skip


@bp.get("/api-tokens")
@requires(Can.TOKEN_MANAGE)
def api_tokens() -> BaseResponse:
    after = request.args.get("after", "")
    found = tokens.list_tokens(session(), actor(), after=after)
    shown = found[: tokens.PAGE]
    more = url_for("accounts.api_tokens", after=shown[-1].id) if len(found) > len(shown) else ""
    rows = [
        {
            "id": row.id, "name": row.name, "prefix": f"crd_…{row.prefix}…", "by": row.email, "scopes": len(row.scopes),
            "used": row.last_used_at, "until": row.expires_at, "state": _state(row),
            "ends": row.revoked_at is None and row.expires_at > now(),
        }
        for row in shown
    ]  # fmt: skip
    return page("accounts/api_tokens.html", rows=rows, next=more, first=url_for("accounts.api_tokens") if after else "")


def _state(row: Any) -> tuple[str, str]:
    if row.revoked_at is not None:
        return _("Revoked"), "neutral"
    return (_("Works"), "good") if row.expires_at > now() else (_("Expired"), "neutral")


@bp.get("/api-tokens/new")
@requires(Can.TOKEN_MANAGE)
@step_up
def new_api_token() -> BaseResponse:
    return _page(_form(formdata=None))


def _form(**kwargs: Any) -> TokenForm:
    form = TokenForm(**kwargs)
    form.offer(tokens.offered(actor()))
    return form


def _page(form: TokenForm, status: int = 200) -> BaseResponse:
    by_domain = groupby(list(form.scopes), key=lambda option: str(option.data).partition(":")[0])
    groups = [(DOMAINS.get(domain, domain), list(options)) for domain, options in by_domain]
    return page("accounts/new_api_token.html", status, form=form, groups=groups)


@bp.post("/api-tokens/new")
@requires(Can.TOKEN_MANAGE)
@step_up
def new_api_token_post() -> BaseResponse:
    form = _form()
    if not form.validate():
        return _page(form, 422)
    try:
        made, secret = tokens.issue(
            session(), actor(), token_id=UUID(form.form_key.data), name=str(form.name.data),
            scopes=form.scopes.data or (), lifetime=timedelta(days=int(form.days.data)),
        )  # fmt: skip
    except Invalid as problem:
        form.refuse(translated(problem))
        return _page(form, 422)
    return page("accounts/api_token_made.html", token=made, secret=secret)


@bp.post("/api-tokens/<uuid:token_id>/revoke")
@requires(Can.TOKEN_MANAGE)
def revoke_api_token(token_id: UUID) -> BaseResponse:
    tokens.revoke(session(), actor(), token_id)
    flash(_("The token is revoked. Programs that use it are refused from now on."), "good")
    return redirect(url_for("accounts.api_tokens"), 303)
