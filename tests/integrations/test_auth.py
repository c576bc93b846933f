"""Who we are: headers, tokens and statements, against a real token address on this machine."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from pydantic import BaseModel, SecretStr

from app.integrations.auth.kinds import (
    ApiKey,
    Auth,
    Basic,
    Bearer,
    ClientProof,
    Encoding,
    JwtAssertion,
    MutualTls,
    NoAuth,
    OAuth2Client,
    OAuth2Code,
    Presents,
    fields_of,
    needs_token,
)
from app.integrations.auth.oauth import (
    Pkce,
    address,
    assertion_call,
    authorize_url,
    client_call,
    code_call,
    new_pkce,
    refresh_call,
    revoke_call,
    sign,
    token_http,
)
from app.integrations.auth.proof import Keys, certificate, credentials
from app.integrations.auth.tokens import Token, read_token
from app.integrations.failures import AuthFailed, ContractDrift, Rejected, ServerFailed
from app.integrations.transports import reach
from app.integrations.transports.http.calls import Answer, Call
from app.integrations.transports.http.client import HttpClient
from app.integrations.transports.http.wire import Wire
from tests.integrations.http_server import Asked, HttpServer, reply

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


class Config(BaseModel):
    client_id: str = "cid"
    host: str = ""
    account: str = "svc@example"
    empty: str = ""


class Secrets(BaseModel):
    client_secret: SecretStr = SecretStr("s:e/c")
    api_key: SecretStr | None = SecretStr("key-1")
    private_key: SecretStr | None = None
    certificate: SecretStr | None = None


def keys(**changes: Any) -> Keys:
    config = {name: value for name, value in changes.items() if name in Config.model_fields}
    secret = {name: value for name, value in changes.items() if name in Secrets.model_fields}
    return Keys(Config(**config), Secrets(**secret))


def plain(text: str) -> str:
    return base64.b64decode(text.removeprefix("Basic ")).decode()


@pytest.mark.parametrize(
    ("auth", "headers"),
    [
        (NoAuth(), {}),
        (Basic("api_key"), {"authorization": "Basic a2V5LTE6"}),
        (Basic("api_key", '"x"'), {"authorization": "Basic a2V5LTE6eA=="}),
        (Basic("account", "client_secret"), {"authorization": "Basic c3ZjQGV4YW1wbGU6czplL2M="}),
        (Bearer("api_key"), {"authorization": "Bearer key-1"}),
        (ApiKey("X-Api-Key", "api_key"), {"x-api-key": "key-1"}),
        (ApiKey("Authorization", "api_key", "ApiKey "), {"authorization": "ApiKey key-1"}),
        (MutualTls(also=Bearer("api_key")), {"authorization": "Bearer key-1"}),
        (MutualTls(), {}),
    ],
)
def test_headers(auth: Auth, headers: dict[str, str]) -> None:
    assert credentials(auth, keys()) == headers
    assert not needs_token(auth)


def test_a_token_is_shown_as_the_provider_wants_it() -> None:
    token = Token("t-1", NOW)
    for auth in (
        OAuth2Client("https://a.example/t"),
        JwtAssertion("https://a.example/t"),
        MutualTls(also=OAuth2Client("https://a/t")),
    ):
        assert credentials(auth, keys(), token) == {"authorization": "Bearer t-1"}
        assert needs_token(auth)
        with pytest.raises(AuthFailed, match="token-missing"):
            credentials(auth, keys())
    partner = OAuth2Code("https://a.example/a", "https://a.example/t", presents=Presents.BASIC_USER)
    assert plain(credentials(partner, keys(), token)["authorization"]) == "t-1:"


def test_what_is_missing_or_unusable() -> None:
    for auth in (Basic("empty"), Bearer("unknown"), ApiKey("X", "private_key")):
        with pytest.raises(AuthFailed, match="credentials-missing"):
            credentials(auth, keys())
    with pytest.raises(AuthFailed, match="user-unusable"):
        credentials(Basic("client_secret"), keys())
    assert "key-1" not in repr(keys())


def test_certificate() -> None:
    held = certificate(MutualTls(), keys(certificate=SecretStr("C"), private_key=SecretStr("K")))
    assert held is not None
    assert (held.certificate, held.private_key) == ("C", "K")
    assert certificate(Basic("api_key"), keys()) is None
    with pytest.raises(AuthFailed):
        certificate(MutualTls(), keys())


def test_fields_that_must_exist() -> None:
    assert fields_of(NoAuth()) == set()
    assert fields_of(Basic("a", '"x"')) == {"a"}
    assert fields_of(MutualTls(also=OAuth2Client("https://t"))) == {
        "certificate",
        "private_key",
        "client_id",
        "client_secret",
    }
    assert fields_of(OAuth2Code("https://a", "https://t", proof=ClientProof.NONE)) == {"client_id"}
    assert fields_of(JwtAssertion("https://t", subject="account")) == {"client_id", "account", "private_key"}


def test_pkce_known_answer() -> None:
    """RFC 7636, appendix B."""
    assert (
        Pkce("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    )
    one, two = new_pkce(), new_pkce()
    assert one != two
    assert 43 <= len(one.verifier) <= 128
    assert one.verifier not in repr(one)


CODE = OAuth2Code("https://login.example/authorize", "https://login.example/token", {"read": "Read", "write": "Write"})


def test_authorize_address() -> None:
    pkce = new_pkce()
    url = urlsplit(authorize_url(CODE, keys(), redirect_uri="https://us.example/back?a=1", state="st", pkce=pkce))
    asked = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert asked == {
        "response_type": "code", "client_id": "cid", "redirect_uri": "https://us.example/back?a=1", "scope": "read write",
        "state": "st", "code_challenge": pkce.challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    with pytest.raises(ValueError, match="PKCE"):
        authorize_url(CODE, keys(), redirect_uri="https://us.example", state="st", pkce=None)
    bare = OAuth2Code("https://login.example/a?prompt=1", "https://login.example/token", pkce=False)
    assert "prompt=1&response_type=code" in authorize_url(bare, keys(), redirect_uri="x", state="y", pkce=None)
    assert "scope" not in authorize_url(bare, keys(), redirect_uri="x", state="y", pkce=None)


@pytest.mark.parametrize("host", ["evil.example/x", "a@evil.example", "a:8443", "a?b", "a#b", "..", "ü.example", "a b"])
def test_a_setting_cannot_bend_an_address(host: str) -> None:
    with pytest.raises(Rejected, match="address-unsafe"):
        address("https://{host}/ccx/token", keys(host=host))
    assert address("https://{host}/t/{client_id}", keys(host="wd3.example.com")) == "https://wd3.example.com/t/cid"


@pytest.fixture
def server() -> Iterator[HttpServer]:
    running = HttpServer(lambda _asked: reply(200, json.dumps({"access_token": "new", "expires_in": 3600}).encode()))
    with reach.within(reach.Reach(loopback=True)):
        yield running
    running.stop()


@pytest.fixture
def fetch(server: HttpServer) -> Callable[[Auth, Call], tuple[Answer, Asked]]:
    def _fetch(auth: Auth, call: Call) -> tuple[Answer, Asked]:
        with HttpClient(token_http(auth, keys()), Wire()) as client:
            return client.send(call), server.asked[-1]

    return _fetch


def form(asked: Asked) -> dict[str, str]:
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    return {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}


def test_client_credentials(server: HttpServer, fetch: Any) -> None:
    auth = OAuth2Client(f"{server.url}/oauth/token", ("a", "b"))
    answer, asked = fetch(auth, client_call(auth, keys()))
    assert (asked.method, asked.target) == ("POST", "/oauth/token")
    assert form(asked) == {"grant_type": "client_credentials", "scope": "a b"}
    assert plain(asked.headers["authorization"]) == "cid:s%3Ae%2Fc"
    token = read_token(answer, NOW)
    assert (token.access, token.expires_at) == ("new", NOW + timedelta(hours=1))


def test_code_with_pkce(server: HttpServer, fetch: Any) -> None:
    auth = OAuth2Code(f"{server.url}/a", f"{server.url}/t", proof=ClientProof.BODY)
    pkce = new_pkce()
    _, asked = fetch(auth, code_call(auth, keys(), code="c-1", redirect_uri="https://us.example/back", pkce=pkce))
    assert form(asked) == {
        "grant_type": "authorization_code", "code": "c-1", "redirect_uri": "https://us.example/back",
        "code_verifier": pkce.verifier, "client_id": "cid", "client_secret": "s:e/c",
    }  # fmt: skip
    assert "authorization" not in asked.headers


def test_code_as_json_without_pkce(server: HttpServer, fetch: Any) -> None:
    auth = OAuth2Code(
        f"{server.url}/a", f"{server.url}/v1/oauth/tokens", proof=ClientProof.BODY, encoding=Encoding.JSON, pkce=False
    )
    _, asked = fetch(auth, code_call(auth, keys(), code="c-1", redirect_uri="", pkce=None))
    assert json.loads(asked.body) == {
        "grant_type": "authorization_code", "code": "c-1", "client_id": "cid", "client_secret": "s:e/c",
    }  # fmt: skip


def test_refresh_and_revoke(server: HttpServer, fetch: Any) -> None:
    auth = OAuth2Code(f"{server.url}/a", f"{server.url}/t", revoke_url=f"{server.url}/r", proof=ClientProof.NONE)
    before = Token("old", NOW, refresh="r-1", scopes=("a",), extra={"realm": "7"})
    answer, asked = fetch(auth, refresh_call(auth, keys(), before))
    assert form(asked) == {"grant_type": "refresh_token", "refresh_token": "r-1", "client_id": "cid"}
    after = read_token(answer, NOW, before)
    assert (after.access, after.refresh, after.scopes, after.extra) == ("new", "r-1", ("a",), {"realm": "7"})
    more = read_token(Answer(200, {}, b'{"access_token": "x", "account": "9"}'), NOW, before)
    assert more.extra == {"realm": "7", "account": "9"}, "what came at the sign-in stays beside what a refresh brings"
    call = revoke_call(auth, keys(), before)
    _, asked = fetch(auth, call)
    assert (call.operation, asked.target, form(asked)["token"]) == ("oauth.revoke", "/r", "r-1")
    assert form(fetch(auth, revoke_call(auth, keys(), Token("only", NOW)))[1])["token"] == "only"
    with pytest.raises(AuthFailed, match="refresh-token-missing"):
        refresh_call(auth, keys(), Token("old", NOW))


@pytest.mark.parametrize("error", ["invalid_grant", "invalid_client", "unauthorized_client"])
def test_a_dead_grant_asks_a_person(server: HttpServer, error: str) -> None:
    auth = OAuth2Client(f"{server.url}/t")
    server.respond = lambda _asked: reply(400, json.dumps({"error": error}).encode())
    with HttpClient(token_http(auth, keys()), Wire()) as client:
        with pytest.raises(AuthFailed, match="grant-refused"):
            client.send(client_call(auth, keys()))
        server.respond = lambda _asked: reply(400, b'{"error": "invalid_scope"}')
        with pytest.raises(Rejected):
            client.send(client_call(auth, keys()))
        server.respond = lambda _asked: reply(500, b'{"error": "invalid_grant"}')
        with pytest.raises(ServerFailed):
            client.send(client_call(auth, keys()))


def answered(**facts: Any) -> Token:
    return read_token(Answer(200, {}, json.dumps(facts).encode()), NOW)


def test_reading_tokens() -> None:
    token = answered(
        access_token="a", refresh_token="r", scope="x,y z", expires_in="600", realm_id=7, token_type="bearer", odd=[1]
    )
    assert (token.refresh, token.scopes, token.extra) == ("r", ("x", "y", "z"), {"realm_id": "7"})
    assert token.expires_at == NOW + timedelta(minutes=10)
    assert "secret" not in repr(Token("secret-a", NOW, refresh="secret-r", extra={"id": "secret-x"}))
    assert not token.is_due(NOW + timedelta(seconds=479))
    assert token.is_due(NOW + timedelta(seconds=480))
    assert not answered(access_token="a").is_due(NOW + timedelta(days=9000))
    for wrong in (
        {},
        {"access_token": ""},
        {"access_token": 5},
        {"access_token": "a", "expires_in": "soon"},
        {"access_token": "a", "expires_in": []},
    ):
        with pytest.raises(ContractDrift):
            answered(**wrong)
    with pytest.raises(ContractDrift):
        read_token(Answer(200, {}, b"[]"), NOW)


def pem(key: Any) -> SecretStr:
    return SecretStr(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
    )


@pytest.fixture(scope="module")
def rsa_key() -> Any:
    return rsa.generate_private_key(65537, 2048)


def public(key: Any, kind: type[Any]) -> Any:
    return kind.import_key(
        key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def test_a_signed_statement_as_grant(server: HttpServer, fetch: Any, rsa_key: Any) -> None:
    """Google's service account."""
    auth = JwtAssertion(
        f"{server.url}/token", issuer="account", scopes=("drive.file",), key_id="client_id", seconds=600
    )
    held = keys(private_key=pem(rsa_key))
    _, asked = fetch(auth, assertion_call(auth, held, NOW))
    sent = form(asked)
    assert sent["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    read = jwt.decode(sent["assertion"], public(rsa_key, RSAKey), ["RS256"])
    begun = int(NOW.timestamp())
    once = read.claims.pop("jti")
    assert read.header == {"alg": "RS256", "typ": "JWT", "kid": "cid"}
    assert read.claims == {
        "iss": "svc@example", "aud": f"{server.url}/token", "iat": begun, "exp": begun + 600, "scope": "drive.file",
    }  # fmt: skip
    assert len(once) == 32


def test_a_signed_statement_as_client(server: HttpServer, fetch: Any) -> None:
    """Microsoft Entra."""
    key = ec.generate_private_key(ec.SECP256R1())
    auth = JwtAssertion(
        f"{server.url}/t", as_client=True, algorithm="ES256", audience="https://aud", scopes=(".default",)
    )
    _, asked = fetch(auth, assertion_call(auth, keys(private_key=pem(key)), NOW))
    sent = form(asked)
    claims = jwt.decode(sent.pop("client_assertion"), public(key, ECKey), ["ES256"]).claims
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("cid", "cid", "https://aud")
    assert "scope" not in claims
    assert sent == {
        "grant_type": "client_credentials", "scope": ".default", "client_id": "cid",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    }  # fmt: skip


@pytest.mark.parametrize("key", ["none", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"])
def test_keys_that_cannot_sign(key: str) -> None:
    with pytest.raises(AuthFailed, match="key-unreadable") as caught:
        sign(JwtAssertion("https://t.example"), keys(private_key=SecretStr(key)), NOW)
    assert caught.value.__context__ is None
    with pytest.raises(AuthFailed, match="credentials-missing"):
        sign(JwtAssertion("https://t.example"), keys(), NOW)


def test_only_token_kinds_have_a_token_address() -> None:
    with pytest.raises(TypeError):
        token_http(Basic("api_key"), keys())
