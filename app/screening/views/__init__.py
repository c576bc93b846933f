"""The pages of background screening."""

from __future__ import annotations

from flask import Flask

from app.screening.views import candidate, case_needs, case_steps, compliance, desk, letters
from app.screening.views.blueprint import bp
from app.web.home import attend

__all__ = ["candidate", "case_steps", "compliance", "desk", "letters", "register"]


def register(app: Flask) -> None:
    """Called by the composition root. The modules are imported for their routes."""
    app.register_blueprint(bp)
    app.register_blueprint(candidate.bp)
    attend(app, case_needs.ANY, case_needs.needs)
