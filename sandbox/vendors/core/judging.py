"""How the referee judges: openapi-core on the vendor's description, with its known faults patched."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import yaml  # type: ignore[import-untyped]
from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.templating.paths.exceptions import PathError
from openapi_core.templating.responses.exceptions import ResponseNotFound
from werkzeug import Request, Response
from werkzeug.datastructures import Headers, ImmutableMultiDict

from sandbox.vendors.core.verdicts import DROP, SPECS, Description, Patch


def judge(description: Description, request: Request, body: bytes, response: Response) -> tuple[list[str], list[str]]:
    """What is wrong with the request, and what with the reply."""
    api, asked = loaded(description), Asked(request, body)
    return [*request_faults(api, asked)], [*reply_faults(api, asked, Said(response))]


def judge_event(description: Description, kind: str, body: bytes, content_type: str) -> list[str]:
    """What is wrong with an event; nothing when the description does not tell of it."""
    api = loaded(description)
    if "webhooks" not in api.spec or kind not in api.spec / "webhooks":
        return []
    return [told(fault) for fault in api.iter_webhook_request_errors(Event(kind, body, content_type))]


@cache
def loaded(description: Description) -> OpenAPI:
    """Parsed once for each process. openapi-core checks no description by itself: vendors' own are never quite valid."""
    facts = copy.deepcopy(parsed(description.file))
    for patch in description.patches:
        apply(facts, patch)
    facts["servers"] = [{"url": description.base or "/"}]
    for path in facts["paths"].values():
        path.pop("servers", None)
    schemes = facts.get("components", {}).get("securitySchemes", {})
    for (
        name,
        scheme,
    ) in schemes.items():  # openapi-core knows no OAuth2: what it can see is that there is a bearer token
        if scheme.get("type") in ("oauth2", "openIdConnect"):
            schemes[name] = {"type": "http", "scheme": "bearer"}
    return OpenAPI.from_dict(facts, config=Config(spec_validator_cls=None))


@cache
def parsed(file: str) -> dict[str, Any]:
    """PyYAML comes with openapi-core; its C loader reads a large description in a fifth of a second."""
    text = (SPECS / file).read_bytes()
    if file.endswith(".json"):
        return json.loads(text)  # type: ignore[no-any-return]
    return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # type: ignore[no-any-return]


def apply(facts: Any, patch: Patch) -> None:
    """Raises LookupError when the description no longer has the place: then the patch can go."""
    *way, last = patch.at
    for key in way:
        facts = facts[key]
    if patch.to is DROP:
        del facts[last]
    else:
        facts[last] = patch.to(facts[last]) if callable(patch.to) else patch.to


class Asked:
    """A request as openapi-core wants to see it."""

    def __init__(self, request: Request, body: bytes) -> None:
        self.host_url, self.path, self.method = "http://sandbox", request.path, request.method.lower()
        self.body, self.content_type = body, request.content_type or "application/octet-stream"
        query, cookies = ImmutableMultiDict(request.args), ImmutableMultiDict(request.cookies)
        self.parameters = RequestParameters(query, Headers(request.headers), cookies)


class Event:
    """A webhook as openapi-core wants to see it."""

    def __init__(self, kind: str, body: bytes, content_type: str) -> None:
        self.name, self.method, self.body, self.content_type = kind, "post", body, content_type
        self.parameters = RequestParameters()


class Said:
    """A reply as openapi-core wants to see it."""

    def __init__(self, response: Response) -> None:
        self.status_code, self.headers = response.status_code, response.headers
        self.content_type, self.data = response.content_type or "", response.get_data()


def request_faults(api: OpenAPI, asked: Asked) -> Iterator[str]:
    for fault in api.iter_request_errors(asked):
        yield told(fault)
    try:
        path, operation, *_ = api.request_validator._find_path(asked)  # type: ignore[attr-defined]
    except PathError:
        return
    known = {name_of(one) for part in (path, operation) if "parameters" in part for one in part / "parameters"}
    for name in asked.parameters.query:
        if name not in known and name.partition("[")[0] not in known:
            yield f"the query parameter {name} is not in the description"


def name_of(parameter: Any) -> str:
    return (parameter / "name").read_str()  # type: ignore[no-any-return]


def reply_faults(api: OpenAPI, asked: Asked, said: Said) -> Iterator[str]:
    for fault in api.iter_response_errors(asked, said):
        gap = isinstance(fault, ResponseNotFound) and said.status_code >= 400
        if not gap and not isinstance(fault, PathError):  # an unknown path is already held against the request
            yield told(fault)


def told(fault: BaseException) -> str:
    """What is wrong and where, without the values: they may be people's."""
    cause: BaseException | None = fault
    while cause is not None:
        if details := getattr(cause, "schema_errors", None):
            return "; ".join(f"{one.json_path}: {rule(one)}" for one in details)
        cause = cause.__cause__
    return f"{type(fault).__name__}: {fault}"


def rule(error: Any) -> str:
    inner = "; ".join(sorted({f"{one.json_path}: {rule(one)}" for one in error.context or ()}))
    expected = "" if error.validator in ("oneOf", "anyOf", "allOf") else f" {error.validator_value!r}"[:120]
    return f"breaks `{error.validator}`{expected}" + (f" ({inner})" if inner else "")
