"""How a domain declares an operation of the API, in `app/<domain>/api.py`:

    bp = blueprint("screening", "Background checks")

    @endpoint(bp, "GET", "/bg-check-providers/", Can.PROVIDER_VIEW)
    def list_providers(query: ProviderQuery) -> ProviderPage:
        '''List the providers.'''

What comes in and goes out is said by the annotations: `query` and `body` are `Input` models, the answer an `Output` model or None
(204), path parameters are arguments of their own name.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Literal, get_type_hints

from apiflask import APIBlueprint
from flask import Response, request
from pydantic import BaseModel
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from app.core.access import Can
from app.web.access import requires
from app.web.api.idempotency import once
from app.web.api.problems import PREFIX, SAID

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
View = Callable[..., BaseModel | None]
JSON = "application/json"


def blueprint(domain: str, tag: str) -> APIBlueprint:
    """The operations of a domain. `tag` is their heading in the description."""
    return APIBlueprint(f"api_{domain}", __name__, tag=tag, url_prefix=PREFIX.rstrip("/"))


def endpoint(
    bp: APIBlueprint, method: Method, rule: str, permission: Can, *, status: int = 200, repeats: bool = False
) -> Callable[[View], View]:
    """Declare an operation. `rule` is answered with and without its last slash; a redirect could lose the body.

    Args:
        rule: below `/api`.
        status: of success: 201 for what is made, 202 for what happens later.
        repeats: a POST that may act each time it is sent, so its answer is not kept under an Idempotency-Key.
    """

    def declare(view: View) -> View:
        shapes = get_type_hints(view)
        body, query, answer = shapes.get("body"), shapes.get("query"), shapes["return"]
        keeps = method == "POST" and not repeats
        handler: Callable[..., Any] = view
        if body is not None:
            handler = _readable(bp.input(body, location="json", arg_name="body")(handler))
        if query is not None:
            handler = bp.input(query, location="query", arg_name="query")(handler)
        handler = _empty(handler) if answer is type(None) else bp.output(answer, status_code=status)(handler)
        if keeps:
            handler = once(handler)
        marks = {"x-permission": permission.value, "x-idempotent": keeps, "x-slash": rule.endswith("/")}
        refusals = {code: SAID[code][1] for code in _refusals(method, rule, body, query)}
        name = view.__name__
        handler = bp.doc(
            operation_id=name, security=["token"], responses=refusals | _success(answer), extensions=marks
        )(handler)  # fmt: skip
        # Werkzeug answers the twin of a rule without its last slash too, and says 405 for both; the other way round it says 404.
        bp.add_url_rule(rule.rstrip("/"), name, requires(permission)(handler), methods=[method], strict_slashes=False)
        return view

    return declare


def _success(answer: type) -> dict[int, str]:
    return {204: "Done"} if answer is type(None) else {}


def _refusals(method: str, rule: str, body: Any, query: Any) -> list[int]:
    """What this operation may be refused with, as the description says it."""
    found = {400, 401, 403, 429, 500, 503}
    if "<" in rule or body is not None:
        found.add(404)
    if body is not None:
        found |= {413, 415, 422}
    if query is not None or method == "POST":
        found.add(422)
    if method != "GET":
        found.add(409)
    return sorted(found)


def _empty(view: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(view)
    def answered(*args: Any, **kwargs: Any) -> Response:
        view(*args, **kwargs)
        return Response(status=204)

    return answered


def _readable(view: Callable[..., Any]) -> Callable[..., Any]:
    """A body is JSON and says so; what PostgreSQL has no text for is refused here, as `app.web.security` does for forms."""

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if request.mimetype != JSON:
            raise UnsupportedMediaType
        try:
            sent = request.get_json()
        except RecursionError:
            raise BadRequest from None
        if b"\\u0000" in request.get_data() and _has_nul(sent):
            raise BadRequest
        return view(*args, **kwargs)

    return checked


def _has_nul(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_nul(part) for pair in value.items() for part in pair)
    if isinstance(value, list):
        return any(_has_nul(part) for part in value)
    return isinstance(value, str) and "\x00" in value
