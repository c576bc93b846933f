"""What Checkr answers, read into our words. A shape it never promised is `ContractDrift`; a code we do not know is `unmapped`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from app.integrations.adapters.checkr.words import (
    ADVERSE,
    CHECK,
    CHECKS,
    DELIVERY,
    INVITATION,
    NOT_ORDERABLE,
    NOT_REPORTABLE,
    REPORT,
    RESULT,
)
from app.integrations.failures import ContractDrift
from app.integrations.reading import Facts, facts_of, many, moment, needed, records, text
from app.integrations.screening import (
    AdverseAction,
    AdverseItem,
    AdverseState,
    Check,
    Delivery,
    Invitation,
    Package,
    Report,
    Result,
    Status,
    StoredDocument,
)
from app.integrations.transports.http.calls import Answer


def object_of(answer: Answer, kind: str) -> Facts:
    """The object in an answer; `kind` is what it must call itself, empty for anything. Raises `ContractDrift`."""
    facts = answer.json()
    if not isinstance(facts, dict) or (kind and facts.get("object", kind) != kind):
        raise ContractDrift("object-unexpected")
    return facts


def error_texts(body: bytes) -> tuple[str, ...]:
    """Checkr's own words for a refusal, one text or a list of them. They may name a person: for the one who ordered, never for a log."""
    try:
        facts = json.loads(body)
    except (ValueError, RecursionError):
        return ()
    said = (facts.get("error") or facts.get("errors")) if isinstance(facts, dict) else None
    found = said if isinstance(said, list) else [said]
    return tuple(str(one)[:500] for one in found if isinstance(one, str) and one)


def ids(answer: Answer) -> tuple[str, ...]:
    """Of everything on a page of a list. Raises `ContractDrift`."""
    return tuple(needed(one, "id") for one in records(facts_of(answer.json()).get("data")))


def package(record: Any) -> Package:
    """Prices come in cents."""
    facts = facts_of(record)
    slug, price = needed(facts, "slug"), facts.get("price")
    kinds = [one.get("type") for one in many(facts.get("screenings")) if isinstance(one, dict)]
    return Package(
        slug=slug,
        name=text(facts, "name") or slug,
        price=Decimal(price) / 100 if isinstance(price, int) and not isinstance(price, bool) else None,
        checks=tuple(kind for kind in kinds if isinstance(kind, str)),
        orderable=slug not in NOT_ORDERABLE and not facts.get("deleted_at"),
    )


def invitation(facts: Facts) -> Invitation:
    """A deleted one is canceled, whatever its status says."""
    code = text(facts, "status")
    return Invitation(
        id=needed(facts, "id"),
        status=Status.CANCELED if facts.get("deleted_at") else INVITATION.get(code, Status.UNMAPPED),
        candidate_id=text(facts, "candidate_id"),
        package=text(facts, "package"),
        report_id=text(facts, "report_id"),
        url=text(facts, "invitation_url"),
        expires_at=moment(facts, "expires_at"),
        code=code,
    )


def report(facts: Facts) -> Report:
    """The report with whatever searches the answer includes."""
    code, found = text(facts, "status"), text(facts, "result")
    status, result = _ended(code, found, REPORT)
    checks = _included(facts)
    when = [at for name in ("completed_at", "revised_at", "upgraded_at") if (at := moment(facts, name))]
    expected = moment(facts, "estimated_completion_time")
    return Report(
        id=needed(facts, "id"),
        status=status,
        result=result,
        candidate_id=text(facts, "candidate_id"),
        package=text(facts, "package"),
        ordered=frozenset(_refs(facts)) | {check.ref for check in checks if check.reportable},
        checks=checks,
        includes_canceled=facts.get("includes_canceled") is True,
        created_at=moment(facts, "created_at"),
        completed_at=moment(facts, "completed_at"),
        revised_at=max(when, default=None),
        expected_on=expected.date() if expected else None,
        documents=tuple(one for one in many(facts.get("document_ids")) if isinstance(one, str)),
        codes={
            name: text(facts, name) for name in ("status", "result", "assessment", "adjudication") if text(facts, name)
        },
    )


def check(kind: str, facts: Facts) -> Check:
    """One search, in either shape: a status with a result beside it, or a status that is the result."""
    code = text(facts, "status")
    status, result = _ended(code, text(facts, "result"), CHECK)
    return Check(needed(facts, "id"), kind, status, result, code, reportable=kind not in NOT_REPORTABLE)


def eta(answer: Answer) -> date:
    """Raises `ContractDrift` when no day is in it."""
    at = moment(object_of(answer, ""), "estimated_completion_time")
    if at is None:
        raise ContractDrift("field-missing")
    return at.date()


def adverse_items(document: Any) -> tuple[AdverseItem, ...]:
    """From a list object (`data`) or a bare list. In an adverse action they may also be ids alone."""
    found = document.get("data", document.get("adverse_items")) if isinstance(document, dict) else document
    if not isinstance(found, list):
        raise ContractDrift("records-missing")
    return tuple(_adverse_item(one) for one in found)


def adverse_action(facts: Facts) -> AdverseAction:
    """A notice that bounced is told by its delivery, not by its status."""
    code = text(facts, "status")
    sent = facts.get("delivery")
    items = facts.get("adverse_items", facts.get("adverse_item_ids", []))
    return AdverseAction(
        id=needed(facts, "id"),
        report_id=text(facts, "report_id"),
        state=ADVERSE.get(code, AdverseState.UNMAPPED),
        delivery=_delivery(sent),
        items=tuple(item.id for item in adverse_items(items)),
        post_notice_at=moment(facts, "post_notice_scheduled_at"),
        ready_at=moment(facts, "post_notice_ready_at"),
        code=code,
    )


def document(facts: Facts) -> StoredDocument:
    """The address holds for fifteen minutes."""
    size = facts.get("filesize")
    return StoredDocument(
        id=needed(facts, "id"),
        kind=text(facts, "type"),
        name=text(facts, "filename"),
        content_type=text(facts, "content_type"),
        size=size if isinstance(size, int) else 0,
        url=text(facts, "download_uri"),
    )


def _ended(code: str, result: str, codes: Mapping[str, Status]) -> tuple[Status, Result]:
    """Records of education and work say `clear` or `consider` where others say `complete`."""
    if code in RESULT and code not in codes:
        both = RESULT.get(result, RESULT[code]) if result else RESULT[code]
        return Status.COMPLETE, both if both is RESULT[code] else Result.UNMAPPED
    found = RESULT.get(result, Result.UNMAPPED) if result else Result.NONE
    return codes.get(code, Status.UNMAPPED), found


def _included(facts: Facts) -> tuple[Check, ...]:
    found = []
    for kind in CHECKS:
        place = facts.get(kind.included_as or kind.kind)
        found += [
            check(kind.kind, one) for one in (place if isinstance(place, list) else [place]) if isinstance(one, dict)
        ]
    return tuple(found)


def _refs(facts: Facts) -> list[str]:
    """Ids of every search, known kind or not: a kind Checkr adds must not vanish from what was ordered."""
    found: list[Any] = []
    for name, value in facts.items():
        if name in _OTHER_IDS or name.removesuffix("_id") in NOT_REPORTABLE:
            continue
        if name.endswith("_ids"):
            found += many(value)
        elif name.endswith("_id"):
            found.append(value)
        elif name in _LISTS_OF_IDS:
            found += [one for one in many(value) if isinstance(one, str)]
    return [one for one in found if isinstance(one, str) and one]


_OTHER_IDS = {
    "candidate_id", "custom_id", "account_id", "program_id", "document_ids", "candidate_story_ids", "geo_ids", "report_ids",
    "node_custom_id", "invitation_id", "subscription_id",
}  # fmt: skip
_LISTS_OF_IDS = {kind.included_as for kind in CHECKS if kind.included_as}


def _adverse_item(one: Any) -> AdverseItem:
    if isinstance(one, str) and one:
        return AdverseItem(one, "")
    facts = facts_of(one)
    judged = facts.get("assessment")
    value = judged.get("value") if isinstance(judged, dict) else judged
    return AdverseItem(needed(facts, "id"), text(facts, "text"), value if isinstance(value, str) else "")


def _delivery(sent: Any) -> Delivery:
    if sent is None:
        return Delivery.NONE
    state = sent.get("state") if isinstance(sent, dict) else sent
    return DELIVERY.get(str(state).casefold(), Delivery.UNMAPPED)
