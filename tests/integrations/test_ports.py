"""What a port's steps, an address that is a secret, another host and a hint without an id do, whoever the provider is."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from pydantic import BaseModel, SecretStr

from app.integrations.api import Api, Environment, Operation, open_api
from app.integrations.auth.kinds import Bearer, JwtAssertion, NoAuth
from app.integrations.auth.oauth import sign
from app.integrations.auth.proof import Keys
from app.integrations.contracts import NoSecrets
from app.integrations.failures import AuthFailed, Forbidden, NotFound, Rejected
from app.integrations.ports import Steps, walk
from app.integrations.protection.retry import Safety
from app.integrations.transports.http.calls import Answer, Call, Prepared, Raw, Reply, elsewhere
from app.integrations.transports.http.memory import MemoryCarrier
from app.integrations.webhooks.delivery import Delivery
from app.integrations.webhooks.door import Events, Webhooks, receive
from app.integrations.webhooks.kinds import BodyToken
from tests.integrations.http_server import make_certificate

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
LOOK, MAKE = Call("look", "GET", "/a"), Call("make", "POST", "/a")


class Hook(BaseModel):
    url: SecretStr | None = None
    token: SecretStr = SecretStr("t-1")


def find_or_make() -> Steps[str]:
    try:
        answer = yield LOOK
    except NotFound:
        answer = yield MAKE
    return str(answer.json()["id"])


def test_what_is_refused_is_told_to_the_steps() -> None:
    def send(call: Call) -> Answer:
        if call is LOOK:
            raise NotFound("not-found")
        return Answer(200, {}, b'{"id": 7}')

    assert walk(find_or_make(), send) == "7"


def test_a_refusal_the_steps_do_not_know_ends_them() -> None:
    def send(call: Call) -> Answer:
        raise Forbidden("forbidden")

    steps = find_or_make()
    with pytest.raises(Forbidden):
        walk(steps, send)
    with pytest.raises(StopIteration):
        next(steps)


URL = "https://prod-1.logic.example:443/workflows/7/invoke?api-version=1&sp=%2Ftriggers%2Frun&sig=s_3-x"
API = Api({Environment.PRODUCTION: "{url}"}, NoAuth(), operations=[Operation("post", "POST", "", Safety.ASK)])


@pytest.mark.parametrize(
    ("base_url", "wanted"),
    [("", URL), ("http://127.0.0.1:1/v", "http://127.0.0.1:1/v/workflows/7/invoke?" + URL.partition("?")[2])],
)
def test_an_address_may_be_the_secret_itself(base_url: str, wanted: str) -> None:
    carrier = MemoryCarrier(lambda _asked: Reply(202, (), b""))
    secrets = Hook(url=SecretStr(URL))
    with open_api(
        API, NoSecrets(), secrets, environment=Environment.PRODUCTION, base_url=base_url, carrier=carrier
    ) as client:
        exchanged = client.exchange(API.operation("post").call())
    assert carrier.seen[0].url.replace(":443/", "/") == wanted.replace(":443/", "/")
    assert "s_3-x" not in repr((exchanged, client, carrier.seen[0]))


@pytest.mark.parametrize("wrong", ["http://a.example/x", "https://a@b.example/x", "https:///x", "ftp://a.example"])
def test_a_secret_address_must_be_safe(wrong: str) -> None:
    with pytest.raises(Rejected, match="address-unsafe"):
        open_api(API, NoSecrets(), Hook(url=SecretStr(wrong)), environment=Environment.PRODUCTION)
    with pytest.raises(AuthFailed, match="credentials-missing"):
        open_api(API, NoSecrets(), Hook(), environment=Environment.PRODUCTION)


def test_credentials_stay_at_home_when_the_provider_sends_us_elsewhere() -> None:
    carrier = MemoryCarrier(lambda _asked: Reply(200, (), b"{}"))
    api = Api({Environment.PRODUCTION: "https://home.example"}, Bearer("token"), headers={"X-Tenant": "7"})
    with open_api(api, NoSecrets(), Hook(), environment=Environment.PRODUCTION, carrier=carrier) as client:
        call = elsewhere("https://store.example/up?k=1", "up", "PUT", Raw("text/plain", b"x"), {"content-range": "r"})
        client.send(call)
        client.send(LOOK)
    away, home = carrier.seen
    assert (away.method, away.url, away.body) == ("PUT", "https://store.example/up?k=1", b"x")
    assert {"authorization", "x-tenant"} & set(_headers(away)) == set()
    assert _headers(home)["authorization"] == "Bearer t-1"
    with pytest.raises(Rejected, match="address-unsafe"):
        elsewhere("http://store.example/up", "up", "PUT", Raw("text/plain", b"x"), {})


def _headers(asked: Prepared) -> dict[str, str]:
    return dict(asked.headers)


class Certified(BaseModel):
    client_id: str = "app-1"
    private_key: SecretStr
    certificate: SecretStr


def test_a_certificate_is_named_by_its_thumbprint() -> None:
    auth = JwtAssertion("https://login.example/t", as_client=True, certificate="certificate", algorithm="PS256")
    certificate, _ = make_certificate("corridor")
    key = RSAKey.generate_key(2048)
    pem = key.as_pem(private=True).decode()
    secrets = Certified(private_key=SecretStr(pem), certificate=SecretStr(certificate))
    token = jwt.decode(sign(auth, Keys(NoSecrets(), secrets), NOW), key, ["PS256"])
    assert len(token.header["x5t#S256"]) == 43
    assert token.claims["sub"] == token.claims["iss"] == "app-1"
    broken = Certified(private_key=SecretStr(pem), certificate=SecretStr("no certificate"))
    with pytest.raises(AuthFailed, match="certificate-unreadable"):
        sign(auth, Keys(NoSecrets(), broken), NOW)


def test_a_hint_without_an_id_counts_again_after_its_time() -> None:
    hooks = Webhooks(BodyToken("state", "value"), Events(items="value", kind="kind", each_seconds=60), "s")
    delivery = Delivery({}, json.dumps({"value": [{"state": "x", "kind": "updated"}]}).encode())
    first, soon, later = (
        receive(hooks, delivery, ["x"], NOW + timedelta(seconds=after)).events[0].id for after in (0, 30, 61)
    )
    assert first == soon
    assert later != first
