"""A planted SSN never reaches a log line, whichever way it is logged."""

import io
import json
import logging

import pytest
import structlog

from app.core import logs
from app.core.config import get_settings

SSN = "536-90-4399"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    out = io.StringIO()
    monkeypatch.setattr("sys.stderr", out)
    logs.configure(get_settings())
    return out


def log_everything() -> None:
    log = structlog.get_logger("test")
    log.info(
        "said",
        ssn=SSN,
        text=f"the number is {SSN}",
        nested={"who": [SSN, {"password": "x" * 9}]},
        address="ana@acme.example",
    )
    try:
        raise ValueError(f"bad number {SSN}")
    except ValueError:
        log.exception("failed")
        logging.getLogger("library").exception("failed with %s", SSN)
    logging.getLogger("library").warning("plain 536904399 and\nforged line")


def test_no_protected_value_is_written(written: io.StringIO) -> None:
    log_everything()
    text = written.getvalue()
    assert text
    for secret in (SSN, "536904399", "ana@acme.example", "x" * 9):
        assert secret not in text


def test_lines_are_json_and_cannot_be_forged(written: io.StringIO) -> None:
    log_everything()
    events = [json.loads(line) for line in written.getvalue().splitlines()]
    assert {event["event"] for event in events} >= {"said", "failed"}
    assert any(event.get("exception") == "ValueError" and "log_everything" in event["where"] for event in events)


def test_numbers_and_codes_stay_readable() -> None:
    assert logs.scrub({"count": 12, "code": "mail-server-away", "ok": True, "none": None}) == {
        "count": 12, "code": "mail-server-away", "ok": True, "none": None,
    }  # fmt: skip
