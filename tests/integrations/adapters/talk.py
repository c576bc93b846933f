"""Real sockets between an adapter and a stand-in, without the application: a token, steps walked, resources read to the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from pydantic import BaseModel

from app.integrations.api import Environment, open_api
from app.integrations.auth import oauth
from app.integrations.auth.kinds import OAuth2Client
from app.integrations.auth.proof import Keys
from app.integrations.auth.tokens import Token, read_token
from app.integrations.contracts import Manifest
from app.integrations.ports import Steps, walk
from app.integrations.sync.mapping import Mapped, to_record
from app.integrations.sync.reading import Batch, Cursor, Item, Mode, Reading
from app.integrations.transports import reach
from app.integrations.transports.http.calls import Answer, Call
from app.integrations.transports.http.client import Http, HttpClient
from app.integrations.transports.http.wire import Wire
from sandbox.vendors.core import Vendor

T = TypeVar("T")


@dataclass
class Talk:
    """now: what the reader believes our clock says."""

    manifest: Manifest
    vendor: Vendor
    config: BaseModel
    secrets: BaseModel
    base: str = ""
    token: Token | None = None
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def sign_in(self) -> None:
        """Client credentials. Raises what the token address says."""
        assert self.manifest.api is not None
        auth = self.manifest.api.auth
        assert isinstance(auth, OAuth2Client)
        call = oauth.client_call(auth, Keys(self.config, self.secrets))
        with reach.within(reach.Reach(anywhere=True)), HttpClient(Http(self.vendor.url), Wire()) as client:
            self.token = read_token(client.send(call), datetime.now(UTC))

    @contextmanager
    def client(self) -> Iterator[HttpClient]:
        assert self.manifest.api is not None
        with (
            reach.within(reach.Reach(anywhere=True)),
            open_api(
                self.manifest.api, self.config, self.secrets, environment=Environment.PRODUCTION, token=self.token,
                base_url=self.vendor.url + self.base,
            ) as client,
        ):  # fmt: skip
            yield client

    def send(self, call: Call) -> Answer:
        with self.client() as client:
            return client.send(call)

    def run(self, steps: Steps[T]) -> T:
        return walk(steps, self.send)

    def batches(self, name: str, cursor: Cursor | None = None, mode: Mode = Mode.FULL) -> Iterator[Batch]:
        assert self.manifest.api is not None
        resource = self.manifest.api.resource(name)
        yield from resource.read(Reading(self.send, resource, self.config, mode, cursor or {}, self.now))

    def read(self, name: str, cursor: Cursor | None = None, mode: Mode = Mode.FULL) -> tuple[list[Item], Cursor]:
        """Everything, and the cursor of the last batch."""
        found = list(self.batches(name, cursor, mode))
        assert [batch.last for batch in found] == [False] * (len(found) - 1) + [True]
        return [item for batch in found for item in batch.items], found[-1].cursor

    def mapped(self, name: str, item: Item) -> Mapped:
        return mapped(self.manifest, name, item.raw, item.remote_id)


def mapped(manifest: Manifest, name: str, raw: Any, remote_id: str = "1") -> Mapped:
    """A record as the manifest maps it."""
    assert manifest.api is not None
    resource = manifest.api.resource(name)
    assert resource.kind is not None
    return to_record(resource.kind, resource.fields, remote_id, raw)
