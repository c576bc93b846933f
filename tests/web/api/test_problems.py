"""One shape for everything that is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.accounts.models import User
from app.core.access import Can
from tests.accounts.programs import Caller, make_token

TOY = {"name": "toy bear"}


def error(answer: TestResponse, status: int, code: str) -> dict[str, Any]:
    """The error of an answer that has the standard shape and nothing else."""
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/json"
    assert set(answer.json) == {"error"}
    found: dict[str, Any] = answer.json["error"]
    assert set(found) == {"code", "message", "fields", "request_id"}
    assert found["code"] == code
    assert found["message"]
    assert found["request_id"] == answer.headers["X-Request-Id"]
    assert "Set-Cookie" not in answer.headers
    assert "no-store" in answer.headers["Cache-Control"]
    return found


def test_without_a_token(app: Flask, admin: User) -> None:
    nobody = Caller(app)
    answer = nobody("GET", "/api/toys")
    error(answer, 401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="corridor"'
    wrong = nobody("GET", "/api/toys", headers={"Authorization": "Bearer nonsense"})
    error(wrong, 401, "unauthenticated")
    assert 'error="invalid_token"' in wrong.headers["WWW-Authenticate"]
    for scheme in ("Basic YTpi", "Digest x", "crd_x", "Bearer", ""):
        error(nobody("GET", "/api/toys", headers={"Authorization": scheme}), 401, "unauthenticated")


def test_without_the_permission(app: Flask, admin: User) -> None:
    reader = Caller(app, make_token(admin, Can.CONNECTION_VIEW)[1])
    assert reader("GET", "/api/toys").status_code == 200
    error(reader("POST", "/api/toys", TOY), 403, "forbidden")


def test_addresses_and_methods(call: Caller) -> None:
    for path in ("/api/nothing", "/api/toys/nonsense", "/api/toys/00000000-0000-0000-0000-000000000000", "/api/"):
        error(call("GET", path), 404, "not-found")
    for path in ("/api/toys", "/api/toys/"):
        answer = call("PUT", path, TOY)
        error(answer, 405, "method-not-allowed")
        assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"{'name': 1}", b"\xff\xfe", b'{"name": "a\\u0000b"}', b'{"a\\u0000": {"b": []}}',
        b'{"name": ["\\u0000"]}', b"[" * 200_000, b"nul", b'{"size": ' + b"9" * 5_000 + b"}",
    ],
)  # fmt: skip
def test_a_body_that_is_no_json(call: Caller, body: bytes) -> None:
    error(call("POST", "/api/toys", data=body, content_type="application/json"), 400, "malformed")


def test_a_backslash_before_a_u_is_a_text_like_any_other(call: Caller) -> None:
    answer = call("POST", "/api/toys", {"name": "toy \\u0000"})
    assert (answer.status_code, answer.json["name"]) == (201, "toy \\u0000")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_a_body_of_another_kind(call: Caller, kind: str) -> None:
    error(call("POST", "/api/toys", data=json.dumps(TOY), content_type=kind), 415, "unsupported-media-type")


def test_a_body_that_is_too_large(call: Caller) -> None:
    body = json.dumps({"name": "x" * 3_000_000})
    error(call("POST", "/api/toys", data=body, content_type="application/json"), 413, "too-large")


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"name"}), ({"name": ""}, {"name"}), ({"name": "toy", "size": "big"}, {"size"}), ({"name": "toy", "color": 1}, {"color"}),
        ([], {""}), ("text", {""}), (None, {"name"}), ({"name": {"a": 1}}, {"name"}), ({"name": "\ud800"}, {"name"}), ({"name": "taken"}, {"name"}), ({"name": "broken"}, {""}),
    ],
)  # fmt: skip
def test_values_that_cannot_be_used(call: Caller, body: Any, fields: set[str]) -> None:
    answer = call("POST", "/api/toys", data=json.dumps(body), content_type="application/json")
    found = error(answer, 422, "invalid")
    assert set(found["fields"]) == fields
    assert all(messages and all(messages) for messages in found["fields"].values())


def test_what_was_typed_is_not_repeated(call: Caller) -> None:
    answer = call("POST", "/api/toys", {"name": ["536-90-4399"], "size": "536-90-4399"})
    assert "536-90" not in answer.text


def test_filters_are_typed(call: Caller) -> None:
    for query, field in {
        "limit=0": "limit", "limit=101": "limit", "limit=x": "limit", "kind=odd": "kind", "color=red": "color", "after=%00": "",
    }.items():  # fmt: skip
        answer = call("GET", f"/api/toys?{query}")
        if field:
            assert set(error(answer, 422, "invalid")["fields"]) == {field}
        else:
            error(answer, 400, "malformed")


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [("moved", 409, "conflict"), ("mine", 403, "forbidden"), ("gone", 404, "not-found"), ("away", 503, "unavailable")],
)
def test_what_a_service_refuses(call: Caller, name: str, status: int, code: str) -> None:
    error(call("POST", "/api/toys", {"name": name}), status, code)
    assert call("GET", f"/api/toys?name={name}").json["items"] == [], "rolled back"


def test_a_crash_tells_nothing(call: Caller, caplog: pytest.LogCaptureFixture) -> None:
    found = error(call("POST", "/api/toys", {"name": "crash"}), 500, "internal")
    assert "secret-in-exception" not in json.dumps(found)
    assert [record.__dict__.get("request_id") for record in caplog.records] == [found["request_id"]]


def test_a_session_cookie_opens_nothing_and_no_cookie_is_set(app: Flask, admin: User) -> None:
    from tests.accounts.sign_in import sign_in

    browser = app.test_client()
    sign_in(browser, admin)
    assert browser.get("/account").status_code == 200
    error(browser.get("/api/toys"), 401, "unauthenticated")
    error(browser.get("/api/me?lang=es"), 401, "unauthenticated")


def test_another_site_s_page_is_refused_and_told_nothing(call: Caller) -> None:
    answer = call("POST", "/api/toys", TOY, headers={"Origin": "https://evil.example"})
    error(answer, 403, "forbidden")
    asked = call("OPTIONS", "/api/toys", headers={"Origin": "https://evil.example"})
    assert not [name for name in [*answer.headers.keys(), *asked.headers.keys()] if name.startswith("Access-Control")]


def test_pages_still_speak_html(app: Flask) -> None:
    answer = app.test_client().get("/nothing-here")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
