"""A Flask application of the web pieces alone: no database, no domain."""

from __future__ import annotations

from collections import namedtuple
from types import SimpleNamespace
from typing import Any

from flask import Flask, g, request

from app.web import assets, components, errors, formats, gallery, i18n, pages, security

Item = namedtuple("Item", "label url current")
NAV = [
    Item("Home", "/", False),
    Item("Elections", "/dev/list", True),
    Item("Employees", "/e", False),
    Item("Carrier files", "/f", False),
    Item("Connections", "/c", False),
    Item("Reports", "/r", False),
]


def make(**config: Any) -> Flask:
    """The application; `?as=ana` signs in, `?hue=210` sets the company's hue."""
    app = Flask("app.web.tiny", template_folder=str(assets.STATIC.parent / "templates"))
    app.config.update(SECRET_KEY="tiny", TESTING=True, PROPAGATE_EXCEPTIONS=False, **config)
    for part in (pages, security, i18n, formats, components, assets, errors, gallery):
        part.init_app(app)
    app.jinja_env.globals["nav"] = lambda identity: NAV if identity else []

    @app.before_request
    def identify() -> None:
        who = request.args.get("as") or request.cookies.get("as")
        g.identity = SimpleNamespace(name="Priya Shah", language=None) if who else None
        hue = request.args.get("hue", type=int)
        g.brand = pages.Brand("Acme Benefits", hue)

    return app
