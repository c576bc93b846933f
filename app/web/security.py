"""Headers of every answer, the CSP nonce, and CSRF tokens that are safe to compress.

Compression and BREACH. HTML is compressed (see `app.web.pages`) because a list page of 26 kB would otherwise miss the
performance goals. BREACH needs three things at once: a secret that is equal in many answers, text of the attacker's
choice in the same answer, and the sizes. We take all three away:

* the one secret in a page, the CSRF token, is XORed with a fresh random pad per response (`mask`): no two answers
  hold the same bytes. Flask-WTF's own token would not do: its payload is constant within a session, and its
  signature within a second;
* a request that another site caused (`Sec-Fetch-Site: cross-site` or `same-site`) is answered uncompressed, so an
  attacker's page cannot aim guesses at our reflected search words and learn from sizes;
* the gzip header carries a random-length name (0 to 63 bytes), which hides differences of one byte.

Full Social Security numbers, credentials and tokens are never printed on a page reachable by GET.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, request
from flask_wtf.csrf import CSRFProtect, generate_csrf

from app.web.api.problems import asks_api
from app.web.edge import record_forged

YEAR_SECONDS = 31_536_000
PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"


def csp_nonce() -> str:
    """The nonce of this response's one script; 128 random bits, made on first use."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def content_security_policy(nonce: str, form_actions: tuple[str, ...] = ()) -> str:
    """The policy of every page.

    Args:
        nonce: of this response.
        form_actions: origins a form may end up at besides our own (the identity provider, when sign-in posts there).
    """
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'nonce-{nonce}' 'strict-dynamic'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            " ".join(("form-action 'self'", *form_actions)),
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def allow_form_to(response: Response, origin: str) -> None:
    """A form of this page, and of no other, may end up at `origin`: browsers hold the policy against where a form redirects, too."""
    response.headers["Content-Security-Policy"] = content_security_policy(csp_nonce(), (origin,))


def mask(token: str) -> str:
    """A token hidden under a fresh random pad; `unmask` gives it back."""
    plain = token.encode()
    pad = secrets.token_bytes(len(plain))
    hidden = bytes(a ^ b for a, b in zip(plain, pad, strict=True))
    return base64.urlsafe_b64encode(pad + hidden).decode()


def unmask(masked: str | None) -> str | None:
    """The token under a mask, or None when it is not a masked token."""
    try:
        raw = base64.b64decode((masked or "").encode("ascii"), altchars=b"-_", validate=True)
        half = len(raw) // 2
        return bytes(a ^ b for a, b in zip(raw[:half], raw[half:], strict=True)).decode("ascii") or None
    except (ValueError, binascii.Error):
        return None


def csrf_token() -> str:
    """The masked CSRF token of this response, for `<meta>` and the hidden first field of forms."""
    if "csrf_masked" not in g:
        g.csrf_masked = mask(generate_csrf())
    return str(g.csrf_masked)


class Csrf(CSRFProtect):
    """Flask-WTF's protection with masked tokens; refuses every unsafe request without a valid one."""

    def init_app(self, app: Flask) -> None:
        """Protect every unsafe route. Tokens live as long as their session, so a slow reader loses nothing."""
        app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)
        super().init_app(app)
        app.jinja_env.globals["csrf_token"] = csrf_token
        app.context_processor(lambda: {"csrf_token": csrf_token})

    def protect(self, apply_exemptions: bool = False) -> None:
        """A program sends a token of its own instead of cookies, so nobody can make it act."""
        if not asks_api():
            super().protect(apply_exemptions)

    def _get_csrf_token(self) -> str | None:
        return unmask(super()._get_csrf_token())


csrf = Csrf()


def limit_fields() -> None:
    """Fields without a file stay small. Werkzeug holds `MAX_FORM_MEMORY_SIZE` against multipart only; 26 MB of `a&a&a` in the other
    encoding would be millions of fields, for anybody, before the token is looked at."""
    if request.mimetype != "multipart/form-data":
        request.max_content_length = current_app.config["MAX_FORM_MEMORY_SIZE"]


SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")


def refuse_other_sites() -> None:
    """A changing request that a page of another origin caused is refused, token or not (ASVS 3.5.3).

    Browsers say so in `Sec-Fetch-Site` and `Origin` and let no page change them. Hosts are compared, not schemes: a proxy in
    front may have ended TLS. Programs send neither header; for them there is the token.
    """
    if request.method in SAFE_METHODS:
        return
    origin = request.headers.get("Origin")
    said = request.headers.get("Sec-Fetch-Site", "none") in ("cross-site", "same-site")
    if said or (origin is not None and urlsplit(origin).netloc != request.host):
        record_forged("other-site")
        abort(403)


def refuse_nul() -> None:
    """No keyboard makes a NUL and PostgreSQL has no text with one: refused here, once, instead of failing in some query.

    What a provider delivers is no form: it is stored as the bytes it came as, and parsing it here would use them up.
    """
    typed = [request.path, *_all(request.args)]
    if request.endpoint != "webhooks.deliver":
        typed += _all(request.form)
    if any("\x00" in text for text in typed):
        abort(400)


def _all(values: Any) -> list[str]:
    return [text for name, found in values.lists() for text in (name, *found)]


def add_headers(response: Response) -> Response:
    """Set the security headers; a view may have set a stricter value itself."""
    headers: dict[str, Any] = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": PERMISSIONS,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Frame-Options": "DENY",
    }
    if response.mimetype == "text/html":
        allowed = tuple(current_app.config.get("CSP_FORM_ACTIONS", ()))
        headers["Content-Security-Policy"] = content_security_policy(csp_nonce(), allowed)
    else:
        headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    if request.is_secure:
        headers["Strict-Transport-Security"] = f"max-age={YEAR_SECONDS}; includeSubDomains"
    for name, value in headers.items():
        response.headers.setdefault(name, value)
    return response


def init_app(app: Flask) -> None:
    """Register CSRF protection, the nonce and the headers."""
    app.before_request(limit_fields)
    csrf.init_app(app)
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    app.before_request(refuse_other_sites)
    app.before_request(refuse_nul)
    app.after_request(add_headers)
