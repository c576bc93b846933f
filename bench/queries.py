"""Which statements a request sends, counted at the cursor. Also used by tests/performance."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy import event


class Sent(NamedTuple):
    """A statement as the driver got it, with its parameters."""

    statement: str
    parameters: Any


@contextmanager
def watched(engine: Any) -> Iterator[list[Sent]]:
    """Every statement of this process's engine during the block; the key ring's own look-ups are left out (once in 5 minutes)."""
    seen: list[Sent] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        if "data_key" not in statement:
            seen.append(Sent(statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def queries_of(app: Any, path: str, cookie: str) -> list[Sent]:
    """The statements of one GET, after one to warm caches.

    Raises:
        AssertionError: the answer was not 200.
    """
    from app.core.db import engine

    client = app.test_client(use_cookies=False)
    headers = {"Cookie": cookie}
    client.get(path, headers=headers)
    with watched(engine()) as seen:
        answer = client.get(path, headers=headers)
    assert answer.status_code == 200, f"{path} answered {answer.status_code}"
    return seen
