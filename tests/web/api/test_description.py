"""The OpenAPI description: what it says is what happens."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from app.accounts.models import User
from app.core.access import Can
from app.web.access import access_of
from app.web.api.description import operations
from app.web.api.problems import PAGE, PREFIX, SCHEMA
from tests.accounts.programs import Caller

OWN = ("/api/openapi.json", PAGE)


@pytest.fixture
def spec(app: Flask) -> dict[str, Any]:
    answer = app.test_client().get("/api/openapi.json")
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert "Set-Cookie" not in answer.headers
    found: dict[str, Any] = answer.json
    return found


def test_every_route_below_api_is_described_with_its_permission(app: Flask, spec: dict[str, Any]) -> None:
    told = {
        (re.sub(r"\{(\w+)\}", "*", path).rstrip("/"), method.upper(), operation["x-permission"])
        for path, method, operation in operations(spec)
    }
    routes = {
        (re.sub(r"<[^>]+>", "*", rule.rule).rstrip("/"), method, access_of(app, rule.endpoint))
        for rule in app.url_map.iter_rules()
        for method in set(rule.methods or ()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith(PREFIX) and rule.rule not in OWN
    }
    assert told == routes
    assert all(isinstance(access, Can) for _path, _method, access in routes), "nothing below /api is public"


def test_every_operation_is_whole(spec: dict[str, Any]) -> None:
    names = [operation["operationId"] for _path, _method, operation in operations(spec)]
    assert len(names) == len(set(names))
    for _path, method, operation in operations(spec):
        assert operation["summary"].endswith(".")
        assert operation["security"] == [{"token": []}]
        assert not [name for name in operation if name.startswith("x-") and name != "x-permission"]
        codes = set(operation["responses"])
        assert {"400", "401", "403", "429", "500", "503"} < codes
        assert len({code for code in codes if code.startswith("2")}) == 1
        for code in codes:
            if code[0] in "45":
                schema = operation["responses"][code]["content"]["application/json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/HTTPError"}
        if "requestBody" in operation:
            assert method != "get"
            assert operation["requestBody"]["required"] is True
            assert {"413", "415", "422"} < codes
    assert spec["components"]["schemas"]["HTTPError"] == SCHEMA
    assert spec["openapi"].startswith("3.1")


def test_every_reference_leads_somewhere(spec: dict[str, Any]) -> None:
    found = set(re.findall(r'"\$ref": "([^"]+)"', json.dumps(spec)))
    assert found
    for reference in found:
        assert reference.rpartition("/")[2] in spec["components"]["schemas"], reference
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in spec["components"]["schemas"])


def test_paths_bodies_and_parameters_are_as_declared(spec: dict[str, Any]) -> None:
    assert {"/api/toys/", "/api/toys/{toy_id}", "/api/me/", "/api/tokens/"} <= set(spec["paths"])
    one = spec["paths"]["/api/toys/{toy_id}"]["get"]["parameters"][0]
    assert (one["name"], one["in"], one["required"]) == ("toy_id", "path", True)
    assert one["schema"] == {"type": "string", "format": "uuid"}
    query = {one["name"]: one for one in spec["paths"]["/api/toys/"]["get"]["parameters"]}
    assert set(query) == {"limit", "after", "name", "kind"}
    assert (query["limit"]["schema"]["maximum"], query["limit"]["schema"]["default"]) == (100, 50)
    assert [one["name"] for one in spec["paths"]["/api/toys/"]["post"]["parameters"]] == ["Idempotency-Key"]
    assert spec["paths"]["/api/tokens/"]["post"]["parameters"] == []
    assert set(spec["paths"]["/api/toys/{toy_id}"]["delete"]["responses"]) >= {"204", "404", "409"}
    toy = spec["components"]["schemas"]["ToyIn"]
    assert (toy["required"], toy["additionalProperties"]) == (["name"], False)
    assert toy["properties"]["size"]["description"] == "In inches."


def test_each_documented_refusal_happens_as_documented(call: Caller, app: Flask, spec: dict[str, Any]) -> None:
    """Every status the toys document is provoked, so that none is only said."""
    answers = {
        "400": call("POST", "/api/toys", data=b"{", content_type="application/json"),
        "401": Caller(app)("POST", "/api/toys", {}),
        "403": call("POST", "/api/toys", {"name": "mine"}),
        "404": call("POST", "/api/toys", {"name": "gone"}),
        "409": call("POST", "/api/toys", {"name": "moved"}),
        "413": call("POST", "/api/toys", {"name": "x" * 3_000_000}),
        "415": call("POST", "/api/toys", data=b"{}", content_type="text/plain"),
        "422": call("POST", "/api/toys", {}),
        "500": call("POST", "/api/toys", {"name": "crash"}),
        "503": call("POST", "/api/toys", {"name": "away"}),
        "201": call("POST", "/api/toys", {"name": "toy"}),
    }
    assert set(answers) | {"429"} == set(spec["paths"]["/api/toys/"]["post"]["responses"])
    for code, answer in answers.items():
        assert str(answer.status_code) == code
        if code != "201":
            assert set(answer.json["error"]) == set(SCHEMA["properties"]["error"]["required"])


def test_both_spellings_of_an_address_answer_without_a_redirect(call: Caller) -> None:
    for path in ("/api/toys", "/api/toys/"):
        assert call("POST", path, {"name": f"toy of {path}"}).status_code == 201
        assert call("GET", path).status_code == 200
    toy = call("GET", "/api/toys").json["items"][0]["id"]
    for path in (f"/api/toys/{toy}", f"/api/toys/{toy}/"):
        assert call("GET", path).json["id"] == toy


def test_nothing_comes_back_where_nothing_is_said(call: Caller, company: UUID) -> None:
    toy = call("POST", "/api/toys", {"name": "toy"}).json["id"]
    answer = call("DELETE", f"/api/toys/{toy}")
    assert (answer.status_code, answer.get_data()) == (204, b"")
    assert call("GET", f"/api/toys/{toy}").status_code == 404


def test_the_page_reads_the_description_to_people(app: Flask, admin: User) -> None:
    page = app.test_client().get(PAGE)
    assert page.status_code == 200
    for text in ("GET /api/toys/", "POST /api/toys/", "connections:connection:manage", "Idempotency-Key", "string (uuid)",
                 "soft | hard or null", "array of object", "request_id"):  # fmt: skip
        assert text in page.text, text
    spanish = app.test_client().get(f"{PAGE}?lang=es").text
    assert "Permiso" in spanish
