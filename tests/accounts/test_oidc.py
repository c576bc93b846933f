"""Single sign-on against the sandbox's identity provider, over real sockets."""

from __future__ import annotations

import html
import re
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx2
import pytest
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import RSAKey
from pydantic import SecretStr
from sqlalchemy.orm import Session

from app.accounts.models import User, UserStatus
from app.accounts.services import oidc
from app.core.access import RoleType
from app.core.config import get_settings
from app.core.db import fetch, transaction
from app.core.errors import Unavailable
from sandbox.launch import Running, launch
from tests.accounts.pages import events, shown
from tests.accounts.sign_in import make_user

HARPER = "hr.admin@example.com"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with launch(tmp_path_factory.mktemp("idp")) as started:
        yield started


@pytest.fixture
def idp(running: Running, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    running.client.reset()
    settings = get_settings()
    monkeypatch.setattr(settings, "oidc_issuer", running.issuer)
    monkeypatch.setattr(settings, "oidc_client_id", "corridor")
    monkeypatch.setattr(settings, "oidc_client_secret", SecretStr("corridor-sandbox-secret"))
    oidc._provider.cache_clear()
    yield running
    oidc._provider.cache_clear()


@pytest.fixture
def harper(session: Session, company: UUID) -> User:
    return make_user(session, company, email=HARPER, password=None)


def there(client: FlaskClient, **answer: str) -> str:
    """Press the button, choose a person at the provider; the address it sends us back to."""
    start = client.get("/sign-in/oidc?company=acme&next=/account")
    assert start.status_code == 303
    url = start.headers["Location"]
    asked = parse_qs(urlsplit(url).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["nonce"]
    page = httpx2.get(url)
    fields = {
        name: html.unescape(value)
        for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text)
    }
    sent = httpx2.post(url.partition("?")[0], data=fields | (answer or {"user": HARPER}))
    return str(sent.headers["Location"])


def back(client: FlaskClient, address: str) -> Any:
    found = urlsplit(address)
    return client.get(f"{found.path}?{found.query}")


def test_signing_in_with_the_company_account(client: FlaskClient, idp: Running, harper: User, company: UUID) -> None:
    assert "company account" in client.get("/sign-in").text
    answer = back(client, there(client))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    assert HARPER in client.get("/account").text
    assert [event.name for event in events(company)] == ["accounts.oidc.linked", "accounts.session.opened"]
    client.delete_cookie("corridor")
    back(client, there(client))
    assert len(events(company, "accounts.oidc.linked")) == 1, "the second time the subject is known"


def test_an_invited_person_becomes_active(client: FlaskClient, session: Session, idp: Running, company: UUID) -> None:
    user = make_user(session, company, email=HARPER, password=None, status=UserStatus.INVITED.value)
    assert back(client, there(client)).headers["Location"] == "/account"
    with transaction(company) as own:
        assert fetch(own, User, user.id).status == "active"


def test_a_role_that_needs_a_second_factor_still_does(
    client: FlaskClient, session: Session, idp: Running, company: UUID
) -> None:
    make_user(session, company, email=HARPER, roles=[RoleType.SYSTEM_ADMIN])
    assert back(client, there(client)).headers["Location"] == "/sign-in/second-factor"


WRONG_TOKENS = ["wrong_issuer", "wrong_audience", "wrong_nonce", "expired_token", "alg_none", "unknown_key"]


@pytest.mark.parametrize("switch", WRONG_TOKENS)
def test_a_wrong_token_signs_nobody_in(client: FlaskClient, idp: Running, harper: User, switch: str) -> None:
    idp.client.set_idp(**{switch: True})
    answer = back(client, there(client))
    assert answer.headers["Location"] == "/sign-in"
    assert client.get_cookie("corridor") is None
    assert "did not confirm who you are" in shown(client.get("/sign-in"))


@pytest.fixture
def signing(harper: User, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[dict[str, str]], str]]:
    """A provider whose key is here: makes an ID token, right in everything but what its header says."""
    key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})
    issuer = "https://idp.example"
    monkeypatch.setattr(get_settings(), "oidc_issuer", issuer)
    monkeypatch.setattr(get_settings(), "oidc_client_id", "corridor")
    oidc._provider.cache_clear()
    found, later = oidc.provider(), time.monotonic() + 60
    assert found is not None
    found._kept[f"{issuer}/.well-known/openid-configuration"] = later, {"issuer": issuer, "jwks_uri": f"{issuer}/keys"}
    found._kept[f"{issuer}/keys"] = later, {"keys": [key.as_dict(private=False)]}
    at = int(time.time())
    claims = {"iss": issuer, "aud": "corridor", "sub": "1", "nonce": "n", "iat": at, "exp": at + 60}
    yield lambda header: jwt.encode({"alg": "RS256", "kid": "1"} | header, claims, key)
    oidc._provider.cache_clear()


def test_only_an_id_token_is_an_id_token(signing: Callable[[dict[str, str]], str]) -> None:
    """Of the same issuer, for us, with the right key: another kind of token signs nobody in."""
    found = oidc.provider()
    assert found is not None
    for header in ({}, {"typ": "JWT"}):
        assert found._claims({"id_token": signing(header)}, "n")["sub"] == "1"
    for kind in ("at+jwt", "logout+jwt", "secevent+jwt", "dpop+jwt"):
        with pytest.raises(oidc.Refused):
            found._claims({"id_token": signing({"typ": kind})}, "n")


def test_no_outgoing_call_follows_a_redirect(monkeypatch: pytest.MonkeyPatch, harper: User) -> None:
    """The provider's addresses send us on to a server inside; nothing arrives there, the code and the secret least of all."""
    seen: list[str] = []

    class Inside(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            self.send_response(307 if self.path.startswith("/idp") else 200)
            self.send_header("Location", "/inside")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_GET

        def log_message(self, *_args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Inside) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        issuer = f"http://127.0.0.1:{server.server_port}/idp"
        monkeypatch.setattr(get_settings(), "oidc_issuer", issuer)
        monkeypatch.setattr(get_settings(), "oidc_client_id", "corridor")
        oidc._provider.cache_clear()
        found = oidc.provider()
        assert found is not None
        with pytest.raises(Unavailable):
            found.metadata()
        document = {"issuer": issuer, "token_endpoint": f"{issuer}/token", "jwks_uri": f"{issuer}/keys"}
        found._kept[f"{issuer}/.well-known/openid-configuration"] = time.monotonic() + 60, document
        with pytest.raises(Unavailable):
            found.keys()
        with pytest.raises((oidc.Refused, Unavailable)):
            found._exchange("code", "verifier")
        server.shutdown()
    oidc._provider.cache_clear()
    assert seen == ["/idp/.well-known/openid-configuration", "/idp/keys", "/idp/token"]


def test_an_unverified_address_is_not_linked(client: FlaskClient, idp: Running, harper: User, company: UUID) -> None:
    idp.client.set_idp(unverified_email=True)
    assert back(client, there(client)).headers["Location"] == "/sign-in"
    assert len(events(company, "accounts.oidc.refused")) == 1


def test_strangers_and_suspended_people_stay_out(
    client: FlaskClient, session: Session, idp: Running, company: UUID
) -> None:
    assert back(client, there(client, email="stranger@example.com")).headers["Location"] == "/sign-in"
    make_user(session, company, email=HARPER, status=UserStatus.SUSPENDED.value)
    assert back(client, there(client)).headers["Location"] == "/sign-in"


def test_a_failing_or_denying_provider_leads_back(client: FlaskClient, idp: Running, harper: User) -> None:
    assert back(client, there(client, deny="1")).headers["Location"] == "/sign-in"
    idp.client.set_idp(token_error=True)
    assert back(client, there(client)).headers["Location"] == "/sign-in"
    assert "does not answer" in shown(client.get("/sign-in"))


def test_state_issuer_and_replay(client: FlaskClient, idp: Running, harper: User) -> None:
    address = there(client)
    assert back(client, address.replace("state=", "state=x")).headers["Location"] == "/sign-in"
    assert back(client, address).headers["Location"] == "/sign-in", "the state is used up by the first answer"
    address = there(client)
    assert (
        back(client, re.sub(r"iss=[^&]+", "iss=https%3A%2F%2Fevil.example", address)).headers["Location"] == "/sign-in"
    )
    address = there(client)
    assert back(client.application.test_client(), address).headers["Location"] == "/sign-in", "another browser's answer"
    assert back(client, address).headers["Location"] == "/account"


def test_switched_off_there_is_no_button_and_no_page(client: FlaskClient, harper: User) -> None:
    assert "company account" not in client.get("/sign-in").text
    assert client.get("/sign-in/oidc").status_code == 404
    assert client.get("/sign-in/oidc/back").status_code == 404


def test_a_provider_that_is_away_or_somebody_else_says_so(
    client: FlaskClient, idp: Running, harper: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(get_settings(), "oidc_issuer", idp.issuer.replace("/idp", "/away"))
    assert client.get("/sign-in/oidc").headers["Location"] == "/sign-in"
    monkeypatch.setattr(get_settings(), "oidc_issuer", idp.issuer)
    found = oidc.provider()
    assert found is not None
    found._kept[f"{idp.issuer}/.well-known/openid-configuration"] = (
        time.monotonic() + 60,
        {"issuer": "https://evil.example"},
    )
    assert client.get("/sign-in/oidc").headers["Location"] == "/sign-in"
