"""Pages of integrations: what can be connected, how a connection is kept in step, what needs a person, how all of it does."""

from __future__ import annotations

from flask import Flask

from app.syncing.views import catalog, health, mapping, records, runs, set_up
from app.syncing.views.blueprint import bp

__all__ = ["catalog", "health", "mapping", "records", "register", "runs", "set_up"]


def register(app: Flask) -> None:
    """Called by the composition root."""
    app.register_blueprint(bp)
