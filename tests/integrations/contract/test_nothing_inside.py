"""Whatever address somebody types or a provider gives us, through whichever door: nobody inside of our network hears of it.

Inside is a listener that really listens on this machine and counts. What no listener can stand for (metadata services, private
networks, a name that turns) is in tests/integrations/test_reach.py, which every one of these doors goes through.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from pydantic import SecretStr
from uuid_utils.compat import uuid7

from app.connections.services import calling, providers
from app.connections.services.calling.link import reaching
from app.connections.services.calling.tokens import ask_token_address
from app.core.config import get_settings
from app.core.db import current_tenant
from app.hooks.services.sending import Message, post
from app.integrations.api import open_api
from app.integrations.failures import Failure
from app.integrations.transports import reach
from app.integrations.transports.http.calls import Call
from app.integrations.transports.sftp import SftpConfig, SftpSecrets, SftpTransport
from tests.connections import providers as p
from tests.integrations.http_server import HttpServer, reply

HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5q0SkKc2oQsKsk1vA9RphqTsjOn4GQ2pmMFsN0zGGq"


Links = dict[str, calling.Link]


@pytest.fixture
def links(company: UUID) -> Links:
    """Connections as a job has them, made while secrets may be written with a key for tests."""
    credentials = {"checkr": {"api_key": p.KEY}, "xero": {"client_id": "corridor", "client_secret": "secret"}}
    return {
        slug: p.link(
            p.make_connection(
                None, adapter=slug, code=slug, environment="production", credentials=own, max_retry_attempts=0
            ).id
        )
        for slug, own in credentials.items()
    }


def ask_api(links: Links, url: str) -> str:
    link = links["checkr"]
    with (
        reaching(link.manifest),
        open_api(
            link.api, link.config, link.secrets, environment=link.environment, base_url=url.removesuffix("/latest")
        ) as client,
    ):
        return code(client.exchange(Call("packages.list", "GET", "/packages")).failure)


def fetch_document(links: Links, url: str) -> str:
    with calling.open_provider(links["checkr"]) as provider:
        return code(provider.fetch(url, "document.fetch").failure)


def fetch_token(links: Links, url: str) -> str:
    return code(ask_token_address(links["xero"], Call("oauth.token", "POST", "/token", secret=True), url).failure)


def tell_webhook(_links: Links, url: str) -> str:
    return post(Message(current_tenant(), uuid7(), uuid7(), "msg_1", url, ("whsec_c2VjcmV0",), "{}")).failure


def open_files(_links: Links, url: str) -> str:
    parts = urlsplit(url)
    settings = SftpConfig(
        host=parts.hostname or "", port=parts.port or 22, username="x", host_key=HOST_KEY, connect_seconds=1
    )
    with reach.within(providers.own_reach()):
        files = SftpTransport(settings, SftpSecrets(password=SecretStr("x")))
    with pytest.raises(Failure) as refused:
        files.check()
    return refused.value.code


def code(failure: Failure | None) -> str:
    assert failure is not None
    return failure.code


HTTP: dict[str, Callable[[Links, str], str]] = {
    "a provider's API": ask_api,
    "a document of a provider": fetch_document,
    "a token address": fetch_token,
    "a webhook of ours": tell_webhook,
}
DOORS = HTTP | {"a server of files": open_files}
SPELLINGS = (
    "127.0.0.1", "localhost", "0", "127.1", "0x7f.1", "2130706433", "017700000001", "[::ffff:127.0.0.1]", "[::1]", "two.example",
)  # fmt: skip


@pytest.fixture(scope="module")
def inside() -> Iterator[HttpServer]:
    server = HttpServer(lambda _asked: reply(200, b'{"secret": "of ours"}'))
    yield server
    server.stop()


@pytest.fixture
def production(links: Links, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(get_settings(), "environment", "production")


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> None:
    """The owner of the name `two.example` gave it a good address and one of ours."""
    ask = socket.getaddrinfo

    def answer(host: Any, port: Any, *more: Any, **named: Any) -> Any:
        if host != "two.example":
            return ask(host, port, *more, **named)
        return [(socket.AF_INET, 1, 6, "", (address, port)) for address in ("93.184.215.14", "127.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", answer)


@pytest.mark.parametrize("door", DOORS)
def test_no_spelling_leads_inside(links: Links, production: None, two: None, inside: HttpServer, door: str) -> None:
    heard = inside.connections
    for host in SPELLINGS:
        for scheme in ("https", "http"):
            refused = DOORS[door](links, f"{scheme}://{host}:{inside.port}/latest")
            assert refused in ("host-not-allowed", "address-unsafe"), (scheme, host)
    assert inside.connections == heard


@pytest.mark.parametrize("status", [302, 307])
@pytest.mark.parametrize("door", HTTP)
def test_nobody_is_sent_inside(links: Links, inside: HttpServer, door: str, status: int) -> None:
    """Here this machine may be reached, so a redirect that is followed would arrive."""
    heard = inside.connections
    outside = HttpServer(lambda _asked: reply(status, b"", Location=f"{inside.url}/latest"))
    try:
        assert HTTP[door](links, f"{outside.url}/somewhere") == "redirect-refused"
        assert outside.asked
    finally:
        outside.stop()
    assert inside.connections == heard


def test_the_listener_inside_would_hear_it(company: UUID, inside: HttpServer) -> None:
    heard = inside.connections
    assert tell_webhook({}, f"{inside.url}/latest") == ""
    assert inside.connections == heard + 1
