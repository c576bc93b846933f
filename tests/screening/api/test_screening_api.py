"""The ten operations of the screening specification, as programs of the company call them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.accounts.models import User
from app.core.access import Can, RoleType
from app.core.db import engine, enter_tenant, tenant, transaction
from app.core.events import AuditEvent
from app.core.jobs import JobIntent
from app.screening.models import CheckResult, ScreeningRequest
from app.screening.rules.states import OrderState
from tests.accounts.programs import Caller, make_token
from tests.accounts.sign_in import make_user
from tests.screening import made
from tests.screening.made import Employer

AUSTIN = {"state": "TX", "county": "Travis", "city": "Austin", "unincorporated": False}
ANA = {"first_name": "Ana", "last_name": "Lopez", "email": "ana@mail.example", "external_ref": "ATS-1"}


def _user(company_id: UUID, email: str, *roles: RoleType) -> User:
    with tenant(company_id), Session(engine(), expire_on_commit=False) as own:
        return make_user(own, company_id, email=email, roles=list(roles))


@pytest.fixture
def caller(app: Flask, employer: Employer) -> Any:
    """`caller(role)`: a program of somebody with this role."""

    def make(*roles: RoleType) -> Caller:
        user = _user(employer.company_id, f"{'-'.join(roles).lower()}@acme.example", *roles)
        return Caller(app, make_token(user)[1])

    return make


@pytest.fixture
def recruiter(caller: Any) -> Caller:
    return caller(RoleType.RECRUITER, RoleType.BG_CHECK_ADMIN)


def _ordered(call: Caller, employer: Employer, **changes: Any) -> Any:
    person = call("POST", "/api/candidates", ANA).json
    job = {
        "candidate_id": person["id"],
        "position": "Driver",
        "work_location": AUSTIN,
        "stage": "after_conditional_offer",
    }
    application = call("POST", "/api/job-applications/", job).json
    order = {
        "candidate_id": person["id"], "job_application_id": application["id"], "package_id": str(employer.package_id),
        "certified": True,
    }  # fmt: skip
    return call("POST", "/api/bg-check-requests/", order | changes)


def test_a_recruiting_system_orders_a_check(recruiter: Caller, employer: Employer) -> None:
    answer = _ordered(recruiter, employer)
    assert answer.status_code == 201, answer.json
    told = answer.json
    assert (told["status"], told["candidate_consent"], told["decision"], told["blocked_by"]) == (
        "initiated", "pending", "pending", "candidate"
    )  # fmt: skip
    assert told["request_number"].startswith("S")
    with tenant(employer.company_id), transaction() as session:
        kept = session.scalars(sa.select(ScreeningRequest)).one()
        assert kept.order_state == OrderState.NONE  # nothing leaves without the candidate's signature
        assert session.scalars(sa.select(JobIntent.id).where(JobIntent.kind == "screening.order")).all() == []
    again = recruiter("GET", f"/api/bg-check-requests/{told['id']}/").json
    assert again["results"] == []
    listed = recruiter("GET", "/api/bg-check-requests", query_string={"candidate_id": told["candidate_id"]}).json
    assert [one["id"] for one in listed["items"]] == [told["id"]]
    assert recruiter("GET", "/api/bg-check-requests", query_string={"status": "completed"}).json["items"] == []
    assert recruiter("GET", "/api/bg-check-requests", query_string={"date_from": "2099-01-01"}).json["items"] == []
    assert recruiter("GET", "/api/bg-check-requests", query_string={"status": "whatever"}).status_code == 422


def test_a_candidate_sent_again_is_the_same_candidate(recruiter: Caller) -> None:
    first = recruiter("POST", "/api/candidates/", ANA).json
    again = recruiter("POST", "/api/candidates/", ANA | {"phone": "212 555 0147"}).json
    assert again["id"] == first["id"]
    wrong = recruiter("POST", "/api/candidates/", {"first_name": "A<b>", "last_name": "", "email": "nowhere"})
    assert wrong.status_code == 422
    assert set(wrong.json["error"]["fields"]) == {"first_name", "last_name", "email"}
    ssn = recruiter("POST", "/api/candidates/", ANA | {"ssn": "123-45-6789"})
    assert ssn.status_code == 422
    assert "123-45" not in ssn.get_data(as_text=True)


def test_no_program_gives_consent(recruiter: Caller, employer: Employer) -> None:
    request_id = _ordered(recruiter, employer).json["id"]
    path = f"/api/bg-check-requests/{request_id}/consent/"
    assert recruiter("POST", path, {"action": "approve"}).status_code == 422
    assert recruiter("POST", path, {"action": "send_link"}).json["candidate_consent"] == "pending"
    assert recruiter("POST", path, {"action": "withdraw"}).status_code in (200, 409)
    with tenant(employer.company_id), transaction() as session:
        assert session.scalars(sa.select(ScreeningRequest.consent)).one() != "approved"


def test_without_a_certified_purpose_nothing_is_ordered(recruiter: Caller, employer: Employer) -> None:
    refused = _ordered(recruiter, employer, certified=False)
    assert (refused.status_code, list(refused.json["error"]["fields"])) == (422, ["certified"])


def test_results_are_for_who_may_read_records_and_each_look_is_recorded(
    caller: Any, recruiter: Caller, employer: Employer
) -> None:
    request_id = _ordered(recruiter, employer).json["id"]
    with tenant(employer.company_id), transaction() as session:
        session.add(
            CheckResult(
                request_id=request_id, ref="c1", kind="county_criminal_search", check_type="criminal", criminal=True,
                provider_status="complete", provider_result="consider", result_status="consider", severity="high",
            )
        )  # fmt: skip
    seen = recruiter("GET", f"/api/bg-check-requests/{request_id}").json["results"]
    assert [(one["check_type"], one["result_status"], one["severity_level"]) for one in seen] == [
        ("criminal", None, None)
    ]
    reader = caller(RoleType.BG_CHECK_SPECIALIST, RoleType.BG_CHECK_ADMIN)
    read = reader("GET", f"/api/bg-check-requests/{request_id}").json["results"]
    assert [(one["result_status"], one["severity_level"]) for one in read] == [("consider", "high")]
    with tenant(employer.company_id), transaction() as session:
        looks = session.scalars(sa.select(AuditEvent).where(AuditEvent.name == "screening.record.viewed")).all()
        assert len(looks) == 1


def test_providers_are_set_up_and_their_keys_never_come_back(recruiter: Caller, employer: Employer) -> None:
    body = {
        "adapter": "checkr",
        "provider_name": "Checkr two",
        "provider_code": "CHK2",
        "credentials": {"api_key": "sk_live_secret123"},
    }
    made = recruiter("POST", "/api/bg-check-providers/", body)
    assert made.status_code == 201, made.json
    assert "sk_live_secret123" not in made.get_data(as_text=True)
    provider = f"/api/bg-check-providers/{made.json['id']}"
    changed = recruiter(
        "PUT", provider, {"provider_name": "Checkr, spare", "timeout_seconds": 20, "is_primary_provider": True}
    )
    assert (changed.json["provider_name"], changed.json["timeout_seconds"], changed.json["is_primary_provider"]) == (
        "Checkr, spare", 20, True
    )  # fmt: skip
    assert recruiter("GET", provider).json["provider_code"] == "CHK2"
    assert recruiter("PUT", provider, {"max_retry_attempts": 6}).status_code == 422
    tested = recruiter("POST", f"{provider}/test-connection/", {})
    assert (tested.status_code, tested.json["state"]) == (202, "running")
    assert recruiter("GET", f"{provider}/test-connection").json["state"] == "running"
    listed = recruiter("GET", "/api/bg-check-providers", query_string={"is_active": "true", "limit": 1}).json
    assert len(listed["items"]) == 1
    assert listed["next"]
    following = recruiter(
        "GET", "/api/bg-check-providers", query_string={"is_active": "true", "limit": 1, "after": listed["next"]}
    ).json
    assert following["items"][0]["id"] == made.json["id"]
    carrier = {"adapter": "edi834", "provider_name": "A carrier", "provider_code": "CARR"}
    assert recruiter("POST", "/api/bg-check-providers", carrier).status_code == 422
    assert recruiter("POST", "/api/bg-check-providers", carrier | {"adapter": "nobody"}).status_code == 422


def test_another_company_s_are_not_there(app: Flask, recruiter: Caller, employer: Employer) -> None:
    request_id = _ordered(recruiter, employer).json["id"]
    other = uuid7()
    with tenant(other), transaction() as session:
        made.make_employer(session, other, accept=False, code="OTHER")
    stranger_user = _user(other, "other@else.example", RoleType.RECRUITER, RoleType.BG_CHECK_ADMIN)
    enter_tenant(None)
    stranger = Caller(app, make_token(stranger_user)[1])
    assert stranger("GET", f"/api/bg-check-requests/{request_id}").status_code == 404
    assert stranger("GET", f"/api/bg-check-providers/{employer.connection_id}").status_code == 404
    assert stranger("GET", "/api/bg-check-requests").json["items"] == []


def test_a_token_reaches_what_it_was_made_for(app: Flask, employer: Employer) -> None:
    user = _user(employer.company_id, "narrow@acme.example", RoleType.RECRUITER, RoleType.BG_CHECK_ADMIN)
    narrow = Caller(app, make_token(user, Can.CHECK_VIEW)[1])
    assert narrow("GET", "/api/bg-check-requests").status_code == 200
    assert narrow("POST", "/api/candidates", ANA).status_code == 403
    assert narrow("GET", "/api/bg-check-providers").status_code == 403


def test_the_numbers_of_checks(recruiter: Caller, employer: Employer) -> None:
    _ordered(recruiter, employer)
    told = recruiter("GET", "/api/bg-check-analytics/").json
    assert [(one["total"], one["by_status"]["initiated"]) for one in told["volume"]] == [(1, 1)]
    assert (told["consent"]["begun"], told["consent"]["signed"]) == (1, 0)
    assert told["turnaround"] == told["cost"] == []
    wrong = recruiter(
        "GET", "/api/bg-check-analytics", query_string={"date_from": "2026-02-01", "date_to": "2026-01-01"}
    )
    assert (wrong.status_code, list(wrong.json["error"]["fields"])) == (422, ["date_from"])
    assert recruiter("GET", "/api/bg-check-analytics", query_string={"package": "unknown"}).json["volume"] == []
