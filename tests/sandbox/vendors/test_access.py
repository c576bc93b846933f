"""Ways in: key, code with PKCE, client credentials, refresh with rotation, assertions, end and revocation."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from pydantic import BaseModel, SecretStr

from app.integrations.auth.kinds import OAuth2Code
from app.integrations.auth.oauth import code_call, new_pkce, refresh_call, token_http
from app.integrations.auth.proof import Keys
from app.integrations.auth.tokens import read_token
from app.integrations.transports import reach
from app.integrations.transports.http.client import HttpClient
from app.integrations.transports.http.wire import Wire
from sandbox.vendors.bamboohr import CLIENT, KEY, SECRET, BambooHR
from sandbox.vendors.core import Client
from tests.sandbox.vendors.conftest import SCOPES


class Nothing(BaseModel):
    """No settings."""


class Proof(BaseModel):
    client_id: SecretStr
    client_secret: SecretStr


BACK = "http://127.0.0.1:1/back?keep=1"
TOKEN = "/token.php?request=token"
ONE = "/api/v1/employees/1"


@pytest.fixture
def stranger(bamboo: BambooHR) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=bamboo.url, timeout=5) as client:
        yield client


def consent(stranger: httpx2.Client, answer: str = "allow", verifier: str = "") -> dict[str, str]:
    """Goes through the page as a person would; what came back on the redirect."""
    asked = {
        "client_id": CLIENT, "redirect_uri": BACK, "state": "s-1", "scope": SCOPES, "response_type": "code",
    }  # fmt: skip
    if verifier:
        digest = hashlib.sha256(verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        asked |= {"code_challenge": challenge, "code_challenge_method": "S256"}
    page = stranger.get("/authorize.php", params=asked).text
    shown = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    answered = stranger.post("/authorize.php", data={**shown, "answer": answer})
    assert answered.status_code == 303
    assert answered.headers["Location"].startswith("http://127.0.0.1:1/back?keep=1&")
    return {name: values[0] for name, values in parse_qs(urlsplit(answered.headers["Location"]).query).items()}


def exchange(stranger: httpx2.Client, **fields: str) -> httpx2.Response:
    form = {"grant_type": "authorization_code", "client_id": CLIENT, "client_secret": SECRET, "redirect_uri": BACK}
    return stranger.post(TOKEN, data={**form, **fields})


def refresh(stranger: httpx2.Client, token: str) -> httpx2.Response:
    return stranger.post(TOKEN, data={"grant_type": "refresh_token", "refresh_token": token}, auth=(CLIENT, SECRET))


@pytest.mark.parametrize("proof", [None, (KEY, "y"), ("other", "x")])
def test_a_wrong_key_is_refused(stranger: httpx2.Client, bamboo: BambooHR, proof: tuple[str, str] | None) -> None:
    assert stranger.get(ONE, auth=proof).status_code == 401
    bamboo.referee.violations.clear()  # the request without credentials is the point of this test


def test_a_code_gives_a_token_once(stranger: httpx2.Client, bamboo: BambooHR) -> None:
    verifier = secrets.token_urlsafe(32)
    came = consent(stranger, verifier=verifier)
    assert (came["state"], came["keep"]) == ("s-1", "1")
    token = exchange(stranger, code=came["code"], code_verifier=verifier).json()
    assert (token["token_type"], token["expires_in"], token["scope"]) == ("Bearer", 3600, SCOPES)
    assert stranger.get(ONE, headers={"Authorization": f"Bearer {token['access_token']}"}).status_code == 200
    again = exchange(stranger, code=came["code"], code_verifier=verifier)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"code_verifier": "another"}, "invalid_grant"),
        ({"redirect_uri": "http://127.0.0.1:1/other"}, "invalid_grant"),
        ({"client_secret": "no"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_a_code_needs_everything_that_belongs_to_it(stranger: httpx2.Client, wrong: dict[str, str], error: str) -> None:
    came = consent(stranger, verifier="v" * 43)
    answer = exchange(stranger, **{"code": came["code"], "code_verifier": "v" * 43, **wrong})
    assert (answer.status_code in (400, 401), answer.json()["error"]) == (True, error)


def test_a_code_ends(stranger: httpx2.Client, bamboo: BambooHR) -> None:
    came = consent(stranger)
    bamboo.clock.advance(601)
    assert exchange(stranger, code=came["code"]).json()["error"] == "invalid_grant"


def test_who_denies_comes_back_with_an_error(stranger: httpx2.Client) -> None:
    came = consent(stranger, "deny")
    assert (came["error"], came["state"]) == ("access_denied", "s-1")
    assert "code" not in came


def test_an_unknown_client_is_never_redirected(stranger: httpx2.Client) -> None:
    asked = {"client_id": "nobody", "redirect_uri": BACK, "response_type": "code"}
    answer = stranger.get("/authorize.php", params=asked)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client")


def test_without_offline_access_there_is_nothing_to_refresh_with(bamboo: BambooHR) -> None:
    assert bamboo.access.issue(CLIENT, "employee").refresh == ""


def test_a_refresh_token_dies_when_it_is_used(stranger: httpx2.Client, bamboo: BambooHR) -> None:
    old = bamboo.access.issue(CLIENT, SCOPES)
    new = refresh(stranger, old.refresh).json()
    assert new["refresh_token"] != old.refresh
    assert refresh(stranger, old.refresh).json()["error"] == "invalid_grant"
    assert refresh(stranger, new["refresh_token"]).status_code == 200
    assert (bamboo.access.counts["refreshes"], bamboo.access.counts["dead_refreshes"]) == (2, 1)


def test_a_used_refresh_token_may_live_on_for_a_while(stranger: httpx2.Client, bamboo: BambooHR) -> None:
    bamboo.terms(grace_seconds=60)
    old = bamboo.access.issue(CLIENT, SCOPES)
    assert [refresh(stranger, old.refresh).status_code for _ in range(2)] == [200, 200]
    bamboo.clock.advance(61)
    assert refresh(stranger, old.refresh).status_code == 400


def test_a_used_refresh_token_may_end_all_of_its_family(stranger: httpx2.Client, bamboo: BambooHR) -> None:
    bamboo.terms(reuse_revokes=True)
    old = bamboo.access.issue(CLIENT, SCOPES)
    new = refresh(stranger, old.refresh).json()
    assert refresh(stranger, old.refresh).status_code == 400
    assert refresh(stranger, new["refresh_token"]).status_code == 400


def test_of_many_who_use_a_refresh_token_at_once_one_wins(bamboo: BambooHR) -> None:
    old, ready = bamboo.access.issue(CLIENT, SCOPES), threading.Barrier(8)

    def use(_: int) -> int:
        with httpx2.Client(base_url=bamboo.url, timeout=5) as client:
            ready.wait()
            return refresh(client, old.refresh).status_code

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(use, range(8))) == [200] + [400] * 7
    assert (bamboo.access.counts["refreshes"], bamboo.access.counts["dead_refreshes"]) == (1, 7)


def test_corridors_own_calls_get_and_renew_a_token(stranger: httpx2.Client, bamboo: BambooHR) -> None:
    """By the manifest: address with its query, PKCE, form."""
    auth = OAuth2Code(bamboo.url + "/authorize.php", bamboo.url + TOKEN)
    proof = Proof(client_id=SecretStr(CLIENT), client_secret=SecretStr(SECRET))
    keys, pkce = Keys(Nothing(), proof), new_pkce()
    code = consent(stranger, verifier=pkce.verifier)["code"]
    call = code_call(auth, keys, code=code, redirect_uri=BACK, pkce=pkce)
    with reach.within(reach.Reach(loopback=True)), HttpClient(token_http(auth, keys), Wire()) as client:
        token = read_token(client.send(call), bamboo.clock.now())
        renewed = read_token(client.send(refresh_call(auth, keys, token)), bamboo.clock.now())
    assert stranger.get(ONE, headers={"Authorization": f"Bearer {renewed.access}"}).status_code == 200


def test_a_token_address_without_its_query_is_refused(stranger: httpx2.Client) -> None:
    form = {"grant_type": "client_credentials", "scope": "employee"}
    assert stranger.post("/token.php", data=form, auth=(CLIENT, SECRET)).json()["error"] == "invalid_request"


def test_a_fault_at_the_token_address_speaks_oauth(stranger: httpx2.Client, bamboo: BambooHR) -> None:
    bamboo.fault("status", "/token.php", status=400)
    assert refresh(stranger, bamboo.access.issue(CLIENT, SCOPES).refresh).json() == {"error": "invalid_grant"}


def test_without_rotation_the_refresh_token_stays(stranger: httpx2.Client, bamboo: BambooHR) -> None:
    bamboo.terms(rotates=False)
    old = bamboo.access.issue(CLIENT, SCOPES)
    assert [refresh(stranger, old.refresh).json()["refresh_token"] for _ in range(2)] == [old.refresh] * 2


def test_a_token_ends_by_the_clock_and_by_revocation(signed_in: httpx2.Client, bamboo: BambooHR) -> None:
    assert signed_in.get(ONE).status_code == 200
    bamboo.access.revoke(bamboo.access.issue(CLIENT, SCOPES).access)
    assert signed_in.get(ONE).status_code == 200  # another consent
    bamboo.clock.advance(3601)
    assert signed_in.get(ONE).status_code == 401
    other = bamboo.access.issue(CLIENT, SCOPES)
    proof = {"Authorization": f"Bearer {other.access}"}
    assert signed_in.get(ONE, headers=proof).status_code == 200
    bamboo.access.revoke(other.refresh)
    assert signed_in.get(ONE, headers=proof).status_code == 401


def test_a_scope_that_was_not_asked_for_is_not_there(stranger: httpx2.Client, bamboo: BambooHR) -> None:
    proof = {"Authorization": f"Bearer {bamboo.access.issue(CLIENT, 'employee').access}"}
    assert stranger.get(ONE, headers=proof).status_code == 200
    assert stranger.get("/api/v1/meta/fields", headers=proof).status_code == 403


def test_a_client_may_act_for_itself_by_secret_or_by_its_signature(stranger: httpx2.Client, bamboo: BambooHR) -> None:
    form = {"grant_type": "client_credentials", "scope": "employee"}
    assert "refresh_token" not in stranger.post(TOKEN, json=form, auth=(CLIENT, SECRET)).json()
    for key, algorithm in ((RSAKey.generate_key(2048), "RS256"), (ECKey.generate_key("P-256"), "ES256")):
        name = f"robot-{algorithm}"
        bamboo.access.clients[name] = Client(public_key=key.as_pem(private=False).decode(), scopes="employee")
        for seconds, status in ((60, 200), (-60, 401)):
            claims = {"iss": name, "exp": int(bamboo.clock.now().timestamp()) + seconds}
            signed = jwt.encode({"alg": algorithm}, claims, key, [algorithm])
            asked = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": signed}
            assert stranger.post(TOKEN, data=asked).status_code == status
