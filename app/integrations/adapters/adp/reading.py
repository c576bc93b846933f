"""Reading ADP: workers page by page, then by its queue of events, one message after the other; code lists and leaves as a whole."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from app.integrations.adapters.adp.words import PRIMARY
from app.integrations.api import Operation
from app.integrations.failures import ContractDrift, Forbidden, NotFound, Rejected
from app.integrations.protection.retry import Safety
from app.integrations.reading import moment, records
from app.integrations.sync.mapping import at
from app.integrations.sync.reading import Ask, Batch, Item, Mode, Reading, clock_of, item_of, read_listing
from app.integrations.transports.http.calls import Answer, Call
from app.integrations.transports.http.rules import at_path

QUEUE = "/core/v1/event-notification-messages"
DONE = Operation("events.done", "DELETE", f"{QUEUE}/{{id}}", Safety.FREE)
ON_LEAVE = ("$filter", "workers/workAssignments/assignmentStatus/statusCode/codeValue eq 'L'")
_SURE = timedelta(hours=1)  # after a change holds, whatever the clocks say

Later = list[list[str]]
"""Changes to come: from when (ISO), whose. ADP speaks of them once, when they are entered."""


def read_workers(reading: Reading) -> Iterator[Batch]:
    """Everybody once; from then on those the queue speaks of. An event is a hint: the worker is asked for again."""
    if reading.mode is Mode.INCREMENTAL:
        yield from _read_changes(reading)
    else:
        yield from read_listing(_tolerant(reading))


def read_whole(reading: Reading) -> Iterator[Batch]:
    """A list without changes: no cursor is left at its end, so each run reads it again and sees what is gone."""
    for batch in read_listing(replace(_tolerant(reading), mode=Mode.FULL)):
        yield replace(batch, cursor={}) if batch.last else batch


def read_leaves(reading: Reading) -> Iterator[Batch]:
    """Of the workers who are on leave; ADP has no list of all. Who came back is told by the worker."""

    def ask(call: Call) -> Answer:
        return reading.ask(replace(call, query=(*call.query, ON_LEAVE)))

    for batch in read_whole(replace(reading, ask=ask)):
        items = [leave for item in batch.items for leave in _leaves_of(reading, item)]
        yield replace(batch, items=items, total=None)


def _tolerant(reading: Reading) -> Reading:
    """An empty page comes as 204 without a word; `count` makes ADP say how many there are."""
    nothing: Any = []
    for part in reversed(reading.resource.records.split(".")):
        nothing = [nothing] if part.isdigit() else {part: nothing}
    count = (("count", "true"),) if reading.resource.total else ()

    def ask(call: Call) -> Answer:
        answer = reading.ask(replace(call, query=(*call.query, *count)))
        return replace(answer, body=json.dumps(nothing).encode()) if answer.status == 204 else answer

    return replace(reading, ask=ask)


def _read_changes(reading: Reading) -> Iterator[Batch]:
    """First those whose day has come, then the queue, oldest message first. A message is taken away only once what it said is kept;
    until then it comes again, and asking for the worker again changes nothing. Where nobody takes it away (a rehearsal), it is the last.
    """
    later: Later = [list(one) for one in reading.cursor.get("later", ())]
    due = [one for one in later if datetime.fromisoformat(one[0]) + _SURE <= reading.now]
    later = [one for one in later if one not in due]
    if due:
        yield Batch(_workers(reading, [whose for _, whose in due]), _cursor(reading, later), last=False)
    before = ""
    while (answer := reading.ask(Call("events.next", "GET", QUEUE))).status != 204:
        message = answer.headers.get("adp-msg-msgid", "")
        if not message:
            raise ContractDrift("message-without-id")
        if message == before:
            break
        before, told = message, _told(answer.json(), reading.now)
        later += [
            one for holds, whose in told if holds > reading.now and (one := [holds.isoformat(), whose]) not in later
        ]
        items = _workers(reading, [whose for _, whose in told])
        yield Batch(items, _cursor(reading, later), last=False, done=[DONE.call(fills={"id": message})])
    yield Batch((), _cursor(reading, later) | {"mark": clock_of(answer, reading.now).isoformat()}, last=True)


def _cursor(reading: Reading, later: Later) -> dict[str, Any]:
    return {"mark": reading.cursor.get("mark"), "later": [*later]}


def _told(document: Any, now: datetime) -> list[tuple[datetime, str]]:
    """From when something holds, and of whom. A message about something else than workers speaks of nobody."""
    found = []
    for event in records(document.get("events") if isinstance(document, dict) else None):
        whose = at(event, "data.eventContext.worker.associateOID || data.output.worker.associateOID")
        if whose and str(at(event, "eventNameCode.codeValue")).startswith("worker."):
            found.append((moment(event, "effectiveDateTime") or now, str(whose)))
    return found


def _workers(reading: Reading, keys: Sequence[str]) -> list[Item]:
    return [_worker(reading, key) for key in dict.fromkeys(keys)]


def _worker(reading: Reading, key: str) -> Item:
    """As of today. Somebody ADP does not know, or not yet, is no one. It may say so by a 403, which also means that the permission
    was lost: then nobody can be listed either, and the message has to wait.
    """
    resource = reading.resource
    try:
        answer = reading.ask(resource.get(key))
    except NotFound:
        return Item(key, {}, deleted=True)
    except Forbidden:
        reading.ask(resource.list((("$top", "1"),)))
        return Item(key, {}, deleted=True)
    return (
        Item(key, {}, deleted=True) if answer.status == 204 else item_of(resource, at_path(answer.json(), resource.one))
    )


def _leaves_of(reading: Reading, worker: Item) -> list[Item]:
    """What ADP says of them, or what the status itself says: since when, and why."""
    told = [leave for leave in _told_leaves(reading.ask, worker.remote_id) if _begins(leave)]
    if not told:
        status = at(worker.raw, f"{PRIMARY}.assignmentStatus") or {}
        absence = {"startDateTime": status.get("effectiveDate"), "leaveTypeCode": status.get("reasonCode")}
        told = [leave for leave in [{"leaveAbsence": absence}] if _begins(leave)]
    today = reading.now.date().isoformat()
    facts = [{**leave, "associateOID": worker.remote_id, "isOn": _is_on(leave, today)} for leave in told]
    return [Item(f"{worker.remote_id}:{_begins(leave)}", leave) for leave in facts]


def _told_leaves(ask: Ask, key: str) -> list[Any]:
    """Nothing where the application may not read leaves."""
    try:
        answer = ask(Call("leaves.get", "GET", "/hr/v2/workers/{id}/leaves", {"id": key}))
    except Rejected:
        return []
    return (at(answer.json(), "workerLeaves[].leaves[]") or []) if answer.status != 204 else []


def _begins(leave: Any) -> str:
    return str(at(leave, "leaveAbsence.startDateTime") or "").strip()[:10]


def _is_on(leave: Any, today: str) -> bool:
    ends = str(at(leave, "leaveAbsence.expectedEndDateTime") or "").strip()[:10]
    return _begins(leave) <= today and (not ends or today <= ends)
