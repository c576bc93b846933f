"""Headers, nonce, masked CSRF tokens, error pages that tell nothing."""

from __future__ import annotations

import base64
import re

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient

from app.core.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from app.web import errors, security
from tests.web import tiny


def test_policy_is_strict_and_fresh(tiny_client: FlaskClient) -> None:
    first, second = (tiny_client.get("/dev/step") for _ in range(2))
    policy = first.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    for part in (
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "style-src 'self'",
        "'strict-dynamic'",
    ):
        assert part in policy
    nonces = [re.search(r"'nonce-([^']+)'", found.headers["Content-Security-Policy"]) for found in (first, second)]
    values = [match.group(1) for match in nonces if match]
    assert len(set(values)) == 2
    assert f'nonce="{values[0]}"' in first.text


def test_other_headers(tiny_client: FlaskClient) -> None:
    found = tiny_client.get("/dev/step")
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    assert found.headers["Referrer-Policy"] == "same-origin"
    assert found.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in found.headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in found.headers
    secure = tiny_client.get("/dev/step", base_url="https://localhost")
    assert "max-age=31536000" in secure.headers["Strict-Transport-Security"]
    assert "frame-ancestors 'none'" in tiny_client.get("/brand/1.css").headers["Content-Security-Policy"]


def test_a_form_may_end_at_the_identity_provider() -> None:
    assert "form-action 'self' https://id.example" in security.content_security_policy("n", ("https://id.example",))


def tokens(client: FlaskClient) -> list[str]:
    return re.findall(r'(?:csrf-token" content|csrf_token" value)="([^"]+)"', client.get("/dev/step").text)


def test_the_token_looks_different_in_every_answer(tiny_client: FlaskClient) -> None:
    first, second = tokens(tiny_client), tokens(tiny_client)
    assert len(set(first)) == 1, "one token in one answer"
    shared = {first[0][at : at + 12] for at in range(len(first[0]) - 12)}
    assert not any(piece in second[0] for piece in shared)


def test_both_masked_tokens_are_accepted_in_form_and_header(tiny_client: FlaskClient) -> None:
    for token in (*tokens(tiny_client)[:1], *tokens(tiny_client)[:1]):
        assert tiny_client.post("/dev/step", data={"csrf_token": token}).status_code == 422
        assert tiny_client.post("/dev/step", headers={"X-CSRFToken": token}).status_code == 422


def test_a_missing_foreign_or_bare_token_is_refused(tiny_client: FlaskClient) -> None:
    masked = tokens(tiny_client)[0]
    bare = security.unmask(masked)
    assert bare
    for token in ("", "x", bare, masked[:-4], base64.urlsafe_b64encode(b"12345").decode(), "é"):
        assert tiny_client.post("/dev/step", data={"csrf_token": token}).status_code == 400
    other = tiny.make().test_client()
    other.get("/dev/step")
    assert other.post("/dev/step", data={"csrf_token": masked}).status_code == 400


def test_htmx_is_told_to_load_again_after_a_bad_token(tiny_client: FlaskClient) -> None:
    found = tiny_client.post("/dev/step", headers={"HX-Request": "true", "HX-Request-Type": "partial"})
    assert (found.status_code, found.headers["HX-Refresh"]) == (400, "true")


@pytest.fixture
def failing() -> Flask:
    app = tiny.make()

    @app.get("/fail/<int:code>")
    def fail(code: int) -> str:
        abort(code)

    @app.get("/crash")
    def crash() -> str:
        raise RuntimeError("secret 123-45-6789")

    kinds = {"n": NotFound("x"), "f": Forbidden("x"), "c": Conflict("x"), "u": Unavailable("x"), "i": Invalid("secret")}

    @app.get("/refuse/<kind>")
    def refuse(kind: str) -> str:
        raise kinds[kind]

    return app


@pytest.mark.parametrize("code", [400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503])
def test_every_error_page_says_what_to_do(failing: Flask, code: int) -> None:
    found = failing.test_client().get(f"/fail/{code}")
    assert found.status_code == code
    words = errors.EXPLANATIONS[code]
    assert str(words.next_step).replace("'", "&#39;") in found.text
    assert re.search(r"<code>[0-9a-f]{16}</code>", found.text)
    assert found.headers["Cache-Control"] == "no-store"


def test_a_crash_tells_nothing(failing: Flask) -> None:
    found = failing.test_client().get("/crash")
    assert found.status_code == 500
    assert "secret" not in found.text
    assert "RuntimeError" not in found.text
    assert "Content-Security-Policy" in found.headers


@pytest.mark.parametrize(("kind", "status"), [("n", 404), ("f", 403), ("c", 409), ("u", 503), ("i", 422)])
def test_what_services_refuse(failing: Flask, kind: str, status: int) -> None:
    found = failing.test_client().get(f"/refuse/{kind}")
    assert found.status_code == status
    assert "secret" not in found.text


def test_signed_out_htmx_goes_to_sign_in(failing: Flask) -> None:
    found = failing.test_client().get("/fail/401", headers={"HX-Request": "true"})
    assert (found.status_code, found.headers["HX-Redirect"]) == (401, "/")


def test_unusual_statuses_and_headers(failing: Flask) -> None:
    client = failing.test_client()
    assert client.get("/fail/418").status_code == 418
    assert client.get("/fail/504").status_code == 504
    token = tokens(client)[0]
    refused = client.post("/crash", data={"csrf_token": token})
    assert refused.status_code == 405
    assert "GET" in refused.headers["Allow"]


def test_plain_words_when_even_the_page_fails(failing: Flask) -> None:
    failing.jinja_env.globals["brand"] = None
    found = failing.test_client().get("/crash")
    assert (found.status_code, found.mimetype) == (500, "text/plain")
    assert "Try again in a few minutes" in found.text
