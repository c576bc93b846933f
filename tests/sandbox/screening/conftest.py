from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from app.integrations.adapters.checkr.adapter import Checkr, CheckrConfig, open_screening
from app.integrations.adapters.checkr.manifest import MANIFEST, CheckrSecrets
from app.integrations.api import Environment, open_api
from app.integrations.screening import Candidate, Invitation, Order, Report, WorkLocation
from app.integrations.transports import reach
from app.integrations.transports.http.calls import Answer, Call
from app.integrations.transports.http.client import HttpClient
from app.integrations.webhooks.delivery import Delivery, NotBelieved
from app.integrations.webhooks.door import Event, receive
from sandbox.client import Sandbox
from sandbox.launch import Running
from sandbox.screening.client import ScreeningClient
from tests.integrations.http_server import Asked, HttpServer, reply

KEY = "sk_sandbox_corridor"
PLACE = WorkLocation("US", "CA", "Oakland")
API, HOOKS = MANIFEST.api, MANIFEST.webhooks
assert API is not None
assert HOOKS is not None


def new_key() -> str:
    return str(uuid.uuid4())


@dataclass
class Line:
    """Corridor's side: the real adapter on a real connection."""

    http: HttpClient
    checkr: Checkr = field(default_factory=lambda: open_screening(CheckrConfig()))

    def send(self, call: Call) -> Answer:
        return self.http.send(call)

    def candidate(self, last_name: str = "Reyes", email: str = "jo@example.com", reference: str = "req-1") -> str:
        call = self.checkr.make_candidate(Candidate(reference, "Jo", last_name, email), new_key())
        return self.checkr.read_candidate(self.send(call))

    def invite(self, candidate_id: str, package: str = "essential", key: str = "") -> Invitation:
        call = self.checkr.invite(candidate_id, Order(package, [PLACE]), key or new_key())
        return self.checkr.read_invitation(self.send(call))

    def order(self, candidate_id: str, package: str = "essential", key: str = "") -> Report:
        call = self.checkr.order_report(candidate_id, Order(package, [PLACE]), key or new_key())
        return self.checkr.read_report(self.send(call))

    def report(self, report_id: str) -> Report:
        return self.checkr.read_report(self.send(self.checkr.get_report(report_id)))

    def start_adverse(self, report_id: str) -> str:
        items = self.checkr.read_adverse_items(self.send(self.checkr.list_adverse_items(report_id)))
        ids = [item.id for item in items]
        call = self.checkr.start_adverse_action(report_id, ids, new_key(), post_notice_at=None, postal=False)
        return self.checkr.read_adverse_action(self.send(call)).id


@dataclass
class Receiver:
    """The address webhooks come to. `refuse`: how many of the next to answer with 503."""

    server: HttpServer
    refuse: int = 0

    def answer(self, _asked: Asked) -> bytes:
        if self.refuse:
            self.refuse -= 1
            return reply(503)
        return reply(200)

    def believed(self, secret: str = KEY) -> list[Event]:
        """Events as our door reads them, in the order they came. Raises NotBelieved."""
        assert HOOKS is not None
        deliveries = [Delivery(asked.headers, asked.body) for asked in self.server.asked]
        return [event for one in deliveries for event in receive(HOOKS, one, [secret], datetime.now(UTC)).events]

    def refused(self) -> list[str]:
        """Why our door believes none of them."""
        assert HOOKS is not None
        found = []
        for asked in self.server.asked:
            with pytest.raises(NotBelieved) as caught:
                receive(HOOKS, Delivery(asked.headers, asked.body), [KEY], datetime.now(UTC))
            found.append(caught.value.reason.value)
        return found

    def kinds(self) -> list[str]:
        return [event.kind for event in self.believed()]


@pytest.fixture
def screening(box: Sandbox) -> Iterator[ScreeningClient]:
    yield box.screening
    box.screening.set_webhooks()


@pytest.fixture
def connect(running: Running, screening: ScreeningClient) -> Iterator[Callable[..., Line]]:
    """Opens a line: with another key, or with less patience."""
    opened = []

    def _connect(key: str = KEY, seconds: float = 30) -> Line:
        assert API is not None
        client = open_api(
            dataclasses.replace(API, deadline_seconds=seconds),
            CheckrConfig(),
            CheckrSecrets(api_key=SecretStr(key)),
            environment=Environment.STAGING,
            base_url=running.screening["checkr_url"],
        )
        opened.append(client)
        return Line(client)

    with reach.within(reach.Reach(loopback=True)):
        yield _connect
        for client in opened:
            client.close()


@pytest.fixture
def line(connect: Callable[..., Line]) -> Line:
    return connect()


@pytest.fixture
def receiver(screening: ScreeningClient) -> Iterator[Receiver]:
    found = Receiver(HttpServer(lambda _asked: reply(500)))
    found.server.respond = found.answer
    screening.set_webhooks(found.server.url + "/hook")
    yield found
    found.server.stop()
