"""Every refusal of the API in one shape: `{"error": {"code", "message", "fields", "request_id"}}`. Codes are stable, messages are English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, g, jsonify, request

from app.core.errors import CorridorError, Invalid

PREFIX = "/api/"
PAGE = "/api/docs"  # for people: a page like any other

SAID: dict[int, tuple[str, str]] = {
    400: ("malformed", "The request cannot be read. Send valid JSON in UTF-8."),
    401: ("unauthenticated", "Send a valid token: `Authorization: Bearer …`. It may have expired or been revoked."),
    403: ("forbidden", "The token does not have the permission this needs, or who made it lost it."),
    404: ("not-found", "There is nothing at this address that the token may see."),
    405: ("method-not-allowed", "This address does not take that method. See the Allow header."),
    409: ("conflict", "The current state does not allow this. Read it again, then decide."),
    413: ("too-large", "The request is larger than 2 MB."),
    415: ("unsupported-media-type", "Send the body as `Content-Type: application/json`."),
    422: ("invalid", "Some values cannot be used. `fields` says which and why."),
    429: ("too-many-requests", "Too many requests with this token. Wait as long as Retry-After says."),
    500: ("internal", "Something went wrong on our side. It is recorded under the request id."),
    503: ("unavailable", "A part we need is not available. Try again in a moment."),
}
"""Status → code and message, where a service says nothing more exact."""

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "fields", "request_id"],
            "properties": {
                "code": {"type": "string", "description": "Stable, for programs."},
                "message": {"type": "string", "description": "English, for people."},
                "fields": {
                    "type": "object",
                    "description": "Field → what is wrong with it. Empty unless the status is 422.",
                    "additionalProperties": {"type": "array", "items": {"type": "string"}},
                },
                "request_id": {"type": "string", "description": "Tell us this when you ask for help."},
            },
            "additionalProperties": False,
        }
    },
    "additionalProperties": False,
}


def asks_api() -> bool:
    """True when this request is a program's: JSON in and out, a token instead of cookies."""
    return request.path.startswith(PREFIX) and request.path != PAGE


def problem(status: int, code: str = "", message: str = "", fields: Mapping[str, list[str]] | None = None) -> Response:
    """The answer of a refusal. Unknown statuses speak like 400 or 500."""
    known_code, known_message = SAID.get(status) or SAID[400 if status < 500 else 500]
    error = {
        "code": code or known_code,
        "message": message or known_message,
        "fields": dict(fields or {}),
        "request_id": g.get("request_id", ""),
    }
    response = jsonify(error=error)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    if status == 401:
        told = ', error="invalid_token"' if "Authorization" in request.headers else ""
        response.headers["WWW-Authenticate"] = f'Bearer realm="corridor"{told}'
    return response


def refusal(status: int, error: CorridorError) -> Response:
    """What a service refused: its code, and by field what `Invalid` says. An error about nothing in particular is under ""."""
    if isinstance(error, Invalid):
        return problem(status, fields={name: [message] for name, message in error.errors.items()})
    return problem(status, code=error.code if error.code != CorridorError.code else "")


def invalid(error: Any) -> Response:
    """What did not fit a model: `detail` is APIFlask's {location: {field: messages}}."""
    fields: dict[str, list[str]] = {}
    for found in (error.detail or {}).values():
        for name, messages in found.items():
            fields.setdefault("" if name == "_schema" else name, []).extend(messages)
    return problem(error.status_code, fields=fields)
