"""Accurate: what we ask, as it leaves; what it answers, code by code; what it sends, believed or not."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from app.integrations.adapters.accurate.adapter import Accurate, AccurateConfig, open_screening
from app.integrations.adapters.accurate.manifest import MANIFEST, AccurateSecrets
from app.integrations.adapters.accurate.words import ORDER as ORDER_WORDS
from app.integrations.adapters.accurate.words import ORDER_RESULT, SEARCH, SEARCH_RESULT
from app.integrations.failures import ContractDrift, Rejected
from app.integrations.protection.retry import Next, Safety
from app.integrations.screening import Ability, Candidate, Order, Result, Status, WorkLocation
from app.integrations.transports.http.calls import Reply
from app.integrations.webhooks.delivery import Delivery, NotBelieved
from app.integrations.webhooks.door import receive
from tests.integrations.screeners import NOW, ORDER, PERSON, PLACE, SSN, Provider, answer, line, sample

HOOKS = MANIFEST.webhooks
assert HOOKS is not None
SECRETS = AccurateSecrets(client_id=SecretStr("id"), client_secret=SecretStr("secret"))
ORDER_ID = "602bcdbf0000000000000001"


@pytest.fixture
def accurate() -> Accurate:
    return open_screening(AccurateConfig())


@pytest.fixture
def provider() -> Provider:
    return Provider(MANIFEST, AccurateConfig(), SECRETS)


def test_what_it_can(accurate: Accurate) -> None:
    assert accurate.abilities == {Ability.CANDIDATES, Ability.DOCUMENTS}
    with pytest.raises(TypeError):
        open_screening(SECRETS)
    for refused in (lambda: accurate.get_eta("1"), lambda: accurate.find_orders("1", ORDER), accurate.list_packages):
        with pytest.raises(Rejected, match="not-offered"):
            refused()


def test_the_candidate(accurate: Accurate, provider: Provider) -> None:
    asked = provider.ask(accurate.make_candidate(PERSON, "k-1"))
    assert line(asked) == "POST https://api.accuratebackground.com/v3/candidate"
    headers = dict(asked.headers)
    assert base64.b64decode(headers["authorization"].removeprefix("Basic ")) == b"id:secret"
    assert headers["content-type"] == "application/json"
    assert "idempotency-key" not in headers
    assert json.loads(asked.body) == {
        "firstName": "Renée", "lastName": "O'Brien", "email": "renee@example.com", "phone": "+15551234567", "postalCode": "94107",
    }  # fmt: skip
    small = provider.ask(accurate.make_candidate(Candidate("e", "A", "Bo", "a@example.com", middle_name="C"), ""))
    assert json.loads(small.body) == {"firstName": "A", "middleName": "C", "lastName": "Bo", "email": "a@example.com"}
    assert accurate.read_candidate(answer({"id": "c1"})) == "c1"


def test_the_order(accurate: Accurate, provider: Provider) -> None:
    asked = provider.ask(accurate.invite("c1", ORDER, "k-1"))
    assert line(asked) == "POST https://api.accuratebackground.com/v3/order"
    assert json.loads(asked.body) == {
        "candidateId": "c1", "packageType": "standard", "workflow": "INTERACTIVE", "copyOfReport": False, "referenceCodes": ["emp-7"],
        "jobLocation": {"city": "San Francisco", "region": "CA", "region2": "San Francisco", "country": "US"},
    }  # fmt: skip
    wants = Candidate("emp-8", "A", "Bo", "a@example.com", copy_requested=True)
    abroad = Order("PKG_BASIC", [WorkLocation("CA", "BC", "Vancouver")], candidate=wants)
    sent = json.loads(provider.ask(accurate.invite("c1", abroad, "")).body)
    assert (sent["jobLocation"], sent["copyOfReport"]) == ({"city": "Vancouver", "region": "BC", "country": "CA"}, True)
    assert "referenceCodes" not in json.loads(provider.ask(accurate.invite("c1", Order("P", [PLACE]), "")).body)


@pytest.mark.parametrize(
    ("places", "code"),
    [
        ([], "work-location-missing"), ([WorkLocation("US", "CA", "Reno")], "work-location-incomplete"),
        ([WorkLocation("US", "CA", "", "Kern")], "work-location-incomplete"), ([WorkLocation("US", "", "Reno", "Kern")], "work-location-incomplete"),
        ([WorkLocation("CA", "BC")], "work-location-incomplete"),
    ],
)  # fmt: skip
def test_a_place_of_work_is_needed(accurate: Accurate, places: list[WorkLocation], code: str) -> None:
    with pytest.raises(Rejected, match=code):
        accurate.invite("c1", Order("PKG_BASIC", places), "")


def test_the_other_calls(accurate: Accurate, provider: Provider) -> None:
    base = "https://api.accuratebackground.com/v3"
    assert line(provider.ask(accurate.get_report("7"))) == f"GET {base}/order/7"
    assert line(provider.ask(accurate.get_invitation("7"))) == f"GET {base}/order/7"
    assert line(provider.ask(accurate.get_document("9"))) == f"GET {base}/report/9"
    assert line(provider.ask(provider.api.resource("candidate").list())) == f"GET {base}/candidate"


def test_an_order_that_may_have_arrived_is_for_a_person(accurate: Accurate, provider: Provider) -> None:
    provider.respond = lambda _asked: Reply(504, (), b"")
    call = accurate.invite("c1", ORDER, "k-1")
    assert provider.api.safety(call) is Safety.ASK
    done = provider.settle(call)
    assert done.decision is not None
    assert (done.decision.next, len(provider.carrier.seen)) == (Next.ASK, 1)


# What it answers


def test_a_placed_order(accurate: Accurate) -> None:
    found = accurate.read_invitation(sample("accurate", "order_placed"))
    assert (found.id, found.report_id, found.status, found.code) == (
        ORDER_ID,
        ORDER_ID,
        Status.WAITING_CANDIDATE,
        "INCOMPLETE",
    )
    assert (found.candidate_id, found.package) == ("5717d59f0000000000000001", "PKG_STANDARD")
    assert accurate.read_report(sample("accurate", "order_placed")).percent == 0


def test_a_whole_order(accurate: Accurate) -> None:
    found = accurate.read_report(sample("accurate", "order"))
    assert (found.status, found.result, found.percent) == (Status.COMPLETE, Result.CONSIDER, 100)
    assert [(one.ref, one.kind, one.result, one.reportable) for one in found.checks] == [
        ("40458752", "MOV", Result.NONE, False), ("83131134", "NCRIM", Result.NONE, True), ("115299779", "TERB", Result.CLEAR, True),
        ("124855232", "F/M", Result.CONSIDER, True),
    ]  # fmt: skip
    assert found.ordered == {"83131134", "115299779", "124855232"}
    assert found.documents == ("5717d59f0000000000000009",)
    assert found.completed_at == datetime(2026, 11, 5, 9, tzinfo=UTC)
    assert found.revised_at == datetime(2026, 11, 5, 9, 30, tzinfo=UTC)
    assert "O'Brien" not in repr(found)


STATUSES = {
    "INCOMPLETE": Status.WAITING_CANDIDATE, "incomplete": Status.WAITING_CANDIDATE, "PENDING": Status.IN_PROGRESS,
    "COMPLETE": Status.COMPLETE, "CANCELLED": Status.CANCELED, "DRAFT": Status.UNMAPPED, "": Status.UNMAPPED, None: Status.UNMAPPED,
}  # fmt: skip
RESULTS = {
    "PASS": Result.CLEAR, "MEETS REQUIREMENTS": Result.CLEAR, "FAIL": Result.CONSIDER, "NEEDS REVIEW": Result.CONSIDER,
    "PENDING": Result.NONE, "CANCELLED": Result.NONE, "HIRE": Result.UNMAPPED, "": Result.NONE, None: Result.NONE,
}  # fmt: skip
FOUND = {
    "NO RECORD FOUND": Result.CLEAR, "RECORD FOUND": Result.CONSIDER, "NOT APPLICABLE": Result.NONE, "VERIFIED": Result.UNMAPPED,
    "": Result.NONE, None: Result.NONE,
}  # fmt: skip


@pytest.mark.parametrize(("code", "status"), STATUSES.items())
def test_every_status(accurate: Accurate, code: Any, status: Status) -> None:
    assert accurate.read_report(sample("accurate", "order", status=code)).status is status


@pytest.mark.parametrize(("code", "result"), RESULTS.items())
def test_every_result(accurate: Accurate, code: Any, result: Result) -> None:
    found = accurate.read_report(sample("accurate", "order", result=code))
    assert found.result is result
    assert found.status is (Status.CANCELED if code == "CANCELLED" else Status.COMPLETE)


@pytest.mark.parametrize(("code", "result"), FOUND.items())
@pytest.mark.parametrize("flag", [True, False, None])
def test_every_result_of_a_search(accurate: Accurate, code: Any, result: Result, flag: Any) -> None:
    product = {"id": 1, "productType": "F/M", "status": "COMPLETE", "result": code, "flag": flag}
    found = accurate.read_report(sample("accurate", "order", products=[product]))
    assert found.checks[0].result is (Result.CONSIDER if flag else result)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("COMPLETE", Status.COMPLETE),
        ("PENDING", Status.IN_PROGRESS),
        ("CANCELLED", Status.CANCELED),
        ("HOLD", Status.UNMAPPED),
    ],
)
def test_every_status_of_a_search(accurate: Accurate, code: str, status: Status) -> None:
    found = accurate.read_report(
        sample("accurate", "order", products=[{"id": "1", "productType": "F/M", "status": code}])
    )
    assert (found.checks[0].status, found.includes_canceled) == (status, status is Status.CANCELED)


def test_no_row_of_a_table_is_untested() -> None:
    assert set(ORDER_WORDS) == {str(code).lower() for code, status in STATUSES.items() if status is not Status.UNMAPPED}
    assert set(ORDER_RESULT) == {
        code.lower() for code, result in RESULTS.items() if code and result is not Result.UNMAPPED
    }
    assert set(SEARCH_RESULT) == {
        code.lower() for code, result in FOUND.items() if code and result is not Result.UNMAPPED
    }
    assert set(SEARCH) == {"complete", "pending", "cancelled"}


def test_labels_of_ones_own() -> None:
    own = open_screening(AccurateConfig(clear_label="Hire", review_label="Talk first"))
    assert own.read_report(sample("accurate", "order", result="HIRE")).result is Result.CLEAR
    assert own.read_report(sample("accurate", "order", result="TALK FIRST")).result is Result.CONSIDER
    assert own.read_report(sample("accurate", "order", result="")).result is Result.NONE
    assert own.read_report(sample("accurate", "order", result="other")).result is Result.UNMAPPED


@pytest.mark.parametrize(("said", "percent"), [("100", 100), (0, 0), ("", None), (None, None)])
def test_percent(accurate: Accurate, said: Any, percent: int | None) -> None:
    assert accurate.read_report(sample("accurate", "order", percentageComplete=said)).percent == percent


def test_documents(accurate: Accurate) -> None:
    found = accurate.read_document(sample("accurate", "report"))
    assert (found.content_type, found.data, found.size) == ("text/html", b"<h1>Report</h1>", 15)
    for wrong in ({}, {"id": "1"}, {"id": "1", "report": "not base64!"}, {"report": "PGgx"}, []):
        with pytest.raises(ContractDrift):
            accurate.read_document(answer(wrong))
    odd = sample(
        "accurate", "order", reportUrl="https://evil.example/report/1", reports=[{"base64encodedHTML": "/report/"}, 5]
    )
    assert accurate.read_report(odd).documents == ()


def test_answers_that_are_something_else(accurate: Accurate) -> None:
    for wrong in (
        [], "x", {}, {"id": 5}, {"id": "1", "products": {}}, {"id": "1", "products": [{"id": 1}]},
        {"id": "1", "products": [{"id": True, "productType": "X"}]}, {"id": "1", "products": [{"productType": "X"}]},
        {"id": "1", "percentageComplete": "many"}, {"id": "1", "percentageComplete": 101}, {"id": "1", "percentageComplete": True},
        {"id": "1", "percentageComplete": -1}, {"id": "1", "created": "soon"},
    ):  # fmt: skip
        with pytest.raises(ContractDrift):
            accurate.read_report(answer(wrong))


# What is kept, and what it sends


def test_nothing_that_is_kept_holds_the_ssn(accurate: Accurate, provider: Provider) -> None:
    provider.respond = lambda _asked: Reply(200, (), sample("accurate", "order").body)
    provider.ask(accurate.get_report(ORDER_ID))
    assert SSN not in provider.kept[-1].answer_body
    assert b"1990-01-15" not in provider.kept[-1].answer_body


def test_webhooks() -> None:
    def shown(user_password: str) -> dict[str, str]:
        return {"Authorization": "Basic " + base64.b64encode(user_password.encode()).decode()}

    body = sample("accurate", "event").body
    (event,) = receive(HOOKS, Delivery(shown("hook:secret"), body), ["hook:secret"], NOW).events
    assert (event.id, event.kind, event.subject, event.resource) == (
        "6017fde40000000000000001", "ORDER_STATUS_CHANGE", ORDER_ID, "report",
    )  # fmt: skip
    for headers in ({}, shown("hook:wrong"), {"Authorization": "hook:secret"}):
        with pytest.raises(NotBelieved):
            receive(HOOKS, Delivery(headers, body), ["hook:secret"], NOW)
