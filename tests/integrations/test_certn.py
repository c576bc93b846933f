"""Certn: what we ask, as it leaves; what it answers, code by code; what it sends, believed or not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from app.integrations.adapters.certn.adapter import Certn, CertnConfig, checks_of, open_screening
from app.integrations.adapters.certn.manifest import MANIFEST, CertnSecrets
from app.integrations.adapters.certn.words import CASE, CHECK, SCORE
from app.integrations.api import Environment
from app.integrations.failures import AuthFailed, ContractDrift, RateLimited, Rejected, ServerFailed
from app.integrations.paging import pages
from app.integrations.protection.retry import Next, Safety
from app.integrations.screening import Ability, Order, Result, Status
from app.integrations.transports.http.calls import Reply
from app.integrations.webhooks.delivery import Delivery, NotBelieved
from app.integrations.webhooks.door import receive
from app.integrations.webhooks.kinds import Hmac
from app.integrations.webhooks.verifiers import signed
from tests.integrations.screeners import NOW, ORDER, PLACE, Provider, answer, line, sample

HOOKS = MANIFEST.webhooks
assert HOOKS is not None
CASE_ID = "2f64d134-0000-4000-8000-000000000001"
CONFIG = CertnConfig(packages={"standard": '{"IDENTITY_VERIFICATION_1": {}, "CREDIT_REPORT_1": {"x": 1}}'})
SECRETS = CertnSecrets(api_key=SecretStr("key-1"), webhook_secret=SecretStr("whs"))


@pytest.fixture
def certn() -> Certn:
    return open_screening(CONFIG)


@pytest.fixture
def provider() -> Provider:
    return Provider(MANIFEST, CONFIG, SECRETS)


def test_what_it_can(certn: Certn) -> None:
    assert certn.abilities == {Ability.FIND_ORDERS, Ability.CANCEL}
    assert certn.hosts_consent
    with pytest.raises(TypeError):
        open_screening(SECRETS)
    with pytest.raises(Rejected, match="not-offered"):
        certn.list_packages()


def test_two_ways_to_write_the_checks_of_a_package() -> None:
    two = {"IDENTITY_VERIFICATION_1": {}, "CREDIT_REPORT_1": {}}
    assert checks_of("IDENTITY_VERIFICATION_1, CREDIT_REPORT_1") == checks_of(json.dumps(two)) == two
    for wrong in ("", ",", "identity", "A,,B", "{", "{}", '{"a": {}}', '{"A": []}', '{"A": 1}'):
        with pytest.raises(ValidationError):
            CertnConfig(packages={"basic": wrong})
    for settings in ({}, {"packages": {}}, {"packages": {"a": "B"}, "region": "us"}):
        with pytest.raises(ValidationError):
            CertnConfig.model_validate(settings)


def test_the_order(certn: Certn, provider: Provider) -> None:
    asked = provider.ask(certn.invite("", ORDER, "k-1"))
    assert line(asked) == "POST https://api.ca.certn.co/api/public/cases/order/"
    headers = dict(asked.headers)
    assert (headers["authorization"], headers["content-type"]) == ("Api-Key key-1", "application/json")
    assert "idempotency-key" not in headers
    assert json.loads(asked.body) == {
        "email_address": "renee@example.com", "send_invite_email": True, "return_invite_link": False,
        "check_types_with_arguments": {"IDENTITY_VERIFICATION_1": {}, "CREDIT_REPORT_1": {"x": 1}},
    }  # fmt: skip
    ours = open_screening(CONFIG.model_copy(update={"certn_writes": False}))
    sent = json.loads(provider.ask(ours.invite("", ORDER, "")).body)
    assert (sent["send_invite_email"], sent["return_invite_link"]) == (False, True)
    with pytest.raises(Rejected, match="package-unknown"):
        certn.invite("", Order("other", [PLACE], candidate=ORDER.candidate), "")
    with pytest.raises(Rejected, match="candidate-missing"):
        certn.invite("", Order("standard", [PLACE]), "")


def test_the_other_calls(certn: Certn, provider: Provider) -> None:
    base = "https://api.ca.certn.co/api/public/cases"
    assert line(provider.ask(certn.get_report("7"))) == f"GET {base}/7/"
    assert line(provider.ask(certn.get_invitation("7"))) == f"GET {base}/7/"
    assert line(provider.ask(certn.cancel_invitation("7"))) == f"POST {base}/7/cancel/"
    assert line(provider.ask(certn.find_orders("", ORDER))) == f"GET {base}/?email_address=renee%40example.com"


def test_regions_and_sandbox() -> None:
    british = CONFIG.model_copy(update={"region": "uk"})
    asked = Provider(MANIFEST, british, SECRETS).ask(open_screening(british).get_report("7"))
    assert asked.url.startswith("https://api.uk.certn.co/")
    tests = Provider(MANIFEST, british, SECRETS, environment=Environment.STAGING)
    assert tests.ask(open_screening(british).get_report("7")).url.startswith("https://api.sandbox.certn.co/")


def test_lists_to_the_end(certn: Certn, provider: Provider) -> None:
    def respond(asked: Any) -> Reply:
        page = int(asked.url.rpartition("page=")[2])
        body = {"pagination": {"next_page": page + 1 if page < 3 else None}, "results": [{"id": f"c{page}"}]}
        return Reply(200, (), json.dumps(body).encode())

    provider.respond = respond
    cases = provider.api.resource("report")
    found = list(pages(cases.pages, cases.records, certn.find_orders("", ORDER), provider.client.send))
    assert [page.records[0]["id"] for page in found] == ["c1", "c2", "c3"]
    assert all("email_address=renee%40example.com" in asked.url for asked in provider.carrier.seen)


def test_an_order_that_may_have_arrived_is_looked_for(certn: Certn, provider: Provider) -> None:
    provider.respond = lambda _asked: Reply(502, (), b"bad gateway")
    call = certn.invite("", ORDER, "k-1")
    assert provider.api.safety(call) is Safety.CHECK_FIRST
    done = provider.settle(call)
    assert done.decision is not None
    assert (done.decision.next, len(provider.carrier.seen)) == (Next.LOOK, 1)
    assert isinstance(provider.kept[0].failure, ServerFailed)
    assert certn.read_found(sample("certn", "case_list")) == (CASE_ID, "2f64d134-0000-4000-8000-000000000002")


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [(401, AuthFailed, "key-refused"), (400, Rejected, "rejected-400"), (429, RateLimited, "slow-down")],
)
def test_refusals(certn: Certn, provider: Provider, status: int, kind: type, code: str) -> None:
    provider.respond = lambda _asked: Reply(status, (), b'{"errors": [{"detail": "renee@example.com is wrong"}]}')
    provider.ask(certn.get_report("7"))
    failure = provider.kept[-1].failure
    assert failure is not None
    assert (type(failure), failure.code) == (kind, code)
    assert "renee" not in repr(failure) + failure.advice


# What it answers


def test_an_ordered_case(certn: Certn) -> None:
    found = certn.read_invitation(sample("certn", "ordered"))
    assert (found.id, found.report_id, found.status, found.code) == (CASE_ID, CASE_ID, Status.ORDERED, "CASE_ORDERED")
    assert found.url.endswith("/invite/x")
    assert found.url not in repr(found)
    later = certn.read_invitation(sample("certn", "ordered", overall_status="APPLICANT_OPENED", invite_link=None))
    assert (later.status, later.url) == (Status.WAITING_CANDIDATE, "")


def test_a_whole_case(certn: Certn) -> None:
    found = certn.read_report(sample("certn", "case"))
    assert (found.id, found.status, found.result, found.includes_canceled) == (
        CASE_ID,
        Status.COMPLETE,
        Result.CONSIDER,
        False,
    )
    assert [(one.ref, one.kind, one.status, one.result) for one in found.checks] == [
        ("chk-1", "IDENTITY_VERIFICATION_1", Status.COMPLETE, Result.CLEAR),
        ("chk-2", "CREDIT_REPORT_1", Status.COMPLETE, Result.CONSIDER),
    ]
    assert found.ordered == {"chk-1", "chk-2"}
    assert found.codes == {"status": "COMPLETE", "result": "REVIEW"}
    assert found.revised_at is not None
    assert found.revised_at.isoformat() == "2026-11-05T09:00:00+00:00"
    assert "O'Brien" not in repr(found)


CASES = {
    "DRAFT": Status.ORDERED, "CASE_ORDERED": Status.ORDERED, "INVITE_UNDELIVERABLE": Status.WAITING_CANDIDATE,
    "APPLICANT_EXPIRED": Status.INVITATION_EXPIRED, "APPLICANT_INVITED": Status.WAITING_CANDIDATE,
    "APPLICANT_OPENED": Status.WAITING_CANDIDATE, "APPLICANT_STARTED": Status.WAITING_CANDIDATE,
    "APPLICANT_SUBMITTED": Status.IN_PROGRESS, "IN_DISPUTE": Status.DISPUTE, "IN_PROGRESS": Status.IN_PROGRESS,
    "APPLICANT_ACTION_REQUIRED": Status.CANDIDATE_ACTION, "CLIENT_ACTION_REQUIRED": Status.CLIENT_ACTION,
    "CANCELLED": Status.CANCELED, "COMPLETE": Status.COMPLETE, "ARCHIVED": Status.UNMAPPED, "": Status.UNMAPPED, None: Status.UNMAPPED,
    5: Status.UNMAPPED,
}  # fmt: skip


@pytest.mark.parametrize(("code", "status"), CASES.items())
def test_every_status_of_a_case(certn: Certn, code: Any, status: Status) -> None:
    assert certn.read_report(sample("certn", "case", overall_status=code)).status is status


@pytest.mark.parametrize(
    ("code", "result"),
    [
        ("CLEAR", Result.CLEAR), ("Clear", Result.CLEAR), ("REVIEW", Result.CONSIDER), ("REJECT", Result.CONSIDER),
        ("RESTRICTED", Result.UNMAPPED), ("NOT_APPLICABLE", Result.UNMAPPED), (None, Result.NONE), ("", Result.NONE),
    ],
)  # fmt: skip
def test_every_score(certn: Certn, code: Any, result: Result) -> None:
    found = certn.read_report(
        sample("certn", "case", overall_score=code, checks=[{"id": "c", "type": "T", "score": code}])
    )
    assert (found.result, found.checks[0].result) == (result, result)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("COMPLETE", Status.COMPLETE), ("CANCELLED", Status.CANCELED), ("IN_PROGRESS", Status.IN_PROGRESS),
        ("IN_DISPUTE", Status.DISPUTE), ("APPLICANT_ACTION_REQUIRED", Status.CANDIDATE_ACTION),
        ("CLIENT_ACTION_REQUIRED", Status.CLIENT_ACTION), ("SUPERSEDED", Status.UNMAPPED), (None, Status.UNMAPPED),
    ],
)  # fmt: skip
def test_every_status_of_a_check(certn: Certn, code: Any, status: Status) -> None:
    found = certn.read_report(sample("certn", "case", checks=[{"id": "c", "type": "T", "status": code}]))
    assert found.checks[0].status is status
    assert found.includes_canceled is (status is Status.CANCELED)


def test_no_row_of_a_table_is_untested() -> None:
    assert set(CASE) == {code.lower() for code in CASES if isinstance(code, str) and CASES[code] is not Status.UNMAPPED}
    assert len(CHECK) == 6
    assert set(SCORE) == {"clear", "review", "reject"}


def test_answers_that_are_something_else(certn: Certn) -> None:
    for wrong in (
        [],
        "x",
        {},
        {"id": ""},
        {"id": 5},
        {"id": "c", "checks": {}},
        {"id": "c", "checks": ["x"]},
        {"id": "c", "checks": [{}]},
    ):
        with pytest.raises(ContractDrift):
            certn.read_report(answer(wrong))
    with pytest.raises(ContractDrift):
        certn.read_report(sample("certn", "case", modified="yesterday"))
    for wrong in ([], {}, {"results": {}}, {"results": [{"id": ""}]}):
        with pytest.raises(ContractDrift):
            certn.read_found(answer(wrong))
    with pytest.raises(ContractDrift):
        certn.read_invitation(answer({"invite_link": "https://x"}))


# What it sends


def test_webhooks() -> None:
    assert isinstance(HOOKS.verifier, Hmac)
    body = sample("certn", "event").body
    headers = {"X-Signature": signed(HOOKS.verifier, "whs", body)}
    events = receive(HOOKS, Delivery(headers, body), ["whs"], NOW).events
    assert [(one.id, one.kind, one.subject, one.resource) for one in events] == [
        ("e50b8c4f-0000-4000-8000-000000000001", "CASE_STATUS_CHANGED", CASE_ID, "report")
    ]
    other = {"Certn-Signature": headers["X-Signature"]}
    for wrong in (
        Delivery({}, body),
        Delivery(other, body),
        Delivery({"X-Signature": "00" * 32}, body),
        Delivery(headers, body + b" "),
    ):
        with pytest.raises(NotBelieved):
            receive(HOOKS, wrong, ["whs"], NOW)


def test_webhook_known_answer() -> None:
    """Computed with OpenSSL: printf '%s' '{"id":"1"}' | openssl dgst -sha256 -hmac whs"""
    assert isinstance(HOOKS.verifier, Hmac)
    assert (
        signed(HOOKS.verifier, "whs", b'{"id":"1"}')
        == "be337b62afd6e767f1f97ee590c7760043175c55c91652b4a0719256225cc70b"
    )


@pytest.mark.parametrize(
    ("kind", "resource"), [("CASE_REPORT_READY", "report"), ("CHECK_STATUS_CHANGED", ""), ("SOMETHING_NEW", "")]
)
def test_what_events_are_about(kind: str, resource: str) -> None:
    assert isinstance(HOOKS.verifier, Hmac)
    body = json.dumps({"event_id": "9", "event_type": kind, "object_id": "o"}).encode()
    headers = {"X-Signature": signed(HOOKS.verifier, "whs", body)}
    (event,) = receive(HOOKS, Delivery(headers, body), ["whs"], NOW).events
    assert event.resource == resource
    assert event.id.startswith("sha256:"), "without `id` it is known by its bytes"


def test_the_challenge() -> None:
    asked = receive(HOOKS, Delivery({}, b"", {"challenge": "abc123"}), [], NOW)
    assert (asked.response.status, asked.response.body, asked.events) == (200, "abc123", ())
