"""One's own passkeys, and the script that talks to the authenticator."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Response, abort, flash, g, jsonify, make_response, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.forms import PasskeyForm
from app.accounts.services.passkeys import add_passkey, registration_options, remove_passkey
from app.accounts.views.blueprint import bp
from app.accounts.views.doorway import translated
from app.accounts.views.step_up import step_up
from app.core.access import Can
from app.core.errors import Invalid
from app.web.access import public, requires
from app.web.edge import actor, session
from app.web.pages import page

SCRIPT = Path(__file__).resolve().parents[3] / "static" / "js" / "passkeys.js"


@lru_cache(maxsize=1)
def script() -> tuple[str, bytes]:
    """Digest and bytes of passkeys.js; only the pages that need it load it."""
    text = SCRIPT.read_bytes()
    return hashlib.sha256(text).hexdigest()[:16], text


def script_url() -> str:
    return url_for("accounts.passkeys_script", digest=script()[0])


@bp.get("/assets/<digest>/passkeys.js")
@public
def passkeys_script(digest: str) -> Response:
    known, text = script()
    if digest != known:
        abort(404)
    answer = make_response(text)
    answer.mimetype = "text/javascript"
    answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer


@bp.get("/account/passkeys/new")
@requires(Can.ACCOUNT_OWN)
@step_up
def new_passkey() -> BaseResponse:
    return page("accounts/new_passkey.html", form=PasskeyForm(formdata=None))


@bp.post("/account/passkeys/options")
@requires(Can.ACCOUNT_OWN)
@step_up
def new_passkey_options() -> Response:
    """The question for the authenticator (JSON, asked by passkeys.js)."""
    return jsonify(registration_options(session(), g.identity.user_id, g.identity.company_name))


@bp.post("/account/passkeys")
@requires(Can.ACCOUNT_OWN)
@step_up
def new_passkey_post() -> BaseResponse:
    form = PasskeyForm()
    if not form.validate():
        return page("accounts/new_passkey.html", 422, form=form)
    try:
        answer = json.loads(form.credential.data or "{}")
        add_passkey(session(), actor(), g.identity.user_id, answer, str(form.name.data))
    except (Invalid, ValueError) as problem:
        refused = problem if isinstance(problem, Invalid) else Invalid("That passkey did not work. Try again.")
        form.refuse(translated(refused))
        return page("accounts/new_passkey.html", 422, form=form)
    flash(_("The passkey is saved. You can use it the next time you sign in."), "good")
    return redirect(url_for("accounts.account"), 303)


@bp.post("/account/passkeys/<uuid:passkey_id>/remove")
@requires(Can.ACCOUNT_OWN)
@step_up
def remove_own_passkey(passkey_id: Any) -> BaseResponse:
    remove_passkey(session(), actor(), g.identity.user_id, passkey_id)
    flash(_("The passkey is removed. Delete it on your device too."), "good")
    return redirect(url_for("accounts.account"), 303)
