from __future__ import annotations

from collections.abc import Iterator

import httpx2
import pytest

from sandbox.vendors.bamboohr import CLIENT, KEY, BambooHR
from sandbox.vendors.core.serving import serving
from sandbox.vendors.core.vendor import Vendor
from tests.integrations.http_server import Asked, HttpServer, reply

SCOPES = "employee employee_directory field time_off webhooks offline_access"


@pytest.fixture(scope="session")
def served() -> Iterator[Vendor]:
    """Judged where the vendors' descriptions are."""
    with serving("bamboohr", referee=True) as vendor:
        yield vendor


@pytest.fixture
def bamboo(served: Vendor) -> Iterator[BambooHR]:
    """As at the start; at the end neither side has broken the description."""
    assert isinstance(served, BambooHR)
    served.clock.set_offset(0)
    served.reset()
    yield served
    served.referee.settle()


@pytest.fixture
def http(bamboo: BambooHR) -> Iterator[httpx2.Client]:
    """With the API key."""
    with httpx2.Client(base_url=bamboo.url, auth=(KEY, "x"), timeout=5) as client:
        yield client


@pytest.fixture
def signed_in(bamboo: BambooHR) -> Iterator[httpx2.Client]:
    """With a token."""
    token = bamboo.access.issue(CLIENT, SCOPES)
    proof = {"Authorization": f"Bearer {token.access}"}
    with httpx2.Client(base_url=bamboo.url, headers=proof, timeout=5) as client:
        yield client


class Receiver:
    """Where webhooks come to. statuses: the next answers; then 200."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.server = HttpServer(lambda _: reply(self.statuses.pop(0) if self.statuses else 200))

    @property
    def url(self) -> str:
        return self.server.url + "/hook"

    @property
    def came(self) -> list[Asked]:
        return self.server.asked


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()
    yield found
    found.server.stop()
