"""Sterling: what we ask, as it leaves; what it answers, code by code; what it sends, believed or not, and never kept with an SSN."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from app.integrations.adapters.sterling.adapter import Sterling, SterlingConfig, open_screening
from app.integrations.adapters.sterling.manifest import MANIFEST, SterlingSecrets
from app.integrations.adapters.sterling.words import ITEM, RESULT, SCREENING
from app.integrations.auth.kinds import OAuth2Client
from app.integrations.auth.oauth import client_call, token_http
from app.integrations.auth.proof import Keys
from app.integrations.auth.tokens import read_token
from app.integrations.failures import AuthFailed, ContractDrift, Rejected
from app.integrations.paging import pages
from app.integrations.protection.retry import Next, Safety
from app.integrations.screening import Ability, Callback, Candidate, Order, Result, Status
from app.integrations.transports.http.calls import Answer, Reply
from app.integrations.transports.http.client import HttpClient
from app.integrations.transports.http.memory import MemoryCarrier
from app.integrations.transports.http.redact import redacted_body
from app.integrations.webhooks.delivery import Delivery, NotBelieved
from app.integrations.webhooks.door import receive
from tests.integrations.screeners import NOW, ORDER, PERSON, PLACE, SSN, Provider, answer, line, sample

HOOKS = MANIFEST.webhooks
assert HOOKS is not None
CONFIG = SterlingConfig(api_host="api-int.kennect.com")
SECRETS = SterlingSecrets(client_id=SecretStr("id"), client_secret=SecretStr("se:cret"))
HOOK = Callback("https://corridor.example/webhooks/k", "hook:secret")
SCREENING_ID = "001000000000001"


@pytest.fixture
def sterling() -> Sterling:
    return open_screening(CONFIG)


@pytest.fixture
def provider() -> Provider:
    return Provider(MANIFEST, CONFIG, SECRETS, token=True)


def test_what_it_can(sterling: Sterling) -> None:
    assert sterling.abilities == {
        Ability.CANDIDATES, Ability.FIND_CANDIDATES, Ability.FIND_ORDERS, Ability.PACKAGES, Ability.DOCUMENTS,
    }  # fmt: skip
    with pytest.raises(TypeError):
        open_screening(SECRETS)
    with pytest.raises(Rejected, match="not-offered"):
        sterling.start_adverse_action("1", ["2"], "k", post_notice_at=None, postal=False)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "kennect.com",
        "api.kennect.com.evil.example",
        "evil.example",
        "api.kennect.com/x",
        "api.kennect.com:8443",
        "a@b.kennect.com",
    ],
)
def test_credentials_go_to_sterling_only(host: str) -> None:
    with pytest.raises(ValidationError):
        SterlingConfig(api_host=host)


@pytest.mark.parametrize(
    "host", ["api.kennect.com", "api-int.kennect.com", "api.us.sterlingcheck.app", "api.us.int.sterlingcheck.app"]
)
def test_token(host: str) -> None:
    """As Sterling's page shows it: basic auth, a form, and a token of ten hours."""
    assert MANIFEST.api is not None
    auth = MANIFEST.api.auth
    assert isinstance(auth, OAuth2Client)
    keys = Keys(SterlingConfig(api_host=host), SECRETS)
    body = b'{"access_token": "t-1", "token_type": "bearer", "expires_in": 36000}'
    carrier = MemoryCarrier(lambda _asked: Reply(200, (), body))
    done = HttpClient(token_http(auth, keys), carrier).exchange(client_call(auth, keys))
    (asked,) = carrier.seen
    assert (line(asked), asked.body) == (f"POST https://{host}/v2/oauth", b"grant_type=client_credentials")
    proof = dict(asked.headers)["authorization"].removeprefix("Basic ")
    assert base64.b64decode(proof) == b"id:se%3Acret"
    token = read_token(done.result(), NOW)
    assert token.expires_at is not None
    assert (token.expires_at - NOW).total_seconds() == 36_000
    assert (done.request_body, done.answer_body) == (b"", b"")


def test_the_candidate(sterling: Sterling, provider: Provider) -> None:
    asked = provider.ask(sterling.make_candidate(PERSON, "k-1"))
    assert line(asked) == "POST https://api-int.kennect.com/v2/candidates"
    headers = dict(asked.headers)
    assert headers["authorization"] == "Bearer t-1"
    assert "idempotency-key" not in headers
    assert json.loads(asked.body) == {
        "clientReferenceId": "emp-7", "givenName": "Renée", "familyName": "O'Brien", "email": "renee@example.com",
        "phone": "+15551234567", "confirmedNoMiddleName": True,
    }  # fmt: skip
    other = Candidate("emp-8", "A", "Bo", "a@example.com", middle_name="C", phone="555 1234")
    sent = json.loads(provider.ask(sterling.make_candidate(other, "")).body)
    assert (sent["middleName"], "confirmedNoMiddleName" in sent, "phone" in sent) == ("C", False, False)
    assert sterling.read_candidate(sample("sterling", "candidate")) == "8675309"


def test_the_order(sterling: Sterling, provider: Provider) -> None:
    order = Order("96193", [PLACE], candidate=PERSON, callback=HOOK)
    asked = provider.ask(sterling.invite("8675309", order, "k-1"))
    assert line(asked) == "POST https://api-int.kennect.com/v2/screenings"
    assert json.loads(asked.body) == {
        "candidateId": "8675309", "packageId": "96193", "invite": {"method": "email"},
        "callback": {"uri": "https://corridor.example/webhooks/k", "credentials": {"basicAuth": "hook:secret"}},
    }  # fmt: skip
    assert provider.kept[-1].request_body == b"", "our password is in it"
    billed = open_screening(CONFIG.model_copy(update={"billing_code": "west"}))
    sent = provider.ask(billed.invite("8675309", ORDER, ""))
    assert json.loads(sent.body) == {
        "candidateId": "8675309", "packageId": "standard", "invite": {"method": "email"}, "billingCode": "west",
    }  # fmt: skip
    assert provider.kept[-1].request_body == sent.body
    with pytest.raises(Rejected, match="candidate-missing"):
        sterling.invite("", order, "")


def test_the_other_calls(sterling: Sterling, provider: Provider) -> None:
    base = "https://api-int.kennect.com/v2"
    wanted = {
        f"GET {base}/packages": sterling.list_packages(),
        f"GET {base}/screenings/7": sterling.get_report("7"),
        f"GET {base}/candidates?clientReferenceId=emp-7": sterling.find_candidates("emp-7"),
        f"GET {base}/candidates/8675309": sterling.find_orders("8675309", ORDER),
        f"GET {base}/screenings/7/report": sterling.get_document("7"),
    }
    for expected, call in wanted.items():
        assert line(provider.ask(call)) == expected
    assert dict(provider.carrier.seen[-1].headers)["accept"] == "application/pdf"
    assert sterling.get_invitation("7") == sterling.get_report("7")


def test_lists_to_the_end(sterling: Sterling, provider: Provider) -> None:
    def respond(asked: Any) -> Reply:
        full = "offset=0" in asked.url
        return Reply(200, (), json.dumps([{"id": str(n)} for n in range(100 if full else 2)]).encode())

    provider.respond = respond
    known = provider.api.resource("candidate")
    found = [
        len(page.records)
        for page in pages(known.pages, known.records, sterling.find_candidates("e"), provider.client.send)
    ]
    assert found == [100, 2]
    assert provider.carrier.seen[-1].url.endswith("clientReferenceId=e&limit=100&offset=100")


def test_what_may_have_arrived_is_looked_for(sterling: Sterling, provider: Provider) -> None:
    provider.respond = lambda _asked: Reply(500, (), b"")
    for call in (sterling.make_candidate(PERSON, "k"), sterling.invite("8675309", ORDER, "k")):
        assert provider.api.safety(call) is Safety.CHECK_FIRST
        before = len(provider.carrier.seen)
        done = provider.settle(call)
        assert done.decision is not None
        assert (done.decision.next, len(provider.carrier.seen) - before) == (Next.LOOK, 1)
    assert sterling.read_found(sample("sterling", "candidate")) == (SCREENING_ID, "001000000000002")
    assert sterling.read_found(answer({"id": "8675309"})) == ()
    assert sterling.read_found(answer([{"id": "1"}, {"id": "2"}])) == ("1", "2")
    for wrong in ({"screeningIds": "1"}, {"screeningIds": [1]}, {"screeningIds": [""]}, ["1"], [{}], "x", 5):
        with pytest.raises(ContractDrift):
            sterling.read_found(answer(wrong))


def test_a_token_that_ended(sterling: Sterling, provider: Provider) -> None:
    provider.respond = lambda _asked: Reply(401, (), b'{"errors": [{"code": "x", "message": "y"}]}')
    provider.ask(sterling.get_report("7"))
    failure = provider.kept[-1].failure
    assert isinstance(failure, AuthFailed)
    assert failure.code == "token-refused"


# What it answers


def test_packages(sterling: Sterling) -> None:
    found = [sterling.read_package(one) for one in sample("sterling", "package_list").json()]
    assert [(one.slug, one.name, one.price, one.orderable) for one in found] == [
        ("96193", "Standard", None, True), ("96194", "Old", None, False),
    ]  # fmt: skip
    assert found[0].checks == ("SSN Trace", "DOJ Sex Offender")
    assert sterling.read_package({"id": "1", "supported": False}).orderable is False
    for wrong in ({}, [], {"id": 5}):
        with pytest.raises(ContractDrift):
            sterling.read_package(wrong)


def test_a_new_screening(sterling: Sterling) -> None:
    found = sterling.read_invitation(sample("sterling", "screening_new"))
    assert (found.id, found.report_id, found.candidate_id, found.package) == (
        SCREENING_ID,
        SCREENING_ID,
        "8675309",
        "96193",
    )
    assert (found.status, found.code, found.url) == (Status.WAITING_CANDIDATE, "new", "")
    link = sterling.read_invitation(
        sample("sterling", "screening_new", invite={"method": "link", "link": "https://x/secret"})
    )
    assert link.url == "https://x/secret"
    assert "secret" not in repr(link)


def test_a_whole_screening(sterling: Sterling) -> None:
    found = sterling.read_report(sample("sterling", "screening"))
    assert (found.status, found.result, found.documents) == (Status.COMPLETE, Result.CONSIDER, (SCREENING_ID,))
    assert [(one.ref, one.result, one.reportable) for one in found.checks] == [
        ("62113370", Result.NONE, False), ("62113371", Result.UNMAPPED, True), ("62113372", Result.CONSIDER, True),
        ("62113373", Result.CLEAR, True),
    ]  # fmt: skip
    assert found.ordered == {"62113371", "62113372", "62113373"}
    assert found.codes == {
        "status": "complete", "result": "alert", "clientCriteriaResult": "review", "adverseAction": "awaiting-dispute",
    }  # fmt: skip
    assert "219099999" not in repr(found)


STATUSES = {
    "new": Status.WAITING_CANDIDATE, "pending": Status.IN_PROGRESS, "complete": Status.COMPLETE, "Complete": Status.COMPLETE,
    "canceled": Status.UNMAPPED, "": Status.UNMAPPED, None: Status.UNMAPPED, 5: Status.UNMAPPED,
}  # fmt: skip
RESULTS = {
    "n/a": Result.NONE, "N/A": Result.NONE, "clear": Result.CLEAR, "alert": Result.CONSIDER, "no data": Result.UNMAPPED,
    "error": Result.UNMAPPED, "success": Result.UNMAPPED, "complete": Result.UNMAPPED, "fine": Result.UNMAPPED, None: Result.NONE,
}  # fmt: skip


@pytest.mark.parametrize(("code", "status"), STATUSES.items())
def test_every_status(sterling: Sterling, code: Any, status: Status) -> None:
    found = sterling.read_report(sample("sterling", "screening", status=code))
    assert found.status is status
    assert bool(found.documents) is (status is Status.COMPLETE)


@pytest.mark.parametrize(("code", "result"), RESULTS.items())
def test_every_result(sterling: Sterling, code: Any, result: Result) -> None:
    items = [{"id": "1", "type": "County", "status": "complete", "result": code}]
    found = sterling.read_report(sample("sterling", "screening", result=code, reportItems=items))
    assert (found.result, found.checks[0].result) == (result, result)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("pending", Status.IN_PROGRESS),
        ("complete", Status.COMPLETE),
        ("error", Status.UNMAPPED),
        (None, Status.UNMAPPED),
    ],
)
def test_every_status_of_a_search(sterling: Sterling, code: Any, status: Status) -> None:
    found = sterling.read_report(
        sample("sterling", "screening", reportItems=[{"id": "1", "type": "T", "status": code}])
    )
    assert found.checks[0].status is status


def test_no_row_of_a_table_is_untested() -> None:
    assert set(SCREENING) == {str(code).lower() for code, status in STATUSES.items() if status is not Status.UNMAPPED}
    assert set(RESULT) == {code.lower() for code, result in RESULTS.items() if code and result is not Result.UNMAPPED}
    assert set(ITEM) == {"pending", "complete"}


@pytest.mark.parametrize(
    ("dispute", "status"),
    [
        ({"status": "Active"}, Status.DISPUTE), ({"status": "Deactivated"}, Status.COMPLETE), (None, Status.COMPLETE),
        ({}, Status.COMPLETE), ("Active", Status.COMPLETE),
    ],
)  # fmt: skip
def test_a_live_dispute_goes_first(sterling: Sterling, dispute: Any, status: Status) -> None:
    assert sterling.read_report(sample("sterling", "screening", dispute=dispute)).status is status


def test_documents(sterling: Sterling) -> None:
    found = sterling.read_document(Answer(200, {}, b"%PDF-1.7 x"))
    assert (found.content_type, found.size, found.data) == ("application/pdf", 10, b"%PDF-1.7 x")
    assert "PDF-1" not in repr(found)
    with pytest.raises(ContractDrift):
        sterling.read_document(Answer(200, {}, b"<html>"))


def test_answers_that_are_something_else(sterling: Sterling) -> None:
    for wrong in ([], "x", {}, {"id": 5}, {"id": "1", "reportItems": {}}, {"id": "1", "reportItems": [{"id": "1"}]}):
        with pytest.raises(ContractDrift):
            sterling.read_report(answer(wrong))
    with pytest.raises(ContractDrift):
        sterling.read_report(sample("sterling", "screening", updatedAt="soon"))


# What is kept, and what it sends


def test_nothing_that_is_kept_holds_the_ssn(sterling: Sterling, provider: Provider) -> None:
    whole = sample("sterling", "screening").body
    provider.respond = lambda _asked: Reply(200, (), whole)
    provider.ask(sterling.get_report(SCREENING_ID))
    done = provider.kept[-1]
    assert SSN in whole
    assert SSN not in done.answer_body
    assert b"1972-09-21" not in done.answer_body
    assert b"62113373" in done.answer_body
    callback = sample("sterling", "callback").body
    assert SSN in callback
    assert SSN not in redacted_body(callback)


def shown(user_password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(user_password.encode()).decode()}


def test_callbacks() -> None:
    body = sample("sterling", "callback").body
    (event,) = receive(HOOKS, Delivery(shown("hook:secret"), body), ["hook:secret"], NOW).events
    assert (event.kind, event.subject, event.resource) == ("screening", SCREENING_ID, "report")
    (again,) = receive(HOOKS, Delivery(shown("hook:secret"), body), ["hook:secret"], NOW).events
    assert again.id == event.id, "its ten tries are one event"
    for headers in ({}, shown("hook:wrong"), shown("other:secret"), {"Authorization": "Bearer hook:secret"}):
        with pytest.raises(NotBelieved):
            receive(HOOKS, Delivery(headers, body), ["hook:secret"], NOW)
    with pytest.raises(NotBelieved):
        receive(HOOKS, Delivery(shown("hook:secret"), body), [], NOW)
