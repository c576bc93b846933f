"""How a provider's lists go on: data, and the next call made from the last one and its answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from app.integrations.failures import ContractDrift
from app.integrations.transports.http.calls import Answer, Call
from app.integrations.transports.http.rules import at_path


@dataclass(frozen=True, slots=True)
class OnePage:
    """Everything comes at once."""


@dataclass(frozen=True, slots=True)
class ByNumber:
    """Page 1, 2, 3. more: a place in the answer that is empty on the last page. last: a place with the number of the last page.
    Without either a page that is not full is the last.
    """

    page: str = "page"
    size: str = "per_page"
    count: int = 100
    more: str = ""
    last: str = ""


@dataclass(frozen=True, slots=True)
class ByOffset:
    """How many to pass over. total: a place with the number of all; without it a page that is not full is the last."""

    offset: str = "offset"
    size: str = "limit"
    count: int = 100
    total: str = ""


@dataclass(frozen=True, slots=True)
class ByCursor:
    """A token for the next page stands at `next`; empty or missing on the last."""

    cursor: str
    next: str
    size: str = ""
    count: int = 100


@dataclass(frozen=True, slots=True)
class ByLink:
    """The address of the next page stands at `next`; of it only the query is used, so a provider cannot lead us elsewhere.

    size: a query parameter for the first page.
    """

    next: str
    size: str = ""
    count: int = 100


Paging = OnePage | ByNumber | ByOffset | ByCursor | ByLink


def first_page(paging: Paging, call: Call) -> Call:
    """The call for the first page."""
    if isinstance(paging, OnePage):
        return call
    start = {ByNumber: [("page", "1")], ByOffset: [("offset", "0")], ByCursor: [], ByLink: []}[type(paging)]
    named = [(str(getattr(paging, name)), value) for name, value in start]
    return _asking(call, [*named, *([(paging.size, str(paging.count))] if paging.size else [])])


def next_page(paging: Paging, call: Call, answer: Answer, records: int) -> Call | None:
    """The call after this one; None when its answer was the last page. records: how many it held.

    Raises:
        ContractDrift: the provider leads in a circle, or says something that cannot be followed.
    """
    if isinstance(paging, OnePage):
        return None
    document = answer.json()
    if isinstance(paging, ByLink):
        return following_link(call, at_path(document, paging.next))
    if isinstance(paging, ByCursor):
        cursor = at_path(document, paging.next)
        if cursor in (None, ""):
            return None
        if not isinstance(cursor, str | int) or dict(call.query).get(paging.cursor) == str(cursor):
            raise ContractDrift("paging-in-a-circle")
        return _asking(call, [(paging.cursor, str(cursor))])
    if records == 0:
        return None
    if isinstance(paging, ByNumber):
        following = _number(call, paging.page) + 1
        return (
            _asking(call, [(paging.page, str(following))]) if _goes_on(paging, document, following, records) else None
        )
    seen = _number(call, paging.offset) + records
    total = at_path(document, paging.total) if paging.total else None
    more = seen < total if isinstance(total, int) else records >= paging.count
    return _asking(call, [(paging.offset, str(seen))]) if more else None


def following_link(call: Call, link: Any) -> Call | None:
    """The call with the query of this address; None for no address. Raises `ContractDrift`."""
    if link in (None, ""):
        return None
    query = tuple(parse_qsl(urlsplit(link).query, keep_blank_values=True)) if isinstance(link, str) else ()
    if not query or query == tuple(call.query):
        raise ContractDrift("paging-in-a-circle")
    return replace(call, query=query)


def _goes_on(paging: ByNumber, document: Any, following: int, records: int) -> bool:
    last = at_path(document, paging.last) if paging.last else None
    if isinstance(last, int):
        return following <= last
    if paging.more:
        return at_path(document, paging.more) not in (None, "", False)
    return records >= paging.count


class Send(Protocol):
    def __call__(self, call: Call, /) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Page:
    """call: fetches this very page again; what a checkpoint keeps. records: as the provider wrote them."""

    call: Call
    records: list[Any]
    last: bool


def pages(paging: Paging, records: str, call: Call, send: Send, *, most: int = 10_000) -> Iterator[Page]:
    """Page after page, each only when the one before has been dealt with. records: where they stand.

    Raises:
        Failure: whatever `send` meets; ContractDrift when a page holds no list, or after `most` pages.
    """
    following: Call | None = first_page(paging, call)
    for _ in range(most):
        if following is None:
            return
        here, answer = following, send(following)
        found = at_path(answer.json(), records) if records else answer.json()
        if not isinstance(found, list):
            raise ContractDrift("records-missing")
        following = next_page(paging, here, answer, len(found))
        yield Page(here, found, following is None)
    if following is not None:
        raise ContractDrift("pages-without-end")


def _asking(call: Call, query: list[tuple[str, str]]) -> Call:
    named = {name for name, _ in query}
    return replace(call, query=(*[pair for pair in call.query if pair[0] not in named], *query))


def _number(call: Call, name: str) -> int:
    return int(dict(call.query).get(name, "0"))
