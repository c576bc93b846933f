"""The pages of carrier feeds."""

from __future__ import annotations

from flask import Flask

from app.feeds.views import discrepancies, files, manual, sending
from app.feeds.views.blueprint import bp

__all__ = ["discrepancies", "files", "manual", "register", "sending"]


def register(app: Flask) -> None:
    """Called by the composition root."""
    app.register_blueprint(bp)
