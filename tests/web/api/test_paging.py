"""Lists: keyset pages, and cursors that are only what we made them."""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import Invalid
from app.web.api.paging import PageQuery, cut
from tests.accounts.programs import Caller


def make(call: Caller, number: int) -> None:
    for place in range(number):
        assert call("POST", "/api/toys", {"name": f"toy {place:02}"}).status_code == 201


def test_pages_follow_each_other_to_the_end(call: Caller) -> None:
    make(call, 7)
    names, cursor, pages = list[str](), "", 0
    while True:
        page = call("GET", f"/api/toys?limit=3&after={cursor}").json
        names += [item["name"] for item in page["items"]]
        pages += 1
        if page["next"] is None:
            break
        cursor = page["next"]
    assert names == [f"toy {place:02}" for place in range(7)]
    assert pages == 3
    assert set(page) == {"items", "next"}
    exact = call("GET", "/api/toys?limit=7").json
    assert (len(exact["items"]), exact["next"]) == (7, None)


def test_what_comes_in_between_is_neither_skipped_nor_doubled(call: Caller) -> None:
    make(call, 4)
    first = call("GET", "/api/toys?limit=2").json
    for name in ("toy 000", "toy 015"):
        call("POST", "/api/toys", {"name": name})
    second = call("GET", f"/api/toys?limit=9&after={first['next']}").json
    assert [item["name"] for item in second["items"]] == ["toy 015", "toy 02", "toy 03"]


@pytest.mark.parametrize(
    "cursor",
    ["x", "e30", "W10", "%D9%A3", base64.urlsafe_b64encode(b'[1,"x"]').decode(), base64.urlsafe_b64encode(b'["a","b"]').decode(),
     base64.urlsafe_b64encode(b'["a"]').decode(), base64.urlsafe_b64encode(b"null").decode(), "A" * 401],
)  # fmt: skip
def test_a_cursor_that_is_not_ours(call: Caller, cursor: str) -> None:
    answer = call("GET", f"/api/toys?after={cursor}")
    assert answer.status_code == 422
    assert set(answer.json["error"]["fields"]) == {"after"}


@given(
    st.text(max_size=30), st.integers(), st.uuids(), st.dates(),
    st.datetimes(timezones=st.just(UTC)),
)  # fmt: skip
def test_a_key_comes_back_as_it_was(text: str, number: int, key: UUID, day: date, moment: datetime) -> None:
    row = SimpleNamespace(text=text, number=number, key=key, day=day, moment=moment)
    rows, following = cut([row, row], 1, "text", "number", "key", "day", "moment")
    assert rows == [row]
    query = PageQuery.model_construct(after=following)
    assert query.key(str, int, UUID, date, datetime) == (text, number, key, day, moment)


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_nothing_a_cursor_says_is_a_crash(text: str) -> None:
    kinds: Any = (str, UUID)
    try:
        found = PageQuery.model_construct(after=text).key(*kinds)
    except Invalid:
        return
    assert found is None or [type(value) for value in found] == [str, UUID]
