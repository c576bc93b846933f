"""What data cannot say about QuickBooks: two ways of asking for records, and what a voided one looks like."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict

from app.integrations.failures import ContractDrift, Gone
from app.integrations.sync.mapping import Raw
from app.integrations.sync.reading import Batch, Item, Mode, Reader, Reading, clock_of, item_of, moment_of
from app.integrations.sync.records import Bill
from app.integrations.transports.http.calls import Answer, Call
from app.integrations.transports.http.rules import at_path

PAGE = 500  # of at most 1000; a thousand bills with many lines would be too large an answer
MOST_CHANGES = 1000
KEEPS = timedelta(days=29)  # changes are known for 30 days; one day is left for clocks that differ
OVERLAP = timedelta(minutes=5)
VERSION = ("minorversion", "75")


class QuickBooksConfig(BaseModel):
    """Nothing to enter: which company it is, QuickBooks says when a person signs in."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def read_books(entity: str, where: str = "") -> Reader:
    """A reader of one entity. where: for lists that leave inactive ones out unless they are asked for."""

    def read(reading: Reading) -> Iterator[Batch]:
        mark = moment_of(reading.cursor.get("mark"))
        if reading.mode is Mode.INCREMENTAL and mark is not None:
            return _read_changes(reading, entity, mark)
        return _read_all(reading, entity, where)

    return read


def _read_all(reading: Reading, entity: str, where: str) -> Iterator[Batch]:
    """By query. In the order of ids, which no change moves, so that nothing slips from one page to another that was read."""
    start, until = int(reading.cursor.get("start", 1)), moment_of(reading.cursor.get("until"))
    while True:
        text = f"select * from {entity}{where} orderby Id startposition {start} maxresults {PAGE}"  # noqa: S608 the manifest's words
        answer = reading.ask(Call(f"{reading.resource.name}.query", "GET", "/query", query=(("query", text), VERSION)))
        document = answer.json()
        until = until or _clock(answer, document, reading.now)
        found = _list(at_path(document, f"QueryResponse.{entity}"))
        last = len(found) < PAGE
        start += len(found)
        cursor = {"mark": until.isoformat()} if last else {"until": until.isoformat(), "start": start}
        yield Batch(_items(reading, found), cursor, last)
        if last:
            return


def _read_changes(reading: Reading, entity: str, mark: datetime) -> Iterator[Batch]:
    """By change data capture: one answer without pages, and with what was deleted.

    It has no upper end, so a full answer cannot be halved without losing the older half of what was deleted: everything is read anew.
    """
    since = mark - OVERLAP
    if reading.now - since > KEEPS:
        raise Gone("changes-kept-no-longer")
    asked = (("entities", entity), ("changedSince", since.strftime("%Y-%m-%dT%H:%M:%SZ")), VERSION)
    answer = reading.ask(Call(f"{reading.resource.name}.changes", "GET", "/cdc", query=asked))
    document = answer.json()
    parts = _list(at_path(document, "CDCResponse.0.QueryResponse"))
    found = [raw for part in parts for raw in _list(at_path(part, entity))]
    if len(found) >= MOST_CHANGES:
        raise Gone("changes-too-many")
    cursor = {"mark": _clock(answer, document, reading.now).isoformat()}
    yield Batch(_items(reading, found), cursor, last=True)


def _items(reading: Reading, found: list[Any]) -> list[Item]:
    return [item_of(reading.resource, raw) for raw in found]


def _list(found: Any) -> list[Any]:
    """QuickBooks leaves a list out when it is empty. Raises `ContractDrift` for anything else."""
    if found is None:
        return []
    if not isinstance(found, list):
        raise ContractDrift("records-missing")
    return found


def _clock(answer: Answer, document: Any, otherwise: datetime) -> datetime:
    """`time` of the answer, else its `Date`."""
    said = at_path(document, "time")
    try:
        return datetime.fromisoformat(str(said)).astimezone(UTC)
    except ValueError:
        return clock_of(answer, otherwise)


def standing(raw: Raw) -> Bill:
    """How a bill stands: QuickBooks has no status, only what is still to be paid. A voided one keeps its number and no amount."""
    total, balance = raw.get("TotalAmt"), raw.get("Balance")
    if not isinstance(total, int | float) or not isinstance(balance, int | float):
        return Bill.UNKNOWN
    if total == 0:
        return Bill.VOID if is_voided(raw) else Bill.PAID
    return Bill.PAID if balance == 0 else Bill.OPEN


def is_voided(raw: Raw) -> bool:
    """Voiding writes `Voided` at the beginning of the memo and takes the amount to zero."""
    return raw.get("TotalAmt") == 0 and str(raw.get("PrivateNote", "")).lower().startswith("voided")


def is_live(raw: Raw) -> bool:
    """Whether a payment counts."""
    return not is_voided(raw)


def only_linked(kind: str) -> Callable[[Raw], str | None]:
    """The one transaction of this kind a payment is for; None when it pays several."""

    def find(raw: Raw) -> str | None:
        links = [link for line in raw.get("Line") or () for link in line.get("LinkedTxn") or ()]
        found = {str(link["TxnId"]) for link in links if link.get("TxnType") == kind}
        return found.pop() if len(found) == 1 else None

    find.__qualname__ = f"only_linked({kind})"  # what the fingerprint of the mapping knows it by
    return find
