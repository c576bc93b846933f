"""One suite over every adapter that does something at a provider: whatever goes wrong at whichever request, it is done once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from app.integrations.failures import AuthFailed, Failure, OutcomeUnknown, RateLimited, Rejected, Transient
from app.integrations.ports import Contribution, Document, Eligible, Message, Steps, Told
from app.integrations.protection.retry import Safety
from sandbox.vendors.core.serving import serving
from tests.integrations.adapters.ports import Line
from tests.integrations.contract.served import WRITING, joined

PEOPLE = [Eligible(f"p-{n}", f"person{n}@example.com", f"Person {n}", "Example") for n in (1, 2, 97)]
PAID = Contribution(
    "p-1", "1", date(2026, 10, 1), date(2026, 10, 31), Decimal("50.25"), Decimal("30.00"), "GBP", Decimal("1000.00")
)
DOES: dict[str, Callable[[Any, str], Steps[Any]]] = {
    "messenger": lambda made, key: made.post(Message("A file waits", "Somebody has to look."), key),
    "documents": lambda made, key: made.keep(
        Document("paper.pdf", "application/pdf", b"%PDF-1.7 paper", ("2026",)), key
    ),
    "pension": lambda made, key: made.tell_contributions([PAID], key),
    "wellness": lambda made, key: made.tell_eligibility(PEOPLE, key),
}


@pytest.fixture(scope="module")
def vendors() -> Iterator[dict[str, Any]]:
    with ExitStack() as stack:
        yield {slug: stack.enter_context(serving(slug)) for slug, _ in WRITING}


FAULTS: dict[str, tuple[dict[str, Any], tuple[type[Failure], ...]]] = {
    "401": ({"status": 401}, (AuthFailed,)),
    "403": ({"status": 403}, (Rejected,)),
    "429": ({"status": 429}, (RateLimited,)),
    "500": ({"status": 500}, (OutcomeUnknown,)),
    "500 after the work": ({"status": 500, "after": True}, (OutcomeUnknown,)),
    "hung up": ({"do": "drop"}, (Transient, OutcomeUnknown)),
    "hung up after the work": ({"do": "drop", "after": True}, (Transient, OutcomeUnknown)),
}
OF_ITS_OWN = {("teams", "403"): (AuthFailed,)}
"""Where a vendor means something of its own: the address of a workflow is the credential, and another one is needed."""
DRAFTS = {"job"}
"""What a stand-in keeps that has no effect until it is handed in: one more of it was begun by a try that broke off."""


@dataclass
class Work:
    """One thing to be done at a stand-in that is as at the start."""

    line: Line
    port: str

    def do(self, key: str = "k-1") -> Any:
        made = getattr(self.line.manifest, self.port)(self.line.config)
        return self.line.run(DOES[self.port](made, key))

    @property
    def done(self) -> dict[str, int]:
        return {kind: count for kind, count in self.line.vendor.rows.kinds().items() if kind not in DRAFTS}

    @property
    def is_for_a_person(self) -> bool:
        """Nobody can find out whether it happened, so the engine does not try again: it asks."""
        return any(one.safety is Safety.ASK for one in self.line.api.operations)


@pytest.fixture
def begin(vendors: dict[str, Any]) -> Callable[[str, str], Work]:
    def make(slug: str, port: str) -> Work:
        vendors[slug].reset()
        return Work(joined(slug, vendors[slug]), port)

    return make


Begin = Callable[[str, str], Work]


@pytest.mark.parametrize(("slug", "port"), WRITING)
def test_it_is_done_and_the_same_key_again_does_nothing(begin: Begin, slug: str, port: str) -> None:
    work = begin(slug, port)
    before = work.done
    first = taken(work.do())
    after = work.done
    assert before != after
    if not work.is_for_a_person:
        again = taken(work.do())
        assert work.done == after
        assert isinstance(first, Told) or again == first


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(("slug", "port"), WRITING)
def test_whatever_breaks_it_is_done_once(begin: Begin, slug: str, port: str, fault: str) -> None:
    """At each of its requests in turn."""
    whole = begin(slug, port)
    asked = len(whole.line.vendor.asked())
    taken(whole.do())
    requests, values = len(whole.line.vendor.asked()) - asked, FAULTS[fault][0]
    wanted = whole.done
    for number in range(requests):
        work = begin(slug, port)
        work.line.vendor.fault(**{"do": "status", "path": "*", **values, "skip": number})
        met = meet(work, OF_ITS_OWN.get((slug, fault), FAULTS[fault][1]))
        assert not work.line.vendor.faults.on(), "it struck"
        if work.is_for_a_person and isinstance(met, OutcomeUnknown):
            continue
        taken(work.do())
        assert work.done == wanted, (number, met)


def taken(result: Any) -> Any:
    """Where many are told, nobody may be refused: not for being there already, either."""
    assert not isinstance(result, Told) or not result.refused
    return result


def meet(work: Work, family: tuple[type[Failure], ...]) -> Failure | None:
    """What the first try ended with; None where many are told and one was refused, which stops nobody else."""
    try:
        told = work.do()
    except family as failure:
        return failure
    assert isinstance(told, Told)
    assert told.refused
    return None
