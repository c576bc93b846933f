"""Pages of the accounts domain."""

from __future__ import annotations

from flask import Flask

from app.accounts.views import identity, sign_in
from app.accounts.views.blueprint import bp


def register(app: Flask) -> None:
    """Add the pages and tell the layout how long a session may be idle."""
    app.config["IDLE_SECONDS"] = identity.idle_seconds()
    app.register_blueprint(bp)


__all__ = ["register", "sign_in"]
