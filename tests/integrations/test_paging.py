"""Lists to their end: every way to page, over a real server, and the ways a provider leads in circles."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from app.integrations.failures import ContractDrift, ServerFailed
from app.integrations.paging import ByCursor, ByNumber, ByOffset, OnePage, Page, Paging, first_page, next_page, pages
from app.integrations.transports import reach
from app.integrations.transports.http.calls import Answer, Call
from app.integrations.transports.http.client import Http, HttpClient
from app.integrations.transports.http.wire import Wire
from tests.integrations.http_server import Asked, HttpServer, reply

LIST = Call("things.list", "GET", "/things", query=(("status", "open"),))
ALL = list(range(7))


def asked_for(asked: Asked) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(asked.target).query).items()}


def by_number(asked: Asked) -> Any:
    query = asked_for(asked)
    page, size = int(query["page"]), int(query["per_page"])
    found = ALL[(page - 1) * size : page * size]
    return {
        "data": found,
        "pages": -(-len(ALL) // size),
        "next_href": f"https://elsewhere.example/?page={page + 1}" if page * size < len(ALL) else None,
    }


def by_offset(asked: Asked) -> Any:
    query = asked_for(asked)
    offset = int(query["offset"])
    return {"data": ALL[offset : offset + int(query["limit"])], "total": len(ALL)}


def by_cursor(asked: Asked) -> Any:
    start = int(asked_for(asked).get("cursor", "0"))
    return {"data": ALL[start : start + 3], "meta": {"next": str(start + 3) if start + 3 < len(ALL) else ""}}


@pytest.fixture
def walk() -> Iterator[Callable[..., list[Page]]]:
    running: list[HttpServer] = []

    def _walk(respond: Callable[[Asked], Any], paging: Paging, **more: Any) -> list[Page]:
        running.append(HttpServer(lambda asked: reply(200, json.dumps(respond(asked)).encode())))
        with HttpClient(Http(running[-1].url), Wire()) as client:
            return list(pages(paging, "data", LIST, client.send, **more))

    with reach.within(reach.Reach(loopback=True)):
        yield _walk
    for server in running:
        assert all(asked_for(asked)["status"] == "open" for asked in server.asked)
        server.stop()


@pytest.mark.parametrize(
    ("respond", "paging", "count"),
    [
        (by_number, ByNumber(count=3, more="next_href"), 3),
        (by_number, ByNumber(count=3), 3),
        (by_number, ByNumber(count=7), 2),
        (by_number, ByNumber(count=7, last="pages"), 1),
        (by_number, ByNumber(count=3, last="pages"), 3),
        (by_number, ByNumber(count=7, last="not_said"), 2),
        (by_offset, ByOffset(count=3, total="total"), 3),
        (by_offset, ByOffset(count=7, total="total"), 1),
        (by_offset, ByOffset(count=7), 2),
        (by_cursor, ByCursor("cursor", "meta.next"), 3),
        (by_cursor, ByCursor("cursor", "meta.next", size="limit"), 3),
        (lambda _asked: {"data": ALL}, OnePage(), 1),
    ],
)
def test_to_the_end(walk: Any, respond: Any, paging: Paging, count: int) -> None:
    found = walk(respond, paging)
    assert [record for page in found for record in page.records] == ALL
    assert len(found) == count
    assert [page.last for page in found] == [False] * (count - 1) + [True]


def test_a_page_can_be_asked_again(walk: Any) -> None:
    found = walk(by_number, ByNumber(count=3, more="next_href"))
    assert dict(found[1].call.query) == {"status": "open", "page": "2", "per_page": "3"}


def test_nothing_at_all(walk: Any) -> None:
    for paging in (ByNumber(more="next"), ByOffset(), ByCursor("cursor", "next"), OnePage()):
        assert [page.records for page in walk(lambda _asked: {"data": []}, paging)] == [[]]


def test_circles_and_lies(walk: Any) -> None:
    with pytest.raises(ContractDrift, match="paging-in-a-circle"):
        walk(lambda _asked: {"data": [1], "next": "same"}, ByCursor("cursor", "next"))
    with pytest.raises(ContractDrift, match="paging-in-a-circle"):
        walk(lambda _asked: {"data": [1], "next": {"odd": 1}}, ByCursor("cursor", "next"))
    with pytest.raises(ContractDrift, match="pages-without-end"):
        walk(lambda _asked: {"data": [1], "more": True}, ByNumber(more="more"), most=5)
    for broken in ({"data": "x"}, {}, []):
        with pytest.raises(ContractDrift, match="records-missing"):
            walk(lambda _asked, said=broken: said, OnePage())


def test_a_bare_list() -> None:
    answer = Answer(200, {}, b"[1, 2]")
    found = list(pages(OnePage(), "", LIST, lambda _call: answer))
    assert [page.records for page in found] == [[1, 2]]


def test_the_next_page_is_asked_only_when_this_one_is_done() -> None:
    asked: list[Call] = []

    def send(call: Call) -> Answer:
        asked.append(call)
        if len(asked) == 2:
            raise ServerFailed("server-failed-500")
        return Answer(200, {}, b'{"data": [1], "more": true}')

    walking = pages(ByNumber(more="more"), "data", LIST, send)
    assert next(walking).records == [1]
    assert len(asked) == 1
    with pytest.raises(ServerFailed):
        next(walking)


def test_first_page_keeps_what_was_asked() -> None:
    assert first_page(OnePage(), LIST) is LIST
    assert next_page(OnePage(), LIST, Answer(200, {}, b"{}"), 5) is None
    again = first_page(ByNumber(count=5), first_page(ByNumber(count=9), LIST))
    assert again.query == (("status", "open"), ("page", "1"), ("per_page", "5"))
