"""The pages of carrier feeds."""

from __future__ import annotations

from flask import Flask

from app.feeds.views import discrepancies, files, manual, needs, sending
from app.feeds.views.blueprint import bp
from app.web.home import attend

__all__ = ["discrepancies", "files", "manual", "needs", "register", "sending"]


def register(app: Flask) -> None:
    """Called by the composition root."""
    app.register_blueprint(bp)
    attend(app, needs.ANY, needs.needs)
