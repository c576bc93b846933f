"""What a screening provider can is derived from its adapter, and what it cannot is refused in so many words."""

import inspect
import json
from typing import Any

import pytest

from app.integrations.adapters.checkr.adapter import CheckrConfig, open_screening
from app.integrations.failures import ContractDrift, Rejected
from app.integrations.screening import Ability, Callback, Candidate, Order, ScreeningProvider
from app.integrations.transports.http.calls import Answer, Call

PERSON = Candidate("emp-7", "Jane", "Roe", "jane@example.com")


class Smallest(ScreeningProvider):
    def invite(self, candidate_id: str, order: Order, key: str) -> Call:
        return Call("orders.create", "POST", "/orders")


class WithEta(Smallest):
    def get_eta(self, report_id: str) -> Call:
        return Call("eta.get", "GET", "/eta")


def test_abilities_are_the_methods_that_are_written() -> None:
    assert Smallest().abilities == frozenset()
    assert WithEta().abilities == {Ability.ETA}
    assert open_screening(CheckrConfig()).abilities == frozenset(Ability)


def test_what_is_not_written_is_refused() -> None:
    given: dict[str, Any] = {"post_notice_at": None, "postal": False, "candidate": PERSON, "item_ids": ()}
    core = {"invite", "get_invitation", "read_invitation", "get_report", "read_report", "abilities", "hosts_consent"}
    refusing = [name for name in vars(ScreeningProvider) if not name.startswith("_") and name not in core]
    assert set(Ability) < set(refusing)
    for name in refusing:
        method = getattr(Smallest(), name)
        with pytest.raises(Rejected, match="not-offered") as met:
            method(**{one: given.get(one, "x") for one in inspect.signature(method).parameters})
        assert "portal" in met.value.advice
    for name in ("get_invitation", "get_report"):
        with pytest.raises(NotImplementedError):
            getattr(Smallest(), name)("x")


def test_an_order_shows_nobody_and_no_password() -> None:
    order = Order("p", [], candidate=PERSON, callback=Callback("https://corridor.example/hook/1", "hook:secret"))
    assert "secret" not in repr(order)
    assert "Roe" not in repr(order)


def test_checkr_finds_what_it_already_has() -> None:
    checkr = open_screening(CheckrConfig())
    page = {"object": "list", "data": [{"id": "inv_1"}, {"id": "inv_2"}]}
    assert checkr.read_found(Answer(200, {}, json.dumps(page).encode())) == ("inv_1", "inv_2")
    for wrong in ([], {}, {"data": {}}, {"data": ["x"]}, {"data": [{}]}):
        with pytest.raises(ContractDrift):
            checkr.read_found(Answer(200, {}, json.dumps(wrong).encode()))
