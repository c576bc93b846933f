"""Page after page of a provider's records, with the place where reading goes on after each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from app.integrations.failures import ContractDrift
from app.integrations.paging import first_page, next_page
from app.integrations.sync.mapping import Raw, at
from app.integrations.transports.http.calls import Answer, Call
from app.integrations.transports.http.rules import at_path

if TYPE_CHECKING:
    from app.integrations.api import Resource


class Mode(StrEnum):
    """full: everything. incremental: what changed since the cursor's mark. event: one record a webhook spoke of."""

    FULL = "full"
    INCREMENTAL = "incremental"
    EVENT = "event"


Cursor = Mapping[str, Any]
"""JSON. `{}`: never read. What it means is the reader's own business; the engine keeps it and gives it back."""

Ask = Callable[[Call], Answer]
"""Sends a call. Raises what ends the reading for now; the engine decides about it."""


@dataclass(frozen=True, slots=True)
class Item:
    """One record as the provider wrote it. deleted: a tombstone; `raw` may then be empty."""

    remote_id: str
    raw: Raw = field(repr=False)
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """What is stored together in one transaction with `cursor`.

    cursor: where reading goes on after this batch, also by another worker; on the last one, where the next run begins.
    total: how many there are in all, where the provider says so. done: calls that tell the provider it may forget these; they are
    sent after the transaction is committed, and sending one twice must be harmless.
    """

    items: Sequence[Item]
    cursor: Cursor
    last: bool
    total: int | None = None
    done: Sequence[Call] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader is given. cursor: of the batch before, or of the run before, or `{}`. now: UTC, aware."""

    ask: Ask
    resource: Resource
    config: BaseModel
    mode: Mode
    cursor: Cursor
    now: datetime


Reader = Callable[[Reading], Iterator[Batch]]
"""Reads one resource. It never sleeps, retries, saves or verifies.

Raises:
    Failure: of a call. Gone when the cursor is older than what the provider keeps: the engine then reads everything.
    ContractDrift: the provider does not keep to its own description.
"""


@dataclass(frozen=True, slots=True)
class Since:
    """Only what changed after a moment. query, header: where it goes. zone_text: how the moment is written, by `strftime`; empty for
    ISO with Z. overlap_seconds: how far back each run reaches again, for writers who commit late. keeps_days: how long the provider
    knows changes; an older mark means reading everything.
    """

    query: str = ""
    header: str = ""
    zone_text: str = ""
    overlap_seconds: int = 300
    keeps_days: int = 0

    def asking(self, call: Call, moment: datetime) -> Call:
        """The call with the moment in it."""
        at = moment - timedelta(seconds=self.overlap_seconds)
        text = at.strftime(self.zone_text) if self.zone_text else at.strftime("%Y-%m-%dT%H:%M:%SZ")
        if self.header:
            return replace(call, headers={**call.headers, self.header: text})
        return replace(call, query=(*call.query, (self.query, text)))


def read_listing(reading: Reading) -> Iterator[Batch]:
    """The list of the manifest, from its first page or from where it stopped. The mark for the next run is the provider's own clock
    (the `Date` of the first answer), and it moves only with the last page.
    """
    resource, cursor = reading.resource, dict(reading.cursor)
    mark = moment_of(cursor.get("mark"))
    until = moment_of(cursor.get("until"))
    call = _first_call(reading, mark)
    following: Call | None = (
        replace(call, query=_pairs(cursor["next"])) if cursor.get("next") else first_page(resource.pages, call)
    )
    while following is not None:
        here, answer = following, reading.ask(following)
        document = answer.json()
        until = until or clock_of(answer, reading.now)
        items = items_of(resource, document)
        following = next_page(resource.pages, here, answer, len(items))
        total = at_path(document, resource.total) if resource.total else None
        yield Batch(items, _place(mark, until, following), following is None, total if isinstance(total, int) else None)


def _first_call(reading: Reading, mark: datetime | None) -> Call:
    call, since = reading.resource.list(), reading.resource.since
    if reading.mode is not Mode.INCREMENTAL or since is None or mark is None:
        return call
    return since.asking(call, mark)


def _place(mark: datetime | None, until: datetime, following: Call | None) -> Cursor:
    if following is None:
        return {"mark": until.isoformat()}
    kept = {"mark": mark.isoformat()} if mark else {}
    return {**kept, "until": until.isoformat(), "next": [list(pair) for pair in following.query]}


def _pairs(kept: Any) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), str(value)) for name, value in kept)


class _Asked(Exception):
    """Ends a reading with its first question."""

    def __init__(self, call: Call) -> None:
        super().__init__()
        self.call = call


def first_asked(resource: Resource, config: BaseModel, now: datetime) -> Call | None:
    """What its reader would ask first, asked of nobody: a question that changes nothing, to try a connection with."""

    def stop(call: Call) -> Answer:
        raise _Asked(call)

    try:
        next(resource.read(Reading(stop, resource, config, Mode.FULL, {}, now)), None)
    except _Asked as asked:
        return asked.call
    return None


def items_of(resource: Resource, document: Any) -> list[Item]:
    """The records of an answer. Raises `ContractDrift` where there is no list, or a record without its id."""
    found = at_path(document, resource.records) if resource.records else document
    if not isinstance(found, list):
        raise ContractDrift("records-missing")
    return [item_of(resource, raw) for raw in found]


def item_of(resource: Resource, raw: Any, known: str = "") -> Item:
    """One record. known: its id, where it was asked for by it; else it stands at the key of its resource. Raises `ContractDrift`."""
    if not isinstance(raw, Mapping):
        raise ContractDrift("object-unexpected")
    remote_id = known or at(raw, resource.key)
    if not isinstance(remote_id, str) or not remote_id:
        raise ContractDrift("record-without-id")
    gone = bool(resource.gone) and at(raw, resource.gone) not in (None, False, "")
    kept = {name: raw[name] for name in resource.only if name in raw} if resource.only else raw
    return Item(remote_id, kept, gone)


def clock_of(answer: Answer, otherwise: datetime) -> datetime:
    """The provider's clock: our own may be ahead of it, and then changes would be missed."""
    try:
        return parsedate_to_datetime(answer.headers["date"]).astimezone(UTC)
    except (KeyError, ValueError, TypeError):
        return otherwise


def moment_of(kept: Any) -> datetime | None:
    """A moment out of a cursor (UTC, aware)."""
    return datetime.fromisoformat(kept) if isinstance(kept, str) and kept else None
