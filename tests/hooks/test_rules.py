"""The catalog is a promise; the schedule is that of the specification; the signature is that of its known answer."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask

from app.core.clock import now
from app.hooks import rules
from app.hooks.forms import WORDS
from app.hooks.services.sending import Message, signed

VECTORS = Path(__file__).parents[3] / "shared" / "corpus" / "webhooks" / "known_answer_vectors.json"
MOMENT = datetime(2026, 11, 25, 12, 0, 0, 250_000, UTC)


def test_the_signature_is_the_one_of_the_specification() -> None:
    if not VECTORS.exists():
        pytest.skip("the corpus is not beside this checkout")
    known = next(one for one in json.loads(VECTORS.read_text()) if one["provider"].startswith("standard-webhooks"))
    message = Message(uuid4(), uuid4(), uuid4(), known["id"], "", (known["secret"],), known["body"])
    assert signed(message, datetime.fromtimestamp(int(known["timestamp"]), UTC)) == {
        "webhook-id": known["id"], "webhook-timestamp": known["timestamp"], "webhook-signature": known["signature"],
    }  # fmt: skip


def test_every_kind_has_words_a_stable_name_and_an_event_that_somebody_records() -> None:
    assert set(WORDS) == set(rules.BY_NAME)
    assert len(rules.BY_EVENT) == len(rules.CATALOG) == len({kind.name for kind in rules.CATALOG})
    assert all(re.fullmatch(r"[a-z_]+\.[a-z_]+", name) for name in rules.BY_NAME)
    source = "".join(
        path.read_text() for path in Path(rules.__file__).parents[1].rglob("*.py") if "hooks" not in path.parts
    )
    assert {
        kind.event for kind in rules.CATALOG if kind.event not in source and _stem(kind.event) not in source
    } == set()


def _stem(event: str) -> str:
    """How a service writes an event whose last word it chooses."""
    return f'f"{event.rpartition(".")[0]}.{{'


def test_where_a_message_points_the_api_has_an_operation(app: Flask) -> None:
    paths = {re.sub(r"<[^>]+>", "{id}", rule.rule).rstrip("/") for rule in app.url_map.iter_rules()}
    pointing = [kind.api.rstrip("/") for kind in rules.CATALOG if kind.api]
    assert pointing
    assert set(pointing) <= paths


def test_a_body_holds_ids_and_nothing_else() -> None:
    subject = UUID("01890000-0000-7000-8000-000000000001")
    hired = json.loads(rules.body("employee.hired", MOMENT, subject, "https://corridor.example/"))
    assert hired == {
        "type": "employee.hired",
        "timestamp": "2026-11-25T12:00:00.250Z",
        "data": {"object": "employee", "id": str(subject), "url": None},
    }
    decided = json.loads(rules.body("screening.decided", MOMENT, subject, "https://corridor.example/"))
    assert decided["data"]["url"] == f"https://corridor.example/api/bg-check-requests/{subject}/"


def test_ten_tries_over_three_days() -> None:
    waits = [rules.next_wait(tries, 0) for tries in range(1, 11)]
    hours = [wait / timedelta(hours=1) for wait in waits if wait]
    assert [round(hour * 3600) for hour in hours[:3]] == [5, 300, 1800]
    assert hours[3:] == [2, 5, 10, 14, 20, 24]
    assert waits[-1] is None
    assert rules.next_wait(1, 1.0) == timedelta(seconds=5.5)
    assert max(wait for wait in waits if wait) < rules.QUIET


def test_failing_begins_anew_after_a_quiet_time() -> None:
    day = timedelta(days=1)
    assert rules.failing_since(None, None, MOMENT) == MOMENT
    assert rules.failing_since(MOMENT - 4 * day, MOMENT - day, MOMENT) == MOMENT - 4 * day
    assert rules.failing_since(MOMENT - 30 * day, MOMENT - 29 * day, MOMENT) == MOMENT


def test_the_page_for_receivers_tells_the_catalog_and_its_example_works() -> None:
    page = (Path(__file__).parents[2] / "docs" / "outbound-webhooks.md").read_text()
    table = page.partition("| type |")[2].partition("\n\n")[0]
    assert set(re.findall(r"`([a-z_]+\.[a-z_]+)`", table)) == set(rules.BY_NAME)
    names: dict[str, Any] = {}
    exec(re.findall(r"```python\n(.*?)```", page, re.S)[0], names)
    secret, subject = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", uuid4()
    body = rules.body("employee.hired", MOMENT, subject, "https://corridor.example")
    headers = signed(Message(uuid4(), uuid4(), uuid4(), "msg_1", "", (secret,), body), now())
    seen: set[str] = set()
    assert [names["receive"](secret, headers, body.encode(), seen) for _ in range(2)] == [204, 204]
    assert seen == {"msg_1"}
    assert names["receive"](secret, headers, body.encode() + b" ", seen) == 401
