"""Certn's requests and answers. Pure mapping: it sends nothing, repeats nothing and decides nothing."""

from __future__ import annotations

import json
import re
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from app.integrations.adapters.certn.api import API
from app.integrations.adapters.certn.words import CASE, CHECK, SCORE
from app.integrations.failures import Rejected
from app.integrations.reading import Facts, facts_of, moment, needed, records, records_in, text
from app.integrations.screening import Check, Invitation, Order, Report, Result, ScreeningProvider, Status
from app.integrations.transports.http.calls import Answer, Call, Json

Checks = dict[str, dict[str, Any]]


class CertnConfig(BaseModel):
    """Nothing secret."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    region: str = Field(
        "ca",
        title="Region",
        description="Where Certn keeps the account; a key of one region is unknown in the others.",
        pattern="^(ca|uk|au)$",
    )
    packages: dict[str, str] = Field(
        title="Checks of each package",
        description="Check types of Certn's documentation, with commas between: basic = IDENTITY_VERIFICATION_1, CREDIT_REPORT_1. "
        'With arguments as JSON: basic = {"IDENTITY_VERIFICATION_1": {}}.',
        min_length=1,
    )
    certn_writes: bool = Field(
        True,
        title="Certn writes to the candidate",
        description="Otherwise Certn gives the link, and Corridor sends it.",
    )

    @field_validator("packages")
    @classmethod
    def _readable(cls, value: dict[str, str]) -> dict[str, str]:
        for written in value.values():
            checks_of(written)
        return value


def checks_of(written: str) -> Checks:
    """Check types with their arguments, from either way of writing them. Raises `ValueError`."""
    if not written.startswith("{"):
        checks: Checks = {name.strip(): {} for name in written.split(",")}
    else:
        checks = json.loads(written)
    good = checks and all(re.fullmatch(r"[A-Z0-9_]+", name) for name in checks)
    if not good or not all(isinstance(arguments, dict) for arguments in checks.values()):
        raise ValueError("name at least one check type, such as IDENTITY_VERIFICATION_1")
    return checks


class Certn(ScreeningProvider):
    """See `ScreeningProvider`. Order, invitation and report are one thing here, a case; Certn keeps no candidates."""

    def __init__(self, config: CertnConfig) -> None:
        self._config = config

    def invite(self, candidate_id: str, order: Order, key: str) -> Call:
        """Only the e-mail address leaves. Certn collects consent and everything else; it knows no idempotency key."""
        del candidate_id, key
        facts = {
            "email_address": _email(order),
            "send_invite_email": self._config.certn_writes,
            "return_invite_link": not self._config.certn_writes,
            "check_types_with_arguments": self._checks(order),
        }
        return API.operation("cases.order").call(Json(facts))

    def find_orders(self, candidate_id: str, order: Order) -> Call:
        """All cases of an address, old ones too."""
        del candidate_id
        return API.resource("report").list((("email_address", _email(order)),))

    def read_found(self, answer: Answer) -> tuple[str, ...]:
        return tuple(needed(one, "id") for one in records(facts_of(answer.json()).get("results")))

    def get_invitation(self, invitation_id: str) -> Call:
        return API.resource("report").get(invitation_id)

    def read_invitation(self, answer: Answer) -> Invitation:
        """The answer to an order says no status: the case is ordered then."""
        facts = facts_of(answer.json())
        code = text(facts, "overall_status") or "CASE_ORDERED"
        case = needed(facts, "id")
        status = CASE.get(code.casefold(), Status.UNMAPPED)
        return Invitation(case, status, "", "", report_id=case, url=text(facts, "invite_link"), code=code)

    def cancel_invitation(self, invitation_id: str) -> Call:
        """Ends every check of the case that still runs."""
        return API.operation("cases.cancel").call(fills={"id": invitation_id})

    def get_report(self, report_id: str) -> Call:
        return API.resource("report").get(report_id)

    def read_report(self, answer: Answer) -> Report:
        facts = facts_of(answer.json())
        code, score = text(facts, "overall_status"), text(facts, "overall_score")
        checks = tuple(_check(one) for one in records_in(facts, "checks"))
        return Report(
            id=needed(facts, "id"),
            status=CASE.get(code.casefold(), Status.UNMAPPED),
            result=_result(score),
            candidate_id="",
            package="",
            ordered=frozenset(check.ref for check in checks),
            checks=checks,
            includes_canceled=any(check.status is Status.CANCELED for check in checks),
            created_at=moment(facts, "created"),
            revised_at=moment(facts, "modified"),
            codes={name: found for name, found in (("status", code), ("result", score)) if found},
        )

    def _checks(self, order: Order) -> Checks:
        found = self._config.packages.get(order.package)
        if not found:
            raise Rejected("package-unknown", "Say in the connection's settings which checks this package means.")
        return checks_of(found)


def open_screening(config: BaseModel) -> Certn:
    """The mapping of one connection."""
    if not isinstance(config, CertnConfig):
        raise TypeError("certn needs a CertnConfig")
    return Certn(config)


def _email(order: Order) -> str:
    if order.candidate is None or not order.candidate.email:
        raise Rejected("candidate-missing", "Certn needs the candidate's e-mail address.")
    return order.candidate.email


def _check(facts: Facts) -> Check:
    code = text(facts, "status")
    status = CHECK.get(code.casefold(), Status.UNMAPPED)
    return Check(needed(facts, "id"), needed(facts, "type"), status, _result(text(facts, "score")), code)


def _result(score: str) -> Result:
    return SCORE.get(score.casefold(), Result.UNMAPPED) if score else Result.NONE
