"""What BambooHR needs beyond data: people by list or by what changed, each read whole; lists of the account; time off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from app.integrations.failures import ContractDrift, NotFound
from app.integrations.reading import facts_of, needed
from app.integrations.sync.mapping import Raw
from app.integrations.sync.reading import Batch, Cursor, Item, Mode, Reader, Reading, clock_of, items_of, moment_of
from app.integrations.sync.records import Employment
from app.integrations.transports.http.calls import Call
from app.integrations.transports.http.rules import at_path

AT_ONCE = 50
"""People of one batch of changes; each is a request of its own."""

AHEAD, BEHIND = timedelta(days=365), timedelta(days=90)
"""Time off that is read: leave begun within three months, or to come within a year."""

NO_DAY = "0000-00-00"
ON_LEAVE = frozenset({"leave of absence", "on leave", "leave"})


def read_people(reading: Reading) -> Iterator[Batch]:
    """Everybody by the list, or who changed since the mark. A change of a later day is told when it takes effect."""
    return _changed(reading) if reading.mode is Mode.INCREMENTAL else _everybody(reading)


def _everybody(reading: Reading) -> Iterator[Batch]:
    cursor = dict(reading.cursor)
    while True:
        query = [("page[limit]", "100"), *([("page[after]", str(cursor["after"]))] if cursor.get("after") else [])]
        answer = reading.ask(reading.resource.list(query))
        document = answer.json()
        until = str(cursor.get("until") or clock_of(answer, reading.now).isoformat())
        items = [item for known in items_of(reading.resource, document) if (item := _one(reading, known.remote_id))]
        following = at_path(document, "meta.page.nextCursor")
        if following and following == cursor.get("after"):
            raise ContractDrift("paging-in-a-circle")
        cursor = {"until": until, "after": following}
        total = at_path(document, "meta.total")
        yield Batch(
            items, cursor if following else {"mark": until}, not following, total if isinstance(total, int) else None
        )
        if not following:
            return


def _one(reading: Reading, remote_id: str) -> Item | None:
    """Somebody whole; None when they are gone since the list was made."""
    try:
        raw = reading.ask(reading.resource.get(remote_id)).json()
    except NotFound:
        return None
    return Item(remote_id, raw)


def _changed(reading: Reading) -> Iterator[Batch]:
    """`latest` of the first answer is the next mark: what changes meanwhile is told again then."""
    cursor = dict(reading.cursor)
    mark = moment_of(cursor.get("mark"))
    assert mark is not None, "changes are asked for since a mark"
    call = Call(
        "employees.changed", "GET", "/employees/changed", query=(("since", mark.strftime("%Y-%m-%dT%H:%M:%SZ")),)
    )
    document = reading.ask(call).json()
    people = document.get("employees") if isinstance(document, dict) else None
    if isinstance(people, list) and not people:
        people = {}  # PHP writes an empty map as a list
    if not isinstance(people, dict):
        raise ContractDrift("records-missing")
    until = str(cursor.get("until") or at_path(document, "latest") or cursor["mark"])
    ids = sorted((one for one in people if _number(one) > int(cursor.get("after", 0))), key=_number)
    for start in range(0, max(len(ids), 1), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        items = [_told(reading, one, people[one]) for one in some]
        last = start + AT_ONCE >= len(ids)
        here: Cursor = {"mark": until} if last else {"mark": cursor["mark"], "until": until, "after": _number(some[-1])}
        yield Batch(items, here, last, len(ids))


def _number(remote_id: str) -> int:
    if not remote_id.isdigit():
        raise ContractDrift("record-without-id")
    return int(remote_id)


def _told(reading: Reading, remote_id: str, change: Any) -> Item:
    gone = isinstance(change, dict) and str(change.get("action", "")).casefold() == "deleted"
    found = None if gone else _one(reading, remote_id)
    return found or Item(remote_id, {}, deleted=True)


def read_list(alias: str) -> Reader:
    """The names in one of the account's lists. Employees are known by the name, so the name is the id."""

    def read(reading: Reading) -> Iterator[Batch]:
        document = reading.ask(reading.resource.list()).json()
        if not isinstance(document, list):
            raise ContractDrift("records-missing")
        options: list[Any] = next(
            (one.get("options", []) for one in document if isinstance(one, dict) and one.get("alias") == alias), []
        )
        yield Batch(_named(options), {"mark": reading.now.isoformat()}, True, len(options))

    return read


def _named(options: Sequence[Any]) -> list[Item]:
    """Raises `ContractDrift`: a list that lost its names would look like an empty one."""
    return [Item(needed(facts_of(one), "name"), one) for one in map(facts_of, options) if one.get("archived") != "yes"]


def read_time_off(reading: Reading) -> Iterator[Batch]:
    """Requests of a year to come; there is no list of what changed."""
    day = reading.now.date()
    days = [("start", (day - BEHIND).isoformat()), ("end", (day + AHEAD).isoformat())]
    items = items_of(reading.resource, reading.ask(reading.resource.list(days)).json())
    yield Batch(items, {"mark": reading.now.isoformat()}, True, len(items))


def status_of(raw: Raw) -> Employment:
    """`status` says active or inactive; that somebody is on leave stands in the employment status, whose words each company chooses."""
    status, word = str(raw.get("status", "")).casefold(), str(raw.get("employmentStatus", "")).casefold()
    if status == "inactive":
        return Employment.TERMINATED
    if status != "active":
        return Employment.UNKNOWN
    return Employment.LEAVE if word in ON_LEAVE else Employment.ACTIVE


def day(name: str) -> Any:
    """A date; BambooHR writes one that is not known as zeros."""
    return lambda raw: None if raw.get(name) in (None, "", NO_DAY) else raw[name]
