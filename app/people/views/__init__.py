"""Pages of the people domain."""

from __future__ import annotations

from flask import Flask

from app.people.views import dependents, edit, employees, imports, own, settings
from app.people.views.blueprint import bp


def register(app: Flask) -> None:
    """Add the pages."""
    app.register_blueprint(bp)


__all__ = ["dependents", "edit", "employees", "imports", "own", "register", "settings"]
