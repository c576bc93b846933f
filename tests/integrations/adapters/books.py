"""Reading a vendor's books to the end over real sockets, for the accounting adapters."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr

from app.integrations import adapters
from app.integrations.api import Environment, Resource, open_api
from app.integrations.auth.tokens import Token
from app.integrations.contracts import Manifest
from app.integrations.sync.mapping import to_record
from app.integrations.sync.reading import Batch, Cursor, Mode, Reading
from app.integrations.sync.records import Record
from app.integrations.transports.http.client import HttpClient
from sandbox.vendors.core import Vendor

ADAPTERS = Path(adapters.__file__ or "").parent


class Books:
    """A connection of an adapter with its stand-in, as the engine has it."""

    def __init__(
        self,
        manifest: Manifest,
        vendor: Vendor,
        base_url: str,
        config: BaseModel,
        token: str,
        kept: dict[str, str] | None = None,
    ) -> None:
        self.vendor, self.config = vendor, config
        secrets = manifest.secrets.model_validate(
            {"client_id": SecretStr("corridor"), "client_secret": SecretStr("secret")}
        )
        assert manifest.api is not None
        self.api = manifest.api
        self.client: HttpClient = open_api(
            self.api, config, secrets, environment=Environment.PRODUCTION, token=Token(token, datetime.now(UTC), extra=kept or {}), base_url=base_url
        )  # fmt: skip

    def resource(self, name: str) -> Resource:
        return self.api.resource(name)

    def reading(self, name: str, cursor: Cursor | None = None, mode: Mode = Mode.FULL) -> Iterator[Batch]:
        given = Reading(self.client.send, self.resource(name), self.config, mode, cursor or {}, self.vendor.clock.now())
        return given.resource.read(given)

    def all(self, name: str, cursor: Cursor | None = None, mode: Mode = Mode.FULL) -> list[Batch]:
        return list(self.reading(name, cursor, mode))

    def changed(self, name: str, cursor: Cursor) -> list[Batch]:
        return self.all(name, cursor, Mode.INCREMENTAL)

    def records(self, name: str, batches: Iterable[Batch]) -> list[Any]:
        """Ours, of what is not deleted; none may have a problem."""
        return [
            mapped(self.resource(name), item.remote_id, item.raw)
            for batch in batches
            for item in batch.items
            if not item.deleted
        ]


def mapped(resource: Resource, remote_id: str, raw: Any) -> Record:
    assert resource.kind is not None
    found = to_record(resource.kind, resource.fields, remote_id, raw)
    assert found.record is not None, found.problems
    return found.record


def sample(slug: str, name: str) -> Any:
    return json.loads((ADAPTERS / slug / "samples" / f"{name}.json").read_text())


def vector(provider: str) -> dict[str, Any] | None:
    """A known answer of the vendor's own, where the corpus is there."""
    file = Path(__file__).resolve().parents[4] / "shared" / "corpus" / "webhooks" / "known_answer_vectors.json"
    known = json.loads(file.read_text()) if file.exists() else []
    return next((one for one in known if one["provider"] == provider), None)
