"""Pages of the benefits domain."""

from __future__ import annotations

from flask import Flask

from app.benefits.views import (
    beneficiaries,
    choosing,
    compare,
    coverage,
    decisions,
    family,
    home,
    needs,
    plan_terms,
    plans,
    queue,
    reminder,
    signing,
    wizard,
    words,
    years,
)
from app.benefits.views.blueprint import bp
from app.web.home import attend

__all__ = ["register"]
PARTS = (
    beneficiaries,
    choosing,
    compare,
    coverage,
    decisions,
    family,
    home,
    plan_terms,
    plans,
    queue,
    reminder,
    signing,
    wizard,
    years,
)


def register(app: Flask) -> None:
    """Add the pages. The modules are imported for their routes."""
    app.register_blueprint(bp)
    app.jinja_env.globals["benefit_words"] = words
    attend(app, needs.ANY, needs.needs)
