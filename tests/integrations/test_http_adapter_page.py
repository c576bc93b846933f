"""The how-to page cannot rot: its example runs."""

import re
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from app.integrations import failures
from app.integrations.adapters.checkr.adapter import CheckrConfig
from app.integrations.adapters.checkr.manifest import CheckrSecrets
from app.integrations.api import Environment
from app.integrations.protection.retry import Decision, Next
from app.integrations.protection.shelf import MemoryShelf
from app.integrations.transports.http.calls import Exchanged, Reply
from app.integrations.transports.http.memory import MemoryCarrier

PAGE = (Path(__file__).parents[2] / "docs" / "http-adapter.md").read_text()


def order(*replies: Reply) -> tuple[Any, list[Exchanged], MemoryCarrier]:
    example, _with_the_application = re.findall(r"```python\n(.*?)```", PAGE, re.S)  # the other: tests/connections
    names: dict[str, Any] = {}
    exec(example, names)
    coming, kept = iter(replies), []
    carrier = MemoryCarrier(lambda _asked: next(coming))
    secrets = CheckrSecrets(api_key=SecretStr("sk"))
    done = names["order"](
        CheckrConfig(), secrets, MemoryShelf(), "c-1", Environment.STAGING, "k-1", kept.append, carrier
    )
    return done, kept, carrier


def test_the_example_orders_once() -> None:
    done, kept, carrier = order(Reply(503, (), b""), Reply(201, (), b'{"id": "cand_1"}'))
    assert done == "cand_1"
    assert [exchanged.record.outcome for exchanged in kept] == ["server-failed-503", "ok"]
    assert {dict(asked.headers)["idempotency-key"] for asked in carrier.seen} == {"k-1"}


def test_the_example_hands_over_what_it_may_not_decide() -> None:
    done, kept, _ = order(Reply(401, (), b'{"error": "Bad authentication error"}'))
    assert done == Decision(Next.SIGN_IN)
    assert len(kept) == 1


def test_every_failure_it_names_exists() -> None:
    table = PAGE.split("## What a failure means")[1]
    named = set(re.findall(r"`(\w+)`", table)) - {"until"}
    assert len(named) == 15
    assert all(hasattr(failures, name) for name in named)
