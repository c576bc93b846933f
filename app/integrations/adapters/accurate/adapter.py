"""Accurate's requests and answers. Pure mapping: it sends nothing, repeats nothing and decides nothing."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.integrations.adapters.accurate.api import API
from app.integrations.adapters.accurate.words import NOT_REPORTABLE, ORDER, ORDER_RESULT, SEARCH, SEARCH_RESULT
from app.integrations.failures import ContractDrift, Rejected
from app.integrations.reading import Facts, facts_of, many, moment, needed, records_in, text
from app.integrations.screening import (
    Candidate,
    Check,
    Invitation,
    Order,
    Report,
    Result,
    ScreeningProvider,
    Status,
    StoredDocument,
)
from app.integrations.transports.http.calls import Answer, Call, Json


class AccurateConfig(BaseModel):
    """Nothing secret."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    clear_label: str = Field(
        "",
        title="Your word for a clear order",
        description="Only if your account does not say PASS or MEETS REQUIREMENTS.",
        max_length=60,
    )
    review_label: str = Field(
        "",
        title="Your word for an order to review",
        description="Only if your account does not say FAIL or NEEDS REVIEW.",
        max_length=60,
    )


class Accurate(ScreeningProvider):
    """See `ScreeningProvider`. Order, invitation and report are one thing here, an order."""

    def __init__(self, config: AccurateConfig) -> None:
        self._results = {
            **ORDER_RESULT,
            config.clear_label.casefold(): Result.CLEAR,
            config.review_label.casefold(): Result.CONSIDER,
        }
        self._results.pop("", None)

    def make_candidate(self, candidate: Candidate, key: str) -> Call:
        """The least Accurate takes; it asks the candidate for the rest."""
        del key  # Accurate knows none
        facts = {
            "firstName": candidate.first_name, "middleName": candidate.middle_name, "lastName": candidate.last_name,
            "email": candidate.email, "phone": candidate.phone, "postalCode": candidate.zip_code,
        }  # fmt: skip
        return API.operation("candidates.create").call(Json({name: found for name, found in facts.items() if found}))

    def read_candidate(self, answer: Answer) -> str:
        return needed(facts_of(answer.json()), "id")

    def invite(self, candidate_id: str, order: Order, key: str) -> Call:
        """The interactive workflow: Accurate writes to the candidate, and collects consent and everything else."""
        del key  # Accurate knows none
        facts = {
            "candidateId": candidate_id,
            "packageType": order.package,
            "workflow": "INTERACTIVE",
            "jobLocation": _place(order),
            "copyOfReport": bool(order.candidate and order.candidate.copy_requested),
        }
        if order.candidate:
            facts["referenceCodes"] = [order.candidate.reference]
        return API.operation("orders.create").call(Json(facts))

    def get_invitation(self, invitation_id: str) -> Call:
        return self.get_report(invitation_id)

    def read_invitation(self, answer: Answer) -> Invitation:
        report = self.read_report(answer)
        code = report.codes.get("status", "")
        return Invitation(report.id, report.status, report.candidate_id, report.package, report.id, code=code)

    def get_report(self, report_id: str) -> Call:
        return API.resource("report").get(report_id)

    def read_report(self, answer: Answer) -> Report:
        """A candidate who cancels is told by the result, and perhaps only there."""
        facts = facts_of(answer.json())
        code, result = text(facts, "status"), text(facts, "result")
        checks = tuple(_check(one) for one in records_in(facts, "products"))
        canceled = result.casefold() == "cancelled"
        return Report(
            id=needed(facts, "id"),
            status=Status.CANCELED if canceled else ORDER.get(code.casefold(), Status.UNMAPPED),
            result=self._results.get(result.casefold(), Result.UNMAPPED) if result else Result.NONE,
            candidate_id=text(facts, "candidateId"),
            package=text(facts, "packageType"),
            ordered=frozenset(check.ref for check in checks if check.reportable),
            checks=checks,
            includes_canceled=any(check.status is Status.CANCELED for check in checks),
            created_at=moment(facts, "created"),
            completed_at=moment(facts, "completed"),
            revised_at=moment(facts, "updated") or moment(facts, "completed"),
            percent=_percent(facts.get("percentageComplete")),
            documents=_documents(facts),
            codes={name: found for name, found in (("status", code), ("result", result)) if found},
        )

    def get_document(self, document_id: str) -> Call:
        return API.resource("document").get(document_id)

    def read_document(self, answer: Answer) -> StoredDocument:
        """A whole HTML page, in base64 within JSON."""
        facts = facts_of(answer.json())
        try:
            page = base64.b64decode(needed(facts, "report"), validate=True)
        except binascii.Error:
            raise ContractDrift("document-unexpected") from None
        return StoredDocument(needed(facts, "id"), "report", "report.html", "text/html", len(page), data=page)


def open_screening(config: BaseModel) -> Accurate:
    """The mapping of one connection."""
    if not isinstance(config, AccurateConfig):
        raise TypeError("accurate needs an AccurateConfig")
    return Accurate(config)


def _place(order: Order) -> dict[str, str]:
    """One place of work, with its county in the United States."""
    if not order.locations:
        raise Rejected("work-location-missing", "Say where the person will work: it decides which laws apply.")
    place = order.locations[0]
    if not place.city or (place.country == "US" and not (place.county and place.state)):
        raise Rejected(
            "work-location-incomplete",
            "Accurate needs the city and, in the United States, state and county of the job.",
        )
    facts = {"city": place.city, "region": place.state, "region2": place.county, "country": place.country}
    return {name: found for name, found in facts.items() if found}


def _check(facts: Facts) -> Check:
    """A flag weighs more than any word, and its absence says nothing: some searches never have one."""
    kind, code, said = needed(facts, "productType"), text(facts, "status"), text(facts, "result")
    result = SEARCH_RESULT.get(said.casefold(), Result.UNMAPPED) if said else Result.NONE
    if facts.get("flag") is True:
        result = Result.CONSIDER
    return Check(
        _ref(facts), kind, SEARCH.get(code.casefold(), Status.UNMAPPED), result, code, kind not in NOT_REPORTABLE
    )


def _ref(facts: Facts) -> str:
    found = facts.get("id")
    if not isinstance(found, str | int) or isinstance(found, bool) or found == "":
        raise ContractDrift("field-missing")
    return str(found)


def _percent(value: Any) -> int | None:
    """A number, or a number as text. Raises `ContractDrift` for anything else."""
    if value in (None, ""):
        return None
    if isinstance(value, bool) or not str(value).isdecimal() or int(value) > 100:
        raise ContractDrift("percent-unreadable")
    return int(value)


def _documents(facts: Facts) -> tuple[str, ...]:
    """Ids out of `reportUrl` and the `reports`, which are paths such as `/report/572d`."""
    paths = [
        facts.get("reportUrl"),
        *(one.get("base64encodedHTML") for one in many(facts.get("reports")) if isinstance(one, dict)),
    ]
    ids = [path.removeprefix("/report/") for path in paths if isinstance(path, str) and path.startswith("/report/")]
    return tuple(dict.fromkeys(one for one in ids if one))
