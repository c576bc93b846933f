"""Runs an adapter's steps and readers over real sockets against a vendor's stand-in, without the application around them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
from pydantic import BaseModel

import app.integrations.adapters
from app.integrations.api import Api, Environment, open_api
from app.integrations.auth import oauth
from app.integrations.auth.kinds import JwtAssertion, OAuth2Client, OAuth2Code, inner
from app.integrations.auth.proof import Keys
from app.integrations.auth.tokens import Token, read_token
from app.integrations.contracts import Manifest
from app.integrations.ports import Steps, walk
from app.integrations.sync.reading import Batch, Cursor, Mode, Reading
from app.integrations.transports import reach
from app.integrations.transports.http.calls import Answer, Call
from app.integrations.transports.http.client import HttpClient
from app.integrations.transports.http.wire import Wire
from sandbox.vendors.core import Vendor
from sandbox.vendors.core.serving import serving, vendor_class

T = TypeVar("T")


@contextmanager
def refereed(slug: str) -> Iterator[Vendor]:
    """The stand-in, held against the vendor's own description where that is here."""
    description = vendor_class(slug).description
    with serving(slug, referee=bool(description and description.is_here)) as vendor:
        yield vendor


@dataclass
class Line:
    """One connection to a stand-in. lose: how many answers to an operation get lost after they were given, and the worker with them.
    twice: an operation whose first answer gets lost, so that the very same call is sent again at once. base: of the provider's paths.
    seconds: a deadline instead of the API's own.
    """

    vendor: Vendor
    manifest: Manifest
    config: BaseModel
    secrets: BaseModel
    token: Token | None = None
    lose: dict[str, int] = field(default_factory=dict)
    twice: str = ""
    base: str = ""
    seconds: float = 0

    @property
    def api(self) -> Api:
        api = self.manifest.api_for(self.config)
        assert api is not None
        return replace(api, deadline_seconds=self.seconds) if self.seconds else api

    def run(self, steps: Steps[T]) -> T:
        with self._client() as client:
            return walk(steps, lambda call: self._send(client, call))

    def ask(self, call: Call) -> Answer:
        with self._client() as client:
            return client.send(call)

    def read(self, name: str, cursor: Cursor, mode: Mode = Mode.INCREMENTAL, most: int = 1000) -> list[Batch]:
        """The batches of one run, each acknowledged once it is here; at most so many: then the worker dies."""
        resource = self.api.resource(name)
        now, found = self.vendor.clock.now(), list[Batch]()
        with self._client() as client:
            for batch in resource.read(Reading(client.send, resource, self.config, mode, kept(cursor), now)):
                found.append(batch)
                if len(found) == most:
                    break
                for call in batch.done:
                    client.send(call)
        return found

    def fetch_token(self) -> Token:
        """As the application does it, straight from the token address of the stand-in; where a person has to allow it, somebody did."""
        auth, keys = inner(self.api.auth), Keys(self.config, self.secrets)
        now = self.vendor.clock.now()
        if isinstance(auth, OAuth2Code):
            return self._allowed(auth, now)
        assert isinstance(auth, OAuth2Client | JwtAssertion)
        call = (
            oauth.client_call(auth, keys) if isinstance(auth, OAuth2Client) else oauth.assertion_call(auth, keys, now)
        )
        http = oauth.token_http(auth, keys)
        object.__setattr__(http, "base_url", self.vendor.url)
        with reach.within(reach.Reach(loopback=True)), HttpClient(http, Wire()) as client:
            self.token = read_token(client.send(call), now)
        return self.token

    def _allowed(self, auth: OAuth2Code, now: datetime) -> Token:
        """Kept with the token: what comes back beside the code, then what is found out with it."""
        access = self.vendor.access.issue(next(iter(self.vendor.access.clients)), " ".join(auth.scopes)).access
        self.token = Token(access, now, extra=self.vendor.redirect_extra())
        found = {name: find(self.token, self.ask) for name, find in auth.asks.items()}
        self.token = replace(self.token, extra={**self.token.extra, **found})
        return self.token

    @contextmanager
    def _client(self) -> Iterator[HttpClient]:
        with (
            reach.within(reach.Reach(loopback=True)),
            open_api(
                self.api, self.config, self.secrets, environment=Environment.PRODUCTION, token=self.token,
                base_url=self.vendor.url + self.base,
            ) as client,
        ):  # fmt: skip
            yield client

    def _send(self, client: HttpClient, call: Call) -> Answer:
        if call.operation == self.twice:
            client.send(call)
        answer = client.send(call)
        if self.lose.get(call.operation, 0):
            self.lose[call.operation] -= 1
            raise Lost(call.operation)
        return answer


class Lost(Exception):
    """The work was done, and nobody knows."""


def kept(cursor: Cursor) -> Any:
    """As it comes back out of the database."""
    return json.loads(json.dumps(cursor))


def sample(slug: str, name: str) -> Any:
    """One of the adapter's samples."""
    return json.loads((Path(app.integrations.adapters.__path__[0]) / slug / "samples" / f"{name}.json").read_text())


def known_answer(provider: str) -> dict[str, Any]:
    """A published vector of a vendor's webhook. Skips where ../shared is absent."""
    file = Path(__file__).resolve().parents[4] / "shared/corpus/webhooks/known_answer_vectors.json"
    if not file.exists():
        pytest.skip("../shared/corpus is not here")
    found = {one["provider"]: one for one in json.loads(file.read_text())}
    return dict(found[provider])
