"""A line to a stand-in that is read to the end, and what is read as the manifest maps it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from app.integrations.contracts import Manifest
from app.integrations.sync.mapping import Mapped, to_record
from app.integrations.sync.reading import Batch, Cursor, Item, Mode, Reading
from tests.integrations.adapters.ports import Line


class Talk(Line):
    """See `Line`."""

    def batches(self, name: str, cursor: Cursor | None = None, mode: Mode = Mode.FULL) -> Iterator[Batch]:
        """One after the other, so that a test may stop or fail between two."""
        resource = self.api.resource(name)
        yield from resource.read(Reading(self.ask, resource, self.config, mode, cursor or {}, datetime.now(UTC)))

    def everything(self, name: str, cursor: Cursor | None = None, mode: Mode = Mode.FULL) -> tuple[list[Item], Cursor]:
        """All records, and the cursor of the last batch."""
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
