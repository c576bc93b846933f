"""The two files a page loads, built at start: one style sheet, one script; content-hash URLs, cached for ever."""

from __future__ import annotations

import gzip
import hashlib
import re
from pathlib import Path
from typing import NamedTuple

from flask import Blueprint, Flask, Response, abort, current_app, make_response, request, url_for

from app.web.access import public

STATIC = Path(__file__).resolve().parents[2] / "static"
STYLES = (
    "reset",
    "tokens",
    "base",
    "layout",
    "forms",
    "choices",
    "content",
    "papers",
    "tables",
    "screening",
    "feedback",
    "print",
)
HTMX = "vendor/htmx-4.0.1.min.js"
SCRIPTS = (HTMX, "js/corridor.js")
FOREVER = "public, max-age=31536000, immutable"
LAYERS = "@layer reset,tokens,base,layout,components,print;"

bp = Blueprint("assets", __name__)


class Asset(NamedTuple):
    """One served file, plain and compressed; `digest` is part of its URL."""

    name: str
    mimetype: str
    digest: str
    plain: bytes
    gzipped: bytes


def minify_css(text: str) -> str:
    """Comments and needless white space out. Enough for CSS written by hand without strings that hold `/*`."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"\s*([{};,>])\s*", r"\1", text)
    text = re.sub(r":\s+", ":", text)
    return text.replace(";}", "}").strip()


def minify_js(text: str) -> str:
    """Whole-line comments, indentation and empty lines out; nothing that could change a meaning."""
    kept = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in kept if line and not line.startswith(("//", "/*", "*")))


def build_css() -> str:
    """All style sheets as one, in the order of their layers."""
    sheets = "".join((STATIC / "css" / f"{name}.css").read_text(encoding="utf-8") for name in STYLES)
    return LAYERS + minify_css(sheets)


def build_js() -> str:
    """htmx and our own script as one."""
    vendored, own = ((STATIC / name).read_text(encoding="utf-8") for name in SCRIPTS)
    return f"{vendored.rstrip()}\n{minify_js(own)}\n"


def _asset(name: str, mimetype: str, text: str) -> Asset:
    plain = text.encode()
    digest = hashlib.sha256(plain).hexdigest()[:16]
    return Asset(name, mimetype, digest, plain, gzip.compress(plain, 9, mtime=0))


def build() -> dict[str, Asset]:
    """Every asset by name."""
    return {
        "corridor.css": _asset("corridor.css", "text/css", build_css()),
        "corridor.js": _asset("corridor.js", "text/javascript", build_js()),
    }


def _assets() -> dict[str, Asset]:
    """The built assets; read again on every use in development."""
    if current_app.debug:
        return build()
    built: dict[str, Asset] = current_app.extensions["corridor-assets"]
    return built


def asset(name: str) -> str:
    """The URL of an asset: it changes when a byte of it changes."""
    return url_for("assets.asset_file", digest=_assets()[name].digest, name=name)


@bp.get("/assets/<digest>/<name>")
@public
def asset_file(digest: str, name: str) -> Response:
    """An asset. A digest of an older release gets today's file, uncached, so that an open page keeps working."""
    found = _assets().get(name)
    if found is None:
        abort(404)
    packed = request.accept_encodings.quality("gzip") > 0
    response = make_response(found.gzipped if packed else found.plain)
    response.mimetype = found.mimetype
    response.headers["Cache-Control"] = FOREVER if digest == found.digest else "no-cache"
    response.vary.add("Accept-Encoding")
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    return response


@bp.get("/brand/<int:hue>.css")
@public
def brand_css(hue: int) -> Response:
    """The hue of a company as a style sheet: an integer 0 to 359 and nothing else, so contrast holds whatever it is.

    The hue stands in the URL (not the company): no look-up, cacheable for ever, and no list of companies to guess.
    """
    if hue > 359:
        abort(404)
    response = make_response(f":root{{--brand-h:{hue}}}")
    response.mimetype = "text/css"
    response.headers["Cache-Control"] = FOREVER
    return response


def init_app(app: Flask) -> None:
    """Build the assets and register their routes."""
    app.extensions["corridor-assets"] = build()
    app.register_blueprint(bp)
    app.jinja_env.globals["asset"] = asset
