"""How replies are read: data in, a failure or nothing out."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.integrations.failures import (
    AuthFailed,
    BrokenAnswer,
    ContractDrift,
    Failure,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    ServerFailed,
    Transient,
)
from app.integrations.transports.http.redact import redacted
from app.integrations.transports.http.rules import (
    PLAIN,
    Means,
    On,
    RateHeaders,
    Rules,
    Success,
    at_path,
    is_spent,
    judge,
    read_pause,
)

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
SLACK = Rules(
    success=Success("ok", True, "error"),
    errors=[On(Means.REFUSED_AUTH, 2, path="error", value="invalid_auth|token_revoked")],
)


def judged(rules: Rules, status: int, body: Any = None, **headers: str) -> Failure | None:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return judge(rules, status, {name.replace("_", "-"): value for name, value in headers.items()}, text, NOW)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_2xx_is_good(status: int) -> None:
    assert judged(PLAIN, status, b"") is None


def test_a_status_nobody_knows() -> None:
    for status in (100, 103, 0):
        assert isinstance(judged(PLAIN, status), BrokenAnswer)
    failure = judged(PLAIN, 418)
    assert isinstance(failure, Rejected)
    assert failure.code == "rejected-418"


def test_200_that_is_a_no() -> None:
    """Slack says `ok: false` with status 200."""
    assert judged(SLACK, 200, {"ok": True}) is None
    missing = judged(SLACK, 200, {"ok": False, "error": "channel_not_found"})
    assert (type(missing), missing and missing.code) == (Rejected, "channel-not-found")
    assert isinstance(judged(SLACK, 200, {"ok": False, "error": "token_revoked"}), AuthFailed)
    for unsafe in ("Jane Roe is not here", "x" * 60, 7, None, ["a"], "José"):
        failure = judged(SLACK, 200, {"ok": False, "error": unsafe})
        assert failure is not None
        assert failure.code == "rejected"
    assert isinstance(judged(SLACK, 200, b"<html>"), BrokenAnswer)
    assert isinstance(judged(SLACK, 200, []), Rejected)


def test_success_without_a_reason() -> None:
    rules = Rules(success=Success("status", "done"))
    assert judged(rules, 200, {"status": "done"}) is None
    failure = judged(rules, 200, {"status": "not_done"})
    assert failure is not None
    assert failure.code == "rejected"


def test_429_inside_a_200() -> None:
    """BambooHR's webhook log throttles so."""
    rules = Rules(errors=[On(Means.SLOW_DOWN, 200, path="code", value="^429$")])
    failure = judged(rules, 200, {"code": 429}, retry_after="5")
    assert isinstance(failure, RateLimited)
    assert failure.until == NOW + timedelta(seconds=5)
    assert judged(rules, 200, {"code": 0}) is None


def test_a_permanent_no_inside_a_500() -> None:
    """Workday puts validation faults into a 500."""
    rules = Rules(errors=[On(Means.REJECTED, 500, path="fault.0.kind", value="validation", code="validation-fault")])
    assert isinstance(judged(rules, 500, {"fault": [{"kind": "Validation_Fault"}]}), Rejected)
    assert isinstance(judged(rules, 500, {"fault": []}), ServerFailed)
    assert isinstance(judged(rules, 500, b"oops"), ServerFailed)


def test_a_permanent_no_in_a_500_that_is_no_json() -> None:
    """A SOAP fault: its status says nothing, its words do."""
    rules = Rules(errors=[On(Means.REJECTED, 500, text="validation_?fault", code="validation-fault")])
    fault = b"<Fault><faultcode>Client.validationError</faultcode><detail><wd:Validation_Fault/></detail></Fault>"
    failure = judged(rules, 500, fault)
    assert isinstance(failure, Rejected)
    assert failure.code == "validation-fault"
    assert isinstance(judged(rules, 500, b"<Fault/>"), ServerFailed)
    assert isinstance(judged(rules, 500, b"\xff\xfe"), ServerFailed)
    assert judged(rules, 200, fault) is None


def test_rules_by_header_and_hundred() -> None:
    """Xero: minute and day limits differ in a header."""
    rules = Rules(
        errors=[
            On(Means.SLOW_DOWN, 429, header=("X-Rate-Limit-Problem", "^day$"), code="day-limit", pause_seconds=3600),
            On(Means.UNCERTAIN, 5, code="look-first"),
            On(Means.DRIFT, 4, header=("x-version", "1")),
        ]
    )
    day = judged(rules, 429, x_rate_limit_problem="DAY", retry_after="3600")
    minute = judged(rules, 429, x_rate_limit_problem="minute")
    assert [failure and failure.code for failure in (day, minute)] == ["day-limit", "slow-down"]
    silent = judged(rules, 429, x_rate_limit_problem="day")
    assert [failure.until - NOW for failure in (silent, minute) if failure and failure.until] == [
        timedelta(hours=1), timedelta(minutes=1)
    ]  # fmt: skip
    assert type(judged(rules, 502)) is OutcomeUnknown
    assert isinstance(judged(rules, 400, x_version="1"), ContractDrift)
    assert isinstance(judged(rules, 425), Transient)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0), ("120", 120), ("1.5", 1.5), (" 7 ", 7),
        ("Wed, 25 Nov 2026 12:01:00 GMT", 60), ("Wednesday, 25-Nov-26 12:01:00 GMT", 60), ("Wed Nov 25 12:01:00 2026", 60),
        ("2026-11-25T12:01:00Z", 60), ("2026-11-25T12:01:00+00:00", 60), ("2026-11-25T07:01:00-05:00", 60),
        ("2026-11-25T12:01:00", 60), (str(int(NOW.timestamp()) + 60), 60), ("Wed, 25 Nov 2026 11:00:00 GMT", 0),
        (str(int(NOW.timestamp() * 1000) + 60_000), 60), ("999999999", 7 * 86400), ("Wed, 25 Nov 2099 11:00:00 GMT", 7 * 86400),
    ],
)  # fmt: skip
def test_moments(text: str, seconds: float) -> None:
    for rules, headers in (
        (PLAIN, {"retry-after": text}),
        (Rules(rates=RateHeaders(reset="X-Ratelimit-Reset")), {"x-ratelimit-reset": text}),
    ):
        assert read_pause(rules, headers, NOW) == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "soon", "-5", "25/11/2026", "9" * 20, "Wed, 99 Nov 2026 12:01:00 GMT"])
def test_moments_that_are_none(text: str) -> None:
    assert read_pause(PLAIN, {"retry-after": text}, NOW) is None
    failure = judged(Rules(pause_seconds=30), 429, retry_after=text)
    assert isinstance(failure, RateLimited)
    assert failure.until == NOW + timedelta(seconds=30)


def test_retry_after_comes_before_the_reset() -> None:
    rules = Rules(rates=RateHeaders(remaining="X-Ratelimit-Remaining", reset="X-Ratelimit-Reset"))
    both = {"retry-after": "5", "x-ratelimit-reset": "2026-11-25T12:30:00Z"}
    assert read_pause(rules, both, NOW) == NOW + timedelta(seconds=5)
    assert is_spent(rules, {"x-ratelimit-remaining": " 0"})
    assert not is_spent(rules, {"x-ratelimit-remaining": "1"})
    assert not is_spent(PLAIN, {"": "0"})


def test_a_broken_server_may_say_when() -> None:
    with_time, without = judged(PLAIN, 503, retry_after="9"), judged(PLAIN, 503)
    assert with_time is not None
    assert with_time.until == NOW + timedelta(seconds=9)
    assert without is not None
    assert without.until is None


def test_places() -> None:
    document = {"a": [{"b": 1}], "c": {"0": 2}}
    assert [at_path(document, path) for path in ("a.0.b", "c.0", "a.1.b", "a.x", "c.d.e", "a.0.b.c")] == [
        1,
        2,
        None,
        None,
        None,
        None,
    ]


def test_unknown_headers_are_hidden() -> None:
    shown = redacted(
        [("X-RateLimit-Limit-Minute", "1"), ("RateLimit-Reset", "2"), ("Cookie", "x"), ("Server", "nginx")]
    )
    assert [value for _, value in shown] == ["1", "2", "•••", "nginx"]
