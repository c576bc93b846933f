"""Headers as a record may keep them: a short list of names whose values can hold no secret and no person."""

from __future__ import annotations

import re

from app.integrations.transports.http.calls import Pairs

HIDDEN = "•••"
_OPEN = {
    "accept", "accept-encoding", "age", "cache-control", "connection", "content-encoding", "content-length", "content-type",
    "date", "idempotency-key", "retry-after", "server", "transfer-encoding", "user-agent", "vary", "x-request-id", "request-id",
}  # fmt: skip
_RATES = re.compile(r"(x-)?[a-z-]*rate-?limit[a-z-]*")


def redacted(headers: Pairs) -> Pairs:
    """The same headers in order, names in lower case; a value stays only where its name is known to be harmless."""
    return tuple((name.lower(), value if _is_open(name.lower()) else HIDDEN) for name, value in headers)


def _is_open(name: str) -> bool:
    return name in _OPEN or _RATES.fullmatch(name) is not None
