"""First Advantage: nothing can be asked of it, and what it sends is believed by its key alone."""

from __future__ import annotations

import pytest

from app.integrations.contracts import Capability
from app.integrations.registry import adapter
from app.integrations.webhooks.delivery import Delivery, NotBelieved, Reason
from app.integrations.webhooks.door import receive
from tests.integrations.screeners import NOW

MANIFEST = adapter("first_advantage")
HOOKS = MANIFEST.webhooks
assert HOOKS is not None


def test_it_says_what_it_cannot() -> None:
    assert MANIFEST.capabilities == {Capability.MANUAL, Capability.WEBHOOKS}
    assert (MANIFEST.api, MANIFEST.screening, MANIFEST.offers) == (None, None, frozenset())


@pytest.mark.parametrize("name", ["fadvKey", "Fadvkey", "FADVKEY"])
def test_a_delivery_with_the_key_says_look(name: str) -> None:
    body = b'{"anything": {"at": "all"}}'
    (event,) = receive(HOOKS, Delivery({name: "key-1"}, body), ["key-1"], NOW).events
    assert (event.kind, event.subject, event.resource) == ("", "", "")
    (again,) = receive(HOOKS, Delivery({name: "key-1"}, body), ["key-1"], NOW).events
    (other,) = receive(HOOKS, Delivery({name: "key-1"}, b'{"anything": 2}'), ["key-1"], NOW).events
    assert again.id == event.id != other.id


@pytest.mark.parametrize(
    ("headers", "secrets", "reason"),
    [
        ({}, ["key-1"], Reason.HEADER_MISSING), ({"fadvKey": ""}, ["key-1"], Reason.HEADER_MISSING),
        ({"fadvKey": "key-2"}, ["key-1"], Reason.TOKEN_WRONG), ({"Authorization": "key-1"}, ["key-1"], Reason.HEADER_MISSING),
        ({"fadvKey": "key-1"}, [], Reason.SECRET_MISSING), ({"fadvKey": "key-1"}, [""], Reason.SECRET_MISSING),
    ],
)  # fmt: skip
def test_everything_else_is_refused(headers: dict[str, str], secrets: list[str], reason: Reason) -> None:
    with pytest.raises(NotBelieved) as met:
        receive(HOOKS, Delivery(headers, b"{}"), secrets, NOW)
    assert met.value.reason is reason


def test_garbage_with_the_key_is_refused() -> None:
    for body in (b"", b"garbage", b"[5]"):
        with pytest.raises(NotBelieved):
            receive(HOOKS, Delivery({"fadvKey": "key-1"}, body), ["key-1"], NOW)
