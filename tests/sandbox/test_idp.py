"""A sign-in as the application does it, with Authlib on the client side and joserfc to verify."""

from __future__ import annotations

import html
import re
import urllib.parse
from typing import Any

import httpx2
import pytest
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from sandbox.client import Sandbox
from sandbox.launch import Running

REDIRECT = "http://127.0.0.1:5000/sign-in/callback"
VERIFIER = "v" * 43


class Application:
    """Signs in through the sandbox: state, nonce, PKCE, code exchange, ID token check."""

    def __init__(self, running: Running, secret: str | None = "corridor-sandbox-secret") -> None:
        method = "client_secret_basic" if secret else "none"
        self.client = OAuth2Client(
            "corridor",
            secret,
            redirect_uri=REDIRECT,
            scope="openid email",
            code_challenge_method="S256",
            token_endpoint_auth_method=method,
        )
        self.issuer = running.issuer
        self.facts = httpx2.get(f"{running.issuer}/.well-known/openid-configuration").json()

    def authorize(self, nonce: str = "n-1", **answer: str) -> str:
        """Opens the page, submits its form, returns the address it sends us back to."""
        url, _ = self.client.create_authorization_url(
            self.facts["authorization_endpoint"], state="s-1", nonce=nonce, code_verifier=VERIFIER
        )
        page = httpx2.get(url)
        assert page.status_code == 200
        form = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        fields = {name: html.unescape(value) for name, value in form.items()}
        sent = httpx2.post(self.facts["authorization_endpoint"], data=fields | answer)
        assert sent.status_code == 303, sent.text
        return str(sent.headers["Location"])

    def token(self, callback: str, verifier: str = VERIFIER) -> dict[str, Any]:
        token: dict[str, Any] = self.client.fetch_token(
            self.facts["token_endpoint"], authorization_response=callback, state="s-1", code_verifier=verifier
        )
        return token

    def verify(self, id_token: str, nonce: str = "n-1") -> dict[str, Any]:
        """The claims; raises JoseError for anything wrong."""
        keys = KeySet.import_key_set(httpx2.get(self.facts["jwks_uri"]).json())
        token = jwt.decode(id_token, keys, algorithms=["RS256"])
        registry = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": "corridor"},
            nonce={"essential": True, "value": nonce},
            exp={"essential": True},
        )
        registry.validate(token.claims)
        return token.claims


@pytest.fixture
def application(running: Running, box: Sandbox) -> Application:
    return Application(running)


def test_round_trip(application: Application) -> None:
    assert application.facts["issuer"] == application.issuer
    callback = application.authorize(user="hr.admin@example.com")
    answer = urllib.parse.parse_qs(urllib.parse.urlsplit(callback).query)
    assert (answer["state"], answer["iss"]) == (["s-1"], [application.issuer])
    token = application.token(callback)
    claims = application.verify(token["id_token"])
    assert (claims["email"], claims["name"], claims["email_verified"]) == (
        "hr.admin@example.com",
        "Harper Admin",
        True,
    )
    person = application.client.get(application.facts["userinfo_endpoint"]).json()
    assert person["sub"] == claims["sub"]


def test_any_address_may_be_typed(application: Application) -> None:
    token = application.token(application.authorize(email="new.person@example.org"))
    assert application.verify(token["id_token"])["name"] == "New Person"


def test_denying(application: Application) -> None:
    assert "error=access_denied" in application.authorize(deny="1")


def test_a_public_client_needs_pkce(running: Running, box: Sandbox) -> None:
    application = Application(running, secret=None)
    token = application.token(application.authorize(user="manager@example.com"))
    assert application.verify(token["id_token"])["email"] == "manager@example.com"


def test_a_code_works_once_and_with_its_verifier_only(application: Application) -> None:
    callback = application.authorize(user="hr.admin@example.com")
    with pytest.raises(OAuthError, match="invalid_grant"):
        application.token(callback, verifier="x" * 43)
    with pytest.raises(OAuthError, match="invalid_grant"):
        application.token(callback)


def test_a_wrong_secret(running: Running, box: Sandbox) -> None:
    application = Application(running, secret="wrong")
    with pytest.raises(OAuthError, match="invalid_client"):
        application.token(application.authorize(user="hr.admin@example.com"))


@pytest.mark.parametrize(
    "switch", ["wrong_issuer", "wrong_audience", "wrong_nonce", "expired_token", "alg_none", "unknown_key"]
)
def test_each_wrong_token_is_caught_by_a_correct_client(application: Application, box: Sandbox, switch: str) -> None:
    box.set_idp(**{switch: True})
    token = application.token(application.authorize(user="hr.admin@example.com"))
    with pytest.raises(JoseError):
        application.verify(token["id_token"])


def test_an_unverified_address_and_a_failing_token_endpoint(application: Application, box: Sandbox) -> None:
    box.set_idp(unverified_email=True)
    token = application.token(application.authorize(user="hr.admin@example.com"))
    assert application.verify(token["id_token"])["email_verified"] is False
    box.set_idp(token_error=True)
    with pytest.raises(httpx2.HTTPStatusError):
        application.token(application.authorize(user="hr.admin@example.com"))


@pytest.mark.parametrize(
    "change",
    [{"client_id": "stranger"}, {"redirect_uri": "javascript:alert(1)"}, {"response_type": "token"}, {"scope": "x"}],
)
def test_a_wrong_request_is_never_redirected(running: Running, box: Sandbox, change: dict[str, str]) -> None:
    right = {"client_id": "corridor", "redirect_uri": REDIRECT, "response_type": "code", "scope": "openid"}
    answer = httpx2.get(f"{running.issuer}/authorize", params=right | change)
    assert answer.status_code == 400
