"""OpenAPI 3.1 of all operations at `/api/openapi.json`, and a page that reads it to people at `/api/docs`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from apiflask import APIFlask
from flask import Blueprint, Response, current_app, jsonify

from app.core.config import get_settings
from app.web.access import public
from app.web.api import problems
from app.web.api.idempotency import HEADER
from app.web.pages import page

bp = Blueprint("api", __name__)
TITLE, VERSION = "Corridor API", "1"
ABOUT = (
    "JSON over HTTPS. Make a token on the page API tokens, send it as `Authorization: Bearer …`, or exchange it at `POST /api/tokens`"
    " for one that lives 15 minutes. Lists come in pages: send `next` as `after`. A POST with an `Idempotency-Key` acts once in 24 hours."
    " Moments are ISO 8601 in UTC. Unknown fields are refused. Every refusal has the same shape."
)
SETTINGS: dict[str, Any] = {
    "DESCRIPTION": ABOUT,
    "HTTP_ERROR_SCHEMA": problems.SCHEMA,
    "SECURITY_SCHEMES": {
        "token": {"type": "http", "scheme": "bearer", "description": "An API token (`crd_…`), or a JWT made from one."}
    },
    # `endpoint` says what each operation may answer.
    "AUTO_404_RESPONSE": False,
    "AUTO_AUTH_ERROR_RESPONSE": False,
    "AUTO_VALIDATION_ERROR_RESPONSE": False,
}
KEY = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "A new UUID for every new request. The same key with the same body gets the same answer for 24 hours.",
    "schema": {"type": "string", "minLength": 8, "maxLength": 200},
}
RETRY = {"description": "Seconds to wait.", "schema": {"type": "integer"}}


def complete(spec: dict[str, Any]) -> dict[str, Any]:
    """Say what APIFlask cannot know: bodies are required, ids are UUIDs, which POSTs take a key, when to come back."""
    ids = {name for rule in current_app.url_map.iter_rules() for name in re.findall(r"<uuid:(\w+)>", rule.rule)}
    for _path, _method, operation in operations(spec):
        for parameter in operation["parameters"]:
            if parameter["in"] == "path" and parameter["name"] in ids:
                parameter["schema"] = {"type": "string", "format": "uuid"}
        if operation.pop("x-idempotent"):
            operation["parameters"].append(KEY)
        if "requestBody" in operation:
            operation["requestBody"]["required"] = True
        operation["responses"]["429"]["headers"] = {"Retry-After": RETRY}
    return spec | {"paths": dict(_spelled(found) for found in spec["paths"].items())}


def _spelled(found: tuple[str, dict[str, Any]]) -> tuple[str, dict[str, Any]]:
    """A path as its operations were declared, with the last slash or without."""
    path, methods = found
    slashes = [operation.pop("x-slash") for operation in methods.values()]
    return f"{path}/" if any(slashes) else path, methods


def operations(spec: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and operation, in the order of the description."""
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def description() -> dict[str, Any]:
    """The whole description; made at first use, the same until the next start."""
    app: APIFlask = current_app._get_current_object()  # type: ignore[attr-defined]
    found: Any = app._get_spec("json")
    return dict(found)


@bp.get("/api/openapi.json")
@public
def openapi() -> Response:
    return jsonify(description())


class Field(NamedTuple):
    """A parameter, or a field of a body or an answer."""

    name: str
    kind: str
    required: bool
    about: str


class Operation(NamedTuple):
    """An operation as the page shows it."""

    id: str
    title: str
    about: str
    permission: str
    parameters: list[Field]
    body: list[Field]
    answer: list[Field]
    responses: list[tuple[str, str]]


@bp.get("/api/docs")
@public
def docs() -> Response:
    """The description for people, without a script."""
    spec, groups = description(), dict[str, list[Operation]]()
    for path, method, operation in operations(spec):
        groups.setdefault(operation["tags"][0], []).append(_shown(spec, f"{method.upper()} {path}", operation))
    return page("api/docs.html", groups=groups, about=ABOUT, problem=_fields(spec, _problem(spec)))


def _shown(spec: dict[str, Any], title: str, operation: dict[str, Any]) -> Operation:
    answers = operation["responses"]
    success = next(found for code, found in answers.items() if code.startswith("2"))
    return Operation(
        operation["operationId"], title, operation["summary"], operation["x-permission"],
        [_field(spec, one["name"], one["schema"], one["required"], one) for one in operation["parameters"]],
        _fields(spec, _schema(operation.get("requestBody", {}))), _fields(spec, _schema(success)),
        [(code, answers[code]["description"]) for code in sorted(answers)],
    )  # fmt: skip


def _schema(holder: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = holder.get("content", {}).get("application/json", {}).get("schema", {})
    return found


def _problem(spec: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = spec["components"]["schemas"]["HTTPError"]["properties"]["error"]
    return found


def _fields(spec: dict[str, Any], schema: dict[str, Any]) -> list[Field]:
    whole = _resolved(spec, schema)
    required = whole.get("required", ())
    return [_field(spec, name, one, name in required, one) for name, one in whole.get("properties", {}).items()]


def _field(spec: dict[str, Any], name: str, schema: dict[str, Any], required: bool, about: dict[str, Any]) -> Field:
    return Field(name, _kind(spec, schema), required, about.get("description") or schema.get("description", ""))


def _kind(spec: dict[str, Any], schema: dict[str, Any]) -> str:
    """`string (uuid)`, `array of object`, `a | b`, `string or null`."""
    whole = _resolved(spec, schema)
    if "anyOf" in whole:
        return " or ".join(_kind(spec, one) for one in whole["anyOf"])
    if "enum" in whole:
        return " | ".join(str(one) for one in whole["enum"])
    if whole.get("type") == "array":
        return f"array of {_kind(spec, whole.get('items', {}))}"
    return f"{whole.get('type', 'any')} ({whole['format']})" if "format" in whole else str(whole.get("type", "any"))


def _resolved(spec: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref", "")
    found: dict[str, Any] = spec["components"]["schemas"][reference.rpartition("/")[2]] if reference else schema
    return found


def init_app(app: APIFlask) -> None:
    """Register the description, and the shape of what APIFlask itself refuses."""
    app.config.update(SETTINGS, SERVERS=[{"url": get_settings().base_url.rstrip("/")}])
    app.spec_callback = complete  # type: ignore[assignment]  # the description as JSON is a dict
    app.error_callback = problems.invalid
    app.register_blueprint(bp)
