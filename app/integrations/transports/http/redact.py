"""What a record may keep: headers that can hold no secret and no person, and bodies without the numbers that are one's identity."""

from __future__ import annotations

import json
import re
from typing import Any

from app.integrations.transports.http.calls import Pairs

HIDDEN = "•••"
_OPEN = {
    "accept", "accept-encoding", "age", "cache-control", "connection", "content-encoding", "content-length", "content-type",
    "date", "idempotency-key", "retry-after", "server", "transfer-encoding", "user-agent", "vary", "x-request-id", "request-id",
}  # fmt: skip
_RATES = re.compile(r"(x-)?[a-z-]*rate-?limit[a-z-]*")

_GAP = r"[_\s-]?"
_NAMES = "|".join(
    name.replace(" ", _GAP)
    for name in (
        "ssn", "ssn last 4", "last 4 ssn", "social security", "social security number", "social insurance number", "sin", "itin",
        "tax id", "national id", "national id number", "government id", "government ids", "government id number", "dob", "date of birth",
        "birth date", "birthday", "driver'?s? licen[cs]e number", "licen[cs]e number", "passport number", "password", "basic auth",
    )
)  # fmt: skip
_NAMED = re.compile(_NAMES, re.IGNORECASE)
# What a body must hold before it is looked through: most are not, and some have 20 MB. `\\u` may write any of them.
_HINTS = (
    b"ssn", b"social", b"sin", b"itin", b"tax", b"national", b"government", b"dob", b"birth", b"licen", b"passport", b"password",
    b"basic", b"\\u",
)  # fmt: skip
_DASHED_HINT = re.compile(rb"-\d\d-\d{4}")
# `name=value`, `"name": "value"` of JSON that is cut off, `<name a="b">value</name>`; the name may be the end of a longer path.
# Every repetition has an end, so that no text can make it slow.
_BETWEEN = r"[\"']?(?:\s{0,9}[:=]\s{0,9}[\"']?|[^<>]{0,99}>\s{0,9})"
_WRITTEN = re.compile(rf"((?<![a-z0-9])(?:{_NAMES}){_BETWEEN})([^\"'&<>,\s]+)", re.IGNORECASE)
# `<name><kept><value>`: up to three elements deeper.
_WITHIN = re.compile(
    rf"(<(?:[\w.-]{{1,40}}:)?(?:{_NAMES})[^<>]{{0,99}}>\s{{0,9}}(?:<[^<>/]{{0,99}}>\s{{0,9}}){{1,3}})([^<>\s]+)",
    re.IGNORECASE,
)
_DASHED_SSN = re.compile(r"(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])")


def redacted(headers: Pairs) -> Pairs:
    """The same headers in order, names in lower case; a value stays only where its name is known to be harmless."""
    return tuple((name.lower(), value if _is_open(name.lower()) else HIDDEN) for name, value in headers)


def redacted_body(body: bytes) -> bytes:
    """The body without Social Security numbers, birth dates, numbers of papers and passwords; byte for byte the same when it holds none.

    JSON loses them by name at any depth, other text by the names it writes them under; a number written 123-45-6789 goes from both.
    What is no text (a PDF) stays as it is: such a body must be encrypted whatever it holds.
    """
    low = body.lower()
    if not any(hint in low for hint in _HINTS) and not _DASHED_HINT.search(low):
        return body
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return body
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        found = _WITHIN.sub(rf"\1{HIDDEN}", _WRITTEN.sub(rf"\1{HIDDEN}", text))
        return _DASHED_SSN.sub(HIDDEN, found).encode()
    hidden = _without(document)
    return body if hidden == document else json.dumps(hidden, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _without(value: Any, hide: bool = False) -> Any:
    if isinstance(value, dict):
        return {name: _without(inner, hide or _NAMED.fullmatch(name) is not None) for name, inner in value.items()}
    if isinstance(value, list):
        return [_without(inner, hide) for inner in value]
    if hide and value not in (None, "") and not isinstance(value, bool):
        return HIDDEN
    return _DASHED_SSN.sub(HIDDEN, value) if isinstance(value, str) else value


def _is_open(name: str) -> bool:
    return name in _OPEN or _RATES.fullmatch(name) is not None
