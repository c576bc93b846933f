"""The promise an adapter keeps. Pure: it makes calls and reads answers, sends nothing, repeats nothing and decides nothing."""

# ruff: noqa: ARG002  a method that refuses promises its arguments all the same

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol

from pydantic import BaseModel

from app.integrations.failures import Rejected
from app.integrations.screening.facts import (
    AdverseAction,
    AdverseItem,
    Candidate,
    Invitation,
    Order,
    Package,
    Report,
    StoredDocument,
)
from app.integrations.transports.http.calls import Answer, Call


class Ability(StrEnum):
    """What not every provider can. Each is the name of the method an adapter writes for it; without it the method refuses."""

    CANDIDATES = "make_candidate"  # keeps candidates of its own: make one, then order
    FIND_CANDIDATES = "find_candidates"
    FIND_ORDERS = "find_orders"
    PACKAGES = "list_packages"
    CANCEL = "cancel_invitation"
    ETA = "get_eta"
    DOCUMENTS = "get_document"
    RECORDS = "list_adverse_items"
    ACCEPT = "engage"
    ADVERSE_ACTION = "start_adverse_action"
    ERASE = "erase_candidate"


class ScreeningProvider:
    """A provider that can take an order and tell about it; the rest is in `abilities`, and refuses with `not-offered` by itself.

    Every reader raises `ContractDrift` for an answer that is not of the promised shape. key: idempotency key, one per intent; what a
    second call does is said by `Api.safety`, never by an adapter.

    hosts_consent: it shows the disclosures and takes the signature itself, after `invite`.
    """

    hosts_consent: bool = True

    @property
    def abilities(self) -> frozenset[Ability]:
        """Derived from the methods that are written; a provider set up by data says it by itself."""
        return frozenset(
            ability for ability in Ability if getattr(type(self), ability) is not getattr(ScreeningProvider, ability)
        )

    # What each provider can

    def invite(self, candidate_id: str, order: Order, key: str) -> Call:
        """The order. candidate_id: empty where the provider keeps no candidates."""
        raise NotImplementedError

    def get_invitation(self, invitation_id: str) -> Call:
        raise NotImplementedError

    def read_invitation(self, answer: Answer) -> Invitation:
        """Of `invite` and of `get_invitation`. Where order and report are one thing, `report_id` is its own id."""
        raise NotImplementedError

    def get_report(self, report_id: str) -> Call:
        raise NotImplementedError

    def read_report(self, answer: Answer) -> Report:
        raise NotImplementedError

    # What some can

    def list_packages(self) -> Call:
        raise _not_offered()

    def read_package(self, record: Any) -> Package:
        raise _not_offered()

    def make_candidate(self, candidate: Candidate, key: str) -> Call:
        raise _not_offered()

    def read_candidate(self, answer: Answer) -> str:
        """The provider's id."""
        raise _not_offered()

    def erase_candidate(self, candidate_id: str) -> Call:
        """Delete what identifies the person; it cannot be undone, and asking twice does no harm."""
        raise _not_offered()

    def find_candidates(self, reference: str) -> Call:
        """Those that carry our reference: where to look when nobody knows whether one was made."""
        raise _not_offered()

    def find_orders(self, candidate_id: str, order: Order) -> Call:
        """Orders that may be this one, older ones too: what is left after those we know is ours."""
        raise _not_offered()

    def read_found(self, answer: Answer) -> tuple[str, ...]:
        """Ids, of `find_candidates` or `find_orders`."""
        raise _not_offered()

    def cancel_invitation(self, invitation_id: str) -> Call:
        raise _not_offered()

    def get_eta(self, report_id: str) -> Call:
        """`NotFound` with code `eta-unavailable` is an answer too: nobody knows."""
        raise _not_offered()

    def read_eta(self, answer: Answer) -> date:
        raise _not_offered()

    def get_document(self, document_id: str) -> Call:
        """One of `Report.documents`."""
        raise _not_offered()

    def read_document(self, answer: Answer) -> StoredDocument:
        raise _not_offered()

    def list_adverse_items(self, report_id: str) -> Call:
        """The records a notice can name; refused unless the report says `consider`."""
        raise _not_offered()

    def read_adverse_items(self, answer: Answer) -> tuple[AdverseItem, ...]:
        raise _not_offered()

    def engage(self, report_id: str) -> Call:
        """Tells the provider that the person is accepted; no letter leaves by it."""
        raise _not_offered()

    def start_adverse_action(
        self, report_id: str, item_ids: Sequence[str], key: str, *, post_notice_at: datetime | None, postal: bool
    ) -> Call:
        """Only of a provider whose final notice can be put off and stopped: it leaves after a person's click, never by itself."""
        raise _not_offered()

    def cancel_adverse_action(self, action_id: str) -> Call:
        raise _not_offered()

    def read_adverse_action(self, answer: Answer) -> AdverseAction:
        raise _not_offered()


class ScreeningFactory(Protocol):
    def __call__(self, config: BaseModel) -> ScreeningProvider: ...


def _not_offered() -> Rejected:
    return Rejected(
        "not-offered", "This provider cannot do that through its interface. Do it in the provider's own portal."
    )
