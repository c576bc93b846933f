"""Sterling's requests and answers. Pure mapping: it sends nothing, repeats nothing and decides nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.integrations.adapters.sterling.api import API
from app.integrations.adapters.sterling.words import ITEM, NOT_REPORTABLE, RESULT, SCREENING
from app.integrations.failures import ContractDrift, Rejected
from app.integrations.reading import Facts, facts_of, many, moment, needed, records, records_in, text
from app.integrations.screening import (
    Candidate,
    Check,
    Invitation,
    Order,
    Package,
    Report,
    Result,
    ScreeningProvider,
    Status,
    StoredDocument,
)
from app.integrations.transports.http.calls import Answer, Call, Json

_HOSTS = r"^[a-z0-9-]+(\.[a-z0-9-]+)*\.(kennect\.com|sterlingcheck\.app)$"


class SterlingConfig(BaseModel):
    """Nothing secret."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    api_host: str = Field(  # not `host`: that name is an SFTP server's, whose key is pinned
        title="Host",
        description="As it came with the credentials, such as api.kennect.com, or api-int.kennect.com for tests.",
        pattern=_HOSTS,
        max_length=100,
    )
    billing_code: str = Field("", title="Billing code", description="Goes with every order.", max_length=100)


class Sterling(ScreeningProvider):
    """See `ScreeningProvider`. An invitation is a screening whose candidate has not answered yet."""

    def __init__(self, config: SterlingConfig) -> None:
        self._config = config

    def list_packages(self) -> Call:
        return API.resource("package").list()

    def read_package(self, record: Any) -> Package:
        """Version 1 says `title`, version 2 was seen with `name`."""
        facts = facts_of(record)
        slug = needed(facts, "id")
        name = text(facts, "title") or text(facts, "name") or slug
        parts = tuple(one for one in many(facts.get("components")) if isinstance(one, str))
        orderable = facts.get("active") is not False and facts.get("supported") is not False
        return Package(slug, name, None, parts, orderable)

    def make_candidate(self, candidate: Candidate, key: str) -> Call:
        """Our reference and the e-mail address must be new to Sterling. A phone number goes along if it begins with `+`."""
        del key  # Sterling knows none
        facts = {
            "clientReferenceId": candidate.reference, "givenName": candidate.first_name, "middleName": candidate.middle_name,
            "familyName": candidate.last_name, "email": candidate.email,
            "phone": candidate.phone if re.fullmatch(r"\+\d{7,15}", candidate.phone) else "",
        }  # fmt: skip
        sent: dict[str, Any] = {name: found for name, found in facts.items() if found}
        if not candidate.middle_name:
            sent["confirmedNoMiddleName"] = True
        return API.operation("candidates.create").call(Json(sent))

    def read_candidate(self, answer: Answer) -> str:
        return needed(facts_of(answer.json()), "id")

    def find_candidates(self, reference: str) -> Call:
        return API.resource("candidate").list((("clientReferenceId", reference),))

    def find_orders(self, candidate_id: str, order: Order) -> Call:
        """The candidate, who knows the ids of all of its screenings."""
        del order
        return API.resource("candidate").get(candidate_id)

    def read_found(self, answer: Answer) -> tuple[str, ...]:
        found = answer.json()
        if isinstance(found, dict):
            ids = found.get("screeningIds", [])
            if not isinstance(ids, list) or not all(isinstance(one, str) and one for one in ids):
                raise ContractDrift("records-missing")
            return tuple(ids)
        return tuple(needed(one, "id") for one in records(found))

    def invite(self, candidate_id: str, order: Order, key: str) -> Call:
        """Sterling writes to the candidate, and calls back with our password: so neither body of this exchange is kept."""
        del key  # Sterling knows none
        if not candidate_id:
            raise Rejected("candidate-missing", "Make the candidate at Sterling first.")
        facts: dict[str, Any] = {"candidateId": candidate_id, "packageId": order.package, "invite": {"method": "email"}}
        if order.callback is not None:
            credentials = {"basicAuth": order.callback.user_password}
            facts["callback"] = {"uri": order.callback.url, "credentials": credentials}
        if self._config.billing_code:
            facts["billingCode"] = self._config.billing_code
        call = API.operation("screenings.create").call(Json(facts))
        return replace(call, secret=order.callback is not None)

    def get_invitation(self, invitation_id: str) -> Call:
        return self.get_report(invitation_id)

    def read_invitation(self, answer: Answer) -> Invitation:
        report = self.read_report(answer)
        invite = facts_of(answer.json()).get("invite")
        link = text(invite, "link") if isinstance(invite, dict) else ""
        code = report.codes.get("status", "")
        return Invitation(report.id, report.status, report.candidate_id, report.package, report.id, link, code=code)

    def get_report(self, report_id: str) -> Call:
        return API.resource("report").get(report_id)

    def read_report(self, answer: Answer) -> Report:
        """A live dispute goes before the status. The whole screening comes with the candidate's SSN in version 2: it is not read."""
        facts = facts_of(answer.json())
        code, result = text(facts, "status"), text(facts, "result")
        status = Status.DISPUTE if _disputed(facts) else SCREENING.get(code.casefold(), Status.UNMAPPED)
        checks = tuple(_check(one) for one in records_in(facts, "reportItems"))
        report_id = needed(facts, "id")
        return Report(
            id=report_id,
            status=status,
            result=_result(result),
            candidate_id=text(facts, "candidateId"),
            package=text(facts, "packageId"),
            ordered=frozenset(check.ref for check in checks if check.reportable),
            checks=checks,
            created_at=moment(facts, "submittedAt"),
            revised_at=moment(facts, "updatedAt"),
            documents=(report_id,) if status is Status.COMPLETE else (),
            codes=_codes(facts),
        )

    def get_document(self, document_id: str) -> Call:
        """The report as a PDF; its id is the screening's."""
        return replace(API.resource("document").get(document_id), headers={"Accept": "application/pdf"})

    def read_document(self, answer: Answer) -> StoredDocument:
        if not answer.body.startswith(b"%PDF"):
            raise ContractDrift("document-unexpected")
        return StoredDocument("", "report", "report.pdf", "application/pdf", len(answer.body), data=answer.body)


def open_screening(config: BaseModel) -> Sterling:
    """The mapping of one connection."""
    if not isinstance(config, SterlingConfig):
        raise TypeError("sterling needs a SterlingConfig")
    return Sterling(config)


def _disputed(facts: Facts) -> bool:
    dispute = facts.get("dispute")
    return isinstance(dispute, dict) and text(dispute, "status").casefold() == "active"


def _check(facts: Facts) -> Check:
    kind, code = needed(facts, "type"), text(facts, "status")
    reportable = kind.casefold() not in NOT_REPORTABLE
    result = _result(text(facts, "result")) if reportable else Result.NONE
    return Check(needed(facts, "id"), kind, ITEM.get(code.casefold(), Status.UNMAPPED), result, code, reportable)


def _result(code: str) -> Result:
    return RESULT.get(code.casefold(), Result.UNMAPPED) if code else Result.NONE


def _codes(facts: Facts) -> dict[str, str]:
    """Adverse action is run in Sterling's own portal; its newest state is shown."""
    actions = [text(one, "status") for one in many(facts.get("adverseActions")) if isinstance(one, dict)]
    found = {name: text(facts, name) for name in ("status", "result", "clientCriteriaResult")}
    found["adverseAction"] = actions[-1] if actions else ""
    return {name: code for name, code in found.items() if code}
