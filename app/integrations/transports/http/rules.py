"""Which reply is a success and which failure the others are: data of the manifest, judged without I/O."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

from app.integrations.failures import (
    AuthFailed,
    BrokenAnswer,
    Conflict,
    ContractDrift,
    Failure,
    Forbidden,
    Gone,
    NotFound,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    ServerFailed,
    Transient,
)


class Means(StrEnum):
    """What a reply means to the engine."""

    REFUSED_AUTH = "credentials-refused"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not-found"
    GONE = "gone"
    CONFLICT = "conflict"
    SLOW_DOWN = "slow-down"
    BUSY = "busy"
    REJECTED = "rejected"
    FAILED = "server-failed"
    UNCERTAIN = "outcome-unknown"
    DRIFT = "contract-drift"


@dataclass(frozen=True, slots=True)
class On:
    """A reply that means something of its own. Every part that is given must fit; the first rule that fits wins.

    status: 0 for any, 4 or 5 for the whole hundred. header: a name and a pattern. path, value: a place in the JSON body
    (`error.code`, `errors.0.type`) and a pattern for what stands there. text: a pattern for anything in the body, where it is no JSON
    (a SOAP fault). code: ours, kebab-case; empty: that of `means`. pause_seconds: how long to wait when the reply does
    not say; 0: as long as `Rules` says.
    """

    means: Means
    status: int = 0
    header: tuple[str, str] = ("", "")
    path: str = ""
    value: str = ""
    code: str = ""
    text: str = ""
    pause_seconds: float = 0


@dataclass(frozen=True, slots=True)
class Success:
    """A 2xx whose JSON has `value` at `path` (Slack: `ok` true); without `path` any 2xx. code: where the reason stands if not."""

    path: str = ""
    value: Any = True
    code: str = ""


ANY_2XX = Success()


@dataclass(frozen=True, slots=True)
class RateHeaders:
    """Where the provider tells how much may still be asked. reset: an ISO time, seconds since 1970, or seconds from now."""

    limit: str = ""
    remaining: str = ""
    reset: str = ""


NO_RATES = RateHeaders()


@dataclass(frozen=True, slots=True)
class Rules:
    """How a provider's replies are read. pause_seconds: how long to wait after a 429 that does not say."""

    success: Success = ANY_2XX
    errors: Sequence[On] = ()
    rates: RateHeaders = NO_RATES
    pause_seconds: float = 60


PLAIN = Rules()

_BY_STATUS = {
    400: Means.REJECTED, 401: Means.REFUSED_AUTH, 403: Means.FORBIDDEN, 404: Means.NOT_FOUND, 408: Means.BUSY,
    409: Means.CONFLICT, 410: Means.GONE, 425: Means.BUSY, 429: Means.SLOW_DOWN,
}  # fmt: skip
_CONFLICT = (
    "The provider already has this, or is still busy with the same request. Look there before you send it again."
)
_LONGEST_PAUSE = timedelta(days=7)


def judge(rules: Rules, status: int, headers: Mapping[str, str], body: bytes, at: datetime) -> Failure | None:
    """None for a success. headers: lower-case names. at: when the reply came (UTC, aware)."""
    looks_inside = rules.success.path or any(rule.path and _fits_status(rule, status) for rule in rules.errors)
    document = _document(body) if looks_inside else None
    for rule in rules.errors:
        if _fits(rule, status, headers, document) and _holds(rule, body):
            return _failure(rule.means, rule.code or rule.means.value, _pause(rules, headers, at, rule.pause_seconds))
    if 200 <= status < 300:
        return _judge_success(rules, headers, document, at)
    if 300 <= status < 400:
        return BrokenAnswer("redirect-refused")
    if status < 200:
        return BrokenAnswer("status-unknown")
    means = Means.FAILED if status >= 500 else _BY_STATUS.get(status, Means.REJECTED)
    code = (
        f"rejected-{status}" if means is Means.REJECTED else f"server-failed-{status}" if status >= 500 else means.value
    )
    return _failure(means, code, _pause(rules, headers, at))


def at_path(document: Any, path: str) -> Any:
    """What stands at a dotted path; None when nothing does."""
    for part in path.split("."):
        if isinstance(document, list) and part.isdigit():
            document = document[int(part)] if int(part) < len(document) else None
        else:
            document = document.get(part) if isinstance(document, dict) else None
    return document


def read_pause(rules: Rules, headers: Mapping[str, str], at: datetime) -> datetime | None:
    """The earliest moment to ask again, from `Retry-After` (seconds or HTTP date) or the provider's reset header."""
    for name in ("retry-after", rules.rates.reset.lower()):
        if name and (until := _moment(headers.get(name, ""), at)) is not None:
            return min(max(until, at), at + _LONGEST_PAUSE)
    return None


def is_spent(rules: Rules, headers: Mapping[str, str]) -> bool:
    """The provider says that nothing more may be asked before the reset."""
    name = rules.rates.remaining.lower()
    return bool(name) and headers.get(name, "").strip() == "0"


def _pause(rules: Rules, headers: Mapping[str, str], at: datetime, seconds: float = 0) -> tuple[datetime, bool]:
    """When to go on, and whether the provider said so itself."""
    said = read_pause(rules, headers, at)
    return said or at + timedelta(seconds=seconds or rules.pause_seconds), said is not None


def _failure(means: Means, code: str, pause: tuple[datetime, bool]) -> Failure:
    until, said = pause
    if means is Means.SLOW_DOWN:
        return RateLimited(code, until)
    if means is Means.FAILED:
        return ServerFailed(code, until if said else None)
    if means is Means.CONFLICT:
        return Conflict(code, _CONFLICT)
    return _KINDS[means](code)


_KINDS: dict[Means, type[Failure]] = {
    Means.REFUSED_AUTH: AuthFailed,
    Means.FORBIDDEN: Forbidden,
    Means.NOT_FOUND: NotFound,
    Means.GONE: Gone,
    Means.BUSY: Transient,
    Means.REJECTED: Rejected,
    Means.UNCERTAIN: OutcomeUnknown,
    Means.DRIFT: ContractDrift,
}


def _judge_success(rules: Rules, headers: Mapping[str, str], document: Any, at: datetime) -> Failure | None:
    wanted = rules.success
    if not wanted.path or at_path(document, wanted.path) == wanted.value:
        return None
    if document is None:
        return BrokenAnswer("answer-not-json")
    code = _safe_code(at_path(document, wanted.code)) if wanted.code else ""
    return _failure(Means.REJECTED, code or Means.REJECTED.value, _pause(rules, headers, at))


def _fits(rule: On, status: int, headers: Mapping[str, str], document: Any) -> bool:
    name, pattern = rule.header
    if not _fits_status(rule, status):
        return False
    if name and not re.search(pattern, headers.get(name.lower(), ""), re.IGNORECASE):
        return False
    return not rule.path or re.search(rule.value, _text(at_path(document, rule.path)), re.IGNORECASE) is not None


def _holds(rule: On, body: bytes) -> bool:
    return not rule.text or re.search(rule.text, body.decode("utf-8", "replace"), re.IGNORECASE) is not None


def _fits_status(rule: On, status: int) -> bool:
    return rule.status in (0, status, status // 100)


def _text(value: Any) -> str:
    """A place with nothing fits no pattern but an empty one."""
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)


def _document(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _safe_code(value: Any) -> str:
    """A provider's short code as ours; empty when it might be a sentence."""
    text = value.lower().replace("_", "-") if isinstance(value, str) else ""
    return text if re.fullmatch(r"[a-z][a-z0-9-]{1,39}", text) else ""


def _moment(text: str, at: datetime) -> datetime | None:
    text = text.strip()
    if re.fullmatch(r"\d{1,13}(\.\d+)?", text):
        number = float(text) / (1000 if float(text) > 1e11 else 1)
        return datetime.fromtimestamp(number, UTC) if number > 1e9 else at + timedelta(seconds=number)
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read(text.replace("Z", "+00:00") if read is datetime.fromisoformat else text)
        except (ValueError, TypeError):
            continue
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    return None
