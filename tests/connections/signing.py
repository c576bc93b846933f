"""A provider at which people sign in: its page, its token address, and a company's connection to it."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from pydantic import BaseModel, Field, SecretStr

from app.connections.models import Connection
from app.connections.services import providers
from app.integrations import registry
from app.integrations.api import Api, Environment, Resource
from app.integrations.auth.kinds import Auth, OAuth2Code
from app.integrations.contracts import Category, Manifest
from app.integrations.protection.limits import Rate
from tests.connections import providers as p
from tests.integrations.http_server import Asked, HttpServer, reply

CREDENTIALS = {"client_id": "us", "client_secret": "very-secret"}
CODE = OAuth2Code(
    "https://login.books.example/authorize", "https://login.books.example/token",
    {"read.things": "Read your things", "offline": "Stay connected while nobody is signed in"},
    revoke_url="https://login.books.example/revoke", keeps=("realmId",), idle_days=60, life_days=100,
)  # fmt: skip


class Config(BaseModel):
    """Nothing to set."""


class Secrets(BaseModel):
    client_id: SecretStr = Field(title="Client")
    client_secret: SecretStr = Field(title="Secret")


class CertificateSecrets(BaseModel):
    certificate: SecretStr = Field(title="Certificate")
    private_key: SecretStr = Field(title="Private key")


def books(auth: Auth = CODE, secrets: type[BaseModel] = Secrets) -> Manifest:
    api = Api(
        base_urls={Environment.PRODUCTION: "https://api.books.example/v3/{realmId}"}, auth=auth, limits=(Rate(100_000, 60),),
        resources=(Resource("thing", "/things/{id}", "/things", records="data"),),
    )  # fmt: skip
    return Manifest(
        slug="books", name="Books", category=Category.ACCOUNTING, docs="https://books.example", owner="corridor",
        config=Config, secrets=secrets, api=api,
    )  # fmt: skip


def install(monkeypatch: pytest.MonkeyPatch, manifest: Manifest) -> None:
    known = dict(registry.adapters()) | {"books": manifest}
    monkeypatch.setattr(providers.registry, "adapter", known.__getitem__)


class Books:
    """Its server. Somebody at its page allows everything; `codes` are good once, `revoked` holds what was taken back."""

    def __init__(self) -> None:
        self.codes: dict[str, dict[str, str]] = {}
        self.revoked: list[str] = []
        self.refreshes = 0
        self.says: dict[str, Any] = {}  # path → an answer instead of the usual one
        self.scope = "read.things offline"
        self.server = HttpServer(self.respond)

    def respond(self, asked: Asked) -> Any:
        path = urlsplit(asked.target).path
        if path in self.says:
            return self.says[path]
        if path == "/authorize":
            return self._page(asked.target)
        sent = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        if path == "/token":
            return self._token(sent)
        if path == "/revoke":
            self.revoked.append(sent["token"])
            return reply(200, b"")
        known = asked.headers.get("authorization", "").startswith("Bearer access")
        return p.answer({"data": []}) if known else p.answer({"error": "expired"}, 401)

    def allow(self, url: str, **changes: str) -> str:
        """A person allows it on the page at `url`; gives the address the provider sends them back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        code = f"code{len(self.codes) + 1}"
        self.codes[code] = asked
        answer = {"code": code, "state": asked["state"], "realmId": "4620"} | changes
        return f"{asked['redirect_uri']}?{urlencode({name: text for name, text in answer.items() if text})}"

    def _page(self, target: str) -> bytes:
        back = html.escape(self.allow(target))
        page = f'<!doctype html><html lang="en"><title>Books</title><h1>Books</h1><p><a href="{back}">Allow</a></p>'
        return reply(200, page.encode(), Content_Type="text/html")

    def _token(self, sent: dict[str, str]) -> bytes:
        if sent["grant_type"] == "refresh_token":
            self.refreshes += 1
        elif not self._good(sent):
            return p.answer({"error": "invalid_grant"}, 400)
        token = {
            "access_token": f"access{self.refreshes}", "refresh_token": f"refresh{self.refreshes}", "expires_in": 3600,
            "scope": self.scope,
        }  # fmt: skip
        return reply(200, json.dumps(token).encode())

    def _good(self, sent: dict[str, str]) -> bool:
        asked = self.codes.pop(sent["code"], None)
        digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return (
            asked is not None
            and asked["code_challenge"] == proof
            and asked["redirect_uri"] == sent["redirect_uri"]
            and asked["client_id"] == "us"
        )


def connect(server: HttpServer, **changes: Any) -> Connection:
    values = {
        "adapter": "books", "name": "Our books", "code": "BKS", "environment": "production", "status": "disconnected",
        "credentials": CREDENTIALS, "api_endpoint_url": f"{server.url}/v3/{{realmId}}",
    }  # fmt: skip
    return p.make_connection(server, **(values | changes))
