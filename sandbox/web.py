"""The Flask app of the sandbox: pages for people, a JSON API for tests, the identity provider's endpoints."""

from __future__ import annotations

from flask import Flask, Response, abort, request

from sandbox.api import create_api
from sandbox.idp_pages import create_idp_pages
from sandbox.mail_pages import create_mail_pages
from sandbox.pages import create_pages
from sandbox.screening.checkr.api import create_checkr
from sandbox.screening.pages import create_screening_pages
from sandbox.screening.plain_api import create_plain
from sandbox.vendors.core.pages import create_vendor_pages
from sandbox.world import World

LOOPBACK = ("127.", "::1", "::ffff:127.")


def create_app(world: World) -> Flask:
    app = Flask(__name__)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.register_blueprint(create_pages(world))
    app.register_blueprint(create_mail_pages(world))
    app.register_blueprint(create_idp_pages(world))
    app.register_blueprint(create_screening_pages(world.screening))
    app.register_blueprint(create_checkr(world.screening), url_prefix="/screening/checkr/v1")
    app.register_blueprint(create_plain(world.screening), url_prefix="/screening/plainscreen")
    app.register_blueprint(create_vendor_pages(world.vendors))
    app.register_blueprint(create_api(world), url_prefix="/api")
    app.before_request(keep_strangers_out)
    app.after_request(harden)
    app.context_processor(lambda: {"world": world, "clock": world.clock})
    return app


def keep_strangers_out() -> None:
    """The API answers this machine only, and other sites cannot post forms here."""
    if request.path.startswith("/api") and not (request.remote_addr or "").startswith(LOOPBACK):
        abort(403)
    if request.method == "POST" and request.headers.get("Sec-Fetch-Site") == "cross-site":
        abort(403)


def harden(response: Response) -> Response:
    policy = "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; base-uri 'none'"
    response.headers.setdefault("Content-Security-Policy", policy)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response
