"""Answers: a whole page or its main block, htmx-aware redirects, cache and compression rules."""

from __future__ import annotations

import secrets
import zlib
from typing import Any, NamedTuple

from flask import Blueprint, Flask, Response, current_app, g, make_response, render_template, request, url_for
from flask_babel import gettext
from htmx_flask import Htmx
from werkzeug.routing import BuildError

from app.core.config import get_settings
from app.web.access import public

GZIP_LEVEL = 5
SMALLEST = 1_024  # bytes; below this compression costs more than it saves
TEXTUAL = ("text/html", "text/plain", "text/csv", "application/json")

PLACES = {
    "home": "home",
    "sign_in": "accounts.sign_in",
    "sign_out": "accounts.sign_out",
    "account": "accounts.account",
}
"""Endpoints the layout links to. `app.config["PLACES"]` may override some."""

bp = Blueprint("pages", __name__)


class Brand(NamedTuple):
    """What a company may set: its name, a hue (0 to 359 degrees of oklch) and a logo of our own origin."""

    name: str = "Corridor"
    hue: int | None = None
    logo_url: str = ""


def brand() -> Brand:
    """The company of this request: `g.brand`, set by the edge, or Corridor itself."""
    return g.get("brand") or Brand()


def wants_fragment() -> bool:
    """True when htmx asks for a part of the page. With `hx-select` (and boosts) it asks for the full page."""
    return bool(request.htmx) and request.headers.get("HX-Request-Type") == "partial"  # type: ignore[attr-defined]


def page(template: str, status: int = 200, **context: Any) -> Response:
    """Render a page, or only its main block with its title and notices when htmx asks for a part.

    Args:
        template: path below `templates/`; it extends `layout.html` or `layout_bare.html`.
        status: 422 for a form with errors; the title then begins with "Error:".
        context: what the template shows.
    """
    context["fragment"] = wants_fragment()
    context["title_prefix"] = gettext("Error: ") if status == 422 else ""
    return make_response(render_template(template, **context), status)


def place(name: str) -> str:
    """URL of a well-known page (home, sign_in, sign_out, account); `/` while its endpoint does not exist."""
    endpoint = {**PLACES, **current_app.config.get("PLACES", {})}[name]
    try:
        return url_for(endpoint)
    except BuildError:
        return "/"


def sign_in_first(to: str = "") -> Response:
    """What somebody without a session gets: a redirect to sign-in, or 401 with HX-Redirect for htmx.

    A plain redirect would put the sign-in page inside the fragment.
    """
    target = to or place("sign_in")
    if not request.htmx:  # type: ignore[attr-defined]
        return make_response("", 303, {"Location": target})
    return make_response("", 401, {"HX-Redirect": target})


def redirect_for_htmx(response: Response) -> Response:
    """Turn a redirect into HX-Redirect for htmx: the next page is loaded whole, and Back works."""
    if request.htmx and response.status_code in (301, 302, 303, 307, 308):  # type: ignore[attr-defined]
        response.headers["HX-Redirect"] = response.headers.pop("Location")
        response.status_code = 204
        response.set_data(b"")
    return response


def set_caching(response: Response) -> Response:
    """Pages of signed-in people are never stored; every page varies by what htmx asked for."""
    if response.mimetype == "text/html" or response.status_code == 204:
        response.vary.update(("HX-Request", "HX-Request-Type"))
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store" if g.get("identity") else "private, no-cache"
    return response


def compress(response: Response) -> Response:
    """gzip text answers unless another site caused the request (BREACH: see `app.web.security`)."""
    if response.mimetype not in TEXTUAL or response.direct_passthrough or response.is_streamed:
        return response
    response.vary.add("Accept-Encoding")
    if "Content-Encoding" in response.headers or response.status_code in (204, 304):
        return response
    if request.accept_encodings.quality("gzip") <= 0 or _caused_elsewhere():
        return response
    body = response.get_data()
    if len(body) >= SMALLEST:
        response.set_data(gzip_padded(body))
        response.headers["Content-Encoding"] = "gzip"
    return response


def _caused_elsewhere() -> bool:
    """True when the browser says that a page of another origin made this request."""
    return request.headers.get("Sec-Fetch-Site", "none") in ("cross-site", "same-site")


def gzip_padded(body: bytes) -> bytes:
    """gzip with a random-length file name in its header, so that sizes differ by themselves."""
    name = secrets.token_hex(32)[: secrets.randbelow(64)].encode()
    packer = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    header = b"\x1f\x8b\x08\x08" + b"\0\0\0\0" + b"\0\xff" + name + b"\0"
    trailer = zlib.crc32(body).to_bytes(4, "little") + (len(body) & 0xFFFFFFFF).to_bytes(4, "little")
    return header + packer.compress(body) + packer.flush() + trailer


def idle_seconds() -> int:
    """Seconds without a request after which the session ends."""
    return int(current_app.config.get("IDLE_SECONDS") or get_settings().idle_minutes * 60)


@bp.get("/keep-alive")
@public
def keep_alive() -> Response:
    """Any request extends the session; this one does nothing else. 401 when the session has ended."""
    return make_response("", 204 if g.get("identity") else 401, {"Cache-Control": "no-store"})


def init_app(app: Flask) -> None:
    """Register `request.htmx`, the template functions and the rules for answers.

    Call it before the other `init_app`s: Flask runs after-request functions last-registered first, and compression
    has to see the finished body.
    """
    Htmx(app)
    app.register_blueprint(bp)
    app.jinja_env.globals.update(brand=brand, place=place, idle_seconds=idle_seconds)
    app.jinja_env.globals.setdefault("nav", lambda _identity: [])
    app.jinja_env.globals.update(fragment=False, title_prefix="")
    for function in (compress, set_caching, redirect_for_htmx):
        app.after_request(function)
