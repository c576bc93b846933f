"""The composition root: the only place that knows every domain."""

from __future__ import annotations

from apiflask import APIFlask
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix


def create_app() -> Flask:
    """The web application.

    Raises:
        RuntimeError: the database role is too powerful, or a route declares no permission.
        app.core.errors.Unavailable: the keys cannot be used.
        sqlalchemy.exc.OperationalError: PostgreSQL cannot be reached.
    """
    from app import domains
    from app.core import logs
    from app.core.config import get_settings
    from app.core.db import engine
    from app.core.keys import key_provider
    from app.web import access, assets, components, database, edge, errors, formats, i18n, navigation, pages, security
    from app.web.api import description

    settings = get_settings()
    logs.configure(settings)
    app = APIFlask(
        __name__, title=description.TITLE, version=description.VERSION, spec_path=None, docs_path=None, json_errors=False,
        template_folder="../templates", static_folder=None,  # type: ignore[arg-type]
    )  # fmt: skip
    app.config.update(
        SECRET_KEY=settings.secret_key.get_secret_value(),
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        MAX_CONTENT_LENGTH=26 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        SESSION_COOKIE_NAME="__Host-form" if settings.production else "corridor_form",
        SESSION_COOKIE_SECURE=settings.production,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
    )
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=settings.trusted_proxies)  # type: ignore[method-assign]
    with engine().connect():
        pass  # refuses a role that row-level security would not bind, before the first request
    key_provider().health()
    domains.load_jobs()
    database.db.init_app(app)
    edge.init_app(app)
    for part in (pages, formats, i18n, security, assets, components, navigation, errors, description):
        part.init_app(app)
    register_views(app)
    if not settings.production:
        from app.web import gallery

        gallery.init_app(app)
    access.refuse_undeclared(app)
    return app


def register_views(app: Flask) -> None:
    """Every blueprint, domain by domain. A domain's `views`, and its `api` where there is one, offer `register(app)`."""
    import importlib
    import importlib.util

    for domain in (
        "web.health",
        "web.home",
        "accounts",
        "people",
        "connections",
        "syncing",
        "notices",
        "hooks",
        "benefits",
        "screening",
        "feeds",
        "accounting",
        "oversight",
    ):
        for module in (f"app.{domain}",) if "." in domain else (f"app.{domain}.views", f"app.{domain}.api"):
            try:
                found = importlib.util.find_spec(module)
            except ModuleNotFoundError:
                found = None
            if found is not None:
                register = getattr(importlib.import_module(module), "register", None)
                if register:
                    register(app)
