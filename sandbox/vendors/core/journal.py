"""Every request a stand-in was asked, for tests that look at paging, proof and idempotency keys."""

from __future__ import annotations

import fnmatch
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from werkzeug import Request

KEPT = 100_000


@dataclass(slots=True)
class Asked:
    """headers: names in lower case. status: 0 while it is being answered. fault: what was done to it on purpose."""

    at: datetime
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    status: int = 0
    fault: str = ""

    def shown(self) -> dict[str, Any]:
        """As JSON. The body is left to Python: tests of another process look at the outcome."""
        return {
            "at": self.at.isoformat(), "method": self.method, "path": self.path, "query": self.query,
            "headers": self.headers, "status": self.status, "fault": self.fault,
        }  # fmt: skip


@dataclass
class Journal:
    asked: deque[Asked] = field(default_factory=lambda: deque(maxlen=KEPT))

    def note(self, request: Request, at: datetime) -> Asked:
        headers = {name.lower(): value for name, value in request.headers.items()}
        one = Asked(at, request.method, request.path, request.args.to_dict(), headers, request.get_data())
        self.asked.append(one)
        return one

    def find(self, path: str = "*", method: str = "") -> list[Asked]:
        """Oldest first. path: a pattern such as `/api/v1/employees*`."""
        return [one for one in list(self.asked) if method in ("", one.method) and fnmatch.fnmatchcase(one.path, path)]
