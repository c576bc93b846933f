"""Checkr's requests and answers. Pure mapping: it sends nothing, repeats nothing and decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.integrations.adapters.checkr import reading
from app.integrations.adapters.checkr.api import API
from app.integrations.adapters.checkr.words import CHECKS
from app.integrations.failures import Rejected
from app.integrations.reading import needed
from app.integrations.screening import (
    AdverseAction,
    AdverseItem,
    Candidate,
    Check,
    Invitation,
    Order,
    Package,
    Report,
    ScreeningProvider,
    StoredDocument,
)
from app.integrations.transports.http.calls import Answer, Call, File, Json, Upload

_INCLUDED = ",".join(kind.included_as for kind in CHECKS if kind.included_as)


class CheckrConfig(BaseModel):
    """Nothing secret."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    default_node: str = Field(
        "",
        title="Node",
        description="Only for accounts with a hierarchy: where orders go that name no node of their own.",
        max_length=100,
    )


class Checkr(ScreeningProvider):
    """See `ScreeningProvider`."""

    def __init__(self, config: CheckrConfig) -> None:
        self._config = config

    # Packages

    def list_packages(self) -> Call:
        return API.resource("package").list()

    def read_package(self, record: Any) -> Package:
        return reading.package(record)

    # Candidates and invitations: the hosted flow

    def make_candidate(self, candidate: Candidate, key: str) -> Call:
        """Names, e-mail and our reference. A middle name, or the word that there is none; never both."""
        facts = {
            "first_name": candidate.first_name, "last_name": candidate.last_name, "email": candidate.email,
            "middle_name": candidate.middle_name, "phone": candidate.phone, "zipcode": candidate.zip_code,
            "custom_id": candidate.reference,
        }  # fmt: skip
        sent: dict[str, Any] = {name: text for name, text in facts.items() if text}
        if not candidate.middle_name:
            sent["no_middle_name"] = True
        if candidate.copy_requested:
            sent["copy_requested"] = True
        return API.operation("candidates.create").call(Json(sent), key=key)

    def find_candidates(self, reference: str) -> Call:
        """Those that carry our reference: where to look when nobody knows whether one was made."""
        return API.resource("candidate").list((("custom_id", reference),))

    def read_found(self, answer: Answer) -> tuple[str, ...]:
        return reading.ids(answer)

    def read_candidate(self, answer: Answer) -> str:
        return needed(reading.object_of(answer, "candidate"), "id")

    def erase_candidate(self, candidate_id: str) -> Call:
        """Checkr deletes what identifies the person; it cannot be undone."""
        return API.operation("candidates.erase").call(fills={"id": candidate_id})

    def invite(self, candidate_id: str, order: Order, key: str) -> Call:
        """Checkr writes to the candidate and collects consent, SSN and birth date. Valid for seven days."""
        return API.operation("invitations.create").call(Json(self._ordered(candidate_id, order)), key=key)

    def find_orders(self, candidate_id: str, order: Order) -> Call:
        """All invitations of a candidate, whatever their state."""
        del order  # Checkr finds them by the candidate alone
        return API.resource("invitation").list((("candidate_id", candidate_id),))

    def get_invitation(self, invitation_id: str) -> Call:
        return API.resource("invitation").get(invitation_id, (("include_deleted", "true"),))

    def cancel_invitation(self, invitation_id: str) -> Call:
        return API.operation("invitations.cancel").call(fills={"id": invitation_id})

    def read_invitation(self, answer: Answer) -> Invitation:
        return reading.invitation(reading.object_of(answer, "invitation"))

    # Reports

    def order_report(self, candidate_id: str, order: Order, key: str) -> Call:
        """The self-hosted flow. This call is the certification of FCRA 1681b(b)(1): consent must be signed and uploaded before."""
        return API.operation("reports.create").call(Json(self._ordered(candidate_id, order)), key=key)

    def get_report(self, report_id: str) -> Call:
        """With every search it can include, so that one call tells all."""
        return API.resource("report").get(report_id, (("include", _INCLUDED),))

    def complete_now(self, report_id: str, key: str) -> Call:
        """Ends what still runs; the report then says `includes_canceled`."""
        return API.operation("reports.complete").call(key=key, fills={"id": report_id})

    def engage(self, report_id: str) -> Call:
        """Tells Checkr that the person is accepted."""
        return API.operation("reports.engage").call(Json({"adjudication": "engaged"}), fills={"id": report_id})

    def read_report(self, answer: Answer) -> Report:
        return reading.report(reading.object_of(answer, "report"))

    def get_check(self, kind: str, ref: str) -> Call:
        """One search. Raises `KeyError` for a kind that comes inside of its report only."""
        return API.resource(kind).get(ref)

    def read_check(self, kind: str, answer: Answer) -> Check:
        return reading.check(kind, reading.object_of(answer, ""))

    def get_eta(self, report_id: str) -> Call:
        return API.resource("eta").get(report_id)

    def read_eta(self, answer: Answer) -> date:
        """A day, whatever time it is written with."""
        return reading.eta(answer)

    # Adverse action

    def list_adverse_items(self, report_id: str) -> Call:
        """Refused unless the report says `consider` and has no live adverse action."""
        return API.resource("adverse_item").list(fills={"id": report_id})

    def read_adverse_items(self, answer: Answer) -> tuple[AdverseItem, ...]:
        return reading.adverse_items(answer.json())

    def start_adverse_action(
        self, report_id: str, item_ids: Sequence[str], key: str, *, post_notice_at: datetime | None, postal: bool
    ) -> Call:
        """Checkr sends the pre-adverse notice now, and the final one at `post_notice_at` (aware; seven days when None).

        Raises:
            Rejected: no item was chosen.
        """
        if not item_ids:
            raise Rejected("adverse-items-missing", "Choose the records the decision rests on.")
        sent: dict[str, Any] = {"adverse_item_ids": list(item_ids)}
        if post_notice_at is not None:
            sent["post_notice_scheduled_at"] = post_notice_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if postal:
            sent["medium"] = {"email": {"priority": 1, "required": False}, "postal": {"priority": 1, "required": True}}
        return API.operation("adverse_actions.create").call(Json(sent), key=key, fills={"id": report_id})

    def get_adverse_action(self, action_id: str) -> Call:
        return API.resource("adverse_action").get(action_id)

    def cancel_adverse_action(self, action_id: str) -> Call:
        return API.operation("adverse_actions.cancel").call(fills={"id": action_id})

    def read_adverse_action(self, answer: Answer) -> AdverseAction:
        return reading.adverse_action(reading.object_of(answer, "adverse_action"))

    # Documents

    def upload_document(self, candidate_id: str, kind: str, file: File, key: str) -> Call:
        """kind: `consent` for a signed authorization."""
        body = Upload([file], (("type", kind),))
        return API.operation("documents.upload").call(body, key=key, fills={"id": candidate_id})

    def get_document(self, document_id: str) -> Call:
        return API.resource("document").get(document_id)

    def read_document(self, answer: Answer) -> StoredDocument:
        return reading.document(reading.object_of(answer, "document"))

    def _ordered(self, candidate_id: str, order: Order) -> dict[str, Any]:
        if not order.locations:
            raise Rejected(
                "work-location-missing", "Say where the person will work: it decides which disclosures are shown."
            )
        places = [
            {"country": place.country, "state": place.state} | ({"city": place.city} if place.city else {})
            for place in order.locations
        ]
        facts: dict[str, Any] = {"candidate_id": candidate_id, "package": order.package, "work_locations": places}
        if node := order.node or self._config.default_node:
            facts["node"] = node
        if order.tags:
            facts["tags"] = list(order.tags)
        return facts


def open_screening(config: BaseModel) -> Checkr:
    """The mapping of one connection."""
    if not isinstance(config, CheckrConfig):
        raise TypeError("checkr needs a CheckrConfig")
    return Checkr(config)
