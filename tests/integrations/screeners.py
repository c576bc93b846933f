"""What the tests of screening adapters share: a provider in memory, and answers from the adapter's samples."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel

import app.integrations.adapters
from app.integrations.api import Environment, open_api
from app.integrations.auth.tokens import Token
from app.integrations.contracts import Manifest
from app.integrations.protection.guard import Guard, Settled, settle
from app.integrations.protection.shelf import MemoryShelf
from app.integrations.screening import Candidate, Order, WorkLocation
from app.integrations.transports.http.calls import Answer, Call, Exchanged, Prepared, Reply
from app.integrations.transports.http.memory import MemoryCarrier

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
PERSON = Candidate("emp-7", "Renée", "O'Brien", "renee@example.com", phone="+15551234567", zip_code="94107")
PLACE = WorkLocation("US", "CA", "San Francisco", "San Francisco")
ORDER = Order("standard", [PLACE], candidate=PERSON)
SSN = b"219099999"


def answer(facts: Any) -> Answer:
    return Answer(200, {}, json.dumps(facts).encode())


def sample(adapter: str, name: str, **changes: Any) -> Answer:
    """One of the adapter's samples, as an answer; with `changes` in its outermost object."""
    body = (Path(app.integrations.adapters.__path__[0]) / adapter / "samples" / f"{name}.json").read_bytes().strip()
    return answer({**json.loads(body), **changes}) if changes else Answer(200, {}, body)


class Provider:
    """A connection to a provider that lives in memory: what leaves is in `seen`, what was kept in `kept`."""

    def __init__(
        self, manifest: Manifest, config: BaseModel, secrets: BaseModel, *, token: bool = False,
        environment: Environment = Environment.PRODUCTION,
    ) -> None:  # fmt: skip
        assert manifest.api is not None
        self.api, self.config, self.secrets = manifest.api, config, secrets
        self.respond: Callable[[Prepared], Reply] = lambda _asked: Reply(200, (), b"{}")
        self.carrier = MemoryCarrier(lambda asked: self.respond(asked))
        self.kept: list[Exchanged] = []
        access = Token("t-1", NOW) if token else None
        self.client = open_api(
            self.api, config, secrets, environment=environment, token=access, carrier=self.carrier
        )  # fmt: skip

    def ask(self, call: Call) -> Prepared:
        """The request as it leaves."""
        self.kept.append(self.client.exchange(call))
        return self.carrier.seen[-1]

    def settle(self, call: Call) -> Settled:
        """The whole way with retries, without waiting."""
        guard = Guard(MemoryShelf(), "x", "c", self.api.limits)
        return settle(
            lambda: self.client.exchange(call), guard, self.api.safety(call), self.api.retry, sleep=lambda _seconds: None,
            keep=self.kept.append,
        )  # fmt: skip


def line(asked: Prepared) -> str:
    return f"{asked.method} {asked.url}"
