"""Requests: ordered, listed, read with as much of the results as the caller may see, and what a program may do about consent."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from app.core.access import Can
from app.core.db import fetch
from app.core.errors import Invalid
from app.screening.api.blueprint import bp
from app.screening.models import Candidate, JobApplication, ScreeningRequest
from app.screening.rules.states import BillingMethod, ConsentState, Part, Priority, RequestStatus, RequestType
from app.screening.services import consenting, gate, links, listing, ordering
from app.screening.services.scope import request as request_of
from app.web.api.endpoints import endpoint
from app.web.api.paging import Input, Output, Page, PageQuery, cut
from app.web.edge import actor, session


class RequestIn(Input):
    """An order. `certified`: the permissible purpose of 15 USC 1681b(b)(1) is certified by whom the token acts for."""

    candidate_id: UUID
    job_application_id: UUID
    package_id: UUID
    request_type: RequestType = RequestType.PRE_EMPLOYMENT
    priority_level: Priority = Priority.NORMAL
    cost_center: str = ""
    billing_method: BillingMethod = BillingMethod.COMPANY_PAID
    part: Part = Part.WHOLE
    first_request_id: UUID | None = None
    certified: bool = False


class RequestOut(Output):
    """A request. Provider status and adverse action are told by `status`; our decision is a field of its own."""

    id: UUID
    request_number: str
    provider_config_id: UUID
    candidate_id: UUID
    job_application_id: UUID
    request_type: str
    screening_package: str
    check_types: list[str]
    priority_level: str
    status: str
    decision: str
    blocked_by: str
    initiated_at: datetime
    submitted_at: datetime | None
    completed_at: datetime | None
    due_date: date
    estimated_completion_date: date | None
    candidate_consent: str
    consent_obtained_at: datetime | None
    consent_expires_at: datetime | None
    cost_center: str
    total_cost: Decimal
    currency_code: str
    billing_method: str
    missing: list[str]
    """What keeps the order back, in words; empty when nothing does."""


class CheckOut(Output):
    """One search. `result_status` and what follows are null for who may not read records, and behind New York City's wall."""

    check_type: str
    check_status: str
    check_date: date | None
    completion_date: datetime | None
    result_status: str | None = None
    severity_level: str | None = None
    recommendation: str | None = None
    review_required: bool | None = None


class FullRequestOut(RequestOut):
    """A request with its searches."""

    results: list[CheckOut]


class RequestPage(Page):
    items: list[RequestOut]


class RequestQuery(PageQuery):
    candidate_id: UUID | None = None
    status: RequestStatus | None = None
    date_from: date | None = None
    """Begun on this day (UTC) or later."""


class ConsentAction(StrEnum):
    """What a program may do. Consent itself is given by the candidate alone, on their own page."""

    SEND_LINK = "send_link"
    WITHDRAW = "withdraw"


class ConsentIn(Input):
    action: ConsentAction


class ConsentOut(Output):
    """Where consent stands now."""

    candidate_consent: str
    consent_obtained_at: datetime | None
    consent_expires_at: datetime | None


def _facts(row: ScreeningRequest) -> dict[str, object]:
    lacks = gate.missing(session(), row) if row.hold_reason else ()
    return {
        "id": row.id, "request_number": row.number, "provider_config_id": row.connection_id, "candidate_id": row.candidate_id,
        "job_application_id": row.application_id, "request_type": row.request_type, "screening_package": row.screening_package,
        "check_types": row.check_types, "priority_level": row.priority, "status": row.status, "decision": row.decision,
        "blocked_by": row.blocker, "initiated_at": row.initiated_at, "submitted_at": row.submitted_at,
        "completed_at": row.completed_at, "due_date": row.due_on, "estimated_completion_date": row.estimated_completion_on,
        "candidate_consent": row.consent, "consent_obtained_at": row.consent_obtained_at,
        "consent_expires_at": row.consent_expires_at, "cost_center": row.cost_center, "total_cost": row.total_cost,
        "currency_code": row.currency_code, "billing_method": row.billing_method, "missing": [str(lack) for lack in lacks],
    }  # fmt: skip


@endpoint(bp, "POST", "/bg-check-requests/", Can.CHECK_ORDER, status=201)
def order_bg_check(body: RequestIn) -> RequestOut:
    """Order a check: the candidate is asked for consent, and the order leaves when nothing is missing."""
    application = fetch(session(), JobApplication, body.job_application_id)
    if application.candidate_id != body.candidate_id:
        raise Invalid({"job_application_id": "This application is another candidate's"})
    facts = ordering.NewOrder(
        package_id=body.package_id, request_type=body.request_type, priority=body.priority_level,
        cost_center=body.cost_center, billing_method=body.billing_method, certified=body.certified, part=body.part,
        first_part_id=body.first_request_id,
    )  # fmt: skip
    made = ordering.order(session(), actor(), fetch(session(), Candidate, body.candidate_id), application, facts)
    session().flush()
    return RequestOut.model_validate(_facts(made))


@endpoint(bp, "GET", "/bg-check-requests/", Can.CHECK_VIEW)
def list_bg_check_requests(query: RequestQuery) -> RequestPage:
    """List the requests, the newest first."""
    rows, following = cut(
        listing.listed(
            session(), actor(), candidate_id=query.candidate_id, status=query.status, since=query.date_from,
            after=query.key(UUID), limit=query.limit + 1,
        ),
        query.limit, "id",
    )  # fmt: skip
    return RequestPage(items=[RequestOut.model_validate(_facts(row)) for row in rows], next=following)


@endpoint(bp, "GET", "/bg-check-requests/<uuid:request_id>/", Can.CHECK_VIEW)
def show_bg_check_request(request_id: UUID) -> FullRequestOut:
    """Show a request with its searches; results for who may read records, and each such look is recorded."""
    row = request_of(session(), actor(), request_id, Can.CHECK_VIEW)
    results = [CheckOut.model_validate(facts) for facts in listing.results(session(), actor(), row)]
    return FullRequestOut.model_validate(_facts(row) | {"results": results})


@endpoint(bp, "POST", "/bg-check-requests/<uuid:request_id>/consent/", Can.CHECK_ORDER)
def act_on_bg_check_consent(request_id: UUID, body: ConsentIn) -> ConsentOut:
    """Send the candidate the link again, or record that consent was withdrawn.

    A program cannot give consent: the law wants the candidate's own signature to the disclosure, on its own page.
    """
    row = request_of(session(), actor(), request_id, Can.CHECK_ORDER, lock=True)
    if body.action is ConsentAction.SEND_LINK:
        links.resend(session(), actor(), row)
    elif row.consent == ConsentState.WITHDRAWN:
        pass  # told twice, withdrawn once
    else:
        consenting.withdraw(session(), actor(), row)
    session().flush()
    return ConsentOut(
        candidate_consent=row.consent,
        consent_obtained_at=row.consent_obtained_at,
        consent_expires_at=row.consent_expires_at,
    )
