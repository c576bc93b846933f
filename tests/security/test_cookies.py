"""Cookies and headers as production sends them, on every kind of answer."""

from __future__ import annotations

from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7
from werkzeug.test import TestResponse

from app.accounts.models import User
from app.core.config import Settings, get_settings
from app.core.keys import key_provider
from tests.accounts.sign_in import PASSWORD, make_user
from tests.security.crawl import TOKEN

HTTPS = {"base_url": "https://corridor.example"}
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin", "X-Frame-Options": "DENY",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
}  # fmt: skip

pytestmark = pytest.mark.long


@pytest.fixture
def production(_made_app: Flask, database: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """A second application as production starts it. The key file has to exist: production makes none."""
    from app import create_app

    key_provider()
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.setenv("SECRET_KEY", "a-secret-of-production-that-is-long-enough")
    get_settings.cache_clear()
    yield create_app()
    monkeypatch.undo()
    get_settings.cache_clear()


@pytest.fixture
def ana(production: Flask, session: Session) -> User:
    company_id = uuid7()
    return make_user(session, company_id, email="ana@acme.example")


def sign_in(client: FlaskClient, user: User) -> TestResponse:
    token = TOKEN.search(client.get("/sign-in", **HTTPS).text)
    assert token is not None
    form = {"email": user.email, "password": PASSWORD, "company": _slug(user.company_id), "next": "/account"}
    return client.post(
        "/sign-in", data=form, headers={"X-CSRFToken": token[1], "Referer": "https://corridor.example/sign-in"}, **HTTPS
    )


def _slug(company_id: UUID) -> str:
    return f"company-{company_id.hex[-8:]}"


def cookies(answer: TestResponse) -> dict[str, Any]:
    jar: SimpleCookie = SimpleCookie()
    for line in answer.headers.getlist("Set-Cookie"):
        jar.load(line)
    return dict(jar)


def test_every_cookie_is_bound_to_host_and_tls_and_hidden_from_scripts(production: Flask, ana: User) -> None:
    client = production.test_client()
    seen: dict[str, Any] = {}
    first = client.get("/sign-in?lang=es", **HTTPS)
    assert "Iniciar sesión" in client.get("/sign-in", **HTTPS).text, "the cookie is read again"
    seen |= cookies(first) | cookies(sign_in(client, ana)) | cookies(client.get("/account", **HTTPS))
    assert {"__Host-corridor", "__Host-form", "__Host-corridor-language"} <= set(seen)
    for name, cookie in seen.items():
        assert name.startswith("__Host-"), name
        assert cookie["secure"], name
        assert cookie["path"] == "/", name
        assert not cookie["domain"], name
        assert cookie["samesite"] in ("Lax", "Strict"), name
        assert cookie["httponly"], name


def test_the_session_cookie_is_new_after_signing_in_and_dead_after_signing_out(production: Flask, ana: User) -> None:
    client = production.test_client()
    made = cookies(sign_in(client, ana))["__Host-corridor"].value
    token = made.partition(".")[2]
    assert len(token) >= 43, "256 bits in base64"
    again = cookies(sign_in(production.test_client(), ana))["__Host-corridor"].value
    assert again != made
    page = client.get("/account", **HTTPS)
    assert page.status_code == 200
    csrf = TOKEN.search(page.text)
    assert csrf is not None
    out = client.post(
        "/sign-out", headers={"X-CSRFToken": csrf[1], "Referer": "https://corridor.example/account"}, **HTTPS
    )
    assert out.status_code == 303
    thief = production.test_client()
    thief.set_cookie("__Host-corridor", made, domain="corridor.example", secure=True)
    assert thief.get("/account", **HTTPS).status_code == 303


def test_the_headers_are_on_every_kind_of_answer(production: Flask, ana: User) -> None:
    client = production.test_client()
    answers = {
        "page": client.get("/sign-in", **HTTPS), "redirect": client.get("/people", **HTTPS), "missing": client.get("/nowhere", **HTTPS),
        "wrong method": client.post("/people", **HTTPS), "no token": client.post("/sign-in", **HTTPS), "text": client.get("/healthz", **HTTPS),
        "style": client.get("/brand/172.css", **HTTPS), "asset": client.get(f"/assets/{'0' * 16}/corridor.js", **HTTPS),
        "no asset": client.get("/assets/x/nothing.js", **HTTPS), "options": client.options("/sign-in", **HTTPS),
        "head": client.head("/sign-in", **HTTPS), "hidden": client.get("/metrics", headers={"X-Forwarded-For": "1.2.3.4"}, **HTTPS),
        "signed in": sign_in(client, ana), "own page": client.get("/account", **HTTPS), "forbidden": client.get("/users", **HTTPS),
    }  # fmt: skip
    assert answers["forbidden"].status_code == 403
    for kind, answer in answers.items():
        for name, value in EVERYWHERE.items():
            assert answer.headers.get(name) == value, f"{kind}: {name}"
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, kind
        assert "frame-ancestors 'none'" in policy, kind
        assert "unsafe" not in policy, kind
        assert "Server" not in answer.headers or "Werkzeug" not in answer.headers["Server"]
        assert "X-Powered-By" not in answer.headers
    assert answers["own page"].headers["Cache-Control"] == "no-store"


def test_production_has_no_development_pages(production: Flask) -> None:
    assert [rule.rule for rule in production.url_map.iter_rules() if rule.rule.startswith("/dev")] == []
    assert not production.debug
    assert not production.testing


@pytest.mark.parametrize("secret", [None, "", "short", "development-only-secret-key"])
def test_production_does_not_start_with_a_secret_others_know(
    monkeypatch: pytest.MonkeyPatch, secret: str | None
) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    monkeypatch.delenv("SECRET_KEY", raising=False)
    if secret is not None:
        monkeypatch.setenv("SECRET_KEY", secret)
    with pytest.raises(ValueError, match="SECRET_KEY"):
        Settings.model_validate({})
