"""Reading Workday: workers by windows of its transaction log, the rest as whole lists, by SOAP or by REST as the sign-in allows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from app.integrations.adapters.workday.envelopes import (
    JOB_PROFILES,
    LEAVES,
    ORGANIZATIONS,
    WORKERS,
    Page,
    Request,
    envelope,
    read_page,
    window,
)
from app.integrations.adapters.workday.settings import SignIn
from app.integrations.api import Operation
from app.integrations.formats.records.paths import Tree
from app.integrations.protection.retry import Safety
from app.integrations.sync.mapping import at
from app.integrations.sync.reading import Batch, Item, Mode, Reading, clock_of, item_of, moment_of, read_listing

ASK = Operation("human_resources.ask", "POST", "/service/{tenant}/Human_Resources/{version}", Safety.FREE)

# Entered and holding from are two questions: one range of each in the same request would mean both at once. What holds from a day is
# looked for a day back, since nobody says in whose time zone that day begins.
_WINDOWS = {"Updated": timedelta(minutes=5), "Effective": timedelta(days=1)}

Items = Callable[[Reading, Page], Sequence[Item]]


def read_workers(reading: Reading) -> Iterator[Batch]:
    """All of them, or those whose data changed or came into force since the mark."""
    return _read_changes(reading, WORKERS, _records)


def read_leaves(reading: Reading) -> Iterator[Batch]:
    """The leaves that workers are on or were on, out of the same answers."""
    return _read_changes(reading, LEAVES, _leaves)


def read_organizations(reading: Reading) -> Iterator[Batch]:
    """All supervisory organizations."""
    return _read_whole(reading, ORGANIZATIONS)


def read_job_profiles(reading: Reading) -> Iterator[Batch]:
    """All job profiles."""
    return _read_whole(reading, JOB_PROFILES)


def _read_changes(reading: Reading, request: Request, items: Items) -> Iterator[Batch]:
    """The cursor holds the moment everything is read as of (`until`), Workday's clock at the first answer (`heard`), window and page.

    The next run begins where the earlier of both clocks stood: ours may be ahead of Workday's.
    """
    mark, until, heard = (moment_of(reading.cursor.get(name)) for name in ("mark", "until", "heard"))
    until = until or reading.now
    windows = list(_WINDOWS) if reading.mode is Mode.INCREMENTAL and mark else [""]
    place: tuple[str, int] | None = (reading.cursor.get("window", windows[0]), reading.cursor.get("page", 1))
    while place is not None:
        kind, number = place
        changed = window(kind, mark - _WINDOWS[kind], until) if kind and mark else ""
        answer = reading.ask(_call(reading, request, number, until, changed))
        page = read_page(request, answer.body)
        heard = heard or min(until, clock_of(answer, until))
        place = _after(windows, kind, number, page)
        yield Batch(items(reading, page), _cursor(mark, until, heard, place), place is None, page.total)


def _after(windows: list[str], kind: str, number: int, page: Page) -> tuple[str, int] | None:
    if number < page.pages:
        return kind, number + 1
    rest = windows[windows.index(kind) + 1 :]
    return (rest[0], 1) if rest else None


def _cursor(mark: datetime | None, until: datetime, heard: datetime, place: tuple[str, int] | None) -> dict[str, Any]:
    if place is None:
        return {"mark": heard.isoformat()}
    kept = {"mark": mark.isoformat()} if mark else {}
    return {**kept, "until": until.isoformat(), "heard": heard.isoformat(), "window": place[0], "page": place[1]}


def _read_whole(reading: Reading, request: Request) -> Iterator[Batch]:
    """At the end no cursor is left: these lists are short, and REST knows no changes. What is missing from one is gone."""
    by_rest = getattr(reading.config, "sign_in", None) is SignIn.KEY
    for batch in _read_rest(reading) if by_rest else _read_changes(replace(reading, mode=Mode.FULL), request, _records):
        yield replace(batch, cursor={}) if batch.last else batch


def _read_rest(reading: Reading) -> Iterator[Batch]:
    tenant = {"tenant": _setting(reading, "tenant")}
    return read_listing(replace(reading, ask=lambda call: reading.ask(replace(call, fills=tenant)), mode=Mode.FULL))


def _call(reading: Reading, request: Request, page: int, until: datetime, changed: str) -> Any:
    version = _setting(reading, "version")
    body = envelope(request, version, page, until, changed)
    return replace(
        ASK.call(body, fills={"tenant": _setting(reading, "tenant"), "version": version}),
        headers={"accept": "text/xml", "soapaction": '""'},
    )


def _setting(reading: Reading, name: str) -> str:
    return str(getattr(reading.config, name))


def _records(reading: Reading, page: Page) -> list[Item]:
    return [item_of(reading.resource, record) for record in page.records]


def _leaves(reading: Reading, page: Page) -> list[Item]:
    return [item_of(reading.resource, leave) for worker in page.records for leave in _leaves_of(worker)]


def _leaves_of(worker: Tree) -> list[Tree]:
    """Each with the worker it is of; one without an event is none."""
    found = at(worker, "Worker_Data.Employment_Data.Worker_Status_Data.Leave_Status_Data") or []
    whose = {"Worker_Reference": worker.get("Worker_Reference")}
    return [
        {**leave, **whose} for leave in found if isinstance(leave, dict) and "Leave_Request_Event_Reference" in leave
    ]
