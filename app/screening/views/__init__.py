"""The pages of background screening."""

from __future__ import annotations

from flask import Flask

from app.screening.views import (
    analytics,
    board,
    bulk,
    candidate,
    candidates,
    case_steps,
    compliance,
    dates,
    desk,
    files,
    letters,
    needs,
    orders,
    packages,
    policy,
    requests,
    retention,
    rules,
    second_part,
)
from app.screening.views.blueprint import bp
from app.web.home import attend

__all__ = [
    "analytics",
    "board",
    "bulk",
    "candidate",
    "candidates",
    "case_steps",
    "compliance",
    "dates",
    "desk",
    "files",
    "letters",
    "orders",
    "packages",
    "policy",
    "register",
    "requests",
    "retention",
    "rules",
    "second_part",
]


def register(app: Flask) -> None:
    """Called by the composition root. The modules are imported for their routes."""
    app.register_blueprint(bp)
    app.register_blueprint(candidate.bp)
    attend(app, needs.ANY, needs.needs)
