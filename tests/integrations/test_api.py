"""An HTTP provider as data: calls from it, a conversation opened by it, and every gap that stops the start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, Field, SecretStr

from app.integrations.api import Api, Environment, Operation, Resource, open_api
from app.integrations.auth.kinds import Basic, Bearer, MutualTls, OAuth2Client, OAuth2Code, UsernameToken
from app.integrations.auth.tokens import Token
from app.integrations.completeness import faults
from app.integrations.contracts import Capability, Category, Manifest
from app.integrations.failures import AuthFailed, Rejected
from app.integrations.protection.limits import Rate
from app.integrations.protection.retry import Safety
from app.integrations.registry import IncompleteAdapter, adapters, load_adapters
from app.integrations.sync.reading import item_of
from app.integrations.sync.records import Kind
from app.integrations.transports.http.calls import SECURITY, Call, Json, Raw, Reply
from app.integrations.transports.http.memory import MemoryCarrier
from app.integrations.webhooks.door import Events, Webhooks
from app.integrations.webhooks.kinds import Hmac
from tests.integrations.http_server import make_certificate


class Config(BaseModel):
    tenant: str = Field("acme", title="Tenant")
    client_id: str = Field("cid", title="Client")


class Secrets(BaseModel):
    api_key: SecretStr | None = Field(SecretStr("k"), title="Key")
    hook: SecretStr | None = Field(None, title="Webhook key")
    client_secret: SecretStr | None = Field(None, title="Client secret")
    certificate: SecretStr | None = Field(None, title="Certificate")
    private_key: SecretStr | None = Field(None, title="Private key")


MAKE = Operation("things.make", "POST", "/things", Safety.BY_KEY, "Idempotency-Key", key_hours=24)
API = Api(
    {Environment.PRODUCTION: "https://{tenant}.example/v1"},
    Basic("api_key"),
    limits=[Rate(10, 60)],
    resources=[Resource("thing", "/things/{id}", "/things", records="data")],
    operations=[MAKE, Operation("things.drop", "DELETE", "/things/{id}", Safety.FREE)],
)
HOOKS = Webhooks(Hmac("X-Sign"), Events(id="id", about={"thing.*": "thing"}), "hook")
MANIFEST = Manifest(
    "toy", "Toy", Category.SCREENING, "https://docs.example", "us", Config, Secrets, api=API, webhooks=HOOKS
)


def test_calls() -> None:
    assert API.resource("thing").get("7", (("a", "1"),)) == Call(
        "thing.get", "GET", "/things/{id}", {"id": "7"}, (("a", "1"),)
    )
    assert API.resource("thing").list() == Call("thing.list", "GET", "/things")
    made = API.operation("things.make").call(Json({}), key="k-1")
    assert made.headers == {"Idempotency-Key": "k-1"}
    assert API.operation("things.drop").call(fills={"id": "7"}).headers == {}
    with pytest.raises(ValueError, match="idempotency key"):
        MAKE.call(Json({}))
    for find in (API.resource, API.operation):
        with pytest.raises(KeyError):
            find("none")


def test_safety_of_calls() -> None:
    made = MAKE.call(Json({}), key="k")
    assert API.safety(made) is Safety.BY_KEY
    assert API.safety(made, hours_since_first=23.9) is Safety.BY_KEY
    assert API.safety(made, hours_since_first=24) is Safety.CHECK_FIRST, "the provider has forgotten the key"
    assert replace(API, operations=[replace(MAKE, key_hours=0)]).safety(made, hours_since_first=9999) is Safety.BY_KEY
    assert API.safety(API.resource("thing").get("7")) is Safety.FREE
    assert API.safety(Call("unknown", "POST", "/x")) is Safety.ASK


def opened(api: Api = API, **more: Any) -> tuple[Any, MemoryCarrier]:
    carrier = MemoryCarrier(lambda _asked: Reply(200, (), b"{}"))
    facts = {"environment": Environment.PRODUCTION, "carrier": carrier, **more}
    return open_api(api, Config(), Secrets(), **facts), carrier


def test_opening() -> None:
    client, carrier = opened()
    client.send(API.resource("thing").get("7"))
    assert carrier.seen[0].url == "https://acme.example/v1/things/7"
    assert dict(carrier.seen[0].headers)["authorization"] == "Basic azo="
    sandbox, carrier = opened(base_url="http://localhost:9000/checkr")
    sandbox.send(API.resource("thing").list())
    assert carrier.seen[0].url == "http://localhost:9000/checkr/things"
    with_token = replace(API, auth=OAuth2Client("https://t.example/t"))
    client, carrier = opened(with_token, token=Token("t", datetime.now(UTC)))
    client.send(API.resource("thing").list())
    assert dict(carrier.seen[0].headers)["authorization"] == "Bearer t"


def test_credentials_inside_of_a_body_stand_in_no_record() -> None:
    """WS-Security: escaped into the envelope on its way out; what is kept of the call is the envelope without them."""
    secrets = Secrets(api_key=SecretStr('p<&"word'))
    api = replace(API, auth=UsernameToken("isu@{tenant}", "api_key"))
    assert faults(replace(MANIFEST, api=api, webhooks=None), "toy") == []
    carrier = MemoryCarrier(lambda _asked: Reply(200, (), b"<ok/>"))
    client = open_api(api, Config(), secrets, environment=Environment.PRODUCTION, carrier=carrier)
    envelope = b"<env:Header>" + SECURITY + b"</env:Header>"
    kept = client.exchange(MAKE.call(Raw("text/xml", envelope), key="k"))
    sent = carrier.seen[0].body
    assert b"<wsse:Username>isu@acme</wsse:Username>" in sent
    assert b'#PasswordText">p&lt;&amp;&quot;word</wsse:Password>' in sent
    assert dict(carrier.seen[0].headers)["content-length"] == str(len(sent))
    assert kept.request_body == envelope
    assert "authorization" not in dict(carrier.seen[0].headers)
    with pytest.raises(AuthFailed, match="credentials-missing"):
        opened(replace(API, auth=UsernameToken("isu@{tenant}", "hook")))


def test_opening_without_what_it_takes() -> None:
    with pytest.raises(AuthFailed):
        opened(replace(API, auth=Bearer("hook")))
    with pytest.raises(AuthFailed):
        opened(replace(API, auth=OAuth2Client("https://t.example/t")))
    with pytest.raises(AuthFailed):
        opened(replace(API, auth=MutualTls()), carrier=None)
    with pytest.raises(Rejected, match="address-missing"):
        opened(environment=Environment.STAGING)
    with pytest.raises(Rejected):
        open_api(API, Config(tenant="evil.example/"), Secrets(), environment=Environment.PRODUCTION)


def test_what_came_with_the_token_may_stand_in_the_address() -> None:
    auth = OAuth2Code("https://a.example", "https://t.example", keeps=("realmId",))
    api = replace(API, auth=auth, base_urls={Environment.PRODUCTION: "https://x.example/company/{realmId}"})
    assert faults(replace(MANIFEST, api=api, webhooks=None), "toy") == []
    token = Token("t", datetime.now(UTC), extra={"realmId": "4620"})
    with open_api(api, Config(), Secrets(), environment=Environment.PRODUCTION, token=token) as client:
        assert "x.example" in repr(client)
    with pytest.raises(AuthFailed, match="credentials-missing"):
        open_api(api, Config(), Secrets(), environment=Environment.PRODUCTION, token=replace(token, extra={}))


def test_a_header_may_hold_a_setting() -> None:
    api = replace(API, headers={"X-Tenant": "{tenant}", "X-Unit": "{unit}"})
    client, carrier = opened(api)
    client.send(api.resource("thing").list())
    headers = dict(carrier.seen[0].headers)
    assert headers["x-tenant"] == "acme"
    assert "x-unit" not in headers
    assert "settings that do not exist: unit" in "".join(faults(replace(MANIFEST, api=api), "toy"))


def test_opening_a_real_wire() -> None:
    certificate, key = make_certificate("corridor")
    secrets = Secrets(certificate=SecretStr(certificate), private_key=SecretStr(key))
    with open_api(replace(API, auth=MutualTls()), Config(), secrets, environment=Environment.PRODUCTION) as client:
        assert "acme.example" in repr(client)


def test_what_it_offers_is_derived() -> None:
    assert MANIFEST.capabilities == {Capability.API, Capability.WEBHOOKS}
    assert MANIFEST.offers == {"read:thing", "write:things.make", "write:things.drop", "webhook:thing"}
    by_person = replace(
        MANIFEST, api=replace(API, auth=OAuth2Code("https://a.example", "https://t.example")), webhooks=None
    )
    assert by_person.capabilities == {Capability.API, Capability.SIGN_IN}
    assert adapters()["edi834"].offers == frozenset()


def test_complete() -> None:
    assert faults(MANIFEST, "toy") == []
    assert (
        faults(replace(MANIFEST, api=replace(API, auth=OAuth2Code("https://a.example", "https://t.example"))), "toy")
        == []
    )


class Untitled(BaseModel):
    hook: SecretStr
    api_key: SecretStr


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"base_urls": {Environment.STAGING: "https://x.example"}}, "one for production"),
        ({"base_urls": {Environment.PRODUCTION: "http://x.example"}}, "begin with https"),
        ({"base_urls": {Environment.PRODUCTION: "https://x.example/"}}, "end with a slash"),
        ({"base_urls": {Environment.PRODUCTION: "https://{host}.example"}}, "do not exist: host"),
        ({"auth": Basic("key")}, "do not exist: key"),
        ({"auth": OAuth2Client("http://t.example")}, "begin with https"),
        ({"auth": OAuth2Code("https://{realm}.example", "https://t.example")}, "do not exist: realm"),
        ({"auth": OAuth2Code("https://a.example", "https://t.example", {"read": ""})}, "needs plain words"),
        ({"auth": OAuth2Code("https://a.example", "https://t.example", ("read",))}, "needs plain words"),
        ({"operations": [MAKE, MAKE]}, "named twice: things.make"),
        ({"resources": [Resource("thing")]}, "resources without a path: thing"),
        ({"operations": [replace(MAKE, key_header="")]}, "without key_header: things.make"),
        ({"operations": (), "resources": ()}, "needs a resource or an operation"),
        ({"limits": ()}, "needs limits"),
        ({"limits": [Rate(0, 60)]}, "let something through"),
        ({"deadline_seconds": 0}, "above zero"),
    ],
)
def test_an_api_with_a_gap(changes: dict[str, Any], fault: str) -> None:
    found = faults(replace(MANIFEST, api=replace(API, **changes), webhooks=None), "toy")
    assert len(found) == 1
    assert fault in found[0]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"verifier": None}, "webhooks without a verifier"),
        ({"secret": "none"}, "must name a field of secrets"),
        ({"secret": ""}, "must name a field of secrets"),
        ({"otherwise": "none"}, "otherwise must name a field of secrets"),
        ({"verifier": Hmac("X", message="{timestamp}")}, "must hold {body}"),
        ({"verifier": Hmac("X", timestamp_header="T", tolerance_seconds=0)}, "needs tolerance_seconds"),
        ({"events": Events(about={"x": "nothing"})}, "do not exist: nothing"),
        ({"most_bytes": 0}, "above zero"),
    ],
)
def test_webhooks_with_a_gap(changes: dict[str, Any], fault: str) -> None:
    found = faults(replace(MANIFEST, webhooks=replace(HOOKS, **changes)), "toy")
    assert len(found) == 1
    assert fault in found[0]


def test_gaps_of_every_manifest() -> None:
    nothing = replace(MANIFEST, api=None, webhooks=None, secrets=Untitled, docs="", name="")
    found = faults(nothing, "other")
    for fault in (
        "name of the folder",
        "name and owner",
        "https address",
        "it can do nothing",
        "without a title: hook, api_key",
    ):
        assert any(fault in text for text in found), fault
    only_hooks = replace(MANIFEST, api=None, webhooks=replace(HOOKS, events=Events()))
    assert faults(only_hooks, "toy") == []


def test_what_is_read_must_be_kept() -> None:
    """`only` says what is kept of a record; a path that leads to something else would always find nothing."""
    thing = Resource("thing", "/t/{id}", "/t", kind=Kind.CONTACT, fields={"name": "person.name"}, only=("id", "name"))
    api = replace(API, resources=(thing,))
    assert "does not keep (only): person" in "".join(faults(replace(MANIFEST, api=api, webhooks=None), "toy"))
    kept = item_of(replace(thing, only=("id", "person")), {"id": "1", "person": {"name": "a"}, "ssn": "x"})
    assert set(kept.raw) == {"id", "person"}


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    def _load(package: str, *, verifier: str, sample: bool) -> Any:
        home = tmp_path / package / "toy"
        (home / "samples").mkdir(parents=True)
        for path in (tmp_path / package / "__init__.py", home / "__init__.py", home / "README.md"):
            path.touch()
        if sample:
            (home / "samples" / "thing.json").write_text("{}")
        (home / "manifest.py").write_text(
            "from dataclasses import replace\n"
            "from app.integrations.webhooks.kinds import Hmac\n"
            "from tests.integrations.test_api import HOOKS, MANIFEST as KNOWN\n"
            f"MANIFEST = replace(KNOWN, webhooks=replace(HOOKS, verifier={verifier}))\n"
        )
        monkeypatch.syspath_prepend(tmp_path)
        return load_adapters(tmp_path / package, package)

    return _load


def test_a_folder_is_an_adapter(load: Any) -> None:
    assert load("toys_one", verifier="Hmac('X')", sample=True)["toy"].name == "Toy"


def test_the_start_stops(load: Any) -> None:
    with pytest.raises(IncompleteAdapter, match="webhooks without a verifier"):
        load("toys_two", verifier="None", sample=True)
    with pytest.raises(IncompleteAdapter, match="samples is empty"):
        load("toys_three", verifier="Hmac('X')", sample=False)
