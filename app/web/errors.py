"""Error pages: what happened in plain words, what to do next, and the request id; never an inner detail."""

from __future__ import annotations

import secrets
from typing import Any, NamedTuple

import psycopg
import sqlalchemy as sa
from flask import Flask, Response, current_app, g, request
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from app.core import errors as refusals
from app.web.api.problems import asks_api, problem, refusal
from app.web.edge import record_forged
from app.web.pages import page, sign_in_first, wants_fragment


class Explanation(NamedTuple):
    """The words of one error page."""

    title: Any
    text: Any
    next_step: Any


EXPLANATIONS: dict[int, Explanation] = {
    400: Explanation(
        _l("That request did not work"),
        _l("The page may have been open too long, or the address was changed."),
        _l("Go back, reload the page and try again. Nothing was changed."),
    ),
    401: Explanation(
        _l("Sign in to continue"),
        _l("Your session has ended, or you have not signed in yet."),
        _l("Sign in again. What you had saved is still there."),
    ),
    403: Explanation(
        _l("You do not have access to this page"),
        _l("Your role does not include this."),
        _l("If you need it for your work, ask your company's administrator."),
    ),
    404: Explanation(
        _l("Page not found"),
        _l("It may have moved, or the link may be incomplete."),
        _l("Check the address, or start again from the home page."),
    ),
    405: Explanation(
        _l("That request did not work"),
        _l("This address cannot be used in that way."),
        _l("Start again from the home page."),
    ),
    409: Explanation(
        _l("This changed while you were working"),
        _l("Somebody else, or another tab, saved a newer version. Your last change was not saved."),
        _l("Go back, reload the page to see the newest version, and make your change again."),
    ),
    413: Explanation(
        _l("That file is too large"),
        _l("It is larger than we can accept."),
        _l("Go back and choose a smaller file. A photo can be sent at a lower quality."),
    ),
    422: Explanation(
        _l("We could not use what was entered"),
        _l("Something is missing or not in the form we expected."),
        _l("Go back, check your answers and try again. Nothing was changed."),
    ),
    429: Explanation(
        _l("Too many tries"),
        _l("To keep accounts safe we pause after many tries in a short time."),
        _l("Wait a few minutes, then try again."),
    ),
    500: Explanation(
        _l("Something went wrong on our side"),
        _l("The problem has been recorded. Your saved answers are safe."),
        _l("Try again in a few minutes. If it happens again, tell your administrator the number below."),
    ),
    503: Explanation(
        _l("Corridor is resting for a moment"),
        _l("A part we need is not available. Your saved answers are safe."),
        _l("Try again in a few minutes."),
    ),
}

STATUS_OF = (
    (refusals.NotFound, 404),
    (refusals.Forbidden, 403),
    (refusals.Conflict, 409),
    (refusals.Unavailable, 503),
    (refusals.Invalid, 422),
)

AWAY = (
    sa.exc.OperationalError,
    sa.exc.InterfaceError,
    sa.exc.TimeoutError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
)
"""PostgreSQL is not there, is full, or has no connection left: it passes by itself."""


def request_id() -> str:
    """The number a person can tell us: `g.request_id` when the edge set one, else a fresh one."""
    if "request_id" not in g:
        g.request_id = secrets.token_hex(8)
    return str(g.request_id)


def error_page(status: int) -> Response:
    """The page of a status, or for a program its JSON; unknown ones look like 400 or 500. Falls back to plain text if even the page fails."""
    if asks_api():
        return problem(status)
    words = EXPLANATIONS.get(status) or EXPLANATIONS[400 if status < 500 else 500]
    try:
        response = page("errors/error.html", status, words=words, code=status, request_id=request_id())
    except Exception:
        current_app.logger.exception("error page failed")
        response = Response(f"{words.title}\n{words.next_step}\n{request_id()}\n", status, mimetype="text/plain")
    response.headers["Cache-Control"] = "no-store"
    return response


def on_http_error(error: HTTPException) -> Response:
    """400 to 503 raised by Flask or `abort`; redirects and ready responses pass through."""
    status = error.code or 500
    if error.response is not None or status < 400:
        return error.get_response()  # type: ignore[return-value]
    if status == 401 and not asks_api() and request.htmx:  # type: ignore[attr-defined]
        return sign_in_first()
    if isinstance(getattr(error, "original_exception", None), AWAY):  # the edge could not commit
        status = 503
    response = error_page(status)
    for name in ("Allow", "Retry-After"):
        value = dict(error.get_headers()).get(name)
        if value:
            response.headers[name] = value
    return response


def on_csrf_error(_error: CSRFError) -> Response:
    """A missing or foreign token: htmx reloads the page it came from, a browser gets the 400 page."""
    record_forged("token")
    response = error_page(400)
    if wants_fragment():
        response.headers["HX-Refresh"] = "true"
    return response


def on_refusal(error: refusals.CorridorError) -> Response:
    """What a service refused and the view did not turn into a form error."""
    status = next((status for kind, status in STATUS_OF if isinstance(error, kind)), 500)
    return refusal(status, error) if asks_api() else error_page(status)


def on_crash(error: Exception) -> Response:
    """Anything unforeseen: recorded under the request id, never shown."""
    current_app.logger.exception("unhandled error", extra={"request_id": request_id()})
    return error_page(503 if isinstance(error, AWAY) else 500)


def init_app(app: Flask) -> None:
    """Register the handlers. The edge rolls back on every status of 400 and more."""
    app.register_error_handler(HTTPException, on_http_error)
    app.register_error_handler(CSRFError, on_csrf_error)
    app.register_error_handler(refusals.CorridorError, on_refusal)
    app.register_error_handler(Exception, on_crash)
