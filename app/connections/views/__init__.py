"""Pages of the connections domain, and the door for what providers send."""

from __future__ import annotations

from flask import Flask

from app.connections.views import documents, door, pages, set_up, signing
from app.connections.views.blueprint import bp


def register(app: Flask) -> None:
    """Called by the composition root."""
    app.register_blueprint(bp)
    app.register_blueprint(door.bp)


__all__ = ["documents", "door", "pages", "register", "set_up", "signing"]
