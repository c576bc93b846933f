"""Pages of the accounts domain."""

from __future__ import annotations

from flask import Flask

from app.accounts.views import (
    account,
    api_tokens,
    bearer,
    identity,
    links,
    logo,
    oidc,
    passkeys,
    roles,
    second_factor,
    sign_in,
    step_up,
    users,
)
from app.accounts.views.blueprint import bp


def register(app: Flask) -> None:
    """Add the pages and tell the layout how long a session may be idle."""
    app.config["IDLE_SECONDS"] = identity.idle_seconds()
    app.jinja_env.globals["passkeys_script_url"] = passkeys.script_url
    app.register_blueprint(bp)


__all__ = [
    "account", "api_tokens", "bearer", "links", "logo", "oidc", "passkeys", "register", "roles", "second_factor", "sign_in", "step_up", "users",
]  # fmt: skip
