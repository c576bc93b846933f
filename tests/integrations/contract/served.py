"""An adapter and its stand-in, joined by the hints the stand-in gives: nothing here knows a provider."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel

from app.integrations.api import Api, Resource, open_api
from app.integrations.auth import oauth
from app.integrations.auth.kinds import JwtAssertion, OAuth2Client, OAuth2Code, inner
from app.integrations.auth.proof import Keys
from app.integrations.auth.tokens import Token, read_token
from app.integrations.contracts import Manifest
from app.integrations.failures import Failure
from app.integrations.registry import adapters
from app.integrations.sync.reading import Batch, Cursor, Mode, Reading
from app.integrations.transports import reach
from app.integrations.transports.http.calls import Answer, Call
from app.integrations.transports.http.client import HttpClient
from app.integrations.transports.http.wire import Wire
from sandbox.vendors.core.serving import slugs

ADAPTERS = sorted(slug for slug, one in adapters().items() if one.api is not None and slug in slugs())
READING = [slug for slug in ADAPTERS if adapters()[slug].synced]
READ = [(slug, resource.name) for slug in READING for resource in adapters()[slug].synced]


@dataclass
class Served:
    """client: speaks to the stand-in as the adapter would to the provider."""

    manifest: Manifest
    vendor: Any
    config: BaseModel
    secrets: BaseModel
    api: Api
    client: HttpClient

    def ask(self, call: Call) -> Answer:
        return self.client.exchange(call).result()

    def read(self, resource: Resource, mode: Mode = Mode.FULL, cursor: Cursor | None = None) -> list[Batch]:
        now = self.vendor.clock.now()
        return list(resource.read(Reading(self.ask, resource, self.config, mode, cursor or {}, now)))

    def resource(self, name: str) -> Resource:
        return self.api.resource(name)

    def first(self) -> Call:
        """A first request of the first thing that is read, whatever the reader makes of the answer."""
        asked: list[Call] = []

        def stop(call: Call) -> Answer:
            asked.append(call)
            raise Failure("stop")

        resource = self.manifest.synced[0]
        reading = Reading(stop, resource, self.config, Mode.FULL, {}, self.vendor.clock.now())
        with contextlib.suppress(Failure):
            list(resource.read(reading))
        return asked[0]


def filled(model: type[BaseModel], hints: dict[str, Any]) -> BaseModel:
    """Settings or secrets out of the stand-in's hints, then out of the examples of the model."""
    values = {}
    for name, info in model.model_fields.items():
        if hints.get(name):
            values[name] = hints[name]
        elif info.is_required():
            values[name] = (info.examples or ["sandbox"])[0]
    return model.model_validate(values)


@contextlib.contextmanager
def joined(slug: str, vendor: Any) -> Iterator[Served]:
    manifest, hints = adapters()[slug], vendor.hints()
    config, secrets = filled(manifest.config, hints), filled(manifest.secrets, hints)
    api = manifest.api_for(config)
    assert api is not None
    base = hints.get("api_url") or hints.get("base_url") or vendor.url + hints.get("path", "")
    with reach.within(reach.Reach(anywhere=True, loopback=True)):
        token = _token(api, vendor, Keys(config, secrets))
        client = open_api(
            api, config, secrets, environment=next(iter(api.base_urls)), token=token, base_url=base
        )  # fmt: skip
    with client:
        yield Served(manifest, vendor, config, secrets, api, client)


def _token(api: Api, vendor: Any, keys: Keys) -> Token | None:
    auth = inner(api.auth)
    if isinstance(auth, OAuth2Code):
        access = vendor.access.issue(next(iter(vendor.access.clients)), " ".join(auth.scopes)).access
        return Token(access, datetime.now(UTC), None, extra=vendor.redirect_extra())
    if isinstance(auth, OAuth2Client | JwtAssertion):
        call = (
            oauth.client_call(auth, keys)
            if isinstance(auth, OAuth2Client)
            else oauth.assertion_call(auth, keys, datetime.now(UTC))
        )
        with HttpClient(oauth.Http(vendor.url), Wire()) as client:
            return read_token(client.exchange(call).result(), datetime.now(UTC), None)
    return None
